from __future__ import annotations

from typing import Any

import pytest

from app.gateway.conversations.branches import Branches
from app.gateway.conversations.library import Library
from tests.api.callers import failure
from tests.api.chat.people import CONVERSATIONS, Person


def at(conversation: Any, more: str = "") -> str:
    return f"{CONVERSATIONS}/{conversation['id']}/messages{more}"


def contents(person: Person, conversation: Any) -> list[str]:
    return [one["content"] for one in person.get(at(conversation))["items"]]


def shown(person: Person, conversation: Any) -> str | None:
    """The branch that is shown, and how many messages there are."""
    found = person.get(f"{CONVERSATIONS}/{conversation['id']}")
    assert found["message_count"] == len(contents(person, conversation))
    return found["active_message_id"]  # type: ignore[no-any-return]


def test_messages_of_all_branches_come_oldest_first_in_pages(ada: Person) -> None:
    conversation = ada.conversation()
    first = ada.says(conversation, "1", "2")
    ada.says(conversation, "3", "4", first.answer)
    ada.says(conversation, "5", "6", first.answer)

    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = ada.get(at(conversation, f"?limit=4&cursor={cursor}" if cursor else "?limit=4"))
        seen += [one["content"] for one in page["items"]]
        cursor = page["next_cursor"]

    assert seen == ["1", "2", "3", "4", "5", "6"]


@pytest.mark.parametrize("cursor", ["x", "MTIz", "bi0x", "é", "bjEyMzQ1Njc4OTAxMg", "n1"])
def test_a_cursor_from_elsewhere_is_refused(ada: Person, cursor: str) -> None:
    conversation = ada.conversation()

    reply = ada.asker.get(at(conversation), query_string={"cursor": cursor})

    assert failure(reply) == (400, "invalid_request")


def test_feedback_can_be_given_changed_and_taken_back(ada: Person) -> None:
    conversation = ada.conversation()
    turn = ada.says(conversation)
    before = ada.get(at(conversation, f"/{turn.answer}"))

    given = [
        ada.ask("PATCH", at(conversation, f"/{turn.answer}"), json={"feedback": feedback})
        for feedback in ("up", "down", None)
    ]

    assert [one["feedback"] for one in given] == ["up", "down", None]
    assert {**given[-1], "updated_at": before["updated_at"]} == before
    assert failure(ada.asker.ask("PATCH", at(conversation, f"/{turn.answer}"), json={})) == (400, "invalid_request")
    assert failure(ada.asker.ask("PATCH", at(conversation, f"/{turn.answer}"), json={"feedback": "meh"})) == (
        400,
        "invalid_request",
    )


def test_deleting_a_message_takes_everything_below_it_along_and_shows_the_branch_beside_it(ada: Person) -> None:
    conversation = ada.conversation()
    root = ada.says(conversation, "root", "answer")
    left = ada.says(conversation, "left", "left answer", root.answer)
    deeper = ada.says(conversation, "deeper", "deeper answer", left.answer)
    right = ada.says(conversation, "right", "right answer", root.answer)
    assert shown(ada, conversation) == right.answer

    removed = ada.ask("DELETE", at(conversation, f"/{right.question}"))

    assert removed == {"id": right.question, "deleted": True, "ids": [right.question, right.answer]}
    assert shown(ada, conversation) == deeper.answer
    assert contents(ada, conversation)[-1] == "deeper answer"
    assert failure(ada.asker.get(at(conversation, f"/{right.answer}"))) == (404, "not_found")

    ada.ask("DELETE", at(conversation, f"/{left.question}"))

    assert shown(ada, conversation) == root.answer
    assert contents(ada, conversation) == ["root", "answer"]

    ada.ask("DELETE", at(conversation, f"/{root.question}"))

    assert shown(ada, conversation) is None
    assert contents(ada, conversation) == []


def test_deleting_a_branch_that_is_not_shown_changes_nothing_else(ada: Person) -> None:
    conversation = ada.conversation()
    root = ada.says(conversation)
    left = ada.says(conversation, "left", "left answer", root.answer)
    right = ada.says(conversation, "right", "right answer", root.answer)

    ada.ask("DELETE", at(conversation, f"/{left.question}"))

    assert shown(ada, conversation) == right.answer


def test_a_column_whose_branch_is_deleted_goes_on_from_above(ada: Person) -> None:
    conversation = ada.conversation()
    root = ada.says(conversation)
    left = ada.says(conversation, "left", "left answer", root.answer)
    columns = [{"model": "a/one", "message_id": left.answer}, {"model": "b/two", "message_id": root.answer}]
    ada.ask("PATCH", f"{CONVERSATIONS}/{conversation['id']}", json={"compare": {"columns": columns}})

    ada.ask("DELETE", at(conversation, f"/{left.question}"))

    after = ada.get(f"{CONVERSATIONS}/{conversation['id']}")
    assert [one["message_id"] for one in after["compare"]["columns"]] == [root.answer, root.answer]


def test_a_deleted_branch_comes_back_with_what_went_with_it_and_is_shown(ada: Person) -> None:
    conversation = ada.conversation()
    root = ada.says(conversation, "root", "answer")
    left = ada.says(conversation, "left", "left answer", root.answer)
    other = ada.says(conversation, "other", "other answer", left.answer)
    ada.ask("DELETE", at(conversation, f"/{other.question}"))
    ada.ask("DELETE", at(conversation, f"/{left.question}"))

    early = ada.asker.post(at(conversation, f"/{other.question}/restore"))
    restored = ada.ask("POST", at(conversation, f"/{left.question}/restore"))

    # What was deleted before, by itself, stays deleted.
    assert failure(early) == (409, "conflict")
    assert restored == {"ids": [left.question, left.answer]}
    assert shown(ada, conversation) == left.answer
    assert ada.ask("POST", at(conversation, f"/{left.question}/restore")) == {"ids": []}
    assert ada.ask("POST", at(conversation, f"/{other.question}/restore")) == {"ids": [other.question, other.answer]}
    assert contents(ada, conversation) == ["root", "answer", "left", "left answer", "other", "other answer"]


def test_whatever_runs_in_a_deleted_branch_or_conversation_is_ended(ada: Person) -> None:
    ended: list[tuple[str, ...]] = []
    database = ada.door.parts.database
    branches = Branches(database, lambda ids: ended.append(tuple(ids)))
    library = Library(database, lambda ids: ended.append(tuple(ids)))
    conversation = ada.conversation()
    root = ada.says(conversation)
    one = ada.begins(conversation, "one", root.answer)
    two = ada.begins(conversation, "two", root.answer)
    assert ada.get(f"{CONVERSATIONS}/{conversation['id']}")["running"] == [one.generation, two.generation]

    branches.delete(ada.user.id, conversation["id"], one.question)

    assert ended == [(one.generation,)]

    library.delete(ada.user.id, conversation["id"], permanent=True)

    assert set(ended[1]) == {one.generation, two.generation}


def test_a_conversation_of_thousands_of_messages_can_be_cut_and_removed(ada: Person) -> None:
    conversation = ada.conversation()
    parent: str | None = None
    for number in range(600):
        turn = ada.says(conversation, f"question {number}", f"answer {number}", parent)
        parent = turn.answer
    first = ada.get(at(conversation, "?limit=1"))["items"][0]["id"]

    removed = ada.ask("DELETE", at(conversation, f"/{first}"))
    restored = ada.ask("POST", at(conversation, f"/{first}/restore"))
    ada.ask("DELETE", f"{CONVERSATIONS}/{conversation['id']}?permanent=true")

    assert len(removed["ids"]) == 1200
    assert restored["ids"] == removed["ids"]
    assert failure(ada.asker.get(f"{CONVERSATIONS}/{conversation['id']}")) == (404, "not_found")
