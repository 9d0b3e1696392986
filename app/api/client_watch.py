"""Noticing that a client has left while nothing is being written to it.

gunicorn finds out only when it writes; a call that waits for a slow provider would never know. One watcher on the
client's socket costs less than a greenlet per request.
"""

from __future__ import annotations

import select
import socket
from typing import Any

from gevent import get_hub
from gevent.monkey import get_original

from app.domain.errors import ClientLeft
from app.domain.stopping import Stop

READ = 1
_LOOK_AGAIN_S = 0.5
_Socket: type[socket.socket] = get_original("socket", "socket")
_HANG_UPS: int = getattr(select, "POLLRDHUP", 0)
_poll: Any = get_original("select", "poll") if _HANG_UPS else None


class ClientWatch:
    """Looks after one connection: while `watch`ed, its `stop` is told ClientLeft when the client closes or resets it.

    The watcher stays on between calls, as switching it costs more than all it does; `close()` when done.
    """

    __slots__ = ("_fd", "_is_on", "_stop", "_timer", "_watcher")

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._stop: Stop | None = None
        self._timer: Any = None
        self._watcher: Any = get_hub().loop.io(fd, READ)
        self._is_on = False

    def watch(self, stop: Stop) -> None:
        self._stop = stop
        if not self._is_on:
            self._turn_on()

    def unwatch(self) -> None:
        self._stop = None
        self._forget_timer()

    def close(self) -> None:
        self.unwatch()
        self._watcher.stop()
        self._watcher.close()

    def readable(self) -> None:
        """Something came, or the end. It is not read here, so the loop would tell it again and again."""
        self._is_on = False
        self._watcher.stop()
        if self._stop is None:
            return
        if _is_open(self._fd):
            # The next request is already waiting on the connection (pipelining): look again later, not in a busy loop.
            self._timer = get_hub().loop.timer(_LOOK_AGAIN_S)
            self._timer.start(self._watch_again)
            return
        self._stop.stop(ClientLeft("The client closed its connection."))

    def _turn_on(self) -> None:
        self._is_on = True
        self._watcher.start(self.readable)

    def _watch_again(self) -> None:
        self._forget_timer()
        self._turn_on()

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer.close()
            self._timer = None


def _is_open(fd: int) -> bool:
    """Whether the client's end is there; what it sent may still wait to be read."""
    if not _HANG_UPS:
        return _has_something(fd)
    poll = _poll()
    poll.register(fd, _HANG_UPS)
    return not poll.poll(0)


def _has_something(fd: int) -> bool:
    """Where the system does not tell (macOS), a close is seen once everything before it was read."""
    sock = _Socket(fileno=fd)
    try:
        return bool(sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        sock.detach()
