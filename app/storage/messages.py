"""Messages inside one transaction. Whose conversation it is has been asked before (storage/conversations.py)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, Table, delete, insert, select, update
from sqlalchemy.orm import Session

from app.domain.conversations import Attachment, Feedback, Message
from app.storage import search_words
from app.storage.message_rows import ATTACHMENT_COLUMNS, attachment_value, message_columns, message_value
from app.storage.paging import Page, cursor_number, number_cursor
from app.storage.tables import AttachmentRow, ConversationRow, MessageAttachmentRow, MessageRow, SearchEntryRow
from app.storage.unit import Window, is_id

# Columns instead of rows of the ORM: a path has thousands of messages.
TABLE = cast("Table", MessageRow.__table__)
_COLUMNS = tuple(TABLE.c)


class Messages:
    """The messages of a conversation, as a tree."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def one(self, conversation_id: str, message_id: str, *, deleted: bool = False) -> Message | None:
        """`deleted`: also one that is deleted."""
        if not is_id(message_id):
            return None
        query = select(*_COLUMNS).where(TABLE.c.id == message_id, TABLE.c.conversation_id == conversation_id)
        if not deleted:
            query = query.where(TABLE.c.deleted_at.is_(None))
        found = self._values(query)
        return found[0] if found else None

    def page(self, conversation_id: str, window: Window) -> Page[Message]:
        """Oldest first, of all branches. Raises InvalidRequest for an unknown cursor."""
        query = _kept(conversation_id)
        if window.cursor is not None:
            query = query.where(TABLE.c.number > cursor_number(window.cursor))
        rows = self._values(query.order_by(TABLE.c.number).limit(window.limit + 1))
        shown = rows[: window.limit]
        return Page(tuple(shown), number_cursor(shown[-1].number) if len(rows) > window.limit else None)

    def all(self, conversation_id: str) -> list[Message]:
        """Oldest first, of all branches."""
        return self._values(_kept(conversation_id).order_by(TABLE.c.number), conversation_id)

    def path(self, conversation_id: str, message_id: str) -> list[Message]:
        """From the root down to `message_id`, which is the last; empty if it isn't there.

        2,000 messages take about 60 ms.
        """
        if not is_id(message_id):
            return []
        leaf = select(TABLE.c.id, TABLE.c.parent_id, TABLE.c.number).where(
            TABLE.c.id == message_id, TABLE.c.conversation_id == conversation_id, TABLE.c.deleted_at.is_(None)
        )
        steps = leaf.cte("steps", recursive=True)
        # A parent's number is smaller, so this ends whatever the rows say.
        above = select(TABLE.c.id, TABLE.c.parent_id, TABLE.c.number).where(
            TABLE.c.id == steps.c.parent_id, TABLE.c.number < steps.c.number
        )
        steps = steps.union_all(above)
        query = select(*_COLUMNS).join(steps, steps.c.id == TABLE.c.id).order_by(TABLE.c.number)
        return self._values(query, conversation_id)

    def subtree(self, message_id: str, *, deleted_at: datetime | None = None) -> list[str]:
        """Ids of `message_id` and everything below it: what is kept, or what was deleted at `deleted_at`."""
        state = TABLE.c.deleted_at.is_(None) if deleted_at is None else TABLE.c.deleted_at == deleted_at
        top = select(TABLE.c.id, TABLE.c.number).where(TABLE.c.id == message_id, state)
        steps = top.cte("steps", recursive=True)
        below = select(TABLE.c.id, TABLE.c.number).where(
            TABLE.c.parent_id == steps.c.id, TABLE.c.number > steps.c.number, state
        )
        steps = steps.union_all(below)
        return list(self._session.scalars(select(steps.c.id).order_by(steps.c.number)))

    def newest_leaf(self, message_id: str) -> str:
        """The end of the branch below `message_id` that was written to last."""
        ids = self.subtree(message_id)
        return ids[-1] if ids else message_id

    def siblings(self, message: Message) -> list[Message]:
        """Kept messages with the same parent, `message` itself left out; oldest first."""
        query = _kept(message.conversation_id).where(TABLE.c.id != message.id)
        same = TABLE.c.parent_id.is_(None) if message.parent_id is None else TABLE.c.parent_id == message.parent_id
        return self._values(query.where(same).order_by(TABLE.c.number))

    def last_number(self, conversation_id: str) -> int:
        """The number of the newest message ever made."""
        query = select(ConversationRow.last_number).where(ConversationRow.id == conversation_id)
        return self._session.scalars(query).one()

    def add(self, messages: Sequence[Message]) -> None:
        """Parents first; numbers go on from `last_number`. Attachments have to be there already."""
        if not messages:
            return
        self._session.execute(insert(TABLE), [message_columns(one) for one in messages])
        used = [
            {"message_id": message.id, "attachment_id": attachment.id, "position": position}
            for message in messages
            for position, attachment in enumerate(message.attachments)
        ]
        if used:
            self._session.execute(insert(MessageAttachmentRow), used)
        self._session.execute(
            update(ConversationRow)
            .where(ConversationRow.id == messages[0].conversation_id)
            .values(
                last_number=messages[-1].number,
                message_count=ConversationRow.message_count + sum(one.deleted_at is None for one in messages),
            )
        )

    def index(self, user_id: str, messages: Iterable[Message]) -> None:
        """Find `messages` by their words from now on; an entry is written once, when a text is final."""
        self.add_entries((one, search_words.entry(user_id, one.content)) for one in messages)

    def add_entries(self, entries: Iterable[tuple[Message, str]]) -> None:
        """Messages with their search entries; those without text are not found."""
        rows = [
            {"conversation_id": message.conversation_id, "message_id": message.id, "words": words}
            for message, words in entries
            if message.content
        ]
        if rows:
            self._session.execute(insert(SearchEntryRow), rows)

    def set_feedback(self, message_id: str, feedback: Feedback | None, at: datetime) -> None:
        self._session.execute(
            update(TABLE)
            .where(TABLE.c.id == message_id)
            .values(feedback=None if feedback is None else feedback.value, updated_at=at)
        )

    def set_deleted(self, ids: Sequence[str], at: datetime | None) -> None:
        """Delete, or restore with None."""
        for start in range(0, len(ids), 1000):
            self._session.execute(update(TABLE).where(TABLE.c.id.in_(ids[start : start + 1000])).values(deleted_at=at))

    def remove_deleted(self, before: datetime, limit: int) -> bool:
        """Remove messages for good that were deleted before that, of some conversations. Whether there may be more.

        Whatever is below a deleted message was deleted with it or earlier, so no kept one loses its parent.
        """
        is_due = TABLE.c.deleted_at.is_not(None) & (TABLE.c.deleted_at < before)
        ids = list(self._session.scalars(select(TABLE.c.conversation_id).where(is_due).distinct().limit(limit)))
        self._session.execute(delete(TABLE).where(is_due, TABLE.c.conversation_id.in_(ids)))
        return len(ids) == limit

    def _values(self, query: Select[Any], conversation_id: str | None = None) -> list[Message]:
        """With their attachments; `conversation_id` spares naming each of very many."""
        rows = self._session.execute(query).all()
        if conversation_id is None:
            attached = self._attachments(MessageAttachmentRow.message_id.in_([row.id for row in rows]))
        else:
            in_conversation = select(TABLE.c.id).where(TABLE.c.conversation_id == conversation_id)
            attached = self._attachments(MessageAttachmentRow.message_id.in_(in_conversation))
        return [message_value(row, attached.get(row.id, ())) for row in rows]

    def _attachments(self, condition: Any) -> dict[str, tuple[Attachment, ...]]:
        query = (
            select(MessageAttachmentRow.message_id, *ATTACHMENT_COLUMNS)
            .join(AttachmentRow, AttachmentRow.id == MessageAttachmentRow.attachment_id)
            .where(condition)
            .order_by(MessageAttachmentRow.message_id, MessageAttachmentRow.position)
        )
        found: dict[str, tuple[Attachment, ...]] = {}
        for message_id, *columns in self._session.execute(query):
            found[message_id] = (*found.get(message_id, ()), attachment_value(columns))
        return found


def _kept(conversation_id: str) -> Select[Any]:
    return select(*_COLUMNS).where(TABLE.c.conversation_id == conversation_id, TABLE.c.deleted_at.is_(None))
