"""Whether the stores answer, and what keeps them from it: for /readyz and for a start that fails."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from app.storage.database import Database
from app.storage.migrate import is_current


@dataclass(frozen=True, slots=True)
class Probe:
    """One part's state. `problem` is for people and holds no address or password."""

    ok: bool
    ms: float
    problem: str | None = None


def probe_database(database: Database) -> tuple[Probe, Probe]:
    """Whether the database answers, and whether its tables are those of this version."""
    began = time.monotonic()
    try:
        current = database.read(lambda _: is_current(database))
    except (SQLAlchemyError, OSError):
        ms = _ms_since(began)
        return Probe(False, ms, "does not answer"), Probe(False, ms, "unknown while the database does not answer")
    ms = _ms_since(began)
    return Probe(True, ms), Probe(current, ms, None if current else "behind: start again with ./patchbay up")


def probe_redis(url: str, timeouts: Mapping[str, float]) -> Probe:
    """`timeouts` are redis.Redis's own, in seconds."""
    # Imported here because most installations have no Redis, and the package costs 10 MB.
    import redis

    began = time.monotonic()
    try:
        with redis.Redis.from_url(url, **timeouts) as client:
            client.ping()
    except (redis.RedisError, OSError):
        return Probe(False, _ms_since(began), "does not answer")
    return Probe(True, _ms_since(began))


def _ms_since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)
