"""Records on their way to the database."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from app.domain.usage import UsageRecord
from app.gateway.ledger import Ledger


def record() -> UsageRecord:
    return UsageRecord(
        id=str(uuid.uuid4()),
        request_id="r",
        started_at=datetime.now(UTC),
        attempt=1,
        user_id=str(uuid.uuid4()),
        key_id=None,
        face="v1",
        task="chat",
        provider_id=None,
        provider="",
        model_asked="m",
        model="m",
        streamed=False,
        prompt_tokens=1,
        completion_tokens=1,
        reasoning_tokens=0,
        cached_tokens=0,
        token_source="provider",
        first_token_ms=None,
        total_ms=1.0,
        overhead_ms=1.0,
        outcome="ok",
    )


def test_the_last_flush_waits_for_rows_that_are_being_written() -> None:
    begun, may_go_on, written = threading.Event(), threading.Event(), list[UsageRecord]()

    def write(batch: Sequence[UsageRecord]) -> None:
        begun.set()
        assert may_go_on.wait(5)
        written.extend(batch)

    ledger, one = Ledger(write), record()
    ledger.record(one)
    background = threading.Thread(target=ledger.flush)
    background.start()
    assert begun.wait(5)
    threading.Timer(0.1, may_go_on.set).start()

    ledger.flush()

    assert written == [one]
    background.join()


def test_what_could_not_be_written_is_written_next_time_in_its_order() -> None:
    stored, is_full = list[UsageRecord](), True

    def write(batch: Sequence[UsageRecord]) -> None:
        if is_full:
            raise OSError("full")
        stored.extend(batch)

    ledger, records = Ledger(write), [record(), record()]
    for one in records:
        ledger.record(one)

    with pytest.raises(OSError, match="full"):
        ledger.flush()
    is_full = False
    ledger.flush()

    assert stored == records
