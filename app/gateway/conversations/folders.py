"""A person's folders of conversations."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.domain.conversations import Folder
from app.domain.errors import Conflict
from app.gateway.conversations.wording import found, utc_now
from app.storage import chats
from app.storage.chats import Chats
from app.storage.database import Database
from app.storage.paging import Page
from app.storage.unit import Window

MAX_FOLDERS = 1000


class FolderShelf:
    """Every function asks for the person, and raises NotFound for a folder that isn't theirs."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    def create(self, user_id: str, name: str, position: int | None = None) -> Folder:
        """At the end unless `position` is given. Raises Conflict where there are too many."""

        def add(stored: Chats) -> Folder:
            others = stored.folders.all(user_id)
            if len(others) >= MAX_FOLDERS:
                raise Conflict(f"There can be {MAX_FOLDERS} folders at most.")
            last = max((one.position for one in others), default=-1)
            folder = Folder(
                id=str(uuid.uuid4()),
                user_id=user_id,
                name=name,
                position=last + 1 if position is None else position,
                conversation_count=0,
                created_at=self._now(),
            )
            stored.folders.add(folder)
            return folder

        return chats.write(self._database, add)

    def one(self, user_id: str, folder_id: str) -> Folder:
        return chats.read(self._database, lambda stored: found(stored.folders.one(user_id, folder_id), "folder"))

    def page(self, user_id: str, window: Window) -> Page[Folder]:
        """By position. Raises InvalidRequest for an unknown cursor."""
        return chats.read(self._database, lambda stored: stored.folders.page(user_id, window))

    def update(self, user_id: str, folder_id: str, changes: Mapping[str, Any]) -> Folder:
        def change(stored: Chats) -> Folder:
            new = replace(found(stored.folders.one(user_id, folder_id), "folder"), **changes)
            stored.folders.save(new)
            return new

        return chats.write(self._database, change)

    def delete(self, user_id: str, folder_id: str) -> None:
        """Its conversations stay, in no folder."""

        def remove(stored: Chats) -> None:
            stored.folders.remove(found(stored.folders.one(user_id, folder_id), "folder").id)

        chats.write(self._database, remove)
