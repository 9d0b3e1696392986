"""One application for a whole file, with a provider at the upstream server and a service that calls it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.fernet import Fernet
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from config import Config
from tests.api.callers import Doorstep
from tests.support.upstream import Upstream, UpstreamProcess

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "upstream"
HELLO = [{"role": "user", "content": "hello"}]
REQUEST_ID = "test-1"
_VARYING = re.compile(r'"(first_token_ms|total_ms|tokens_per_second|overhead_ms)":(?:[0-9.e-]+|null)')
_TIMES = {"first_token_ms": "120.5", "total_ms": "850.0", "tokens_per_second": "41.1", "overhead_ms": "0.35"}


@dataclass(frozen=True)
class Stage:
    """`call` is a service's POST; `upstream` is what it reaches under the slug `box`."""

    door: Doorstep
    upstream: Upstream
    client: FlaskClient
    key: str

    def call(
        self, path: str, body: object, *, client: Any = None, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        """`body` is sent as JSON, bytes as they are."""
        given = {
            "Authorization": f"Bearer {self.key}",
            "X-Request-Id": REQUEST_ID,
            "Content-Type": "application/json",
            **(headers or {}),
        }
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        reply: TestResponse = (client or self.client).post(path, headers=given, data=data)
        return reply

    def recorded_outcome(self) -> str:
        """Of the newest call."""
        self.door.parts.ledger.flush()
        with self.door.parts.database.engine.connect() as connection:
            query = "SELECT outcome FROM usage_records ORDER BY started_at DESC LIMIT 1"
            return str(connection.execute(text(query)).scalar())


@pytest.fixture(scope="module")
def stage(
    upstream_process: UpstreamProcess, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    # Imported here, so that tests of single parts do not pay for the whole application.
    from app import create_app

    home = tmp_path_factory.mktemp("home")
    shutil.copy(migrated_sqlite, home / "patchbay.db")
    config = Config(
        home=home,
        database_url=f"sqlite:///{home / 'patchbay.db'}",
        secret_keys=(Fernet.generate_key().decode(),),
        jwt_secret="a secret of the tests, long enough for HS256",
        local_engine=False,
    )
    door = Doorstep.of(create_app(config))
    upstream = upstream_process.open()
    door.provider(name="Box", base_url=upstream.base_url, api_key="sk-upstream-0123456789")
    key = door.key(door.person("Uri"))
    yield Stage(door, upstream, door.app.test_client(), key)
    door.close()
    upstream.close()


def steady(body: str) -> str:
    """The body with every time it took replaced by a fixed one."""
    return _VARYING.sub(lambda match: f'"{match[1]}":{_TIMES[match[1]]}', body)


def recorded(name: str) -> bytes:
    return (RECORDINGS / name).read_bytes()
