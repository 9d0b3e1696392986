"""Every provider's model list, cached; a list that is being refreshed, or can't be, is served with its age."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import gevent

from app.domain.catalog import ModelInfo, ModelState, ProviderConfig
from app.domain.errors import GatewayError
from app.domain.snapshot import Snapshot
from app.gateway.connections import Connections
from app.gateway.health import Health

FRESH_S = 300.0
LOCAL_FRESH_S = 2.0
ASK_AGAIN_S = 15.0
WAIT_S = 5.5
"""A little more than a provider's own 5 s, so that its reason is known when the wait ends."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What one provider listed. `error` tells why the newest try failed; `models` are then older, or none."""

    config: ProviderConfig
    models: tuple[ModelInfo, ...] = ()
    listed_at: float | None = None
    """Monotonic clock."""
    tried_at: float | None = None
    error: str | None = None

    def age_s(self) -> float | None:
        return None if self.listed_at is None else time.monotonic() - self.listed_at

    def model(self, identifier: str) -> ModelInfo | None:
        return next((one for one in self.models if one.id == identifier), None)


class ModelLists:
    """`generation` grows whenever a list changes, so that what was derived from lists can be kept until then."""

    def __init__(self, connections: Connections, health: Health) -> None:
        self._connections = connections
        self._health = health
        self._listings: dict[str, Listing] = {}
        self._running: dict[tuple[str, int], gevent.Greenlet] = {}
        """By provider and version of its configuration: an answer of an older one is of no use to a newer one."""
        self.generation = 0
        self._unloaded_at: dict[str, dict[str, datetime]] = {}

    def listings(
        self, configs: Sequence[ProviderConfig], *, refresh: bool = False, wait_s: float = WAIT_S
    ) -> list[Listing]:
        """One per provider. Waits only for those never asked before (all at once), or for all when `refresh`."""
        awaited = [running for config in configs if (running := self._ask_if_needed(config, refresh)) is not None]
        if awaited:
            gevent.joinall(awaited, timeout=wait_s)
        return [self._known(config) for config in configs]

    def ask_again(self, config: ProviderConfig, wait_s: float = WAIT_S) -> Listing:
        """The list as it is from now on: an answer that was on its way already does not count."""
        deadline = time.monotonic() + wait_s
        earlier = self._running.get((config.id, config.version))
        if earlier is not None:
            gevent.joinall([earlier], timeout=wait_s)
        gevent.joinall([self._start(config)], timeout=max(0.0, deadline - time.monotonic()))
        return self._known(config)

    def ask_all(self, configs: Sequence[ProviderConfig]) -> None:
        """Start asking where it is due, and wait for nobody."""
        for config in configs:
            self._ask_if_needed(config, refresh=False)

    def on_change(self, snapshot: Snapshot) -> None:
        """Forget providers that are gone."""
        for identifier in self._listings.keys() - snapshot.provider_ids:
            del self._listings[identifier]
            self._unloaded_at.pop(identifier, None)

    def seen_unloaded_at(self, model: ModelInfo) -> datetime | None:
        """When a list has last shown to this process that it was not in memory."""
        owner = next((one.config.id for one in self._listings.values() if one.config.slug == model.provider), "")
        return self._unloaded_at.get(owner, {}).get(model.id)

    def close(self) -> None:
        """Ask nobody any longer: connections to servers that stay silent are closed, not left to the collector."""
        gevent.killall(list(self._running.values()))

    def _ask_if_needed(self, config: ProviderConfig, refresh: bool) -> gevent.Greenlet | None:
        """Starts what has to be asked; returns what the caller has to wait for."""
        listing = self._known(config)
        never_asked = listing.tried_at is None
        if refresh or never_asked or _is_due(listing, self._is_local(config)):
            running = self._start(config)
            return running if refresh or never_asked else None
        return None

    def _known(self, config: ProviderConfig) -> Listing:
        listing = self._listings.get(config.id)
        if listing is None or listing.config.version != config.version:
            return Listing(config)
        return listing

    def _is_local(self, config: ProviderConfig) -> bool:
        return self._connections.to(config).KIND.local

    def _start(self, config: ProviderConfig) -> gevent.Greenlet:
        which = (config.id, config.version)
        running = self._running.get(which)
        if running is None:
            running = self._running[which] = gevent.spawn(self._ask, config)
            running.link(lambda _: self._running.pop(which, None))
        return running

    def _ask(self, config: ProviderConfig) -> None:
        started = time.monotonic()
        before = self._known(config)
        try:
            models = tuple(self._connections.to(config).models())
        except GatewayError as error:
            self._health.note_failure(config.id, error)
            self._keep(Listing(config, before.models, before.listed_at, time.monotonic(), error.message))
            return
        now = time.monotonic()
        self._health.note_ok(config.id, (now - started) * 1000)
        self._keep(Listing(config, models, now, now))

    def _keep(self, listing: Listing) -> None:
        before = self._listings.get(listing.config.id)
        if before is not None and before.config.version > listing.config.version:
            return
        self._listings[listing.config.id] = listing
        if listing.error is None:
            now, gone = datetime.now(UTC), self._unloaded_at.setdefault(listing.config.id, {})
            gone.update({one.id: now for one in listing.models if one.state is ModelState.NOT_LOADED})
        if before is None or before.models != listing.models or before.config.version != listing.config.version:
            self.generation += 1


def _is_due(listing: Listing, local: bool) -> bool:
    now = time.monotonic()
    assert listing.tried_at is not None
    if listing.error is not None:
        return now - listing.tried_at >= ASK_AGAIN_S
    return now - listing.tried_at >= (LOCAL_FRESH_S if local else FRESH_S)
