"""Configured providers, their secrets (sealed) and the history of their configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

import structlog
from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.catalog import DefaultModels, ProviderConfig, Scope, Timeouts
from app.domain.errors import Conflict, InvalidRequest, Problem
from app.domain.settings import Settings
from app.storage.database import Database
from app.storage.paging import Page
from app.storage.secrets import SecretBox, SecretUnreadable
from app.storage.settings import read_settings
from app.storage.tables import ProviderRow, ProviderVersionRow, UserRow
from app.storage.unit import Unit, Window

T = TypeVar("T")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class StoredProvider:
    """A provider with what only its administration needs to know."""

    config: ProviderConfig
    from_env: Mapping[str, Any] | None = None
    """What the environment last wrote, per field, without the key; None for providers made by people."""
    env_api_key: str | None = field(default=None, repr=False)
    """The key that the environment last wrote."""
    sealed: bytes | None = field(default=None, repr=False)
    """The secrets as stored; saving keeps these bytes, unless they are None: then the config's are sealed."""
    unreadable: bool = False
    """There are secrets, but none of our encryption keys opens them; the config is without."""


@dataclass(frozen=True, slots=True)
class ProviderVersion:
    """A configuration as it was, without secrets."""

    version: int
    configuration: Mapping[str, Any]
    changed_by: str | None
    """A username; None for the environment, and for users who are gone."""
    created_at: datetime


def all_providers(session: Session, box: SecretBox) -> tuple[StoredProvider, ...]:
    """Every provider in order of creation."""
    rows = session.scalars(select(ProviderRow).order_by(ProviderRow.created_at, ProviderRow.id))
    return tuple(_stored(row, box) for row in rows)


class Providers(Unit):
    """Providers inside one transaction."""

    def __init__(self, session: Session, box: SecretBox) -> None:
        super().__init__(session)
        self._box = box

    def all(self) -> tuple[StoredProvider, ...]:
        """In order of creation."""
        return all_providers(self._session, self._box)

    def find(self, reference: str) -> StoredProvider | None:
        """By id or slug."""
        # PostgreSQL refuses some texts (NUL) as parameters; no slug holds such characters.
        if not reference.isprintable():
            return None
        query = select(ProviderRow).where(or_(ProviderRow.id == reference, ProviderRow.slug == reference))
        row = self._session.scalars(query).first()
        return None if row is None else _stored(row, self._box)

    def add(self, stored: StoredProvider) -> None:
        """Raises Conflict when the slug is taken, or the owner gone."""
        config = stored.config
        self._session.add(
            ProviderRow(
                id=config.id, slug=config.slug, is_default=False, created_at=config.created_at, **self._columns(stored)
            )
        )
        try:
            self._session.flush()
        except IntegrityError as error:
            raise Conflict(
                f"The slug {config.slug!r} was taken, or the provider's owner removed, at the same moment.",
                param="slug",
                details=[Problem("slug", "is already taken")],
            ) from error
        if config.is_default:
            self.make_default(config.id)

    def save(self, stored: StoredProvider) -> None:
        """Keep everything but id, slug, default mark and time of creation."""
        query = update(ProviderRow).where(ProviderRow.id == stored.config.id)
        self._session.execute(query.values(**self._columns(stored)))

    def make_default(self, provider_id: str) -> None:
        """Move the mark: the only provider that has it afterwards."""
        self._session.execute(update(ProviderRow).where(ProviderRow.is_default).values(is_default=False))
        self._session.execute(update(ProviderRow).where(ProviderRow.id == provider_id).values(is_default=True))

    def remove(self, provider_id: str) -> None:
        """Its versions go too; the audit log stays."""
        self._session.execute(delete(ProviderRow).where(ProviderRow.id == provider_id))

    def add_version(self, config: ProviderConfig, configuration: Mapping[str, Any], changed_by: str | None) -> None:
        self._session.add(
            ProviderVersionRow(
                provider_id=config.id,
                version=config.version,
                configuration=dict(configuration),
                changed_by=changed_by,
                created_at=config.updated_at,
            )
        )

    def version(self, provider_id: str, version: int) -> Mapping[str, Any] | None:
        """The configuration at `version`."""
        row = self._session.get(ProviderVersionRow, (provider_id, version))
        return None if row is None else row.configuration

    def versions(self, provider_id: str, window: Window) -> Page[ProviderVersion]:
        """Newest first; the cursor is a version number. Raises InvalidRequest for an unknown cursor."""
        query = (
            select(ProviderVersionRow, UserRow.username)
            .outerjoin(UserRow, UserRow.id == ProviderVersionRow.changed_by)
            .where(ProviderVersionRow.provider_id == provider_id)
            .order_by(ProviderVersionRow.version.desc())
        )
        if window.cursor is not None:
            query = query.where(ProviderVersionRow.version < _version_number(window.cursor))
        rows = self._session.execute(query.limit(window.limit + 1)).all()
        shown = [ProviderVersion(row.version, row.configuration, name, row.created_at) for row, name in rows]
        more = str(shown[window.limit - 1].version) if len(shown) > window.limit else None
        return Page(tuple(shown[: window.limit]), more)

    def _columns(self, stored: StoredProvider) -> dict[str, Any]:
        config = stored.config
        return {
            "name": config.name,
            "kind": config.kind,
            "base_url": config.base_url,
            "preset": config.preset,
            "models": asdict(config.models),
            "secret": stored.sealed or self._sealed(stored),
            "enabled": config.enabled,
            "timeouts": asdict(config.timeouts),
            "max_tokens": config.max_tokens,
            "temperature": config.temperature,
            "max_concurrency": config.max_concurrency,
            "ca_pem": config.ca_pem,
            "options": dict(config.options),
            "cable": config.cable,
            "scope": config.scope.value,
            "owner_id": config.owner_id,
            "from_env": None if stored.from_env is None else dict(stored.from_env),
            "version": config.version,
            "updated_at": config.updated_at,
        }

    def _sealed(self, stored: StoredProvider) -> bytes | None:
        config = stored.config
        secrets = {
            "api_key": config.api_key,
            "extra_headers": dict(config.extra_headers),
            "proxy_url": config.proxy_url,
            "env_api_key": stored.env_api_key,
        }
        return self._box.seal(secrets) if any(secrets.values()) else None


def with_providers(database: Database, box: SecretBox, work: Callable[[Providers, Settings], T]) -> T:
    """What `work` makes of the providers and the settings, read in one transaction."""
    return database.read(lambda session: work(Providers(session, box), read_settings(session)))


def changing_providers(database: Database, box: SecretBox, work: Callable[[Providers, Settings], T]) -> T:
    """What `work` returns, its changes stored; one at a time, so that what it read stays true until then."""

    def change(session: Session) -> T:
        providers = Providers(session, box)
        providers.begin_change()
        return work(providers, read_settings(session))

    return database.write(change)


def _stored(row: ProviderRow, box: SecretBox) -> StoredProvider:
    """With its secrets; without them, and loudly, where they can't be read: one provider must not stop the others."""
    bare = StoredProvider(_config(row), row.from_env, sealed=row.secret)
    if row.secret is None:
        return bare
    try:
        secrets = box.open(row.secret)
    except SecretUnreadable as error:
        log.error("provider_secret_unreadable", provider=row.slug, problem=str(error))
        return replace(bare, unreadable=True)
    config = replace(
        bare.config,
        api_key=secrets["api_key"],
        extra_headers=secrets["extra_headers"],
        proxy_url=secrets["proxy_url"],
    )
    return replace(bare, config=config, env_api_key=secrets["env_api_key"])


def _config(row: ProviderRow) -> ProviderConfig:
    return ProviderConfig(
        id=row.id,
        slug=row.slug,
        name=row.name,
        kind=row.kind,
        base_url=row.base_url,
        models=DefaultModels(**row.models),
        preset=row.preset,
        is_default=row.is_default,
        enabled=row.enabled,
        timeouts=Timeouts(**row.timeouts),
        max_tokens=row.max_tokens,
        temperature=row.temperature,
        max_concurrency=row.max_concurrency,
        ca_pem=row.ca_pem,
        options=row.options,
        cable=row.cable,
        scope=Scope(row.scope),
        owner_id=row.owner_id,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _version_number(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        problem = "is not a cursor of this list; take it from next_cursor or leave it out"
        raise InvalidRequest(f"cursor: {problem}", param="cursor", details=[Problem("cursor", problem)])
    return int(cursor)
