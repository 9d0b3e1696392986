"""Making people, conversations and turns for the tests of what is kept of them."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.conversations import Conversation, Message, NewAnswer, NewQuestion, NewTurn, TitleSource
from app.storage.conversations import Conversations
from app.storage.database import Database
from app.storage.tables import UserRow
from app.storage.turns import Turns

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def new_id() -> str:
    return str(uuid.uuid4())


def add_user(database: Database, name: str = "Ada") -> str:
    """The id."""
    user_id = new_id()

    def add(session: Session) -> None:
        session.add(
            UserRow(
                id=user_id,
                username=name,
                username_folded=name.lower(),
                password_hash="",
                role="user",
                permissions=[],
                created_at=NOON,
                updated_at=NOON,
            )
        )

    database.write(add)
    return user_id


def conversation_of(user_id: str, **changes: Any) -> Conversation:
    plain = Conversation(
        id=new_id(),
        user_id=user_id,
        title="",
        title_source=TitleSource.NONE,
        model=None,
        parameters={},
        system_prompt=None,
        pinned=False,
        archived=False,
        folder_id=None,
        temporary=False,
        active_message_id=None,
        compare=None,
        message_count=0,
        created_at=NOON,
        updated_at=NOON,
        deleted_at=None,
    )
    return replace(plain, **changes)


def add_conversation(database: Database, user_id: str, **changes: Any) -> Conversation:
    conversation = conversation_of(user_id, **changes)
    database.write(lambda session: Conversations(session).add(conversation))
    return conversation


def turn_of(conversation: Conversation, content: str = "Why?", parent_id: str | None = None, **changes: Any) -> NewTurn:
    question = NewQuestion(new_id(), parent_id, content)
    answer = NewAnswer(new_id(), question.id, new_id(), "demo/small")
    plain = NewTurn(
        conversation_id=conversation.id,
        user_id=conversation.user_id,
        request_id="request",
        at=NOON,
        questions=(question,),
        answers=(answer,),
    )
    return replace(plain, **changes)


def begin(database: Database, turn: NewTurn) -> dict[str, Message]:
    return database.write(lambda session: Turns(session).begin(turn))
