"""Ids that sort by when they were made."""

from __future__ import annotations

import time
import uuid

from app.domain.ids import ordered_hex, ordered_id


def test_an_ordered_id_is_a_uuid_of_version_7_with_the_time_in_front() -> None:
    before_ms = time.time_ns() // 1_000_000
    made = uuid.UUID(ordered_id())
    after_ms = time.time_ns() // 1_000_000

    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert before_ms <= made.int >> 80 <= after_ms


def test_later_ids_sort_later_and_none_comes_twice() -> None:
    first = ordered_hex()
    time.sleep(0.002)
    rest = {ordered_hex() for _ in range(10_000)}

    assert len(rest) == 10_000
    assert min(rest) > first
