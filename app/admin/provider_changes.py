"""What a change of a provider writes: the row, a version of its configuration, an entry in the audit log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.admin.differences import differences
from app.admin.provider_documents import configuration, replaced_secrets
from app.domain.audit import Actor, Change
from app.domain.catalog import CABLES, ProviderConfig
from app.storage.provider_configs import Providers, StoredProvider


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who changes something, when, and what that is called in the audit log."""

    by: Actor
    at: datetime
    action: str = "update"


def add(providers: Providers, stored: StoredProvider, occasion: Occasion) -> StoredProvider:
    """Raises Conflict when the slug was taken at the same moment."""
    config = stored.config
    providers.add(stored)
    providers.add_version(config, configuration(config), occasion.by.id)
    document = {**configuration(config), "slug": config.slug, "scope": config.scope.value}
    providers.record(occasion.by, _change("create", config, new={**document, "is_default": config.is_default}))
    return stored


def save(providers: Providers, stored: StoredProvider, new: ProviderConfig, occasion: Occasion) -> StoredProvider:
    """`stored` with the configuration `new`, one version on."""
    old = stored.config
    new = replace(new, version=old.version + 1, updated_at=occasion.at)
    saved = replace(stored, config=new)
    providers.save(saved)
    providers.add_version(new, configuration(new), occasion.by.id)
    before, after = differences(configuration(old), configuration(new))
    after |= replaced_secrets(old, new)
    providers.record(occasion.by, _change(occasion.action, new, old=before, new=after))
    return saved


def remove(providers: Providers, config: ProviderConfig, by: Actor) -> None:
    providers.remove(config.id)
    providers.record(by, _change("delete", config, old=configuration(config)))


def make_default(providers: Providers, config: ProviderConfig, by: Actor) -> None:
    """Move the mark of the default provider to `config`."""
    before = next((one.config.slug for one in providers.all() if one.config.is_default), None)
    providers.make_default(config.id)
    providers.record(by, _change("activate", config, old={"default": before}, new={"default": config.slug}))


def free_cable(others: Iterable[ProviderConfig]) -> int:
    """The colour that the fewest providers have, the lowest of several."""
    used = Counter(other.cable for other in others)
    return min(range(1, CABLES + 1), key=lambda cable: used[cable])


def _change(
    action: str,
    config: ProviderConfig,
    *,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> Change:
    return Change(action, "provider", config.id, config.slug, old, new)
