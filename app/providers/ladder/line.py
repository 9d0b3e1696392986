"""The way to a server, one step at a time: name, connection, proxy, TLS.

The standard library's sockets: in a gevent worker they are cooperative, and in the command line they are plain.
"""

from __future__ import annotations

import io
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import certifi

from app.providers.addresses import allowed
from app.providers.http.target import Target
from app.providers.ladder.report import Diagnosis, Fault, HandshakeFailed

# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_EXPIRED = frozenset({9, 10})
_WRONG_NAME = frozenset({62, 64})
# The first byte of a TLS record: alert, handshake (RFC 8446, 5.1).
_TLS_RECORDS = (b"\x15", b"\x16")
_MAX_PROXY_REPLY_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Place:
    """A resolved address."""

    family: int
    sockaddr: Any

    @property
    def ip(self) -> str:
        return str(self.sockaddr[0])


class TimedSocket:
    """What http.client needs of a socket, with one deadline for all that is sent and received.

    Closing it does nothing: whoever opened the socket closes it.
    """

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock = sock
        self._until = until

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(seconds_left(self._until))
        self._sock.sendall(data)

    def makefile(self, *_: object) -> io.BufferedReader:
        return io.BufferedReader(_Reading(self._sock, self._until))

    def close(self) -> None:
        pass


class _Reading(io.RawIOBase):
    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock = sock
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(seconds_left(self._until))
        return self._sock.recv_into(buffer)


def resolve(target: Target, within_s: float) -> tuple[Place, ...]:
    """The addresses that may be connected to: the proxy's where there is one. Raises Fault."""
    host, port = (target.proxy.host, target.proxy.port) if target.proxy else (target.host, target.port)
    places = _looked_up(host, port, within_s)
    if target.proxy is not None:
        # The proxy resolves the server's name; only an address written out can be judged here.
        _refuse_literal(target)
        return places
    fitting = tuple(place for place in places if allowed(place.ip, allow_private=target.allow_private))
    if not fitting:
        raise Fault(Diagnosis.ADDRESS_NOT_ALLOWED, ", ".join(place.ip for place in places))
    return fitting


def connect(places: Sequence[Place], within_s: float) -> socket.socket:
    """A connection to the first place that accepts one; each gets its share of the time. Raises Fault."""
    until = time.monotonic() + within_s
    faults = []
    for number, place in enumerate(places):
        try:
            return _connected(place, seconds_left(until) / (len(places) - number))
        except OSError as error:
            faults.append(_connect_fault(error, place))
    # A refusal says more than silence: a machine is there.
    order = (Diagnosis.NOTHING_LISTENING, Diagnosis.CONNECT_TIMEOUT, Diagnosis.UNREACHABLE)
    raise min(faults, key=lambda fault: order.index(fault.diagnosis))


def tunnel(sock: socket.socket, target: Target, within_s: float) -> None:
    """Ask the proxy for a way through to a TLS server (RFC 9110, 9.3.6). Raises Fault."""
    assert target.proxy is not None
    host = f"[{target.host}]" if ":" in target.host else target.host
    lines = [f"CONNECT {host}:{target.port} HTTP/1.1", f"Host: {host}:{target.port}"]
    if target.proxy.authorization is not None:
        lines.append(f"Proxy-Authorization: {target.proxy.authorization}")
    sock.settimeout(within_s)
    try:
        sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        reply = b""
        while b"\r\n\r\n" not in reply and len(reply) < _MAX_PROXY_REPLY_BYTES and (piece := sock.recv(4096)):
            reply += piece
    except OSError as error:
        raise Fault(Diagnosis.UNREACHABLE, "the proxy does not answer") from error
    status = b"".join(reply.split(b" ", 2)[1:2]).decode("latin-1")
    if status != "200":
        raise Fault(Diagnosis.UNREACHABLE, f"the proxy answered {status or 'nothing'}")


def enter_tls(sock: socket.socket, target: Target, within_s: float) -> ssl.SSLSocket:
    """Raises Fault for a bad certificate, HandshakeFailed for everything else."""
    sock.settimeout(within_s)
    try:
        return trusting(target.ca_pem).wrap_socket(sock, server_hostname=target.host)
    except ssl.SSLCertVerificationError as error:
        sock.close()
        raise Fault(_certificate_fault(error.verify_code), error.verify_message) from error
    except TimeoutError as error:
        sock.close()
        raise HandshakeFailed(Diagnosis.TOO_SLOW, "no answer to the TLS handshake") from error
    except OSError as error:
        sock.close()
        raise HandshakeFailed(Diagnosis.NOT_HTTP, "the TLS handshake failed") from error


def speaks_tls(places: Sequence[Place], within_s: float) -> bool:
    """Whether a TLS greeting is answered with a TLS record, be it an alert."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    outgoing = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        pass  # The greeting is written, and nothing was there to read.
    try:
        with connect(places, within_s) as sock:
            sock.settimeout(within_s)
            sock.sendall(outgoing.read())
            return sock.recv(1) in _TLS_RECORDS
    except (Fault, OSError):
        return False


def trusting(ca_pem: str | None) -> ssl.SSLContext:
    """Verifies against the system's authorities, the bundled ones and `ca_pem`."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if ca_pem is not None:
        context.load_verify_locations(cadata=ca_pem)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _looked_up(host: str, port: int, within_s: float) -> tuple[Place, ...]:
    """The resolver has no time limit of its own, so it gets a thread that is left behind when it takes too long."""
    found: list[Place] = []
    failed: list[OSError | UnicodeError] = []

    def look_up() -> None:
        try:
            for family, _, _, _, sockaddr in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append(Place(family, sockaddr))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(within_s)
    if failed or not found:
        detail = f"{host} has no address" if failed else f"no answer about {host} within {within_s:g} s"
        raise Fault(Diagnosis.DNS_FAILED, detail) from next(iter(failed), None)
    return tuple(dict.fromkeys(found))


def _refuse_literal(target: Target) -> None:
    try:
        fits = allowed(target.host, allow_private=target.allow_private)
    except ValueError:
        return  # A name.
    if not fits:
        raise Fault(Diagnosis.ADDRESS_NOT_ALLOWED, target.host)


def _connected(place: Place, within_s: float) -> socket.socket:
    sock = socket.socket(place.family, socket.SOCK_STREAM)
    try:
        sock.settimeout(within_s)
        sock.connect(place.sockaddr)
    except BaseException:
        sock.close()
        raise
    return sock


def _connect_fault(error: OSError, place: Place) -> Fault:
    if isinstance(error, ConnectionRefusedError):
        return Fault(Diagnosis.NOTHING_LISTENING, f"{place.ip} refuses connections")
    if isinstance(error, TimeoutError):
        return Fault(Diagnosis.CONNECT_TIMEOUT, f"no answer from {place.ip}")
    return Fault(Diagnosis.UNREACHABLE, f"no way to {place.ip}")


def _certificate_fault(verify_code: int) -> Diagnosis:
    if verify_code in _EXPIRED:
        return Diagnosis.TLS_EXPIRED
    return Diagnosis.TLS_NAME if verify_code in _WRONG_NAME else Diagnosis.TLS_UNTRUSTED


def seconds_left(until: float) -> float:
    """Seconds; never zero, which would mean a non-blocking socket."""
    return max(0.001, until - time.monotonic())
