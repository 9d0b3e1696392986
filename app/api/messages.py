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
from app.domain.pictures import Picture, picture_of, size_problem
from app.domain.requests import IMAGE_ADDRESS, VISION

MAX_MESSAGES = 10_000
ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})
ADDRESSES = ("http://", "https://")
NOTHING: frozenset[str] = frozenset()
SEEN = frozenset({VISION})
SEEN_FROM_AFAR = frozenset({VISION, IMAGE_ADDRESS})
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
    """What they need (ModelRequest.needs). Raises InvalidRequest naming the message."""
    if raw is None:
        raise wrong("messages", "is required")
    try:
        messages = _decode_messages(raw)
    except msgspec.ValidationError as error:
        raise wrong("messages", f"must be an array of objects with a role and a content ({error})") from error
    if not 1 <= len(messages) <= MAX_MESSAGES:
        raise wrong("messages", f"must have 1 to {MAX_MESSAGES} entries, not {len(messages)}")
    needs: set[str] = set()
    counter = itertools.count(1)
    for position, message in enumerate(messages):
        needs |= _check_message(position, message, counter)
    return frozenset(needs)


def _check_message(position: int, message: MessageIn, counter: Iterator[int]) -> frozenset[str]:
    """What it needs. `counter` counts the parts of all messages."""
    if message.role not in ROLES:
        raise wrong(f"messages[{position}].role", f"must be one of {', '.join(sorted(ROLES))}")
    content = bytes(message.content)
    match content[:1]:
        case b'"' | b"n":
            return NOTHING
        case b"[":
            # JSON can spell letters as \u00.., also those of a name.
            may_show = b'"image_url"' in content or b"\\u00" in content
            return _check_parts(position, message.content, counter) if may_show else NOTHING
    raise wrong(f"messages[{position}].content", "must be a string, an array of parts, or null")


def _check_parts(position: int, content: msgspec.Raw, counter: Iterator[int]) -> frozenset[str]:
    needs = NOTHING
    try:
        parts = _decode_parts(content)
    except msgspec.ValidationError as error:
        raise wrong(f"messages[{position}].content", "must be an array of objects") from error
    for number, part in enumerate(parts):
        if next(counter) % _TURN_PARTS == 0:
            time.sleep(0)
        if part.type == "image_url":
            problem = image_problem(part.image_url)
            if problem is not None:
                raise wrong(f"messages[{position}].content[{number}].image_url", problem)
            needs |= image_needs(part.image_url)
    return needs


def image_needs(image: Any) -> frozenset[str]:
    """What reading an `image_url` needs that has no problem."""
    url = image["url"] if isinstance(image, dict) else image
    return SEEN_FROM_AFAR if url.startswith(ADDRESSES) else SEEN


def image_problem(image: Any) -> str | None:
    """What is wrong with an `image_url`: an address to pass on, or a data URL with an image of a known type."""
    url = image.get("url") if isinstance(image, dict) else image
    if not isinstance(url, str) or not url:
        return "must have a url"
    if url.startswith(ADDRESSES):
        return None
    found = data_url_parts(url)
    if found is None:
        return "must be an http(s) address or a data URL with base64"
    return data_problem(found[1], found[0])


def data_url_parts(url: str) -> tuple[str, str] | None:
    """The type and the base64 of a data URL; None where it is none, or has no base64."""
    match = _DATA_URL.match(url)
    return (match.group(1) or "", url[match.end() :]) if match is not None and match.group(3) else None


def data_problem(text: str, mime_type: str) -> str | None:
    """What is wrong with base64 text that should be an image of `mime_type`."""
    if plain_type(mime_type) not in IMAGE_TYPES:
        return f"must be one of {', '.join(sorted(IMAGE_TYPES))}"
    try:
        picture = picture_in(text)
    except Unusable as error:
        return error.problem
    return None if picture.media_type == plain_type(mime_type) else f"is {picture.media_type}, not {mime_type}"


def plain_type(mime_type: str) -> str:
    """As it is registered: many write `image/jpg`."""
    return mime_type.lower().replace("image/jpg", "image/jpeg")


def picture_in(text: str) -> Picture:
    """The image that base64 holds. Raises Unusable for what is none, or too large."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unusable("is not valid base64") from error
    picture = picture_of(data)
    if picture is None:
        raise Unusable("is not a JPEG, PNG or WebP image")
    too_large = size_problem(picture, len(data))
    if too_large is not None:
        raise Unusable(too_large)
    return picture


class Unusable(Exception):
    """`problem` says what is wrong with an image."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
