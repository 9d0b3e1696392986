"""Small values for the tests of answers."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from app.domain.conversations import (
    Attachment,
    AttachmentContent,
    AttachmentKind,
    Message,
    MessageRole,
    MessageStatus,
)
from app.domain.events import AnswerBody, Burst, Chunk

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def message(role: str, content: str, *attached: AttachmentContent, **fields: Any) -> Message:
    plain = Message(
        id=str(uuid.uuid4()),
        conversation_id="c1",
        number=1,
        parent_id=None,
        role=MessageRole(role),
        content=content,
        status=MessageStatus.DONE,
        created_at=NOON,
        updated_at=NOON,
        attachments=tuple(one.attachment for one in attached),
    )
    return replace(plain, **fields)


def file(name: str, text: str) -> AttachmentContent:
    return _content(AttachmentKind.FILE, name, "text/plain", text.encode(), text)


def image(data: bytes, media_type: str = "image/png") -> AttachmentContent:
    return _content(AttachmentKind.IMAGE, "a picture", media_type, data, None)


def _content(kind: AttachmentKind, name: str, media_type: str, data: bytes, text: str | None) -> AttachmentContent:
    return AttachmentContent(
        Attachment(str(uuid.uuid4()), "u1", kind, name, media_type, len(data), None, None, None, None, NOON), data, text
    )


def burst(*deltas: dict[str, Any]) -> Burst:
    """One chunk per delta, as one read brings them."""
    datas = [msgspec.json.encode({"choices": [{"index": 0, "delta": one}]}) for one in deltas]
    return tuple(Chunk(data, msgspec.json.decode(data, type=AnswerBody)) for data in datas)
