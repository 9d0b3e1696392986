"""How many calls may run at a provider at once, over all workers."""

from __future__ import annotations

import time
from collections.abc import Generator

import structlog
from gevent.lock import Semaphore

from app.domain.catalog import ProviderConfig
from app.domain.errors import ProviderTimeout
from app.domain.events import HEARTBEAT_S, Burst
from app.gateway.places import PlacesAway, Release, SharedPlaces
from app.providers.base import Attempt
from app.providers.http.waiting import acquire, sleep

log = structlog.get_logger()

LOOK_AGAIN_S = 0.05
LEASE_MARGIN_S = 30.0


class Slots:
    """`max_concurrency` per provider; further calls wait for their turn.

    Without Redis the turn is in order. With it, places are shared by all workers and whoever looks first gets one.
    """

    def __init__(self, redis_url: str | None) -> None:
        self._semaphores: dict[str, tuple[int, Semaphore]] = {}
        self._places = None if redis_url is None else SharedPlaces(redis_url)

    def take(self, config: ProviderConfig, attempt: Attempt) -> Generator[Burst, None, Release | None]:
        """What gives the place back (None: no limit); an empty burst after each silent HEARTBEAT_S of waiting.

        Raises ProviderTimeout when no place became free in time, or the stop's reason.
        """
        limit = config.max_concurrency
        if limit is None:
            return None
        until = min(attempt.deadline, time.monotonic() + config.timeouts.first_token_s)
        while True:
            tick = min(until, time.monotonic() + HEARTBEAT_S)
            release = self._until(tick, config, limit, attempt)
            if release is not None:
                return release
            if time.monotonic() >= until:
                raise ProviderTimeout(
                    f"{config.name} is busy: all of its {limit} places were taken all the time.", provider=config.slug
                )
            yield ()

    def _until(self, tick: float, config: ProviderConfig, limit: int, attempt: Attempt) -> Release | None:
        if self._places is not None:
            try:
                return self._shared(self._places, tick, config, limit, attempt)
            except PlacesAway as error:
                # Fewer guarantees are better than no answers: this worker goes on counting by itself.
                log.error("shared_places_not_counted", provider=config.slug, error=str(error))
        semaphore = self._semaphore(config.id, limit)
        return semaphore.release if acquire(semaphore, tick, attempt.stop) else None

    def _shared(
        self, places: SharedPlaces, tick: float, config: ProviderConfig, limit: int, attempt: Attempt
    ) -> Release | None:
        while True:
            release = places.take(config.id, limit, config.timeouts.total_s + LEASE_MARGIN_S)
            if release is not None:
                return release
            if time.monotonic() >= tick:
                return None
            sleep(min(LOOK_AGAIN_S, max(0.0, tick - time.monotonic())), attempt.stop)

    def _semaphore(self, identifier: str, limit: int) -> Semaphore:
        known = self._semaphores.get(identifier)
        if known is None or known[0] != limit:
            known = self._semaphores[identifier] = (limit, Semaphore(limit))
        return known[1]
