"""Images and files, with their bytes in the database: one backup holds everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Table, delete, exists, insert, select
from sqlalchemy.orm import Session

from app.domain.conversations import Attachment, AttachmentContent
from app.storage.message_rows import ATTACHMENT_COLUMNS, attachment_value
from app.storage.storable import storable
from app.storage.tables import AttachmentRow, MessageAttachmentRow, MessageRow
from app.storage.unit import is_id

_TABLE = cast("Table", AttachmentRow.__table__)


class Attachments:
    """Attachments inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, content: AttachmentContent) -> None:
        one = content.attachment
        # Past the ORM, which would keep the bytes of many images until the end of the transaction.
        self._session.execute(
            insert(_TABLE),
            [
                {
                    "id": one.id,
                    "user_id": one.user_id,
                    "kind": one.kind.value,
                    "name": storable(one.name)[:300],
                    "media_type": one.media_type,
                    "size_bytes": one.size_bytes,
                    "width": one.width,
                    "height": one.height,
                    "pages": one.pages,
                    "text_chars": one.text_chars,
                    "created_at": one.created_at,
                    "data": content.data,
                    "text": storable(content.text),
                }
            ],
        )

    def metadata(self, user_id: str, ids: Sequence[str]) -> Mapping[str, Attachment]:
        """Those of `ids` that are the person's, by id."""
        query = select(*ATTACHMENT_COLUMNS).where(
            AttachmentRow.id.in_([one for one in ids if is_id(one)]), AttachmentRow.user_id == user_id
        )
        values = [attachment_value(columns) for columns in self._session.execute(query)]
        return {one.id: one for one in values}

    def content(self, user_id: str, attachment_id: str) -> AttachmentContent | None:
        """Bytes and text."""
        return self.contents(user_id, [attachment_id]).get(attachment_id)

    def contents(self, user_id: str, ids: Sequence[str]) -> Mapping[str, AttachmentContent]:
        """Bytes and text of those of `ids` that are the person's, by id."""
        query = select(*ATTACHMENT_COLUMNS, AttachmentRow.data, AttachmentRow.text).where(
            AttachmentRow.id.in_([one for one in ids if is_id(one)]), AttachmentRow.user_id == user_id
        )
        found = {}
        for *columns, data, text in self._session.execute(query):
            value = attachment_value(columns)
            found[value.id] = AttachmentContent(value, bytes(data), text)
        return found

    def is_used(self, attachment_id: str) -> bool:
        """Whether a message has it, be it a deleted one that can be restored."""
        query = select(exists().where(MessageAttachmentRow.attachment_id == attachment_id))
        return bool(self._session.scalar(query))

    def only_in(self, conversation_id: str) -> list[str]:
        """Ids of those that messages of this conversation have, and none of another."""
        used = select(MessageAttachmentRow.attachment_id, MessageRow.conversation_id).join(
            MessageRow, MessageRow.id == MessageAttachmentRow.message_id
        )
        here = used.where(MessageRow.conversation_id == conversation_id).subquery()
        elsewhere = used.where(MessageRow.conversation_id != conversation_id).subquery()
        query = (
            select(here.c.attachment_id)
            .distinct()
            .where(~exists().where(elsewhere.c.attachment_id == here.c.attachment_id))
        )
        return list(self._session.scalars(query))

    def remove(self, attachment_id: str) -> None:
        self._session.execute(delete(AttachmentRow).where(AttachmentRow.id == attachment_id))

    def remove_unused(self, made_before: datetime, limit: int) -> bool:
        """Remove some that no message has. Whether there may be more."""
        query = (
            select(AttachmentRow.id)
            .where(
                AttachmentRow.created_at < made_before,
                ~exists().where(MessageAttachmentRow.attachment_id == AttachmentRow.id),
            )
            .limit(limit)
        )
        ids = list(self._session.scalars(query))
        self._session.execute(delete(AttachmentRow).where(AttachmentRow.id.in_(ids)))
        return len(ids) == limit
