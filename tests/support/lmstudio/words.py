"""What the simulated models say: something that shows what reached them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.lmstudio.shelf import Model
from tests.support.replies import ToolCall
from tests.support.ui_provider.pictures import look_at
from tests.support.ui_provider.prompt import Prompt
from tests.support.ui_provider.texts import pieces

_NAMED = re.compile(r"\b[Mm]y name is (\w+)")
_ASKS_NAME = re.compile(r"\bmy name\b.*\?", re.IGNORECASE)
_SUM = re.compile(r"(\d{1,9})\s*([-+*])\s*(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Said:
    text: tuple[str, ...]
    reasoning: tuple[str, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()

    @property
    def tokens(self) -> int:
        return len(self.text) + len(self.reasoning) + len(self.tool_calls)


def said(model: Model, body: Mapping[str, Any], *, reasons: bool = True) -> Said:
    """The answer to a request in OpenAI's shape. Raises ValueError for an image that is none."""
    messages = [_as_known(one) for one in body.get("messages", ()) if isinstance(one, dict)]
    prompt = Prompt({**body, "messages": messages})
    called = _called(body, prompt, messages)
    if called is not None:
        return Said((), (), (called,))
    reasoning = pieces("The question is short, so the answer can be.") if model.reasoning and reasons else ()
    limit = body.get("max_tokens")
    text = pieces(_text(model, prompt, messages))
    return Said(text[:limit] if isinstance(limit, int) and limit > 0 else text, reasoning)


def words_of(body: Mapping[str, Any]) -> int:
    """How many tokens a prompt has, a word being one."""
    return Prompt({"messages": [], **body}).words


def _as_known(message: dict[str, Any]) -> dict[str, Any]:
    """`developer` is treated as `system` (seen in the server's log)."""
    return {**message, "role": "system"} if message.get("role") == "developer" else message


def _text(model: Model, prompt: Prompt, messages: Sequence[Mapping[str, Any]]) -> str:
    images = [look_at(image) for image in prompt.images]
    if images:
        if not model.sees:
            raise ValueError("Model does not support images. Please use a model that does.")
        described = ", ".join(f"a {one.type} of {one.width} × {one.height} pixels" for one in images)
        return f"I see {described}."
    question = prompt.text
    if "long" in question.split():
        return " ".join(f"word {number}" for number in range(1, 301))
    names = _NAMED.findall(" ".join(_texts(messages, "user")))
    if _ASKS_NAME.search(question) and names:
        return f"Your name is {names[-1]}."
    term = _SUM.search(question)
    if term is not None:
        return f"{term.group(0)} is {_value(*term.groups())}."
    system = " ".join(_texts(messages, "system"))
    under = f" I was told: {system}" if system else ""
    return f"{model.name} here. You said: {question[:400]}{under}"


def _value(left: str, sign: str, right: str) -> int:
    first, second = int(left), int(right)
    return first + second if sign == "+" else first - second if sign == "-" else first * second


def _texts(messages: Iterable[Mapping[str, Any]], role: str) -> list[str]:
    return [str(one.get("content", "")) for one in messages if one.get("role") == role]


def _called(body: Mapping[str, Any], prompt: Prompt, messages: Sequence[Mapping[str, Any]]) -> ToolCall | None:
    """The tool that has to be called, or that the question names."""
    tools = [one.get("function", {}) for one in body.get("tools") or () if isinstance(one, dict)]
    if not tools or not messages or messages[-1].get("role") != "user" or body.get("tool_choice") == "none":
        return None
    named = [one for one in tools if str(one.get("name")) in prompt.text]
    if named:
        return ToolCall(str(named[0]["name"]), '{"from": "LM Studio"}')
    return ToolCall(str(tools[0]["name"])) if body.get("tool_choice") == "required" else None
