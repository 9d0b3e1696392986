"""OpenAI's responses request → a chat request.

    {"instructions": "Be brief.", "input": [
      {"role": "user", "content": [{"type": "input_text", "text": "What is this?"}]},
      {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"},
      {"type": "function_call_output", "call_id": "c1", "output": "a cable"}]}

Source: https://platform.openai.com/docs/api-reference/responses and the `openai` SDK's types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.api.messages import MAX_MESSAGES, image_needs, image_problem
from app.api.parsing import flag, model_name, wrong
from app.api.translation.chat import (
    WISHES,
    a_count,
    a_text,
    an_array,
    an_object,
    combined,
    content_of,
    in_turns,
    interjected,
    left_out,
    undecoded,
)
from app.api.translation.responses_tools import Offer, Tools, call_of, choice
from app.domain.catalog import Task
from app.domain.errors import CapabilityNotSupported
from app.domain.requests import ModelRequest

KNOWN = frozenset(
    {
        *("model", "input", "instructions", "previous_response_id", "store", "stream", "stream_options", "metadata"),
        *("max_output_tokens", "temperature", "top_p", "tools", "tool_choice", "parallel_tool_calls", "text"),
        *("reasoning", "user", "background", "conversation", "prompt"),
    }
)
DETAILS = ("low", "high", "auto")
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A translated request: `told` are the fields that the answer repeats, `items` the turn's own input."""

    request: ModelRequest
    left_out: tuple[str, ...]
    told: dict[str, Any]
    items: list[Part]
    store: bool
    offers: Mapping[str, Offer]
    """By a function's name in the chat."""


def previous_id(body: Mapping[str, Any]) -> str | None:
    given = body.get("previous_response_id")
    return None if given is None else a_text("previous_response_id", given)


def items_of(body: Mapping[str, Any]) -> list[Part]:
    """The turn's own input; a text is a message."""
    given = body.get("input")
    if given is None:
        raise wrong("input", "is required")
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    items = an_array("input", given)
    if not 1 <= len(items) <= MAX_MESSAGES:
        raise wrong("input", f"must have 1 to {MAX_MESSAGES} entries, not {len(items)}")
    return [an_object(f"input[{number}]", item) for number, item in enumerate(in_turns(items))]


def asked(body: dict[str, Any], items: list[Part], before: Iterable[Part], *, strict: bool) -> Asked:
    """`before` are the items of earlier turns. Raises InvalidRequest and what is one."""
    _refuse(body)
    tools = Tools()
    if body.get("tools") is not None:
        tools.add("tools", body["tools"])
    messages = _Messages(tools)
    if body.get("instructions") is not None:
        messages.add_system(a_text("instructions", body["instructions"]))
    for item in before:
        messages.add("previous_response_id", item)
    for number, item in enumerate(in_turns(items)):
        messages.add(f"input[{number}]", item)
    reasoning = an_object("reasoning", body.get("reasoning") or {})
    limit = body.get("max_output_tokens")
    functions = tools.functions()
    fields = {
        "messages": messages.finished(),
        "max_tokens": None if limit is None else a_count("max_output_tokens", limit),
        "temperature": body.get("temperature"),
        "top_p": body.get("top_p"),
        "tools": functions,
        "tool_choice": choice(body.get("tool_choice")) if functions else None,
        "parallel_tool_calls": body.get("parallel_tool_calls") if functions else None,
        "response_format": _response_format(body.get("text")),
        "reasoning_effort": _effort(reasoning),
        "user": body.get("user"),
    }
    request = ModelRequest(
        task=Task.CHAT,
        model=model_name(body.get("model")),
        fields=undecoded(fields),
        stream=flag("stream", body.get("stream")),
        include_usage=True,
        strict=strict,
        needs=messages.needs,
        wishes=WISHES,
    )
    store = body.get("store")
    dropped = left_out({name: one for name, one in body.items() if one not in _NOTHING}, KNOWN, strict=strict)
    return Asked(request, dropped, _told(body), items, True if store is None else flag("store", store), tools.offers)


_NOTHING: tuple[Any, ...] = ([], "disabled")
"""Values that ask for nothing: an empty list, `"truncation": "disabled"`."""


def _refuse(body: Mapping[str, Any]) -> None:
    if flag("background", body.get("background")):
        raise CapabilityNotSupported("background: an answer here ends with its request.", param="background")
    for name, hint in (("conversation", "previous_response_id"), ("prompt", "instructions and input")):
        if body.get(name) is not None:
            raise CapabilityNotSupported(f"{name} is kept at OpenAI; send {hint} instead.", param=name)


def _told(body: Mapping[str, Any]) -> dict[str, Any]:
    metadata = an_object("metadata", body.get("metadata") or {})
    reasoning = an_object("reasoning", body.get("reasoning") or {})
    parallel, text = body.get("parallel_tool_calls"), body.get("text") or {}
    return {
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "metadata": metadata,
        "parallel_tool_calls": True if parallel is None else flag("parallel_tool_calls", parallel),
        "previous_response_id": body.get("previous_response_id"),
        "reasoning": {"effort": reasoning.get("effort"), "summary": None},
        "store": body.get("store") is not False,
        "temperature": body.get("temperature"),
        "text": {"format": text.get("format") or {"type": "text"}},
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": body.get("tools") or [],
        "top_p": body.get("top_p"),
        "truncation": "disabled",
        "user": body.get("user"),
    }


# Input.


class _Messages:
    """A chat's messages, made of items one after the other."""

    def __init__(self, tools: Tools) -> None:
        """Items that bring tools add them to `tools`."""
        self._tools = tools
        self._messages: list[Part] = []
        self._texts: list[str] = []
        """Of the last message, where it is the system's or the assistant's: joined when it is complete."""
        self._images: list[Part] = []
        """Of tools' results, whose messages can't hold them: they follow the last of the results."""
        self.needs: frozenset[str] = frozenset()

    def finished(self) -> list[Part]:
        self._say_images()
        self._end_texts()
        if not self._messages:
            raise wrong("input", "must say something")
        return combined(self._messages)

    def add_system(self, text: str) -> None:
        """Many servers take one system message only, at the beginning."""
        if self._messages and self._messages[-1]["role"] != "system":
            self._append(interjected(text))
            return
        self._last("system")
        self._texts.append(text)

    def add(self, where: str, item: Part) -> None:
        kind = item.get("type")
        if kind in ("function_call_output", "custom_tool_call_output"):
            parts = self._parts(f"{where}.output", item.get("output"))
            self._add_result(where, item, parts)
            return
        if kind == "tool_search_output":
            names = self._tools.add(f"{where}.tools", item.get("tools"))
            self._add_result(where, item, [{"type": "text", "text": f"Tools found: {', '.join(names) or 'none'}"}])
            return
        self._say_images()
        match kind:
            case None | "message":
                self._add_message(where, item)
            case "function_call" | "custom_tool_call" | "tool_search_call":
                self._last("assistant").setdefault("tool_calls", []).append(call_of(where, item))
            case "agent_message":
                self._append(
                    {"role": "user", "content": content_of(self._parts(f"{where}.content", item.get("content")))}
                )
            case "additional_tools":
                self._tools.add(f"{where}.tools", item.get("tools"))
            case "reasoning":
                # What a model thought before is not sent back: few servers take it.
                return
            case _:
                name = kind if isinstance(kind, str) else "that was sent"
                raise CapabilityNotSupported(f"{where}: an item of the type {name} can't be sent on.", param=where)

    def _add_message(self, where: str, item: Part) -> None:
        parts = self._parts(f"{where}.content", item.get("content"))
        match item.get("role"):
            case "user":
                self._append({"role": "user", "content": content_of(parts)})
            case "assistant":
                self._last("assistant")
                self._texts += [part["text"] for part in parts if part["type"] == "text"]
            case "system" | "developer":
                self.add_system("\n".join(part["text"] for part in parts if part["type"] == "text"))
            case _:
                raise wrong(f"{where}.role", "must be one of assistant, developer, system, user")

    def _last(self, role: str) -> Part:
        """The last message, begun where it is of another role: an assistant's texts and calls are one message."""
        if not self._messages or self._messages[-1]["role"] != role:
            self._append({"role": role, "content": None})
        return self._messages[-1]

    def _append(self, message: Part) -> None:
        self._end_texts()
        self._messages.append(message)

    def _end_texts(self) -> None:
        if self._texts:
            last = self._messages[-1]
            last["content"] = ("\n\n" if last["role"] == "system" else "\n").join(self._texts)
            self._texts = []

    def _add_result(self, where: str, item: Part, parts: list[Part]) -> None:
        text = "\n".join(part["text"] for part in parts if part["type"] == "text")
        call_id = a_text(f"{where}.call_id", item.get("call_id"))
        self._append({"role": "tool", "tool_call_id": call_id, "content": text})
        self._images += [part for part in parts if part["type"] != "text"]

    def _say_images(self) -> None:
        if self._images:
            self._append({"role": "user", "content": self._images})
            self._images = []

    def _parts(self, where: str, content: Any) -> list[Part]:
        if isinstance(content, str):
            return [{"type": "text", "text": content}]
        parts = an_array(where, content)
        return [self._part(f"{where}[{number}]", part) for number, part in enumerate(in_turns(parts))]

    def _part(self, where: str, part: Any) -> Part:
        kind = an_object(where, part).get("type")
        match kind:
            case "input_text" | "output_text" | "text":
                return {"type": "text", "text": a_text(f"{where}.text", part.get("text"))}
            case "refusal":
                return {"type": "text", "text": a_text(f"{where}.refusal", part.get("refusal"))}
            case "encrypted_content":
                # Of one agent to another: in a call that was answered here, nothing was encrypted.
                return {"type": "text", "text": a_text(f"{where}.encrypted_content", part.get("encrypted_content"))}
            case "input_image":
                image = _image(where, part)
                self.needs |= image_needs(image["image_url"])
                return image
        name = kind if isinstance(kind, str) else "that was sent"
        raise CapabilityNotSupported(f"{where}: content of the type {name} can't be sent on.", param=where)


def _image(where: str, part: Part) -> Part:
    url = part.get("image_url")
    problem = image_problem(url)
    if problem is not None:
        raise wrong(f"{where}.image_url", problem)
    detail = {"detail": part["detail"]} if part.get("detail") in DETAILS else {}
    return {"type": "image_url", "image_url": {"url": url, **detail}}


# Everything else.


def _effort(reasoning: Part) -> str | None:
    effort = reasoning.get("effort")
    if effort is not None and effort not in EFFORTS:
        raise wrong("reasoning.effort", f"must be one of {', '.join(EFFORTS)}")
    return effort


def _response_format(text: Any) -> Part | None:
    wanted = an_object("text", text or {}).get("format")
    if wanted is None:
        return None
    match an_object("text.format", wanted).get("type"):
        case "text":
            return None
        case "json_object":
            return {"type": "json_object"}
        case "json_schema":
            schema = {name: wanted[name] for name in ("description", "strict") if wanted.get(name) is not None}
            schema["name"] = a_text("text.format.name", wanted.get("name"))
            schema["schema"] = an_object("text.format.schema", wanted.get("schema"))
            return {"type": "json_schema", "json_schema": schema}
    raise wrong("text.format.type", "must be one of json_object, json_schema, text")
