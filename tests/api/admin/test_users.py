from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.admin.api_keys import KeyDraft
from app.api.parts import Parts
from app.domain.accounts import User
from tests.api.admin.conftest import PASSWORD, TESTER, Person, ask, data, failure, fields, log_in

USERS = "/api/v1/users"
NOBODY = "00000000-0000-0000-0000-000000000000"


def test_a_user_made_with_a_password(app: Flask, admin: Person, parts: Parts) -> None:
    made = data(
        admin.post(
            USERS,
            {
                "username": " Eva ",
                "password": PASSWORD,
                "permissions": ["load_models"],
                "must_change_password": False,
            },
        ),
        201,
    )

    assert made == {
        "id": made["id"],
        "username": "Eva",
        "role": "user",
        "permissions": ["load_models"],
        "enabled": True,
        "must_change_password": False,
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
        "last_login_at": None,
        "one_time_password": None,
    }
    assert made["created_at"].endswith("Z")
    assert log_in(app, parts.accounts.named("eva")).get("/api/v1/auth/profile").status_code == 200


def test_a_user_made_without_one_gets_a_one_time_password(app: Flask, admin: Person, parts: Parts) -> None:
    made = data(admin.post(USERS, {"username": "Eva", "role": "admin", "must_change_password": False}), 201)

    assert (made["role"], made["must_change_password"]) == ("admin", True)
    assert log_in(app, parts.accounts.named("eva"), made["one_time_password"])


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, ["username"]),
        ({"username": ""}, ["username"]),
        ({"username": "a\0b"}, ["username"]),
        ({"username": "eva", "role": "root"}, ["role"]),
        ({"username": "eva", "permissions": ["manage"]}, ["permissions"]),
        ({"username": "eva", "permissions": ["fly"]}, ["permissions.0"]),
        ({"username": "eva", "enabled": "yes"}, ["enabled"]),
        ({"username": "eva", "password": "short"}, ["password"]),
        ({"username": "eva eva eva", "password": "Eva Eva Eva"}, ["password"]),
        ({"username": "eva", "password_hash": "x"}, ["password_hash"]),
    ],
)
def test_a_bad_user_is_refused_by_field(admin: Person, body: dict[str, Any], named: list[str]) -> None:
    assert fields(admin.post(USERS, body)) == named


def test_a_name_that_is_taken_is_a_conflict(admin: Person, uri: User) -> None:
    assert failure(admin.post(USERS, {"username": "URI"})) == (409, "conflict")
    assert failure(admin.patch(f"{USERS}/{uri.id}", {"username": "ada"})) == (409, "conflict")


def test_users_are_listed_in_pages(admin: Person, uri: User) -> None:
    first = data(admin.get(f"{USERS}?limit=1"))
    second = data(admin.get(f"{USERS}?limit=1&cursor={first['next_cursor']}"))

    names = [one["username"] for one in first["items"] + second["items"]]
    assert sorted(names) == ["Ada", "Uri"]
    assert second["next_cursor"] is None
    for bad in ("limit=0", "limit=201", "cursor=nonsense", "page=2"):
        assert fields(admin.get(f"{USERS}?{bad}")) == [bad.partition("=")[0]]


def test_a_change_touches_only_what_is_named(admin: Person, uri: User) -> None:
    changed = data(admin.patch(f"{USERS}/{uri.id}", {"permissions": ["personal_providers"]}))

    assert changed == data(admin.get(f"{USERS}/{uri.id}"))
    assert (changed["username"], changed["role"], changed["enabled"], changed["permissions"]) == (
        "Uri",
        "user",
        True,
        ["personal_providers"],
    )
    for bad in ({"username": None}, {"enabled": None}, {"role": None}, {"id": "x"}):
        assert fields(admin.patch(f"{USERS}/{uri.id}", bad)) == list(bad)


def test_a_new_role_counts_at_once(admin: Person, user: Person) -> None:
    before = user.get(USERS).status_code

    data(admin.patch(f"{USERS}/{user.user.id}", {"role": "admin"}))

    assert (before, user.get(USERS).status_code) == (403, 200)


def test_another_password_ends_sessions_and_is_to_be_changed(app: Flask, admin: Person, user: Person) -> None:
    changed = data(admin.patch(f"{USERS}/{user.user.id}", {"password": "battery staple"}))

    assert changed["must_change_password"]
    assert failure(user.get("/api/v1/auth/profile")) == (401, "credential_invalid")
    assert log_in(app, user.user, "battery staple")


def test_a_reset_password_is_shown_once(app: Flask, admin: Person, user: Person) -> None:
    made = data(admin.post(f"{USERS}/{user.user.id}/reset-password"))

    assert set(made) == {"username", "one_time_password"}
    assert log_in(app, user.user, made["one_time_password"])


def test_the_last_administrator_stays(admin: Person) -> None:
    own = f"{USERS}/{admin.user.id}"

    assert [
        failure(admin.patch(own, {"enabled": False})),
        failure(admin.patch(own, {"role": "user"})),
        failure(admin.delete(own)),
    ] == [(409, "conflict")] * 3


def test_a_deleted_user_is_out_with_keys(admin: Person, user: Person, parts: Parts) -> None:
    key = parts.api_keys.create(user.user.id, KeyDraft("service"), TESTER).secret

    gone = data(admin.delete(f"{USERS}/{user.user.id}"))

    assert gone == {"id": user.user.id, "deleted": True}
    assert failure(user.get("/api/v1/auth/profile")) == (401, "credential_invalid")
    assert failure(ask(user.client, "GET", "/api/v1/auth/profile", X_API_Key=key)) == (401, "credential_invalid")
    assert failure(admin.get(f"{USERS}/{user.user.id}")) == (404, "not_found")


@pytest.mark.parametrize("unknown", [NOBODY, "nothing", "%00", "a%2Fb"])
def test_unknown_users_are_404(admin: Person, unknown: str) -> None:
    path = f"{USERS}/{unknown}"

    assert failure(admin.get(path)) == (404, "not_found")
    assert failure(admin.patch(path, {"enabled": False})) == (404, "not_found")
    assert failure(admin.delete(path)) == (404, "not_found")
    assert failure(admin.post(f"{path}/reset-password")) == (404, "not_found")


def test_only_administrators_in_person(app: Flask, parts: Parts, ada: User, user: Person) -> None:
    key = parts.api_keys.create(ada.id, KeyDraft("service"), TESTER).secret
    routes = [("GET", USERS), ("POST", USERS), ("GET", f"{USERS}/{NOBODY}"), ("DELETE", f"{USERS}/{NOBODY}")]

    by_user = [failure(user.ask(method, path)) for method, path in routes]
    by_key = [failure(ask(app.test_client(), method, path, X_API_Key=key)) for method, path in routes]
    by_nobody = [failure(ask(app.test_client(), method, path)) for method, path in routes]

    assert by_user == [(403, "not_allowed")] * 4
    assert by_key == [(403, "key_not_allowed")] * 4
    assert by_nobody == [(401, "credential_missing")] * 4
