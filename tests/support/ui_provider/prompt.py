"""What a request asks for: the last user message, the wishes in it, the images beside it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import msgspec

ECHO_MARK = "Say exactly:\n"
_WISH = re.compile(r"(?<![\w&?/])(words|rate|style|hurry|first|fault|after)=([\w.]+)")


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """`name=value` in the prompt; None leaves the port's pace as it is."""

    words: int = 40
    rate: float | None = None
    """Tokens a second."""
    style: str = "plain"
    hurry: int = 0
    """Characters that come at 40 times the rate before the rest keeps it."""
    first: float | None = None
    """Seconds before the first token."""
    fault: str = "500"
    after: int = 20
    """Words before a fault."""


class Prompt:
    """A request body as the models of this server read it."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.model = str(body.get("model", ""))
        self._messages: list[dict[str, Any]] = [one for one in body.get("messages", ()) if isinstance(one, dict)]
        self._prompt = str(body.get("prompt", ""))

    @property
    def text(self) -> str:
        """Of the last message from a person."""
        return self._prompt + "".join(_texts(self._question))

    @property
    def wishes(self) -> Wishes:
        return msgspec.convert(dict(_WISH.findall(self.text)), Wishes, strict=False)

    @property
    def words(self) -> int:
        """How many words all messages have."""
        texts = [text for message in self._messages for text in _texts(message)]
        return sum(len(text.split()) for text in (self._prompt, *texts))

    @property
    def images(self) -> list[bytes]:
        """Of the last message from a person. Raises ValueError for one that is no base64 data URL."""
        return [_decoded(one["image_url"]["url"]) for one in _parts(self._question) if one.get("type") == "image_url"]

    @property
    def _question(self) -> dict[str, Any]:
        nothing: dict[str, Any] = {}
        return next((one for one in reversed(self._messages) if one.get("role") == "user"), nothing)

    @property
    def to_echo(self) -> str:
        _, mark, rest = self.text.partition(ECHO_MARK)
        return rest if mark else self.text


def _parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [one for one in content or () if isinstance(one, dict)]


def _texts(message: dict[str, Any]) -> Iterator[str]:
    return (str(part["text"]) for part in _parts(message) if part.get("type") == "text")


def _decoded(url: str) -> bytes:
    head, comma, data = url.partition(",")
    if not (comma and head.startswith("data:") and head.endswith(";base64")):
        raise ValueError(f"not a base64 data URL: {url[:40]}")
    return base64.b64decode(data, validate=True)
