"""API keys: what is known of them, and the SHA-256 they are recognised by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.accounts import ApiKey
from app.storage.paging import Page
from app.storage.tables import ApiKeyRow
from app.storage.unit import Unit, Window


def all_keys(session: Session) -> Mapping[str, ApiKey]:
    """Every key by its SHA-256, revoked and expired ones too."""
    return {row.sha256: _key(row) for row in session.scalars(select(ApiKeyRow))}


class Keys(Unit):
    """API keys inside one transaction."""

    def add(self, key: ApiKey) -> None:
        self._session.add(
            ApiKeyRow(
                id=key.id,
                user_id=key.user_id,
                name=key.name,
                prefix=key.prefix,
                sha256=key.sha256,
                models=None if key.models is None else list(key.models),
                requests_per_minute=key.requests_per_minute,
                expires_at=key.expires_at,
                revoked_at=None,
                created_at=key.created_at,
                last_used_at=None,
            )
        )

    def save(self, key: ApiKey) -> None:
        """Keep the settings and the secret's hash of a key that exists."""
        self._session.execute(
            update(ApiKeyRow)
            .where(ApiKeyRow.id == key.id)
            .values(
                name=key.name,
                prefix=key.prefix,
                sha256=key.sha256,
                models=None if key.models is None else list(key.models),
                requests_per_minute=key.requests_per_minute,
                expires_at=key.expires_at,
            )
        )

    def revoke(self, key_id: str, at: datetime) -> None:
        self._session.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(revoked_at=at))

    def by_id(self, key_id: str) -> ApiKey | None:
        """A key that was not revoked."""
        row = self._row(ApiKeyRow, key_id)
        return None if row is None or row.revoked_at is not None else _key(row)

    def page(self, user_id: str | None, window: Window) -> Page[ApiKey]:
        """Keys that were not revoked, of one user or all, newest first. Raises InvalidRequest for an unknown cursor."""
        query = select(ApiKeyRow).where(ApiKeyRow.revoked_at.is_(None))
        if user_id is not None:
            query = query.where(ApiKeyRow.user_id == user_id)
        return self._page(query, ApiKeyRow, window, _key)

    def note_uses(self, used_at: Mapping[str, datetime]) -> None:
        """When keys were used last, by id."""
        for key_id, at in sorted(used_at.items()):
            self._session.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(last_used_at=at))


def _key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        prefix=row.prefix,
        sha256=row.sha256,
        models=None if row.models is None else tuple(row.models),
        requests_per_minute=row.requests_per_minute,
        expires_at=row.expires_at,
        revoked=row.revoked_at is not None,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
