from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.admin.reports import COLUMNS, MAX_POINTS, Reports, interval_starts
from app.domain.errors import InvalidRequest
from app.storage.accounts import Users
from app.storage.database import Database
from app.storage.tables import UserRow
from app.storage.unit import Window
from app.storage.usage import UsageFilter, UsageStore
from app.storage.usage_figures import Figures, Grouping, Interval
from tests.storage.test_usage import ADA, BOB, NOON, record

HOUR = timedelta(hours=1)
DAY = UsageFilter(NOON - 12 * HOUR, NOON + 12 * HOUR)


@pytest.fixture
def reports(database: Database) -> Reports:
    return Reports(database)


def store(database: Database, *records: object) -> None:
    UsageStore(database).insert_many(records)  # type: ignore[arg-type]


def test_a_summary_names_its_groups_most_requests_first(reports: Reports, database: Database) -> None:
    database.write(lambda session: session.add(user(ADA, "Ada")))
    store(database, record(), record(user_id=BOB), record(user_id=BOB))

    summary = reports.summary(DAY, Grouping.USER)

    assert summary.total.requests == 3
    assert [(one.key, one.label, one.figures.requests) for one in summary.groups] == [(BOB, BOB, 2), (ADA, "Ada", 1)]
    assert database.read(lambda session: Users(session).by_id(ADA)) is not None


def test_a_period_without_rows_has_zeros(reports: Reports) -> None:
    assert reports.summary(DAY, Grouping.PROVIDER) == reports.summary(DAY)
    assert reports.summary(DAY).total == Figures()


def test_a_series_has_a_point_for_every_interval(reports: Reports, database: Database) -> None:
    store(database, record(), record(started_at=NOON + 2 * HOUR), record(started_at=NOON + 2 * HOUR))
    wanted = UsageFilter(NOON - timedelta(minutes=30), NOON + 3 * HOUR)

    (line,) = reports.series(wanted, Interval.HOUR)

    assert [(point.at, point.figures.requests) for point in line.points] == [
        (NOON - HOUR, 0),
        (NOON, 1),
        (NOON + HOUR, 0),
        (NOON + 2 * HOUR, 2),
    ]


def test_a_grouped_series_has_a_line_for_every_group(reports: Reports, database: Database) -> None:
    store(database, record(), record(provider="openai"), record(provider="openai", started_at=NOON + HOUR))
    wanted = UsageFilter(NOON, NOON + 2 * HOUR)

    lines = reports.series(wanted, Interval.HOUR, Grouping.PROVIDER)

    assert [(line.key, [point.figures.requests for point in line.points]) for line in lines] == [
        ("openai", [1, 1]),
        ("groq", [1, 0]),
    ]


def test_a_series_adds_up_to_its_summary(reports: Reports, database: Database) -> None:
    store(database, *(record(started_at=NOON + number * timedelta(minutes=7)) for number in range(60)))

    (line,) = reports.series(DAY, Interval.MINUTE)

    assert sum(point.figures.attempts for point in line.points) == reports.summary(DAY).total.attempts == 60


def test_an_impossible_period_is_refused_by_name(reports: Reports) -> None:
    backwards = UsageFilter(NOON, NOON)

    for refused in (
        lambda: reports.summary(backwards),
        lambda: reports.series(backwards, Interval.DAY),
        lambda: reports.requests(backwards, Window()),
        lambda: reports.export(backwards),
    ):
        with pytest.raises(InvalidRequest) as error:
            refused()
        assert error.value.param == "from"


def test_too_many_points_are_refused_with_the_bound(reports: Reports) -> None:
    most = UsageFilter(NOON, NOON + timedelta(minutes=MAX_POINTS))

    assert len(interval_starts(most, Interval.MINUTE)) == MAX_POINTS
    with pytest.raises(InvalidRequest, match=f"at most {MAX_POINTS} points; minute gives {MAX_POINTS + 1}"):
        interval_starts(UsageFilter(NOON, most.until + timedelta(seconds=1)), Interval.MINUTE)


def test_an_export_holds_every_row_and_column_oldest_first(reports: Reports, database: Database) -> None:
    records = [record(started_at=NOON + timedelta(seconds=number)) for number in range(1500)]
    store(database, *records)

    pieces = list(reports.export(DAY))

    rows = list(csv.reader(io.StringIO("".join(pieces))))
    assert rows[0] == list(COLUMNS)
    assert [row[0] for row in rows[1:]] == [one.id for one in records]
    assert rows[1][COLUMNS.index("started_at")] == "2026-11-21T12:00:00.000Z"
    assert len(pieces) == 4


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1+1", "\t=1", "\r=1"])
def test_a_name_that_looks_like_a_formula_stays_a_text(reports: Reports, database: Database, text: str) -> None:
    store(database, record(model_asked=text))

    header, row = csv.reader(io.StringIO("".join(reports.export(DAY)), newline=""))

    assert row[header.index("model_asked")] == f"'{text}"


def test_times_of_another_zone_mean_the_same_moment(reports: Reports, database: Database) -> None:
    store(database, record())
    zone = timezone(timedelta(hours=5, minutes=30))
    moment = NOON.astimezone(zone)

    page = reports.requests(UsageFilter(moment, moment + timedelta(seconds=1)), Window())

    assert len(page.items) == 1


def user(user_id: str, name: str) -> UserRow:
    return UserRow(
        id=user_id,
        username=name,
        username_folded=name.lower(),
        password_hash="",
        role="user",
        permissions=[],
        enabled=True,
        must_change_password=False,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
