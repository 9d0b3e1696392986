"""Conversations as clients of older faces know them: by a name, as questions with their answers, one after the other.

They are ordinary conversations of their person, who can read them and go on in the web app. Whoever asks has the answer
first and keeps it afterwards: nothing is stored of a question that came to nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.conversations import Conversation, Message, MessageRole, MessageStatus, TitleSource
from app.domain.errors import NotFound
from app.gateway.answer import Answer
from app.gateway.conversations.library import Stop
from app.gateway.conversations.titles import title_of
from app.gateway.conversations.wording import utc_now
from app.storage import chats
from app.storage.chats import Chats
from app.storage.database import Database

MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with its answer, as texts."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An exchange that is over. `model` and `system_prompt` are kept with a conversation that is new."""

    exchange: Exchange
    by: Answer
    model: str | None = None
    system_prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation has its name: the person's, in a face."""

    user_id: str
    face: str


class NamedConversations:
    """What somebody else named the same is another conversation."""

    def __init__(self, database: Database, stop: Stop, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._stop = stop
        self._now = now

    def names(self, place: Place) -> tuple[str, ...]:
        """The one that changed last first."""
        return chats.read(self._database, lambda stored: stored.outside_names.all(place.user_id, place.face))

    def count(self, place: Place) -> int:
        return chats.read(self._database, lambda stored: stored.outside_names.count(place.user_id, place.face))

    def exchanges(self, place: Place, name: str) -> tuple[Exchange, ...]:
        """Of the branch that is shown, oldest first. Raises NotFound."""

        def read(stored: Chats) -> tuple[Exchange, ...]:
            conversation = _found(stored, place, name)
            leaf_id = conversation.active_message_id
            return _exchanges(stored.messages.path(conversation.id, leaf_id) if leaf_id else ())

        return chats.read(self._database, read)

    def keep(self, place: Place, name: str, answered: Answered) -> None:
        """Add an exchange; the conversation is made where the name means none."""

        def write(stored: Chats) -> None:
            conversation = self._claimed(stored, place, name, answered)
            made = _messages(conversation, stored.messages.last_number(conversation.id), answered, self._now())
            stored.messages.add(made)
            stored.messages.index(place.user_id, made)
            stored.conversations.save(
                replace(conversation, active_message_id=made[-1].id, updated_at=made[-1].created_at)
            )

        chats.write(self._database, write)

    def remove(self, place: Place, name: str) -> None:
        """Forget the name and delete the conversation, which can be restored. Raises NotFound."""

        def write(stored: Chats) -> Sequence[str]:
            conversation = _found(stored, place, name)
            stored.outside_names.forget(place.user_id, place.face, name)
            stored.conversations.save(replace(conversation, deleted_at=self._now()))
            return conversation.running

        running = chats.write(self._database, write)
        if running:
            self._stop(running)

    def _claimed(self, stored: Chats, place: Place, name: str, answered: Answered) -> Conversation:
        """The conversation, which nobody else changes until this transaction ends."""
        known = _claimed(stored, place, name)
        if known is not None:
            return known
        stored.outside_names.wait_for_others(place.user_id)
        known = _claimed(stored, place, name)
        if known is not None:
            return known
        new = _new_conversation(place.user_id, answered, self._now())
        stored.conversations.add(new)
        stored.outside_names.give(place.user_id, place.face, name, new.id)
        return new


def _claimed(stored: Chats, place: Place, name: str) -> Conversation | None:
    identity = stored.outside_names.conversation_id(place.user_id, place.face, name)
    known = None if identity is None else stored.conversations.claim(place.user_id, identity)
    # It may have been deleted while this waited for it.
    return None if known is None or known.deleted_at is not None else known


def _found(stored: Chats, place: Place, name: str) -> Conversation:
    identity = stored.outside_names.conversation_id(place.user_id, place.face, name)
    known = None if identity is None else stored.conversations.one(place.user_id, identity)
    if known is None:
        raise NotFound("There is no such conversation.")
    return known


def _exchanges(path: Sequence[Message]) -> tuple[Exchange, ...]:
    """Questions that were answered, each with its last answer."""
    found: list[Exchange] = []
    question: Message | None = None
    for message in path:
        if message.role is MessageRole.USER:
            question = message
        elif message.role is MessageRole.ASSISTANT and message.content and question is not None:
            found.append(Exchange(question.content, message.content))
            question = None
    return tuple(found)


def _new_conversation(user_id: str, answered: Answered, at: datetime) -> Conversation:
    title = title_of(answered.exchange.question)
    return Conversation(
        id=str(uuid.uuid4()),
        user_id=user_id,
        title=title,
        title_source=TitleSource.QUESTION if title else TitleSource.NONE,
        model=answered.model,
        parameters={},
        system_prompt=answered.system_prompt,
        pinned=False,
        archived=False,
        folder_id=None,
        temporary=False,
        active_message_id=None,
        compare=None,
        message_count=0,
        created_at=at,
        updated_at=at,
        deleted_at=None,
    )


def _messages(conversation: Conversation, last_number: int, answered: Answered, at: datetime) -> list[Message]:
    """Below what is shown now, whatever was there when the question was asked."""
    answer = answered.by
    question = Message(
        id=str(uuid.uuid4()),
        conversation_id=conversation.id,
        number=last_number + 1,
        parent_id=conversation.active_message_id,
        role=MessageRole.USER,
        content=answered.exchange.question,
        status=MessageStatus.DONE,
        created_at=at,
        updated_at=at,
    )
    reply = replace(
        question,
        id=str(uuid.uuid4()),
        number=last_number + 2,
        parent_id=question.id,
        role=MessageRole.ASSISTANT,
        content=answered.exchange.answer,
        model=answer.canonical,
        provider=answer.candidate.config.slug,
        finish_reason=answer.finish_reason,
        usage=answer.usage,
        timings=answer.timings(),
        attempts=answer.attempts,
        cost_usd=answer.cost_usd,
    )
    return [question, reply]
