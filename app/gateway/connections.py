"""Connected providers, one per configuration, replaced when it changes."""

from __future__ import annotations

from dataclasses import replace

from app.domain.catalog import ProviderConfig
from app.domain.snapshot import Snapshot
from app.providers.base import Provider, Surroundings
from app.providers.engine.client import EngineClient
from app.providers.engine.fetcher import HubAccess
from app.providers.registry import connect


class Connections:
    """`to(config)` gives the provider for exactly that version of a configuration."""

    def __init__(self, engine: EngineClient | None, hub: HubAccess | None = None) -> None:
        self._around = Surroundings(engine=engine, hub=hub or HubAccess())
        self._open: dict[str, Provider] = {}

    def to(self, config: ProviderConfig) -> Provider:
        provider = self._open.get(config.id)
        if provider is None or provider.config is not config:
            if provider is not None and provider.config == config:
                # The same in another snapshot: comparing once is enough.
                provider.config = config
                return provider
            provider = connect(config, self._around)
            replaced = self._open.get(config.id)
            self._open[config.id] = provider
            if replaced is not None:
                replaced.close()
        return provider

    def on_change(self, snapshot: Snapshot) -> None:
        """Forget providers that are gone, and all of them when the rules for addresses change."""
        around = replace(self._around, allow_private=snapshot.settings.personal_private_addresses_allowed)
        wanted = snapshot.provider_ids if around == self._around else frozenset[str]()
        self._around = around
        for identifier in [one for one in self._open if one not in wanted]:
            self._open.pop(identifier).close()

    def close(self) -> None:
        """Close what is idle; connections in use are closed when their call ends."""
        while self._open:
            self._open.popitem()[1].close()
