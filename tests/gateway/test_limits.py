"""What callers may ask per minute."""

from __future__ import annotations

import socket
import time
import uuid

import pytest

from app.domain.accounts import Caller, Role
from app.domain.errors import RateLimited
from app.gateway.limits import MAX_COUNTS, OwnWindow, RequestLimits, free_in_s
from app.gateway.shared_store import LIMIT_S
from tests.conftest import REDIS_URL

SILENT_REDIS = "redis://127.0.0.1:1"


def caller(requests_per_minute: int | None, key_id: str | None = None) -> Caller:
    return Caller(
        str(uuid.uuid4()), "ada", Role.USER, frozenset(), key_id=key_id, requests_per_minute=requests_per_minute
    )


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def limits(request: pytest.FixtureRequest) -> RequestLimits:
    return RequestLimits(REDIS_URL if request.param == "redis" else None)


def test_the_request_after_the_last_allowed_one_is_refused_with_the_limit_and_the_wait(limits: RequestLimits) -> None:
    ada = caller(2, key_id=str(uuid.uuid4()))
    limits.check(ada, None)
    limits.check(ada, None)

    with pytest.raises(RateLimited) as refused:
        limits.check(ada, None)

    assert refused.value.message == "This key may make 2 requests a minute; that limit is used up."
    assert refused.value.retry_after_s is not None
    assert 1 <= refused.value.retry_after_s <= 61


def test_callers_are_counted_apart(limits: RequestLimits) -> None:
    limits.check(caller(1), None)

    limits.check(caller(1), None)


def test_the_default_counts_for_callers_without_a_limit_of_their_own(limits: RequestLimits) -> None:
    ada = caller(None)
    limits.check(ada, 1)

    with pytest.raises(RateLimited):
        limits.check(ada, 1)


def test_without_any_limit_nothing_is_counted(limits: RequestLimits) -> None:
    ada = caller(None)

    for _ in range(50):
        limits.check(ada, None)


def test_the_process_counts_by_itself_while_redis_is_away() -> None:
    limits, ada = RequestLimits(SILENT_REDIS), caller(1)
    limits.check(ada, None)

    with pytest.raises(RateLimited):
        limits.check(ada, None)


def test_a_redis_that_says_nothing_is_waited_for_once_and_not_for_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        limits, ada = RequestLimits(f"redis://127.0.0.1:{deaf.getsockname()[1]}"), caller(3)
        started = time.monotonic()

        for _ in range(3):
            limits.check(ada, None)

        assert time.monotonic() - started < 2 * LIMIT_S
        with pytest.raises(RateLimited):
            limits.check(ada, None)


@pytest.mark.parametrize(
    ("limit", "before", "before_ends_s", "current", "current_ends_s", "free_s"),
    [
        (3, 0, 0.0, 3, 30.0, 30.0),
        (3, 3, 40.0, 0, 100.0, 0.0),
        (3, 3, 60.0, 1, 60.0, 20.0),
        (3, 0, 0.0, 1, 60.0, 0.0),
        (1, 0, 0.0, 1, 10.0, 10.0),
        (2, 0, 0.0, 4, 10.0, 40.0),
    ],
)
def test_room_comes_back_as_the_counted_requests_fade(
    limit: int, before: int, before_ends_s: float, current: int, current_ends_s: float, free_s: float
) -> None:
    assert free_in_s(limit, before, before_ends_s, current, current_ends_s) == pytest.approx(free_s)


def test_requests_of_the_last_minute_fade_out_of_the_window() -> None:
    window = OwnWindow()
    assert [window.hit("ada", 4, 59.0) for _ in range(4)] == [None] * 4
    assert window.hit("ada", 4, 59.0) == pytest.approx(1.0)

    # At its first quarter, three quarters of the minute before still count.
    assert window.hit("ada", 4, 75.0) is None
    assert window.hit("ada", 4, 75.0) == 1.0
    assert window.hit("ada", 4, 90.0) is None

    assert [window.hit("ada", 4, 240.0) for _ in range(5)] == [None] * 4 + [pytest.approx(60.0)]


def test_counts_of_former_minutes_are_thrown_away() -> None:
    window = OwnWindow()
    for number in range(MAX_COUNTS):
        window.hit(str(number), 1, 0.0)
    window.hit("ada", 1, 200.0)

    assert len(window) == 1
    assert window.hit("ada", 1, 201.0) is not None
