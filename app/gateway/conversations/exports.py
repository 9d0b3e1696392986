"""Reading whole conversations to hand them out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.conversations import AttachmentContent, Conversation, Message
from app.gateway.conversations.wording import found
from app.storage import chats
from app.storage.chats import Chats
from app.storage.database import Database


@dataclass(frozen=True, slots=True)
class WholeConversation:
    """`folder` is its name; messages of all branches, oldest first."""

    conversation: Conversation
    folder: str | None
    messages: tuple[Message, ...]


class Exports:
    """Every function asks for the person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def one(self, user_id: str, conversation_id: str) -> WholeConversation:
        """Raises NotFound."""
        return found(self._whole(user_id, conversation_id), "conversation")

    def all(self, user_id: str) -> Iterator[WholeConversation]:
        """Everything but what is deleted or temporary, oldest first; each is read when it is its turn."""
        for conversation_id in chats.read(self._database, lambda stored: stored.conversations.ids(user_id)):
            whole = self._whole(user_id, conversation_id)
            # It may have been deleted meanwhile.
            if whole is not None and whole.conversation.deleted_at is None:
                yield whole

    def content(self, user_id: str, attachment_id: str) -> AttachmentContent | None:
        return chats.read(self._database, lambda stored: stored.attachments.content(user_id, attachment_id))

    def path(self, whole: WholeConversation) -> list[Message]:
        """The branch that is shown, root first."""
        by_id = {one.id: one for one in whole.messages}
        branch: list[Message] = []
        at = by_id.get(whole.conversation.active_message_id or "")
        while at is not None:
            branch.append(at)
            at = by_id.get(at.parent_id or "")
        return branch[::-1]

    def _whole(self, user_id: str, conversation_id: str) -> WholeConversation | None:
        def read(stored: Chats) -> WholeConversation | None:
            conversation = stored.conversations.one(user_id, conversation_id)
            if conversation is None:
                return None
            folder = None if conversation.folder_id is None else stored.folders.one(user_id, conversation.folder_id)
            messages = tuple(stored.messages.all(conversation_id))
            return WholeConversation(conversation, None if folder is None else folder.name, messages)

        return chats.read(self._database, read)
