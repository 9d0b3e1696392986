"""A client's connection in the request loop: waiting for the next request, writing, and noticing that the client left.

gevent's sockets set up a timer and two watchers for each wait. Here one watcher stays on as long as the connection,
and one look a second over all connections ends those that have waited too long.
"""

from __future__ import annotations

import socket
import time

import gevent
from gevent import get_hub

from app.api.client_watch import ClientWatch


class ClientLink(ClientWatch):
    """`client` is gevent's socket; it is left without waiting of its own."""

    __slots__ = ("_client", "_patience_s", "_reader", "_since")

    def __init__(self, client: socket.socket, patience_s: float) -> None:
        """`patience_s`: how long a client may take to send something, or to take what it is sent."""
        super().__init__(client.fileno())
        client.settimeout(0.0)
        self._client = client
        self._patience_s = patience_s
        self._reader: gevent.Greenlet | None = None
        self._since = 0.0

    def receive(self, size: int) -> bytes:
        """What came, at least one byte; empty at the end. Raises OSError, also when nothing comes for too long."""
        while True:
            try:
                return self._client.recv(size)
            except BlockingIOError:
                self._wait()

    def send(self, data: bytes) -> None:
        """All of it. Raises OSError, also when the client takes nothing for too long."""
        try:
            sent = self._client.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self._send_rest(memoryview(data)[sent:])

    def end_if_silent(self, now: float) -> None:
        """End the wait for a client that has sent nothing for too long; `now` is the monotonic clock's."""
        reader = self._reader
        if reader is not None and now - self._since > self._patience_s:
            self._reader = None
            get_hub().loop.run_callback(reader.throw, TimeoutError("timed out"))

    def readable(self) -> None:
        reader = self._reader
        if reader is None:
            super().readable()
        else:
            self._reader = None
            reader.switch()

    def _wait(self) -> None:
        self._reader = gevent.getcurrent()
        self._since = time.monotonic()
        if not self._is_on:
            self._turn_on()
        try:
            get_hub().switch()
        finally:
            self._reader = None

    def _send_rest(self, rest: memoryview) -> None:
        self._client.settimeout(self._patience_s)
        try:
            self._client.sendall(rest)
        finally:
            self._client.settimeout(0.0)
