"""What requests expect of Redis: an answer soon, or to be left alone for a while."""

from __future__ import annotations

import time

LIMIT_S = 1
"""How long one question may take."""
AGAIN_S = 5.0
"""When a Redis that did not answer is asked again."""
TIMEOUTS = {"socket_timeout": LIMIT_S, "socket_connect_timeout": LIMIT_S}
"""For redis.Redis, which would otherwise wait for ever."""


class Presence:
    """Whether asking is worth a try: not every request should wait for what did not answer the one before."""

    def __init__(self) -> None:
        self._again_at = float("-inf")

    def is_likely(self) -> bool:
        return time.monotonic() >= self._again_at

    def was_missed(self) -> None:
        self._again_at = time.monotonic() + AGAIN_S
