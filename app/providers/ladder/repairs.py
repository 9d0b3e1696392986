"""Other addresses that may be the one that was meant: guesses, each to be tried before it is offered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urljoin, urlsplit

from app.domain.catalog import ProviderConfig
from app.providers.addresses import Reach, classify
from app.providers.ladder.climb import Outcome
from app.providers.ladder.report import Diagnosis, Fault
from app.providers.ladder.vendors import Vendor

# What people copy from a vendor's documentation together with the address.
_ENDPOINTS = (
    "/chat/completions",
    "/completions",
    "/embeddings",
    "/models",
    "/responses",
    "/messages",
    "/audio/transcriptions",
    "/images/generations",
    "/api/generate",
    "/api/chat",
    "/api/tags",
)
_LOOPBACKS = ("127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Url:
    """A base address in parts; `host` has the brackets of an IPv6 address."""

    scheme: str
    host: str
    port: int | None
    path: str

    @staticmethod
    def of(text: str) -> Url:
        parts = urlsplit(text)
        host = parts.hostname or ""
        return Url(parts.scheme, f"[{host}]" if ":" in host else host, parts.port, parts.path.rstrip("/"))

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.path}"

    @property
    def effective_port(self) -> int:
        return self.port or (443 if self.scheme == "https" else 80)


def path_fault(path: str) -> tuple[Diagnosis | None, str]:
    """The first thing that is wrong with a path by its looks, and the path with all such things mended."""
    fault = None
    mended = path.rstrip("/")
    endpoint = next((end for end in _ENDPOINTS if mended.endswith(end)), None)
    if endpoint is not None:
        fault = Diagnosis.ENDPOINT_IN_URL
        mended = mended.removesuffix(endpoint)
    while "//" in mended:
        fault = fault or Diagnosis.DOUBLE_SLASH
        mended = mended.replace("//", "/")
    while "/v1/v1" in mended:
        fault = fault or Diagnosis.DOUBLED_V1
        mended = mended.replace("/v1/v1", "/v1")
    return fault, mended.rstrip("/")


def other_paths(url: Url, vendor: Vendor) -> tuple[Url, ...]:
    """Where else on the same server the API may be, the likeliest first, the address itself left out."""
    _, mended = path_fault(url.path)
    paths = [mended, vendor.root, "/v1"]
    if not mended.endswith("/v1"):
        paths.insert(1, f"{mended}/v1")
    return tuple(replace(url, path=path) for path in dict.fromkeys(paths) if path != url.path)


def other_places(url: Url, vendor: Vendor, outcome: Outcome) -> tuple[Url, ...]:
    """Where else on this machine or network the server may listen: the other loopback address, its usual port."""
    if any(classify(place.ip) is Reach.PUBLIC for place in outcome.places):
        return ()
    guesses: list[Url] = []
    if any(classify(place.ip) is Reach.LOOPBACK for place in outcome.places):
        guesses += [replace(url, host=host) for host in _LOOPBACKS if host != url.host]
    if vendor.port not in (None, url.effective_port):
        moved = replace(url, port=vendor.port)
        guesses += [moved, *other_paths(moved, vendor)]
    return tuple(guesses)


def other_scheme(url: Url, vendor: Vendor) -> tuple[Url, ...]:
    """The same port with and without TLS."""
    scheme = "http" if url.scheme == "https" else "https"
    swapped = Url(scheme, url.host, url.effective_port, url.path)
    return (swapped, *other_paths(swapped, vendor))


def redirect_target(base_url: str, location: str | None) -> SplitResult | None:
    """Where a redirect of the model list leads; None where it does not say so in a way that can be read."""
    if location is None:
        return None
    try:
        target = urlsplit(urljoin(f"{base_url.rstrip('/')}/models", location))
        # Reading the port is what finds out that it is none.
        return target if target.hostname and target.port != 0 else None
    except ValueError:
        return None


def redirected(url: Url, fault: Fault) -> tuple[Url, ...]:
    """Where a redirect leads, if that is the same host (never from TLS to plain: the key would travel readable)."""
    target = redirect_target(str(url), fault.location)
    if target is None or target.scheme not in ("http", "https"):
        return ()
    path = target.path.rstrip("/")
    if not path.endswith("/models"):
        return ()
    there = Url.of(target._replace(path=path.removesuffix("/models"), query="", fragment="").geturl())
    is_downgrade = url.scheme == "https" and there.scheme == "http"
    return () if there.host != url.host or is_downgrade or there == url else (there,)


def moved(config: ProviderConfig, url: Url) -> ProviderConfig:
    return replace(config, base_url=str(url))


def without_key(config: ProviderConfig) -> ProviderConfig:
    """For asking a server that the key is not meant for yet."""
    return replace(config, api_key=None, extra_headers={})


def may_go_plain(config: ProviderConfig, outcome: Outcome) -> bool:
    """Whether what was meant for TLS may be sent without: never a key over the internet."""
    private = all(classify(place.ip) is not Reach.PUBLIC for place in outcome.places)
    return private or (config.api_key is None and not config.extra_headers)
