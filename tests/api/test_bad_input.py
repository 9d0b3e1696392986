"""Whatever is wrong with a request: a clear error that names field and bounds, and nothing is lost or changed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.api.bad_input import (
    INVALID,
    NOBODYS_ID,
    Place,
    in_words_of,
    named,
)
from tests.api.callers import failure

IDS = ["x", "%00", "a%00b", "x" * 5000, "ünïcode", "%F0%9F%98%80", NOBODYS_ID, NOBODYS_ID.upper(), "'--", "-1", "1e9"]
VALID: dict[str, object] = {
    "PATCH": {},
    "PUT": {"provider": "openai_compatible", "name": "N", "base_url": "http://x/v1"},
}
BY_END: dict[tuple[str, str], object] = {
    ("POST", "rollback"): {"version": 1},
    ("PATCH", "<string:message_id>"): {"feedback": None},
    ("POST", "messages"): {"content": "hello"},
    ("POST", "regenerate"): {},
    ("POST", "title"): {},
}
"""Where another body is valid: by method and the end of the route."""


def test_unknown_ids_are_not_found_on_every_route(place: Place) -> None:
    rules = sorted(place.door.app.url_map.iter_rules(), key=lambda rule: rule.rule)
    with_id = [(method, rule.rule) for rule in rules if ":id>" in rule.rule for method in sorted(rule.methods or ())]
    before, found = place.rows(), {}

    for method, rule in with_id:
        if method not in ("HEAD", "OPTIONS"):
            body = BY_END.get((method, rule.rpartition("/")[2]), VALID.get(method))
            for identity in IDS:
                path = re.sub("<[a-z]+:(message_)?id>", identity, rule)
                found[method, rule, identity] = failure(place.admin.ask(method, path, json=body))

    assert found == {place: in_words_of(place[1], (404, "not_found")) for place in found}
    assert len(found) > 15 * len(IDS)
    assert place.rows() == before


FIELDS: list[tuple[str, str, object, str, str]] = [
    # Providers.
    ("POST", "/api/v1/llm-providers", {"name": "N"}, "provider", "is required"),
    ("POST", "/api/v1/llm-providers", {"provider": "openai"}, "name", "is required"),
    ("POST", "/api/v1/llm-providers", {"provider": "telepathy", "name": "N"}, "provider", "must be one of"),
    ("POST", "/api/v1/llm-providers", {"provider": "openai_compatible", "name": "N"}, "base_url", "is required"),
    ("POST", "/api/v1/llm-providers", {"provider": "openai", "name": "N", "colour": 1}, "colour", "not a known field"),
    ("POST", "/api/v1/llm-providers", {"provider": "openai", "name": "x" * 201}, "name", "at most"),
    ("POST", "/api/v1/llm-providers", {"provider": "openai", "name": "N\0"}, "name", ""),
    ("POST", "/api/v1/llm-providers", {"provider": "openai", "name": "N", "slug": "models"}, "slug", "reserved"),
    ("POST", "/api/v1/llm-providers", {"provider": "openai", "name": "N", "slug": "Bad Slug"}, "slug", ""),
    ("PATCH", "/api/v1/llm-providers/shared", {"id": NOBODYS_ID}, "id", "read-only"),
    ("PATCH", "/api/v1/llm-providers/shared", {"slug": "other"}, "slug", "is fixed"),
    ("PATCH", "/api/v1/llm-providers/shared", {"enabled": "yes"}, "enabled", "true or false"),
    ("PATCH", "/api/v1/llm-providers/shared", {"enabled": 0}, "enabled", "true or false"),
    ("PATCH", "/api/v1/llm-providers/shared", {"temperature": False}, "temperature", "number"),
    ("PATCH", "/api/v1/llm-providers/shared", {"temperature": 3}, "temperature", "at most 2"),
    ("PATCH", "/api/v1/llm-providers/shared", {"max_tokens": "5"}, "max_tokens", ""),
    ("PATCH", "/api/v1/llm-providers/shared", {"request_timeout": 0}, "request_timeout", "greater than 0"),
    ("PATCH", "/api/v1/llm-providers/shared", {"max_concurrency": 0}, "max_concurrency", "at least 1"),
    ("PATCH", "/api/v1/llm-providers/shared", {"models": {"chta": "x"}}, "models.chta", "not a known field"),
    ("POST", "/api/v1/llm-providers/shared/rollback", {"version": 0}, "version", "at least 1"),
    ("POST", "/api/v1/llm-providers/shared/rollback", {"version": "1"}, "version", "a whole number"),
    # People.
    ("POST", "/api/v1/users", {}, "username", "is required"),
    ("POST", "/api/v1/users", {"username": "x" * 151}, "username", "at most"),
    ("POST", "/api/v1/users", {"username": "N\0"}, "username", ""),
    ("POST", "/api/v1/users", {"username": "N", "role": "king"}, "role", ""),
    ("POST", "/api/v1/users", {"username": "N", "enabled": 1}, "enabled", "true or false"),
    ("POST", "/api/v1/users", {"username": "N", "is_admin": True}, "is_admin", "not a known field"),
    ("POST", "/api/v1/users", {"username": "N", "password": "short"}, "password", "at least"),
    ("POST", "/api/v1/users", {"username": "N", "password": "x" * 1025}, "password", "at most 1024"),
    ("POST", "/api/v1/auth/login", {"username": "Ada"}, "password", "is required"),
    ("POST", "/api/v1/auth/login", {"username": ["Ada"], "password": "x"}, "username", "string"),
    ("POST", "/api/v1/auth/change-password", {"current_password": "x"}, "new_password", "is required"),
    # Keys.
    ("POST", "/api/v1/api-keys", {}, "name", "is required"),
    ("POST", "/api/v1/api-keys", {"name": ""}, "name", "at least 1"),
    ("POST", "/api/v1/api-keys", {"name": "x" * 201}, "name", "at most 200"),
    ("POST", "/api/v1/api-keys", {"name": "k", "models": []}, "models", "at least 1"),
    ("POST", "/api/v1/api-keys", {"name": "k", "models": [5]}, "models.0", "string"),
    ("POST", "/api/v1/api-keys", {"name": "k", "requests_per_minute": 0}, "requests_per_minute", "at least 1"),
    ("POST", "/api/v1/api-keys", {"name": "k", "requests_per_minute": "9"}, "requests_per_minute", "whole number"),
    ("POST", "/api/v1/api-keys", {"name": "k", "expires_at": 5}, "expires_at", "such as 2026-12-31T23:59:59Z"),
    ("POST", "/api/v1/api-keys", {"name": "k", "expires_at": "0.5"}, "expires_at", "such as 2026-12-31T23:59:59Z"),
    ("POST", "/api/v1/api-keys", {"name": "k", "expires_at": "2026-12-31T23:59:59"}, "expires_at", ""),
    ("POST", "/api/v1/api-keys", {"name": "k", "expires_at": "2001-01-01T00:00:00Z"}, "expires_at", ""),
    # Aliases and settings.
    ("POST", "/api/v1/aliases", {"name": "n", "targets": []}, "targets", "at least 1"),
    ("POST", "/api/v1/aliases", {"name": "n", "targets": [{"model": "a"}] * 2}, "targets", "at most 1"),
    (
        "POST",
        "/api/v1/aliases",
        {"name": "n", "targets": [{"model": "a", "weight": 0}]},
        "targets.0.weight",
        "at least 1",
    ),
    ("POST", "/api/v1/aliases", {"name": "n", "targets": [{}]}, "targets.0.model", "is required"),
    ("PATCH", "/api/v1/settings", {"colour": 1}, "colour", "not a known field"),
    ("PATCH", "/api/v1/settings", {"default_models": {"chat": 5}}, "default_models.chat", "string"),
    ("PATCH", "/api/v1/settings", {"personal_providers_allowed": "no"}, "personal_providers_allowed", "true or false"),
    ("PATCH", "/api/v1/settings", {"default_requests_per_minute": 0}, "default_requests_per_minute", "at least 1"),
]


def test_a_wrong_field_is_named_with_its_bounds(place: Place) -> None:
    before = place.rows()
    for method, path, body, field, words in FIELDS:
        reply = place.admin.ask(method, path, json=body)

        assert (method, path, body, failure(reply)) == (method, path, body, INVALID)
        error: Any = reply.json["error"]  # type: ignore[index]
        problems = {detail["field"]: detail["problem"] for detail in error["details"]}
        assert field in problems, (body, error)
        assert words in problems[field], (body, error)
    assert place.rows() == before


ADDRESSES = [
    "", "localhost:1234", "ftp://host/v1", "http://", "http://host:99999/v1", "http://host:0/v1", "http://ho st/v1",
    "http://user:pass@host/v1", "http://256.1.1.1/v1", "http://[::1/v1", "http://host/v1?key=1", "http://host/v1#x",
    "http://host\n/v1", "http://" + "x" * 2100, "javascript:alert(1)", "http://169.254.169.254/latest", "//host/v1",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_bad_address_is_refused(place: Place, address: str) -> None:
    before = place.rows()
    body = {"provider": "openai_compatible", "name": "New", "base_url": address}

    made = place.admin.post("/api/v1/llm-providers", body)
    tested = place.admin.post("/api/v1/llm-providers/test", body)

    assert [(failure(reply), named(reply)) for reply in (made, tested)] == [(INVALID, "base_url")] * 2
    assert place.rows() == before


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/v1/users", {"username": "ada"}, "username"),
        ("/api/v1/aliases", {"name": "quick", "targets": [{"model": "shared/hello-1"}]}, "name"),
        ("/api/v1/llm-providers", {"provider": "openai", "name": "shared", "slug": "another"}, "name"),
        ("/api/v1/llm-providers", {"provider": "openai", "name": "Another", "slug": "shared"}, "slug"),
    ],
)
def test_a_name_can_be_had_once(place: Place, path: str, body: object, field: str) -> None:
    before = place.rows()

    reply = place.admin.post(path, body)

    assert (failure(reply), named(reply)) == ((409, "conflict"), field)
    assert place.rows() == before


LISTS = [
    "/api/v1/llm-providers", "/api/v1/llm-providers/audit-logs", "/api/v1/llm-providers/shared/versions",
    "/api/v1/users", "/api/v1/api-keys", "/api/v1/aliases", "/api/v1/auth/sessions", "/api/v1/usage/requests",
]  # fmt: skip
WRONG_QUERIES = [
    ("limit=0", "limit", "at least 1"),
    ("limit=201", "limit", "at most 200"),
    ("limit=abc", "limit", "a whole number"),
    ("limit=-1", "limit", "at least 1"),
    ("limit=1.5", "limit", "a whole number"),
    ("limit=", "limit", "a whole number"),
    ("cursor=nothing", "cursor", "take it from next_cursor"),
    ("cursor=%00", "cursor", "take it from next_cursor"),
    ("cursor=", "cursor", "take it from next_cursor"),
    ("cursor=MjAyNi0wMS0wMVQwMDowMDowMA", "cursor", "take it from next_cursor"),
    ("cursor=" + "x" * 201, "cursor", "at most 200"),
    ("lmit=5", "lmit", "not a known field"),
]


@pytest.mark.parametrize("path", LISTS)
def test_a_wrong_part_of_a_list_is_named(place: Place, path: str) -> None:
    for query, field, words in WRONG_QUERIES:
        reply = place.admin.get(f"{path}?{query}")

        assert (query, failure(reply)) == (query, INVALID)
        assert named(reply) == field
        assert words in reply.json["error"]["message"]  # type: ignore[index]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_comes_in_parts_of_the_size_asked_for(place: Place, path: str) -> None:
    reply = place.admin.get(f"{path}?limit=1")

    assert reply.status_code == 200
    data: Any = reply.json["data"]  # type: ignore[index]
    assert set(data) == {"items", "next_cursor"}
    assert len(data["items"]) <= 1
    if data["next_cursor"] is not None:
        assert place.admin.get(f"{path}?limit=200&cursor={data['next_cursor']}").status_code == 200


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/llm-providers/models?type=audio", "type"),
        ("/api/v1/llm-providers/models?detailed=maybe", "detailed"),
        ("/api/v1/llm-providers/models?colour=1", "colour"),
        ("/api/v1/llm-providers/discover?network=8.8.8.0/24", "network"),
        ("/api/v1/llm-providers/discover?network=10.0.0.0/8", "network"),
        ("/api/v1/llm-providers/discover?network=x", "network"),
        ("/api/v1/usage/summary?from=yesterday", "from"),
        ("/api/v1/usage/summary?to=0.5", "to"),
        ("/api/v1/usage/summary?group_by=colour", "group_by"),
        ("/api/v1/usage/series?interval=year", "interval"),
        ("/api/v1/usage/requests?model=%00", "model"),
    ],
)
def test_a_wrong_part_of_a_query_is_named(place: Place, path: str, field: str) -> None:
    reply = place.admin.get(path)

    assert (failure(reply), named(reply)) == (INVALID, field)


def test_a_version_that_is_none_is_refused_and_an_old_one_too(place: Place) -> None:
    before = place.rows()
    replies = [
        place.admin.ask("PATCH", "/api/v1/llm-providers/shared", json={"name": "N"}, headers={"If-Match": version})
        for version in ("x", '"0.5"', '"99"')
    ]

    assert [failure(reply) for reply in replies] == [INVALID, INVALID, (412, "version_mismatch")]
    assert place.rows() == before
