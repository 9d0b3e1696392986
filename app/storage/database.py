"""The engine and short transactions.

Under gevent, SQLite's calls would stop every greenlet of the worker, so they run in gevent's thread pool: one thread
writes, a few read. PostgreSQL goes through psycopg 3, which yields to gevent by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import gevent.monkey
import gevent.threadpool
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

from app.storage.tables import Base

T = TypeVar("T")

db = SQLAlchemy(model_class=Base)

READER_THREADS = 4


def engine_options(url: str) -> dict[str, Any]:
    """SQLAlchemy's settings for `url`: SQLite's connections are not pooled, so none crosses threads."""
    if url.startswith("sqlite"):
        return {"poolclass": NullPool, "connect_args": {"timeout": 30}}
    return {"pool_size": 5, "max_overflow": 15, "pool_pre_ping": True, "pool_recycle": 1800}


def prepare_engine(engine: Engine) -> Engine:
    """Set what SQLite needs on every connection: foreign keys, a write-ahead log, patience with locks."""
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _pragmas(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=NORMAL")
            cursor.execute("PRAGMA busy_timeout=30000")
            cursor.close()

    return engine


class Database:
    """Runs functions inside short transactions. Made once, in `create_app`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._in_threads = engine.dialect.name == "sqlite" and bool(gevent.monkey.is_module_patched("socket"))
        self._writer = gevent.threadpool.ThreadPool(1) if self._in_threads else None
        self._readers = gevent.threadpool.ThreadPool(READER_THREADS) if self._in_threads else None
        self._kept: Connection | None = None
        """The writing thread's own connection, used by it alone."""

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def read(self, work: Callable[[Session], T]) -> T:
        """What `work` returns; its changes are not kept."""
        if self._readers is None:
            return self._read(work)
        return cast("T", self._readers.apply(self._read, (work,)))

    def write(self, work: Callable[[Session], T]) -> T:
        """What `work` returns, committed; rolled back when it raises. SQLite's writers take turns."""
        if self._writer is None:
            return self._write(work)
        return cast("T", self._writer.apply(self._write_kept, (work,)))

    def _read(self, work: Callable[[Session], T]) -> T:
        with self._sessions() as session:
            return work(session)

    def _write(self, work: Callable[[Session], T]) -> T:
        with self._sessions.begin() as session:
            return work(session)

    def _write_kept(self, work: Callable[[Session], T]) -> T:
        """In the writing thread: closing SQLite's last connection would write the whole log back, every time."""
        if self._kept is None:
            self._kept = self.engine.connect()
        with Session(self._kept, expire_on_commit=False) as session, session.begin():
            return work(session)

    def close(self) -> None:
        if self._kept is not None and self._writer is not None:
            self._writer.apply(self._kept.close)
        self.engine.dispose()
