"""One running gateway for all tests of a process, and upstream servers behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.e2e.gateway import Gateway
from tests.support.upstream import Upstream

Provide = Callable[..., str]


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


@pytest.fixture
def provide(gateway: Gateway) -> Iterator[Provide]:
    """`provide(upstream, idle_timeout=1.0)` adds a provider for the test and gives its slug."""
    added: list[str] = []

    def provide(upstream: Upstream, **fields: object) -> str:
        added.append(gateway.add_provider(upstream, **fields))
        return added[-1]

    yield provide
    for slug in added:
        gateway.remove_provider(slug)


@pytest.fixture
def model(upstream: Upstream, provide: Provide) -> str:
    """The name of the chat model of `upstream`."""
    return f"{provide(upstream)}/hello-1"
