"""A request loop for the ordinary request, several times cheaper than gunicorn's.

It reads HTTP/1.1 requests with a path and a body of known, moderate length, parsed by gunicorn's own C parser. At
anything else (chunked bodies, Expect, HTTP/1.0, large bodies, whatever the parser refuses) the connection goes to
gunicorn's loop with the bytes read so far, and stays there: the rare and the malformed have one implementation.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import gevent
import gunicorn_h1c
from gunicorn.http.wsgi import base_environ
from gunicorn.util import http_date, unquote_to_wsgi_str

from app.api.edge import CLIENT_WATCH
from app.serving.client_link import ClientLink
from app.serving.reply import Reply
from app.serving.worker import PatchbayWorker

Environ = dict[str, Any]

RECEIVE_BYTES = 64 * 1024
MAX_BODY_BYTES = 256 * 1024
"""Larger bodies are read piece by piece, in gunicorn's loop."""
MAX_KNOWN_NAMES = 512
LOOK_S = 1.0
"""How often it is looked for connections that have been silent for too long."""
TURNS = 16
"""A connection whose next request is always there already lets the others run after so many."""

# Names that may come once only, or that change how the message is read: gunicorn decides about them.
_UNUSUAL = frozenset({"TRANSFER-ENCODING", "EXPECT", "UPGRADE", "TE", "TRAILER", "HTTP2-SETTINGS", "PROXY-CONNECTION"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Unusual(Exception):
    """This request is for gunicorn's loop."""


class HeaderNames:
    """Raw header names → keys of a WSGI environ; None for names that are dropped.

    Clients send few different names, so most are found without decoding. The number is bounded, as clients choose it.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, str | None] = {}

    def key(self, raw: bytes) -> str | None:
        """Raises Unusual for a name that the ordinary loop does not know how to treat."""
        try:
            return self._known[raw]
        except KeyError:
            return self._learned(raw)

    def _learned(self, raw: bytes) -> str | None:
        name = raw.decode("latin-1").upper()
        if name in _UNUSUAL:
            raise Unusual
        if "_" in name:
            # As gunicorn's header_map=drop: X_Forwarded_For must not pass for X-Forwarded-For.
            key = None
        elif name in ("CONTENT-TYPE", "CONTENT-LENGTH"):
            key = name.replace("-", "_")
        else:
            key = "HTTP_" + name.replace("-", "_")
        if len(self._known) < MAX_KNOWN_NAMES:
            self._known[raw] = key
        return key


class Replayed:
    """A socket that first gives back what was read from it already."""

    def __init__(self, client: socket.socket, data: bytes) -> None:
        self._client = client
        self._data = data

    def recv(self, size: int, *rest: Any) -> bytes:
        if self._data:
            piece, self._data = self._data[:size], self._data[size:]
            return piece
        return self._client.recv(size, *rest)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


class Clock:
    """The Date header, made once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def text(self) -> str:
        second = int(time.time())
        if second != self._second:
            self._second, self._text = second, http_date(second)
        return self._text


class LeanWorker(PatchbayWorker):
    """Tries the ordinary request first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names = HeaderNames()
        self._clock = Clock()
        self._links: set[ClientLink] = set()
        self._looked_at = 0.0
        self._limits = {
            "limit_request_line": self.cfg.limit_request_line,
            "limit_request_fields": self.cfg.limit_request_fields,
            "limit_request_field_size": self.cfg.limit_request_field_size,
        }

    def handle(self, listener: socket.socket, client: socket.socket, addr: Any) -> None:
        link = ClientLink(client, self.cfg.keepalive)
        environ = self._connection_environ(listener, client, addr)
        environ[CLIENT_WATCH] = link
        self._idle.add(client)
        self._links.add(link)
        rest = b""
        try:
            rest = self._serve(client, link, environ)
        except OSError:
            # The client left, or sent nothing for too long: there is nobody to tell.
            pass
        finally:
            self._links.discard(link)
            self._idle.discard(client)
            self._busy.discard(client)
            link.close()
            if not rest:
                client.close()
        if rest:
            super().handle(listener, Replayed(client, rest), addr)  # type: ignore[arg-type]  # as good as a socket

    def notify(self) -> None:
        super().notify()
        now = time.monotonic()
        if now >= self._looked_at + LOOK_S:
            self._looked_at = now
            for link in self._links:
                link.end_if_silent(now)

    def _connection_environ(self, listener: socket.socket, client: socket.socket, addr: Any) -> Environ:
        """What all requests of a connection have in common."""
        host, port = listener.getsockname()[:2]
        return {
            **base_environ(self.cfg),
            "wsgi.multithread": True,
            "wsgi.url_scheme": "http",
            "gunicorn.socket": client,
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": addr[0],
            "REMOTE_PORT": str(addr[1]),
            "SCRIPT_NAME": "",
        }

    def _serve(self, client: socket.socket, link: ClientLink, common: Environ) -> bytes:
        """Answer requests until the connection ends (empty), or return what gunicorn's loop has to read again."""
        data = b""
        turns = 0
        while True:
            data = data or link.receive(RECEIVE_BYTES)
            if not data:
                return b""
            self._idle.discard(client)
            self._busy.add(client)
            try:
                environ, data = self._read(link, data, common)
            except Unusual as unusual:
                return bytes(unusual.args[0])
            keep = self._answer(link, environ)
            self._busy.discard(client)
            self._idle.add(client)
            if not keep:
                return b""
            turns += 1
            if data or turns % TURNS == 0:
                gevent.sleep(0)

    def _read(self, link: ClientLink, data: bytes, common: Environ) -> tuple[Environ, bytes]:
        """One request's environ, and the bytes behind it. Raises Unusual with all bytes read so far."""
        try:
            head = gunicorn_h1c.parse_request(data, **self._limits)
            environ = self._environ(head, common)
        except (gunicorn_h1c.ParseError, gunicorn_h1c.IncompleteError, Unusual) as error:
            raise Unusual(data) from error
        length = int(environ.get("CONTENT_LENGTH", "0"))
        if length > MAX_BODY_BYTES:
            raise Unusual(data)
        start = head["consumed"]
        end = start + length
        if len(data) < end:
            data = _filled(link, data, end)
        environ["wsgi.input"] = BytesIO(data[start:end])
        return environ, data[end:]

    def _environ(self, head: dict[str, Any], common: Environ) -> Environ:
        """Raises Unusual."""
        method, target = head["method"].decode("latin-1"), head["path"].decode("latin-1")
        if head["minor_version"] != 1 or method not in _METHODS:
            raise Unusual
        if target[:1] != "/" or "#" in target or not (target.isascii() and target.isprintable()):
            raise Unusual
        path, _, query = target.partition("?")
        environ = common.copy()
        environ["REQUEST_METHOD"] = method
        environ["RAW_URI"] = target
        environ["PATH_INFO"] = unquote_to_wsgi_str(path) if "%" in path else path
        environ["QUERY_STRING"] = query
        for raw, value in head["headers"]:
            key = self._names.key(raw)
            if key is not None:
                _add(environ, key, value.decode("latin-1"))
        return environ

    def _answer(self, link: ClientLink, environ: Environ) -> bool:
        """Whether the connection may be used again."""
        keep = self.alive and environ.get("HTTP_CONNECTION", "").lower() != "close"
        reply = Reply(link, environ["REQUEST_METHOD"], keep=keep, date=self._clock.text())
        body: Iterable[bytes] | None = None
        try:
            body = self.wsgi(environ, reply.start)
            reply.write_all(body)
        except OSError:
            raise
        except Exception:
            self.log.exception("Error handling request %s", environ["PATH_INFO"])
            return reply.fail()
        finally:
            _close(body)
        return keep


def _add(environ: Environ, key: str, value: str) -> None:
    """Repeated headers are joined, except those that must not be repeated. Raises Unusual."""
    if key not in environ:
        if key == "CONTENT_LENGTH" and not (value.isascii() and value.isdigit() and len(value) < 20):
            raise Unusual
        environ[key] = value
    elif key in ("HTTP_HOST", "CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_CONNECTION"):
        raise Unusual
    else:
        environ[key] += f",{value}"


def _filled(link: ClientLink, data: bytes, end: int) -> bytes:
    """`data` with what follows on the connection, at least `end` bytes. Raises ConnectionError when it ends early."""
    pieces, have = [data], len(data)
    while have < end:
        piece = link.receive(RECEIVE_BYTES)
        if not piece:
            raise ConnectionAbortedError
        pieces.append(piece)
        have += len(piece)
    return b"".join(pieces)


def _close(body: Iterable[bytes] | None) -> None:
    """As WSGI asks: however the answer ended."""
    close = getattr(body, "close", None)
    if close is not None:
        close()
