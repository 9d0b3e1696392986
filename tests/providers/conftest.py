"""The upstream server for the tests of everything that speaks to vendors, and providers connected to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.providers.base import Provider, Surroundings
from app.providers.engine.client import EngineClient
from app.providers.engine.messages import EngineAddress, LoadOptions
from app.providers.registry import connect
from tests.providers.asking import KEY, config_of
from tests.providers.recordings import ProviderOf
from tests.support.fixtures import new_upstream, upstream, upstream_process

__all__ = ["new_upstream", "upstream", "upstream_process"]

NewProvider = Callable[..., Provider]


class OneModelEngine(EngineClient):
    """An engine whose one model is always loaded, at the address of the test's server."""

    def __init__(self, base_url: str) -> None:
        super().__init__(Path("nowhere.sock"))
        self._one = EngineAddress(base_url=base_url, api_key=KEY)

    def load(
        self, model: str, options: LoadOptions | None = None, *, wait_s: float = 300.0, pinned: bool = False
    ) -> EngineAddress:
        return self._one


@pytest.fixture
def new_provider() -> Iterator[NewProvider]:
    """Connects a provider of some kind to an address; further arguments are fields of its configuration."""
    opened: list[Provider] = []

    def new(kind: str, base_url: str, *, allow_private: bool = False, **changes: object) -> Provider:
        around = Surroundings(allow_private=allow_private, engine=OneModelEngine(base_url))
        opened.append(connect(config_of(kind, base_url, **changes), around))
        return opened[-1]

    yield new
    for provider in opened:
        provider.close()


@pytest.fixture
def provider_of(new_provider: NewProvider) -> ProviderOf:
    return lambda kind, upstream: new_provider(kind, upstream.base_url)
