"""Ending a call from outside: the client left, the server drains, a person pressed stop."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

from app.domain.errors import GatewayError


class Stop:
    """Handed down with a call; whoever waits for something slow registers how to be woken.

    `stop(reason)` may come from anywhere in the same thread. A waiter is woken with the reason as an exception;
    when nothing waits, the next wait raises it at once. The first reason stays.

    What is raised is a copy: an exception holds the frames that it passed, these hold the Stop, and if that held the
    exception, none of them would be freed before the next collection.
    """

    __slots__ = ("_wake", "reason")

    def __init__(self) -> None:
        self.reason: GatewayError | None = None
        self._wake: Callable[[GatewayError], None] | None = None

    def stop(self, reason: GatewayError) -> None:
        if self.reason is not None:
            return
        self.reason = reason
        if self._wake is not None:
            wake, self._wake = self._wake, None
            wake(copy(reason))

    def begin_wait(self, wake: Callable[[GatewayError], None]) -> None:
        """Raises the reason when the call has been stopped already."""
        if self.reason is not None:
            raise copy(self.reason)
        self._wake = wake

    def end_wait(self) -> None:
        self._wake = None
