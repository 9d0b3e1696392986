"""Conversations inside one transaction; every function asks for the owner, so that nobody reaches another's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select, text, tuple_, update
from sqlalchemy.orm import Session

from app.domain.conversations import CompareColumn, Conversation, TitleSource
from app.storage import search_words
from app.storage.paging import Page, Position
from app.storage.storable import storable, storable_json
from app.storage.tables import ConversationRow, GenerationRow, MessageRow
from app.storage.unit import Window, is_id


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """Which conversations are listed; None does not narrow. Temporary ones are never listed."""

    archived: bool | None = False
    pinned: bool | None = None
    folder_id: str | None = None
    deleted: bool = False


class Conversations:
    """Conversations of everybody; callers name the owner."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, conversation: Conversation) -> None:
        row = ConversationRow(id=conversation.id, user_id=conversation.user_id, message_count=0, last_number=0)
        _fill(row, conversation)
        self._session.add(row)
        self._session.flush()
        search_words.index_title(self._session, conversation)

    def one(self, user_id: str, conversation_id: str) -> Conversation | None:
        """Deleted ones too."""
        if not is_id(conversation_id):
            return None
        query = select(ConversationRow).where(ConversationRow.id == conversation_id, ConversationRow.user_id == user_id)
        found = self._values(query)
        return found[0] if found else None

    def claim(self, user_id: str, conversation_id: str) -> Conversation | None:
        """Like `one`, and every other change of it waits until this transaction ends. Do it first."""
        if is_id(conversation_id):
            self._session.execute(
                update(ConversationRow)
                .where(ConversationRow.id == conversation_id, ConversationRow.user_id == user_id)
                .values(last_number=ConversationRow.last_number)
            )
        return self.one(user_id, conversation_id)

    def page(self, user_id: str, wanted: ConversationFilter, window: Window) -> Page[Conversation]:
        """Changed last first. Raises InvalidRequest for an unknown cursor."""
        query = _listed(user_id, wanted)
        if window.cursor is not None:
            after = Position.parse(window.cursor)
            query = query.where(tuple_(ConversationRow.updated_at, ConversationRow.id) < (after.at, after.id))
        query = query.order_by(ConversationRow.updated_at.desc(), ConversationRow.id.desc()).limit(window.limit + 1)
        rows = self._values(query)
        shown = rows[: window.limit]
        more = Position(shown[-1].updated_at, shown[-1].id).cursor() if len(rows) > window.limit else None
        return Page(tuple(shown), more)

    def ids(self, user_id: str) -> tuple[str, ...]:
        """Of all that are kept (not deleted, not temporary), oldest first."""
        query = (
            select(ConversationRow.id)
            .where(
                ConversationRow.user_id == user_id,
                ConversationRow.deleted_at.is_(None),
                ConversationRow.temporary.is_(False),
            )
            .order_by(ConversationRow.created_at, ConversationRow.id)
        )
        return tuple(self._session.scalars(query))

    def save(self, conversation: Conversation) -> None:
        """Keep everything but what counts messages."""
        row = self._session.get(ConversationRow, conversation.id, populate_existing=True)
        if row is None:
            return
        is_renamed = row.title != storable(conversation.title)
        _fill(row, conversation)
        self._session.flush()
        if is_renamed:
            search_words.index_title(self._session, conversation)

    def recount(self, conversation_id: str) -> None:
        """Count its messages again."""
        count = select(func.count()).where(
            MessageRow.conversation_id == conversation_id, MessageRow.deleted_at.is_(None)
        )
        self._session.execute(
            update(ConversationRow)
            .where(ConversationRow.id == conversation_id)
            .values(message_count=count.scalar_subquery())
        )

    def remove(self, conversation_id: str) -> None:
        """For good, with its messages and generations."""
        self._session.execute(delete(ConversationRow).where(ConversationRow.id == conversation_id))

    def outlived(self, *, deleted_before: datetime, temporary_before: datetime, limit: int) -> list[str]:
        """Ids of some that are due to be removed: deleted long ago, or temporary and left alone."""
        deleted = ConversationRow.deleted_at.is_not(None) & (ConversationRow.deleted_at < deleted_before)
        temporary = text("temporary") & (ConversationRow.updated_at < temporary_before)
        return [
            identity
            for is_due in (deleted, temporary)
            for identity in self._session.scalars(select(ConversationRow.id).where(is_due).limit(limit))
        ]

    def _values(self, query: Select[ConversationRow]) -> list[Conversation]:
        rows = self._session.scalars(query.execution_options(populate_existing=True)).all()
        running = self._running([row.id for row in rows])
        return [_conversation(row, running.get(row.id, ())) for row in rows]

    def _running(self, ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        if not ids:
            return {}
        # Written out, because a bound value would not let the databases use the index of those that run.
        query = (
            select(GenerationRow.conversation_id, GenerationRow.id)
            .where(text("state = 'running'"), GenerationRow.conversation_id.in_(ids))
            .order_by(GenerationRow.started_at, GenerationRow.id)
        )
        found: dict[str, tuple[str, ...]] = {}
        for conversation_id, generation_id in self._session.execute(query):
            found[conversation_id] = (*found.get(conversation_id, ()), generation_id)
        return found


def _listed(user_id: str, wanted: ConversationFilter) -> Select[ConversationRow]:
    query = select(ConversationRow).where(ConversationRow.user_id == user_id, ConversationRow.temporary.is_(False))
    is_deleted = ConversationRow.deleted_at.is_not(None)
    query = query.where(is_deleted if wanted.deleted else ~is_deleted)
    if wanted.archived is not None:
        query = query.where(ConversationRow.archived.is_(wanted.archived))
    if wanted.pinned is not None:
        query = query.where(ConversationRow.pinned.is_(wanted.pinned))
    if wanted.folder_id is not None:
        query = query.where(ConversationRow.folder_id == wanted.folder_id)
    return query


def _fill(row: ConversationRow, conversation: Conversation) -> None:
    row.title = storable(conversation.title)
    row.title_source = conversation.title_source.value
    row.model = storable(conversation.model)
    row.parameters = storable_json(dict(conversation.parameters))
    row.system_prompt = storable(conversation.system_prompt)
    row.pinned = conversation.pinned
    row.archived = conversation.archived
    row.folder_id = conversation.folder_id
    row.temporary = conversation.temporary
    row.active_message_id = conversation.active_message_id
    row.compare = compare_document(conversation.compare)
    row.created_at = conversation.created_at
    row.updated_at = conversation.updated_at
    row.deleted_at = conversation.deleted_at


def _conversation(row: ConversationRow, running: tuple[str, ...]) -> Conversation:
    return Conversation(
        id=row.id,
        user_id=row.user_id,
        title=row.title,
        title_source=TitleSource(row.title_source),
        model=row.model,
        parameters=row.parameters,
        system_prompt=row.system_prompt,
        pinned=row.pinned,
        archived=row.archived,
        folder_id=row.folder_id,
        temporary=row.temporary,
        active_message_id=row.active_message_id,
        compare=None if row.compare is None else _columns(row.compare),
        message_count=row.message_count,
        created_at=row.created_at,
        updated_at=row.updated_at,
        deleted_at=row.deleted_at,
        running=running,
    )


def compare_document(columns: Iterable[CompareColumn] | None) -> list[Any] | None:
    if columns is None:
        return None
    return [{"model": storable(one.model), "message_id": one.message_id} for one in columns]


def _columns(document: list[Any]) -> tuple[CompareColumn, ...]:
    return tuple(CompareColumn(one["model"], one["message_id"]) for one in document)
