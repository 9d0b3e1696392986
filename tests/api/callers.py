"""Everybody who may come to the door of a real application: people and services, welcome or not any more."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import jwt
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.admin.accounts import Accounts, UserDraft
from app.admin.api_keys import ApiKeys, KeyDraft
from app.admin.passwords import Passwords
from app.admin.provider_rules import Editor
from app.admin.sign_in import Device, SignIn
from app.api.credentials import ALGORITHM
from app.api.parts import Parts
from app.api.tokens import access_token
from app.domain.accounts import Permission, Role, User
from app.domain.audit import Actor
from app.domain.catalog import ProviderConfig

TESTER = Actor(None, "tester")
PASSWORD = "correct horse"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Doorstep:
    """An application with cheap password hashes, and means to make callers for it."""

    app: Flask
    parts: Parts

    @staticmethod
    def of(app: Flask) -> Doorstep:
        parts = cast("Parts", app.extensions["patchbay"])
        passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        parts.accounts = Accounts(parts.database, passwords)
        parts.sign_in = SignIn(parts.database, passwords, parts.config.jwt_secret)
        return Doorstep(app, parts)

    def close(self) -> None:
        # Without providers there are no pooled connections.
        self.parts.connections.on_change(replace(self.parts.state.current, providers=()))
        self.parts.database.close()

    def person(self, name: str, role: Role = Role.USER, *permissions: Permission, must_change: bool = False) -> User:
        draft = UserDraft(name, role, frozenset(permissions))
        user = self.parts.accounts.create(draft, PASSWORD, TESTER, must_change_password=must_change)
        self.parts.state.refresh()
        return user

    def token(self, user: User) -> str:
        signed_in = self.parts.sign_in.login(user.username, PASSWORD, Device("127.0.0.1", "a test"))
        with self.app.app_context():
            return access_token(signed_in)

    def key(self, owner: User, name: str = "service", **draft: Any) -> str:
        secret = self.parts.api_keys.create(owner.id, KeyDraft(name, **draft), TESTER).secret
        self.parts.state.refresh()
        return secret

    def expired_key(self, owner: User) -> str:
        keys = ApiKeys(self.parts.database, now=lambda: LONG_AGO)
        draft = KeyDraft("expired", expires_at=LONG_AGO + timedelta(days=1))
        secret = keys.create(owner.id, draft, TESTER).secret
        self.parts.state.refresh()
        return secret

    def revoked_key(self, owner: User) -> str:
        made = self.parts.api_keys.create(owner.id, KeyDraft("revoked"), TESTER)
        with self.app.app_context():
            admin = self.parts.credentials.caller(f"Bearer {made.secret}", None)
        self.parts.api_keys.revoke(made.key.id, admin, TESTER)
        self.parts.state.refresh()
        return made.secret

    def expired_token(self, user: User) -> str:
        now = int(time.time())
        claims = {"sub": user.id, "sid": "any", "type": "access", "iat": now - 1000, "exp": now - 100}
        return jwt.encode(claims, self.parts.config.jwt_secret, algorithm=ALGORITHM)

    def ended_token(self, user: User) -> str:
        """Of a session that was signed out."""
        token = self.token(user)
        session_id = self.parts.credentials.caller(f"Bearer {token}", None).session_id
        assert session_id is not None
        self.parts.sign_in.logout(session_id)
        self.parts.state.refresh()
        return token

    def provider(self, owner: User | None = None, **fields: Any) -> ProviderConfig:
        """A shared provider at a port where nothing listens, or the personal one of `owner` (only public addresses)."""
        by = Editor(Actor(None if owner is None else owner.id, "tester"), is_admin=True)
        given = {
            "provider": "openai_compatible",
            "name": "Shared" if owner is None else f"Of {owner.username}",
            "base_url": "http://127.0.0.1:9/v1" if owner is None else "https://8.8.8.8/v1",
            "scope": "shared" if owner is None else "personal",
            **fields,
        }
        made = self.parts.provider_settings.create(cast("Any", given), by).provider.config
        self.parts.state.refresh()
        return made

    def client(self, token: str | None = None) -> Asker:
        return Asker(self.app.test_client(), {} if token is None else {"Authorization": f"Bearer {token}"})


@dataclass(frozen=True)
class Asker:
    """A client with credentials; `json=` is sent as JSON, `data=` as it is."""

    client: FlaskClient
    headers: Mapping[str, str]

    def ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **rest: Any) -> TestResponse:
        return self.client.open(path, method=method, headers={**self.headers, **(headers or {})}, **rest)

    def get(self, path: str, **rest: Any) -> TestResponse:
        return self.ask("GET", path, **rest)

    def post(self, path: str, json: object = None, **rest: Any) -> TestResponse:
        return self.ask("POST", path, json=json, **rest)


def failure(reply: TestResponse) -> tuple[int, str]:
    """Status and code of a failed answer, in whichever shape it came."""
    document = cast("Any", reply.json)
    if "detail" in document:
        # Older faces have words alone.
        return reply.status_code, ""
    error = document["error"]
    # Anthropic's shape has types alone.
    return reply.status_code, str(error["code"] if "code" in error else error["type"])
