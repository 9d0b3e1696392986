"""Reports over the usage ledger: sums, series without gaps, the rows themselves and their export."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.admin.refusals import invalid
from app.domain.usage import UsageRecord
from app.storage.database import Database
from app.storage.paging import Page
from app.storage.unit import Window
from app.storage.usage import UsageFilter, UsageStore
from app.storage.usage_figures import (
    Bucket,
    Figures,
    Grouping,
    Interval,
    UsageFigures,
)

STEP = {
    Interval.MINUTE: timedelta(minutes=1),
    Interval.HOUR: timedelta(hours=1),
    Interval.DAY: timedelta(days=1),
}
MAX_POINTS = 1500
"""Of one line: a day in minutes, two months in hours, four years in days."""

COLUMNS = UsageRecord.__struct_fields__
"""Of the export, in this order."""


@dataclass(frozen=True, slots=True)
class Group:
    """What one group of rows adds up to. `label` is the name of what `key` identifies, where it still exists."""

    key: str
    label: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Summary:
    total: Figures
    groups: tuple[Group, ...]
    """Most requests first."""


@dataclass(frozen=True, slots=True)
class Point:
    at: datetime
    """The start of the interval."""
    figures: Figures


@dataclass(frozen=True, slots=True)
class Line:
    """One group over time, a point for every interval; key and label are empty without grouping."""

    key: str
    label: str
    points: tuple[Point, ...]


class Reports:
    """Reads the ledger."""

    def __init__(self, database: Database) -> None:
        self._store = UsageStore(database)
        self._figures = UsageFigures(database)

    def summary(self, wanted: UsageFilter, grouping: Grouping | None = None) -> Summary:
        """Raises InvalidRequest for an impossible period."""
        check_period(wanted)
        total = self._figures.read(wanted).get(Bucket(None, None), Figures())
        if grouping is None:
            return Summary(total, ())
        found = {bucket.group or "": one for bucket, one in self._figures.read(wanted, grouping=grouping).items()}
        labels = self._figures.labels(grouping, list(found))
        groups = [Group(key, labels.get(key, key), one) for key, one in found.items()]
        return Summary(total, tuple(sorted(groups, key=lambda group: (-group.figures.requests, group.label))))

    def series(self, wanted: UsageFilter, interval: Interval, grouping: Grouping | None = None) -> tuple[Line, ...]:
        """One line per group, most requests first; without grouping there is one, with rows or not.

        Raises InvalidRequest for an impossible period, or one with more than MAX_POINTS intervals.
        """
        check_period(wanted)
        starts = interval_starts(wanted, interval)
        found = self._figures.read(wanted, grouping=grouping, interval=interval)
        keys = {bucket.group or "" for bucket in found} if grouping else {""}
        labels = self._figures.labels(grouping, list(keys)) if grouping else {}
        lines = [
            Line(
                key,
                labels.get(key, key),
                tuple(Point(at, found.get(Bucket(key if grouping else None, at), Figures())) for at in starts),
            )
            for key in keys
        ]
        return tuple(sorted(lines, key=lambda line: (-_requests(line), line.label)))

    def requests(self, wanted: UsageFilter, window: Window) -> Page[UsageRecord]:
        """Attempts, newest first. Raises InvalidRequest for an impossible period or an unknown cursor."""
        check_period(wanted)
        return self._store.page(wanted, window)

    def export(self, wanted: UsageFilter) -> Iterator[str]:
        """CSV, oldest first, in pieces of some hundred lines; the database is read between pieces only.

        Raises InvalidRequest for an impossible period, at once.
        """
        check_period(wanted)
        return self._exported(wanted)

    def _exported(self, wanted: UsageFilter) -> Iterator[str]:
        yield _lines([COLUMNS])
        for batch in self._store.batches(wanted):
            yield _lines([[_cell(getattr(record, name)) for name in COLUMNS] for record in batch])


def check_period(wanted: UsageFilter) -> None:
    """Raises InvalidRequest."""
    if wanted.since >= wanted.until:
        raise invalid("from", "must be before `to`")


def interval_starts(wanted: UsageFilter, interval: Interval) -> list[datetime]:
    """The starts of all intervals that the period touches, in UTC. Raises InvalidRequest when there are too many."""
    start = wanted.since.replace(second=0, microsecond=0)
    if interval is not Interval.MINUTE:
        start = start.replace(minute=0)
    if interval is Interval.DAY:
        start = start.replace(hour=0)
    step = STEP[interval]
    count = -((start - wanted.until) // step)
    if count > MAX_POINTS:
        raise invalid(
            "interval",
            f"must give at most {MAX_POINTS} points; {interval.value} gives {count} from `from` to `to`",
        )
    return [start + number * step for number in range(count)]


def _requests(line: Line) -> int:
    return sum(point.figures.requests for point in line.points)


def _lines(rows: list[tuple[str, ...]] | list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cell(value: object) -> str:
    """A spreadsheet takes a text that begins like a formula for one, and runs it: an apostrophe keeps it a text.

    See https://owasp.org/www-community/attacks/CSV_Injection
    """
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, str) and value.lstrip()[:1] in ("=", "+", "-", "@"):
        return f"'{value}"
    return "" if value is None else str(value)
