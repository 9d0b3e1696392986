"""How many calls may run at a provider at once, over all workers."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Generator

import structlog
from gevent.lock import Semaphore
from redis import Redis
from redis.exceptions import RedisError

from app.domain.catalog import ProviderConfig
from app.domain.errors import ProviderTimeout
from app.domain.events import HEARTBEAT_S, Burst
from app.providers.base import Attempt
from app.providers.http.waiting import acquire, sleep

log = structlog.get_logger()

Release = Callable[[], None]
LOOK_AGAIN_S = 0.05
LEASE_MARGIN_S = 30.0
# A place is a member of a sorted set whose score is when its lease ends, so that a worker that died gives it back.
TAKE = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[4])
redis.call('EXPIRE', KEYS[1], math.ceil(ARGV[3] - ARGV[1]))
return 1
"""


class Slots:
    """`max_concurrency` per provider; further calls wait for their turn.

    Without Redis the turn is in order. With it, places are shared by all workers and whoever looks first gets one.
    """

    def __init__(self, redis_url: str | None) -> None:
        self._semaphores: dict[str, tuple[int, Semaphore]] = {}
        self._redis = None if redis_url is None else Redis.from_url(redis_url)
        self._take = None if self._redis is None else self._redis.register_script(TAKE)

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
        if self._redis is not None:
            try:
                return self._shared(tick, config, limit, attempt)
            except RedisError as error:
                # Fewer guarantees are better than no answers: this worker goes on counting by itself.
                log.error("shared_places_not_counted", provider=config.slug, error=type(error).__name__)
        semaphore = self._semaphore(config.id, limit)
        return semaphore.release if acquire(semaphore, tick, attempt.stop) else None

    def _shared(self, tick: float, config: ProviderConfig, limit: int, attempt: Attempt) -> Release | None:
        assert self._redis is not None
        assert self._take is not None
        redis, key, place = self._redis, f"pb:places:{config.id}", uuid.uuid4().hex
        while True:
            now = time.time()
            lease_until = now + config.timeouts.total_s + LEASE_MARGIN_S
            if self._take(keys=[key], args=[now, limit, lease_until, place]):
                return lambda: _give_back(redis, key, place)
            if time.monotonic() >= tick:
                return None
            sleep(min(LOOK_AGAIN_S, max(0.0, tick - time.monotonic())), attempt.stop)

    def _semaphore(self, identifier: str, limit: int) -> Semaphore:
        known = self._semaphores.get(identifier)
        if known is None or known[0] != limit:
            known = self._semaphores[identifier] = (limit, Semaphore(limit))
        return known[1]


def _give_back(redis: Redis, key: str, place: str) -> None:
    try:
        redis.zrem(key, place)
    except RedisError as error:
        # The lease ends by itself.
        log.error("shared_place_not_given_back", error=type(error).__name__)
