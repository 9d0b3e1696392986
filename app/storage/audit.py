"""The audit log: written with the change it tells about, kept when the object is gone."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from app.domain.audit import Actor, AuditEntry, Change
from app.storage.database import Database
from app.storage.paging import Page, Position
from app.storage.tables import AuditRow


def record(session: Session, by: Actor, change: Change, *, at: datetime | None = None) -> None:
    """Note `change` in the caller's transaction: both are kept or neither."""
    session.add(
        AuditRow(
            id=str(uuid.uuid4()),
            at=at or datetime.now(UTC),
            actor_id=by.id,
            actor=by.name,
            action=change.action,
            object_type=change.object_type,
            object_id=change.object_id,
            object_name=change.object_name,
            old=None if change.old is None else dict(change.old),
            new=None if change.new is None else dict(change.new),
            request_id=by.request_id,
        )
    )


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; None does not narrow. `since` is included, `until` is not."""

    object_type: str | None = None
    object_id: str | None = None
    object_name: str | None = None
    actor_id: str | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditLog:
    """Reading the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, wanted: AuditFilter, *, limit: int = 50, cursor: str | None = None) -> Page[AuditEntry]:
        """Newest first. Raises InvalidRequest for an unknown cursor."""
        query = _narrowed(select(AuditRow), wanted)
        if cursor is not None:
            after = Position.parse(cursor)
            query = query.where(tuple_(AuditRow.at, AuditRow.id) < (after.at, after.id))
        query = query.order_by(AuditRow.at.desc(), AuditRow.id.desc()).limit(limit + 1)
        rows = self._database.read(lambda session: session.scalars(query).all())
        more = Position(rows[limit - 1].at, rows[limit - 1].id).cursor() if len(rows) > limit else None
        return Page(tuple(_entry(row) for row in rows[:limit]), more)


def _narrowed(query: Select[AuditRow], wanted: AuditFilter) -> Select[AuditRow]:
    exact = {
        AuditRow.object_type: wanted.object_type,
        AuditRow.object_id: wanted.object_id,
        AuditRow.object_name: wanted.object_name,
        AuditRow.actor_id: wanted.actor_id,
        AuditRow.actor: wanted.actor,
        AuditRow.action: wanted.action,
    }
    for column, value in exact.items():
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(AuditRow.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditRow.at < wanted.until)
    return query


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        id=row.id,
        at=row.at,
        actor=Actor(row.actor_id, row.actor, row.request_id),
        change=Change(row.action, row.object_type, row.object_id, row.object_name, row.old, row.new),
    )
