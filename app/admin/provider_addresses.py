"""Addresses of providers and of the proxies in front of them: which are well formed, and which are allowed."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit, urlunsplit

from app.providers.addresses import allowed

MAX_URL_LENGTH = 2000

_HOST_NAME = re.compile(
    r"(?=.{1,253}\.?$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?"
)
# Forms in which the system's resolver takes an IPv4 address without asking a server: 127.1, 0x7f000001, 2130706433.
_NUMBERS = re.compile(r"(0x[0-9a-f]+|[0-9]+)(\.(0x[0-9a-f]+|[0-9]+)){0,3}")


class AddressProblem(Exception):
    """`problem` goes on where the field's name ends: "must …"."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def base_url(text: str) -> str:
    """A provider's address in its normal form: scheme and host in lower case, no slash at the end.

    Raises AddressProblem.
    """
    parts = _split(text, "http://localhost:1234/v1")
    if parts.scheme not in ("http", "https"):
        raise AddressProblem("must start with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise AddressProblem("must not contain a user or password; put the key into api_key")
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise AddressProblem("must not have a query (?…) or a fragment (#…)")
    return urlunsplit((parts.scheme, _authority(parts), parts.path.rstrip("/"), "", ""))


def proxy_url(text: str) -> str:
    """An outgoing proxy's address, possibly with credentials. Raises AddressProblem."""
    parts = _split(text, "http://proxy.example:3128")
    if parts.scheme != "http":
        raise AddressProblem("must start with http://; proxies that speak https or SOCKS are not supported")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise AddressProblem("must be just host and port, such as http://proxy.example:3128")
    credentials, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(("http", f"{credentials}{at}{_authority(parts)}", "", "", ""))


def without_credentials(url: str) -> str:
    """A proxy's address as it may be shown."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: a key given for one origin is not sent to another."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def check_reach(url: str, *, allow_private: bool) -> None:
    """Refuse addresses that can be told without asking DNS; the connection itself checks what a name resolves to.

    Raises AddressProblem.
    """
    host = (urlsplit(url).hostname or "").rstrip(".")
    address = _literal(host)
    if address is None:
        local = host == "localhost" or host.endswith(".localhost")
        if local and not allow_private:
            raise AddressProblem(_PRIVATE)
    elif not allowed(address, allow_private=allow_private):
        raise AddressProblem(_NEVER if allow_private or not allowed(address, allow_private=True) else _PRIVATE)


_PRIVATE = "must not point to this machine or a private network; personal providers reach only the public internet"
_NEVER = "must not point to a link-local or cloud metadata address; machines keep their own credentials there"


def _literal(host: str) -> str | None:
    """The IP address that `host` spells, in its usual form; None for a name."""
    if ":" in host:
        return host
    if _NUMBERS.fullmatch(host):
        return socket.inet_ntoa(socket.inet_aton(host))
    return None


def _split(text: str, example: str) -> SplitResult:
    """Raises AddressProblem for what is no URL with a host and a possible port."""
    if not text.isprintable() or " " in text:
        raise AddressProblem("must not contain spaces or control characters")
    if len(text) > MAX_URL_LENGTH:
        raise AddressProblem(f"must have at most {MAX_URL_LENGTH} characters")
    if "://" not in text:
        raise AddressProblem(f"must be a full address, such as {example}")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise AddressProblem("must have a valid host and a port from 1 to 65535") from error
    if port == 0:
        raise AddressProblem("must have a port from 1 to 65535")
    if not parts.hostname:
        raise AddressProblem(f"must name a host, such as {example}")
    return parts


def _authority(parts: SplitResult) -> str:
    """Host and port in normal form. Raises AddressProblem."""
    host = _host(parts.hostname or "")
    return host if parts.port is None else f"{host}:{parts.port}"


def _host(host: str) -> str:
    if ":" in host:
        return f"[{_ipv6(host)}]"
    if not host.isascii():
        host = _international(host)
    if not _HOST_NAME.fullmatch(host):
        raise AddressProblem("must have a valid host name")
    if _NUMBERS.fullmatch(host):
        try:
            return socket.inet_ntoa(socket.inet_aton(host))
        except OSError as error:
            raise AddressProblem("must have a valid host: four numbers from 0 to 255, or a name") from error
    return host


def _ipv6(host: str) -> str:
    try:
        ipaddress.IPv6Address(host.partition("%")[0])
    except ValueError as error:
        raise AddressProblem("must have a valid host: this is no IPv6 address") from error
    return host


def _international(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError as error:
        raise AddressProblem("must have a valid host name") from error
