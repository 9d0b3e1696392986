"""Clients that are closed when their test ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from app.domain.catalog import ProviderConfig
from app.domain.stopping import Stop
from app.providers.base import Attempt
from app.providers.http.client import Head, HttpCall, HttpClient, Patience
from app.providers.http.target import Target


@dataclass
class Asking:
    """A client with a call to make; `silences` are the times when it told about a pause."""

    client: HttpClient
    stop: Stop = field(default_factory=Stop)
    told_at: float = field(default_factory=time.monotonic)
    silences: list[float] = field(default_factory=list)
    waited_s: float = 0.0

    def pieces(self, body: bytes = b"{}", *, within_s: float = 5.0, method: str = "POST") -> Iterator[Head | bytes]:
        attempt = Attempt(self.stop, time.monotonic() + 20, self.told_at)
        headers = {"Content-Type": "application/json", "X-Extra": "yes"}
        patience = Patience(time.monotonic() + within_s, "took too long")
        for piece in self.client.call(HttpCall(method, "/chat/completions", headers, body, patience, attempt)):
            self.waited_s = attempt.waited_s
            if piece is None:
                self.silences.append(time.monotonic())
            else:
                yield piece

    def ask(self, body: bytes = b"{}", *, within_s: float = 5.0, method: str = "POST") -> tuple[Head, bytes]:
        head, *parts = self.pieces(body, within_s=within_s, method=method)
        assert isinstance(head, Head)
        return head, b"".join(part for part in parts if isinstance(part, bytes))


To = Callable[..., Asking]


@pytest.fixture
def to() -> Iterator[To]:
    """A client of a base address; further arguments are fields of its Target, or the configuration's proxy and CA."""
    opened: list[HttpClient] = []

    def new(base_url: str, *, proxy_url: str | None = None, ca_pem: str | None = None, **target: object) -> Asking:
        config = ProviderConfig(
            id="p1", slug="box", name="Box", kind="openai", base_url=base_url, proxy_url=proxy_url, ca_pem=ca_pem
        )
        wanted = replace(Target.of(config, allow_private=True), **target)  # type: ignore[arg-type]  # a test names them
        opened.append(HttpClient(wanted, "Box"))
        return Asking(opened[-1])

    yield new
    for client in opened:
        client.close()
