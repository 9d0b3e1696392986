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
    """Stops `stop` with ClientLeft when the client closes or resets its connection. `close()` when done."""

    __slots__ = ("_fd", "_stop", "_timer", "_watcher")

    def __init__(self, fd: int, stop: Stop) -> None:
        self._fd = fd
        self._stop = stop
        self._timer: Any = None
        self._watcher: Any = get_hub().loop.io(fd, READ)
        self._watcher.start(self._readable)

    def _readable(self) -> None:
        if _is_open(self._fd):
            # The next request is already waiting on the connection (pipelining): look again later, not in a busy loop.
            self._watcher.stop()
            self._timer = get_hub().loop.timer(_LOOK_AGAIN_S)
            self._timer.start(self._watch_again)
            return
        self._watcher.stop()
        self._stop.stop(ClientLeft("The client closed its connection."))

    def _watch_again(self) -> None:
        self._timer.close()
        self._timer = None
        self._watcher.start(self._readable)

    def close(self) -> None:
        self._watcher.stop()
        self._watcher.close()
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
