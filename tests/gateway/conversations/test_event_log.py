"""Numbered events in memory: readers who come early, late, twice, or after a gap."""

from __future__ import annotations

import time
from collections.abc import Iterator

import gevent
import pytest

from app.domain.errors import ClientLeft
from app.domain.events import HEARTBEAT_S
from app.domain.stopping import Stop
from app.gateway.conversations.event_log import KEPT_S, MAX_TAPE_BYTES, Entries, Entry, EventLog, EventsGone


def entry(number: int, name: str = "delta", size: int = 2) -> Entry:
    return Entry(number, name, b"x" * size)


def entries(*numbers: int) -> list[Entry]:
    return [entry(number) for number in numbers]


@pytest.fixture
def log() -> EventLog:
    return EventLog(None)


def reader(log: EventLog, after: int = 0, stop: Stop | None = None) -> Iterator[Entries]:
    return log.follow("g1", after, stop or Stop(), is_running=True)


def numbers(found: Entries) -> list[int]:
    return [one.number for one in found]


def test_a_reader_gets_what_was_said_before_and_ends_behind_the_last_event(log: EventLog) -> None:
    log.add("g1", entries(1, 2))
    log.add("g1", [entry(3, "usage"), entry(4, "done")])

    assert [numbers(found) for found in reader(log)] == [[1, 2, 3, 4]]


def test_a_reader_goes_on_behind_any_event(log: EventLog) -> None:
    log.add("g1", [*entries(1, 2, 3), entry(4, "error")])

    assert [numbers(found) for found in reader(log, after=2)] == [[3, 4]]


def test_every_reader_is_woken_at_once_and_hears_each_event_once(log: EventLog) -> None:
    log.add("g1", entries(1))
    heard: dict[str, list[tuple[list[int], float]]] = {"one": [], "two": []}

    def read(name: str) -> None:
        for found in reader(log):
            heard[name].append((numbers(found), time.monotonic()))

    readers = [gevent.spawn(read, name) for name in heard]
    gevent.sleep(0.05)
    said_at = time.monotonic()
    log.add("g1", entries(2))
    gevent.sleep(0.05)
    log.add("g1", [entry(3, "done")])
    gevent.joinall(readers, raise_error=True, timeout=2)

    assert [[found for found, _ in one] for one in heard.values()] == [[[1], [2], [3]]] * 2
    assert all(one[1][1] - said_at < 0.04 for one in heard.values())


def test_a_silence_is_told(log: EventLog) -> None:
    log.add("g1", entries(1))
    began = time.monotonic()

    found = reader(log, after=1)

    assert next(found) == ()
    assert HEARTBEAT_S - 0.1 < time.monotonic() - began < HEARTBEAT_S + 1


def test_a_reader_that_leaves_leaves_at_once(log: EventLog) -> None:
    log.add("g1", entries(1))
    stop = Stop()
    gevent.spawn_later(0.05, stop.stop, ClientLeft("left"))
    began = time.monotonic()

    with pytest.raises(ClientLeft):
        next(reader(log, after=1, stop=stop))

    assert time.monotonic() - began < 1


@pytest.mark.parametrize("after", [0, 7])
def test_an_answer_that_is_not_known_here_is_gone(log: EventLog, after: int) -> None:
    with pytest.raises(EventsGone):
        next(reader(log, after=after))


@pytest.mark.parametrize("after", [2, 3])
def test_nothing_follows_the_last_event(log: EventLog, after: int) -> None:
    log.add("g1", [entry(1), entry(2, "done")])

    with pytest.raises(EventsGone):
        next(reader(log, after=after))


def test_a_very_long_answer_forgets_its_beginning_but_not_its_end(log: EventLog) -> None:
    for number in range(1, 21):
        log.add("g1", [entry(number, size=MAX_TAPE_BYTES // 16)])

    with pytest.raises(EventsGone):
        next(reader(log, after=2))
    assert numbers(next(reader(log, after=18))) == [19, 20]


def test_ended_answers_are_forgotten_after_a_while(log: EventLog) -> None:
    log.add("g1", [entry(1), entry(2, "done")])
    log.add("g2", entries(1))

    log.tidy(time.monotonic() + KEPT_S - 1)
    still_there = [numbers(found) for found in reader(log)]
    log.tidy(time.monotonic() + KEPT_S + 1)

    assert still_there == [[1, 2]]
    with pytest.raises(EventsGone):
        next(reader(log))
    assert numbers(next(log.follow("g2", 0, Stop(), is_running=True))) == [1]


def test_of_too_much_that_has_ended_the_oldest_goes(log: EventLog) -> None:
    for name in ("g1", "g2", "g3"):
        log.add(name, [entry(1, size=MAX_TAPE_BYTES - 2000), entry(2, "done")])
        gevent.sleep(0.002)

    log.tidy(time.monotonic())

    with pytest.raises(EventsGone):
        next(reader(log))
    assert numbers(next(log.follow("g3", 0, Stop(), is_running=False))) == [1, 2]
