"""The tools of OpenAI's responses as a chat's functions, and the calls of these as they were offered.

    {"type": "function", "name": "look", "parameters": {…}}
    {"type": "custom", "name": "apply_patch", "format": {"type": "grammar", "syntax": "lark", "definition": "…"}}
    {"type": "tool_search", "execution": "client", "parameters": {…}}
    {"type": "namespace", "name": "eyes", "tools": [{"type": "function", "name": "look", …}]}

A custom tool takes any text, a function an object: the text becomes its only field, and is taken out of it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from app.api.parsing import check_depth, wrong
from app.api.translation.chat import a_text, an_array, an_object, in_turns, tool_call
from app.domain.errors import CapabilityNotSupported, InvalidRequest

Part = dict[str, Any]
SEARCH = "tool_search"
_FIELD = "input"
_TEXT_ALONE = {
    "type": "object",
    "properties": {_FIELD: {"type": "string", "description": "The whole input of the tool."}},
    "required": [_FIELD],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Offer:
    """How a function of the chat is called in the request."""

    kind: Literal["function", "custom", "tool_search"]
    name: str
    space: str | None = None


class Tools:
    """The functions of a chat. A chat knows no namespaces, so names that stand in one become longer."""

    def __init__(self) -> None:
        self._functions: dict[str, Part] = {}
        self.offers: dict[str, Offer] = {}
        """By the chat's name."""

    def functions(self) -> list[Part] | None:
        return list(self._functions.values()) or None

    def add(self, where: str, given: Any) -> list[str]:
        """Take tools up; one of the same name is replaced. Returns their names in the chat."""
        return [
            name
            for number, tool in enumerate(in_turns(an_array(where, given)))
            for name in self._add(f"{where}[{number}]", an_object(f"{where}[{number}]", tool))
        ]

    def _add(self, where: str, tool: Part) -> list[str]:
        if tool.get("type") != "namespace":
            return [self._add_one(where, tool, None)]
        space = a_text(f"{where}.name", tool.get("name"))
        inner = enumerate(in_turns(an_array(f"{where}.tools", tool.get("tools"))))
        return [
            self._add_one(f"{where}.tools[{position}]", an_object(f"{where}.tools[{position}]", one), space)
            for position, one in inner
        ]

    def _add_one(self, where: str, tool: Part, space: str | None) -> str:
        match tool.get("type"):
            case "function":
                offer = Offer("function", a_text(f"{where}.name", tool.get("name")), space)
                fields = {
                    name: tool[name] for name in ("description", "parameters", "strict") if tool.get(name) is not None
                }
            case "custom":
                offer = Offer("custom", a_text(f"{where}.name", tool.get("name")), space)
                fields = {"description": _with_format(where, tool), "parameters": _TEXT_ALONE}
            case "tool_search" if tool.get("execution") == "client":
                offer = Offer("tool_search", SEARCH)
                fields = {name: tool[name] for name in ("description", "parameters") if tool.get(name) is not None}
            case kind:
                raise CapabilityNotSupported(
                    f"{where}: a tool of the type {kind if isinstance(kind, str) else 'that was sent'} runs at OpenAI"
                    " only; send functions.",
                    param=f"{where}.type",
                )
        name = full_name(space, offer.name)
        self._functions[name] = {"type": "function", "function": {"name": name, **fields}}
        self.offers[name] = offer
        return name


def _with_format(where: str, tool: Part) -> str:
    """What a custom tool is for, with the grammar that its input follows: a chat has no place for one."""
    description = a_text(f"{where}.description", tool.get("description") or "")
    form = an_object(f"{where}.format", tool.get("format") or {})
    if form.get("type") != "grammar":
        return description
    syntax = a_text(f"{where}.format.syntax", form.get("syntax"))
    grammar = a_text(f"{where}.format.definition", form.get("definition"))
    return f"{description}\n\nThe input follows this grammar ({syntax}):\n{grammar}".lstrip()


def full_name(space: Any, name: str) -> str:
    return f"{space}__{name}" if isinstance(space, str) and space else name


def choice(given: Any) -> Any:
    """The chat's `tool_choice`."""
    match given:
        case None:
            return None
        case "auto" | "none" | "required":
            return given
        case {"type": "function" | "custom", "name": str(name)}:
            return {"type": "function", "function": {"name": full_name(given.get("namespace"), name)}}
    raise wrong("tool_choice", "must be auto, none, required, or a function with its name")


# Calls.


def call_of(where: str, item: Part) -> Part:
    """A call that was made before, as the chat has it."""
    call_id = a_text(f"{where}.call_id", item.get("call_id"))
    if item["type"] == "tool_search_call":
        return tool_call(call_id, SEARCH, _json(item.get("arguments")))
    name = full_name(item.get("namespace"), a_text(f"{where}.name", item.get("name")))
    if item["type"] == "custom_tool_call":
        return tool_call(call_id, name, _json({_FIELD: a_text(f"{where}.input", item.get("input"))}))
    return tool_call(call_id, name, a_text(f"{where}.arguments", item.get("arguments")))


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def text_input(arguments: str) -> str:
    """A custom tool's input. Models may forget the object around it: what is none is the text itself."""
    value = json_value(arguments)
    text = value.get(_FIELD) if isinstance(value, dict) else None
    return text if isinstance(text, str) else arguments


def json_value(text: str) -> Any:
    """What the JSON text says; the text where it is none, or nested too deep: its reader then finds fault with it."""
    try:
        check_depth(text.encode())
        return msgspec.json.decode(text)
    except (InvalidRequest, msgspec.DecodeError):
        return text
