"""Hours: over midnight, whole days, and the two days on which clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.domain.schedules import Hours, ModelSchedule, hours_at

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
MONDAY, TUESDAY, SATURDAY, SUNDAY = 1, 2, 6, 7


def schedule(start: str, end: str, *days: int, zone: str = "UTC") -> ModelSchedule:
    minutes = [int(hour) * 60 + int(minute) for hour, minute in (start.split(":"), end.split(":"))]
    return ModelSchedule("1", "studio/qwen", days or EVERY_DAY, minutes[0], minutes[1], zone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def is_due(one: ModelSchedule, now: str) -> bool:
    return hours_at(one, utc(now)) is not None


@pytest.mark.parametrize(
    ("start", "end", "days", "now", "due"),
    [
        # 2026-11-23 is a Monday.
        ("08:00", "18:00", (MONDAY,), "2026-11-23 07:59:59", False),
        ("08:00", "18:00", (MONDAY,), "2026-11-23 08:00", True),
        ("08:00", "18:00", (MONDAY,), "2026-11-23 17:59:59", True),
        ("08:00", "18:00", (MONDAY,), "2026-11-23 18:00", False),
        ("08:00", "18:00", (MONDAY,), "2026-11-24 12:00", False),
        ("22:00", "06:00", (MONDAY,), "2026-11-23 05:00", False),
        ("22:00", "06:00", (MONDAY,), "2026-11-23 23:00", True),
        ("22:00", "06:00", (MONDAY,), "2026-11-24 05:59", True),
        ("22:00", "06:00", (MONDAY,), "2026-11-24 06:00", False),
        ("22:00", "06:00", (MONDAY,), "2026-11-24 23:00", False),
        ("22:00", "06:00", (SUNDAY,), "2026-11-23 05:00", True),
        ("22:00", "00:00", (MONDAY,), "2026-11-23 23:59:59", True),
        ("22:00", "00:00", (MONDAY,), "2026-11-24 00:00", False),
        ("00:00", "00:00", (MONDAY,), "2026-11-23 00:00", True),
        ("00:00", "00:00", (MONDAY,), "2026-11-23 23:59:59", True),
        ("00:00", "00:00", (MONDAY,), "2026-11-24 00:00", False),
        ("09:30", "09:30", (MONDAY,), "2026-11-23 00:00", True),
        ("09:30", "09:30", (MONDAY,), "2026-11-24 09:00", False),
        ("09:30", "09:30", EVERY_DAY, "2026-11-24 00:00", True),
    ],
)
def test_hours_begin_on_their_days_and_may_end_on_the_next(
    start: str, end: str, days: tuple[int, ...], now: str, due: bool
) -> None:
    assert is_due(schedule(start, end, *days), now) is due


def test_days_and_hours_are_those_of_the_time_zone() -> None:
    tokyo = schedule("08:00", "09:00", TUESDAY, zone="Asia/Tokyo")

    assert is_due(tokyo, "2026-11-23 23:30")
    assert not is_due(tokyo, "2026-11-24 08:30")


@pytest.mark.parametrize(
    ("start", "end", "now", "hours"),
    [
        # Berlin, 29 March 2026: after 01:59 (00:59 UTC) comes 03:00.
        ("22:00", "06:00", "2026-03-29 03:59", ("2026-03-28 21:00", "2026-03-29 04:00")),
        ("02:30", "06:00", "2026-03-29 01:00", ("2026-03-29 00:30", "2026-03-29 04:00")),
        ("01:00", "02:30", "2026-03-29 01:00", ("2026-03-29 00:00", "2026-03-29 01:30")),
        ("02:10", "02:20", "2026-03-29 01:00", ("2026-03-29 00:10", "2026-03-29 01:20")),
        ("00:00", "00:00", "2026-03-29 21:59", ("2026-03-28 23:00", "2026-03-29 22:00")),
        # 25 October 2026: 02:00 to 02:59 comes twice.
        ("22:00", "06:00", "2026-10-25 04:59", ("2026-10-24 20:00", "2026-10-25 05:00")),
        ("02:30", "06:00", "2026-10-25 00:30", ("2026-10-25 00:30", "2026-10-25 05:00")),
        ("01:00", "02:30", "2026-10-25 01:29", ("2026-10-24 23:00", "2026-10-25 01:30")),
        ("02:10", "02:20", "2026-10-25 00:50", ("2026-10-25 00:10", "2026-10-25 01:20")),
        ("00:00", "00:00", "2026-10-25 22:59", ("2026-10-24 22:00", "2026-10-25 23:00")),
    ],
)
def test_when_clocks_change_hours_stay_whole(start: str, end: str, now: str, hours: tuple[str, str]) -> None:
    berlin = schedule(start, end, SATURDAY, SUNDAY, zone="Europe/Berlin")

    assert hours_at(berlin, utc(now)) == Hours(utc(hours[0]), utc(hours[1]))
    assert hours_at(berlin, utc(hours[1])) != hours_at(berlin, utc(now))


def test_nothing_is_due_in_a_time_zone_that_is_unknown_here() -> None:
    assert not is_due(schedule("00:00", "00:00", zone="Mars/Olympus"), "2026-11-23 12:00")
