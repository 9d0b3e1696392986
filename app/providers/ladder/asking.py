"""One HTTP question on a connection of its own, and what came back."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import Any, cast
from urllib.parse import quote

import msgspec

from app.providers.http.target import Target
from app.providers.ladder.line import TimedSocket
from app.providers.ladder.report import Diagnosis, Fault

MAX_BODY_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Question:
    """`path` starts at the server's root."""

    path: str
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """`document` is the decoded JSON, or None where the body is not JSON."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    cut: bool = False
    """The body ended before it was complete."""
    too_large: bool = False
    document: Any = None

    @property
    def is_web_page(self) -> bool:
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind in ("text/html", "application/xhtml+xml") or self.body.lstrip()[:1] == b"<"

    @property
    def error(self) -> Any:
        """What the body calls an error, in one of the forms vendors use; None without one."""
        if not isinstance(self.document, dict):
            return None
        if self.document.get("object") == "error":
            return self.document
        return self.document.get("error") or None


def ask(sock: socket.socket, target: Target, question: Question, until: float) -> Reply:
    """Sends `question` and reads at most MAX_BODY_BYTES of the reply; closes `sock`. Raises Fault."""
    connection = HTTPConnection(target.host, target.port)
    # http.client only sends, makes a file and closes.
    connection.sock = cast("socket.socket", TimedSocket(sock, until))
    try:
        _send(connection, target, question)
        return _read(connection.getresponse())
    except TimeoutError as error:
        raise Fault(Diagnosis.TOO_SLOW, "no complete answer in time") from error
    except ConnectionError as error:
        raise Fault(Diagnosis.NOT_HTTP, "the connection was closed without an answer") from error
    except (HTTPException, OSError) as error:
        raise Fault(Diagnosis.NOT_HTTP, "the answer is not HTTP") from error
    finally:
        connection.close()
        sock.close()


def _send(connection: HTTPConnection, target: Target, question: Question) -> None:
    request_target, headers = _request_target(target, question), _headers(target, question)
    try:
        connection.request(question.method, request_target, question.body, headers)
    except ValueError as error:
        # The path is quoted, so it is a header: line breaks or letters that HTTP can't carry, pasted with the key.
        raise Fault(Diagnosis.KEY_REFUSED, "the key or a header has characters that can't be sent") from error


def _headers(target: Target, question: Question) -> dict[str, str]:
    headers = {"Host": target.authority, "Accept": "application/json", "User-Agent": "Patchbay", "Connection": "close"}
    if target.proxy is not None and not target.tls and target.proxy.authorization is not None:
        headers["Proxy-Authorization"] = target.proxy.authorization
    return headers | dict(question.headers)


def _request_target(target: Target, question: Question) -> str:
    path = quote(question.path, safe="/%:@!$&'()*+,;=~?")
    return target.origin + path if target.proxy is not None and not target.tls else path


def _read(response: HTTPResponse) -> Reply:
    headers = {name.lower(): value for name, value in response.getheaders()}
    body, cut = b"", False
    try:
        while len(body) <= MAX_BODY_BYTES and (piece := response.read(65536)):
            body += piece
    except IncompleteRead as error:
        body, cut = body + error.partial, True
    except ConnectionError:
        cut = True
    # read() of a given size does not complain about a body that is shorter than its Content-Length.
    cut = cut or bool(response.length)
    too_large = len(body) > MAX_BODY_BYTES
    document = None if too_large else _decoded(body)
    return Reply(response.status, headers, body, cut and not too_large, too_large, document)


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
