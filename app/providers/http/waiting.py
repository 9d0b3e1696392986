"""Waiting on gevent's loop in a way that a Stop can end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gevent
from gevent import get_hub
from gevent.lock import Semaphore

from app.domain.errors import GatewayError
from app.domain.stopping import Stop

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
