"""Limits of routes that only Flask serves: wrong passwords, and everything that needs no caller.

flask-limiter holds storage and strategy. Its decorators count a request after its answer, so a burst of guesses would
all be let through before the first one counts; here the attempts of one account take turns and are counted at once.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError

from app.domain.errors import GatewayError, RateLimited
from app.gateway.shared_store import TIMEOUTS
from config import Config

FAILURES = RateLimitItemPerMinute(5, namespace="patchbay-routes")
PUBLIC = RateLimitItemPerMinute(300, namespace="patchbay-routes")

_EXTENSION = "patchbay_route_limits"
_TURNS = 64


class RouteLimits:
    """One per application."""

    def __init__(self, limiter: Limiter, fallback: Limiter) -> None:
        """`fallback` counts in this process while the storage of `limiter` does not answer."""
        self._limiters = (limiter, fallback)
        self._turns = tuple(threading.Lock() for _ in range(_TURNS))

    def count(self, item: RateLimitItem, *who: str) -> None:
        """Count one request. Raises RateLimited."""
        if not self._ask(lambda limiter: limiter.limiter.hit(item, *who)):
            raise self._used_up(item, "Too many requests from your address", *who)

    @contextmanager
    def counting(self, failure: type[GatewayError], *who: str) -> Iterator[None]:
        """Let something be tried while `who` has failures left; it has failed when it raises `failure`.

        Raises RateLimited instead of trying.
        """
        with self._turns[hash(who) % _TURNS]:
            if not self._ask(lambda limiter: limiter.limiter.test(FAILURES, *who)):
                raise self._used_up(FAILURES, "Too many wrong passwords", *who)
            try:
                yield
            except failure:
                self._ask(lambda limiter: limiter.limiter.hit(FAILURES, *who))
                raise

    def _used_up(self, item: RateLimitItem, what: str, *who: str) -> RateLimited:
        stats = self._ask(lambda limiter: limiter.limiter.get_window_stats(item, *who))
        wait_s = max(1.0, stats.reset_time - time.time())
        return RateLimited(f"{what}; try again in {wait_s:.0f} s.", retry_after_s=wait_s)

    def _ask(self, question: Callable[[Limiter], Any]) -> Any:
        limiter, fallback = self._limiters
        try:
            return question(limiter)
        except StorageError:
            return question(fallback)


def configure(app: Flask, config: Config) -> None:
    """Count in Redis where there is one, else in this process."""
    fallback = Limiter(address, storage_uri="memory://")
    limiter = (
        fallback
        if config.redis_url is None
        else Limiter(
            address,
            storage_uri=config.redis_url,
            # Redis takes its time, or this process counts by itself.
            storage_options={"wrap_exceptions": True, **TIMEOUTS},
        )
    )
    for one in {limiter, fallback}:
        one.init_app(app)
    app.extensions[_EXTENSION] = RouteLimits(limiter, fallback)


def route_limits() -> RouteLimits:
    return cast("RouteLimits", current_app.extensions[_EXTENSION])


def address() -> str:
    """Who asks, as far as the network knows; behind a trusted proxy the address that the proxy saw."""
    return request.remote_addr or "unknown"


def limited(view: Callable[..., Any]) -> Callable[..., Any]:
    """Limit a public view by address, `@public` outside of this. Raises RateLimited."""

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        route_limits().count(PUBLIC, request.endpoint or "", address())
        return view(*args, **kwargs)

    return wrapper
