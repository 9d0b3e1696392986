"""How alembic reaches the database: over the connection it is handed (app/storage/migrate.py), else Flask-Migrate's."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import Connection, Engine

from app.storage.tables import Base, UtcDateTime, complete_indexes


def number_revisions(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Revisions count 0001, 0002 …, so that the newest is known from the file names."""
    directives[0].rev_id = f"{int(context.script.get_current_head() or 0) + 1:04d}"


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A migration must run when the code has moved on, so it names no type of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def is_ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Leave SQLite's full-text index to its migration: tables do not show it, and it stands in for an index."""
    if context.get_context().dialect.name != "sqlite":
        return True
    return not (kind == "table" and str(name).startswith("search_index")) and name != "ix_search_entries_words"


def migrate(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # Batch mode rebuilds tables, and dropping the old one would delete the rows that refer to it.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()
    complete_indexes(Base.metadata)
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=plain_type,
        include_object=is_ours,
        process_revision_directives=number_revisions,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # Two processes that start at once take turns; the lock ends with the transaction.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7247)")
        context.run_migrations()
    connection.commit()


def main() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        migrate(connection)
        return
    engine: Engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as own:
        migrate(own)


main()
