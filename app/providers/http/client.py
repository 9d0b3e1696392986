"""One provider's pooled connections, and a call on one of them as an iterator."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

import gevent

from app.domain.errors import GatewayError, ProviderError, ProviderProtocol, ProviderTimeout, StreamCut
from app.domain.stopping import Stop
from app.providers.base import Attempt
from app.providers.http.connection import Connection, ConnectionLost, open_connection
from app.providers.http.parser import HTTPParseError, Response
from app.providers.http.target import Target
from app.providers.http.waiting import finished, sleep

MAX_IDLE_S = 60.0
SURELY_OPEN_S = 1.0
"""A connection used this recently is not looked at first: servers close after seconds, the rare other is replaced."""
MAX_IDLE_CONNECTIONS = 1024
MAX_HEAD_BYTES = 256 * 1024
TURN_READS = 4
"""A server that always has more to say already lets others run after so many reads."""


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers (names in lower case) of a response."""

    status: int
    headers: Mapping[str, str]


@dataclass(slots=True)
class Patience:
    """Until when the next byte is waited for (monotonic clock), and what is said when it does not come."""

    until: float
    words: str
    is_idle: bool = False
    """Whether it is the pause between two pieces that counts, no longer the time to the first."""

    def ends(self, deadline: float) -> float:
        """Until when there may be something to read at all: a pause is none while something is there."""
        return deadline if self.is_idle else min(self.until, deadline)


@dataclass(slots=True)
class HttpCall:
    """A request on its way. `patience` may be moved while the answer arrives."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    patience: Patience
    attempt: Attempt
    from_root: bool = False
    """Whether `path` starts at the server's root rather than at the base address's path."""
    once: bool = False
    """Whether it must not reach the server twice, so that a connection is opened for it."""


class HttpClient:
    """Pooled connections to one target. Idle ones are checked before use, so a stale one is never noticed."""

    def __init__(self, target: Target, provider: str) -> None:
        self.target = target
        self._provider = provider
        self._idle: deque[Connection] = deque()
        self._closed = False
        self._root = target.origin if target.proxy is not None and not target.tls else ""
        self._prefix = self._root + target.path
        self._common = self._common_headers()

    def call(self, call: HttpCall) -> Generator[Head | bytes | None, None, None]:
        """Yields None whenever the attempt's heartbeat is due, a Head, then body bytes as they come, to the very end.

        A pooled connection that turns out to be dead before the first byte of an answer is replaced once, unseen; a
        call that may be made only once gets a new one from the start.
        Raises ProviderUnreachable, ProviderTimeout, ProviderProtocol, StreamCut, or the stop's reason. Closing the
        iterator before its end closes the connection.
        """
        request = self._request_bytes(call)
        connection = None if call.once else self._take_idle()
        if connection is not None:
            try:
                yield from self._exchange(connection, request, call)
            except _NothingCame:
                connection = None
            if connection is not None:
                return
        connection = yield from self._opened(call)
        try:
            yield from self._exchange(connection, request, call)
        except _NothingCame as error:
            raise StreamCut(
                f"{self._provider} closed the connection without an answer.", provider=self._provider
            ) from error

    def close(self) -> None:
        """Close idle connections; those in use are closed when their call ends."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _opened(self, call: HttpCall) -> Generator[None, None, Connection]:
        """A new connection; yields None whenever a heartbeat is due."""
        attempt, started = call.attempt, time.monotonic()
        until = min(started + self.target.connect_s, call.patience.until)
        try:
            if until <= attempt.heartbeat_at:
                return open_connection(self.target, self._provider, until, attempt.stop)
            return (yield from self._opened_meanwhile(until, attempt))
        finally:
            attempt.waited_s += time.monotonic() - started

    def _opened_meanwhile(self, until: float, attempt: Attempt) -> Generator[None, None, Connection]:
        """In a greenlet of its own: opening has many steps, and each would have to be left for a heartbeat."""
        opening = gevent.spawn(self._open, until, attempt.stop)
        try:
            while not finished(opening, attempt.heartbeat_at):
                yield None
                attempt.told()
        except BaseException:
            # Nobody waits any more; it may be done by now.
            opening.kill(block=False)
            opening.link(_close_unused)
            raise
        outcome = opening.value
        if isinstance(outcome, GatewayError):
            raise outcome
        assert isinstance(outcome, Connection)
        return outcome

    def _open(self, until: float, stop: Stop) -> Connection | GatewayError:
        """Must not die of an expected failure: that is its value."""
        try:
            return open_connection(self.target, self._provider, until, stop)
        except GatewayError as error:
            return error

    def _exchange(self, connection: Connection, request: bytes, call: HttpCall) -> Iterator[Head | bytes | None]:
        response = Response()
        keep = False
        try:
            self._send(connection, request, call)
            yield from self._receive_head(connection, response, call)
            yield Head(response.status, response.headers)
            yield from self._receive_body(connection, response, call)
            keep = response.keeps_alive
        finally:
            self._give_back(connection) if keep else connection.close()

    def _send(self, connection: Connection, request: bytes, call: HttpCall) -> None:
        started = time.monotonic()
        try:
            connection.send(request, call.patience.until, call.attempt.stop)
        except ConnectionLost:
            # A server may refuse a large request before it has read all of it; what it said is still to be read.
            return
        except TimeoutError as error:
            raise self._too_slow(call) from error
        finally:
            call.attempt.waited_s += time.monotonic() - started

    def _receive_head(self, connection: Connection, response: Response, call: HttpCall) -> Iterator[None]:
        came_bytes = 0
        while not response.head_complete:
            try:
                data = yield from self._next(connection, call)
            except ConnectionLost as error:
                if came_bytes:
                    raise self._cut() from error
                raise _NothingCame from error
            if not data:
                raise self._cut() if came_bytes else _NothingCame
            came_bytes += len(data)
            self._feed(response, data)
            if came_bytes > MAX_HEAD_BYTES and not response.head_complete:
                raise ProviderProtocol(f"{self._provider} sent too many headers.", provider=self._provider)

    def _receive_body(self, connection: Connection, response: Response, call: HttpCall) -> Iterator[bytes | None]:
        for number in itertools.count(1):
            piece = response.take()
            if piece:
                yield piece
            if response.complete:
                return
            if number % TURN_READS == 0:
                sleep(0, call.attempt.stop)
            try:
                data = yield from self._next(connection, call)
            except ConnectionLost as error:
                raise self._cut() from error
            if data:
                self._feed(response, data)
            else:
                self._finish(response)

    def _next(self, connection: Connection, call: HttpCall) -> Generator[None, None, bytes]:
        """What one read brings; yields None whenever a heartbeat is due. Raises ConnectionLost, ProviderTimeout."""
        attempt = call.attempt
        while True:
            started = time.monotonic()
            patience = call.patience
            if started >= patience.ends(attempt.deadline):
                raise self._too_slow(call)
            # Also where there is always something to read, such as comments, of which nobody above hears.
            heartbeat_at = attempt.heartbeat_at
            if started < heartbeat_at:
                try:
                    return connection.receive(min(patience.until, heartbeat_at), attempt.stop)
                except TimeoutError as error:
                    if time.monotonic() >= patience.until:
                        raise self._too_slow(call) from error
                finally:
                    attempt.waited_s += time.monotonic() - started
            yield None
            attempt.told()

    def _feed(self, response: Response, data: bytes) -> None:
        try:
            response.feed(data)
        except HTTPParseError as error:
            raise ProviderProtocol(f"{self._provider} did not answer in HTTP.", provider=self._provider) from error

    def _finish(self, response: Response) -> None:
        """The connection's end is the end of a body that has no length of its own; of any other it is too early."""
        try:
            response.feed(b"")
        except HTTPParseError as error:
            raise self._cut() from error
        if not response.complete:
            raise self._cut()

    def _request_bytes(self, call: HttpCall) -> bytes:
        prefix = self._root if call.from_root else self._prefix
        lines = [f"{call.method} {prefix}{call.path} HTTP/1.1\r\n", self._common]
        lines += [f"{name}: {value}\r\n" for name, value in call.headers.items()]
        if call.body or call.method != "GET":
            lines.append(f"Content-Length: {len(call.body)}\r\n")
        lines.append("\r\n")
        return "".join(lines).encode("latin-1") + call.body

    def _common_headers(self) -> str:
        target = self.target
        text = f"Host: {target.authority}\r\nAccept-Encoding: identity\r\n"
        if target.proxy is not None and not target.tls and target.proxy.authorization is not None:
            text += f"Proxy-Authorization: {target.proxy.authorization}\r\n"
        return text

    def _take_idle(self) -> Connection | None:
        now = time.monotonic()
        while self._idle:
            connection = self._idle.pop()
            idle_s = now - connection.idle_since
            if idle_s < SURELY_OPEN_S or (idle_s < MAX_IDLE_S and not connection.is_stale()):
                return connection
            connection.close()
        return None

    def _give_back(self, connection: Connection) -> None:
        if self._closed or len(self._idle) >= MAX_IDLE_CONNECTIONS:
            connection.close()
            return
        now = time.monotonic()
        # The newest is used first, so those of a busier hour gather at the other end.
        while self._idle and self._idle[0].idle_since < now - MAX_IDLE_S:
            self._idle.popleft().close()
        connection.idle_since = now
        self._idle.append(connection)

    def _too_slow(self, call: HttpCall) -> ProviderError:
        return ProviderTimeout(f"{self._provider} {call.patience.words}.", provider=self._provider)

    def _cut(self) -> ProviderError:
        return StreamCut(
            f"{self._provider} closed the connection in the middle of its answer.", provider=self._provider
        )


def _close_unused(opening: gevent.Greenlet) -> None:
    if isinstance(opening.value, Connection):
        opening.value.close()


class _NothingCame(Exception):
    """The connection ended before the first byte of an answer."""
