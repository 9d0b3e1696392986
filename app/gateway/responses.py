"""Answers that their callers may build on: kept for 30 days after they were last built on, and theirs alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.errors import NotFound
from app.domain.responses import KeptResponse
from app.storage.database import Database
from app.storage.responses import Responses

KEPT = timedelta(days=30)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ResponseShelf:
    """Each function is a transaction of its own; none is open while a model answers."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = _utc_now) -> None:
        self._database = database
        self._now = now

    def one(self, user_id: str, response_id: str) -> KeptResponse:
        """Raises NotFound."""
        at = self._now()
        found = self._database.read(lambda session: Responses(session).one(user_id, response_id, at))
        if found is None:
            raise NotFound("There is no such response; they are kept for 30 days.")
        return found

    def several(self, user_id: str, response_ids: Sequence[str]) -> list[KeptResponse]:
        """Those that are there."""
        at = self._now()
        return self._database.read(lambda session: Responses(session).several(user_id, response_ids, at))

    def turns(self, user_id: str, response_id: str) -> list[KeptResponse] | None:
        """The response and all before it, oldest first; None where one of them is gone."""
        at = self._now()
        return self._database.read(lambda session: Responses(session).turns(user_id, response_id, at))

    def keep(
        self,
        user_id: str,
        response_id: str,
        before: Sequence[KeptResponse],
        *,
        asked: Sequence[Mapping[str, Any]],
        document: Mapping[str, Any],
    ) -> None:
        """Keep an answer, and what it builds on for as long."""
        at = self._now()
        previous_id = before[-1].id if before else None
        response = KeptResponse(response_id, user_id, previous_id, asked, document, at, at + KEPT)

        def add(stored: Responses) -> None:
            stored.add(response)
            stored.keep_until([one.id for one in before], response.expires_at)

        self._database.write(lambda session: add(Responses(session)))

    def delete(self, user_id: str, response_id: str) -> None:
        """Raises NotFound."""
        kept = self.one(user_id, response_id)
        self._database.write(lambda session: Responses(session).remove(kept.id))

    def remove_expired(self, limit: int) -> bool:
        """Whether there may be more."""
        at = self._now()
        return self._database.write(lambda session: Responses(session).remove_expired(at, limit))
