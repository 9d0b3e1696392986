"""Conversations by the names that clients of older faces gave them, inside one transaction."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from app.storage.storable import storable
from app.storage.tables import ConversationRow, OutsideNameRow, UserRow

T = TypeVar("T", str, int)


class OutsideNames:
    """A name means one conversation of one person in one face; those of deleted conversations mean nothing."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def conversation_id(self, user_id: str, face: str, name: str) -> str | None:
        if storable(name) != name:
            # PostgreSQL refuses it as a parameter, so nothing is kept under it.
            return None
        query = _kept(select(OutsideNameRow.conversation_id), user_id, face).where(OutsideNameRow.name == name)
        return self._session.scalars(query).one_or_none()

    def all(self, user_id: str, face: str) -> tuple[str, ...]:
        """Names, the one whose conversation changed last first."""
        query = _kept(select(OutsideNameRow.name), user_id, face)
        query = query.order_by(ConversationRow.updated_at.desc(), OutsideNameRow.name)
        return tuple(self._session.scalars(query))

    def count(self, user_id: str, face: str) -> int:
        return self._session.scalar(_kept(select(func.count()), user_id, face)) or 0

    def wait_for_others(self, user_id: str) -> None:
        """Whoever gives one of this person's conversations a name meanwhile has done so when this returns."""
        # The weaker lock: rows that refer to the person are added meanwhile.
        self._session.execute(select(UserRow.id).where(UserRow.id == user_id).with_for_update(key_share=True))

    def give(self, user_id: str, face: str, name: str, conversation_id: str) -> None:
        """From now on `name` means this conversation."""
        self._session.merge(OutsideNameRow(user_id=user_id, face=face, name=name, conversation_id=conversation_id))
        self._session.flush()

    def forget(self, user_id: str, face: str, name: str) -> None:
        self._session.execute(
            delete(OutsideNameRow).where(
                OutsideNameRow.user_id == user_id, OutsideNameRow.face == face, OutsideNameRow.name == name
            )
        )


def _kept(query: Select[T], user_id: str, face: str) -> Select[T]:
    return (
        query.select_from(OutsideNameRow)
        .join(ConversationRow, ConversationRow.id == OutsideNameRow.conversation_id)
        .where(OutsideNameRow.user_id == user_id, OutsideNameRow.face == face, ConversationRow.deleted_at.is_(None))
    )
