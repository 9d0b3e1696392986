"""Fixtures around the upstream server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.upstream import Upstream, UpstreamProcess

NewUpstream = Callable[..., Upstream]


@pytest.fixture(scope="session")
def upstream_process() -> Iterator[UpstreamProcess]:
    with UpstreamProcess() as process:
        yield process


@pytest.fixture
def new_upstream(upstream_process: UpstreamProcess) -> Iterator[NewUpstream]:
    """Opens ports, each with its own behaviour and record: `new_upstream(speaks="tls", certificate="expired")`."""
    opened: list[Upstream] = []

    def open_port(**manners: object) -> Upstream:
        opened.append(upstream_process.open(**manners))
        return opened[-1]

    yield open_port
    for upstream in opened:
        upstream.close()


@pytest.fixture
def upstream(new_upstream: NewUpstream) -> Upstream:
    """A friendly server that can be told to be otherwise."""
    return new_upstream()
