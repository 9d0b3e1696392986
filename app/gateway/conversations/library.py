"""A person's conversations: what may be changed about them. Whatever belongs to somebody else does not exist.

Nothing here asks a model; generations.py does. What is done to single messages is in branches.py.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.domain.conversations import CompareColumn, Conversation, TitleSource
from app.domain.errors import Conflict
from app.gateway.conversations.prompt import check_names
from app.gateway.conversations.wording import found, invalid, utc_now
from app.storage import chats
from app.storage.chats import Chats
from app.storage.conversations import ConversationFilter
from app.storage.database import Database
from app.storage.paging import Page
from app.storage.unit import Window

_MOVING = frozenset({"title", "model", "parameters", "system_prompt"})
"""Changes of these move `updated_at`."""

Stop = Callable[[Sequence[str]], None]
"""Ends generations by their ids, wherever they run; those that have ended already are fine."""


@dataclass(frozen=True, slots=True)
class ConversationDraft:
    """What can be set when a conversation is made."""

    title: str = ""
    model: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    system_prompt: str | None = None
    folder_id: str | None = None
    temporary: bool = False
    pinned: bool = False
    compare: tuple[CompareColumn, ...] | None = None


class Library:
    """Every function asks for the person, and raises NotFound for a conversation that isn't theirs."""

    def __init__(self, database: Database, stop: Stop, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._stop = stop
        self._now = now

    def create(self, user_id: str, draft: ConversationDraft) -> Conversation:
        """Raises InvalidRequest for a folder or parameters that can't be."""
        at = self._now()
        conversation = Conversation(
            id=str(uuid.uuid4()),
            user_id=user_id,
            title=draft.title.strip(),
            title_source=TitleSource.PERSON if draft.title.strip() else TitleSource.NONE,
            model=draft.model,
            parameters=draft.parameters,
            system_prompt=draft.system_prompt,
            pinned=draft.pinned,
            archived=False,
            folder_id=draft.folder_id,
            temporary=draft.temporary,
            active_message_id=None,
            compare=draft.compare,
            message_count=0,
            created_at=at,
            updated_at=at,
            deleted_at=None,
        )

        def add(stored: Chats) -> None:
            _check(stored, None, conversation)
            stored.conversations.add(conversation)

        chats.write(self._database, add)
        return conversation

    def one(self, user_id: str, conversation_id: str) -> Conversation:
        """Also one that is deleted and can be restored."""
        return chats.read(
            self._database, lambda stored: found(stored.conversations.one(user_id, conversation_id), "conversation")
        )

    def page(self, user_id: str, wanted: ConversationFilter, window: Window) -> Page[Conversation]:
        """Changed last first. Raises InvalidRequest for an unknown cursor."""
        return chats.read(self._database, lambda stored: stored.conversations.page(user_id, wanted, window))

    def update(self, user_id: str, conversation_id: str, changes: Mapping[str, Any]) -> Conversation:
        """`changes` by the value's own names. Raises InvalidRequest, or Conflict for one that is deleted."""

        def change(stored: Chats) -> Conversation:
            old = found(stored.conversations.claim(user_id, conversation_id), "conversation")
            if old.deleted_at is not None:
                raise Conflict("This conversation is deleted. Restore it first.")
            new = self._changed(old, changes)
            _check(stored, old, new)
            stored.conversations.save(new)
            return new

        return chats.write(self._database, change)

    def _changed(self, old: Conversation, changes: Mapping[str, Any]) -> Conversation:
        new = replace(old, **changes)
        if "title" in changes:
            title = " ".join(new.title.split())
            new = replace(new, title=title, title_source=TitleSource.PERSON if title else TitleSource.NONE)
        has_moved = any(getattr(old, name) != getattr(new, name) for name in _MOVING)
        return replace(new, updated_at=self._now()) if has_moved else new

    def delete(self, user_id: str, conversation_id: str, *, permanent: bool = False) -> None:
        """It can be restored, unless it is temporary or `permanent`. Whatever runs in it ends."""

        def remove(stored: Chats) -> tuple[str, ...]:
            old = found(stored.conversations.claim(user_id, conversation_id), "conversation")
            if permanent or old.temporary:
                stored.remove_conversation(old.id)
            elif old.deleted_at is None:
                stored.conversations.save(replace(old, deleted_at=self._now()))
            return old.running

        running = chats.write(self._database, remove)
        if running:
            self._stop(running)

    def restore(self, user_id: str, conversation_id: str) -> Conversation:
        """As it was before it was deleted; one that isn't deleted stays as it is."""

        def bring_back(stored: Chats) -> Conversation:
            old = found(stored.conversations.claim(user_id, conversation_id), "conversation")
            new = replace(old, deleted_at=None)
            stored.conversations.save(new)
            return new

        return chats.write(self._database, bring_back)


def _check(stored: Chats, old: Conversation | None, new: Conversation) -> None:
    """Raises InvalidRequest for what does not fit; what was there already is left as it is."""
    if old is None or new.parameters != old.parameters:
        check_names(new.parameters)
    if new.folder_id is not None and (old is None or new.folder_id != old.folder_id):
        _check_folder(stored, new)
    if new.active_message_id is not None and (old is None or new.active_message_id != old.active_message_id):
        _check_message(stored, new.id, new.active_message_id, "active_message_id")
    if new.compare is not None and (old is None or new.compare != old.compare):
        for position, column in enumerate(new.compare):
            if column.message_id is not None:
                _check_message(stored, new.id, column.message_id, f"compare.columns.{position}.message_id")


def _check_folder(stored: Chats, conversation: Conversation) -> None:
    if stored.folders.one(conversation.user_id, str(conversation.folder_id)) is None:
        raise invalid("folder_id", "is not one of your folders")


def _check_message(stored: Chats, conversation_id: str, message_id: str, field: str) -> None:
    if stored.messages.one(conversation_id, message_id) is None:
        raise invalid(field, "is not a message of this conversation")
