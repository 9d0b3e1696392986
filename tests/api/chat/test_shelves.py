"""Folders and presets."""

from __future__ import annotations

from tests.api.callers import failure
from tests.api.chat.people import CONVERSATIONS, Person

FOLDERS, PRESETS = "/api/v1/folders", "/api/v1/presets"


def test_folders_keep_their_order_and_count_what_is_in_them(ada: Person) -> None:
    work, home = (ada.ask("POST", FOLDERS, json={"name": name}) for name in ("Work", " Home\n sweet  home "))
    first = ada.ask("POST", FOLDERS, json={"name": "First", "position": 0})
    kept, deleted = (ada.conversation(folder_id=work["id"]) for _ in range(2))
    ada.conversation(folder_id=work["id"], temporary=True)
    ada.ask("DELETE", f"{CONVERSATIONS}/{deleted['id']}")

    listed = ada.get(FOLDERS)["items"]

    assert [(one["name"], one["position"]) for one in listed] == [("Work", 0), ("First", 0), ("Home sweet home", 1)]
    assert [one["conversation_count"] for one in listed] == [1, 0, 0]
    moved = ada.ask("PATCH", f"{FOLDERS}/{work['id']}", json={"position": 9, "name": "Office"})
    assert (moved["name"], moved["position"], moved["conversation_count"]) == ("Office", 9, 1)
    assert [one["id"] for one in ada.get(FOLDERS)["items"]] == [first["id"], home["id"], work["id"]]
    assert ada.get(f"{FOLDERS}/{work['id']}") == moved

    ada.ask("DELETE", f"{FOLDERS}/{work['id']}")

    assert ada.get(f"{CONVERSATIONS}/{kept['id']}")["folder_id"] is None
    assert failure(ada.asker.get(f"{FOLDERS}/{work['id']}")) == (404, "not_found")


def test_folders_come_in_pages(ada: Person) -> None:
    made = [ada.ask("POST", FOLDERS, json={"name": str(number), "position": number // 2})["id"] for number in range(5)]

    seen, cursor = [], ""
    while cursor is not None:
        page = ada.get(f"{FOLDERS}?limit=2&cursor={cursor}" if cursor else f"{FOLDERS}?limit=2")
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]

    assert seen == made


def test_presets_are_kept_changed_and_removed(ada: Person) -> None:
    preset = ada.ask(
        "POST",
        PRESETS,
        json={"name": "Short", "system_prompt": "Be brief.", "parameters": {"temperature": 0}, "model": "demo/small"},
    )
    newer = ada.ask("POST", PRESETS, json={"name": "Plain"})

    changed = ada.ask("PATCH", f"{PRESETS}/{preset['id']}", json={"system_prompt": None, "parameters": {"top_p": 1}})

    assert (preset["name"], preset["system_prompt"], preset["parameters"], preset["model"]) == (
        "Short",
        "Be brief.",
        {"temperature": 0},
        "demo/small",
    )
    assert changed == {
        **preset,
        "system_prompt": None,
        "parameters": {"top_p": 1},
        "updated_at": changed["updated_at"],
    }
    assert changed["updated_at"] > preset["updated_at"]
    assert ada.ask("PATCH", f"{PRESETS}/{preset['id']}", json={"name": "Short"}) == changed
    assert ada.get(PRESETS) == {"items": [newer, changed], "next_cursor": None}
    assert ada.get(f"{PRESETS}/{preset['id']}") == changed

    ada.ask("DELETE", f"{PRESETS}/{preset['id']}")

    assert ada.get(PRESETS)["items"] == [newer]


def test_what_is_no_parameter_is_refused(ada: Person) -> None:
    preset = ada.ask("POST", PRESETS, json={"name": "Short"})

    replies = [
        ada.asker.post(PRESETS, {"name": "Bad", "parameters": {"stream": True}}),
        ada.asker.ask("PATCH", f"{PRESETS}/{preset['id']}", json={"parameters": {"model": "x"}}),
        ada.asker.post(PRESETS, {"name": " \n"}),
        ada.asker.post(FOLDERS, {"name": ""}),
        ada.asker.post(FOLDERS, {"name": "x", "position": -1}),
        ada.asker.ask("PATCH", f"{PRESETS}/{preset['id']}", json={"name": None}),
    ]

    assert [failure(reply) for reply in replies] == [(400, "invalid_request")] * 6
    assert ada.get(PRESETS)["items"] == [preset]
