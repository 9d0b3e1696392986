"""When a model has to be loaded: hours of weekdays, as clocks show them somewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.domain.lifecycle import LoadWish

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class ScheduleProblem:
    """Why a model isn't loaded though it should be."""

    message: str
    at: datetime
    """When it failed last."""
    failures: int
    """How often it has failed since it went well."""


@dataclass(frozen=True, slots=True)
class ModelSchedule:
    """A model that is kept in memory during some hours."""

    id: str
    model: str
    """The canonical name, `<slug>/<id>`."""
    days: tuple[int, ...]
    """ISO weekdays, 1 is Monday: those on which the hours begin."""
    start: int
    """Minutes since midnight, as `end`, which is on the next day if it is before; equal is the whole day."""
    end: int
    time_zone: str
    """IANA's name."""
    unload_after: bool = False
    enabled: bool = True
    wish: LoadWish = field(default_factory=LoadWish)
    """How it is loaded; what is loaded already stays as it is."""
    exclusive: bool = False
    """Whether what else its provider has loaded leaves first, but for what other schedules keep then."""
    problem: ScheduleProblem | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """One stretch of time, in UTC; the end does not belong to it."""

    start: datetime
    end: datetime


def zone_of(name: str) -> ZoneInfo | None:
    """None for a name that this machine's list of time zones does not have."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # ValueError and OSError: names that are no file below the list's folder.
        return None


def hours_at(schedule: ModelSchedule, now: datetime) -> Hours | None:
    """Those of `schedule` in which the aware `now` is; None outside of them, and where the time zone is unknown."""
    zone = zone_of(schedule.time_zone)
    if zone is None:
        return None
    today = now.astimezone(zone).date()
    # Hours past midnight began yesterday; those of today count from their start on, so the newest go first.
    for day in (today, today - timedelta(days=1)):
        if day.isoweekday() in schedule.days:
            hours = _hours_of(schedule, day, zone)
            if hours.start <= now < hours.end:
                return hours
    return None


def _hours_of(schedule: ModelSchedule, day: date, zone: ZoneInfo) -> Hours:
    if schedule.start == schedule.end:
        return Hours(_first(day, 0, zone), _last(day + timedelta(days=1), 0, zone))
    past_midnight = timedelta(days=1 if schedule.end < schedule.start else 0)
    return Hours(_first(day, schedule.start, zone), _last(day + past_midnight, schedule.end, zone))


def _first(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """When clocks show `minute` for the first time that day, so that no hours are shorter than they look."""
    return min(_moments(day, minute, zone))


def _last(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """When clocks show `minute` for the last time that day."""
    return max(_moments(day, minute, zone))


def _moments(day: date, minute: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Two that differ where clocks show the time twice, or skip it: then by what they would show before and after."""
    clock = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
    return clock.astimezone(UTC), clock.replace(fold=1).astimezone(UTC)
