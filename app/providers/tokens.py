"""Estimating tokens where a vendor reports none: about four characters each for text in Latin scripts."""

from __future__ import annotations

from typing import Any

from app.domain.requests import ModelRequest

CHARACTERS_PER_TOKEN = 4


def estimated_tokens(characters: int) -> int:
    return (characters + CHARACTERS_PER_TOKEN - 1) // CHARACTERS_PER_TOKEN


def prompt_characters(request: ModelRequest) -> int:
    """Characters of text in what the model reads; images and tool declarations are not counted."""
    return sum(_characters(request.value(name)) for name in ("messages", "prompt", "input"))


def _characters(value: Any) -> int:
    match value:
        case str():
            return len(value)
        case int():
            # A prompt or an input may be made of tokens.
            return CHARACTERS_PER_TOKEN
        case list():
            return sum(_characters(one) for one in value)
        case {"content": content}:
            return _characters(content)
        case {"type": "text", "text": str(text)}:
            return len(text)
        case _:
            return 0
