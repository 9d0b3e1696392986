"""Images and files of a person, before and after they belong to a question."""

from __future__ import annotations

import mimetypes
import re
import uuid
from collections.abc import Callable
from datetime import datetime

from gevent.lock import BoundedSemaphore

from app.domain.conversations import Attachment, AttachmentContent, AttachmentKind
from app.domain.errors import Conflict
from app.domain.pictures import looks_like_picture
from app.gateway.conversations.pictures import image_content
from app.gateway.conversations.readable import FIELD, read_file
from app.gateway.conversations.wording import found, invalid, utc_now
from app.storage import chats
from app.storage.chats import Chats
from app.storage.database import Database

MAX_NAME_LENGTH = 200
READING_AT_ONCE = 2
"""Files whose text is being taken out: each PDF has a process of its own."""

_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,40}/[a-z0-9.+-]{1,59}")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_UNTOLD = "application/octet-stream"


class AttachmentShelf:
    """Every function asks for the person, and raises NotFound for an attachment that isn't theirs."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now
        self._places = BoundedSemaphore(READING_AT_ONCE)

    def add(self, user_id: str, data: bytes, *, name: str | None, media_type: str | None) -> Attachment:
        """Keep a file; name and type are what the sender says. Raises InvalidRequest for what can't be used."""
        if not data:
            raise invalid(FIELD, "is empty")
        shown = file_name(name)
        if looks_like_picture(data):
            content = image_content(user_id, data, name=shown, at=self._now())
        else:
            content = self._file(user_id, data, shown or "file", media_type)
        chats.write(self._database, lambda stored: stored.attachments.add(content))
        return content.attachment

    def _file(self, user_id: str, data: bytes, name: str, media_type: str | None) -> AttachmentContent:
        with self._places:
            read = read_file(data)
        attachment = Attachment(
            id=str(uuid.uuid4()),
            user_id=user_id,
            kind=AttachmentKind.FILE,
            name=name,
            media_type=read.media_type or _text_type(name, media_type),
            size_bytes=len(data),
            width=None,
            height=None,
            pages=read.pages,
            text_chars=len(read.text),
            created_at=self._now(),
        )
        return AttachmentContent(attachment, data, read.text)

    def content(self, user_id: str, attachment_id: str) -> AttachmentContent:
        """Its bytes and its text."""
        return chats.read(
            self._database, lambda stored: found(stored.attachments.content(user_id, attachment_id), "attachment")
        )

    def delete(self, user_id: str, attachment_id: str) -> None:
        """Raises Conflict while a message has it."""

        def remove(stored: Chats) -> None:
            if attachment_id not in stored.attachments.metadata(user_id, [attachment_id]):
                found(None, "attachment")
            if stored.attachments.is_used(attachment_id):
                raise Conflict("A message has this attachment.")
            stored.attachments.remove(attachment_id)

        chats.write(self._database, remove)


def file_name(name: str | None) -> str | None:
    """The last part of what a browser calls it, without what can't be shown; None where nothing is left."""
    if name is None:
        return None
    last = re.split(r"[/\\]", name)[-1]
    return _UNSEEN.sub("", last).strip()[:MAX_NAME_LENGTH] or None


def _text_type(name: str, media_type: str | None) -> str:
    """What the sender says, else what the name says: both are for people only."""
    said = (media_type or "").partition(";")[0].strip().lower()
    if said != _UNTOLD and _MEDIA_TYPE.fullmatch(said) and not said.startswith("image/"):
        return said
    guessed = mimetypes.guess_type(name)[0]
    return guessed if guessed is not None and guessed.startswith("text/") else "text/plain"
