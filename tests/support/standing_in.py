"""Stand-ins for servers that remember what was done to them: real HTTP from a thread of the test's own process.

The upstream server (`tests.support.upstream`) answers what it is told; these answer by what happened before, such as
the loading of a model.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import msgspec


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    key: str


@dataclass(frozen=True)
class Said:
    """A document, or `lines` of them that are sent one by one (NDJSON)."""

    document: Any = None
    status: int = 200
    lines: Iterable[Any] = field(default=(), kw_only=True)
    is_stream: bool = field(default=False, kw_only=True)


class StandIn:
    """One port. `requests` is what was asked, in order."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.left = threading.Event()
        """A client closed its connection before all was said."""
        self.lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def asked(self, path: str) -> list[Asked]:
        with self.lock:
            return [one for one in self.requests if one.path == path]

    def answer(self, asked: Asked) -> Said:
        raise NotImplementedError

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_DELETE(self) -> None:
            self._answer()

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            url = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(url.query).items()}
            key = self.headers.get("Authorization", "").removeprefix("Bearer ")
            asked = Asked(self.command, url.path, query, msgspec.json.decode(content) if content else None, key)
            with stand_in.lock:
                stand_in.requests.append(asked)
                said = stand_in.answer(asked)
            self.close_connection = True
            if said.is_stream:
                self._send_lines(said)
                return
            body = b"" if said.document is None else msgspec.json.encode(said.document)
            try:
                self._send_head(said.status, "application/json", ("Content-Length", str(len(body))))
                self.wfile.write(body)
            except OSError:
                stand_in.left.set()

        def _send_lines(self, said: Said) -> None:
            self._send_head(said.status, "application/x-ndjson", ("Transfer-Encoding", "chunked"))
            try:
                for line in said.lines:
                    data = msgspec.json.encode(line) + b"\n"
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
                self.wfile.write(b"0\r\n\r\n")
            except OSError:
                stand_in.left.set()

        def _send_head(self, status: int, content_type: str, length: tuple[str, str]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header(*length)
            self.send_header("Connection", "close")
            self.end_headers()

        def log_request(self, *_: object) -> None:
            """Standard error belongs to the tests."""

    return Handler
