"""When models are kept loaded, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, or_, select, update

from app.domain.catalog import Scope
from app.domain.lifecycle import LoadWish
from app.domain.schedules import ModelSchedule, ScheduleProblem
from app.storage.paging import Page
from app.storage.storable import storable
from app.storage.tables import ModelScheduleRow, ProviderRow
from app.storage.unit import Unit, Window

_CONTEXT, _EXCLUSIVE = "context_length", "exclusive"
_UNTRIED = {"failures": 0, "problem": None, "problem_at": None}


class ModelSchedules(Unit):
    """Schedules inside one transaction."""

    def add(self, schedule: ModelSchedule, at: datetime) -> None:
        values = {**_values(schedule), **_UNTRIED}
        self._session.add(ModelScheduleRow(id=schedule.id, created_at=at, updated_at=at, **values))

    def save(self, schedule: ModelSchedule, at: datetime) -> None:
        """What failed before counts no longer."""
        self._session.execute(
            update(ModelScheduleRow)
            .where(ModelScheduleRow.id == schedule.id)
            .values(**_values(schedule), **_UNTRIED, ended_at=None, updated_at=at)
        )

    def remove(self, schedule_id: str) -> None:
        self._session.execute(delete(ModelScheduleRow).where(ModelScheduleRow.id == schedule_id))

    def by_id(self, schedule_id: str) -> ModelSchedule | None:
        row = self._row(ModelScheduleRow, schedule_id)
        return None if row is None else _schedule(row)

    def enabled(self) -> tuple[ModelSchedule, ...]:
        query = select(ModelScheduleRow).where(ModelScheduleRow.enabled).order_by(ModelScheduleRow.created_at)
        return tuple(_schedule(row) for row in self._session.scalars(query))

    def page(self, window: Window) -> Page[ModelSchedule]:
        """Newest first. Raises InvalidRequest for an unknown cursor."""
        return self._page(select(ModelScheduleRow), ModelScheduleRow, window, _schedule)

    def kind_of(self, slug: str) -> str | None:
        """Of the shared provider; None where there is none."""
        query = select(ProviderRow.kind).where(ProviderRow.slug == slug, ProviderRow.scope == Scope.SHARED.value)
        return self._session.scalar(query)

    def note(self, seen: ModelSchedule, message: str | None, at: datetime) -> bool:
        """Keep why it failed, None for it went well; whether nobody has noted anything since it was `seen`."""
        values: dict[str, Any] = dict(_UNTRIED)
        if message is not None:
            values = {"failures": _failures(seen) + 1, "problem": storable(message), "problem_at": at}
        return self._change(seen.id, values, ModelScheduleRow.failures == _failures(seen))

    def claim_end(self, schedule_id: str, began: datetime, at: datetime) -> bool:
        """Whether the caller is the first to see that the hours which `began` then are over."""
        nobody = or_(ModelScheduleRow.ended_at.is_(None), ModelScheduleRow.ended_at < began)
        return self._change(schedule_id, {"ended_at": at}, nobody)

    def _change(self, schedule_id: str, values: dict[str, Any], condition: Any) -> bool:
        done = self._session.execute(
            update(ModelScheduleRow)
            .where(ModelScheduleRow.id == schedule_id, condition)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        return cast("CursorResult[Any]", done).rowcount == 1


def _failures(schedule: ModelSchedule) -> int:
    return 0 if schedule.problem is None else schedule.problem.failures


def _values(schedule: ModelSchedule) -> dict[str, Any]:
    return {
        "model": schedule.model,
        "days": list(schedule.days),
        "start_minute": schedule.start,
        "end_minute": schedule.end,
        "time_zone": schedule.time_zone,
        "unload_after": schedule.unload_after,
        "enabled": schedule.enabled,
        "load": load_document(schedule) or None,
    }


def load_document(schedule: ModelSchedule) -> dict[str, Any]:
    """What is wished of its load, by the names of a load's request."""
    context = {} if schedule.wish.context_length is None else {_CONTEXT: schedule.wish.context_length}
    alone = {_EXCLUSIVE: True} if schedule.exclusive else {}
    return {**context, **alone, **schedule.wish.options}


def _schedule(row: ModelScheduleRow) -> ModelSchedule:
    problem = None
    if row.problem is not None and row.problem_at is not None:
        problem = ScheduleProblem(row.problem, row.problem_at, row.failures)
    load = dict(row.load or {})
    context_length, exclusive = load.pop(_CONTEXT, None), load.pop(_EXCLUSIVE, False)
    return ModelSchedule(
        id=row.id,
        model=row.model,
        days=tuple(row.days),
        start=row.start_minute,
        end=row.end_minute,
        time_zone=row.time_zone,
        unload_after=row.unload_after,
        enabled=row.enabled,
        wish=LoadWish(context_length, load),
        exclusive=exclusive,
        problem=problem,
    )
