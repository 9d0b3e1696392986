"""Places at a provider that all workers share, kept in Redis."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import structlog

from app.gateway.shared_store import TIMEOUTS, Presence

log = structlog.get_logger()

Release = Callable[[], None]
# A place is a member of a sorted set whose score is when its lease ends, so that a worker that died gives it back.
TAKE = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[4])
redis.call('EXPIRE', KEYS[1], math.ceil(ARGV[3] - ARGV[1]))
return 1
"""


class PlacesAway(Exception):
    """Redis does not answer."""


class SharedPlaces:
    """Takes places and gives them back."""

    def __init__(self, redis_url: str) -> None:
        # Imported here: an installation without Redis saves four megabytes.
        from redis import Redis
        from redis.exceptions import RedisError

        self._error = RedisError
        self._redis = Redis.from_url(redis_url, **TIMEOUTS)
        self._presence = Presence()
        self._take = self._redis.register_script(TAKE)

    def take(self, provider_id: str, limit: int, lease_s: float) -> Release | None:
        """What gives the place back; None when all `limit` are taken. Raises PlacesAway."""
        if not self._presence.is_likely():
            raise PlacesAway("did not answer a moment ago")
        key, place, now = f"pb:places:{provider_id}", uuid.uuid4().hex, time.time()
        try:
            taken = self._take(keys=[key], args=[now, limit, now + lease_s, place])
        except self._error as error:
            self._presence.was_missed()
            raise PlacesAway(type(error).__name__) from error
        return (lambda: self._give_back(key, place)) if taken else None

    def _give_back(self, key: str, place: str) -> None:
        try:
            self._redis.zrem(key, place)
        except self._error as error:
            self._presence.was_missed()
            # The lease ends by itself.
            log.error("shared_place_not_given_back", error=type(error).__name__)
