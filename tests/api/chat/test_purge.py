from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.gateway.conversations.purge import BATCH, Purge
from tests.api.callers import failure
from tests.api.chat.files import png
from tests.api.chat.people import CONVERSATIONS, Person
from tests.api.chat.test_attachments import ATTACHMENTS, kept

NOT_FOUND = (404, "not_found")


def purge(person: Person, after: timedelta) -> None:
    """As if so much time had passed."""
    Purge(person.door.parts.database, now=lambda: datetime.now(UTC) + after).run()


def is_there(person: Person, path: str) -> bool:
    reply = person.asker.get(path)
    assert reply.status_code == 200 or failure(reply) == NOT_FOUND
    return reply.status_code == 200


def rows(person: Person, table: str) -> int:
    with person.door.parts.database.engine.connect() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_deleted_conversations_can_be_restored_for_thirty_days(ada: Person) -> None:
    deleted, plain = ada.conversation(), ada.conversation()
    ada.says(deleted)
    ada.says(plain)
    ada.ask("DELETE", f"{CONVERSATIONS}/{deleted['id']}")

    purge(ada, timedelta(days=30, minutes=-1))
    before = is_there(ada, f"{CONVERSATIONS}/{deleted['id']}")
    purge(ada, timedelta(days=30, minutes=1))

    assert before
    assert not is_there(ada, f"{CONVERSATIONS}/{deleted['id']}")
    assert is_there(ada, f"{CONVERSATIONS}/{plain['id']}")
    assert rows(ada, "messages") == 2


def test_temporary_conversations_go_when_nobody_touched_them_for_a_day(ada: Person) -> None:
    conversation = ada.conversation(temporary=True)
    ada.says(conversation)

    purge(ada, timedelta(hours=24, minutes=-1))
    before = is_there(ada, f"{CONVERSATIONS}/{conversation['id']}")
    purge(ada, timedelta(hours=24, minutes=1))

    assert before
    assert not is_there(ada, f"{CONVERSATIONS}/{conversation['id']}")


def test_deleted_messages_go_with_what_was_deleted_below_them_before(ada: Person) -> None:
    conversation = ada.conversation()
    root = ada.says(conversation)
    below = ada.says(conversation, "below", "below", root.answer)
    deeper = ada.says(conversation, "deeper", "deeper", below.answer)
    path = f"{CONVERSATIONS}/{conversation['id']}/messages"
    ada.ask("DELETE", f"{path}/{deeper.question}")
    ada.ask("DELETE", f"{path}/{below.question}")

    purge(ada, timedelta(days=29))
    restored = ada.ask("POST", f"{path}/{below.question}/restore")["ids"]
    ada.ask("DELETE", f"{path}/{below.question}")
    purge(ada, timedelta(days=31))

    assert restored == [below.question, below.answer]
    assert rows(ada, "messages") == 2
    assert failure(ada.asker.post(f"{path}/{below.question}/restore")) == NOT_FOUND
    assert ada.get(path)["items"][-1]["id"] == root.answer


def test_attachments_that_no_message_has_go_after_a_day(ada: Person) -> None:
    used, unused, restorable = kept(ada, png()), kept(ada, b"unused"), kept(ada, b"restorable")
    conversation, deleted = ada.conversation(), ada.conversation()
    ada.says(conversation, attachments=(used["id"],))
    ada.says(deleted, attachments=(restorable["id"],))
    ada.ask("DELETE", f"{CONVERSATIONS}/{deleted['id']}")

    purge(ada, timedelta(hours=23))
    before = is_there(ada, f"{ATTACHMENTS}/{unused['id']}")
    purge(ada, timedelta(hours=25))

    assert before
    found = {
        name: is_there(ada, f"{ATTACHMENTS}/{one['id']}")
        for name, one in (("used", used), ("unused", unused), ("restorable", restorable))
    }
    assert found == {"used": True, "unused": False, "restorable": True}


def test_more_than_one_batch_goes_at_once(ada: Person) -> None:
    for _ in range(BATCH + 20):
        ada.conversation(temporary=True)

    purge(ada, timedelta(days=2))

    assert rows(ada, "conversations") == 0
