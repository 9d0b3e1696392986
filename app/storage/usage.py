"""The usage ledger: one row per attempt."""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, String, Table, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from app.domain.usage import UsageRecord
from app.storage.database import Database
from app.storage.paging import Page, Position
from app.storage.tables import UsageRow
from app.storage.unit import Window

MAX_INT = 2**31 - 1
EXPORT_PAGE = 500

_COLUMNS = UsageRecord.__struct_fields__
# Columns instead of rows of the ORM, and inserts past it: batches and exports are large.
_TABLE = cast("Table", UsageRow.__table__)
_SELECTED = [_TABLE.c[name] for name in _COLUMNS]
_TEXTS = {one.name: one.type.length or MAX_INT for one in _TABLE.columns if isinstance(one.type, String)}


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """Which rows are wanted; None does not narrow. `since` is included, `until` is not."""

    since: datetime
    until: datetime
    provider: str | None = None
    """Slug or id."""
    model: str | None = None
    """The vendor's name, or the canonical one."""
    key_id: str | None = None
    user_id: str | None = None


class UsageStore:
    """Writing rows in batches, reading them in pages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert_many(self, records: Sequence[UsageRecord]) -> None:
        """Keep `records` in one transaction; a record that is there already is left as it is."""
        if not records:
            return
        # Rows are made inside, because SQLite's writes run in a thread and requests go on meanwhile.
        insert = _insert_sqlite if self._database.is_sqlite else _insert_postgresql
        self._database.write(lambda session: insert(session, records))

    def page(self, wanted: UsageFilter, window: Window) -> Page[UsageRecord]:
        """Newest first. Raises InvalidRequest for an unknown cursor."""
        condition = matching(wanted)
        if window.cursor is not None:
            after = Position.parse(window.cursor)
            condition = and_(condition, tuple_(UsageRow.started_at, UsageRow.id) < (after.at, after.id))
        query = select(*_SELECTED).where(condition).order_by(UsageRow.started_at.desc(), UsageRow.id.desc())
        rows = self._database.read(lambda session: session.execute(query.limit(window.limit + 1)).all())
        shown = [UsageRecord(*row) for row in rows[: window.limit]]
        more = Position(shown[-1].started_at, shown[-1].id).cursor() if len(rows) > window.limit else None
        return Page(tuple(shown), more)

    def batches(self, wanted: UsageFilter) -> Iterator[Sequence[UsageRecord]]:
        """Every row, oldest first, in batches that each have a short transaction of their own."""
        after: Position | None = None
        while True:
            batch = self._database.read(functools.partial(_oldest, wanted=wanted, after=after))
            if batch:
                yield batch
                after = Position(batch[-1].started_at, batch[-1].id)
            if len(batch) < EXPORT_PAGE:
                return


def matching(wanted: UsageFilter) -> ColumnElement[bool]:
    """The condition that rows meet."""
    conditions = [UsageRow.started_at >= wanted.since, UsageRow.started_at < wanted.until]
    if wanted.provider is not None:
        conditions.append(or_(UsageRow.provider == wanted.provider, UsageRow.provider_id == wanted.provider))
    if wanted.model is not None:
        canonical = UsageRow.provider + "/" + UsageRow.model
        conditions.append(or_(UsageRow.model == wanted.model, canonical == wanted.model))
    if wanted.key_id is not None:
        conditions.append(UsageRow.key_id == wanted.key_id)
    if wanted.user_id is not None:
        conditions.append(UsageRow.user_id == wanted.user_id)
    return and_(*conditions)


def _oldest(session: Session, wanted: UsageFilter, after: Position | None) -> list[UsageRecord]:
    query = select(*_SELECTED).where(matching(wanted)).order_by(UsageRow.started_at, UsageRow.id)
    if after is not None:
        query = query.where(tuple_(UsageRow.started_at, UsageRow.id) > (after.at, after.id))
    return [UsageRecord(*row) for row in session.execute(query.limit(EXPORT_PAGE))]


# A batch whose commit succeeded though the connection broke is written again; its rows are there already.
_SQLITE = f"INSERT OR IGNORE INTO {_TABLE.name} ({', '.join(_COLUMNS)}) VALUES "
_SQLITE_ROW = f"({', '.join('?' * len(_COLUMNS))})"
SQLITE_ROWS = (50, 10, 1)
"""How many rows a statement has, the largest that fits first: few different ones, because the driver keeps them.

A statement runs without the interpreter's lock; one for each row would take it from the requests as often as there are
rows."""
_STATEMENTS = {count: _SQLITE + ", ".join([_SQLITE_ROW] * count) for count in SQLITE_ROWS}


def _insert_postgresql(session: Session, records: Sequence[UsageRecord]) -> None:
    # Imported here: an installation on SQLite does without two megabytes of the other dialect.
    from sqlalchemy.dialects import postgresql

    insert = postgresql.insert(_TABLE).on_conflict_do_nothing()
    rows = [dict(zip(_COLUMNS, _row(record), strict=True)) for record in records]
    session.connection().execute(insert, rows)


def _insert_sqlite(session: Session, records: Sequence[UsageRecord]) -> None:
    """Straight to the driver: SQLAlchemy's handling of parameters costs three times as much as the insert itself."""
    connection = session.connection()
    start = 0
    while start < len(records):
        count = next(one for one in SQLITE_ROWS if one <= len(records) - start)
        rows = [_row(record) for record in records[start : start + count]]
        for row in rows:
            row[_STARTED_AT] = _sqlite_time(row[_STARTED_AT])
        connection.exec_driver_sql(_STATEMENTS[count], tuple(itertools.chain.from_iterable(rows)))
        start += count


def _sqlite_time(moment: datetime) -> str:
    """As SQLAlchemy's DateTime stores it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


_values = operator.attrgetter(*_COLUMNS)
_STARTED_AT = _COLUMNS.index("started_at")
_WIDTHS = tuple((_COLUMNS.index(name), width) for name, width in _TEXTS.items())
_COUNTS = tuple(
    _COLUMNS.index(name) for name in ("prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens")
)


def _row(record: UsageRecord) -> list[Any]:
    """Values as the columns take them: one odd name or count must not lose the whole batch."""
    row = list(_values(record))
    for place, width in _WIDTHS:
        text = row[place]
        if text is not None and not (text.isascii() and len(text) <= width and "\0" not in text):
            row[place] = text.encode("utf-8", "replace").decode().replace("\0", "")[:width]
    for place in _COUNTS:
        if not 0 <= row[place] <= MAX_INT:
            row[place] = min(max(row[place], 0), MAX_INT)
    return row
