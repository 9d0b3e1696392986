"""One client's connection to the upstream server: reading requests, playing replies, noticing that it left."""

from __future__ import annotations

import select
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator

from tests.support.commands import Manners, Received
from tests.support.rendering import Action, End, Send, Talk, Wait

_FOREVER_S = 3600.0


class ClientGone(Exception):
    """The client closed its side."""


class Connection:
    """Serves one client until it leaves or a reply ends the connection."""

    def __init__(self, sock: socket.socket, number: int, manners: Manners) -> None:
        self._sock = sock
        self._number = number
        self._manners = manners
        self._buffer = b""

    def serve(self, reply_to: Callable[[Received], Iterator[Action]]) -> None:
        """`reply_to` records a request and says what happens next."""
        served = 0
        try:
            while True:
                request = self._read_request()
                if self._manners.requests_per_connection == served:
                    self._reset()
                    return
                self._play(reply_to(request), request)
                served += 1
                if self._is_enough(served) or request.headers.get("connection", "").lower() == "close":
                    return
        except (ClientGone, TimeoutError, OSError, ValueError):
            # A client that leaves, idles too long or speaks nonsense; what it asked before is on record.
            return
        finally:
            self._sock.close()

    def stay_silent(self) -> None:
        """Accept and say nothing, until the client leaves."""
        self._pause(_FOREVER_S)
        self._sock.close()

    def _is_enough(self, served: int) -> bool:
        return self._manners.afterwards == "close" and self._manners.requests_per_connection == served

    # Reading

    def _read_request(self) -> Received:
        self._sock.settimeout(self._manners.idle_close_s)
        head, _, rest = self._until(b"\r\n\r\n")
        self._sock.settimeout(None)
        self._buffer = rest
        request_line, *lines = head.decode("latin-1").split("\r\n")
        method, target, _version = request_line.split(" ", 2)
        headers = tuple((name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
        request = Received(
            method=method,
            target=target,
            raw_headers=headers,
            body=b"",
            connection=self._number,
            came_at=time.monotonic(),
        )
        request.body = self._read_body(request.headers)
        return request

    def _read_body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        return self._take(int(headers.get("content-length", "0")))

    def _chunks(self) -> Iterator[bytes]:
        while True:
            size_line, _, self._buffer = self._until(b"\r\n")
            chunk = self._take(int(size_line.split(b";")[0], 16))
            self._take(2)
            if not chunk:
                return
            yield chunk

    def _until(self, mark: bytes) -> tuple[bytes, bytes, bytes]:
        while mark not in self._buffer:
            self._receive()
        return self._buffer.partition(mark)

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._receive()
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _receive(self) -> None:
        data = self._sock.recv(262144)
        if not data:
            raise ClientGone
        self._buffer += data

    # Replying

    def _play(self, actions: Iterator[Action], request: Received) -> None:
        try:
            for action in actions:
                match action:
                    case Send(data):
                        self._pause(0)
                        self._sock.sendall(data)
                    case Wait(seconds):
                        self._pause(seconds)
                    case Talk(with_client):
                        with_client(self._sock, self._buffer)
                        raise ClientGone
                    case End(how):
                        self._end(how, request)
        except (ClientGone, OSError):
            request.left_at = time.monotonic()
            raise

    def _end(self, how: str, request: Received) -> None:
        if how == "stall":
            self._pause(_FOREVER_S)
        request.answered_at = time.monotonic()
        if how == "reset":
            self._reset()
        elif how == "close":
            self._sock.close()

    def _pause(self, seconds: float) -> None:
        """Waits; raises ClientGone as soon as the client closes. What it sends meanwhile is kept for later."""
        deadline = time.monotonic() + seconds
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        while poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            self._receive()

    def _reset(self) -> None:
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # A TLS connection would say goodbye first.
        raw = self._sock.detach() if not isinstance(self._sock, ssl.SSLSocket) else None
        if raw is not None:
            socket.close(raw)
        else:
            self._sock.close()
