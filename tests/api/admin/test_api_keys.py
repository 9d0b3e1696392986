from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.admin.api_keys import KeyDraft
from app.api.parts import Parts
from app.domain.accounts import User
from tests.api.admin.conftest import TESTER, Person, ask, data, failure, fields

KEYS = "/api/v1/api-keys"
NOTHING = "00000000-0000-0000-0000-000000000000"


def works(app: Flask, key: str) -> bool:
    """Whether somebody with this key is known: keys may not see keys, but that is another refusal."""
    return failure(ask(app.test_client(), "GET", KEYS, X_API_Key=key)) == (403, "key_not_allowed")


def test_a_key_is_shown_once(app: Flask, user: Person) -> None:
    expires_at = (datetime.now(UTC) + timedelta(days=30)).isoformat(timespec="milliseconds")
    body = {"name": "reader", "models": ["groq/*"], "requests_per_minute": 60, "expires_at": expires_at}

    reply = user.post(KEYS, body)

    made = data(reply, 201)
    assert re.fullmatch(r"pb-[A-Za-z0-9_-]{43}", made["key"])
    assert made == {
        "id": made["id"],
        "name": "reader",
        "prefix": made["key"][:10],
        "key": made["key"],
        "user_id": user.user.id,
        "username": "Uri",
        "models": ["groq/*"],
        "requests_per_minute": 60,
        "expires_at": expires_at.replace("+00:00", "Z"),
        "created_at": made["created_at"],
        "last_used_at": None,
    }
    assert reply.headers["Cache-Control"] == "no-store"
    shown = {name: value for name, value in made.items() if name != "key"}
    assert data(user.get(f"{KEYS}/{made['id']}")) == shown
    assert data(user.get(KEYS)) == {"items": [shown], "next_cursor": None}
    assert works(app, made["key"])


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, ["name"]),
        ({"name": " "}, ["name"]),
        ({"name": "a\nb"}, ["name"]),
        ({"name": 1}, ["name"]),
        ({"name": "k", "models": []}, ["models"]),
        ({"name": "k", "models": [""]}, ["models.0"]),
        ({"name": "k", "models": "groq/*"}, ["models"]),
        ({"name": "k", "requests_per_minute": 0}, ["requests_per_minute"]),
        ({"name": "k", "requests_per_minute": True}, ["requests_per_minute"]),
        ({"name": "k", "requests_per_minute": 1.5}, ["requests_per_minute"]),
        ({"name": "k", "expires_at": "2020-01-01T00:00:00Z"}, ["expires_at"]),
        ({"name": "k", "expires_at": "2030-01-01T00:00:00"}, ["expires_at"]),
        ({"name": "k", "expires_at": "tomorrow"}, ["expires_at"]),
        ({"name": "k", "expires_at": 1_900_000_000}, ["expires_at"]),
        ({"name": "k", "expires_at": "1900000000"}, ["expires_at"]),
        ({"name": "k", "expires_at": "9999-12-31T23:59:59-14:00"}, ["expires_at"]),
        ({"name": "k", "key": "pb-mine"}, ["key"]),
    ],
)
def test_a_bad_key_is_refused_by_field(user: Person, body: dict[str, Any], named: list[str]) -> None:
    assert fields(user.post(KEYS, body)) == named


def test_a_change_keeps_what_is_left_out_and_null_takes_a_limit_away(user: Person) -> None:
    made = data(user.post(KEYS, {"name": "before", "models": ["groq/*"], "requests_per_minute": 60}), 201)

    changed = data(user.patch(f"{KEYS}/{made['id']}", {"name": "after", "requests_per_minute": None}))

    assert (changed["name"], changed["models"], changed["requests_per_minute"]) == ("after", ["groq/*"], None)
    assert data(user.patch(f"{KEYS}/{made['id']}", {})) == changed
    assert fields(user.patch(f"{KEYS}/{made['id']}", {"name": None})) == ["name"]


def test_rotating_ends_the_old_secret_at_once(app: Flask, user: Person) -> None:
    made = data(user.post(KEYS, {"name": "service", "requests_per_minute": 60}), 201)

    rotated = data(user.post(f"{KEYS}/{made['id']}/rotate"))

    assert rotated == {**made, "key": rotated["key"], "prefix": rotated["key"][:10]}
    assert (works(app, made["key"]), works(app, rotated["key"])) == (False, True)


def test_a_revoked_key_is_refused_and_off_the_list(app: Flask, user: Person) -> None:
    made = data(user.post(KEYS, {"name": "service"}), 201)

    gone = data(user.delete(f"{KEYS}/{made['id']}"))

    assert gone == {"id": made["id"], "deleted": True}
    assert failure(ask(app.test_client(), "GET", KEYS, X_API_Key=made["key"])) == (401, "credential_invalid")
    assert data(user.get(KEYS))["items"] == []
    assert failure(user.delete(f"{KEYS}/{made['id']}")) == (404, "not_found")


def test_an_expired_key_says_so(app: Flask, parts: Parts, uri: User) -> None:
    soon = datetime.now(UTC) + timedelta(milliseconds=100)
    key = parts.api_keys.create(uri.id, KeyDraft("short", expires_at=soon), TESTER).secret
    while datetime.now(UTC) < soon:
        pass

    assert failure(ask(app.test_client(), "GET", KEYS, X_API_Key=key)) == (401, "credential_expired")


def test_a_key_made_by_another_process_works_at_once(app: Flask, parts: Parts, user: Person) -> None:
    user.get(KEYS)

    key = parts.api_keys.create(user.user.id, KeyDraft("from the command line"), TESTER).secret

    assert works(app, key)


def test_others_keys_are_404_but_administrators_see_all(user: Person, admin: Person) -> None:
    own = data(user.post(KEYS, {"name": "own"}), 201)
    foreign = data(admin.post(KEYS, {"name": "foreign"}), 201)

    refused = [
        failure(user.get(f"{KEYS}/{foreign['id']}")),
        failure(user.patch(f"{KEYS}/{foreign['id']}", {"name": "mine"})),
        failure(user.post(f"{KEYS}/{foreign['id']}/rotate")),
        failure(user.delete(f"{KEYS}/{foreign['id']}")),
        failure(user.get(f"{KEYS}?user={admin.user.id}")),
        failure(user.get(f"{KEYS}/{NOTHING}")),
        failure(user.get(f"{KEYS}/%00")),
        failure(admin.get(f"{KEYS}?user=nobody")),
        failure(admin.get(f"{KEYS}?user=%00")),
    ]

    def names(reply: Any) -> set[str]:
        return {one["name"] for one in data(reply)["items"]}

    assert refused == [(404, "not_found")] * 9
    assert names(user.get(KEYS)) == names(user.get(f"{KEYS}?user=URI")) == {"own"}
    assert names(admin.get(KEYS)) == {"own", "foreign"}
    assert names(admin.get(f"{KEYS}?user={user.user.id}")) == names(admin.get(f"{KEYS}?user=uri")) == {"own"}
    assert data(admin.patch(f"{KEYS}/{own['id']}", {"name": "seen"}))["username"] == "Uri"


def test_lists_come_in_pages(user: Person) -> None:
    for number in range(3):
        data(user.post(KEYS, {"name": str(number)}), 201)

    first = data(user.get(f"{KEYS}?limit=2"))
    second = data(user.get(f"{KEYS}?limit=2&cursor={first['next_cursor']}"))

    assert [one["name"] for one in first["items"] + second["items"]] == ["2", "1", "0"]
    assert second["next_cursor"] is None


def test_the_use_of_a_key_shows_in_its_list(app: Flask, parts: Parts, user: Person) -> None:
    made = data(user.post(KEYS, {"name": "service"}), 201)

    works(app, made["key"])
    parts.key_uses.write()

    assert data(user.get(f"{KEYS}/{made['id']}"))["last_used_at"] is not None


def test_keys_never_come_here(app: Flask, parts: Parts, ada: User) -> None:
    key = parts.api_keys.create(ada.id, KeyDraft("service"), TESTER).secret
    routes = [
        ("GET", KEYS),
        ("POST", KEYS),
        ("GET", f"{KEYS}/{NOTHING}"),
        ("PATCH", f"{KEYS}/{NOTHING}"),
        ("DELETE", f"{KEYS}/{NOTHING}"),
        ("POST", f"{KEYS}/{NOTHING}/rotate"),
    ]

    replies = [failure(ask(app.test_client(), method, path, X_API_Key=key)) for method, path in routes]

    assert replies == [(403, "key_not_allowed")] * len(routes)
