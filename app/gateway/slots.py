"""How many calls may run at a provider at once, over all workers."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator

import structlog
from gevent.lock import Semaphore

from app.domain.catalog import ProviderConfig
from app.domain.errors import ProviderTimeout
from app.domain.events import Burst
from app.domain.snapshot import Snapshot
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
        self._queues: dict[str, Queue] = {}
        self._places = None if redis_url is None else SharedPlaces(redis_url)

    def take(self, config: ProviderConfig, attempt: Attempt) -> Generator[Burst, None, Release | None]:
        """What gives the place back (None: no limit); an empty burst whenever a heartbeat is due.

        Raises ProviderTimeout when no place became free in time, or the stop's reason.
        """
        limit = config.max_concurrency
        if limit is None:
            return None
        until = min(attempt.deadline, time.monotonic() + config.timeouts.first_token_s)
        turn = self._queue(config.id, limit).enter()
        try:
            while True:
                began = time.monotonic()
                try:
                    release = self._until(min(until, attempt.heartbeat_at), config, limit, attempt, turn)
                finally:
                    attempt.waited_s += time.monotonic() - began
                if release is not None:
                    return release
                if time.monotonic() >= until:
                    raise ProviderTimeout(
                        f"{config.name} is busy: all of its {limit} places were taken all the time.",
                        provider=config.slug,
                    )
                yield ()
                attempt.told()
        finally:
            turn.leave()

    def on_change(self, snapshot: Snapshot) -> None:
        """Forget providers that are gone; calls that still run hold their queue themselves."""
        for identifier in self._queues.keys() - snapshot.provider_ids:
            del self._queues[identifier]

    def _until(self, tick: float, config: ProviderConfig, limit: int, attempt: Attempt, turn: Turn) -> Release | None:
        if self._places is not None:
            try:
                return self._shared(self._places, tick, config, limit, attempt)
            except PlacesAway as error:
                # Fewer guarantees are better than no answers: this worker goes on counting by itself.
                log.error("shared_places_not_counted", provider=config.slug, error=str(error))
        return turn.taken() if acquire(turn.called, tick, attempt.stop) else None

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

    def _queue(self, identifier: str, limit: int) -> Queue:
        queue = self._queues.get(identifier)
        if queue is None:
            queue = self._queues[identifier] = Queue()
        queue.limit = limit
        return queue


class Queue:
    """One provider's places in this process. Whoever came first is called first, however long they wait.

    gevent's semaphore would let a newcomer overtake, and whoever looks up for a heartbeat would go to the end.
    """

    def __init__(self) -> None:
        self.limit = 0
        self._busy = 0
        self._waiting: deque[Turn] = deque()

    def enter(self) -> Turn:
        turn = Turn(self)
        self._waiting.append(turn)
        self.call()
        return turn

    def call(self) -> None:
        """Give free places to those who wait."""
        while self._waiting and self._busy < self.limit:
            self._busy += 1
            self._waiting.popleft().called.release()

    def free(self) -> None:
        self._busy -= 1
        self.call()

    def forget(self, turn: Turn) -> None:
        """Somebody leaves without having taken a place; one that was just given to them goes on."""
        try:
            self._waiting.remove(turn)
        except ValueError:
            self.free()


class Turn:
    """Somebody's place in the queue, until they are called and take a place at the provider."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._has_taken = False
        self.called = Semaphore(0)

    def taken(self) -> Release:
        self._has_taken = True
        return self._queue.free

    def leave(self) -> None:
        if not self._has_taken:
            self._queue.forget(self)
