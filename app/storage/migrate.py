"""Bringing the database to the tables of this version.

A start with a database that is up to date must not pay for importing alembic, so the newest revision is read from the
file names in `migrations/versions` (`0001_….py`; tests/storage/test_migrations.py holds them to that form).
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from app.storage.database import Database

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def newest_revision() -> str:
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def current_revision(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_current(database: Database) -> bool:
    return current_revision(database) == newest_revision()


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the missing migrations, up to `revision`."""
    # Imported here because a warm start has nothing to migrate.
    from alembic import command
    from alembic.config import Config

    with database.engine.connect() as connection:
        config = Config(MIGRATIONS / "alembic.ini")
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
