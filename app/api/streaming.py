"""Server-sent events and lines of JSON: framing, heartbeats, and exactly one ending."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from app.api.wire import Headers, unexpected
from app.domain.errors import ClientLeft, GatewayError
from app.domain.events import Burst
from app.gateway.answer import Answer

SSE_HEADERS: Headers = [
    ("Content-Type", "text/event-stream; charset=utf-8"),
    ("Cache-Control", "no-cache"),
    ("X-Accel-Buffering", "no"),
]
NDJSON_HEADERS: Headers = [("Content-Type", "application/x-ndjson"), *SSE_HEADERS[1:]]
KEEP_ALIVE = b": keep-alive\n\n"
_encode = msgspec.json.Encoder().encode


def sse(document: Any, event: str | None = None) -> bytes:
    """One event with JSON data."""
    name = b"event: " + event.encode() + b"\n" if event else b""
    return name + b"data: " + _encode(document) + b"\n\n"


def json_line(document: Any) -> bytes:
    """One line of a body in NDJSON."""
    return _encode(document) + b"\n"


def event_stream(
    answer: Answer,
    request_id: str,
    *,
    piece: Callable[[Burst], bytes],
    ending: Callable[[], bytes],
    failure: Callable[[GatewayError], bytes],
    silence: bytes = KEEP_ALIVE,
) -> Iterator[bytes]:
    """The answer's bursts as bytes, then `ending()`, or `failure(error)` when it broke off.

    A silence becomes a comment, or `silence`; nothing is written where that is empty. Closing the iterator ends the
    call at the provider, also when nothing was read yet.
    """
    events = answer.events

    def steps() -> Iterator[bytes]:
        try:
            yield b""
            for burst in events:
                data = piece(burst) if burst else silence
                if data:
                    yield data
            yield ending()
        except ClientLeft:
            return
        except GatewayError as error:
            yield failure(error)
        except Exception as error:  # noqa: BLE001  # the outermost handler of a stream: 200 is already sent
            yield failure(unexpected(error, request_id))
        finally:
            events.close()  # type: ignore[attr-defined]  # a generator

    begun = steps()
    # Python runs no `finally` of a generator that was closed before its first step.
    next(begun)
    return begun
