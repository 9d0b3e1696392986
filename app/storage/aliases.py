"""Names of our own for models."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.domain.catalog import Alias, AliasTarget
from app.storage.paging import Page
from app.storage.tables import AliasRow
from app.storage.unit import Unit, Window


def enabled_aliases(session: Session) -> Mapping[str, Alias]:
    """By name."""
    return {row.name: _alias(row) for row in session.scalars(select(AliasRow).where(AliasRow.enabled))}


class Aliases(Unit):
    """Aliases inside one transaction."""

    def add(self, alias: Alias, at: datetime) -> None:
        self._session.add(
            AliasRow(
                id=alias.id,
                name=alias.name,
                targets=_targets(alias),
                enabled=alias.enabled,
                created_at=at,
                updated_at=at,
            )
        )

    def save(self, alias: Alias, at: datetime) -> None:
        self._session.execute(
            update(AliasRow)
            .where(AliasRow.id == alias.id)
            .values(name=alias.name, targets=_targets(alias), enabled=alias.enabled, updated_at=at)
        )

    def remove(self, alias_id: str) -> None:
        self._session.execute(delete(AliasRow).where(AliasRow.id == alias_id))

    def by_id(self, alias_id: str) -> Alias | None:
        row = self._row(AliasRow, alias_id)
        return None if row is None else _alias(row)

    def all(self) -> tuple[Alias, ...]:
        """Enabled or not, by name."""
        return tuple(_alias(row) for row in self._session.scalars(select(AliasRow).order_by(AliasRow.name)))

    def page(self, window: Window) -> Page[Alias]:
        """Newest first. Raises InvalidRequest for an unknown cursor."""
        return self._page(select(AliasRow), AliasRow, window, _alias)


def _targets(alias: Alias) -> list[dict[str, object]]:
    return [{"model": target.model, "weight": target.weight} for target in alias.targets]


def _alias(row: AliasRow) -> Alias:
    targets = tuple(AliasTarget(target["model"], target["weight"]) for target in row.targets)
    return Alias(id=row.id, name=row.name, targets=targets, enabled=row.enabled)
