"""/healthz, /readyz and /metrics of a real application."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.admin.accounts import UserDraft
from app.admin.api_keys import KeyDraft
from app.api.health import Kept
from app.api.parts import Parts
from app.domain.accounts import Role
from app.domain.audit import Actor
from app.gateway.shared_store import TIMEOUTS
from app.storage.probe import Probe, probe_redis
from config import Config
from tests.conftest import REDIS_URL

TESTER = Actor(None, "tester")


def parts_of(app: Flask) -> Parts:
    return cast("Parts", app.extensions["patchbay"])


def readiness(config: Config) -> tuple[int, Any]:
    app = create_app(config)
    reply = app.test_client().get("/readyz")
    parts_of(app).database.close()
    return reply.status_code, reply.json


def test_a_process_that_runs_says_so(client: FlaskClient) -> None:
    reply = client.get("/healthz")

    assert (reply.status_code, reply.json) == (200, {"status": "alive"})
    assert reply.headers["Cache-Control"] == "no-store"


def test_ready_names_its_parts(client: FlaskClient) -> None:
    reply = client.get("/readyz")

    assert reply.status_code == 200
    body = cast("Any", reply.json)
    assert body["status"] == "ready"
    assert {name: part["ok"] for name, part in body["parts"].items()} == {"database": True, "migrations": True}


def test_an_unmigrated_database_is_not_ready(config: Config, empty_database_url: str) -> None:
    status, body = readiness(replace(config, database_url=empty_database_url))

    assert status == 503
    assert body["status"] == "not_ready"
    assert body["parts"]["database"]["ok"]
    assert body["parts"]["migrations"]["problem"] == "behind: start again with ./patchbay up"


def test_a_database_that_does_not_answer_is_not_ready_and_its_address_stays_inside(config: Config) -> None:
    status, body = readiness(replace(config, database_url="postgresql+psycopg://someone:secret@127.0.0.1:1/none"))

    assert status == 503
    assert body["parts"]["database"]["problem"] == "does not answer"
    assert "secret" not in str(body)
    assert "127.0.0.1" not in str(body)


def test_a_redis_that_does_not_answer_is_not_ready(config: Config) -> None:
    status, body = readiness(replace(config, redis_url="redis://127.0.0.1:1"))

    assert status == 503
    assert body["parts"]["redis"]["problem"] == "does not answer"
    assert body["parts"]["database"]["ok"]


@pytest.mark.redis
def test_a_redis_that_answers_is_ready() -> None:
    assert probe_redis(REDIS_URL, TIMEOUTS).ok


def test_the_stores_are_asked_once_however_many_ask() -> None:
    asked = []

    def ask() -> dict[str, Probe]:
        asked.append(1)
        return {"database": Probe(True, 1.0)}

    kept = Kept(ask)
    answers = [kept() for _ in range(50)]

    assert len(asked) == 1
    assert answers[-1] == {"database": Probe(True, 1.0)}


def test_figures_are_for_administrators(app: Flask, client: FlaskClient) -> None:
    parts = parts_of(app)
    keys = {}
    for role in (Role.ADMIN, Role.USER):
        user = parts.accounts.create(UserDraft(role.value, role), "correct horse", TESTER, must_change_password=False)
        keys[role] = parts.api_keys.create(user.id, KeyDraft("key"), TESTER).secret
    parts.state.reload()

    replies = {
        role: client.get("/metrics", headers={"Authorization": f"Bearer {secret}"}) for role, secret in keys.items()
    }

    assert client.get("/metrics").status_code == 401
    assert replies[Role.USER].status_code == 403
    assert replies[Role.ADMIN].status_code == 200
    assert replies[Role.ADMIN].content_type.startswith("text/plain")
    assert "patchbay_open_calls 0.0" in replies[Role.ADMIN].text
