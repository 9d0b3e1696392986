"""Operations: claimed by one process, told of while they run, kept for a while afterwards.

A row that runs is a claim: the unique indexes of the table refuse a second one, in whichever process. A claim whose
process has not been heard of for STALE is given up by whoever looks next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Table, delete, or_, select, tuple_, update
from sqlalchemy.exc import SQLAlchemyError

from app.domain.lifecycle import Act, Progress
from app.domain.operations import Operation, OperationError, OperationState, Order
from app.storage.database import Database
from app.storage.paging import Page, Position
from app.storage.storable import storable, storable_json
from app.storage.tables import OperationRow
from app.storage.unit import Unit, Window, is_id

STALE = timedelta(seconds=30)
KEPT = timedelta(days=30)
"""How long an operation that has ended can be looked at."""
INTERRUPTED = OperationError(
    "draining",
    "The server that carried this out has ended, or lost its database, before it was done. Order it again.",
)
_LONGEST_DETAIL = 500
_LAST_LOOKED_AT = 200
_RUNNING = OperationState.RUNNING.value
_TABLE = cast("Table", OperationRow.__table__)


class DatabaseAway(Exception):
    """The database does not answer."""


def running_or_ended_since(database: Database, since: datetime) -> tuple[Operation, ...]:
    """What the lists of models have to know. Raises DatabaseAway: lists are shown without it, too."""
    try:
        return database.read(lambda session: Operations(session).running_or_ended_since(since))
    except SQLAlchemyError as error:
        raise DatabaseAway(type(error).__name__) from error


def last_done(database: Database, models: Collection[str]) -> tuple[Operation, ...]:
    """As `Operations.last_done`. Raises DatabaseAway."""
    try:
        return database.read(lambda session: Operations(session).last_done(models))
    except SQLAlchemyError as error:
        raise DatabaseAway(type(error).__name__) from error


class Operations(Unit):
    """Operations inside one transaction."""

    def claim(self, operation: Operation) -> Operation | None:
        """Keep `operation` as running, and return None; or what stands against it: of its subject, else one alone.

        Gives up what is stale first, which also begins the transaction with a write: SQLite would refuse to turn
        one that has read into one that writes while another process writes.
        """
        order, now = operation.order, operation.started_at
        self.give_up(now)
        self._session.execute(delete(OperationRow).where(OperationRow.finished_at < now - KEPT))
        values = _values(operation)
        while not self._insert(values):
            others = self.running((order.provider_id,))
            same = [one for one in others if one.order.subject == values["subject_text"]]
            in_the_way = same or [one for one in others if one.order.alone]
            # What was in the way may have ended between the two statements.
            if in_the_way:
                return in_the_way[0]
        return None

    def alive(self, operation_id: str, now: datetime, progress: Progress) -> Operation | None:
        """Note that it goes on, and how far it has come. What stands there now; None where it runs no more."""
        if not self._change(operation_id, {"alive_at": now, "progress": _progress_document(progress)}):
            return None
        return self.one(operation_id)

    def ask_to_end(self, operation_id: str, why: OperationError) -> bool:
        """Leave word for the process that carries it out; whether it still runs."""
        return self._change(operation_id, {"error": storable_json(asdict(why))})

    def finish(
        self, operation_id: str, now: datetime, outcome: Mapping[str, Any] | OperationError, progress: Progress
    ) -> bool:
        """Keep the result, or the error; whether it still ran."""
        failed = isinstance(outcome, OperationError)
        return self._change(
            operation_id,
            {
                "state": (OperationState.FAILED if failed else OperationState.DONE).value,
                "finished_at": now,
                "alive_at": now,
                "progress": _progress_document(progress),
                "error": storable_json(asdict(outcome)) if isinstance(outcome, OperationError) else None,
                "result": None if isinstance(outcome, OperationError) else storable_json(dict(outcome)),
            },
        )

    def give_up(self, now: datetime) -> None:
        """Mark those that nobody carries out any more as failed."""
        self._session.execute(
            update(OperationRow)
            .where(OperationRow.state == _RUNNING, OperationRow.alive_at < now - STALE)
            .values(state=OperationState.FAILED.value, finished_at=now, error=asdict(INTERRUPTED))
            .execution_options(synchronize_session=False)
        )

    def one(self, operation_id: str) -> Operation | None:
        row = self._session.get(OperationRow, operation_id) if is_id(operation_id) else None
        return None if row is None else _operation(row)

    def running(self, provider_ids: Collection[str] | None = None) -> tuple[Operation, ...]:
        """Oldest first; of some providers, or of all."""
        query = select(OperationRow).where(OperationRow.state == _RUNNING)
        if provider_ids is not None:
            query = query.where(OperationRow.provider_id.in_(provider_ids))
        query = query.order_by(OperationRow.started_at, OperationRow.id)
        return tuple(_operation(row) for row in self._session.scalars(query))

    def running_or_ended_since(self, since: datetime) -> tuple[Operation, ...]:
        wanted = or_(OperationRow.state == _RUNNING, OperationRow.finished_at >= since)
        return tuple(_operation(row) for row in self._session.scalars(select(OperationRow).where(wanted)))

    def last_done(self, models: Collection[str]) -> tuple[Operation, ...]:
        """Of each of these models what loaded or unloaded it last, or tried to; what changed nothing does not count."""
        query = (
            select(OperationRow)
            .where(OperationRow.act.in_([Act.LOAD.value, Act.UNLOAD.value]))
            .where(OperationRow.model.in_([storable(one) for one in models]), OperationRow.state != _RUNNING)
            .order_by(OperationRow.finished_at.desc(), OperationRow.id)
            .limit(_LAST_LOOKED_AT)
        )
        found: dict[str, Operation] = {}
        for row in self._session.scalars(query):
            one = _operation(row)
            if not (one.result or {}).get("was_loaded"):
                found.setdefault(row.model, one)
        return tuple(found.values())

    def page(self, provider_ids: Collection[str], state: OperationState | None, window: Window) -> Page[Operation]:
        """Newest first. Raises InvalidRequest for an unknown cursor."""
        query = select(OperationRow).where(OperationRow.provider_id.in_(provider_ids))
        if state is not None:
            query = query.where(OperationRow.state == state.value)
        if window.cursor is not None:
            after = Position.parse(window.cursor)
            query = query.where(tuple_(OperationRow.started_at, OperationRow.id) < (after.at, after.id))
        query = query.order_by(OperationRow.started_at.desc(), OperationRow.id.desc()).limit(window.limit + 1)
        rows = self._session.scalars(query).all()
        shown = rows[: window.limit]
        more = Position(shown[-1].started_at, shown[-1].id).cursor() if len(rows) > window.limit else None
        return Page(tuple(_operation(row) for row in shown), more)

    def _insert(self, values: dict[str, Any]) -> bool:
        """Whether no unique index was against it."""
        if self._session.get_bind().dialect.name == "sqlite":
            from sqlalchemy.dialects.sqlite import insert as insert_sqlite

            kept = insert_sqlite(_TABLE).values(values).on_conflict_do_nothing().returning(_TABLE.c.id)
            return self._session.execute(kept).scalar() is not None
        # Imported here: an installation on SQLite does without two megabytes of the other dialect.
        from sqlalchemy.dialects.postgresql import insert as insert_postgresql

        new = insert_postgresql(_TABLE).values(values).on_conflict_do_nothing().returning(_TABLE.c.id)
        return self._session.execute(new).scalar() is not None

    def _change(self, operation_id: str, values: dict[str, Any]) -> bool:
        done = self._session.execute(
            update(OperationRow)
            .where(OperationRow.id == operation_id, OperationRow.state == _RUNNING)
            .values(values)
            .execution_options(synchronize_session=False)
        )
        return cast("CursorResult[Any]", done).rowcount == 1


def _digest(subject: str) -> str:
    return hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()


def _progress_document(progress: Progress) -> dict[str, Any]:
    return {**asdict(progress), "detail": storable(progress.detail[:_LONGEST_DETAIL])}


def _values(operation: Operation) -> dict[str, Any]:
    order = operation.order
    return {
        "id": operation.id,
        "act": order.act.value,
        "provider_id": order.provider_id,
        "provider": order.provider,
        "subject": _digest(order.subject),
        "subject_text": storable(order.subject),
        "model": storable(order.model),
        "wish": storable_json(dict(order.wish)),
        "alone": order.alone,
        "state": operation.state.value,
        "progress": _progress_document(operation.progress),
        "result": None,
        "error": None,
        "started_by": operation.started_by,
        "started_by_id": operation.started_by_id,
        "started_at": operation.started_at,
        "alive_at": operation.alive_at,
        "finished_at": None,
    }


def _operation(row: OperationRow) -> Operation:
    return Operation(
        id=row.id,
        order=Order(
            act=Act(row.act),
            provider_id=row.provider_id,
            provider=row.provider,
            subject=row.subject_text,
            model=row.model,
            wish=row.wish,
            alone=row.alone,
        ),
        state=OperationState(row.state),
        started_by=row.started_by,
        started_by_id=row.started_by_id,
        started_at=row.started_at,
        alive_at=row.alive_at,
        finished_at=row.finished_at,
        progress=Progress(**row.progress),
        result=row.result,
        error=None if row.error is None else OperationError(**row.error),
    )
