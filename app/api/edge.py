"""The outermost WSGI layer: request ids, CORS, proxies, and the short cut from the hot routes to the data path.

A hot route is answered without Flask; the same function stands behind Flask's view of the route, and a test holds that
both give identical bytes.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.client import responses
from typing import Any

from app.api.client_watch import ClientWatch
from app.api.parsing import MAX_JSON_BYTES
from app.api.wire import WireReply, WireRequest
from app.domain.ids import ordered_hex
from app.domain.stopping import Stop
from app.gateway.draining import Draining
from app.gateway.request_log import RequestLog
from config import Config

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
HotRoutes = Mapping[str, Callable[[WireRequest], WireReply]]

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_STATUS_LINES = {status: f"{status} {words}" for status, words in responses.items()} | {
    499: "499 Client Closed Request",
    498: "498 Capacity Exceeded",
}
CLIENT_WATCH = "patchbay.client_watch"
"""The environ's key of the connection's ClientWatch."""


class Edge:
    """Wraps the Flask application. `hot` maps paths to the data path's functions (for POST)."""

    def __init__(
        self,
        inner: Callable[..., Iterable[bytes]],
        hot: HotRoutes,
        config: Config,
        draining: Draining,
        log: RequestLog,
    ) -> None:
        self._inner = inner
        self._log = log
        self._hot = hot
        self._draining = draining
        self._trusted = tuple(ipaddress.ip_network(one, strict=False) for one in config.trusted_proxies)
        self._prefix = prefix_of(config.public_url)
        self._cors = Cors(config.cors_origins)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        started = time.monotonic()
        self._believe_proxy(environ)
        self._strip_prefix(environ)
        given = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else ordered_hex()
        environ["patchbay.request_id"] = request_id
        extra = [("X-Request-Id", request_id), *self._cors.headers(environ)]
        if self._cors.is_preflight(environ):
            start_response("204 No Content", [*extra, *self._cors.preflight_headers(environ)])
            return [b""]
        handler = self._hot.get(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "POST" else None
        if handler is not None:
            return self._hot_call(handler, environ, start_response, extra)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            self._note(environ, status, started)
            return start_response(status, [*headers, *extra], *rest)

        return self._inner(environ, start)

    def _hot_call(
        self,
        handler: Callable[[WireRequest], WireReply],
        environ: Environ,
        start_response: StartResponse,
        extra: list[tuple[str, str]],
    ) -> Iterable[bytes]:
        started = time.monotonic()
        reply, guard = watched_call(handler, environ, environ["patchbay.request_id"], self._draining)
        status = _STATUS_LINES.get(reply.status) or f"{reply.status} Error"
        headers = [*reply.headers, *extra]
        if isinstance(reply.body, bytes):
            guard.close()
            headers.append(("Content-Length", str(len(reply.body))))
            start_response(status, headers)
            self._note(environ, status, started)
            return [reply.body]
        start_response(status, headers)
        return GuardedBody(reply.body, guard, lambda: self._note(environ, status, started))

    def _note(self, environ: Environ, status: str, started: float) -> None:
        self._log.request(
            environ["patchbay.request_id"],
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            status,
            (time.monotonic() - started) * 1000,
        )

    def _believe_proxy(self, environ: Environ) -> None:
        """Take address, scheme and host from X-Forwarded-* where the peer is a trusted proxy, the only one believed."""
        if not self._trusted or not self._is_trusted(environ.get("REMOTE_ADDR", "")):
            return
        chain = [one.strip() for one in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if one.strip()]
        # From the right: the first address that is not a proxy of ours is the client's.
        client = next((one for one in reversed(chain) if not self._is_trusted(one)), chain[0] if chain else None)
        if client is not None:
            environ["REMOTE_ADDR"] = client
        scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip()
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme
        host = environ.get("HTTP_X_FORWARDED_HOST", "").rpartition(",")[2].strip()
        if host:
            environ["HTTP_HOST"] = host

    def _is_trusted(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._trusted)

    def _strip_prefix(self, environ: Environ) -> None:
        """Serve below PUBLIC_URL's path, whether the proxy in front strips it or not."""
        prefix = self._prefix
        if not prefix:
            return
        environ["SCRIPT_NAME"] = prefix
        path = environ["PATH_INFO"]
        if path == prefix or path.startswith(prefix + "/"):
            environ["PATH_INFO"] = path[len(prefix) :] or "/"


class Guard:
    """What stands around a call while it runs: the client's watch and the register of open calls."""

    __slots__ = ("_draining", "_end_watch", "_stop")

    def __init__(self, environ: Environ, stop: Stop, draining: Draining) -> None:
        self._draining = draining
        self._stop = stop
        self._end_watch: Callable[[], None] | None = None
        draining.register(stop)
        # The connection's own, from our request loop; else one for this call, by gunicorn's own key. Other servers have
        # neither, and then only writing tells.
        watch: ClientWatch | None = environ.get(CLIENT_WATCH)
        if watch is not None:
            self._end_watch = watch.unwatch
        elif (sock := environ.get("gunicorn.socket")) is not None:
            watch = ClientWatch(sock.fileno())
            self._end_watch = watch.close
        if watch is not None:
            watch.watch(stop)

    def close(self) -> None:
        self._draining.unregister(self._stop)
        if self._end_watch is not None:
            self._end_watch()
            self._end_watch = None


class GuardedBody:
    """A streamed body; its guard ends with it. The server calls `close` however it ends."""

    __slots__ = ("_guard", "_note", "_pieces")

    def __init__(self, pieces: Iterator[bytes], guard: Guard, note: Callable[[], None] | None = None) -> None:
        """`note` is called once, at the end."""
        self._pieces = pieces
        self._guard = guard
        self._note = note

    def __iter__(self) -> Iterator[bytes]:
        # A server that reads to the end and forgets to close leaves nothing behind either.
        try:
            yield from self._pieces
        finally:
            self.close()

    def close(self) -> None:
        try:
            self._pieces.close()  # type: ignore[attr-defined]  # a generator
        finally:
            self._guard.close()
            note, self._note = self._note, None
            if note is not None:
                note()


def watched_call(
    handler: Callable[[WireRequest], WireReply],
    environ: Environ,
    request_id: str,
    draining: Draining,
    max_bytes: int = MAX_JSON_BYTES,
) -> tuple[WireReply, Guard]:
    """The handler's reply, and the guard to close when the reply has been written."""
    body = read_body(environ, max_bytes + 1)
    request = WireRequest(wire_headers(environ), body, request_id)
    guard = Guard(environ, request.stop, draining)
    try:
        return handler(request), guard
    except BaseException:
        guard.close()
        raise


def wire_headers(environ: Environ) -> dict[str, str]:
    """The few headers that the data path reads."""
    found = {}
    for name, key in _WIRE_HEADERS:
        value = environ.get(key)
        if value is not None:
            found[name] = value
    return found


_WIRE_HEADERS = (
    ("authorization", "HTTP_AUTHORIZATION"),
    ("x-api-key", "HTTP_X_API_KEY"),
    ("content-type", "CONTENT_TYPE"),
    ("x-patchbay-strict", "HTTP_X_PATCHBAY_STRICT"),
)


def read_body(environ: Environ, at_most: int) -> bytes:
    """One byte more than is allowed, so that the handler can tell."""
    length = environ.get("CONTENT_LENGTH")
    limit = min(int(length), at_most) if length and length.isdigit() else at_most
    data: bytes = environ["wsgi.input"].read(limit)
    return data


def prefix_of(public_url: str | None) -> str:
    """The path of PUBLIC_URL without a slash at its end: `https://x.example/patchbay/` → `/patchbay`."""
    if public_url is None:
        return ""
    return "/" + path if (path := public_url.partition("://")[2].partition("/")[2].strip("/")) else ""


class Cors:
    """CORS for the listed origins, on every answer (also errors)."""

    def __init__(self, origins: tuple[str, ...]) -> None:
        self._any = origins == ("*",)
        self._origins = frozenset(one.rstrip("/") for one in origins)

    def headers(self, environ: Environ) -> list[tuple[str, str]]:
        if not self._origins:
            return []
        if self._any:
            return [("Access-Control-Allow-Origin", "*"), _EXPOSED]
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or origin not in self._origins:
            # A cache must not give this answer to a page of a listed origin.
            return [("Vary", "Origin")]
        return [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Allow-Credentials", "true"),
            ("Vary", "Origin"),
            _EXPOSED,
        ]

    def is_preflight(self, environ: Environ) -> bool:
        return (
            environ["REQUEST_METHOD"] == "OPTIONS"
            and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
            and bool(self._origins)
        )

    def preflight_headers(self, environ: Environ) -> list[tuple[str, str]]:
        origin = environ.get("HTTP_ORIGIN")
        if not self._any and origin not in self._origins:
            return []
        return [
            ("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS"),
            ("Access-Control-Allow-Headers", environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")),
            ("Access-Control-Max-Age", "600"),
        ]


_EXPOSED = (
    "Access-Control-Expose-Headers",
    "X-Request-Id, X-Patchbay-Provider, X-Patchbay-Model, X-Patchbay-Attempts, X-Patchbay-Overhead-Ms,"
    " X-Patchbay-Config-Version, X-Patchbay-Dropped, Retry-After, Location, Content-Disposition",
)
