from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from app.storage.database import Database
from app.storage.migrate import MIGRATIONS, current_revision, is_current, newest_revision, upgrade
from app.storage.tables import Base
from app.storage.versions import read_version
from tests.conftest import opened


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    database = opened(empty_database_url)
    yield database
    database.close()


def alembic_over(database: Database, run: object) -> None:
    with database.engine.connect() as connection:
        config = AlembicConfig(MIGRATIONS / "alembic.ini")
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        run(config)  # type: ignore[operator]


def tables_of(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


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
