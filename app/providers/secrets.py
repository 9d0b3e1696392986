"""What of a provider's configuration nobody but the provider may read, wherever it comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import msgspec

from app.domain.catalog import ProviderConfig

SHORTEST = 8
"""A shorter key is a word that was filled in because a client wants one; it may well be part of other words."""
_HIDDEN = b"[key]"
_SCHEMES = frozenset({"basic", "bearer", "token"})


class Secrets:
    """The key, the extra headers' values and the proxy's password of one configuration."""

    def __init__(self, config: ProviderConfig) -> None:
        # As they are and as JSON writes them; the longest first, as one may be part of another.
        found = {form for secret in _secrets_of(config) if len(secret) >= SHORTEST for form in _forms(secret)}
        words = sorted(found, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, words))) if words else None

    def hidden_in(self, data: bytes) -> bytes:
        return data if self._pattern is None else self._pattern.sub(_HIDDEN, data)


def _secrets_of(config: ProviderConfig) -> Iterator[str]:
    if config.api_key:
        yield config.api_key
    for value in config.extra_headers.values():
        yield value
        scheme, _, credential = value.partition(" ")
        if scheme.lower() in _SCHEMES:
            yield credential.strip()
    if config.proxy_url:
        yield unquote(urlsplit(config.proxy_url).password or "")


def _forms(secret: str) -> Iterator[bytes]:
    yield secret.encode()
    yield msgspec.json.encode(secret)[1:-1]
