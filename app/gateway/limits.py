"""What a caller may still ask this minute."""

from __future__ import annotations

from typing import cast

import structlog
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.storage.base import SlidingWindowCounterSupport
from limits.strategies import SlidingWindowCounterRateLimiter

from app.domain.accounts import Caller
from app.domain.errors import RateLimited
from app.gateway.shared_store import TIMEOUTS, Presence

log = structlog.get_logger()

MINUTE_S = 60.0


class RequestLimits:
    """Requests per minute and caller, counted in Redis where there is one, else in this process.

    While Redis is away each process counts by itself: a limit that is too generous for a while is
    better than no answers.
    """

    def __init__(self, redis_url: str | None) -> None:
        self._shared = None if redis_url is None else _window(redis_url, wrap_exceptions=True, **TIMEOUTS)
        self._own = _window("memory://")
        self._redis = Presence()
        self._items: dict[int, RateLimitItemPerMinute] = {}

    def check(self, caller: Caller, default_per_minute: int | None) -> None:
        """Count one request. Raises RateLimited, naming the limit and when the next request is welcome."""
        limit = caller.requests_per_minute or default_per_minute
        if limit is None:
            return
        item = self._items.get(limit) or self._items.setdefault(limit, RateLimitItemPerMinute(limit, namespace="pb"))
        who = caller.key_id or caller.user_id
        window = self._shared if self._shared is not None and self._redis.is_likely() else self._own
        try:
            wait_s = _wait_s(window, item, who)
        except StorageError as error:
            self._redis.was_missed()
            log.error("limits_not_shared", error=type(error).__name__)
            wait_s = _wait_s(self._own, item, who)
        if wait_s is not None:
            whose = "This key" if caller.key_id else "You"
            raise RateLimited(
                f"{whose} may make {limit} requests a minute; that limit is used up.", retry_after_s=wait_s
            )


def _window(url: str, **options: float) -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(storage_from_string(url, **options))


def _wait_s(window: SlidingWindowCounterRateLimiter, item: RateLimitItemPerMinute, who: str) -> float | None:
    """None when the request is within the limit, which it then counts for."""
    if window.hit(item, who):
        return None
    storage = cast("SlidingWindowCounterSupport", window.storage)
    before, before_ends_s, current, kept_s = storage.get_sliding_window(item.key_for(who), item.get_expiry())
    # A window's count is kept for a minute after its end, while it fades.
    return max(1.0, free_in_s(item.amount, before, before_ends_s, current, kept_s - MINUTE_S))


def free_in_s(limit: int, before: int, before_ends_s: float, current: int, current_ends_s: float) -> float:
    """When one more request fits: `before` requests of the last minute fade out, then `current` ones of this minute.

    The counter weighs the last minute's requests with what is left of them; the library's own figure is not this one.
    """
    room = limit - current
    if room > 0:
        return max(0.0, before_ends_s - room * MINUTE_S / before) if before else 0.0
    return current_ends_s + MINUTE_S * (1 - limit / current)
