"""What every test may use: real databases, migrated like in production, and the application on top of one.

Servers that are missing on this machine are named loudly and their tests are left out; where PATCHBAY_TEST_ALL=1 (as
in .ci/run) a missing server is an error.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, text

from app.storage.database import Database, engine_options, prepare_engine
from app.storage.migrate import upgrade
from app.storage.tables import Base
from config import Config

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

pytest_plugins = ["tests.support.fixtures"]

POSTGRES_URL = os.environ.get("TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/test")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

SERVERS: dict[str, tuple[Callable[[], bool], str]] = {
    "postgres": (
        lambda: listens(POSTGRES_URL, 5432),
        f"PostgreSQL does not answer at {POSTGRES_URL}: install postgresql, or set TEST_DATABASE_URL",
    ),
    "redis": (
        lambda: listens(REDIS_URL, 6379),
        f"Redis does not answer at {REDIS_URL}: install redis-server, or set TEST_REDIS_URL",
    ),
    "browser": (
        lambda: any(shutil.which(name) for name in BROWSERS),
        "Chromium is not installed: install the package chromium",
    ),
}
_left_out: dict[str, int] = {}


def listens(url: str, default_port: int) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or default_port), timeout=2).close()
    except OSError:
        return False
    return True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what can't run here, and what needs a live account unless it is asked for."""
    unwanted = {"live"} if "live" not in config.option.markexpr else set()
    used = {mark for mark in SERVERS for item in items if item.get_closest_marker(mark)}
    missing = {mark for mark in sorted(used) if not SERVERS[mark][0]()}
    if missing and os.environ.get("PATCHBAY_TEST_ALL") == "1":
        raise pytest.UsageError("\n".join(SERVERS[mark][1] for mark in sorted(missing)))
    for mark in missing:
        _left_out[mark] = sum(item.get_closest_marker(mark) is not None for item in items)
    gone = [item for item in items if any(item.get_closest_marker(mark) for mark in missing | unwanted)]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item not in set(gone)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    spread_over_processes = bool(config.getoption("numprocesses", None))
    for mark, (is_there, how_to_get) in SERVERS.items():
        if mark in _left_out:
            terminalreporter.write_line(f"LEFT OUT: {_left_out[mark]} tests. {how_to_get}", red=True, bold=True)
        elif spread_over_processes and not is_there():
            # The processes have counted them; this one has collected nothing.
            terminalreporter.write_line(f"LEFT OUT: tests that need it. {how_to_get}", red=True, bold=True)


def opened(url: str) -> Database:
    return Database(prepare_engine(create_engine(url, **engine_options(url))))


def with_driver(url: str) -> str:
    return "postgresql+psycopg://" + url.partition("://")[2]


class Postgres:
    """Databases of this run's own on the test server, dropped at its end."""

    def __init__(self, worker: str) -> None:
        self._prefix = f"patchbay_test_{worker}_{os.getpid()}"
        self._admin = create_engine(with_driver(POSTGRES_URL), isolation_level="AUTOCOMMIT")
        self._made: list[str] = []

    def create(self, purpose: str) -> str:
        """The URL of an empty database."""
        name = f"{self._prefix}_{purpose}"
        self.drop(name)
        with self._admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        self._made.append(name)
        return with_driver(urlsplit(POSTGRES_URL)._replace(path=f"/{name}").geturl())

    def drop(self, name: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))

    def close(self) -> None:
        for name in self._made:
            self.drop(name)
        self._admin.dispose()


def emptied(database: Database) -> None:
    """Every row gone but the version's, which a migration made. Fails fast where a test left a transaction open."""
    with database.engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(text("INSERT INTO state_versions (name, version) VALUES ('configuration', 1)"))


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """pytest-xdist's name of this process, `main` without it."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="session")
def postgres(worker: str) -> Iterator[Postgres]:
    servers = Postgres(worker)
    yield servers
    servers.close()


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> Iterator[Database]:
    database = opened(postgres.create("shared"))
    upgrade(database)
    yield database
    database.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy: migrating takes a second, copying none."""
    path = tmp_path_factory.mktemp("migrated") / "patchbay.db"
    database = opened(f"sqlite:///{path}")
    upgrade(database)
    with database.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    database.close()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with every table and no row, once per kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "patchbay.db")
        return f"sqlite:///{tmp_path / 'patchbay.db'}"
    shared: Database = request.getfixturevalue("migrated_postgres")
    emptied(shared)
    return shared.engine.url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables, once per kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    servers: Postgres = request.getfixturevalue("postgres")
    return servers.create("empty")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = opened(database_url)
    yield database
    database.close()


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Config:
    return Config(
        home=tmp_path,
        database_url=database_url,
        secret_keys=(Fernet.generate_key().decode(),),
        jwt_secret="a secret of the tests, long enough for HS256",
        local_engine=False,
    )


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    # Imported here, so that tests of single parts do not pay for the whole application.
    from app import create_app

    app = create_app(config)
    # A copy, because a test may put something broken in a part's place.
    parts = replace(app.extensions["patchbay"])
    yield app
    parts.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
