"""Events in Redis: what one process says, another reads."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis import Redis
from redis.exceptions import RedisError

from app.domain.stopping import Stop
from app.gateway.conversations.event_log import Entry, EventLog, EventsGone, Tape
from app.gateway.conversations.shared_events import KEPT_S, MAX_COPIED, SharedEvents
from app.gateway.conversations.stop_signals import StopSignals
from tests.conftest import REDIS_URL

NOBODY = "redis://127.0.0.1:1"
URL = urlsplit(REDIS_URL)._replace(path="/8").geturl()


def entries(first: int, last: int, ending: str = "delta") -> list[Entry]:
    found = [Entry(number, "delta", b'{"text": "x"}') for number in range(first, last + 1)]
    return [*found[:-1], found[-1]._replace(name=ending)]


@pytest.fixture
def redis() -> Iterator[Redis]:
    redis = Redis.from_url(URL)
    yield redis
    redis.flushdb()
    redis.close()


@pytest.fixture
def generation_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def here(redis: Redis) -> SharedEvents:
    return SharedEvents(URL)


def read_elsewhere(generation_id: str, after: int = 0) -> list[Entry]:
    """What a worker hears that does not make the answer; nothing is waited for."""
    log = EventLog(SharedEvents(URL))
    return [one for found in log.follow(generation_id, after, Stop(), is_running=False) for one in found]


@pytest.mark.redis
def test_another_process_reads_from_any_event_on(here: SharedEvents, redis: Redis, generation_id: str) -> None:
    log = EventLog(here)
    log.add(generation_id, entries(1, 3))
    here.copy()
    log.add(generation_id, entries(4, 6, "done"))
    here.copy()

    assert read_elsewhere(generation_id) == entries(1, 6, "done")
    assert read_elsewhere(generation_id, after=4) == entries(5, 6, "done")
    ttl_s: Any = redis.ttl(f"pb:gen:{generation_id}:events")
    assert 0 < ttl_s <= KEPT_S


@pytest.mark.redis
def test_a_long_backlog_is_copied_in_several_rounds(here: SharedEvents, generation_id: str) -> None:
    EventLog(here).add(generation_id, entries(1, 2 * MAX_COPIED + 1, "done"))

    here.flush()

    assert read_elsewhere(generation_id) == entries(1, 2 * MAX_COPIED + 1, "done")


@pytest.mark.redis
def test_what_may_have_arrived_already_is_not_copied_twice(here: SharedEvents, generation_id: str) -> None:
    tape = Tape()
    tape.add(entries(1, 2))
    here.note(generation_id, tape)
    here.copy()
    tape.add(entries(3, 4, "done"))
    # As after a round whose reply got lost: this one does not know what Redis has.
    unsure = SharedEvents(URL)
    unsure.note(generation_id, tape)
    unsure.copy()

    assert read_elsewhere(generation_id) == entries(1, 4, "done")


@pytest.mark.redis
def test_a_gap_is_seen(here: SharedEvents, generation_id: str) -> None:
    EventLog(here).add(generation_id, entries(5, 6, "done"))
    here.copy()

    with pytest.raises(EventsGone):
        read_elsewhere(generation_id, after=2)


@pytest.mark.redis
@pytest.mark.parametrize("after", [0, 9])
@pytest.mark.usefixtures("redis")
def test_nothing_is_waited_for_where_nothing_comes_any_more(generation_id: str, after: int) -> None:
    with pytest.raises(EventsGone):
        read_elsewhere(generation_id, after)


def test_without_redis_answers_go_on_here_and_are_copied_later(generation_id: str) -> None:
    away = SharedEvents(NOBODY)
    log = EventLog(away)
    log.add(generation_id, entries(1, 2))
    with pytest.raises(RedisError):
        away.copy()
    log.add(generation_id, entries(3, 4, "done"))
    with pytest.raises(RedisError):
        away.flush()

    heard = [one for found in log.follow(generation_id, 0, Stop(), is_running=True) for one in found]

    assert heard == entries(1, 4, "done")


def test_without_redis_the_events_of_others_are_gone(generation_id: str) -> None:
    with pytest.raises(EventsGone):
        next(EventLog(SharedEvents(NOBODY)).follow(generation_id, 0, Stop(), is_running=True))


def test_a_stop_that_nobody_hears_says_so(generation_id: str) -> None:
    assert StopSignals(NOBODY).send(generation_id) is False
