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
    a_count,
    a_text,
    an_array,
    an_object,
    content_of,
    in_turns,
    left_out,
    tool_call,
    undecoded,
)
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

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A translated request: `told` are the fields that the answer repeats, `items` the turn's own input."""

    request: ModelRequest
    left_out: tuple[str, ...]
    told: dict[str, Any]
    items: list[Part]
    store: bool
    spaces: Mapping[str, tuple[str, str]]
    """The chat's name of a function → the namespace that it stands in, and its name there."""


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
    messages = _Messages()
    if body.get("instructions") is not None:
        messages.add_system(a_text("instructions", body["instructions"]))
    for item in before:
        messages.add("previous_response_id", item)
    for number, item in enumerate(in_turns(items)):
        messages.add(f"input[{number}]", item)
    spaces: dict[str, tuple[str, str]] = {}
    tools = _tools(body.get("tools"), spaces)
    reasoning = an_object("reasoning", body.get("reasoning") or {})
    limit = body.get("max_output_tokens")
    fields = {
        "messages": messages.finished(),
        "max_tokens": None if limit is None else a_count("max_output_tokens", limit),
        "temperature": body.get("temperature"),
        "top_p": body.get("top_p"),
        "tools": tools,
        "tool_choice": _tool_choice(body.get("tool_choice")) if tools else None,
        "parallel_tool_calls": body.get("parallel_tool_calls") if tools else None,
        "response_format": _response_format(body.get("text")),
        "reasoning_effort": reasoning.get("effort"),
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
    )
    store = body.get("store")
    dropped = left_out({name: one for name, one in body.items() if one not in _NOTHING}, KNOWN, strict=strict)
    return Asked(request, dropped, _told(body), items, True if store is None else flag("store", store), spaces)


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

    def __init__(self) -> None:
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
        return self._messages

    def add_system(self, text: str) -> None:
        """Many servers take one system message only, at the beginning."""
        self._last("system")
        self._texts.append(text)

    def add(self, where: str, item: Part) -> None:
        kind = item.get("type")
        if kind == "function_call_output":
            self._add_result(where, item)
            return
        self._say_images()
        match kind:
            case None | "message":
                self._add_message(where, item)
            case "function_call":
                call = tool_call(
                    a_text(f"{where}.call_id", item.get("call_id")),
                    _full_name(item.get("namespace"), a_text(f"{where}.name", item.get("name"))),
                    a_text(f"{where}.arguments", item.get("arguments")),
                )
                self._last("assistant").setdefault("tool_calls", []).append(call)
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

    def _add_result(self, where: str, item: Part) -> None:
        parts = self._parts(f"{where}.output", item.get("output"))
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


def _tools(given: Any, spaces: dict[str, tuple[str, str]]) -> list[Part] | None:
    """Functions, also those in namespaces: a chat knows none, so their names become longer (`spaces` says how)."""
    if given is None or given == []:
        return None
    found: list[Part] = []
    for number, tool in enumerate(in_turns(an_array("tools", given))):
        where = f"tools[{number}]"
        if an_object(where, tool).get("type") != "namespace":
            found.append(_tool(where, tool))
            continue
        space = a_text(f"{where}.name", tool.get("name"))
        for position, inner in enumerate(an_array(f"{where}.tools", tool.get("tools"))):
            function = _tool(f"{where}.tools[{position}]", an_object(f"{where}.tools[{position}]", inner))
            name = function["function"]["name"]
            function["function"]["name"] = _full_name(space, name)
            spaces[_full_name(space, name)] = (space, name)
            found.append(function)
    return found


def _full_name(space: Any, name: str) -> str:
    return f"{space}__{name}" if isinstance(space, str) and space else name


def _tool(where: str, tool: Part) -> Part:
    kind = tool.get("type")
    if kind != "function":
        raise CapabilityNotSupported(
            f"{where}: a tool of the type {kind if isinstance(kind, str) else 'that was sent'} runs at OpenAI only;"
            " send functions.",
            param=f"{where}.type",
        )
    function: Part = {"name": a_text(f"{where}.name", tool.get("name"))}
    for name in ("description", "parameters", "strict"):
        if tool.get(name) is not None:
            function[name] = tool[name]
    return {"type": "function", "function": function}


def _tool_choice(given: Any) -> Any:
    match given:
        case None:
            return None
        case "auto" | "none" | "required":
            return given
        case {"type": "function", "name": str(name)}:
            return {"type": "function", "function": {"name": _full_name(given.get("namespace"), name)}}
    raise wrong("tool_choice", "must be auto, none, required, or a function with its name")


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
