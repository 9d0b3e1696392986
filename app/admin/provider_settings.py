"""Providers as operators see them: made, changed, activated and rolled back, every change audited."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from app.admin import provider_changes as changes
from app.admin import provider_rules as rules
from app.admin.clock import utc_now
from app.admin.provider_addresses import origin
from app.admin.provider_changes import Occasion
from app.admin.provider_documents import fields_of
from app.admin.provider_fields import ProviderFields, applied, without_foreign_secrets
from app.admin.provider_rules import Editor
from app.domain.audit import Actor
from app.domain.catalog import ProviderConfig, Scope
from app.domain.errors import NotFound
from app.domain.settings import Settings
from app.providers.base import ProviderKind
from app.providers.registry import kinds as provider_classes
from app.storage.database import Database
from app.storage.paging import Page
from app.storage.provider_configs import (
    Providers,
    ProviderVersion,
    StoredProvider,
    changing_providers,
    with_providers,
)
from app.storage.secrets import SecretBox
from app.storage.unit import Window

T = TypeVar("T")

MISSING_SECRETS = (
    "The stored secrets can't be decrypted with PATCHBAY_SECRET_KEYS: bring the old key back, or set api_key again."
)


def known_kinds() -> Mapping[str, ProviderKind]:
    """By name."""
    return {name: provider.KIND for name, provider in provider_classes().items()}


@dataclass(frozen=True, slots=True)
class Edited:
    """A provider after a change, and what the operator must be told about it."""

    provider: StoredProvider
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that is asked for: `fields` over `start`, which is `stored` or a blank."""

    stored: StoredProvider
    start: ProviderConfig
    fields: ProviderFields
    occasion: Occasion


class ProviderSettings:
    """Providers, with every rule about changing them."""

    def __init__(
        self,
        database: Database,
        box: SecretBox,
        *,
        kinds: Callable[[], Mapping[str, ProviderKind]] = known_kinds,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._box = box
        self._kinds = kinds
        self._now = now

    def visible(self, by: Editor, *, all_personal: bool = False) -> tuple[StoredProvider, ...]:
        """Shared providers (for users: enabled ones) and one's own, in order of creation.

        `all_personal` adds, for administrators, those of everybody else.
        """
        every = self._read(lambda providers, _: providers.all())
        return tuple(
            one
            for one in every
            if by.sees(one.config) and (one.config.scope is Scope.SHARED or by.owns(one.config) or all_personal)
        )

    def default(self, by: Editor) -> StoredProvider:
        """Raises NotFound while there is none."""
        for one in self.visible(by):
            if one.config.is_default:
                return one
        raise NotFound("No provider is the default yet; the first one that an administrator adds becomes it.")

    def get(self, reference: str, by: Editor) -> StoredProvider:
        """By id or slug, for who may edit it. Raises NotFound or NotAllowed."""
        return self._read(lambda providers, _: rules.editable(providers, reference, by))

    def draft(self, fields: ProviderFields, by: Editor) -> ProviderConfig:
        """A provider as `create` would make it, not stored. Raises InvalidRequest or NotAllowed."""
        return self._read(lambda _, settings: self._made(fields, by, settings))

    def changed(self, reference: str, fields: ProviderFields, by: Editor) -> Edited:
        """A provider as `update` would leave it, not stored. Raises NotFound, NotAllowed or InvalidRequest."""

        def change(providers: Providers, settings: Settings) -> Edited:
            stored = rules.editable(providers, reference, by)
            edit = Edit(stored, stored.config, fields, Occasion(by.actor, self._now()))
            config, notices = self._wanted(edit, settings)
            return Edited(replace(stored, config=config), notices)

        return self._read(change)

    def create(self, fields: ProviderFields, by: Editor) -> Edited:
        """The first shared provider becomes the default. Raises InvalidRequest, NotAllowed or Conflict."""

        def make(providers: Providers, settings: Settings) -> Edited:
            config = self._made(fields, by, settings)
            others = [one.config for one in providers.all()]
            rules.check_name(config, others)
            config = replace(
                config,
                slug=rules.new_slug(fields, config, others),
                cable=fields.get("cable") or changes.free_cable(others),
                is_default=_becomes_default(config, others),
            )
            return Edited(changes.add(providers, StoredProvider(config), Occasion(by.actor, self._now())))

        return self._write(make)

    def update(
        self, reference: str, fields: ProviderFields, by: Editor, *, whole: bool = False, version: int | None = None
    ) -> Edited:
        """Change the fields named; with `whole` every other one goes back to its default, except secrets.

        Raises NotFound, NotAllowed, InvalidRequest, Conflict, DefaultProvider, or VersionMismatch when the provider
        is not at `version`.
        """

        def change(providers: Providers, settings: Settings) -> Edited:
            stored = rules.editable(providers, reference, by)
            rules.check_version(stored.config, version)
            rules.check_personal(stored.config.scope, by, settings)
            rules.check_fixed(stored.config, fields)
            start = _reset(stored.config) if whole else stored.config
            return self._save(providers, settings, Edit(stored, start, fields, Occasion(by.actor, self._now())))

        return self._write(change)

    def delete(self, reference: str, by: Editor, *, version: int | None = None) -> None:
        """Raises NotFound, NotAllowed, VersionMismatch or DefaultProvider."""

        def remove(providers: Providers, _: Settings) -> None:
            config = rules.editable(providers, reference, by).config
            rules.check_version(config, version)
            rules.check_can_go(config)
            changes.remove(providers, config, by.actor)

        self._write(remove)

    def activate(self, reference: str, by: Editor) -> StoredProvider:
        """Make a provider the default one. Raises NotFound, NotAllowed or Conflict (disabled, personal)."""

        def move(providers: Providers, _: Settings) -> StoredProvider:
            stored = rules.editable(providers, reference, by)
            rules.check_can_be_default(stored.config, by)
            return stored if stored.config.is_default else _marked(providers, stored, by.actor)

        return self._write(move)

    def versions(self, reference: str, by: Editor, window: Window) -> Page[ProviderVersion]:
        """Newest first. Raises NotFound, NotAllowed or InvalidRequest."""
        return self._read(
            lambda providers, _: providers.versions(rules.editable(providers, reference, by).config.id, window)
        )

    def rollback(self, reference: str, version: int, by: Editor) -> Edited:
        """Bring the configuration back to what it was at `version`; secrets stay as they are.

        Raises NotFound, NotAllowed, InvalidRequest, Conflict or DefaultProvider.
        """

        def change(providers: Providers, settings: Settings) -> Edited:
            stored = rules.editable(providers, reference, by)
            document = providers.version(stored.config.id, version)
            if document is None:
                raise NotFound(f"{stored.config.name} has no version {version}.")
            occasion = Occasion(by.actor, self._now(), "rollback")
            edit = Edit(stored, _reset(stored.config), fields_of(document), occasion)
            return self._save(providers, settings, edit)

        return self._write(change)

    def _read(self, work: Callable[[Providers, Settings], T]) -> T:
        return with_providers(self._database, self._box, work)

    def _write(self, work: Callable[[Providers, Settings], T]) -> T:
        return changing_providers(self._database, self._box, work)

    def _made(self, fields: ProviderFields, by: Editor, settings: Settings) -> ProviderConfig:
        """A new provider, without slug. Raises InvalidRequest or NotAllowed."""
        scope, now = rules.scope_of(fields, by), self._now()
        rules.check_personal(scope, by, settings)
        blank = ProviderConfig(
            id=str(uuid.uuid4()),
            slug="",
            name="",
            kind="",
            base_url="",
            scope=scope,
            owner_id=by.actor.id if scope is Scope.PERSONAL else None,
            created_at=now,
            updated_at=now,
        )
        kinds = self._kinds()
        config = applied(blank, fields, kinds)
        rules.check_reach(config, kinds[config.kind], settings)
        return config

    def _wanted(self, edit: Edit, settings: Settings) -> tuple[ProviderConfig, tuple[str, ...]]:
        """What `edit` leads to, and notices about it. Raises InvalidRequest."""
        kinds, old = self._kinds(), edit.stored.config
        new, notices = without_foreign_secrets(old, applied(edit.start, edit.fields, kinds), edit.fields)
        rules.check_kind(old, new, kinds)
        if (new.base_url, new.proxy_url) != (old.base_url, old.proxy_url):
            rules.check_reach(new, kinds[new.kind], settings)
        return new, notices

    def _save(self, providers: Providers, settings: Settings, edit: Edit) -> Edited:
        old = edit.stored.config
        new, notices = self._wanted(edit, settings)
        stored = _with_secrets_of(edit, new)
        if new == old and stored.unreadable == edit.stored.unreadable:
            return Edited(edit.stored)
        rules.check_stays_enabled(old, new)
        others = [one.config for one in providers.all() if one.config.id != old.id]
        rules.check_name(new, others)
        saved = changes.save(providers, stored, new, edit.occasion)
        if _becomes_default(new, others) and not new.is_default:
            saved = _marked(providers, saved, edit.occasion.by)
        return Edited(saved, notices)


def _with_secrets_of(edit: Edit, new: ProviderConfig) -> StoredProvider:
    """Secrets that can't be read are kept for the day the old key comes back, until somebody sets or removes some."""
    stored, fields = edit.stored, edit.fields
    removed = "api_key" in fields and fields["api_key"] is None
    moved = origin(stored.config.base_url) != origin(new.base_url)
    given = fields.get("api_key") or fields.get("extra_headers") or fields.get("proxy_url")
    if stored.unreadable and not (removed or moved or given):
        return stored
    return replace(stored, sealed=None, unreadable=False)


def _becomes_default(config: ProviderConfig, others: Sequence[ProviderConfig]) -> bool:
    """Whether a shared provider takes the mark because nobody has it."""
    return config.scope is Scope.SHARED and config.enabled and not any(one.is_default for one in others)


def _marked(providers: Providers, stored: StoredProvider, by: Actor) -> StoredProvider:
    changes.make_default(providers, stored.config, by)
    return replace(stored, config=replace(stored.config, is_default=True))


def _reset(config: ProviderConfig) -> ProviderConfig:
    """`config` with its default in every field that a whole replacement may leave out; secrets stay."""
    return ProviderConfig(
        id=config.id,
        slug=config.slug,
        name=config.name,
        kind=config.kind,
        base_url="",
        api_key=config.api_key,
        extra_headers=config.extra_headers,
        proxy_url=config.proxy_url,
        is_default=config.is_default,
        cable=config.cable,
        scope=config.scope,
        owner_id=config.owner_id,
        version=config.version,
        created_at=config.created_at,
        updated_at=config.updated_at,
    )
