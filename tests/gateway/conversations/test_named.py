"""Conversations by the names of older clients, kept in both databases."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from app.domain.catalog import ModelInfo, ProviderConfig
from app.domain.conversations import Conversation, MessageStatus
from app.domain.errors import NotFound
from app.gateway.answer import Answer
from app.gateway.conversations.named import Answered, Exchange, NamedConversations, Place
from app.gateway.routing import Candidate
from app.storage import chats
from app.storage.conversations import ConversationFilter
from app.storage.database import Database
from app.storage.unit import Window
from tests.gateway.conversations.making import NOON, message
from tests.storage.chats import add_user

BOX = ProviderConfig(id="1", slug="box", name="Box", kind="openai_compatible", base_url="http://127.0.0.1:9/v1")


@pytest.fixture
def named(database: Database) -> NamedConversations:
    return NamedConversations(database, lambda running: None)


@pytest.fixture
def place(database: Database) -> Place:
    return Place(add_user(database), "llama-chat")


def answered(question: str, answer: str = "Because.", **more: str) -> Answered:
    by = Answer(Candidate(BOX, ModelInfo("one", "box", "one")), 1, 0.0, model="one", attempts=1)
    return Answered(Exchange(question, answer), by, **more)


def conversations(database: Database, place: Place) -> tuple[Conversation, ...]:
    page = chats.read(
        database, lambda stored: stored.conversations.page(place.user_id, ConversationFilter(), Window(200))
    )
    return page.items


def test_an_exchange_makes_the_conversation_and_the_next_goes_on_in_it(
    named: NamedConversations, place: Place, database: Database
) -> None:
    named.keep(place, "mine", answered("Why?", model="box/one", system_prompt="Be brief."))
    named.keep(place, "mine", answered("How?", "So."))

    [kept] = conversations(database, place)
    assert (kept.title, kept.model, kept.system_prompt, kept.message_count) == ("Why?", "box/one", "Be brief.", 4)
    assert named.exchanges(place, "mine") == (Exchange("Why?", "Because."), Exchange("How?", "So."))
    path = chats.read(database, lambda stored: stored.messages.path(kept.id, kept.active_message_id or ""))
    assert [(one.role.value, one.number, one.status) for one in path] == [
        ("user", 1, MessageStatus.DONE),
        ("assistant", 2, MessageStatus.DONE),
        ("user", 3, MessageStatus.DONE),
        ("assistant", 4, MessageStatus.DONE),
    ]
    assert (path[1].model, path[1].provider, path[1].attempts) == ("box/one", "box", 1)


def test_the_same_name_means_another_conversation_elsewhere(
    named: NamedConversations, place: Place, database: Database
) -> None:
    others = [Place(add_user(database, "Eve"), place.face), replace(place, face="ai-library")]
    named.keep(place, "mine", answered("Why?"))

    for other in others:
        with pytest.raises(NotFound):
            named.exchanges(other, "mine")
        with pytest.raises(NotFound):
            named.remove(other, "mine")
        assert (named.names(other), named.count(other)) == ((), 0)
        named.keep(other, "mine", answered("Whose?"))

    assert named.exchanges(place, "mine") == (Exchange("Why?", "Because."),)
    assert named.count(place) == 1


def test_names_come_with_the_one_that_changed_last_first(named: NamedConversations, place: Place) -> None:
    for name in ("one", "two", "one"):
        named.keep(place, name, answered("Why?"))

    assert named.names(place) == ("one", "two")


def test_a_removed_conversation_can_be_restored_and_its_name_used_anew(
    named: NamedConversations, place: Place, database: Database
) -> None:
    named.keep(place, "mine", answered("Why?"))
    [old] = conversations(database, place)

    named.remove(place, "mine")
    with pytest.raises(NotFound):
        named.remove(place, "mine")
    named.keep(place, "mine", answered("Again?"))

    gone = chats.read(database, lambda stored: stored.conversations.one(place.user_id, old.id))
    assert gone is not None
    assert gone.deleted_at is not None
    assert named.exchanges(place, "mine") == (Exchange("Again?", "Because."),)


def test_a_conversation_that_was_deleted_elsewhere_is_made_anew(
    named: NamedConversations, place: Place, database: Database
) -> None:
    named.keep(place, "mine", answered("Why?"))
    [old] = conversations(database, place)
    chats.write(database, lambda stored: stored.conversations.save(replace(old, deleted_at=NOON)))

    assert named.names(place) == ()
    named.keep(place, "mine", answered("Again?"))

    assert named.exchanges(place, "mine") == (Exchange("Again?", "Because."),)
    assert chats.read(database, lambda stored: stored.outside_names.all(place.user_id, place.face)) == ("mine",)


def test_nothing_keeps_the_name_of_a_conversation_that_is_gone_for_good(
    named: NamedConversations, place: Place, database: Database
) -> None:
    named.keep(place, "mine", answered("Why?"))
    [old] = conversations(database, place)

    chats.write(database, lambda stored: stored.remove_conversation(old.id))

    assert named.names(place) == ()
    named.keep(place, "mine", answered("Again?"))
    assert named.count(place) == 1


@pytest.mark.parametrize("name", ["", "a\0b", "\0", "x" * 500, "' OR 1=1 --"])
def test_a_name_that_nothing_has_means_nothing(named: NamedConversations, place: Place, name: str) -> None:
    with pytest.raises(NotFound):
        named.exchanges(place, name)
    with pytest.raises(NotFound):
        named.remove(place, name)


def test_only_questions_that_were_answered_are_remembered(
    named: NamedConversations, place: Place, database: Database
) -> None:
    named.keep(place, "mine", answered("Why?"))
    [kept] = conversations(database, place)
    failed = [
        message("user", "Lost?", conversation_id=kept.id, number=3, parent_id=kept.active_message_id),
        message("assistant", "", conversation_id=kept.id, number=4, status=MessageStatus.FAILED),
    ]
    failed[1] = replace(failed[1], parent_id=failed[0].id)

    def fail(stored: chats.Chats) -> None:
        stored.messages.add(failed)
        claimed = stored.conversations.claim(place.user_id, kept.id)
        assert claimed is not None
        stored.conversations.save(replace(claimed, active_message_id=failed[1].id))

    chats.write(database, fail)
    named.keep(place, "mine", answered("How?"))

    assert named.exchanges(place, "mine") == (Exchange("Why?", "Because."), Exchange("How?", "Because."))


def test_first_uses_at_the_same_time_share_one_conversation(
    named: NamedConversations, place: Place, database: Database
) -> None:
    questions = [f"Question {number}" for number in range(6)]
    writers = [threading.Thread(target=named.keep, args=(place, "mine", answered(one))) for one in questions]

    for writer in writers:
        writer.start()
        if database.is_sqlite:
            # A process has one thread that writes there.
            writer.join(10)
    for writer in writers:
        writer.join(10)

    [kept] = conversations(database, place)
    assert sorted(one.question for one in named.exchanges(place, "mine")) == questions
    assert kept.message_count == 12
