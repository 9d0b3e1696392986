from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.admin.accounts import UserDraft
from app.admin.api_keys import KeyDraft
from app.api.parts import Parts
from app.domain.accounts import User
from config import Config
from tests.api.admin.conftest import PASSWORD, TESTER, Person, ask, data, failure, fields, log_in

AUTH = "/api/v1/auth"
COOKIE = "pb_refresh"


def enter(client: FlaskClient, username: str, password: str = PASSWORD, **headers: str) -> Any:
    return ask(client, "POST", f"{AUTH}/login", {"username": username, "password": password}, **headers)


def cookie_of(client: FlaskClient) -> str | None:
    cookie = client.get_cookie(COOKIE, path=AUTH)
    return None if cookie is None else cookie.value


def test_signing_in_answers_a_token_the_person_and_a_cookie(client: FlaskClient, ada: User) -> None:
    reply = enter(client, "ada")

    body = data(reply)
    assert body | {"access_token": "…"} == {
        "access_token": "…",
        "expires_in": 900,
        "user": {
            "id": ada.id,
            "username": "Ada",
            "role": "admin",
            "permissions": ["load_models", "manage", "personal_providers"],
            "must_change_password": False,
        },
    }
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert (claims["sub"], claims["exp"] - claims["iat"]) == (ada.id, 900)
    assert reply.headers["Cache-Control"] == "no-store"
    _, *attributes = reply.headers["Set-Cookie"].split("; ")
    attributes = [one for one in attributes if not one.startswith("Expires=")]
    assert sorted(attributes) == ["HttpOnly", "Max-Age=2592000", f"Path={AUTH}", "SameSite=Strict"]


def test_over_https_the_cookie_is_secure(app: Flask, ada: User) -> None:
    reply = app.test_client().post(
        f"{AUTH}/login", json={"username": "ada", "password": PASSWORD}, base_url="https://gateway.example"
    )

    assert "Secure" in reply.headers["Set-Cookie"].split("; ")


def test_below_a_sub_path_the_cookie_is_too(app: Flask, parts: Parts, ada: User) -> None:
    parts.config = replace(parts.config, public_url="https://example.com/llm/")
    told = app.test_client().post(
        f"{AUTH}/login", json={"username": "ada", "password": PASSWORD}, base_url="http://example.com"
    )
    parts.config = replace(parts.config, public_url=None)
    seen = app.test_client().post(
        f"{AUTH}/login", json={"username": "ada", "password": PASSWORD}, environ_overrides={"SCRIPT_NAME": "/llm"}
    )

    told_attributes, seen_attributes = (one.headers["Set-Cookie"].split("; ") for one in (told, seen))
    assert f"Path=/llm{AUTH}" in told_attributes
    assert "Secure" in told_attributes
    assert f"Path=/llm{AUTH}" in seen_attributes


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, ["username", "password"]),
        ({"username": "ada", "password": 1}, ["password"]),
        ({"username": "ada", "password": "x", "remember": True}, ["remember"]),
        ({"username": "x" * 151, "password": "x"}, ["username"]),
    ],
)
def test_a_bad_login_body_is_refused_by_field(client: FlaskClient, body: dict[str, Any], named: list[str]) -> None:
    assert fields(ask(client, "POST", f"{AUTH}/login", body)) == named


def test_a_wrong_password_is_401_in_the_envelope(client: FlaskClient, ada: User) -> None:
    reply = enter(client, "ada", "wrong")

    assert failure(reply) == (401, "credential_invalid")
    assert cookie_of(client) is None


def test_five_failures_a_minute_lock_the_account_for_this_address(client: FlaskClient, ada: User, uri: User) -> None:
    refused = [failure(enter(client, name, "wrong")) for name in ("ada", "Ada", " ADA ", "ada", "ada", "ada")]
    locked = enter(client, "ada")
    elsewhere = client.post(
        f"{AUTH}/login",
        json={"username": "ada", "password": PASSWORD},
        environ_overrides={"REMOTE_ADDR": "192.0.2.99"},
    )

    assert refused == [(401, "credential_invalid")] * 5 + [(429, "rate_limited")]
    assert failure(locked) == (429, "rate_limited")
    assert 1 <= int(locked.headers["Retry-After"]) <= 60
    assert data(elsewhere)
    assert data(enter(client, "uri"))


def test_successes_do_not_count(client: FlaskClient, uri: User) -> None:
    assert [enter(client, "uri").status_code for _ in range(12)] == [200] * 12


def test_a_burst_of_guesses_is_not_let_through(app: Flask, uri: User) -> None:
    with ThreadPoolExecutor(12) as threads:
        statuses = list(threads.map(lambda _: enter(app.test_client(), "uri", "wrong").status_code, range(12)))

    assert sorted(statuses) == [401] * 5 + [429] * 7


def test_names_that_do_not_exist_are_limited_too(client: FlaskClient, ada: User) -> None:
    statuses = [enter(client, "nobody", "wrong").status_code for _ in range(6)]

    assert statuses == [401] * 5 + [429]


def test_refreshing_rotates_the_cookie(client: FlaskClient, ada: User) -> None:
    enter(client, "ada")
    before = cookie_of(client)

    reply = client.post(f"{AUTH}/refresh")

    assert data(reply)["user"]["username"] == "Ada"
    assert cookie_of(client) not in (None, before)
    assert reply.headers["Cache-Control"] == "no-store"
    profile = ask(client, "GET", f"{AUTH}/profile", Authorization=f"Bearer {data(reply)['access_token']}")
    assert data(profile)["username"] == "Ada"


def test_two_tabs_with_the_same_cookie_both_stay_signed_in(app: Flask, ada: User) -> None:
    one, other = app.test_client(), app.test_client()
    enter(one, "ada")
    other.set_cookie(COOKIE, cookie_of(one) or "", path=AUTH)

    replies = [one.post(f"{AUTH}/refresh"), other.post(f"{AUTH}/refresh")]

    assert [reply.status_code for reply in replies] == [200, 200]
    assert cookie_of(one) == cookie_of(other)
    assert [tab.post(f"{AUTH}/refresh").status_code for tab in (one, other)] == [200, 200]


def test_without_a_cookie_there_is_nothing_to_refresh(client: FlaskClient) -> None:
    assert failure(client.post(f"{AUTH}/refresh")) == (401, "credential_missing")


def test_a_made_up_cookie_is_refused(client: FlaskClient) -> None:
    client.set_cookie(COOKIE, "made-up", path=AUTH)

    assert failure(client.post(f"{AUTH}/refresh")) == (401, "credential_invalid")


@pytest.mark.parametrize("path", [f"{AUTH}/refresh", f"{AUTH}/logout"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "https://ui.example"}, 200),
        ({"Sec_Fetch_Site": "same-origin", "Origin": "http://localhost:5173"}, 200),
        ({"Sec_Fetch_Site": "none"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:9999"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Origin": "http://localhost"}, 403),
    ],
)
def test_other_sites_cannot_use_the_cookie(
    client: FlaskClient, parts: Parts, ada: User, path: str, headers: dict[str, str], status: int
) -> None:
    parts.config = replace(parts.config, cors_origins=("https://ui.example",))
    enter(client, "ada")

    assert ask(client, "POST", path, **headers).status_code == status


def test_signing_out_ends_cookie_and_token_at_once(user: Person) -> None:
    reply = user.client.post(f"{AUTH}/logout")

    assert data(reply) == {"signed_out": True}
    assert cookie_of(user.client) is None
    assert failure(user.get(f"{AUTH}/profile")) == (401, "credential_invalid")


def test_a_client_without_cookies_signs_out_with_its_token(app: Flask, user: Person) -> None:
    reply = ask(app.test_client(), "POST", f"{AUTH}/logout", Authorization=f"Bearer {user.token}")

    assert data(reply) == {"signed_out": True}
    assert failure(user.get(f"{AUTH}/profile")) == (401, "credential_invalid")


def test_signing_out_twice_is_fine(client: FlaskClient) -> None:
    assert [client.post(f"{AUTH}/logout").status_code for _ in range(2)] == [200, 200]


def test_another_worker_refuses_an_ended_session_within_two_seconds(config: Config, app: Flask, user: Person) -> None:
    from app import create_app

    other = create_app(config)
    elsewhere = replace(user, client=other.test_client())
    before = elsewhere.get(f"{AUTH}/profile").status_code

    user.client.post(f"{AUTH}/logout")
    # What a worker's background loop does every second.
    other.extensions["patchbay"].state.refresh()
    after = failure(elsewhere.get(f"{AUTH}/profile"))
    other.extensions["patchbay"].database.close()

    assert (before, after) == (200, (401, "credential_invalid"))


def test_a_profile_is_ones_own(user: Person, uri: User) -> None:
    assert data(user.get(f"{AUTH}/profile")) == {
        "id": uri.id,
        "username": "Uri",
        "role": "user",
        "permissions": [],
        "must_change_password": False,
    }


def test_changing_the_password(app: Flask, user: Person, uri: User) -> None:
    elsewhere = log_in(app, uri)

    reply = user.post(f"{AUTH}/change-password", {"current_password": PASSWORD, "new_password": "battery staple"})

    assert data(reply)["username"] == "Uri"
    assert user.get(f"{AUTH}/profile").status_code == 200
    assert failure(elsewhere.get(f"{AUTH}/profile")) == (401, "credential_invalid")
    assert failure(enter(app.test_client(), "uri")) == (401, "credential_invalid")
    assert log_in(app, uri, "battery staple")


def test_a_wrong_current_password_is_named_and_limited(user: Person) -> None:
    def attempt(current: str, new: str = "battery staple") -> Any:
        return user.post(f"{AUTH}/change-password", {"current_password": current, "new_password": new})

    assert [fields(attempt(PASSWORD, "short")) for _ in range(6)] == [["new_password"]] * 6
    assert [fields(attempt("wrong")) for _ in range(5)] == [["current_password"]] * 5
    assert failure(attempt(PASSWORD)) == (429, "rate_limited")


def test_a_one_time_password_opens_nothing_but_its_change(app: Flask, parts: Parts) -> None:
    made = parts.accounts.create(UserDraft("New"), "one-time-password", TESTER)
    person = log_in(app, made, "one-time-password")

    refused = [failure(person.get(path)) for path in ("/api/v1/api-keys", f"{AUTH}/sessions")]
    profile = data(person.get(f"{AUTH}/profile"))
    change = {"current_password": "one-time-password", "new_password": "battery staple"}
    changed = data(person.post(f"{AUTH}/change-password", change))

    assert refused == [(403, "password_change_required")] * 2
    assert (profile["must_change_password"], changed["must_change_password"]) == (True, False)
    assert person.get("/api/v1/api-keys").status_code == 200


def test_sessions_are_listed_and_ended(app: Flask, user: Person, uri: User, admin: Person) -> None:
    phone = app.test_client()
    enter(phone, "uri", User_Agent="a phone")
    listed = data(user.get(f"{AUTH}/sessions"))
    (other,) = [one for one in listed["items"] if not one["current"]]

    ended = user.delete(f"{AUTH}/sessions/{other['id']}")

    assert listed["next_cursor"] is None
    assert set(other) == {"id", "current", "address", "user_agent", "created_at", "last_seen_at", "expires_at"}
    assert (other["user_agent"], other["address"]) == ("a phone", "127.0.0.1")
    assert other["created_at"].endswith("Z")
    assert data(ended) == {"id": other["id"], "deleted": True}
    assert failure(phone.post(f"{AUTH}/refresh")) == (401, "credential_invalid")
    (own,) = data(user.get(f"{AUTH}/sessions"))["items"]
    assert own["current"]
    for path in (f"{AUTH}/sessions/{own['id']}", f"{AUTH}/sessions/nothing", f"{AUTH}/sessions/%00"):
        assert failure(admin.delete(path)) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/profile"),
        ("POST", "/change-password"),
        ("GET", "/sessions"),
        ("DELETE", "/sessions/00000000-0000-0000-0000-000000000000"),
    ],
)
def test_keys_never_come_here(app: Flask, parts: Parts, ada: User, method: str, path: str) -> None:
    key = parts.api_keys.create(ada.id, KeyDraft("service"), TESTER).secret

    reply = ask(app.test_client(), method, AUTH + path, {} if method == "POST" else None, X_API_Key=key)

    assert failure(reply) == (403, "key_not_allowed")


def test_a_disabled_user_is_out_at_once(parts: Parts, user: Person, admin: Person) -> None:
    data(admin.patch(f"/api/v1/users/{user.user.id}", {"enabled": False}))

    assert failure(user.get(f"{AUTH}/profile")) == (401, "credential_invalid")
    assert failure(user.client.post(f"{AUTH}/refresh")) == (401, "credential_invalid")


def test_public_routes_are_limited_by_address(client: FlaskClient) -> None:
    started = time.time()
    statuses = [client.post(f"{AUTH}/refresh").status_code for _ in range(620)]

    # The window may begin anew while this runs; it can't do so twice.
    assert time.time() - started < 60
    assert 429 in statuses
    assert 300 <= statuses.count(401) <= 600
