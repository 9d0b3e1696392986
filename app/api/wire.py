"""A model call's HTTP request and reply without any web framework: what the data path takes and gives."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog

from app.api.errors import error_headers, http_status
from app.domain.errors import GatewayError
from app.domain.stopping import Stop
from app.gateway.answer import Answer, Call

log = structlog.get_logger()

JSON = ("Content-Type", "application/json")
Headers = list[tuple[str, str]]


@dataclass(slots=True)
class WireRequest:
    """`headers` have names in lower case. `stop` ends the call when the client leaves."""

    headers: Mapping[str, str]
    body: bytes
    request_id: str
    stop: Stop = field(default_factory=Stop)
    started: float = field(default_factory=time.monotonic)
    call: Call | None = None
    """Set once it is known who asks for what."""

    @property
    def strict(self) -> bool:
        return self.headers.get("x-patchbay-strict", "").lower() in ("true", "1")


@dataclass(slots=True)
class WireReply:
    """`body` is everything at once, or an iterator that the server writes piece by piece and closes."""

    status: int
    headers: Headers
    body: bytes | Iterator[bytes]


RenderError = Callable[[GatewayError, str], Any]
"""An error and the request's id → the JSON document of one face."""
StatusOf = Callable[[GatewayError], int]


def answer_headers(answer: Answer) -> Headers:
    """What every answer of a model call tells about itself (api.md section 1)."""
    headers = [
        ("X-Patchbay-Provider", answer.candidate.config.slug),
        ("X-Patchbay-Model", header_safe(answer.model)),
        ("X-Patchbay-Attempts", str(answer.attempts)),
        ("X-Patchbay-Overhead-Ms", f"{answer.overhead_ms:.2f}"),
        ("X-Patchbay-Config-Version", str(answer.config_version)),
    ]
    if answer.dropped:
        headers.append(("X-Patchbay-Dropped", header_safe(", ".join(answer.dropped))))
    return headers


def header_safe(text: str) -> str:
    """Header values are Latin-1 without control characters; a vendor's name may be anything."""
    return "".join(one if " " <= one <= "~" else "?" for one in text)


def error_reply(
    error: GatewayError, request_id: str, render: RenderError, status_of: StatusOf = http_status
) -> WireReply:
    body = msgspec.json.encode(render(error, request_id))
    return WireReply(status_of(error), [JSON, *error_headers(error)], body)


def unexpected(error: Exception, request_id: str) -> GatewayError:
    """What a caller hears of a fault of ours: nothing but the id under which the log has the rest."""
    log.error("unexpected_error", request_id=request_id, exc_info=error)
    return GatewayError(f"Something went wrong in the gateway. The log has it under {request_id}.")


def guarded(
    handler: Callable[[WireRequest], WireReply],
    request: WireRequest,
    render: RenderError,
    status_of: StatusOf = http_status,
) -> WireReply:
    """`handler`'s reply, or its failure in the face's own shape. The outermost handler of the data path."""
    try:
        return handler(request)
    except GatewayError as error:
        return _failure(error, request, render, status_of)
    except Exception as error:  # noqa: BLE001  # the outermost handler
        return _failure(unexpected(error, request.request_id), request, render, status_of)


def _failure(error: GatewayError, request: WireRequest, render: RenderError, status_of: StatusOf) -> WireReply:
    """The error, and who was tried if anybody was."""
    reply = error_reply(error, request.request_id, render, status_of)
    if request.call is not None and request.call.answer is not None:
        reply.headers += answer_headers(request.call.answer)
    return reply
