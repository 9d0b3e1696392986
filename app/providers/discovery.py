"""Finding model servers on this machine, or on a private network when somebody asks for it.

Who is who is told by the structure of what they answer, at the ports they use unless told otherwise:
LM Studio (`/lmstudio-greeting`), Ollama (`/api/version`, `/api/tags`), llama.cpp (`/health`, `/props`) and vLLM
(`/version`, `/v1/models`).
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from app.domain.errors import InvalidRequest, Problem
from app.providers.http.target import Target
from app.providers.ladder.asking import Question, Reply, ask
from app.providers.ladder.line import Place, connect
from app.providers.ladder.report import Fault
from app.providers.ladder.vendors import VENDORS

HOST_SCAN_S = 0.28
NETWORK_SCAN_S = 2.8
MAX_ADDRESSES = 256
_NETWORK_CONNECT_S = 0.3
_MAX_AT_ONCE = 192
_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "::1/128")
)
PORTS: Mapping[str, int] = MappingProxyType(
    {name: vendor.port for name, vendor in VENDORS.items() if vendor.port is not None}
)


@dataclass(frozen=True, slots=True)
class Found:
    """A server that can be added as a provider with these values."""

    kind: str
    preset: str
    base_url: str
    name: str
    models_count: int | None
    """None where it does not tell without a key."""
    detail: str


@dataclass(frozen=True, slots=True)
class Identity:
    models_count: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class Server:
    """One port to be looked at, until a moment of the monotonic clock."""

    ip: str
    port: int
    until: float

    def get(self, path: str) -> Reply:
        """Raises Fault."""
        return ask(self.connected(self._left()), self._target, Question(path, {}), self.until)

    def connected(self, within_s: float) -> socket.socket:
        """Raises Fault."""
        family = socket.AF_INET6 if ":" in self.ip else socket.AF_INET
        return connect([Place(family, (self.ip, self.port))], min(within_s, self._left()))

    @property
    def _target(self) -> Target:
        return Target(tls=False, host=self.ip, port=self.port, path="")

    def _left(self) -> float:
        return max(0.001, self.until - time.monotonic())


class Discovery:
    """`own_port` is where this gateway listens itself; `ports` says where each preset's server is looked for."""

    def __init__(self, own_port: int | None = None, ports: Mapping[str, int] = PORTS) -> None:
        self._own_port = own_port
        self._ports = ports

    def scan(self, network: str | None = None) -> tuple[Found, ...]:
        """This machine in 0.3 s, or all addresses of a private `network` such as `192.168.1.0/24` in 3 s.

        Raises InvalidRequest for a network that is not private, too large, or none at all.
        """
        if network is None:
            return self._scan(("127.0.0.1", "::1"), HOST_SCAN_S, HOST_SCAN_S)
        return self._scan(addresses_of(network), NETWORK_SCAN_S, _NETWORK_CONNECT_S)

    def _scan(self, ips: Sequence[str], within_s: float, connect_s: float) -> tuple[Found, ...]:
        until = time.monotonic() + within_s
        looks = [
            (preset, Server(ip, port, until), connect_s)
            for ip in ips
            for preset, port in self._ports.items()
            if not (port == self._own_port and _is_loopback(ip))
        ]
        if not looks:
            return ()
        with ThreadPoolExecutor(min(len(looks), _MAX_AT_ONCE)) as pool:
            found = [one for one in pool.map(_look, looks) if one is not None]
        # A server that listens on both loopback addresses is one server.
        return tuple({_once(one): one for one in reversed(found)}.values())[::-1]


def addresses_of(network: str) -> tuple[str, ...]:
    """Raises InvalidRequest unless `network` is private and small."""
    try:
        parsed = ipaddress.ip_network(network, strict=False)
    except ValueError as error:
        raise _unfit("must be a network such as 192.168.1.0/24") from error
    if not any(_is_within(parsed, private) for private in _PRIVATE):
        raise _unfit("must be a private network, such as 192.168.1.0/24")
    if parsed.num_addresses > MAX_ADDRESSES:
        raise _unfit(f"must have at most {MAX_ADDRESSES} addresses (a /24)")
    return tuple(str(address) for address in parsed.hosts())


def _look(look: tuple[str, Server, float]) -> Found | None:
    """None is the usual answer: hardly any port has a model server."""
    preset, server, connect_s = look
    if time.monotonic() >= server.until:
        return None
    try:
        server.connected(connect_s).close()
        identity = _IDENTIFY[preset](server)
    except Fault:
        return None
    return None if identity is None else _found(preset, server, identity)


def _found(preset: str, server: Server, identity: Identity) -> Found:
    label = VENDORS[preset].label
    host = f"[{server.ip}]" if ":" in server.ip else server.ip
    is_here = _is_loopback(server.ip)
    return Found(
        kind=preset,
        preset=preset,
        base_url=f"http://{'localhost' if server.ip == '127.0.0.1' else host}:{server.port}/v1",
        name=label if is_here else f"{label} at {server.ip}",
        models_count=identity.models_count,
        detail=identity.detail,
    )


def _once(found: Found) -> tuple[str, str]:
    is_here = "localhost" in found.base_url or "[::1]" in found.base_url
    return found.preset, "here" if is_here else found.base_url


# Who is who


def _lmstudio(server: Server) -> Identity | None:
    if _field(server.get("/lmstudio-greeting"), "lmstudio") is not True:
        return None
    return _counted(server.get("/v1/models"), "data", "")


def _ollama(server: Server) -> Identity | None:
    version = _field(server.get("/api/version"), "version")
    if not isinstance(version, str):
        return None
    tags = server.get("/api/tags")
    return _counted(tags, "models", f"version {version}") if "models" in _dict(tags.document) else None


def _llamacpp(server: Server) -> Identity | None:
    health = server.get("/health")
    is_loading = health.status == 503 and _dict(health.error).get("type") == "unavailable_error"
    if _field(health, "status") != "ok" and not is_loading:
        return None
    models = server.get("/v1/models")
    entries = _field(models, "data")
    is_llamacpp = isinstance(entries, list) and any(_dict(one).get("owned_by") == "llamacpp" for one in entries)
    if not is_llamacpp and "default_generation_settings" not in _dict(server.get("/props").document):
        return None
    return _counted(models, "data", "a model is being loaded" if is_loading else "")


def _vllm(server: Server) -> Identity | None:
    version = _field(server.get("/version"), "version")
    if not isinstance(version, str):
        return None
    models = server.get("/v1/models")
    entries = _field(models, "data")
    is_vllm = isinstance(entries, list) and any("max_model_len" in _dict(one) for one in entries)
    # With a key set, its refusal is words where others have an object.
    is_guarded = models.status == 401 and isinstance(models.error, str)
    return _counted(models, "data", f"version {version}") if is_vllm or is_guarded else None


_IDENTIFY: Mapping[str, Callable[[Server], Identity | None]] = MappingProxyType(
    {"lmstudio": _lmstudio, "ollama": _ollama, "llamacpp": _llamacpp, "vllm": _vllm}
)


def _counted(reply: Reply, name: str, detail: str) -> Identity:
    if reply.status in (401, 403):
        return Identity(None, ", ".join(part for part in (detail, "a key is needed") if part))
    entries = _field(reply, name)
    return Identity(len(entries) if isinstance(entries, list) else 0, detail)


def _field(reply: Reply, name: str) -> Any:
    return _dict(reply.document).get(name) if reply.status == 200 else None


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_loopback(ip: str) -> bool:
    return ipaddress.ip_address(ip).is_loopback


def _is_within(network: Any, outer: Any) -> bool:
    return network.version == outer.version and bool(network.subnet_of(outer))


def _unfit(problem: str) -> InvalidRequest:
    return InvalidRequest(f"network {problem}.", param="network", details=[Problem("network", problem)])
