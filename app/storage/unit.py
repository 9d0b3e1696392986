"""One transaction, as the repositories of several tables share it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import Session

from app.domain.audit import Actor, Change
from app.storage import audit, versions
from app.storage.paging import Page, Position
from app.storage.tables import AliasRow, ApiKeyRow, ModelScheduleRow, SessionRow, UserRow

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Row = TypeVar("Row", UserRow, SessionRow, ApiKeyRow, AliasRow, ModelScheduleRow)
Value = TypeVar("Value")


def is_id(text: str) -> bool:
    """Whether something could be found under this id; PostgreSQL refuses some other texts (NUL) as parameters."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is wanted."""

    limit: int = 50
    cursor: str | None = None


class Unit:
    """What is read and changed through one session is kept together or not at all."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin_change(self) -> None:
        """Count a change that requests must see; do it first, because it also makes such changes take turns."""
        versions.bump_version(self._session)

    def record(self, by: Actor, change: Change) -> None:
        """Note `change` in the audit log."""
        audit.record(self._session, by, change)

    def _row(self, table: type[Row], identity: str) -> Row | None:
        return self._session.get(table, identity) if is_id(identity) else None

    def _page(self, query: Select[Row], table: type[Row], window: Window, value: Callable[[Row], Value]) -> Page[Value]:
        """Newest first. Raises InvalidRequest for an unknown cursor."""
        if window.cursor is not None:
            after = Position.parse(window.cursor)
            query = query.where(tuple_(table.created_at, table.id) < (after.at, after.id))
        query = query.order_by(table.created_at.desc(), table.id.desc()).limit(window.limit + 1)
        rows = self._session.scalars(query).all()
        shown = rows[: window.limit]
        more = Position(shown[-1].created_at, shown[-1].id).cursor() if len(rows) > window.limit else None
        return Page(tuple(value(row) for row in shown), more)
