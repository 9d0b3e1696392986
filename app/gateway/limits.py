"""What a caller may still ask this minute."""

from __future__ import annotations

import time
from dataclasses import dataclass
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
MAX_COUNTS = 10_000
"""Callers whose counts are kept before those of former minutes are thrown away."""


class RequestLimits:
    """Requests per minute and caller, counted in Redis where there is one, else in this process.

    While Redis is away each process counts by itself: a limit that is too generous for a while is
    better than no answers.
    """

    def __init__(self, redis_url: str | None) -> None:
        self._shared = None if redis_url is None else _window(redis_url, wrap_exceptions=True, **TIMEOUTS)
        self._own = OwnWindow()
        self._redis = Presence()
        self._items: dict[int, RateLimitItemPerMinute] = {}

    def check(self, caller: Caller, default_per_minute: int | None) -> None:
        """Count one request. Raises RateLimited, naming the limit and when the next request is welcome."""
        limit = caller.requests_per_minute or default_per_minute
        if limit is None:
            return
        who = caller.key_id or caller.user_id
        wait_s = self._wait_s(who, limit)
        if wait_s is not None:
            whose = "This key" if caller.key_id else "You"
            raise RateLimited(
                f"{whose} may make {limit} requests a minute; that limit is used up.", retry_after_s=wait_s
            )

    def _wait_s(self, who: str, limit: int) -> float | None:
        """None when the request is within the limit, which it then counts for."""
        if self._shared is None or not self._redis.is_likely():
            return self._own.hit(who, limit, time.monotonic())
        item = self._items.get(limit) or self._items.setdefault(limit, RateLimitItemPerMinute(limit, namespace="pb"))
        try:
            return _wait_s(self._shared, item, who)
        except StorageError as error:
            self._redis.was_missed()
            log.error("limits_not_shared", error=type(error).__name__)
            return self._own.hit(who, limit, time.monotonic())


class OwnWindow:
    """A sliding window counter in this process, by the same rule as the shared one.

    The library's own storage in memory takes a lock, a timer and five look-ups for each request.
    """

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int], _Count] = {}

    def __len__(self) -> int:
        """How many callers' counts are kept."""
        return len(self._counts)

    def hit(self, who: str, limit: int, now: float) -> float | None:
        """None when the request is within the limit, which it then counts for; else in how many s the next one is.

        `now` is the monotonic clock's, in s.
        """
        minute = int(now // MINUTE_S)
        count = self._counts.get((who, limit))
        if count is None:
            count = self._new(who, limit, minute)
        if count.minute != minute:
            count.before = count.current if count.minute == minute - 1 else 0
            count.current, count.minute = 0, minute
        left_s = MINUTE_S - now % MINUTE_S
        if int(count.before * left_s / MINUTE_S + count.current) < limit:
            count.current += 1
            return None
        return max(1.0, free_in_s(limit, count.before, left_s, count.current, left_s))

    def _new(self, who: str, limit: int, minute: int) -> _Count:
        if len(self._counts) >= MAX_COUNTS:
            self._counts = {key: one for key, one in self._counts.items() if one.minute >= minute - 1}
        count = self._counts[who, limit] = _Count(minute)
        return count


@dataclass(slots=True)
class _Count:
    """One caller's requests of a minute (of the monotonic clock) and of the one before."""

    minute: int
    before: int = 0
    current: int = 0


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
