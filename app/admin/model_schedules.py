"""When models are kept loaded."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.admin.clock import utc_now
from app.admin.differences import differences
from app.admin.refusals import invalid
from app.domain.audit import Actor, Change
from app.domain.errors import NotFound
from app.domain.lifecycle import LoadWish
from app.domain.schedules import DAY_MINUTES, ModelSchedule, hours_at, zone_of
from app.providers.load_options import check_options
from app.providers.registry import kinds
from app.storage.database import Database
from app.storage.model_schedules import ModelSchedules, load_document
from app.storage.paging import Page
from app.storage.unit import Window

MAX_MODEL_LENGTH = 300
MAX_ZONE_LENGTH = 100
MAX_OPTIONS = 50
MAX_OPTION_LENGTH = 200
MAX_NUMBER = 2**53
"""The largest that every JSON reader keeps."""


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """What can be set of a schedule; the fields are those of ModelSchedule."""

    model: str
    days: tuple[int, ...]
    start: int
    end: int
    time_zone: str
    unload_after: bool = False
    enabled: bool = True
    wish: LoadWish = field(default_factory=LoadWish)
    exclusive: bool = False


class ScheduleSettings:
    """Schedules, as administrators see them. The model need not be there: its provider may be away."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    def create(self, draft: ScheduleDraft, by: Actor) -> ModelSchedule:
        """Raises InvalidRequest."""
        schedule = _checked(str(uuid.uuid4()), draft)

        def add(schedules: ModelSchedules) -> None:
            schedules.begin_change()
            _check_options(schedules, schedule)
            schedules.add(schedule, self._now())
            schedules.record(by, _change("create", schedule, new=_audited(schedule)))

        self._database.write(lambda session: add(ModelSchedules(session)))
        return schedule

    def schedule(self, schedule_id: str) -> ModelSchedule:
        """Raises NotFound."""
        return _found(self._database.read(lambda session: ModelSchedules(session).by_id(schedule_id)))

    def page(self, window: Window) -> Page[ModelSchedule]:
        """Newest first. Raises InvalidRequest for an unknown cursor."""
        return self._database.read(lambda session: ModelSchedules(session).page(window))

    def update(self, schedule_id: str, change: Callable[[ScheduleDraft], ScheduleDraft], by: Actor) -> ModelSchedule:
        """Keep `change(settings)`. Raises NotFound or InvalidRequest."""

        def store(schedules: ModelSchedules) -> ModelSchedule:
            schedules.begin_change()
            old = _found(schedules.by_id(schedule_id))
            new = _checked(schedule_id, change(_draft(old)))
            before, after = differences(_audited(old), _audited(new))
            if not after:
                return old
            if (new.model, new.wish) != (old.model, old.wish):
                _check_options(schedules, new)
            schedules.save(new, self._now())
            schedules.record(by, _change("update", new, old=before, new=after))
            return new

        return self._database.write(lambda session: store(ModelSchedules(session)))

    def delete(self, schedule_id: str, by: Actor) -> None:
        """What is loaded stays loaded. Raises NotFound."""

        def remove(schedules: ModelSchedules) -> None:
            schedules.begin_change()
            schedule = _found(schedules.by_id(schedule_id))
            schedules.remove(schedule_id)
            schedules.record(by, _change("delete", schedule, old=_audited(schedule)))

        self._database.write(lambda session: remove(ModelSchedules(session)))

    def is_due(self, schedule: ModelSchedule) -> bool:
        """Whether the model has to be loaded at this moment."""
        return schedule.enabled and hours_at(schedule, self._now()) is not None


def clock(minute: int) -> str:
    """Minutes since midnight as `HH:MM`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _found(schedule: ModelSchedule | None) -> ModelSchedule:
    if schedule is None:
        raise NotFound("There is no such schedule.")
    return schedule


def _draft(old: ModelSchedule) -> ScheduleDraft:
    return ScheduleDraft(
        model=old.model,
        days=old.days,
        start=old.start,
        end=old.end,
        time_zone=old.time_zone,
        unload_after=old.unload_after,
        enabled=old.enabled,
        wish=old.wish,
        exclusive=old.exclusive,
    )


def _checked(schedule_id: str, draft: ScheduleDraft) -> ModelSchedule:
    """Raises InvalidRequest, naming fields as the API does."""
    name = draft.model
    slug, _, rest = name.partition("/")
    if len(name) > MAX_MODEL_LENGTH or name != name.strip() or not name.isprintable() or not (slug and rest):
        raise invalid(
            "model",
            f"must be a model's full name, <provider slug>/<model id>, of at most {MAX_MODEL_LENGTH} characters",
        )
    days = tuple(sorted(set(draft.days)))
    if not days or len(days) != len(draft.days) or not 1 <= days[0] <= days[-1] <= 7:
        raise invalid("days", "must be different numbers from 1 (Monday) to 7 (Sunday), at least one")
    for clock_field, minute in (("from", draft.start), ("until", draft.end)):
        if not 0 <= minute < DAY_MINUTES:
            raise invalid(clock_field, "must be a time from 00:00 to 23:59")
    if zone_of(draft.time_zone) is None:
        raise invalid("time_zone", "must be the name of a time zone, such as Europe/Berlin or UTC")
    _check_storable(draft.wish)
    return ModelSchedule(
        id=schedule_id,
        model=name,
        days=days,
        start=draft.start,
        end=draft.end,
        time_zone=draft.time_zone,
        unload_after=draft.unload_after,
        enabled=draft.enabled,
        wish=draft.wish,
        exclusive=draft.exclusive,
    )


def _check_storable(wish: LoadWish) -> None:
    """What a load that comes later can be asked with, whatever its provider takes."""
    if len(wish.options) > MAX_OPTIONS:
        raise invalid("load", f"must have at most {MAX_OPTIONS} options")
    for name, value in wish.options.items():
        if not (0 < len(name) <= MAX_OPTION_LENGTH and name.isprintable()):
            raise invalid("load", f"must name its options with at most {MAX_OPTION_LENGTH} printable characters")
        if not _is_storable(value):
            raise invalid(
                f"load.{name}", f"must be true, false, a number or at most {MAX_OPTION_LENGTH} printable characters"
            )


def _is_storable(value: object) -> bool:
    match value:
        case bool():
            return True
        case int() | float():
            return math.isfinite(value) and abs(value) <= MAX_NUMBER
        case str():
            return len(value) <= MAX_OPTION_LENGTH and value.isprintable()
    return False


def _check_options(schedules: ModelSchedules, schedule: ModelSchedule) -> None:
    """As a load checks them; what a provider takes that is not there yet is found out when it loads."""
    kind = kinds().get(schedules.kind_of(schedule.model.partition("/")[0]) or "")
    if kind is not None:
        check_options(kind.KIND, schedule.wish, within="load")


def _change(action: str, schedule: ModelSchedule, **documents: dict[str, Any]) -> Change:
    return Change(action, "model_schedule", schedule.id, schedule.model[:200], **documents)


def _audited(schedule: ModelSchedule) -> dict[str, Any]:
    return {
        "model": schedule.model,
        "days": list(schedule.days),
        "from": clock(schedule.start),
        "until": clock(schedule.end),
        "time_zone": schedule.time_zone,
        "unload_after": schedule.unload_after,
        "enabled": schedule.enabled,
        "load": load_document(schedule),
    }
