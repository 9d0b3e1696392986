from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.audit import Actor, Change
from app.domain.errors import InvalidRequest
from app.storage.audit import AuditFilter, AuditLog, record
from app.storage.database import Database

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ADA = Actor("11111111-1111-4111-8111-111111111111", "ada", "request-1")


def note(database: Database, name: str, at: datetime, action: str = "update") -> None:
    change = Change(action, "provider", f"id-of-{name}", name, {"enabled": True}, {"enabled": False})
    database.write(lambda session: record(session, ADA, change, at=at))


def test_an_entry_says_who_changed_what_from_which_to_which(database: Database) -> None:
    note(database, "groq", NOON)

    (entry,) = AuditLog(database).entries(AuditFilter()).items

    assert (entry.at, entry.actor) == (NOON, ADA)
    assert entry.change == Change("update", "provider", "id-of-groq", "groq", {"enabled": True}, {"enabled": False})


def test_pages_go_from_newest_to_oldest_without_gaps_among_equal_times(database: Database) -> None:
    for number in range(5):
        note(database, f"p{number}", NOON + timedelta(seconds=number // 2))
    log, seen, cursor = AuditLog(database), [], None

    for _ in range(3):
        page = log.entries(AuditFilter(), limit=2, cursor=cursor)
        seen += [entry.change.object_name for entry in page.items]
        cursor = page.next_cursor

    assert cursor is None
    assert [seen[0], {*seen[1:3]}, {*seen[3:]}] == ["p4", {"p2", "p3"}, {"p0", "p1"}]


def test_filters_narrow_the_list(database: Database) -> None:
    note(database, "groq", NOON)
    note(database, "openai", NOON + timedelta(hours=1), action="delete")
    log = AuditLog(database)

    def names(wanted: AuditFilter) -> list[str]:
        return [entry.change.object_name for entry in log.entries(wanted).items]

    assert names(AuditFilter(action="delete")) == ["openai"]
    assert names(AuditFilter(object_id="id-of-groq")) == ["groq"]
    assert names(AuditFilter(object_type="user")) == []
    assert names(AuditFilter(actor_id=ADA.id, until=NOON + timedelta(hours=1))) == ["groq"]
    assert names(AuditFilter(since=NOON + timedelta(hours=1))) == ["openai"]


@pytest.mark.parametrize("cursor", ["x", "äö", "MjAyNg", "", "MjAyNi0xMS0yMVQxMjowMDowMHxpZA"])
def test_a_made_up_cursor_is_refused_by_name(database: Database, cursor: str) -> None:
    with pytest.raises(InvalidRequest, match="cursor"):
        AuditLog(database).entries(AuditFilter(), cursor=cursor)


def test_an_entry_is_gone_with_the_transaction_that_failed(database: Database) -> None:
    def fail(session: object) -> None:
        record(session, ADA, Change("create", "alias", "1", "fast"))  # type: ignore[arg-type]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.write(fail)

    assert AuditLog(database).entries(AuditFilter()).items == ()
