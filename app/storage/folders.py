"""Folders of conversations inside one transaction."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from app.domain.conversations import Folder
from app.storage.paging import Page, Position
from app.storage.storable import storable
from app.storage.tables import ConversationRow, FolderRow
from app.storage.unit import Window, is_id


class Folders:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, folder: Folder) -> None:
        self._session.add(
            FolderRow(
                id=folder.id,
                user_id=folder.user_id,
                name=storable(folder.name),
                position=folder.position,
                created_at=folder.created_at,
            )
        )
        self._session.flush()

    def one(self, user_id: str, folder_id: str) -> Folder | None:
        if not is_id(folder_id):
            return None
        found = self._values(FolderRow.user_id == user_id, FolderRow.id == folder_id)
        return found[0] if found else None

    def by_name(self, user_id: str, name: str) -> Folder | None:
        """The first of that name."""
        found = self._values(FolderRow.user_id == user_id, FolderRow.name == storable(name))
        return found[0] if found else None

    def all(self, user_id: str) -> list[Folder]:
        """By position, then age."""
        return self._values(FolderRow.user_id == user_id)

    def page(self, user_id: str, window: Window) -> Page[Folder]:
        """By position, then age. Raises InvalidRequest for an unknown cursor."""
        conditions: list[ColumnElement[bool]] = [FolderRow.user_id == user_id]
        if window.cursor is not None:
            after = Position.parse(window.cursor)
            last = self.one(user_id, after.id)
            # Its folder may have been moved or removed meanwhile: go on by age alone.
            place = (0, after.at, after.id) if last is None else (last.position, last.created_at, last.id)
            conditions.append(tuple_(FolderRow.position, FolderRow.created_at, FolderRow.id) > place)
        rows = self._values(*conditions, limit=window.limit + 1)
        shown = rows[: window.limit]
        more = Position(shown[-1].created_at, shown[-1].id).cursor() if len(rows) > window.limit else None
        return Page(tuple(shown), more)

    def count(self, user_id: str) -> int:
        return self._session.scalar(select(func.count()).where(FolderRow.user_id == user_id)) or 0

    def save(self, folder: Folder) -> None:
        self._session.execute(
            update(FolderRow)
            .where(FolderRow.id == folder.id)
            .values(name=storable(folder.name), position=folder.position)
        )

    def remove(self, folder_id: str) -> None:
        """Its conversations stay, in no folder."""
        self._session.execute(delete(FolderRow).where(FolderRow.id == folder_id))

    def _values(self, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Folder]:
        count = (
            select(func.count())
            .where(
                ConversationRow.folder_id == FolderRow.id,
                ConversationRow.deleted_at.is_(None),
                ConversationRow.temporary.is_(False),
            )
            .scalar_subquery()
        )
        query = (
            select(FolderRow.id, FolderRow.user_id, FolderRow.name, FolderRow.position, count, FolderRow.created_at)
            .where(*conditions)
            .order_by(FolderRow.position, FolderRow.created_at, FolderRow.id)
            .limit(limit)
        )
        return [Folder(*columns) for columns in self._session.execute(query)]
