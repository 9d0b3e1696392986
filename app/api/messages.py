"""Checking the messages of a chat without taking their contents apart."""

from __future__ import annotations

import base64
import binascii
import itertools
import re
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from app.api.parsing import wrong

MAX_MESSAGES = 10_000
ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
IMAGE_TYPES = {"image/jpeg", "image/png", "image/webp"}
_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+)?(;[\w-]+=[\w-]+)*(;base64)?,", re.ASCII)


class MessageIn(msgspec.Struct):
    """`content` is a string, an array of parts, or null (for an assistant's tool calls)."""

    role: str
    content: msgspec.Raw = msgspec.Raw(b"null")


class PartIn(msgspec.Struct, gc=False):
    """What is looked at of a content part."""

    type: Any = None
    image_url: Any = None


_decode_messages = msgspec.json.Decoder(list[MessageIn]).decode
_decode_parts = msgspec.json.Decoder(list[PartIn]).decode
_TURN_PARTS = 5_000
"""After so many the other requests have their turn: a body can hold millions."""


def checked_messages(raw: msgspec.Raw | None) -> frozenset[str]:
    """What a model must be able to do to read them (`vision`). Raises InvalidRequest naming the message."""
    if raw is None:
        raise wrong("messages", "is required")
    try:
        messages = _decode_messages(raw)
    except msgspec.ValidationError as error:
        raise wrong("messages", f"must be an array of objects with a role and a content ({error})") from error
    if not 1 <= len(messages) <= MAX_MESSAGES:
        raise wrong("messages", f"must have 1 to {MAX_MESSAGES} entries, not {len(messages)}")
    seen, counter = False, itertools.count(1)
    for position, message in enumerate(messages):
        seen = _check_message(position, message, counter) or seen
    return frozenset({"vision"}) if seen else frozenset()


def _check_message(position: int, message: MessageIn, counter: Iterator[int]) -> bool:
    """Whether there is an image in it. `counter` counts the parts of all messages."""
    if message.role not in ROLES:
        raise wrong(f"messages[{position}].role", f"must be one of {', '.join(sorted(ROLES))}")
    content = bytes(message.content)
    match content[:1]:
        case b'"' | b"n":
            return False
        case b"[":
            return b'"image_url"' in content and _check_parts(position, message.content, counter)
    raise wrong(f"messages[{position}].content", "must be a string, an array of parts, or null")


def _check_parts(position: int, content: msgspec.Raw, counter: Iterator[int]) -> bool:
    found = False
    try:
        parts = _decode_parts(content)
    except msgspec.ValidationError as error:
        raise wrong(f"messages[{position}].content", "must be an array of objects") from error
    for number, part in enumerate(parts):
        if next(counter) % _TURN_PARTS == 0:
            time.sleep(0)
        if part.type == "image_url":
            found = True
            problem = image_problem(part.image_url)
            if problem is not None:
                raise wrong(f"messages[{position}].content[{number}].image_url", problem)
    return found


def image_problem(image: Any) -> str | None:
    """What is wrong with an `image_url`: an address to pass on, or a data URL with an image of a known type."""
    url = image.get("url") if isinstance(image, dict) else image
    if not isinstance(url, str) or not url:
        return "must have a url"
    if url.startswith(("http://", "https://")):
        return None
    match = _DATA_URL.match(url)
    if match is None or not match.group(3):
        return "must be an http(s) address or a data URL with base64"
    return data_problem(url[match.end() :], match.group(1) or "")


def data_problem(text: str, mime_type: str) -> str | None:
    """What is wrong with base64 text that should be an image of `mime_type`."""
    if mime_type not in IMAGE_TYPES:
        return f"must be one of {', '.join(sorted(IMAGE_TYPES))}"
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return "is not valid base64"
    found = image_type(data)
    if found is None:
        return "is not a JPEG, PNG or WebP image"
    return None if found == mime_type else f"is {found}, not {mime_type}"


def image_type(data: bytes) -> str | None:
    """By its first bytes."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None
