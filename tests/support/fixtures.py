"""Fixtures around the upstream server and the simulated LM Studio."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.lmstudio.server import LMStudio, LMStudioProcess
from tests.support.upstream import Upstream, UpstreamProcess

NewUpstream = Callable[..., Upstream]
NewLMStudio = Callable[..., LMStudio]


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


@pytest.fixture(scope="session")
def lmstudio_process() -> Iterator[LMStudioProcess]:
    with LMStudioProcess() as process:
        yield process


@pytest.fixture
def new_lmstudio(lmstudio_process: LMStudioProcess) -> Iterator[NewLMStudio]:
    """Simulated LM Studios: `new_lmstudio("0.3.6", jit=False)`; further arguments are fields of its `Switches`."""
    opened: list[LMStudio] = []

    def open_port(version: str = "0.4.23", **switches: Any) -> LMStudio:
        opened.append(lmstudio_process.lmstudio(version, **switches))
        return opened[-1]

    yield open_port
    for server in opened:
        server.close()


@pytest.fixture
def lmstudio(new_lmstudio: NewLMStudio) -> LMStudio:
    return new_lmstudio()
