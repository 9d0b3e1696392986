"""Images as attachments."""

from __future__ import annotations

import uuid
from datetime import datetime

from app.domain.conversations import Attachment, AttachmentContent, AttachmentKind
from app.domain.errors import InvalidRequest, Problem
from app.domain.pictures import picture_of, size_problem

_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


def image_content(
    user_id: str, data: bytes, *, name: str | None, at: datetime, mime_type: str | None = None, field: str = "file"
) -> AttachmentContent:
    """A new attachment of the person's. `mime_type` is what it is said to be.

    Raises InvalidRequest naming `field` where it is no image, not the one it is said to be, or too large.
    """
    picture = picture_of(data)
    if picture is None:
        raise _wrong(field, "is not a JPEG, PNG or WebP image")
    if mime_type is not None and mime_type != picture.media_type:
        raise _wrong(field, f"is {picture.media_type}, not {mime_type}")
    too_large = size_problem(picture, len(data))
    if too_large is not None:
        raise _wrong(field, too_large)
    attachment = Attachment(
        id=str(uuid.uuid4()),
        user_id=user_id,
        kind=AttachmentKind.IMAGE,
        name=name or f"image.{_EXTENSIONS[picture.media_type]}",
        media_type=picture.media_type,
        size_bytes=len(data),
        width=picture.width,
        height=picture.height,
        pages=None,
        text_chars=None,
        created_at=at,
    )
    return AttachmentContent(attachment, data, None)


def _wrong(field: str, problem: str) -> InvalidRequest:
    return InvalidRequest(f"{field}: {problem}", param=field, details=[Problem(field, problem)])
