"""What vendors really send (tests/fixtures/upstream), played by the test's server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.providers.base import Provider
from app.providers.registry import kinds
from tests.support.replies import respond
from tests.support.upstream import Upstream

ProviderOf = Callable[[str, Upstream], Provider]
RECORDINGS = Path(__file__).parents[1] / "fixtures" / "upstream"
KINDS = sorted(kinds())
SSE = {"Content-Type": "text/event-stream"}


def recorded(kind: str, name: str) -> bytes:
    return (RECORDINGS / kind / name).read_bytes()


def playing(upstream: Upstream, kind: str, name: str, status: int = 200) -> None:
    """The server answers with a recording."""
    if name.endswith(".sse"):
        upstream.will(respond(status, recorded(kind, name), headers=SSE, framing="chunked"))
    else:
        upstream.will(respond(status, recorded(kind, name), headers={"Content-Type": "application/json"}))
