"""People signed in to a real application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.admin.accounts import Accounts, UserDraft
from app.admin.passwords import Passwords
from app.admin.sign_in import SignIn
from app.api.parts import Parts
from app.domain.accounts import Role, User
from app.domain.audit import Actor
from config import Config

TESTER = Actor(None, "tester")
PASSWORD = "correct horse"


@dataclass(frozen=True)
class Person:
    """Speaks JSON with an access token."""

    user: User
    client: FlaskClient
    token: str

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> TestResponse:
        return ask(self.client, method, path, body, Authorization=f"Bearer {self.token}", **headers)

    def get(self, path: str) -> TestResponse:
        return self.ask("GET", path)

    def post(self, path: str, body: object = None) -> TestResponse:
        return self.ask("POST", path, body)

    def patch(self, path: str, body: object) -> TestResponse:
        return self.ask("PATCH", path, body)

    def delete(self, path: str) -> TestResponse:
        return self.ask("DELETE", path)


def ask(client: FlaskClient, method: str, path: str, body: object = None, **headers: str) -> TestResponse:
    return client.open(path, method=method, json=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def data(reply: TestResponse, status: int = 200) -> Any:
    """What a successful answer carries."""
    assert (reply.status_code, reply.json and reply.json["success"]) == (status, True), reply.text
    return cast("Any", reply.json)["data"]


def failure(reply: TestResponse) -> tuple[int, str]:
    """Status and code of a failed answer."""
    assert reply.json is not None, reply.text
    assert reply.json["success"] is False
    assert set(reply.json["error"]) == {"code", "message", "request_id", "details"}
    return reply.status_code, reply.json["error"]["code"]


def fields(reply: TestResponse) -> list[str]:
    """The fields that a refused request is told about."""
    assert failure(reply) == (400, "invalid_request")
    return [detail["field"] for detail in cast("Any", reply.json)["error"]["details"]]


def log_in(app: Flask, user: User, password: str = PASSWORD) -> Person:
    client = app.test_client()
    reply = ask(client, "POST", "/api/v1/auth/login", {"username": user.username, "password": password})
    return Person(user, client, data(reply)["access_token"])


@pytest.fixture
def parts(app: Flask, config: Config) -> Parts:
    """The application's own, with cheaper password hashes: nearly every test signs somebody in."""
    parts = cast("Parts", app.extensions["patchbay"])
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    parts.accounts = Accounts(parts.database, passwords)
    parts.sign_in = SignIn(parts.database, passwords, config.jwt_secret)
    return parts


@pytest.fixture
def ada(parts: Parts) -> User:
    """An administrator."""
    return parts.accounts.create(UserDraft("Ada", Role.ADMIN), PASSWORD, TESTER, must_change_password=False)


@pytest.fixture
def uri(parts: Parts) -> User:
    return parts.accounts.create(UserDraft("Uri"), PASSWORD, TESTER, must_change_password=False)


@pytest.fixture
def admin(app: Flask, ada: User) -> Person:
    return log_in(app, ada)


@pytest.fixture
def user(app: Flask, uri: User) -> Person:
    return log_in(app, uri)
