from __future__ import annotations

from typing import Any

import pytest

from app.api.parts import Parts
from app.domain.catalog import Alias, AliasTarget
from tests.api.admin.conftest import Person, data, failure, fields

ALIASES = "/api/v1/aliases"


def body(name: str = "team/fast", model: str = "groq/openai/gpt-oss-20b", **more: Any) -> dict[str, Any]:
    return {"name": name, "targets": [{"model": model}], **more}


def test_an_alias_is_made_read_changed_and_removed(admin: Person, parts: Parts) -> None:
    made = data(admin.post(ALIASES, body()), 201)
    served = dict(parts.state.current.aliases)
    path = f"{ALIASES}/{made['id']}"

    assert made == {
        "id": made["id"],
        "name": "team/fast",
        "targets": [{"model": "groq/openai/gpt-oss-20b", "weight": 1}],
        "enabled": True,
    }
    assert served == {"team/fast": Alias(made["id"], "team/fast", (AliasTarget("groq/openai/gpt-oss-20b"),))}
    assert data(admin.get(path)) == made
    assert data(admin.get(ALIASES)) == {"items": [made], "next_cursor": None}
    changed = data(admin.patch(path, {"targets": [{"model": "a/b", "weight": 5}], "enabled": False}))
    assert changed == {**made, "targets": [{"model": "a/b", "weight": 5}], "enabled": False}
    assert parts.state.current.aliases == {}
    assert data(admin.delete(path)) == {"id": made["id"], "deleted": True}
    assert failure(admin.get(path)) == (404, "not_found")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({}, ["name", "targets"]),
        (body(""), ["name"]),
        (body(" x"), ["name"]),
        (body("x" * 201), ["name"]),
        (body("a\0b"), ["name"]),
        ({"name": "x", "targets": []}, ["targets"]),
        ({"name": "x", "targets": [{"model": "a/b"}, {"model": "a/c"}]}, ["targets"]),
        ({"name": "x", "targets": [{"model": "a/b", "weight": 0}]}, ["targets.0.weight"]),
        ({"name": "x", "targets": [{"model": "a/b", "weight": True}]}, ["targets.0.weight"]),
        ({"name": "x", "targets": [{"model": "x"}]}, ["targets.0.model"]),
        ({"name": "x", "targets": ["a/b"]}, ["targets.0"]),
        (body(enabled=1), ["enabled"]),
        (body(model_id="x"), ["model_id"]),
    ],
)
def test_a_bad_alias_is_refused_by_field(admin: Person, wrong: dict[str, Any], named: list[str]) -> None:
    assert fields(admin.post(ALIASES, wrong)) == named


def test_a_name_that_is_taken_is_a_conflict(admin: Person) -> None:
    data(admin.post(ALIASES, body()), 201)

    assert failure(admin.post(ALIASES, body())) == (409, "conflict")


@pytest.mark.parametrize("unknown", ["00000000-0000-0000-0000-000000000000", "nothing", "%00"])
def test_unknown_aliases_are_404(admin: Person, unknown: str) -> None:
    path = f"{ALIASES}/{unknown}"

    replies = [admin.get(path), admin.patch(path, {"enabled": False}), admin.delete(path)]

    assert [failure(reply) for reply in replies] == [(404, "not_found")] * 3


def test_only_administrators(user: Person) -> None:
    replies = [user.get(ALIASES), user.post(ALIASES, body()), user.get(f"{ALIASES}/x"), user.delete(f"{ALIASES}/x")]

    assert [failure(reply) for reply in replies] == [(403, "not_allowed")] * 4
