"""What a caller may still ask this minute."""

from __future__ import annotations

import time

from limits import RateLimitItemPerMinute
from limits.storage import Storage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from app.domain.accounts import Caller
from app.domain.errors import RateLimited


class RequestLimits:
    """Requests per minute and caller, counted in Redis where there is one, else in this process."""

    def __init__(self, redis_url: str | None) -> None:
        self._storage: Storage = storage_from_string(redis_url or "memory://")  # type: ignore[assignment]
        self._window = SlidingWindowCounterRateLimiter(self._storage)
        self._items: dict[int, RateLimitItemPerMinute] = {}

    def check(self, caller: Caller, default_per_minute: int | None) -> None:
        """Count one request. Raises RateLimited, naming the limit and when the next request is welcome."""
        limit = caller.requests_per_minute or default_per_minute
        if limit is None:
            return
        item = self._items.get(limit) or self._items.setdefault(limit, RateLimitItemPerMinute(limit, namespace="pb"))
        who = caller.key_id or caller.user_id
        if self._window.hit(item, who):
            return
        reset_at, _ = self._window.get_window_stats(item, who)
        whose = "This key" if caller.key_id else "You"
        raise RateLimited(
            f"{whose} may make {limit} requests a minute; that limit is used up.",
            retry_after_s=max(1.0, reset_at - time.time()),
        )
