"""What dialects share that are not OpenAI's chat completions but are answered by them.

Their requests become chat requests, which any provider understands; answers are read in answer_parts.py.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from app.api.messages import data_problem
from app.api.parsing import MAX_JSON_BYTES, check_json_type, decoded_object, too_large, wrong
from app.api.wire import Headers, WireRequest, answer_headers, header_safe
from app.domain.requests import Json
from app.gateway.answer import Answer
from app.providers.parameters import not_supported

WISHES = frozenset({"reasoning_effort"})
"""Agents say with every request how much to think, whatever the model."""
_TURN = 2_000
"""After so many entries the other requests have their turn: a body can hold hundreds of thousands."""
_encode = msgspec.json.Encoder().encode

T = TypeVar("T")


# Requests.


def decoded_body(wire: WireRequest) -> dict[str, Any]:
    """Raises NotJson, TooLarge, InvalidJson or InvalidRequest."""
    check_json_type(wire.headers.get("content-type", ""))
    if len(wire.body) > MAX_JSON_BYTES:
        raise too_large()
    return decoded_object(wire.body)


def undecoded(values: Mapping[str, Any]) -> dict[str, Json]:
    """The fields of a request from values; what is None is left out."""
    return {name: Json(_encode(value)) for name, value in values.items() if value is not None}


def left_out(body: Mapping[str, Any], known: frozenset[str], *, strict: bool) -> tuple[str, ...]:
    """The names of given fields that mean nothing elsewhere. Raises ParameterNotSupported where `strict`."""
    names = tuple(name for name, value in body.items() if name not in known and value is not None)
    if strict and names:
        raise not_supported(names[0])
    return names


def translated_headers(answer: Answer, names: tuple[str, ...]) -> Headers:
    """The answer's headers; `names` were dropped before the provider was asked."""
    headers = answer_headers(answer)
    if not names:
        return headers
    rest = [one for one in headers if one[0] != "X-Patchbay-Dropped"]
    return [*rest, ("X-Patchbay-Dropped", header_safe(", ".join((*names, *answer.dropped))))]


def in_turns(items: Iterable[T]) -> Iterator[T]:
    for number, item in enumerate(items, 1):
        if number % _TURN == 0:
            time.sleep(0)
        yield item


def an_object(where: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong(where, "must be an object")
    return value


def an_array(where: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise wrong(where, "must be an array")
    return value


def a_text(where: str, value: Any) -> str:
    if not isinstance(value, str):
        raise wrong(where, "must be a string" if value is not None else "is required")
    return value


def a_count(where: str, value: Any) -> int:
    """A whole number from 1 on."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise wrong(where, "must be a whole number of at least 1")
    return value


def image_part(where: str, url: str) -> dict[str, Any]:
    """OpenAI's part for an image at an http(s) address."""
    if not url.startswith(("http://", "https://")):
        raise wrong(where, "must be an http(s) address")
    return {"type": "image_url", "image_url": {"url": url}}


def inline_image_part(where: str, data: str, mime_type: str) -> dict[str, Any]:
    """OpenAI's part for an image in base64. Raises InvalidRequest for what is no JPEG, PNG or WebP."""
    problem = data_problem(data, mime_type)
    if problem is not None:
        raise wrong(where, problem)
    return {"type": "image_url", "image_url": {"url": f"data:{mime_type};base64,{data}"}}


def content_of(parts: list[dict[str, Any]]) -> str | list[dict[str, Any]]:
    """Parts as a message's content: one text where they are texts alone, which every server reads."""
    if all(part["type"] == "text" for part in parts):
        return "\n".join(part["text"] for part in parts)
    return parts


def tool_call(call_id: str, name: str, arguments: str) -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def interjected(text: str) -> dict[str, Any]:
    """What the system says between other messages: many local models' templates refuse it there as its own."""
    return {"role": "user", "content": f"<system>\n{text}\n</system>"}


def combined(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turns of one role in a row become one, as at Anthropic: many local models' templates want them to alternate."""
    found: list[dict[str, Any]] = []
    for role, group in itertools.groupby(turns, key=lambda turn: turn["role"]):
        same = list(group)
        found += same if role == "tool" or len(same) == 1 else [_one_turn(role, same)]
    return found


def _one_turn(role: str, turns: list[dict[str, Any]]) -> dict[str, Any]:
    contents = [turn["content"] for turn in turns if turn["content"] is not None]
    calls = [call for turn in turns for call in turn.get("tool_calls", ())]
    content: Any = None
    if any(isinstance(one, list) for one in contents):
        content = [part for one in contents for part in _as_parts(one)]
    elif contents:
        content = "\n\n".join(contents)
    return {"role": role, "content": content, **({"tool_calls": calls} if calls else {})}


def _as_parts(content: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content
