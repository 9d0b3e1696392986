"""gunicorn's gevent worker, with an end that loses nothing.

SIGTERM: accept nothing more, let running answers finish, end the rest with an error event shortly before gunicorn
would kill them, write what is left to write, exit. SIGINT and SIGQUIT: the same without waiting.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import time
import traceback
from functools import partial
from types import FrameType
from typing import Any

import gevent
from gevent.hub import Hub
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn.util import make_fail_app
from gunicorn.workers.base import Worker
from gunicorn.workers.ggevent import GeventWorker

from app.domain.errors import Draining, GatewayError
from app.gateway.draining import draining
from app.serving.start_error import StartError
from config import ConfigError

POLL_S = 0.2
DRAIN_LEAD_S = 2.0
"""How long before gunicorn's own time-out the answers that still run are ended."""
QUICK_STOP_S = 1.5
SETTLE_S = 2.0
"""When the start's garbage is collected: after the first requests, which should not wait for it."""


class PatchbayWorker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """Knows which connections are inside a request, so that idle ones never delay the end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._idle: set[socket.socket] = set()
        self._busy: set[socket.socket] = set()
        self._at_once = False

    def load_wsgi(self) -> None:
        # Seldom, because the collector walks through everything that is imported each time, but not never: garbage of
        # imports would stay in the heap as eight megabytes.
        gc.set_threshold(20_000, 20, 20)
        gevent.spawn_later(SETTLE_S, _settle)
        try:
            super().load_wsgi()
        except StartError as error:
            self.app.start_failure.write(error)
            # The arbiter ends too, instead of starting the worker again and again.
            os.kill(self.ppid, signal.SIGTERM)
            sys.exit(0)
        except Exception:
            if not self.cfg.reload:
                raise
            # A half-written change must not end `./patchbay dev`: the next one is waited for.
            self.log.exception("The application could not be loaded")
            self.wsgi = make_fail_app(traceback.format_exc())

    # Serving

    def init_process(self) -> None:
        # gevent prints what ends a greenlet or a task of its thread pool. Errors that a caller is told are no failures:
        # whoever waits for the greenlet or the task gets them anyway.
        Hub.NOT_ERROR = (*Hub.NOT_ERROR, GatewayError, ConfigError)
        super().init_process()

    def run(self) -> None:
        servers = [self._listen(listener) for listener in self.sockets]
        while self.alive:
            self.notify()
            gevent.sleep(POLL_S)
        self._drain(servers)

    def _listen(self, listener: socket.socket) -> StreamServer:
        listener.setblocking(True)
        pool = Pool(self.worker_connections)
        server = StreamServer(listener, handle=partial(self.handle, listener), spawn=pool)
        if self.cfg.workers > 1:
            # One at a time, so that a burst of connections is shared between workers.
            server.max_accept = 1
        server.start()
        return server

    def handle(self, listener: socket.socket, client: socket.socket, addr: Any) -> None:
        self._idle.add(client)
        try:
            super().handle(listener, client, addr)
        finally:
            self._idle.discard(client)

    def handle_request(self, listener_name: Any, req: Any, sock: socket.socket, addr: Any) -> None:
        self._idle.discard(sock)
        self._busy.add(sock)
        # A client that reads nothing more must not hold its call, and the provider's, for good.
        sock.settimeout(self.cfg.keepalive)
        try:
            super().handle_request(listener_name, req, sock, addr)
        finally:
            sock.settimeout(None)
            self._busy.discard(sock)
            self._idle.add(sock)

    # Stopping

    def notify(self) -> None:
        """Tell the arbiter that this worker lives; without an arbiter, stop."""
        Worker.notify(self)
        if self.alive and self.ppid != os.getppid():
            self.log.warning("The arbiter is gone, stopping.")
            self._stop_at_once()

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        self._stop_at_once()

    def _stop_at_once(self) -> None:
        self._at_once = True
        self.alive = False

    def _drain(self, servers: list[StreamServer]) -> None:
        for server in servers:
            server.close()
        graceful_s = float(self.cfg.graceful_timeout)
        lead_s = min(DRAIN_LEAD_S, graceful_s / 2)
        self._wait_for_requests(graceful_s - lead_s, unless_at_once=True)
        if self._has_work():
            draining.begin(
                Draining("The server is stopping and this answer was not finished in time. Ask again.", retry_after_s=1)
            )
            self._wait_for_requests(min(lead_s * 0.75, QUICK_STOP_S), unless_at_once=False)
        draining.flush()

    def _wait_for_requests(self, limit_s: float, *, unless_at_once: bool) -> None:
        """Until nothing runs, `limit_s` has passed or (if told so) the end is wanted at once."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline and not (unless_at_once and self._at_once):
            self._close_idle()
            if not self._has_work():
                return
            Worker.notify(self)
            gevent.sleep(0.02)

    def _has_work(self) -> bool:
        """Answers that belong to the server run without a request, too."""
        return bool(self._busy or len(draining))

    def _close_idle(self) -> None:
        """End connections that wait for their next request; one that has just arrived is still read and served."""
        for client in list(self._idle):
            try:
                client.shutdown(socket.SHUT_RD)
            except OSError:
                # The client was faster.
                self._idle.discard(client)
        gevent.sleep(0)


def _give_memory_back() -> None:
    """What the start needed and freed; glibc would keep it."""
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _settle() -> None:
    """Collect once, and leave what then lives out of every later collection: it stays until the end."""
    gc.collect()
    gc.freeze()
    _give_memory_back()
