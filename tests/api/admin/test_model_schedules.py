from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.admin.model_schedules import ScheduleSettings
from app.api.parts import Parts
from app.storage.model_schedules import ModelSchedules
from tests.api.admin.conftest import Person, data, failure, fields

SCHEDULES = "/api/v1/model-schedules"
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def body(**changes: Any) -> dict[str, Any]:
    whole = {"model": "studio/qwen/qwen3-8b", "days": [5, 1], "from": "08:00", "until": "18:30", "time_zone": "UTC"}
    return {**whole, **changes}


@pytest.fixture(autouse=True)
def on_monday(parts: Parts) -> None:
    parts.schedules = ScheduleSettings(parts.database, now=lambda: MONDAY)


def test_a_schedule_is_made_read_changed_and_removed(admin: Person) -> None:
    made = data(admin.post(SCHEDULES, body()), 201)
    path = f"{SCHEDULES}/{made['id']}"

    assert made == {
        **body(days=[1, 5]),
        "id": made["id"],
        "unload_after": False,
        "enabled": True,
        "load": {"exclusive": False, "context_length": None},
        "is_due": True,
        "last_problem": None,
    }
    assert data(admin.get(path)) == made
    assert data(admin.get(SCHEDULES)) == {"items": [made], "next_cursor": None}
    changes = {"from": "22:15", "until": "06:00", "time_zone": "Europe/Berlin", "unload_after": True, "days": [7]}
    changed = data(admin.patch(path, changes))
    assert changed == {**made, **changes, "is_due": False}
    assert data(admin.get(path)) == changed
    assert data(admin.patch(path, {"model": "studio/other"})) == {**changed, "model": "studio/other"}
    assert data(admin.delete(path)) == {"id": made["id"], "deleted": True}
    assert failure(admin.get(path)) == (404, "not_found")


def test_how_it_is_loaded_is_kept_changed_and_audited(admin: Person) -> None:
    load = {"exclusive": True, "context_length": 8192, "flash_attention": True}
    made = data(admin.post(SCHEDULES, body(load=load)), 201)
    path = f"{SCHEDULES}/{made['id']}"

    assert made["load"] == load
    assert data(admin.patch(path, {"days": [1]}))["load"] == load
    assert data(admin.patch(path, {"load": {"ttl": 60, "progress": None}}))["load"] == {
        "exclusive": False,
        "context_length": None,
        "ttl": 60,
    }
    log = data(admin.get("/api/v1/llm-providers/audit-logs?object_type=model_schedule"))["items"]
    assert (log[0]["old"], log[0]["new"]) == ({"load": load}, {"load": {"ttl": 60}})


def test_options_are_checked_as_a_load_checks_them(admin: Person) -> None:
    provider = {"provider": "local_gguf", "name": "Here", "slug": "here"}
    data(admin.post("/api/v1/llm-providers", provider), 201)
    there = body(model="here/toy", load={"threads": 2, "gpu_layers": 0})
    path = f"{SCHEDULES}/{data(admin.post(SCHEDULES, there), 201)['id']}"

    refused = [
        admin.post(SCHEDULES, body(model="here/toy", load={"flash_attention": True})),
        admin.post(SCHEDULES, body(model="here/toy", load={"threads": 0})),
        admin.patch(path, {"load": {"parallel": "two"}}),
        admin.patch(path, {"load": {"context_length": 0}}),
    ]

    assert [fields(one) for one in refused] == [
        ["load.flash_attention"],
        ["load.threads"],
        ["load.parallel"],
        ["load.context_length"],
    ]
    # Whether its provider would take them is found out when it loads: it may be away.
    away = data(admin.patch(path, {"model": "away/toy"}))
    assert away["load"]["threads"] == 2


def test_what_its_provider_no_longer_takes_can_be_switched_off(admin: Person) -> None:
    made = data(admin.post(SCHEDULES, body(model="later/toy", load={"flash_attention": True})), 201)
    data(admin.post("/api/v1/llm-providers", {"provider": "local_gguf", "name": "Later", "slug": "later"}), 201)

    assert data(admin.patch(f"{SCHEDULES}/{made['id']}", {"enabled": False}))["enabled"] is False


def test_a_schedule_that_is_switched_off_is_not_due(admin: Person) -> None:
    made = data(admin.post(SCHEDULES, body(enabled=False)), 201)

    assert made["is_due"] is False
    assert data(admin.patch(f"{SCHEDULES}/{made['id']}", {"enabled": True}))["is_due"] is True


def test_why_it_failed_is_told_until_it_is_changed(admin: Person, parts: Parts) -> None:
    made = data(admin.post(SCHEDULES, body()), 201)
    path = f"{SCHEDULES}/{made['id']}"
    schedule = parts.schedules.schedule(made["id"])
    parts.database.write(lambda session: ModelSchedules(session).note(schedule, "It is off.", MONDAY))

    told = data(admin.get(path))["last_problem"]

    assert told["message"] == "It is off."
    assert datetime.fromisoformat(told["at"]) == MONDAY
    assert data(admin.patch(path, {"days": [1, 5]}))["last_problem"] == told
    assert data(admin.patch(path, {"days": [1]}))["last_problem"] is None


BAD: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["model", "days", "from", "until", "time_zone"]),
    (body(model=""), ["model"]),
    (body(model="qwen"), ["model"]),
    (body(model="studio/"), ["model"]),
    (body(model="/qwen"), ["model"]),
    (body(model=" studio/qwen"), ["model"]),
    (body(model="studio/a\0b"), ["model"]),
    (body(model="studio/" + "x" * 300), ["model"]),
    (body(days=[]), ["days"]),
    (body(days=[1, 1]), ["days"]),
    (body(days=[0]), ["days.0"]),
    (body(days=[1, 8]), ["days.1"]),
    (body(days=["1"]), ["days.0"]),
    (body(days=[True]), ["days.0"]),
    (body(days=1), ["days"]),
    ({**body(), "from": "8:00"}, ["from"]),
    ({**body(), "from": "24:00"}, ["from"]),
    ({**body(), "from": "08:00\n"}, ["from"]),
    (body(until="18:60"), ["until"]),
    (body(until=1080), ["until"]),
    (body(time_zone="Berlin"), ["time_zone"]),
    (body(time_zone="../UTC"), ["time_zone"]),
    (body(time_zone="Europe"), ["time_zone"]),
    (body(time_zone="a\0b"), ["time_zone"]),
    (body(time_zone=""), ["time_zone"]),
    (body(unload_after=1), ["unload_after"]),
    (body(enabled="yes"), ["enabled"]),
    (body(is_due=True), ["is_due"]),
    (body(load=None), ["load"]),
    (body(load={"exclusive": 1}), ["load.exclusive"]),
    (body(load={"context_length": 2**31}), ["load.context_length"]),
    (body(load={"x": {"a": 1}}), ["load.x"]),
    (body(load={"x": 2**53 + 1}), ["load.x"]),
    (body(load={"x": "a\0b"}), ["load.x"]),
    (body(load={"x": "x" * 201}), ["load.x"]),
    (body(load={"": 1}), ["load"]),
    (body(load={"a\0b": 1}), ["load"]),
    (body(load={str(number): 1 for number in range(51)}), ["load"]),
]


def test_a_bad_schedule_is_refused_by_field(admin: Person) -> None:
    told = [fields(admin.post(SCHEDULES, wrong)) for wrong, _ in BAD]

    assert told == [named for _, named in BAD]


def test_a_bad_change_changes_nothing(admin: Person) -> None:
    made = data(admin.post(SCHEDULES, body()), 201)
    path = f"{SCHEDULES}/{made['id']}"

    assert fields(admin.patch(path, {"from": "late"})) == ["from"]
    assert fields(admin.patch(path, {"days": [2, 2]})) == ["days"]
    assert fields(admin.patch(path, {"time_zone": None})) == ["time_zone"]
    assert data(admin.get(path)) == made


def test_changes_are_audited_with_what_differs(admin: Person) -> None:
    made = data(admin.post(SCHEDULES, body()), 201)
    data(admin.patch(f"{SCHEDULES}/{made['id']}", {"until": "19:00"}))
    data(admin.delete(f"{SCHEDULES}/{made['id']}"))

    log = data(admin.get("/api/v1/llm-providers/audit-logs?object_type=model_schedule"))["items"]

    assert [(one["action"], one["actor"]["name"]) for one in log] == [
        ("delete", "Ada"),
        ("update", "Ada"),
        ("create", "Ada"),
    ]
    assert (log[1]["old"], log[1]["new"]) == ({"until": "18:30"}, {"until": "19:00"})


@pytest.mark.parametrize("unknown", ["00000000-0000-0000-0000-000000000000", "nothing", "%00"])
def test_unknown_schedules_are_404(admin: Person, unknown: str) -> None:
    path = f"{SCHEDULES}/{unknown}"

    replies = [admin.get(path), admin.patch(path, {"enabled": False}), admin.delete(path)]

    assert [failure(reply) for reply in replies] == [(404, "not_found")] * 3


def test_only_administrators(user: Person) -> None:
    one = f"{SCHEDULES}/x"
    replies = [user.get(SCHEDULES), user.post(SCHEDULES, body()), user.get(one), user.patch(one, {}), user.delete(one)]

    assert [failure(reply) for reply in replies] == [(403, "not_allowed")] * 5
