"""Single messages of a conversation: reading, feedback, and what deleting a branch means for the rest of the tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from app.domain.conversations import CompareColumn, Conversation, Feedback, Message
from app.domain.errors import Conflict
from app.gateway.conversations.library import Stop
from app.gateway.conversations.wording import found, utc_now
from app.storage import chats
from app.storage.chats import Chats
from app.storage.database import Database
from app.storage.paging import Page
from app.storage.unit import Window


class Branches:
    """Every function asks for the person, and raises NotFound for what isn't theirs."""

    def __init__(self, database: Database, stop: Stop, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._stop = stop
        self._now = now

    def page(self, user_id: str, conversation_id: str, window: Window) -> Page[Message]:
        """Oldest first, of all branches. Raises InvalidRequest for an unknown cursor."""

        def read(stored: Chats) -> Page[Message]:
            found(stored.conversations.one(user_id, conversation_id), "conversation")
            return stored.messages.page(conversation_id, window)

        return chats.read(self._database, read)

    def one(self, user_id: str, conversation_id: str, message_id: str) -> Message:
        def read(stored: Chats) -> Message:
            found(stored.conversations.one(user_id, conversation_id), "conversation")
            return found(stored.messages.one(conversation_id, message_id), "message")

        return chats.read(self._database, read)

    def rate(self, user_id: str, conversation_id: str, message_id: str, feedback: Feedback | None) -> Message:
        """Keep what the person thinks of a message; None takes it back."""

        def keep(stored: Chats) -> Message:
            _claimed(stored, user_id, conversation_id)
            found(stored.messages.one(conversation_id, message_id), "message")
            stored.messages.set_feedback(message_id, feedback, self._now())
            return found(stored.messages.one(conversation_id, message_id), "message")

        return chats.write(self._database, keep)

    def delete(self, user_id: str, conversation_id: str, message_id: str) -> Sequence[str]:
        """Delete a message and everything below it: their ids. What runs there ends; all can be restored.

        Where the branch that was shown is among them, the nearest branch beside it is shown from then on.
        """

        def remove(stored: Chats) -> tuple[Sequence[str], Sequence[str]]:
            conversation = _claimed(stored, user_id, conversation_id)
            message = found(stored.messages.one(conversation_id, message_id), "message")
            at = self._now()
            ids = stored.messages.subtree(message_id)
            running = stored.turns.running_below(ids)
            stored.messages.set_deleted(ids, at)
            stored.conversations.recount(conversation_id)
            stored.conversations.save(replace(_without(stored, conversation, message, set(ids)), updated_at=at))
            return ids, running

        ids, running = chats.write(self._database, remove)
        if running:
            self._stop(running)
        return ids

    def restore(self, user_id: str, conversation_id: str, message_id: str) -> Sequence[str]:
        """Bring back a message and what was deleted with it, and show its branch. Their ids; none if it isn't deleted.

        Raises Conflict while the message above it is deleted.
        """

        def bring_back(stored: Chats) -> Sequence[str]:
            conversation = _claimed(stored, user_id, conversation_id)
            message = found(stored.messages.one(conversation_id, message_id, deleted=True), "message")
            if message.deleted_at is None:
                return []
            if message.parent_id is not None and stored.messages.one(conversation_id, message.parent_id) is None:
                raise Conflict("The message above is deleted too. Restore that one.")
            ids = stored.messages.subtree(message_id, deleted_at=message.deleted_at)
            stored.messages.set_deleted(ids, None)
            stored.conversations.recount(conversation_id)
            shown = replace(conversation, active_message_id=ids[-1], updated_at=self._now())
            stored.conversations.save(shown)
            return ids

        return chats.write(self._database, bring_back)


def _claimed(stored: Chats, user_id: str, conversation_id: str) -> Conversation:
    """Raises NotFound, or Conflict for a deleted one."""
    conversation = found(stored.conversations.claim(user_id, conversation_id), "conversation")
    if conversation.deleted_at is not None:
        raise Conflict("This conversation is deleted. Restore it first.")
    return conversation


def _without(stored: Chats, conversation: Conversation, message: Message, gone: set[str]) -> Conversation:
    """`conversation` showing something else than `message` and what is below it."""
    instead = _beside(stored, message) or message.parent_id
    active = instead if conversation.active_message_id in gone else conversation.active_message_id
    columns = conversation.compare and tuple(
        CompareColumn(one.model, message.parent_id if one.message_id in gone else one.message_id)
        for one in conversation.compare
    )
    return replace(conversation, active_message_id=active, compare=columns)


def _beside(stored: Chats, message: Message) -> str | None:
    """The end of the nearest branch with the same parent; of two as near, the older."""
    siblings = stored.messages.siblings(message)
    older = [one for one in siblings if one.number < message.number]
    younger = [one for one in siblings if one.number > message.number]
    nearest = older[-1] if older else younger[0] if younger else None
    return None if nearest is None else stored.messages.newest_leaf(nearest.id)
