"""Server-sent events and lines of JSON: framing, heartbeats, and exactly one ending.

What goes wrong while an answer is rendered stops its call, which is then recorded with that.
"""

from __future__ import annotations

import errno
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

    def pieces() -> Iterator[bytes]:
        for burst in events:
            data = piece(burst) if burst else silence
            if data:
                yield data
        yield ending()

    return answer_stream(answer, pieces(), request_id, failure)


def answer_stream(
    answer: Answer, pieces: Iterator[bytes], request_id: str, failure: Callable[[GatewayError], bytes]
) -> Iterator[bytes]:
    """`guarded_stream` of what is made of an answer. What is wrong with a piece is how its call ends."""

    def failed(error: GatewayError) -> bytes:
        end_call(answer, error)
        return failure(error)

    return guarded_stream(answer.events, pieces, request_id, failed)


def guarded_stream(
    source: Iterator[Any], pieces: Iterator[bytes], request_id: str, failure: Callable[[GatewayError], bytes]
) -> Iterator[bytes]:
    """`pieces`, which are made of what `source` brings, then `failure(error)` if they break off.

    The outermost handler of a stream. It has begun already: closing it closes the source, also when nothing was read.
    """

    def steps() -> Iterator[bytes]:
        try:
            yield b""
            yield from pieces
        except ClientLeft:
            return
        except GatewayError as error:
            yield failure(error)
        except Exception as error:  # noqa: BLE001  # the outermost handler of a stream: 200 is already sent
            yield failure(unexpected(error, request_id))
        finally:
            source.close()  # type: ignore[attr-defined]  # a generator

    begun = steps()
    # Python runs no `finally` of a generator that was closed before its first step.
    next(begun)
    return begun


def cut(error: GatewayError) -> bytes:
    """The failure of a body that has no place for one. Raises ConnectionResetError."""
    # Servers take it for a client that has left: the connection ends in the middle of the body.
    raise ConnectionResetError(errno.ECONNRESET, error.code) from error


def read_all(answer: Answer, take: Callable[[Burst], None]) -> None:
    """Gives the whole answer to `take`. What that raises is how the call ends."""
    try:
        for burst in answer.events:
            take(burst)
    except GatewayError as error:
        end_call(answer, error)
        raise
    except BaseException:
        # Raised again; closing the call without a reason would have it recorded as a client that left.
        end_call(answer, GatewayError("Something went wrong in the gateway."))
        raise


def end_call(answer: Answer, reason: GatewayError) -> None:
    """Closes the call at the provider and has it recorded with `reason`, if it has not ended before."""
    if answer.attempt is not None:
        answer.attempt.stop.stop(reason)
    answer.events.close()  # type: ignore[attr-defined]  # a generator
