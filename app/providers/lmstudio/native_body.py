"""A question as LM Studio's native chat takes it.

Source: https://lmstudio.ai/docs/developer/rest. It takes a system prompt and one question, no earlier answers, no tools
and few parameters. An image could go along, but under which name the text beside it is not certain for every version.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from app.domain.catalog import ModelInfo
from app.domain.requests import Json
from app.domain.single_turn import single_turn
from app.providers.lmstudio.lists import LEVELS

SAID = ("system_prompt", "input")
"""Members that hold what is said."""

_RANGES = {"temperature": (0, 1), "top_p": (0, 1), "min_p": (0, 1), "top_k": (0, None), "repeat_penalty": (0, None)}
_decode = msgspec.json.Decoder().decode


def native_body(fields: Mapping[str, Json], model: ModelInfo) -> dict[str, Any] | None:
    """What says all of a streamed chat's `fields`; None where the native chat can't say some of it."""
    said = single_turn(_decode(fields["messages"]))
    if said is None:
        return None
    body: dict[str, Any] = {"model": model.id}
    if said.system_prompt is not None:
        body["system_prompt"] = said.system_prompt
    body["input"] = said.question
    for name in fields.keys() - {"messages"}:
        member = _member(name, _decode(fields[name]), model.reasoning_efforts or ())
        if member is None:
            return None
        body |= member
    return {**body, "stream": True, "store": False}


def _member(name: str, value: Any, efforts: tuple[str, ...]) -> dict[str, Any] | None:
    """One field under its native name; empty where nothing has to be said of it, None where it can't be said."""
    match name, value:
        case "n", 1:
            return {}
        case "max_tokens", int() if value >= 1:
            return {"max_output_tokens": value}
        case "reasoning_effort", str():
            word = _reasoning(value, efforts)
            return None if word is None else {"reasoning": word}
    if name not in _RANGES:
        return None
    least, most = _RANGES[name]
    return {name: value} if value >= least and (most is None or value <= most) else None


def _reasoning(effort: str, efforts: tuple[str, ...]) -> str | None:
    """Only in words that the model lists: `efforts` has others too where it lists none but on and off."""
    if effort not in efforts:
        return None
    if effort == "none":
        return "off"
    return effort if effort in LEVELS and not set(efforts) - {"none", *LEVELS} else None
