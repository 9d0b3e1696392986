"""What every table is made of: the base class and the types that both databases keep alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Index, MetaData, String, text
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator, TypeEngine


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python, whatever the database keeps: SQLite drops time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Uuid = String(36)


class JsonValue(TypeDecorator[Any]):
    """JSON, in PostgreSQL's binary form there; None is SQL's NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON(none_as_null=True))
        # Imported here: an installation on SQLite does without two megabytes of the other dialect.
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB(none_as_null=True))


def special_index(name: str, *columns: str, unique: bool = False, where: str | None = None, using: str = "") -> Index:
    """An index of the rows that fulfil `where`, in PostgreSQL by its method `using`.

    PostgreSQL's part is kept aside: to check its words SQLAlchemy would import its whole dialect, two megabytes.
    """
    condition = None if where is None else text(where)
    postgresql = {"where": condition, "using": using or None}
    return Index(name, *columns, unique=unique, sqlite_where=condition, info={"postgresql": postgresql})


def complete_indexes(metadata: MetaData) -> None:
    """Add PostgreSQL's part of special indexes, for whoever makes or compares tables: Alembic."""
    for table in metadata.tables.values():
        for index in table.indexes:
            for word, value in index.info.get("postgresql", {}).items():
                if value is not None:
                    index.dialect_kwargs[f"postgresql_{word}"] = value


class Base(DeclarativeBase):
    # Flask-SQLAlchemy refuses `type_annotation_map` on the base itself; a registry carries it.
    registry = registry(
        type_annotation_map={datetime: UtcDateTime, dict[str, Any]: JsonValue, list[Any]: JsonValue},
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_label)s",
                "uq": "uq_%(table_name)s_%(column_0_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
    )
