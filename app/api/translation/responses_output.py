"""A chat's answer as the output of OpenAI's responses, and the events that tell of it.

    response.output_item.added {"output_index": 0, "item": {"id": "msg_…", "type": "message", "content": [], …}}
    response.content_part.added {"item_id": "msg_…", "content_index": 0, "part": {"type": "output_text", "text": ""}}
    response.output_text.delta {"item_id": "msg_…", "delta": "Hi"}

Source: https://platform.openai.com/docs/api-reference/responses-streaming.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.api.translation.answer_parts import AnswerParts, Piece, ToolCall
from app.api.translation.responses_tools import Offer, json_value, text_input
from app.domain.events import Burst, Event
from app.gateway.answer import Answer

Document = dict[str, Any]

# What a sort of text is called in its part, and in the events about it.
_FIELDS = {"output_text": "text", "refusal": "refusal", "reasoning_text": "text"}

# In which item a sort of text stands, and in which part of it.
_PLACES = {
    "reasoning": ("reasoning", "reasoning_text"),
    "text": ("message", "output_text"),
    "refusal": ("message", "refusal"),
}
_PREFIXES = {"message": "msg", "reasoning": "rs"}
# The item of a call, by the sort of its tool: the beginning of its id, its type, and what it holds at first.
_CALLS: dict[str, tuple[str, Document]] = {
    "function": ("fc", {"type": "function_call", "arguments": ""}),
    "custom": ("ctc", {"type": "custom_tool_call", "input": ""}),
    "tool_search": ("tsc", {"type": "tool_search_call", "execution": "client", "arguments": {}}),
}
_OF_TYPE: dict[str, Document] = {"message": {"role": "assistant"}, "reasoning": {"summary": []}}


class Output:
    """The items of an answer. Their ids begin with the answer's, so that an item is found by its own."""

    def __init__(self, answer: Answer, response: str, offers: Mapping[str, Offer]) -> None:
        """`response` is the response's id without its prefix; `offers` are the tools by their names in the chat."""
        self._offers = offers
        self._response = response
        self._parts = AnswerParts(answer)
        self._call: ToolCall | None = None
        """The one whose item is open."""
        self._arguments: list[str] = []
        """Of an open call whose input can be read when it is complete."""
        self._is_open = False
        self.items: list[Document] = []

    def read(self, event: Event) -> Iterator[Document]:
        """The events for a piece of the answer. Raises ProviderProtocol for more of a call that is over."""
        for piece in self._parts.read(event):
            yield from self._add(piece)

    def take(self, burst: Burst) -> None:
        """For who wants no events."""
        for event in burst:
            for _ in self.read(event):
                pass

    def finish(self, status: str) -> Iterator[Document]:
        """What is still to be told at the end; the last item is then `completed` or `incomplete`."""
        for piece in self._parts.rest():
            yield from self._add(piece)
        yield from self._end_item(status)

    def _add(self, piece: Piece) -> Iterator[Document]:
        if piece.call is not None:
            return self._add_call(piece.call, piece.text)
        item, part = _PLACES[piece.kind]
        return self._add_text(item, part, piece.text)

    def _end_item(self, status: str) -> Iterator[Document]:
        if not self._is_open:
            return
        self._is_open = False
        item = self.items[-1]
        item["status"] = status
        match item["type"]:
            case "function_call":
                told = {"name": item["name"], "arguments": item["arguments"]}
                yield self._about({"type": "response.function_call_arguments.done", **told})
            case "custom_tool_call":
                item["input"] = text_input("".join(self._arguments))
                yield self._about({"type": "response.custom_tool_call_input.delta", "delta": item["input"]})
                yield self._about({"type": "response.custom_tool_call_input.done", "input": item["input"]})
            case "tool_search_call":
                item["arguments"] = json_value("".join(self._arguments))
            case _:
                yield from self._end_part()
        yield {"type": "response.output_item.done", "output_index": self._index, "item": dict(item)}

    @property
    def _index(self) -> int:
        return len(self.items) - 1

    def _about(self, event: Document) -> Document:
        """`event` with the item that it tells of."""
        return {**event, "item_id": self.items[-1]["id"], "output_index": self._index}

    def _begin(self, prefix: str, item: Document) -> Iterator[Document]:
        yield from self._end_item("completed")
        self._is_open = True
        self.items.append({"id": f"{prefix}_{self._response}{len(self.items):x}", "status": "in_progress", **item})
        added = {name: list(one) if isinstance(one, list) else one for name, one in self.items[-1].items()}
        yield {"type": "response.output_item.added", "output_index": self._index, "item": added}

    # Texts.

    def _add_text(self, item: str, part: str, text: str) -> Iterator[Document]:
        if not self._is_open or self.items[-1]["type"] != item:
            yield from self._begin(_PREFIXES[item], {"type": item, **_OF_TYPE[item], "content": []})
            yield from self._begin_part(part)
        elif self.items[-1]["content"][-1]["type"] != part:
            yield from self._end_part()
            yield from self._begin_part(part)
        self.items[-1]["content"][-1][_FIELDS[part]] += text
        more: Document = {"logprobs": []} if part == "output_text" else {}
        yield self._about_part({"type": f"response.{part}.delta", "delta": text, **more})

    def _begin_part(self, kind: str) -> Iterator[Document]:
        more: Document = {"annotations": [], "logprobs": []} if kind == "output_text" else {}
        part = {"type": kind, _FIELDS[kind]: "", **more}
        self.items[-1]["content"].append(part)
        yield self._about_part({"type": "response.content_part.added", "part": dict(part)})

    def _end_part(self) -> Iterator[Document]:
        part = self.items[-1]["content"][-1]
        kind = part["type"]
        more: Document = {"logprobs": []} if kind == "output_text" else {}
        yield self._about_part({"type": f"response.{kind}.done", _FIELDS[kind]: part[_FIELDS[kind]], **more})
        yield self._about_part({"type": "response.content_part.done", "part": dict(part)})

    def _about_part(self, event: Document) -> Document:
        return {**self._about(event), "content_index": len(self.items[-1]["content"]) - 1}

    # Calls.

    def _add_call(self, call: ToolCall, piece: str) -> Iterator[Document]:
        if not self._is_open or self._call is not call:
            yield from self._begin_call(call)
        if self.items[-1]["type"] != "function_call":
            self._arguments.append(piece)
            return
        self.items[-1]["arguments"] += piece
        if piece:
            yield self._about({"type": "response.function_call_arguments.delta", "delta": piece})

    def _begin_call(self, call: ToolCall) -> Iterator[Document]:
        # Results name the call by its id, so it needs one.
        call.id = call.id or f"call_{self._response}{len(self.items):x}"
        offer = self._offers.get(call.name) or Offer("function", call.name)
        prefix, item = _CALLS[offer.kind]
        named = {} if offer.kind == "tool_search" else {"name": offer.name}
        place = {} if offer.space is None else {"namespace": offer.space}
        yield from self._begin(prefix, {**item, "call_id": call.id, **named, **place})
        self._call, self._arguments = call, []


def usage_of(answer: Answer) -> Document:
    usage = answer.usage
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.total_tokens,
    }
