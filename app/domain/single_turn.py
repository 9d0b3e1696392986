"""A chat that is one question: all that those can be asked who take no earlier answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_PLAIN = {"role", "content"}


@dataclass(frozen=True, slots=True)
class SingleTurn:
    system_prompt: str | None
    question: str


def single_turn(messages: Sequence[Any]) -> SingleTurn | None:
    """OpenAI's `messages` as what the model is told and what it is asked; None where they say anything else."""
    if not messages or not all(_is_plain(one) for one in messages):
        return None
    *told, asked = messages
    if asked["role"] != "user" or not asked["content"].strip() or any(one["role"] != "system" for one in told):
        return None
    return SingleTurn("\n\n".join(one["content"] for one in told) or None, asked["content"])


def _is_plain(message: Any) -> bool:
    return isinstance(message, dict) and message.keys() == _PLAIN and isinstance(message["content"], str)
