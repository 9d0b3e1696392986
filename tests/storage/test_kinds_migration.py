"""Providers made from the templates of Ollama, llama.cpp and vLLM become providers of these kinds, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import JSON, TableClause, column, select, table

from app.storage.database import Database
from app.storage.migrate import MIGRATIONS, upgrade
from tests.conftest import opened

BEFORE, AFTER = "0003", "0004"
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
# slug, kind, preset → kind and preset afterwards
ROWS = {
    "ours": ("openai_compatible", "ollama", "ollama", "ollama"),
    "cpp": ("openai_compatible", "llamacpp", "llamacpp", "llamacpp"),
    "gpu": ("openai_compatible", "vllm", "vllm", "vllm"),
    "router": ("openai_compatible", "openrouter", "openai_compatible", "openrouter"),
    "mine": ("openai_compatible", "custom", "openai_compatible", "custom"),
    "bare": ("openai_compatible", None, "openai_compatible", None),
    "studio": ("lmstudio", "lmstudio", "lmstudio", "lmstudio"),
    "odd": ("groq", "ollama", "groq", "ollama"),
}


@pytest.fixture
def before(empty_database_url: str) -> Iterator[Database]:
    database = opened(empty_database_url)
    upgrade(database, BEFORE)
    for slug, (kind, preset, _, _) in ROWS.items():
        add(database, slug, kind, preset)
    yield database
    database.close()


def add(database: Database, slug: str, kind: str, preset: str | None) -> None:
    """A provider and a version of its configuration."""
    provider: dict[str, Any] = {
        "id": slug,
        "slug": slug,
        "name": slug,
        "kind": kind,
        "base_url": "http://10.0.0.5:11434/v1",
        "preset": preset,
        "models": {},
        "is_default": False,
        "enabled": True,
        "timeouts": {},
        "options": {},
        "cable": 1,
        "scope": "shared",
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }
    configuration = {"provider": kind, "name": slug, "preset": preset}
    version = {"provider_id": slug, "version": 1, "configuration": configuration, "created_at": NOW}
    with database.engine.begin() as connection:
        connection.execute(_table("providers", provider).insert().values(provider))
        connection.execute(_table("provider_versions", version).insert().values(version))


def _table(name: str, values: Mapping[str, Any]) -> TableClause:
    """As it was at that time, not as the code has it now."""
    return table(name, *(column(one, JSON if isinstance(value, dict) else None) for one, value in values.items()))


def kinds_of(database: Database) -> dict[str, tuple[str, str | None, str, str | None]]:
    """Kind and preset of each provider, and of its version."""
    providers = table("providers", column("id"), column("slug"), column("kind"), column("preset"))
    versions = table("provider_versions", column("provider_id"), column("configuration", JSON))
    query = select(providers.c.slug, providers.c.kind, providers.c.preset, versions.c.configuration)
    with database.engine.connect() as connection:
        rows = connection.execute(query.join_from(providers, versions, providers.c.id == versions.c.provider_id)).all()
    assert all(configuration["name"] == slug for slug, _, _, configuration in rows)
    return {
        slug: (kind, preset, configuration["provider"], configuration["preset"])
        for slug, kind, preset, configuration in rows
    }


def migrate(database: Database, *, down: bool = False) -> None:
    with database.engine.connect() as connection:
        config = AlembicConfig(MIGRATIONS / "alembic.ini")
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        if down:
            command.downgrade(config, BEFORE)
        else:
            command.upgrade(config, AFTER)


def test_templates_become_kinds_in_rows_and_versions_and_go_back(before: Database) -> None:
    migrate(before)

    assert kinds_of(before) == {slug: (kind, preset, kind, preset) for slug, (_, _, kind, preset) in ROWS.items()}

    migrate(before, down=True)

    assert kinds_of(before) == {slug: (kind, preset, kind, preset) for slug, (kind, preset, _, _) in ROWS.items()}


def test_a_provider_made_without_a_template_finds_its_way_back(before: Database) -> None:
    migrate(before)
    add(before, "late", "vllm", None)

    migrate(before, down=True)

    assert kinds_of(before)["late"] == ("openai_compatible", "vllm", "openai_compatible", "vllm")

    migrate(before)

    assert kinds_of(before)["late"] == ("vllm", "vllm", "vllm", "vllm")
