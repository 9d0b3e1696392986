"""A stream's chunks folded into the plain answer that the server would have sent.

Unknown keys, several choices and logprobs are kept: whatever a chunk adds to an object is merged into it.
"""

from __future__ import annotations

from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode

# Keys of a delta that say the same in every chunk; everything else of type string grows.
_CONSTANT = frozenset({"role", "id", "type", "name"})


class Joiner:
    """`add` each chunk, decoded, then `joined()` is the plain answer's JSON text."""

    def __init__(self) -> None:
        self._answer: dict[str, Any] = {}
        self._choices: dict[int, dict[str, Any]] = {}
        self._calls: dict[int, dict[int, dict[str, Any]]] = {}
        """Tool calls by choice and index; a server may leave indices out."""

    def add(self, chunk: dict[str, Any]) -> None:
        """`chunk` is taken apart."""
        for choice in chunk.pop("choices", None) or []:
            self._add_choice(choice)
        for name, value in chunk.items():
            if value is not None or name not in self._answer:
                self._answer[name] = value

    def joined(self) -> bytes:
        answer = self._answer
        answer["object"] = str(answer.get("object", "chat.completion")).removesuffix(".chunk")
        answer["choices"] = [self._choices[index] for index in sorted(self._choices)]
        return _encode(answer)

    def _add_choice(self, part: dict[str, Any]) -> None:
        index = int(part.get("index", 0))
        choice = self._choices.setdefault(index, {"index": index})
        delta = part.pop("delta", None)
        for name, value in part.items():
            if name == "text":
                choice["text"] = choice.get("text", "") + (value or "")
            elif name == "logprobs":
                _add_logprobs(choice, value)
            elif name != "index" and (value is not None or name not in choice):
                choice[name] = value
        if delta is not None:
            calls = self._calls.setdefault(index, {})
            _add_delta(choice.setdefault("message", {"role": "assistant", "content": None}), delta, calls)


def _add_delta(message: dict[str, Any], delta: dict[str, Any], calls: dict[int, dict[str, Any]]) -> None:
    for name, value in delta.items():
        held = message.get(name)
        if name == "tool_calls":
            _add_tool_calls(calls, value or [])
            message[name] = [calls[index] for index in sorted(calls)]
        elif isinstance(value, str) and name not in _CONSTANT and (held is None or isinstance(held, str)):
            message[name] = (held or "") + value
        elif isinstance(value, list) and isinstance(held, list):
            message[name] = held + value
        elif value is not None or name not in message:
            message[name] = value


def _add_tool_calls(calls: dict[int, dict[str, Any]], parts: list[dict[str, Any]]) -> None:
    for position, part in enumerate(parts):
        index = part.get("index")
        call = calls.setdefault(
            position if index is None else int(index), {"type": "function", "function": {"name": "", "arguments": ""}}
        )
        for name, value in part.items():
            if name == "function" and isinstance(value, dict):
                _add_function(call["function"], value)
            elif name != "index" and value is not None:
                call[name] = value


def _add_function(function: dict[str, Any], part: dict[str, Any]) -> None:
    if part.get("name"):
        function["name"] = part["name"]
    arguments = part.get("arguments")
    if isinstance(arguments, str):
        function["arguments"] += arguments
    elif arguments is not None:
        function["arguments"] = _encode(arguments).decode()


def _add_logprobs(choice: dict[str, Any], part: Any) -> None:
    """`content` and `refusal` are lists that grow; legacy completions have parallel lists."""
    held = choice.get("logprobs")
    if not isinstance(part, dict) or not isinstance(held, dict):
        choice["logprobs"] = part if part is not None else held
        return
    for name, value in part.items():
        if isinstance(value, list) and isinstance(held.get(name), list):
            held[name] += value
        elif value is not None:
            held[name] = value
