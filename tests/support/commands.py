"""What travels between a test and the upstream server's process."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from tests.support.certificates import Certificate
from tests.support.replies import Headers, Reply


class Manners(msgspec.Struct, frozen=True, kw_only=True):
    """How a port treats connections, whatever is asked on them."""

    speaks: Literal["http", "tls", "banner", "silence", "nothing", "deaf"] = "http"
    """`silence` accepts and never says a word, `nothing` refuses connections, `deaf` lets them time out."""
    certificate: Certificate = "good"
    banner: bytes = b"SSH-2.0-OpenSSH_9.9\r\n"
    plain_reply: bytes = b""
    """What a TLS port says to a client that does not speak TLS, before it closes."""
    host: str = "127.0.0.1"
    port: int = 0
    """Where a port is opened; any that is free unless given."""
    key: str | None = None
    """Requests without this bearer key get 401."""
    idle_close_s: float | None = None
    """Closes connections that asked nothing for so long."""
    requests_per_connection: int | None = None
    afterwards: Literal["close", "reset"] = "close"
    """After so many requests: closes without notice, or takes one more request and resets without a reply."""


class Rule(msgspec.Struct, frozen=True):
    """`on` is a method and a path, both with wildcards; requests take the replies in turn, the last one stays."""

    on: str
    replies: tuple[Reply, ...]


class Received(msgspec.Struct, kw_only=True):
    """A request as it came. Times are `time.monotonic()`, which all processes of a machine share."""

    method: str
    target: str
    """Path and query as they were on the request line."""
    raw_headers: Headers
    body: bytes
    connection: int
    """Requests on one connection have the same number."""
    came_at: float
    answered_at: float | None = None
    """When the last byte of the reply was handed to the network."""
    left_at: float | None = None
    """When the client closed the connection before the reply was complete."""

    @property
    def path(self) -> str:
        # Not urlsplit, which takes `//v1/models` for a server called `v1`.
        return self.target.partition("?")[0]

    @property
    def headers(self) -> dict[str, str]:
        """By lower-case name."""
        return {name.lower(): value for name, value in self.raw_headers}

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def key(self) -> str:
        """What follows `Bearer`, or nothing."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")


class Log(msgspec.Struct):
    """All that a port has seen."""

    requests: list[Received]
    connections: int
    """How many were ever accepted."""
    open_connections: int


class Opened(msgspec.Struct):
    """A port that was opened."""

    id: int
    port: int
    ca_pem: str
