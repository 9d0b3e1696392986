"""All that requests need to know, read from the database at one version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.accounts import ApiKey, User
from app.domain.catalog import Alias, ProviderConfig
from app.domain.settings import Settings


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Immutable; a change in the database makes another with a higher `version`."""

    version: int
    providers: tuple[ProviderConfig, ...]
    """Every provider, enabled or not, in order of creation, with decrypted secrets."""
    users: Mapping[str, User]
    """By id."""
    keys: Mapping[str, ApiKey]
    """By SHA-256 of the key, revoked and expired ones too."""
    revoked_sessions: frozenset[str]
    """Ids of sessions that ended before their newest access token expires."""
    aliases: Mapping[str, Alias]
    """Enabled ones, by name."""
    settings: Settings

    @property
    def default_provider(self) -> ProviderConfig | None:
        return next((provider for provider in self.providers if provider.is_default), None)

    @property
    def provider_ids(self) -> frozenset[str]:
        return frozenset(provider.id for provider in self.providers)

    def provider(self, reference: str) -> ProviderConfig | None:
        """By id or slug."""
        return next((one for one in self.providers if reference in (one.slug, one.id)), None)
