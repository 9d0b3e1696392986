"""A stand-in for Hugging Face's hub: lists trees, sends files in ranges from another address, and breaks on command.

Paths, headers and codes are those of https://huggingface.co, as huggingface_hub asks for them and reads them.
"""

from __future__ import annotations

import hashlib
import json
import socket
import ssl
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

STORE = "/store/"
"""The hub itself only redirects to where large files are."""


class Hub:
    """`put` adds a file; `requests` has method, path and headers of each request, in order."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                hub._connections.add(self.connection)

            def finish(self) -> None:
                hub._connections.discard(self.connection)
                super().finish()

            def do_GET(self) -> None:
                hub._answer(self)

            def do_HEAD(self) -> None:
                hub._answer(self)

            def log_message(self, *args: Any) -> None:
                """Tests look at `requests`."""

        self._files: dict[str, dict[str, bytes]] = {}
        self._wrong: set[str] = set()
        self._connections: set[socket.socket] = set()
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.tokens = {"hf_secret"}
        """Of accounts; any other token is refused."""
        self.gated: set[str] = set()
        """Repositories that anybody may list, and nobody may fetch from."""
        self.private: set[str] = set()
        """Repositories for whoever has a token."""
        self.trees: dict[str, Any] = {}
        """What is answered in place of a repository's tree."""
        self.page_length = 1000
        """Of a tree."""
        self.busy = 0
        """How many of the next requests for a file's content are answered with 503."""
        self.cut_after: list[int] = []
        """Of the next answers with a file: how many bytes are sent before the connection breaks."""
        self.stall_after: int | None = None
        """How many bytes of a file are sent before nothing more comes, until `go`."""
        self.go = threading.Event()
        # Two ports are two origins: a token for the one is not for the other.
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2)]
        for server in self._servers:
            server.daemon_threads = False
            if context is not None:
                server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "http" if context is None else "https"
        self.url, self.store = [f"{scheme}://127.0.0.1:{server.server_address[1]}" for server in self._servers]
        self._threads = [threading.Thread(target=server.serve_forever, args=(0.02,)) for server in self._servers]
        for thread in self._threads:
            thread.start()

    def put(self, repository: str, path: str, content: bytes, *, digest_is_wrong: bool = False) -> None:
        self._files.setdefault(repository, {})[path] = content
        if digest_is_wrong:
            self._wrong.add(path)

    def ranges(self) -> list[str | None]:
        """Of each request for a file's content."""
        return [headers.get("Range") for method, path, headers in self.requests if path.startswith(STORE)]

    def close(self) -> None:
        self.go.set()
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.shutdown()
            thread.join()
            # Clients keep theirs for a next request.
            for connection in self._connections.copy():
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        path = unquote(parts.path)
        self.requests.append((request.command, path, {name.title(): value for name, value in request.headers.items()}))
        token = (request.headers.get("Authorization") or "").removeprefix("Bearer ")
        match path.strip("/").split("/"):
            case ["store", owner, name, *rest]:
                content = self._files.get(f"{owner}/{name}", {}).get("/".join(rest))
                if content is None:
                    self._refuse(request, 404, None, "Not Found")
                elif self.busy:
                    self.busy -= 1
                    self._refuse(request, 503, None, "Service Unavailable")
                else:
                    self._send_file(request, content)
            case _ if token and token not in self.tokens:
                self._refuse(request, 401, None, "Invalid credentials in Authorization header")
            case ["api", "models", owner, name, "tree", revision]:
                if self._may_see(request, f"{owner}/{name}", revision, token):
                    self._send_tree(request, f"{owner}/{name}", int(parse_qs(parts.query).get("cursor", ["0"])[0]))
            case [owner, name, "resolve", revision, *rest]:
                if self._may_see(request, f"{owner}/{name}", revision, token):
                    self._send_where(request, f"{owner}/{name}", "/".join(rest), token)
            case _:
                self._refuse(request, 404, None, "Not Found")

    def _may_see(self, request: BaseHTTPRequestHandler, repository: str, revision: str, token: str) -> bool:
        known = repository in self._files.keys() | self.trees.keys()
        if not known or (repository in self.private and not token):
            # The hub doesn't tell who may not see a repository whether there is one.
            if token:
                self._refuse(request, 404, "RepoNotFound", "Repository not found")
            else:
                self._refuse(request, 401, "RepoNotFound", "Invalid username or password.")
            return False
        if revision != "main":
            self._refuse(request, 404, "RevisionNotFound", f"Invalid rev id: {revision}")
            return False
        return True

    def _send_tree(self, request: BaseHTTPRequestHandler, repository: str, begin: int) -> None:
        tree = self.trees.get(repository)
        if tree is not None:
            self._send(request, 200, json.dumps(tree).encode())
            return
        entries, end = self._tree(repository), begin + self.page_length
        following = f"{self.url}/api/models/{repository}/tree/main?recursive=True&cursor={end}"
        more = {"Link": f'<{following}>; rel="next"'} if end < len(entries) else {}
        self._send(request, 200, json.dumps(entries[begin:end]).encode(), **more)

    def _tree(self, repository: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = [{"type": "directory", "oid": "d", "size": 0, "path": "figures"}]
        for path, content in self._files[repository].items():
            digest = "0" * 64 if path in self._wrong else hashlib.sha256(content).hexdigest()
            lfs = {"oid": digest, "size": len(content), "pointerSize": 135}
            entries.append({"type": "file", "oid": digest[:40], "size": len(content), "path": path, "lfs": lfs})
        return entries

    def _send_where(self, request: BaseHTTPRequestHandler, repository: str, path: str, token: str) -> None:
        content = self._files.get(repository, {}).get(path)
        if content is None:
            self._refuse(request, 404, "EntryNotFound", "Entry not found")
        elif repository in self.gated:
            self._refuse(request, 403 if token else 401, "GatedRepo", f"Access to model {repository} is restricted.")
        else:
            linked = {"X-Linked-Size": str(len(content)), "X-Linked-ETag": f'"{hashlib.sha256(content).hexdigest()}"'}
            where = f"{self.store}{STORE}{repository}/{path}"
            self._send(request, 302, b"", **{"Location": where, "X-Repo-Commit": "c" * 40, **linked})

    def _refuse(self, request: BaseHTTPRequestHandler, status: int, code: str | None, message: str) -> None:
        named = {} if code is None else {"X-Error-Code": code}
        body = json.dumps({"error": message}).encode()
        self._send(request, status, body, **{"X-Error-Message": message, **named})

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
        is_file = request.path.startswith(STORE) and status in (200, 206)
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
