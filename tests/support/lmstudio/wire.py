"""Replies of the simulated LM Studio: JSON, streams and errors, with the headers of its server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.support.commands import Received
from tests.support.rendering import Action, End, Send, Wait, head

EXPRESS = (("X-Powered-By", "Express"), ("Connection", "keep-alive"), ("Keep-Alive", "timeout=5"))
Actions = Iterator[Action]


def reply(status: int, body: object, *, kind: str = "application/json; charset=utf-8") -> Actions:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    length = ("Content-Length", str(len(content)))
    yield Send(head(status, (*EXPRESS, ("Content-Type", kind), length)) + content)
    yield End("keep")


def stream_head() -> Send:
    kinds = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache"), ("Transfer-Encoding", "chunked"))
    return Send(head(200, (*EXPRESS, *kinds)))


def event(document: dict[str, Any], name: str | None = None) -> Send:
    """`name` is that of an `event:` line."""
    text = f"data: {json.dumps(document, ensure_ascii=False)}\n\n"
    return chunk(text if name is None else f"event: {name}\n{text}")


def chunk(text: str) -> Send:
    data = text.encode()
    return Send(b"%x\r\n%s\r\n" % (len(data), data))


def stream_end() -> Actions:
    yield Send(b"0\r\n\r\n")
    yield End("keep")


def pause(seconds: float) -> Wait:
    return Wait(max(0.0, seconds))


# Errors


def native_error(status: int, kind: str, message: str, **more: str) -> Actions:
    return reply(status, {"error": {"type": kind, **more, "message": message}})


def openai_error(status: int, message: str, code: str | None = None) -> Actions:
    error = {"message": message, "type": "invalid_request_error", "param": "model", "code": code}
    return reply(status, {"error": error})


def unexpected(request: Received, status: int = 200) -> Actions:
    return reply(status, {"error": f"Unexpected endpoint or method. ({request.method} {request.path})"})


def invalid_json() -> Actions:
    return native_error(400, "invalid_request", "Invalid JSON in request body", code="invalid_json")


def missing(name: str) -> Actions:
    words = f"'{name}' is required"
    return native_error(400, "invalid_request", words, code="missing_required_parameter", param=name)


def broken_page() -> Actions:
    return reply(500, "<!DOCTYPE html><html><body><pre>Internal Server Error</pre></body></html>", kind="text/html")
