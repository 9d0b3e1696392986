"""One transaction over everything that conversations are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from app.storage.attachments import Attachments
from app.storage.conversations import Conversations
from app.storage.database import Database
from app.storage.folders import Folders
from app.storage.messages import Messages
from app.storage.outside_names import OutsideNames
from app.storage.presets import Presets
from app.storage.turns import Turns

T = TypeVar("T")


class Chats:
    """The repositories of one session: what is changed through them is kept together or not at all."""

    def __init__(self, session: Session) -> None:
        self.conversations = Conversations(session)
        self.messages = Messages(session)
        self.turns = Turns(session)
        self.attachments = Attachments(session)
        self.folders = Folders(session)
        self.presets = Presets(session)
        self.outside_names = OutsideNames(session)

    def remove_conversation(self, conversation_id: str) -> None:
        """For good, with the attachments that nothing else uses."""
        attached = self.attachments.only_in(conversation_id)
        self.conversations.remove(conversation_id)
        for attachment_id in attached:
            self.attachments.remove(attachment_id)


def read(database: Database, work: Callable[[Chats], T]) -> T:
    """What `work` returns; its changes are not kept."""
    return database.read(lambda session: work(Chats(session)))


def write(database: Database, work: Callable[[Chats], T]) -> T:
    """What `work` returns, committed; rolled back when it raises."""
    return database.write(lambda session: work(Chats(session)))
