from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import event

from app.domain.accounts import ApiKey, Role, Session, User
from app.domain.catalog import Alias, AliasTarget, DefaultModels, ProviderConfig
from app.domain.settings import Settings
from app.domain.snapshot import Snapshot
from app.storage.accounts import Users
from app.storage.aliases import Aliases
from app.storage.api_keys import Keys
from app.storage.database import Database
from app.storage.provider_configs import Providers, StoredProvider
from app.storage.secrets import SecretBox
from app.storage.sessions import Sessions
from app.storage.settings import StoredSettings
from app.storage.snapshot import REVOKED_FOR, load_snapshot, load_version

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BOX = SecretBox([Fernet.generate_key().decode()])

ADA = User(str(uuid.uuid4()), "ada", Role.ADMIN, frozenset(), True, False, NOON, NOON)
KEY = ApiKey(str(uuid.uuid4()), ADA.id, "ci", "pb-abc", "0" * 64, ("groq/*",), 60, None, False, NOON)
SESSION = Session(str(uuid.uuid4()), ADA.id, NOON, NOON, NOON + timedelta(days=1), "127.0.0.1", "test")
ALIAS = Alias(str(uuid.uuid4()), "fast", (AliasTarget("groq/gpt"),))
GROQ = ProviderConfig(
    str(uuid.uuid4()),
    "groq",
    "Groq",
    "groq",
    "https://api.groq.com/openai/v1",
    api_key="gsk-1",
    extra_headers={"X-A": "1"},
    is_default=True,
    created_at=NOON,
    updated_at=NOON,
)


@pytest.fixture
def filled(database: Database) -> Database:
    def fill(session: Any) -> None:
        Users(session).add(ADA, "hash")
        session.flush()
        Keys(session).add(KEY)
        Sessions(session).add(SESSION, "1" * 64)
        Aliases(session).add(ALIAS, NOON)
        Aliases(session).add(replace(ALIAS, id=str(uuid.uuid4()), name="off", enabled=False), NOON)
        StoredSettings(session).save({"default_models": {"chat": "fast", "vision": None, "embedding": None}}, NOON)
        providers = Providers(session, BOX)
        providers.add(StoredProvider(GROQ))
        providers.begin_change()

    database.write(fill)
    return database


def test_a_snapshot_holds_all_that_requests_need(filled: Database) -> None:
    assert load_snapshot(filled, BOX, now=NOON) == Snapshot(
        version=2,
        providers=(GROQ,),
        users={ADA.id: ADA},
        keys={KEY.sha256: KEY},
        revoked_sessions=frozenset(),
        aliases={"fast": ALIAS},
        settings=Settings(default_models=DefaultModels(chat="fast")),
    )
    assert load_version(filled) == 2


def test_a_session_that_was_ended_is_remembered_as_long_as_its_tokens_live(filled: Database) -> None:
    filled.write(lambda session: Sessions(session).revoke_all(ADA.id, NOON))

    fresh = load_snapshot(filled, BOX, now=NOON + timedelta(minutes=15))
    later = load_snapshot(filled, BOX, now=NOON + REVOKED_FOR + timedelta(seconds=1))

    assert (fresh.revoked_sessions, later.revoked_sessions) == (frozenset({SESSION.id}), frozenset())


def test_a_snapshot_takes_one_query_per_table(filled: Database) -> None:
    statements: list[str] = []
    event.listen(filled.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    load_snapshot(filled, BOX)

    assert len([one for one in statements if one.startswith("SELECT") and "FROM" in one]) == 7


def test_an_empty_database_has_an_empty_snapshot(database: Database) -> None:
    snapshot = load_snapshot(database, BOX)

    assert (snapshot.version, snapshot.providers, snapshot.settings) == (1, (), Settings())
