"""Kept responses inside one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.domain.responses import KeptResponse
from app.storage.storable import storable_json
from app.storage.tables import ResponseRow
from app.storage.unit import is_id

MAX_TURNS = 1_000


class Responses:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, response: KeptResponse) -> None:
        self._session.add(
            ResponseRow(
                id=response.id,
                user_id=response.user_id,
                previous_id=response.previous_id,
                input=storable_json(list(response.input)),
                document=storable_json(dict(response.document)),
                created_at=response.created_at,
                expires_at=response.expires_at,
            )
        )

    def one(self, user_id: str, response_id: str, at: datetime) -> KeptResponse | None:
        if not is_id(response_id):
            return None
        row = self._session.get(ResponseRow, response_id)
        return None if row is None or row.user_id != user_id or row.expires_at <= at else _response(row)

    def several(self, user_id: str, response_ids: Sequence[str], at: datetime) -> list[KeptResponse]:
        """Those of the person's that are there."""
        query = select(ResponseRow).where(
            ResponseRow.id.in_(response_ids), ResponseRow.user_id == user_id, ResponseRow.expires_at > at
        )
        return [_response(row) for row in self._session.scalars(query)]

    def turns(self, user_id: str, response_id: str, at: datetime) -> list[KeptResponse] | None:
        """The response and all before it, oldest first; None where one is gone, or there are too many."""
        found: list[KeptResponse] = []
        wanted: str | None = response_id
        while wanted is not None:
            turn = self.one(user_id, wanted, at)
            if turn is None or len(found) >= MAX_TURNS:
                return None
            found.append(turn)
            wanted = turn.previous_id
        return found[::-1]

    def keep_until(self, response_ids: Sequence[str], until: datetime) -> None:
        if response_ids:
            self._session.execute(update(ResponseRow).where(ResponseRow.id.in_(response_ids)).values(expires_at=until))

    def remove(self, response_id: str) -> None:
        self._session.execute(delete(ResponseRow).where(ResponseRow.id == response_id))

    def remove_expired(self, at: datetime, limit: int) -> bool:
        """Whether there may be more."""
        due = self._session.scalars(select(ResponseRow.id).where(ResponseRow.expires_at <= at).limit(limit)).all()
        if due:
            self._session.execute(delete(ResponseRow).where(ResponseRow.id.in_(due)))
        return len(due) >= limit


def _response(row: ResponseRow) -> KeptResponse:
    return KeptResponse(
        id=row.id,
        user_id=row.user_id,
        previous_id=row.previous_id,
        input=row.input,
        document=row.document,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
