from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, text

from app.storage.database import Database, db, engine_options
from app.storage.migrate import MIGRATIONS, current_revision, is_current, newest_revision, upgrade
from app.storage.tables import Base
from app.storage.versions import read_version
from tests.conftest import opened


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    database = opened(empty_database_url)
    yield database
    database.close()


def alembic_over(database: Database, run: Callable[[AlembicConfig], object], migrations: Path = MIGRATIONS) -> None:
    with database.engine.connect() as connection:
        config = AlembicConfig(migrations / "alembic.ini")
        config.set_main_option("script_location", str(migrations))
        config.attributes["connection"] = connection
        run(config)


def tables_of(database: Database) -> set[str]:
    """But for SQLite's full-text index, which is made of several."""
    names = set(inspect(database.engine).get_table_names()) - {"alembic_version"}
    return {name for name in names if not name.startswith("search_index")}


def test_migrations_go_up_down_and_up_again_and_match_the_tables(empty: Database) -> None:
    assert not is_current(empty)

    upgrade(empty)

    assert is_current(empty)
    assert tables_of(empty) == set(Base.metadata.tables)
    alembic_over(empty, command.check)

    alembic_over(empty, lambda config: command.downgrade(config, "base"))

    assert tables_of(empty) == set()
    assert current_revision(empty) is None

    upgrade(empty)

    assert is_current(empty)
    assert empty.read(read_version) == 1


def test_the_newest_revision_by_file_name_is_alembics_head() -> None:
    script = ScriptDirectory(str(MIGRATIONS))

    assert script.get_heads() == [newest_revision()]


def test_upgrading_an_up_to_date_database_changes_nothing(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE state_versions SET version = 7"))

    upgrade(database)

    assert database.read(read_version) == 7


def test_flask_migrates_commands_run_the_same_migrations(empty_database_url: str, empty: Database) -> None:
    app = Flask("migrated")
    app.config["SQLALCHEMY_DATABASE_URI"] = empty_database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(empty_database_url)
    db.init_app(app)
    flask_migrate.Migrate(app, db, directory=str(MIGRATIONS))

    with app.app_context():
        flask_migrate.upgrade()
        flask_migrate.check()
        db.engine.dispose()

    assert is_current(empty)


REBUILD_USERS = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", "%s"


def upgrade():
    with op.batch_alter_table("users") as batch:
        batch.alter_column("role", type_=sa.String(20))
"""


def test_a_migration_that_rebuilds_a_table_keeps_the_rows_that_refer_to_it(empty: Database, tmp_path: Path) -> None:
    upgrade(empty)
    later = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, later, ignore=shutil.ignore_patterns("__pycache__"))
    (later / "versions" / "9999_rebuild_users.py").write_text(REBUILD_USERS % newest_revision())
    with empty.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO users VALUES"
                " ('u', 'ada', 'ada', '', 'user', '[]', true, false, '2026-01-01', '2026-01-01', NULL)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO sessions VALUES ('s', 'u', 'x', NULL, '2026-01-01', '2026-01-01', '2026-01-01',"
                " '2026-01-01', NULL, '', '')"
            )
        )

    alembic_over(empty, lambda config: command.upgrade(config, "head"), later)

    assert current_revision(empty) == "9999"
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT user_id FROM sessions")).all() == [("u",)]
