"""How many calls may run at a provider at once."""

from __future__ import annotations

import time
from collections.abc import Generator

from gevent.lock import Semaphore

from app.domain.catalog import ProviderConfig
from app.domain.errors import ProviderTimeout
from app.domain.events import HEARTBEAT_S, Burst
from app.providers.base import Attempt
from app.providers.http.waiting import acquire


class Slots:
    """`max_concurrency` per provider; further calls wait for their turn, in order."""

    def __init__(self) -> None:
        self._semaphores: dict[str, tuple[int, Semaphore]] = {}

    def take(self, config: ProviderConfig, attempt: Attempt) -> Generator[Burst, None, Semaphore | None]:
        """The semaphore to release (None: no limit); an empty burst after each silent HEARTBEAT_S of waiting.

        Raises ProviderTimeout when no place became free in time, or the stop's reason.
        """
        limit = config.max_concurrency
        if limit is None:
            return None
        semaphore = self._semaphore(config.id, limit)
        until = min(attempt.deadline, time.monotonic() + config.timeouts.first_token_s)
        while not acquire(semaphore, min(until, time.monotonic() + HEARTBEAT_S), attempt.stop):
            if time.monotonic() >= until:
                raise ProviderTimeout(
                    f"{config.name} is busy: all of its {limit} places were taken all the time.", provider=config.slug
                )
            yield ()
        return semaphore

    def _semaphore(self, identifier: str, limit: int) -> Semaphore:
        known = self._semaphores.get(identifier)
        if known is None or known[0] != limit:
            known = self._semaphores[identifier] = (limit, Semaphore(limit))
        return known[1]
