"""Kept responses, in both databases: for how long, and whose they are."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from app.admin.accounts import Accounts, UserDraft
from app.admin.passwords import Passwords
from app.domain.accounts import Role
from app.domain.audit import Actor
from app.domain.errors import NotFound
from app.gateway.conversations.purge import Purge
from app.gateway.responses import KEPT, ResponseShelf
from app.storage.database import Database

TESTER = Actor(None, "tester")
DAY = timedelta(days=1)


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelf(database: Database, clock: Clock) -> ResponseShelf:
    return ResponseShelf(database, now=clock)


@pytest.fixture
def ada(database: Database) -> str:
    return Accounts(database, Passwords()).create(UserDraft("Ada", Role.USER), "correct horse battery", TESTER).id


def keep(shelf: ResponseShelf, user_id: str, previous: str | None = None) -> str:
    response_id = str(uuid.uuid4())
    before = [] if previous is None else shelf.turns(user_id, previous)
    assert before is not None
    asked = [{"role": "user", "content": "a\0b"}]
    shelf.keep(user_id, response_id, before, asked=asked, document={"output": [], "number": len(before)})
    return response_id


def test_turns_come_oldest_first_with_what_was_asked(shelf: ResponseShelf, ada: str) -> None:
    first = keep(shelf, ada)
    second = keep(shelf, ada, first)
    third = keep(shelf, ada, second)

    turns = shelf.turns(ada, third)

    assert turns is not None
    assert [one.id for one in turns] == [first, second, third]
    assert [one.document["number"] for one in turns] == [0, 1, 2]
    assert turns[0].input == [{"role": "user", "content": "a�b"}]


def test_building_on_a_response_keeps_it_for_as_long(shelf: ResponseShelf, clock: Clock, ada: str) -> None:
    first = keep(shelf, ada)
    clock.at += KEPT - DAY
    second = keep(shelf, ada, first)
    clock.at += KEPT - DAY

    assert shelf.turns(ada, second) is not None
    clock.at += DAY
    assert shelf.turns(ada, second) is None
    with pytest.raises(NotFound):
        shelf.one(ada, second)


def test_what_nobody_can_read_any_more_is_removed(
    shelf: ResponseShelf, database: Database, clock: Clock, ada: str
) -> None:
    old = keep(shelf, ada)
    clock.at += DAY
    new = keep(shelf, ada)
    clock.at += KEPT - DAY

    Purge(database, now=clock).run()

    clock.at -= KEPT
    assert shelf.one(ada, new).id == new
    with pytest.raises(NotFound):
        shelf.one(ada, old)


def test_nothing_is_found_under_what_is_no_id_or_somebody_elses(shelf: ResponseShelf, ada: str) -> None:
    kept = keep(shelf, ada)

    for user_id, response_id in ((ada, "\0"), (ada, str(uuid.uuid4())), (str(uuid.uuid4()), kept)):
        assert shelf.turns(user_id, response_id) is None
        with pytest.raises(NotFound):
            shelf.delete(user_id, response_id)
    assert shelf.one(ada, kept).id == kept
    assert [one.id for one in shelf.several(ada, [kept, str(uuid.uuid4())])] == [kept]
    assert shelf.several(str(uuid.uuid4()), [kept]) == []


def test_a_turn_that_is_gone_ends_what_was_built_on_it(shelf: ResponseShelf, ada: str) -> None:
    first = keep(shelf, ada)
    second = keep(shelf, ada, first)

    shelf.delete(ada, first)

    assert shelf.turns(ada, second) is None
    assert shelf.one(ada, second).id == second
