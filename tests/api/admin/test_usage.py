from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask import Flask

from app.api.parts import Parts
from app.domain.accounts import User
from app.storage.usage import UsageStore
from tests.api.admin.conftest import Person, ask, data, failure, fields
from tests.storage.test_usage import NOON, record

USAGE = "/api/v1/usage"
DAY = "from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z"


@pytest.fixture(autouse=True)
def ledger(parts: Parts, ada: User, uri: User) -> None:
    UsageStore(parts.database).insert_many(
        [
            record(user_id=ada.id, request_id="ada-1", outcome="provider_error", provider="openai", attempt=1),
            record(user_id=ada.id, request_id="ada-1", attempt=2, cost_usd=None, token_source="estimated"),
            record(user_id=uri.id, request_id="uri-1", started_at=NOON.replace(hour=13)),
        ]
    )


def test_a_summary_tells_every_figure(user: Person) -> None:
    summary = data(user.get(f"{USAGE}/summary?{DAY}&group_by=provider"))

    figures = {
        "requests": 1,
        "failed_requests": 0,
        "attempts": 1,
        "errors": 0,
        "outcomes": {"ok": 1},
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 15,
        "reasoning_tokens": 2,
        "cached_tokens": 1,
        "token_sources": {
            "provider": {"attempts": 1, "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
            "estimated": {"attempts": 0, "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
            "absent": {"attempts": 0, "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        },
        "cost_usd": 0.25,
        "unpriced_attempts": 0,
        "first_token_ms": {"p50": 100.0, "p95": 100.0, "p99": 100.0},
        "total_ms": {"p50": 400.0, "p95": 400.0, "p99": 400.0},
    }
    assert summary == {
        "from": "2026-11-21T00:00:00.000Z",
        "to": "2026-11-22T00:00:00.000Z",
        **figures,
        "group_by": "provider",
        "groups": [{"key": "groq", "label": "groq", **figures}],
    }


def test_administrators_see_everybodys_calls_and_can_narrow_them(admin: Person, uri: User) -> None:
    everything = data(admin.get(f"{USAGE}/summary?{DAY}&group_by=user"))
    narrowed = data(admin.get(f"{USAGE}/summary?{DAY}&user={uri.id}"))

    assert (everything["requests"], everything["attempts"], everything["errors"]) == (2, 3, 1)
    assert {one["label"]: one["requests"] for one in everything["groups"]} == {"Ada": 1, "Uri": 1}
    assert everything["token_sources"]["estimated"]["attempts"] == 1
    assert narrowed["requests"] == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("provider=openai", 1),
        ("model=groq/openai/gpt-oss-120b", 2),
        ("model=openai/gpt-oss-120b", 3),
        ("key=nothing", 0),
        ("provider=nothing", 0),
    ],
)
def test_filters_narrow_every_report(admin: Person, query: str, found: int) -> None:
    summary = data(admin.get(f"{USAGE}/summary?{DAY}&{query}"))
    page = data(admin.get(f"{USAGE}/requests?{DAY}&{query}"))
    lines = table(admin.get(f"{USAGE}/export.csv?{DAY}&{query}").text)

    assert (summary["attempts"], len(page["items"]), len(lines)) == (found, found, found)


def test_users_see_only_their_own_calls(user: Person, ada: User, uri: User) -> None:
    items = data(user.get(f"{USAGE}/requests?{DAY}"))["items"]
    lines = table(user.get(f"{USAGE}/export.csv?{DAY}").text)

    assert [one["request_id"] for one in items] == [one["request_id"] for one in lines] == ["uri-1"]
    assert data(user.get(f"{USAGE}/summary?{DAY}&user={uri.id}"))["requests"] == 1
    for path in ("summary", "series", "requests", "export.csv"):
        assert failure(user.get(f"{USAGE}/{path}?{DAY}&user={ada.id}")) == (403, "not_allowed")


def test_a_series_has_every_interval(admin: Person) -> None:
    series = data(admin.get(f"{USAGE}/series?{DAY}&interval=hour&group_by=provider"))

    assert (series["interval"], series["group_by"]) == ("hour", "provider")
    lines = {line["key"]: line["points"] for line in series["series"]}
    assert {key: len(points) for key, points in lines.items()} == {"groq": 24, "openai": 24}
    assert [point["at"] for point in lines["groq"] if point["requests"]] == [
        "2026-11-21T12:00:00.000Z",
        "2026-11-21T13:00:00.000Z",
    ]


@pytest.mark.parametrize(
    ("period", "interval"),
    [
        ("from=2026-11-21T00:00:00Z&to=2026-11-21T02:00:00Z", "minute"),
        (DAY, "hour"),
        ("to=2026-11-22T00:00:00Z", "day"),
    ],
)
def test_an_interval_is_chosen_that_can_be_read(user: Person, period: str, interval: str) -> None:
    assert data(user.get(f"{USAGE}/series?{period}"))["interval"] == interval


def test_rows_come_newest_first_in_pages(admin: Person) -> None:
    first = data(admin.get(f"{USAGE}/requests?{DAY}&limit=2"))
    rest = data(admin.get(f"{USAGE}/requests?{DAY}&limit=2&cursor={first['next_cursor']}"))

    assert [one["request_id"] for one in first["items"] + rest["items"]] == ["uri-1", "ada-1", "ada-1"]
    assert rest["next_cursor"] is None
    one = first["items"][0]
    assert (one["started_at"], one["total_tokens"], one["token_source"], one["outcome"]) == (
        "2026-11-21T13:00:00.000Z",
        15,
        "provider",
        "ok",
    )


def test_an_export_is_a_file(user: Person) -> None:
    reply = user.get(f"{USAGE}/export.csv?{DAY}")

    assert reply.content_type == "text/csv; charset=utf-8"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="usage-2026-11-21-2026-11-22.csv"'


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"),
        ("from=2026-11-21", "from"),
        ("from=2026-11-21T00:00:00", "from"),
        ("to=99999-01-01T00:00:00Z", "to"),
        ("from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z", "from"),
        ("group_by=colour", "group_by"),
        ("interval=second", "interval"),
        ("from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z&interval=minute", "interval"),
        ("provider=", "provider"),
        ("model=a%00b", "model"),
        ("nonsense=1", "nonsense"),
    ],
)
def test_a_wrong_query_is_refused_by_name(user: Person, query: str, field: str) -> None:
    assert fields(user.get(f"{USAGE}/series?{query}")) == [field]


def test_a_made_up_cursor_is_refused(user: Person) -> None:
    assert fields(user.get(f"{USAGE}/requests?cursor=x")) == ["cursor"]
    assert fields(user.get(f"{USAGE}/requests?limit=201")) == ["limit"]


def test_nobody_sees_usage(app: Flask) -> None:
    for path in ("summary", "series", "requests", "export.csv"):
        assert failure(ask(app.test_client(), "GET", f"{USAGE}/{path}")) == (401, "credential_missing")


def table(text: str) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(text)))
