from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from flask import Flask

from app.admin.accounts import UserDraft
from app.admin.api_keys import KeyDraft
from app.api.parts import Parts
from app.domain.accounts import Permission, User
from tests.api.admin.conftest import PASSWORD, TESTER, Person, ask, data, failure, fields, log_in
from tests.support.fixtures import NewUpstream
from tests.support.upstream import Upstream

PROVIDERS = "/api/v1/llm-providers"
SERVER = {"provider": "openai_compatible", "name": "My Server", "base_url": "http://10.0.0.5:8000/v1"}
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def owner(app: Flask, parts: Parts, uri: User) -> Person:
    """A user who may have providers of their own."""
    parts.settings.update(lambda old: replace(old, personal_providers_allowed=True), TESTER)
    parts.accounts.update(
        uri.id, lambda old: replace(old, permissions=frozenset({Permission.PERSONAL_PROVIDERS})), TESTER
    )
    parts.state.refresh()
    return log_in(app, parts.accounts.user(uri.id))


def made(person: Person, **changes: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", data(person.post(PROVIDERS, {**SERVER, **changes}), 201))


def slugs(person: Person, query: str = "") -> list[str]:
    return [one["slug"] for one in data(person.get(PROVIDERS + query))["items"]]


def test_a_created_provider_shows_everything_but_its_secrets(admin: Person) -> None:
    reply = admin.post(
        PROVIDERS,
        {
            **SERVER,
            "api_key": "sk-secret",
            "extra_headers": {"X-Team": "blue-secret"},
            "proxy_url": "http://u:pw-secret@proxy:3128",
            "model": "m1",
            "preset": "vllm",
            "connection_timeout": 2,
        },
    )

    provider = data(reply, 201)
    assert provider == {
        "id": provider["id"],
        "slug": "my-server",
        "name": "My Server",
        "provider": "openai_compatible",
        "base_url": "http://10.0.0.5:8000/v1",
        "model": "m1",
        "models": {"chat": "m1", "vision": None, "embedding": None},
        "preset": "vllm",
        "is_default": True,
        "is_active": True,
        "enabled": True,
        "has_api_key": True,
        "connection_timeout": 2.0,
        "first_token_timeout": 300.0,
        "idle_timeout": 60.0,
        "request_timeout": 600.0,
        "max_tokens": None,
        "temperature": None,
        "max_concurrency": None,
        "extra_headers": ["X-Team"],
        "proxy_url": "http://proxy:3128",
        "ca_pem": None,
        "options": {},
        "cable": 1,
        "acts": [],
        "load_options": [],
        "scope": "shared",
        "owner_id": None,
        "status": {"state": "unknown", "since": None, "checked_at": None, "latency_ms": None, "message": None},
        "version": 1,
        "created_at": provider["created_at"],
        "updated_at": provider["created_at"],
        "notices": [],
    }
    assert "secret" not in reply.text
    assert reply.headers["ETag"] == '"1"'


def test_a_provider_is_found_by_id_and_slug(admin: Person) -> None:
    provider = made(admin)
    del provider["notices"]

    assert data(admin.get(f"{PROVIDERS}/{provider['id']}")) == provider
    assert data(admin.get(f"{PROVIDERS}/my-server")) == provider
    assert data(admin.get(PROVIDERS)) == {"items": [provider], "next_cursor": None}
    assert data(admin.get(f"{PROVIDERS}/active")) == provider


def test_requests_see_a_change_at_once(admin: Person, parts: Parts) -> None:
    made(admin)
    data(admin.patch(f"{PROVIDERS}/my-server", {"name": "Renamed"}))

    (served,) = parts.state.current.providers

    assert (served.slug, served.name, served.version) == ("my-server", "Renamed", 2)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({**SERVER, "nonsense": 1}, ["nonsense"]),
        ({"name": "x"}, ["provider"]),
        ({**SERVER, "provider": "nonsense"}, ["provider"]),
        ({**SERVER, "base_url": "localhost"}, ["base_url"]),
        ({**SERVER, "temperature": False}, ["temperature"]),
        ({**SERVER, "max_tokens": "5"}, ["max_tokens"]),
        ({**SERVER, "max_tokens": 1.5}, ["max_tokens"]),
        ({**SERVER, "enabled": "yes"}, ["enabled"]),
        ({**SERVER, "connection_timeout": 0}, ["connection_timeout"]),
        ({**SERVER, "cable": 9}, ["cable"]),
        ({**SERVER, "models": {"audio": "x"}}, ["models.audio"]),
        ({**SERVER, "extra_headers": {"Host": "x"}}, ["extra_headers.Host"]),
        ({**SERVER, "extra_headers": "X-A: 1"}, ["extra_headers"]),
        ({**SERVER, "is_default": True}, ["is_default"]),
        ({**SERVER, "is_active": True}, ["is_active"]),
        ({**SERVER, "version": 1}, ["version"]),
        ({**SERVER, "scope": "everybody"}, ["scope"]),
        ({**SERVER, "name": "a\0b"}, ["name"]),
        ({**SERVER, "model": "a\0b"}, ["models.chat"]),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_made(admin: Person, body: dict[str, Any], named: list[str]) -> None:
    assert fields(admin.post(PROVIDERS, body)) == named
    assert slugs(admin) == []


def test_a_taken_name_is_a_conflict_that_names_the_field(admin: Person) -> None:
    made(admin)

    reply = admin.post(PROVIDERS, SERVER)

    assert failure(reply) == (409, "conflict")
    assert cast("Any", reply.json)["error"]["details"] == [{"field": "name", "problem": "is already taken"}]


def test_a_shown_provider_can_be_sent_back_without_its_read_only_fields(admin: Person) -> None:
    provider = made(admin, api_key="sk-1", extra_headers={"X-A": "1"}, proxy_url="http://u:p@proxy:3128", cable=3)
    read_only = {"id", "is_default", "is_active", "has_api_key", "status", "owner_id", "version", "notices"}
    read_only |= {"acts", "load_options"}
    sent = {name: value for name, value in provider.items() if name not in read_only and not name.endswith("_at")}

    back = data(admin.ask("PUT", f"{PROVIDERS}/my-server", sent))

    assert back == provider


def test_replacing_needs_what_creating_needs(admin: Person) -> None:
    made(admin, model="m1")

    assert fields(admin.ask("PUT", f"{PROVIDERS}/my-server", {"name": "x"})) == ["provider"]
    replaced = data(admin.ask("PUT", f"{PROVIDERS}/my-server", SERVER))

    assert (replaced["model"], replaced["version"]) == (None, 2)


def test_another_server_loses_the_key_and_the_answer_says_so(admin: Person) -> None:
    made(admin, api_key="sk-1")

    changed = data(admin.patch(f"{PROVIDERS}/my-server", {"base_url": "http://other/v1"}))

    assert changed["has_api_key"] is False
    assert [notice.split(",")[0] for notice in changed["notices"]] == ["The stored api_key was removed"]


@pytest.mark.parametrize(
    ("match", "expected"),
    [('"1"', (412, "version_mismatch")), ("1", (412, "version_mismatch")), ("x", (400, "invalid_request"))],
)
def test_a_change_of_an_older_version_is_refused(admin: Person, match: str, expected: tuple[int, str]) -> None:
    made(admin)
    data(admin.patch(f"{PROVIDERS}/my-server", {"name": "First"}))

    for method, body in (("PATCH", {"name": "Second"}), ("PUT", SERVER), ("DELETE", None)):
        assert failure(admin.ask(method, f"{PROVIDERS}/my-server", body, If_Match=match)) == expected

    assert data(admin.ask("PATCH", f"{PROVIDERS}/my-server", {"name": "Third"}, If_Match='"2"'))["version"] == 3


def test_the_default_moves_by_activation_only(admin: Person) -> None:
    made(admin, name="first")
    made(admin, name="second")

    assert failure(admin.patch(f"{PROVIDERS}/first", {"enabled": False})) == (409, "default_provider")
    assert failure(admin.delete(f"{PROVIDERS}/first")) == (409, "default_provider")
    activated = data(admin.post(f"{PROVIDERS}/second/activate"))

    assert (activated["is_default"], activated["is_active"]) == (True, True)
    assert data(admin.get(f"{PROVIDERS}/active"))["slug"] == "second"
    assert data(admin.delete(f"{PROVIDERS}/first"))["deleted"] is True
    assert slugs(admin) == ["second"]


def test_without_a_provider_none_is_active(admin: Person) -> None:
    assert failure(admin.get(f"{PROVIDERS}/active")) == (404, "not_found")


@pytest.mark.parametrize("reference", [NOBODY, "nothing", "%00", "a%2Fb"])
def test_an_unknown_provider_is_not_found(admin: Person, reference: str) -> None:
    path = f"{PROVIDERS}/{reference}"

    assert failure(admin.get(path))[0] == 404
    assert failure(admin.patch(path, {"name": "x"}))[0] == 404
    assert failure(admin.delete(path))[0] == 404
    assert failure(admin.get(f"{path}/versions"))[0] == 404


def test_lists_come_in_pages(admin: Person) -> None:
    for number in range(3):
        made(admin, name=f"p{number}")

    first = data(admin.get(f"{PROVIDERS}?limit=2"))
    rest = data(admin.get(f"{PROVIDERS}?limit=2&cursor={first['next_cursor']}"))

    assert [one["slug"] for one in first["items"] + rest["items"]] == ["p0", "p1", "p2"]
    assert rest["next_cursor"] is None
    assert fields(admin.get(f"{PROVIDERS}?cursor=x")) == ["cursor"]
    assert fields(admin.get(f"{PROVIDERS}?limit=0")) == ["limit"]
    assert fields(admin.get(f"{PROVIDERS}?nonsense=1")) == ["nonsense"]


def test_history_comes_back_without_secrets(admin: Person) -> None:
    made(admin, api_key="sk-1", model="m1")
    data(admin.patch(f"{PROVIDERS}/my-server", {"model": "m2"}))

    rolled = data(admin.post(f"{PROVIDERS}/my-server/rollback", {"version": 1}))
    versions = data(admin.get(f"{PROVIDERS}/my-server/versions"))["items"]

    assert (rolled["model"], rolled["version"], rolled["has_api_key"]) == ("m1", 3, True)
    assert [(one["version"], one["changed_by"]) for one in versions] == [(3, "Ada"), (2, "Ada"), (1, "Ada")]
    assert "sk-1" not in str(versions)
    assert failure(admin.post(f"{PROVIDERS}/my-server/rollback", {"version": 9})) == (404, "not_found")
    assert fields(admin.post(f"{PROVIDERS}/my-server/rollback", {"version": "1"})) == ["version"]


def test_the_audit_log_outlives_the_provider(admin: Person, ada: User) -> None:
    made(admin, name="first")
    gone = made(admin, name="second", api_key="sk-1")
    data(admin.patch(f"{PROVIDERS}/second", {"name": "Renamed"}))
    data(admin.delete(f"{PROVIDERS}/second"))

    entries = data(admin.get(f"{PROVIDERS}/audit-logs?provider=second"))["items"]

    assert [one["action"] for one in entries] == ["delete", "update", "create"]
    update = entries[1]
    assert (update["actor"], update["object_id"]) == ({"id": ada.id, "name": "Ada"}, gone["id"])
    assert (update["old"], update["new"]) == ({"name": "second"}, {"name": "Renamed"})
    assert update["request_id"]
    assert "sk-1" not in str(entries)
    by_id = data(admin.get(f"{PROVIDERS}/audit-logs?provider={gone['id']}&action=update"))["items"]
    assert by_id == [update]
    assert fields(admin.get(f"{PROVIDERS}/audit-logs?cursor=x")) == ["cursor"]
    everything = data(admin.get(f"{PROVIDERS}/audit-logs?object_type=all&limit=200"))["items"]
    assert {one["object_type"] for one in everything} >= {"provider", "user"}


def test_users_see_shared_providers_without_their_addresses(admin: Person, user: Person, parts: Parts) -> None:
    made(admin, api_key="sk-1", proxy_url="http://proxy:3128")
    made(admin, name="off", enabled=False)

    (seen,) = data(user.get(PROVIDERS))["items"]

    assert (seen["slug"], seen["base_url"], seen["proxy_url"], seen["status"]["message"]) == (
        "my-server",
        None,
        None,
        None,
    )
    assert "10.0.0.5" not in user.get(f"{PROVIDERS}/active").text


def test_users_change_no_shared_provider(admin: Person, user: Person) -> None:
    made(admin)
    server = f"{PROVIDERS}/my-server"

    refused = [
        user.post(PROVIDERS, SERVER),
        user.get(server),
        user.patch(server, {"name": "x"}),
        user.ask("PUT", server, SERVER),
        user.delete(server),
        user.post(f"{server}/activate"),
        user.post(f"{server}/test"),
        user.post(f"{PROVIDERS}/test", SERVER),
        user.get(f"{server}/versions"),
        user.post(f"{server}/rollback", {"version": 1}),
        user.get(f"{PROVIDERS}/audit-logs"),
        user.get(f"{PROVIDERS}/discover"),
    ]

    assert [failure(reply) for reply in refused] == [(403, "not_allowed")] * len(refused)


def test_nobody_gets_anything(app: Flask) -> None:
    for method, path in (("GET", ""), ("POST", ""), ("GET", "/active"), ("GET", "/presets"), ("GET", "/x")):
        assert failure(ask(app.test_client(), method, PROVIDERS + path)) == (401, "credential_missing")


def test_a_users_own_provider_is_theirs(admin: Person, owner: Person, app: Flask, parts: Parts) -> None:
    stranger = log_in(app, parts.accounts.create(UserDraft("Eve"), PASSWORD, TESTER, must_change_password=False))
    own = made(owner, base_url="https://api.example.com/v1", api_key="sk-1")

    assert (own["scope"], own["base_url"], own["owner_id"]) == (
        "personal",
        "https://api.example.com/v1",
        owner.user.id,
    )
    assert (slugs(owner), slugs(stranger), slugs(admin)) == (["my-server"], [], [])
    assert (slugs(admin, "?scope=all"), slugs(stranger, "?scope=all")) == (["my-server"], [])
    path = f"{PROVIDERS}/my-server"
    assert failure(stranger.get(path)) == failure(stranger.patch(path, {"name": "x"})) == (404, "not_found")
    assert data(owner.patch(path, {"name": "Mine"}))["name"] == "Mine"
    assert data(admin.get(path))["name"] == "Mine"
    assert fields(owner.post(PROVIDERS, {**SERVER, "name": "inside"})) == ["base_url"]
    assert data(owner.delete(path))["deleted"] is True


def test_an_administrators_key_manages_providers_too(admin: Person, app: Flask, parts: Parts) -> None:
    key = parts.api_keys.create(admin.user.id, KeyDraft("automation"), TESTER)
    parts.state.refresh()

    reply = ask(app.test_client(), "POST", PROVIDERS, SERVER, X_API_Key=key.secret)

    assert data(reply, 201)["slug"] == "my-server"


def test_presets_are_templates_that_can_be_sent(admin: Person, user: Person) -> None:
    presets = data(user.get(f"{PROVIDERS}/presets"))["items"]

    assert [one["id"] for one in presets] == [
        "lmstudio",
        "openai",
        "groq",
        "ollama",
        "llamacpp",
        "vllm",
        "openrouter",
        "custom",
    ]
    for preset in presets:
        address = preset["base_url"] or "http://10.0.0.5/v1"
        body = {"provider": preset["provider"], "name": preset["label"], "base_url": address, "preset": preset["id"]}
        assert data(admin.post(PROVIDERS, body), 201)["preset"] == preset["id"]


def test_a_provider_is_tested_before_it_is_stored_and_after(admin: Person, upstream: Upstream) -> None:
    body = {"provider": "openai_compatible", "base_url": upstream.base_url}

    before = data(admin.post(f"{PROVIDERS}/test", body))
    made(admin, base_url=upstream.base_url)
    after = [data(admin.post(f"{PROVIDERS}/my-server/test", body)) for body in (None, {}, {"completion": True})]

    for report in (before, *after):
        assert (report["ok"], report["diagnosis"], report["repair"]) == (True, "ok", None)
    assert [step["step"] for step in before["steps"]] == ["resolve", "connect", "http", "auth", "models"]
    assert after[2]["steps"][-1]["step"] == "completion"


def test_a_test_offers_its_repair_and_tries_changes_that_are_not_stored(admin: Person, upstream: Upstream) -> None:
    made(admin, base_url=upstream.url)

    report = data(admin.post(f"{PROVIDERS}/my-server/test"))
    repaired = data(admin.post(f"{PROVIDERS}/my-server/test", report["repair"]))

    assert (report["ok"], report["diagnosis"]) == (False, "missing_v1")
    assert report["repair"] == {"base_url": upstream.base_url}
    assert repaired["ok"] is True
    assert data(admin.get(f"{PROVIDERS}/my-server"))["base_url"] == upstream.url


def test_a_test_of_what_is_stored_tells_the_state_from_then_on(admin: Person, upstream: Upstream) -> None:
    made(admin, base_url=upstream.base_url)
    upstream.refuse()
    data(admin.get(f"{PROVIDERS}/models?refresh=true"))
    down = data(admin.get(f"{PROVIDERS}/my-server"))["status"]["state"]
    upstream.accept()

    data(admin.post(f"{PROVIDERS}/my-server/test", {"base_url": upstream.base_url}))
    still_down = data(admin.get(f"{PROVIDERS}/my-server"))["status"]["state"]
    data(admin.post(f"{PROVIDERS}/my-server/test"))

    assert (down, still_down) == ("down", "down")
    assert data(admin.get(f"{PROVIDERS}/my-server"))["status"]["state"] == "ok"


def test_the_stored_key_is_not_sent_to_another_server_by_a_test(admin: Person, new_upstream: NewUpstream) -> None:
    own, other = new_upstream(), new_upstream()
    made(admin, base_url=own.base_url, api_key="sk-secret")

    data(admin.post(f"{PROVIDERS}/my-server/test"))
    data(admin.post(f"{PROVIDERS}/my-server/test", {"base_url": other.base_url}))

    assert "sk-secret" in str(own.requests)
    assert "sk-secret" not in str(other.requests)


def test_discovery_names_the_network_it_can_not_scan(admin: Person) -> None:
    found = data(admin.get(f"{PROVIDERS}/discover"))["items"]

    assert all(set(one) == {"provider", "preset", "base_url", "name", "models_count", "detail"} for one in found)
    assert fields(admin.get(f"{PROVIDERS}/discover?network=8.8.8.0/24")) == ["network"]
