"""Waiting on gevent's loop in a way that a Stop can end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gevent
from gevent import get_hub
from gevent.lock import Semaphore
from gevent.monkey import get_original

from app.domain.errors import GatewayError
from app.domain.stopping import Stop

LOOK_S = 0.02
_READ = 1
_READY = object()
_LATE = object()


def wait(watcher: Any, until: float, stop: Stop) -> bool:
    """Block this greenlet until `watcher` fires (True) or the monotonic clock reaches `until` (False).

    Raises the stop's reason when stopped, before or while waiting.
    """
    hub = get_hub()
    me = gevent.getcurrent()
    waiting = True

    def wake(reason: GatewayError) -> None:
        # The loop may resume this greenlet for its own reason before the throw is delivered.
        hub.loop.run_callback(lambda: me.throw(reason) if waiting else None)

    stop.begin_wait(wake)
    timer = hub.loop.timer(max(0.0, until - time.monotonic()))
    try:
        # The loop's own clock stands still while Python works; a timer that started by it would ring too early.
        timer.start(me.switch, _LATE, update=True)
        if watcher is not None:
            watcher.start(me.switch, _READY)
        return hub.switch() is _READY
    finally:
        waiting = False
        if watcher is not None:
            watcher.stop()
        timer.stop()
        timer.close()
        stop.end_wait()


class Reads:
    """Waiting for one descriptor, again and again: the watcher stays on, and one timer serves all who wait.

    For a provider's answer a watcher and a timer of each wait's own would cost as much as reading it.
    """

    __slots__ = ("_hub", "_is_on", "_stop", "_waiter", "_waits", "_watcher", "until")

    def __init__(self, descriptor: int) -> None:
        self._hub = get_hub()
        self._waits = _waits_of(self._hub)
        self._watcher = self._hub.loop.io(descriptor, _READ)
        self._is_on = False
        self._waiter: gevent.Greenlet | None = None
        self._stop: Stop | None = None
        self.until = 0.0
        """Of the wait that runs (monotonic clock)."""

    def wait(self, until: float, stop: Stop) -> bool:
        """Block this greenlet until something can be read (True) or the monotonic clock has reached `until` (False).

        That is noticed up to LOOK_S late. Raises the stop's reason when stopped, before or while waiting.
        """
        stop.begin_wait(self._wake)
        self._stop, self.until = stop, until
        self._waiter = gevent.getcurrent()
        if not self._is_on:
            self._is_on = True
            self._watcher.start(self._readable)
        self._waits.add(self)
        try:
            return self._hub.switch() is _READY
        finally:
            self._waiter = None
            self._waits.discard(self)
            stop.end_wait()

    def give_up(self) -> None:
        """Called by the timer when `until` has passed."""
        self._go_on(_LATE)

    def close(self) -> None:
        self._watcher.stop()
        self._watcher.close()

    def _readable(self) -> None:
        if self._waiter is None:
            # Whoever comes next tries to read first. The loop would tell it again and again.
            self._is_on = False
            self._watcher.stop()
        else:
            self._go_on(_READY)

    def _go_on(self, outcome: object) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            waiter.switch(outcome)

    def _wake(self, reason: GatewayError) -> None:
        self._hub.loop.run_callback(self._throw, self._stop, reason)

    def _throw(self, stop: Stop, reason: GatewayError) -> None:
        """The wait may have ended by itself meanwhile, and another call may wait here."""
        if self._waiter is not None and self._stop is stop:
            waiter, self._waiter = self._waiter, None
            waiter.throw(reason)


class _Waits:
    """Everybody who waits on one loop, looked through every LOOK_S while there is anybody."""

    def __init__(self, loop: Any) -> None:
        self._waiting: set[Reads] = set()
        self._timer = loop.timer(LOOK_S, LOOK_S)
        self._is_on = False

    def add(self, one: Reads) -> None:
        self._waiting.add(one)
        if not self._is_on:
            self._is_on = True
            self._timer.start(self._look)

    def discard(self, one: Reads) -> None:
        self._waiting.discard(one)

    def _look(self) -> None:
        if not self._waiting:
            self._is_on = False
            self._timer.stop()
            return
        now = time.monotonic()
        for one in [one for one in self._waiting if one.until <= now]:
            one.give_up()


# Loops belong to threads.
_of_thread: Any = get_original("threading", "local")()


def _waits_of(hub: Any) -> _Waits:
    known: tuple[Any, _Waits] | None = getattr(_of_thread, "waits", None)
    if known is None or known[0] is not hub:
        known = _of_thread.waits = (hub, _Waits(hub.loop))
    return known[1]


def sleep(seconds: float, stop: Stop) -> None:
    """Raises the stop's reason when stopped."""
    wait(None, time.monotonic() + seconds, stop)


def acquire(semaphore: Semaphore, until: float, stop: Stop) -> bool:
    """Whether a place became free before the monotonic clock reached `until`.

    Raises the stop's reason when stopped, before or while waiting.
    """
    me = gevent.getcurrent()
    waiting = True

    def wake(reason: GatewayError) -> None:
        get_hub().loop.run_callback(lambda: me.throw(reason) if waiting else None)

    stop.begin_wait(wake)
    get_hub().loop.update_now()
    try:
        return bool(semaphore.acquire(timeout=max(0.0, until - time.monotonic())))
    finally:
        waiting = False
        stop.end_wait()


def finished(greenlet: gevent.Greenlet, until: float) -> bool:
    """Whether it ends before the monotonic clock reaches `until`. It is the greenlet itself that a stop has to end."""
    get_hub().loop.update_now()
    greenlet.join(max(0.0, until - time.monotonic()))
    return bool(greenlet.dead)


@contextmanager
def stoppable(stop: Stop) -> Iterator[None]:
    """Around code that waits in its own way: the stop's reason is raised where it waits.

    Raises the reason at once when stopped before. What the code does after its last wait is not cut off.
    """
    me = gevent.getcurrent()
    waiting = True

    def wake(reason: GatewayError) -> None:
        get_hub().loop.run_callback(lambda: me.throw(reason) if waiting else None)

    stop.begin_wait(wake)
    try:
        yield
    finally:
        waiting = False
        stop.end_wait()
