from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from app.domain.errors import InvalidRequest
from app.domain.usage import UsageRecord
from app.storage.database import Database
from app.storage.unit import Window
from app.storage.usage import UsageFilter, UsageStore
from app.storage.usage_figures import (
    Bucket,
    Counted,
    Figures,
    Grouping,
    Interval,
    Percentiles,
    UsageFigures,
    percentiles,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ADA, BOB = str(uuid.uuid4()), str(uuid.uuid4())
DAY = UsageFilter(NOON - timedelta(days=1), NOON + timedelta(days=1))


def record(**changes: Any) -> UsageRecord:
    """An answered call, as the ledger sees it."""
    usual = UsageRecord(
        id=str(uuid.uuid4()),
        request_id=str(uuid.uuid4()),
        started_at=NOON,
        attempt=1,
        user_id=ADA,
        key_id=None,
        face="v1",
        task="chat",
        provider_id=None,
        provider="groq",
        model_asked="fast",
        model="openai/gpt-oss-120b",
        streamed=True,
        prompt_tokens=10,
        completion_tokens=5,
        reasoning_tokens=2,
        cached_tokens=1,
        token_source="provider",
        first_token_ms=100.0,
        total_ms=400.0,
        overhead_ms=0.4,
        outcome="ok",
        cost_usd=0.25,
    )
    return msgspec.structs.replace(usual, **changes)


def stored(database: Database, *records: UsageRecord) -> UsageStore:
    store = UsageStore(database)
    store.insert_many(records)
    return store


def test_what_was_written_is_read_back_whole(database: Database) -> None:
    one = record(key_id=str(uuid.uuid4()), provider_id=str(uuid.uuid4()), first_token_ms=None, cost_usd=None)

    store = stored(database, one)

    assert store.page(DAY, Window()).items == (one,)


@pytest.mark.parametrize("count", [9, 61, 137])
def test_a_batch_of_any_size_is_written_whole(count: int, database: Database) -> None:
    batch = [record(prompt_tokens=number) for number in range(count)]

    store = stored(database, *batch)

    assert {one.prompt_tokens for rows in store.batches(DAY) for one in rows} == set(range(count))


def test_a_batch_written_twice_is_kept_once(database: Database) -> None:
    batch = [record(), record()]
    store = stored(database, *batch)

    store.insert_many([*batch, record()])

    assert len(store.page(DAY, Window()).items) == 3


def test_odd_names_and_counts_do_not_lose_the_batch(database: Database) -> None:
    odd = record(model_asked="\0" + "x" * 5000, model="\ud800", prompt_tokens=2**40, completion_tokens=-1)

    store = stored(database, record(), odd)

    kept = next(one for one in store.page(DAY, Window()).items if one.id == odd.id)
    assert (kept.model_asked, kept.model, kept.prompt_tokens, kept.completion_tokens) == ("x" * 300, "?", 2**31 - 1, 0)


def test_pages_go_from_newest_to_oldest(database: Database) -> None:
    records = [record(started_at=NOON + timedelta(seconds=number // 2)) for number in range(5)]
    store, seen, cursor = stored(database, *records), [], None

    for _ in range(3):
        page = store.page(DAY, Window(2, cursor))
        seen += list(page.items)
        cursor = page.next_cursor

    assert cursor is None
    assert seen == sorted(records, key=lambda one: (one.started_at, one.id), reverse=True)


def test_a_made_up_cursor_is_refused(database: Database) -> None:
    with pytest.raises(InvalidRequest, match="cursor"):
        UsageStore(database).page(DAY, Window(2, "x"))


def test_batches_hold_every_row_once_oldest_first(database: Database) -> None:
    records = [record(started_at=NOON + timedelta(milliseconds=number // 3)) for number in range(2500)]
    store = stored(database, *records)

    batches = list(store.batches(DAY))

    assert [len(batch) for batch in batches] == [500] * 5
    assert [one for batch in batches for one in batch] == sorted(records, key=lambda one: (one.started_at, one.id))


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({"provider": "openai"}, ["b"]),
        ({"model": "gpt-5"}, ["b"]),
        ({"model": "openai/gpt-5"}, ["b"]),
        ({"user_id": BOB}, ["b"]),
        ({"key_id": ADA}, ["a"]),
        ({"since": NOON + timedelta(minutes=1)}, ["b"]),
        ({"until": NOON + timedelta(minutes=1)}, ["a"]),
    ],
)
def test_filters_narrow_what_is_read(database: Database, narrowed: dict[str, Any], expected: list[str]) -> None:
    later = NOON + timedelta(minutes=1)
    store = stored(
        database,
        record(request_id="a", key_id=ADA),
        record(request_id="b", provider="openai", model="gpt-5", user_id=BOB, started_at=later),
    )

    page = store.page(dataclasses.replace(DAY, **narrowed), Window())

    assert [one.request_id for one in page.items] == expected


def test_figures_tell_requests_attempts_and_who_counted_the_tokens(database: Database) -> None:
    stored(
        database,
        # One request, answered by its second attempt.
        record(
            request_id="r1",
            outcome="provider_error",
            token_source="absent",
            prompt_tokens=0,
            completion_tokens=0,
            reasoning_tokens=0,
            cached_tokens=0,
            cost_usd=None,
        ),
        record(request_id="r1", attempt=2, first_token_ms=300.0, total_ms=500.0),
        # Stopped by the caller: tokens were estimated, no price is known.
        record(request_id="r2", outcome="stopped", token_source="estimated", cost_usd=None),
        # Answered without any count.
        record(request_id="r3", token_source="absent", prompt_tokens=0, completion_tokens=0),
        # Reached no provider.
        record(
            request_id="r4",
            provider="",
            outcome="no_provider",
            token_source="absent",
            prompt_tokens=0,
            completion_tokens=0,
            cost_usd=None,
        ),
    )

    found = UsageFigures(database).read(DAY)

    assert found == {
        Bucket(None, None): Figures(
            requests=4,
            failed_requests=1,
            attempts=4,
            outcomes={"ok": 2, "provider_error": 1, "stopped": 1, "no_provider": 1},
            tokens={
                "provider": Counted(1, 10, 5),
                "estimated": Counted(1, 10, 5),
                "absent": Counted(1, 0, 0),
            },
            reasoning_tokens=8,
            cached_tokens=4,
            cost_usd=0.5,
            unpriced_attempts=1,
            first_token_ms=Percentiles(200.0, 290.0, 298.0),
            total_ms=Percentiles(450.0, 495.0, 499.0),
        )
    }


@pytest.mark.parametrize(
    ("grouping", "groups"),
    [
        (Grouping.PROVIDER, {"groq": 2, "": 1}),
        (Grouping.MODEL, {"groq/openai/gpt-oss-120b": 2, "nowhere": 1}),
        (Grouping.KEY, {"": 2, BOB: 1}),
        (Grouping.USER, {ADA: 1, BOB: 2}),
        (Grouping.FACE, {"v1": 2, "native": 1}),
        (Grouping.OUTCOME, {"ok": 2, "no_provider": 1}),
    ],
)
def test_figures_are_grouped(database: Database, grouping: Grouping, groups: dict[str, int]) -> None:
    stored(
        database,
        record(),
        record(user_id=BOB, key_id=BOB, face="native"),
        record(user_id=BOB, provider="", model="nowhere", outcome="no_provider"),
    )

    found = UsageFigures(database).read(DAY, grouping=grouping)

    assert {bucket.group: one.requests for bucket, one in found.items()} == groups


@pytest.mark.parametrize(
    ("interval", "starts"),
    [
        (Interval.MINUTE, {NOON: 2, NOON + timedelta(minutes=59): 1}),
        (Interval.HOUR, {NOON: 3}),
        (Interval.DAY, {NOON.replace(hour=0): 3}),
    ],
)
def test_figures_are_cut_into_intervals_of_utc(
    database: Database, interval: Interval, starts: dict[datetime, int]
) -> None:
    late = NOON + timedelta(minutes=59, seconds=59, microseconds=999_999)
    stored(database, record(), record(started_at=NOON + timedelta(seconds=59)), record(started_at=late))

    found = UsageFigures(database).read(DAY, interval=interval)

    assert {bucket.at: one.attempts for bucket, one in found.items()} == starts


def test_percentiles_lie_between_the_two_nearest_values() -> None:
    assert percentiles([]) == Percentiles()
    assert percentiles([7.0]) == Percentiles(7.0, 7.0, 7.0)
    assert percentiles([float(value) for value in range(101)]) == Percentiles(50.0, 95.0, 99.0)


def test_both_databases_agree_on_percentiles(database: Database) -> None:
    values = [float((number * 7919) % 1009) / 3 for number in range(257)]
    stored(database, *(record(total_ms=value, first_token_ms=value) for value in values))

    (found,) = UsageFigures(database).read(DAY).values()

    expected = percentiles(values)
    assert (found.total_ms.p50, found.total_ms.p95, found.total_ms.p99) == pytest.approx(
        (expected.p50, expected.p95, expected.p99)
    )
    assert found.first_token_ms == found.total_ms
