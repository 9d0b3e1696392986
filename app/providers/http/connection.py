"""One connection: resolve, connect, proxy, TLS, send, receive; nothing of it blocks the loop."""

from __future__ import annotations

import errno
import functools
import os
import re
import socket
import ssl
import time
from typing import Any

import certifi
import gevent
import gevent.ssl
from gevent import get_hub
from gevent.lock import Semaphore
from gevent.monkey import get_original
from gevent.socket import getaddrinfo

from app.domain.errors import ProviderTimeout, ProviderUnreachable
from app.domain.stopping import Stop
from app.providers.addresses import allowed
from app.providers.http.target import Target
from app.providers.http.waiting import Reads, acquire, wait

WRITE = 2
CHUNK_BYTES = 65536
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})\b")

# The unpatched class: waiting is done here, on the loop, so that it can be stopped.
_Socket: type[socket.socket] = get_original("socket", "socket")


class ConnectionLost(Exception):
    """The peer closed or reset the connection."""


class Connection:
    """A non-blocking socket with an optional TLS layer. `idle_since` is for the pool."""

    __slots__ = ("_incoming", "_outgoing", "_reads", "_sock", "_tls", "_writes", "idle_since")

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._reads = Reads(sock.fileno())
        self._writes: Any = None
        self._tls: ssl.SSLObject | None = None
        self._incoming: ssl.MemoryBIO | None = None
        self._outgoing: ssl.MemoryBIO | None = None
        self.idle_since = 0.0

    def send(self, data: bytes, until: float, stop: Stop) -> None:
        """Raises ConnectionLost, TimeoutError, or the stop's reason."""
        if self._tls is None:
            self._send_raw(data, until, stop)
            return
        view = memoryview(data)
        while view:
            try:
                view = view[self._tls.write(view[:CHUNK_BYTES]) :]
            except ssl.SSLError as error:
                raise ConnectionLost(str(error)) from error
            self._flush_tls(until, stop)

    def receive(self, until: float, stop: Stop) -> bytes:
        """What is there, at least one byte; empty at the end of the stream.

        Raises ConnectionLost, TimeoutError, or the stop's reason.
        """
        if self._tls is None:
            return self._receive_raw(until, stop)
        while True:
            try:
                return self._tls.read(CHUNK_BYTES)
            except ssl.SSLWantReadError:
                self._flush_tls(until, stop)
                if not self._feed_tls(until, stop):
                    raise ConnectionLost("closed without the end of TLS") from None
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLError as error:
                raise ConnectionLost(str(error)) from error

    def start_tls(self, context: ssl.SSLContext, host: str, until: float, stop: Stop) -> None:
        """Raises ssl.SSLError, ConnectionLost, TimeoutError, or the stop's reason."""
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush_tls(until, stop)
                if not self._feed_tls(until, stop):
                    raise ConnectionLost("closed during the TLS handshake") from None
            else:
                self._flush_tls(until, stop)
                return

    def is_stale(self) -> bool:
        """Whether the peer has closed an idle connection, or sent what nobody asked for."""
        try:
            self._sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        self._reads.close()
        if self._writes is not None:
            self._writes.stop()
            self._writes.close()
        self._sock.close()

    def _send_raw(self, data: bytes | memoryview, until: float, stop: Stop) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self._sock.send(view) :]
            except BlockingIOError:
                self._wait_writable(until, stop)
            except OSError as error:
                raise ConnectionLost(os.strerror(error.errno or 0)) from error

    def _receive_raw(self, until: float, stop: Stop) -> bytes:
        while True:
            try:
                return self._sock.recv(CHUNK_BYTES)
            except BlockingIOError:
                if not self._reads.wait(until, stop):
                    raise TimeoutError from None
            except OSError as error:
                raise ConnectionLost(os.strerror(error.errno or 0)) from error

    def _wait_writable(self, until: float, stop: Stop) -> None:
        if self._writes is None:
            self._writes = get_hub().loop.io(self._sock.fileno(), WRITE)
        if not wait(self._writes, until, stop):
            raise TimeoutError

    def _flush_tls(self, until: float, stop: Stop) -> None:
        assert self._outgoing is not None
        if self._outgoing.pending:
            self._send_raw(self._outgoing.read(), until, stop)

    def _feed_tls(self, until: float, stop: Stop) -> bool:
        assert self._incoming is not None
        data = self._receive_raw(until, stop)
        self._incoming.write(data) if data else self._incoming.write_eof()
        return bool(data)

    @staticmethod
    def connect_to(family: int, address: Any, until: float, stop: Stop) -> Connection:
        """Raises OSError, TimeoutError, or the stop's reason."""
        sock = _Socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock)
        try:
            code = sock.connect_ex(address)
            if code in (errno.EINPROGRESS, errno.EWOULDBLOCK):
                connection._wait_writable(until, stop)
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                raise OSError(code, os.strerror(code))
        except BaseException:
            connection.close()
            raise
        return connection


def open_connection(target: Target, provider: str, until: float, stop: Stop) -> Connection:
    """In the target's time for that, and not beyond `until`.

    Raises ProviderUnreachable, ProviderTimeout, or the stop's reason.
    """
    started = time.monotonic()
    until = min(started + target.connect_s, until)
    try:
        connection = _connect(target, provider, until, stop)
        try:
            _enter(connection, target, until, stop)
        except BaseException:
            connection.close()
            raise
    except TimeoutError as error:
        raise ProviderTimeout(
            f"{provider} did not accept a connection within {max(0.0, until - started):.3g} s.", provider=provider
        ) from error
    except (OSError, ConnectionLost) as error:
        raise ProviderUnreachable(f"{provider} isn't answering: {_why(error)}.", provider=provider) from error
    return connection


def _connect(target: Target, provider: str, until: float, stop: Stop) -> Connection:
    host, port = (target.proxy.host, target.proxy.port) if target.proxy else (target.host, target.port)
    # A proxy stands where a provider could stand, so it is held to the same rule.
    addresses = [
        one for one in _resolved(host, port, until, stop) if allowed(one[4][0], allow_private=target.allow_private)
    ]
    if not addresses:
        raise ProviderUnreachable(f"{provider}'s address is in a network that it may not use.", provider=provider)
    problem: OSError = OSError(errno.EHOSTUNREACH, "no address")
    for position, (family, _, _, _, address) in enumerate(addresses):
        # What is left is shared by the addresses still to be tried, so that a dead first one does not use it up.
        now = time.monotonic()
        share = now + max(0.0, until - now) / (len(addresses) - position)
        try:
            return Connection.connect_to(family, address, share, stop)
        except TimeoutError as error:
            problem = error
        except OSError as error:
            problem = error
    raise problem


def _resolved(host: str, port: int, until: float, stop: Stop) -> list[Any]:
    """getaddrinfo's answer. A resolver may take far longer than a connection may: it is not waited for to its end."""
    done = Semaphore(0)
    asking = gevent.spawn(_looked_up, host, port)
    asking.link(lambda _: done.release())
    if not acquire(done, until, stop):
        raise TimeoutError
    outcome = asking.value
    if isinstance(outcome, OSError):
        raise outcome
    return outcome  # type: ignore[no-any-return]  # a greenlet's value has no type


def _looked_up(host: str, port: int) -> list[Any] | OSError:
    """Runs in a greenlet of its own, which must not die of an expected failure: that is its value."""
    try:
        return getaddrinfo(host, port, type=socket.SOCK_STREAM)  # type: ignore[no-any-return]  # gevent has no types
    except OSError as error:
        return error
    except UnicodeError:
        return socket.gaierror(socket.EAI_NONAME, "not a name")


def _enter(connection: Connection, target: Target, until: float, stop: Stop) -> None:
    if target.proxy is not None and target.tls:
        _tunnel(connection, target, until, stop)
    if target.tls:
        connection.start_tls(tls_context(target.ca_pem), target.host, until, stop)


def _tunnel(connection: Connection, target: Target, until: float, stop: Stop) -> None:
    """Ask the proxy for a tunnel (RFC 9110, 9.3.6)."""
    assert target.proxy is not None
    host = f"[{target.host}]" if ":" in target.host else target.host
    lines = [f"CONNECT {host}:{target.port} HTTP/1.1", f"Host: {host}:{target.port}"]
    if target.proxy.authorization is not None:
        lines.append(f"Proxy-Authorization: {target.proxy.authorization}")
    connection.send(("\r\n".join(lines) + "\r\n\r\n").encode("ascii"), until, stop)
    reply = b""
    while b"\r\n\r\n" not in reply:
        piece = connection.receive(until, stop)
        reply += piece
        if not piece or len(reply) > CHUNK_BYTES:
            raise ConnectionLost("the proxy closed the connection")
    match = _STATUS_LINE.match(reply)
    if match is None:
        raise ConnectionLost("the proxy did not answer in HTTP")
    if not match[1].startswith(b"2"):
        raise ConnectionLost(f"the proxy answered with status {match[1].decode()}")


@functools.lru_cache(maxsize=64)
def tls_context(ca_pem: str | None) -> ssl.SSLContext:
    """Verifies against the system's authorities, the bundled ones and `ca_pem`."""
    context: ssl.SSLContext = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    context.load_verify_locations(certifi.where())
    if ca_pem is not None:
        context.load_verify_locations(cadata=ca_pem)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _why(error: Exception) -> str:
    """In words without the server's name or address: those who may chat need not know where a provider is."""
    match error:
        case ConnectionRefusedError():
            return "nothing is listening at its address"
        case socket.gaierror():
            return "its name can't be resolved"
        case ssl.SSLCertVerificationError(verify_code=code):
            return f"its certificate could not be verified ({_CERTIFICATE_PROBLEMS.get(code, 'not trusted')})"
        case ssl.SSLError():
            return "no TLS connection could be made"
        case ConnectionLost():
            return str(error)
        case _:
            return "it can't be reached"


# OpenSSL's X509_V_ERR_… numbers; its own words for a wrong name contain the name.
_CERTIFICATE_PROBLEMS = {9: "not valid yet", 10: "expired", 62: "made for another name", 64: "made for another name"}
