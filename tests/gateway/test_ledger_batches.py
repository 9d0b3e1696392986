"""Usage rows on their way to the database: none is lost, none is written twice."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from app.domain.usage import UsageRecord
from app.gateway import ledger as module
from app.gateway.ledger import BATCH, Ledger


def row(number: int) -> UsageRecord:
    return UsageRecord(
        id=str(number),
        request_id="r",
        started_at=datetime(2026, 11, 21, tzinfo=UTC),
        attempt=1,
        user_id="u1",
        key_id=None,
        face="v1",
        task="chat",
        provider_id="p",
        provider="box",
        model_asked="m",
        model="m",
        streamed=False,
        prompt_tokens=1,
        completion_tokens=1,
        reasoning_tokens=0,
        cached_tokens=0,
        token_source="provider",
        first_token_ms=1.0,
        total_ms=2.0,
        overhead_ms=0.1,
        outcome="ok",
    )


class Store:
    """Keeps batches; fails when told to."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.failures = 0

    def write(self, records: Sequence[UsageRecord]) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("the database is away")
        self.batches.append([record.id for record in records])


def test_rows_are_written_in_batches_and_in_order() -> None:
    store = Store()
    ledger = Ledger(store.write)
    numbers = [str(number) for number in range(BATCH + 3)]
    for number in range(BATCH + 3):
        ledger.record(row(number))

    ledger.flush()
    ledger.flush()

    assert store.batches == [numbers[:BATCH], numbers[BATCH:]]


def test_a_batch_that_could_not_be_written_waits_for_the_next_round() -> None:
    store = Store()
    store.failures = 1
    ledger = Ledger(store.write)
    heard: list[str] = []
    ledger.on_records(lambda records: heard.extend(one.id for one in records))
    for number in range(3):
        ledger.record(row(number))

    with pytest.raises(OSError, match="away"):
        ledger.flush()
    ledger.record(row(3))
    ledger.flush()

    assert store.batches == [["0", "1", "2", "3"]]
    assert heard == ["0", "1", "2", "3"]


class Finished(BaseException):
    """Ends a loop that has no end."""


def until_finished(loop: Callable[[], None]) -> None:
    with contextlib.suppress(Finished):
        loop()


def test_the_writer_goes_on_after_a_failure() -> None:
    store = Store()
    store.failures = 1

    def write(records: Sequence[UsageRecord]) -> None:
        store.write(records)
        ledger.record(row(9))
        raise Finished

    ledger = Ledger(write)
    ledger.record(row(1))

    writing = threading.Thread(target=until_finished, args=(ledger.write_forever,))
    writing.start()
    writing.join(timeout=10)

    assert not writing.is_alive()
    assert store.batches == [["1"]]


def test_rows_that_find_no_place_are_counted() -> None:
    ledger = Ledger(Store().write)
    one = row(1)

    for _ in range(module.MAX_WAITING + 2):
        ledger.record(one)

    assert ledger.lost == 2
