"""Where a provider is and how it is reached."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from app.domain.catalog import ProviderConfig


@dataclass(frozen=True, slots=True)
class Proxy:
    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    """One server. `path` is the base address's path without a slash at its end."""

    tls: bool
    host: str
    port: int
    path: str
    proxy: Proxy | None = None
    ca_pem: str | None = field(default=None, repr=False)
    connect_s: float = 5.0
    allow_private: bool = True

    @property
    def authority(self) -> str:
        """The `Host` header: without the scheme's own port, IPv6 in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.authority}"

    @staticmethod
    def of(config: ProviderConfig, *, allow_private: bool) -> Target:
        """`config`'s server."""
        url = urlsplit(config.base_url)
        tls = url.scheme == "https"
        return Target(
            tls=tls,
            host=url.hostname or "",
            port=url.port or (443 if tls else 80),
            path=url.path.rstrip("/"),
            proxy=_proxy(config.proxy_url),
            ca_pem=config.ca_pem,
            connect_s=config.timeouts.connect_s,
            allow_private=allow_private,
        )


def _proxy(url: str | None) -> Proxy | None:
    if url is None:
        return None
    parts = urlsplit(url)
    authorization = None
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + base64.b64encode(pair.encode()).decode()
    return Proxy(parts.hostname or "", parts.port or 3128, authorization)
