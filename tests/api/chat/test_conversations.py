from __future__ import annotations

from typing import Any

import pytest

from app.api.chat import shapes
from app.api.chat.rendering import conversation_json, folder_json, generation_json, message_json, preset_json
from app.storage import chats
from tests.api.callers import TESTER, failure
from tests.api.chat.people import CONVERSATIONS, Person

NOBODYS_ID = "00000000-0000-4000-8000-000000000000"
INVALID = (400, "invalid_request")
NOT_FOUND = (404, "not_found")


def listed(person: Person, query: str = "") -> list[str]:
    return [one["id"] for one in person.get(f"{CONVERSATIONS}?{query}")["items"]]


def problem(reply: Any) -> tuple[str, str]:
    (detail,) = reply.json["error"]["details"]
    return detail["field"], detail["problem"]


def test_a_new_conversation_has_what_was_given_and_nothing_else(ada: Person) -> None:
    plain = ada.conversation()
    full = ada.conversation(
        title="  Two\n words ",
        model="demo/small",
        parameters={"temperature": 0.5},
        system_prompt="Be brief.",
        temporary=True,
        pinned=True,
        compare={"columns": [{"model": "a/one"}, {"model": "b/two"}]},
    )

    for conversation in (plain, full):
        assert conversation["created_at"] == conversation["updated_at"]
    assert {name: plain[name] for name in plain if name not in ("id", "created_at", "updated_at")} == {
        "title": "",
        "title_source": "none",
        "model": None,
        "parameters": {},
        "system_prompt": None,
        "pinned": False,
        "archived": False,
        "folder_id": None,
        "temporary": False,
        "active_message_id": None,
        "compare": None,
        "running": [],
        "message_count": 0,
        "deleted_at": None,
    }
    assert (full["title"], full["title_source"]) == ("Two words", "person")
    assert (full["model"], full["parameters"], full["system_prompt"]) == (
        "demo/small",
        {"temperature": 0.5},
        "Be brief.",
    )
    assert (full["temporary"], full["pinned"]) == (True, True)
    assert full["compare"] == {
        "columns": [{"model": "a/one", "message_id": None}, {"model": "b/two", "message_id": None}]
    }
    assert ada.get(f"{CONVERSATIONS}/{full['id']}") == full


def test_the_list_shows_what_changed_last_first_and_leaves_temporary_ones_out(ada: Person) -> None:
    first, second = ada.conversation(title="first"), ada.conversation(title="second")
    ada.conversation(temporary=True)

    assert listed(ada) == [second["id"], first["id"]]

    ada.says(first)

    assert listed(ada) == [first["id"], second["id"]]


def test_the_list_comes_in_pages(ada: Person) -> None:
    made = [ada.conversation()["id"] for _ in range(5)]

    seen, cursor = [], ""
    while cursor is not None:
        page = ada.get(f"{CONVERSATIONS}?limit=2&cursor={cursor}" if cursor else f"{CONVERSATIONS}?limit=2")
        assert len(page["items"]) <= 2
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]

    assert seen == made[::-1]


def test_the_list_can_be_narrowed(ada: Person) -> None:
    folder = ada.ask("POST", "/api/v1/folders", json={"name": "Work"})
    plain, pinned, filed, archived, deleted = (ada.conversation(title=str(number)) for number in range(5))
    for conversation, change in (
        (pinned, {"pinned": True}),
        (filed, {"folder_id": folder["id"]}),
        (archived, {"archived": True}),
    ):
        ada.ask("PATCH", f"{CONVERSATIONS}/{conversation['id']}", json=change)
    ada.ask("DELETE", f"{CONVERSATIONS}/{deleted['id']}")

    assert listed(ada) == [filed["id"], pinned["id"], plain["id"]]
    assert listed(ada, "pinned=true") == [pinned["id"]]
    assert listed(ada, "pinned=false") == [filed["id"], plain["id"]]
    assert listed(ada, f"folder_id={folder['id']}") == [filed["id"]]
    assert listed(ada, "archived=true") == [archived["id"]]
    assert listed(ada, "deleted=true") == [deleted["id"]]


def test_a_change_moves_the_time_of_change_only_where_it_is_about_the_content(ada: Person) -> None:
    folder = ada.ask("POST", "/api/v1/folders", json={"name": "Work"})
    conversation = ada.conversation()
    turn = ada.says(conversation)
    path = f"{CONVERSATIONS}/{conversation['id']}"
    before = ada.get(path)["updated_at"]
    still: list[dict[str, Any]] = [
        {"pinned": True},
        {"archived": True},
        {"folder_id": folder["id"]},
        {"folder_id": None},
        {"active_message_id": turn.question},
        {"compare": {"columns": [{"model": "a/one", "message_id": turn.answer}, {"model": "b/two"}]}},
        {"compare": None},
        {"title": ""},
    ]
    moving: list[dict[str, Any]] = [
        {"title": "Mine"},
        {"model": "demo/small"},
        {"parameters": {"top_p": 0.5}},
        {"system_prompt": "Be kind."},
    ]

    for change in still:
        changed = ada.ask("PATCH", path, json=change)
        assert (change, changed["updated_at"]) == (change, before)
        assert {name: changed[name] for name in change if name != "compare"} == {
            name: value for name, value in change.items() if name != "compare"
        }
    for change in moving:
        changed = ada.ask("PATCH", path, json=change)
        assert changed["updated_at"] > before, change
        assert {name: changed[name] for name in change} == change
        before = changed["updated_at"]
    assert ada.get(path)["title_source"] == "person"
    assert ada.ask("PATCH", path, json={"title": "  "})["title_source"] == "none"


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"folder_id": NOBODYS_ID}, "folder_id", "is not one of your folders"),
        ({"folder_id": "no id"}, "folder_id", "is not one of your folders"),
        ({"active_message_id": NOBODYS_ID}, "active_message_id", "is not a message of this conversation"),
        (
            {"compare": {"columns": [{"model": "a/b"}, {"model": "a/b", "message_id": NOBODYS_ID}]}},
            "compare.columns.1.message_id",
            "is not a message of this conversation",
        ),
        ({"compare": {"columns": [{"model": "a/b"}]}}, "compare.columns", "must have at least 2 entries or characters"),
        ({"parameters": {"messages": []}}, "parameters.messages", "is not a parameter of a conversation"),
        ({"parameters": {"x": "y" * 70_000}}, "parameters", "must have at most 65536 bytes as JSON"),
        ({"pinned": 1}, "pinned", "must be true or false"),
        ({"temporary": True}, "temporary", "is not a known field"),
        ({"title": None}, "title", "must be a string"),
    ],
)
def test_a_change_that_can_not_be_is_refused_by_name_and_changes_nothing(
    ada: Person, change: dict[str, Any], field: str, words: str
) -> None:
    conversation = ada.conversation(title="As it was")

    reply = ada.asker.ask("PATCH", f"{CONVERSATIONS}/{conversation['id']}", json={"model": "x/y", **change})

    assert failure(reply) == INVALID
    assert problem(reply) == (field, words)
    assert ada.get(f"{CONVERSATIONS}/{conversation['id']}") == conversation


def test_a_deleted_conversation_can_be_restored_as_it_was(ada: Person) -> None:
    conversation = ada.conversation(title="Kept", pinned=True)
    ada.says(conversation)
    path = f"{CONVERSATIONS}/{conversation['id']}"
    before = ada.get(path)

    assert ada.ask("DELETE", path) == {"id": conversation["id"], "deleted": True}

    assert ada.get(path)["deleted_at"] is not None
    assert listed(ada) == []
    assert failure(ada.asker.ask("PATCH", path, json={"title": "No"})) == (409, "conflict")
    assert ada.ask("POST", f"{path}/restore") == before
    assert ada.ask("POST", f"{path}/restore") == before
    assert listed(ada) == [conversation["id"]]


@pytest.mark.parametrize(("fields", "query"), [({}, "?permanent=true"), ({"temporary": True}, "")])
def test_a_removed_conversation_leaves_nothing_behind(ada: Person, fields: dict[str, Any], query: str) -> None:
    conversation = ada.conversation(**fields)
    ada.says(conversation)

    ada.ask("DELETE", f"{CONVERSATIONS}/{conversation['id']}{query}")

    assert failure(ada.asker.get(f"{CONVERSATIONS}/{conversation['id']}")) == NOT_FOUND
    assert failure(ada.asker.post(f"{CONVERSATIONS}/{conversation['id']}/restore")) == NOT_FOUND
    with ada.door.parts.database.engine.connect() as connection:
        for table in ("conversations", "messages", "generations", "search_entries"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0, table


def test_deleting_a_person_deletes_their_conversations(ada: Person, eve: Person) -> None:
    conversation, hers = ada.conversation(title="Ada's"), eve.conversation(title="Eve's")
    ada.says(conversation)
    eve.says(hers)

    ada.door.parts.accounts.delete(ada.user.id, TESTER)

    assert listed(eve) == [hers["id"]]
    with ada.door.parts.database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM messages").scalar() == 2
        assert connection.exec_driver_sql("SELECT count(*) FROM search_entries").scalar() == 3


def test_what_belongs_to_somebody_else_does_not_exist(ada: Person, eve: Person) -> None:
    conversation = ada.conversation(title="Ada's")
    turn = ada.says(conversation)
    folder = ada.ask("POST", "/api/v1/folders", json={"name": "Work"})
    preset = ada.ask("POST", "/api/v1/presets", json={"name": "Short"})
    path, message = f"{CONVERSATIONS}/{conversation['id']}", f"messages/{turn.answer}"
    asked: list[tuple[str, str, Any]] = [
        ("GET", path, None),
        ("PATCH", path, {"title": "Eve's"}),
        ("DELETE", path, None),
        ("DELETE", f"{path}?permanent=true", None),
        ("POST", f"{path}/restore", None),
        ("GET", f"{path}/messages", None),
        ("GET", f"{path}/{message}", None),
        ("PATCH", f"{path}/{message}", {"feedback": "down"}),
        ("DELETE", f"{path}/{message}", None),
        ("POST", f"{path}/{message}/restore", None),
        *(
            (method, f"/api/v1/{kind}/{one['id']}", body)
            for kind, one in (("folders", folder), ("presets", preset))
            for method, body in (("GET", None), ("PATCH", {"name": "Eve's"}), ("DELETE", None))
        ),
    ]
    before = [ada.get(path), ada.get(f"{path}/messages"), ada.get("/api/v1/folders"), ada.get("/api/v1/presets")]

    found = {(method, where): failure(eve.asker.ask(method, where, json=body)) for method, where, body in asked}

    assert found == {(method, where): NOT_FOUND for method, where, _ in asked}
    assert before == [
        ada.get(path),
        ada.get(f"{path}/messages"),
        ada.get("/api/v1/folders"),
        ada.get("/api/v1/presets"),
    ]
    taken = eve.asker.post(CONVERSATIONS, {"folder_id": folder["id"]})
    assert (failure(taken), problem(taken)) == (INVALID, ("folder_id", "is not one of your folders"))
    elsewhere = eve.conversation()
    moved = eve.asker.ask("PATCH", f"{CONVERSATIONS}/{elsewhere['id']}", json={"active_message_id": turn.answer})
    assert failure(moved) == INVALID


def test_a_key_acts_for_its_owner(ada: Person) -> None:
    conversation = ada.conversation()
    service = ada.door.client(ada.door.key(ada.user))

    assert service.get(f"{CONVERSATIONS}/{conversation['id']}").status_code == 200


def test_documents_have_exactly_the_members_that_their_shapes_name(ada: Person) -> None:
    conversation = ada.conversation(compare={"columns": [{"model": "a/one"}, {"model": "b/two"}]})
    turn = ada.says(conversation)
    folder = ada.ask("POST", "/api/v1/folders", json={"name": "Work"})
    preset = ada.ask("POST", "/api/v1/presets", json={"name": "Short"})

    def read(stored: chats.Chats) -> list[tuple[Any, Any]]:
        owner = ada.user.id
        return [
            (shapes.ConversationOut, conversation_json(stored.conversations.one(owner, conversation["id"]))),  # type: ignore[arg-type]
            (shapes.MessageOut, message_json(stored.messages.one(conversation["id"], turn.answer))),  # type: ignore[arg-type]
            (shapes.GenerationOut, generation_json(stored.turns.generation(owner, turn.generation))),  # type: ignore[arg-type]
            (shapes.FolderOut, folder_json(stored.folders.one(owner, folder["id"]))),  # type: ignore[arg-type]
            (shapes.ChatPresetOut, preset_json(stored.presets.one(owner, preset["id"]))),  # type: ignore[arg-type]
        ]

    for shape, document in chats.read(ada.door.parts.database, read):
        assert set(document) == set(shape.model_fields)
        shape.model_validate(document)
