"""A stand-in for Hugging Face's hub: lists trees, sends files in ranges from another address, and breaks on command."""

from __future__ import annotations

import hashlib
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

STORE = "/store/"
"""The hub itself only redirects to where large files are."""


class Hub:
    """`put` adds a file; `requests` has method, path and headers of each request, in order."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                hub._answer(self)

            def do_HEAD(self) -> None:
                hub._answer(self)

            def log_message(self, *args: Any) -> None:
                """Tests look at `requests`."""

        self._files: dict[str, dict[str, bytes]] = {}
        self._wrong: set[str] = set()
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.cut_after: list[int] = []
        """Of the next answers with a file: how many bytes are sent before the connection breaks."""
        self.stall_after: int | None = None
        """How many bytes of a file are sent before nothing more comes, until `go`."""
        self.go = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "http" if context is None else "https"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def put(self, repository: str, path: str, content: bytes, *, digest_is_wrong: bool = False) -> None:
        self._files.setdefault(repository, {})[path] = content
        if digest_is_wrong:
            self._wrong.add(path)

    def ranges(self) -> list[str | None]:
        """Of each request for a file's content."""
        return [headers.get("Range") for method, path, headers in self.requests if path.startswith(STORE)]

    def close(self) -> None:
        self.go.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        path = unquote(urlsplit(request.path).path)
        self.requests.append((request.command, path, dict(request.headers)))
        match path.strip("/").split("/"):
            case ["api", "models", owner, name, "tree", "main"] if f"{owner}/{name}" in self._files:
                self._send(request, 200, json.dumps(self._tree(f"{owner}/{name}")).encode())
            case [owner, name, "resolve", "main", *rest] if "/".join(rest) in self._files.get(f"{owner}/{name}", {}):
                self._send(request, 302, b"", Location=f"{STORE}{owner}/{name}/{'/'.join(rest)}")
            case ["store", owner, name, *rest] if "/".join(rest) in self._files.get(f"{owner}/{name}", {}):
                self._send_file(request, self._files[f"{owner}/{name}"]["/".join(rest)])
            case ["api", *_]:
                # The hub doesn't tell who may not see a repository whether there is one.
                self._send(request, 401, b'{"error": "Invalid username or password."}')
            case _:
                self._send(request, 404, b"Entry not found")

    def _tree(self, repository: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = [{"type": "directory", "oid": "d", "size": 0, "path": "figures"}]
        for path, content in self._files[repository].items():
            digest = "0" * 64 if path in self._wrong else hashlib.sha256(content).hexdigest()
            lfs = {"oid": digest, "size": len(content), "pointerSize": 135}
            entries.append({"type": "file", "oid": "f", "size": len(content), "path": path, "lfs": lfs})
        return entries

    def _send_file(self, request: BaseHTTPRequestHandler, content: bytes) -> None:
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        wanted = request.headers.get("Range")
        if request.headers.get("If-Range", tag) != tag:
            wanted = None
        begin = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
        more = {"Content-Range": f"bytes {begin}-{len(content) - 1}/{len(content)}"} if wanted else {}
        self._send(request, 206 if wanted else 200, content[begin:], ETag=tag, **more)

    def _send(self, request: BaseHTTPRequestHandler, status: int, content: bytes, **headers: str) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        if request.command == "HEAD":
            return
        is_file = request.path.startswith(STORE)
        if is_file and self.cut_after:
            request.wfile.write(content[: self.cut_after.pop(0)])
            request.close_connection = True
        elif is_file and self.stall_after is not None:
            request.wfile.write(content[: self.stall_after])
            request.wfile.flush()
            self.go.wait(30)
            request.close_connection = True
        else:
            request.wfile.write(content)
