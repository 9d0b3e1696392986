"""People with conversations, whose answers no model made."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.domain.accounts import User
from app.domain.conversations import GenerationState, NewAnswer, NewQuestion, NewTurn, Outcome, Progress
from app.storage import chats
from app.storage.chats import Chats
from tests.api.callers import Asker, Doorstep

CONVERSATIONS = "/api/v1/conversations"


@dataclass(frozen=True)
class Turn:
    """Ids of what a question brought about."""

    question: str
    answer: str
    generation: str


@dataclass(frozen=True)
class Person:
    door: Doorstep
    user: User
    asker: Asker

    @staticmethod
    def named(name: str, door: Doorstep) -> Person:
        user = door.person(name)
        return Person(door, user, door.client(door.token(user)))

    def get(self, path: str) -> Any:
        """The data of an answer that must be a success."""
        return self.ask("GET", path)

    def ask(self, method: str, path: str, **rest: Any) -> Any:
        reply = self.asker.ask(method, path, **rest)
        assert reply.status_code in (200, 201), reply.text
        return reply.json["data"]  # type: ignore[index]

    def conversation(self, **fields: Any) -> Any:
        return self.ask("POST", CONVERSATIONS, json=fields)

    def begins(
        self, conversation: Any, content: str = "Why?", parent_id: str | None = None, attachments: tuple[str, ...] = ()
    ) -> Turn:
        """A question whose answer is being made."""
        turn = Turn(*(str(uuid.uuid4()) for _ in range(3)))
        stored = NewTurn(
            conversation_id=conversation["id"],
            user_id=self.user.id,
            request_id="request",
            at=datetime.now(UTC),
            questions=(NewQuestion(turn.question, parent_id, content, attachments),),
            answers=(NewAnswer(turn.answer, turn.question, turn.generation, "demo/small"),),
        )
        chats.write(self.door.parts.database, lambda chat: chat.turns.begin(stored))
        return turn

    def says(
        self,
        conversation: Any,
        content: str = "Why?",
        answer: str = "Because.",
        parent_id: str | None = None,
        **more: Any,
    ) -> Turn:
        """A question with its answer."""
        turn = self.begins(conversation, content, parent_id, **more)

        def finish(chat: Chats) -> None:
            generation = chat.turns.generation(self.user.id, turn.generation)
            assert generation is not None
            outcome = Outcome(GenerationState.DONE, Progress(answer, 3), model="demo/small", provider="demo")
            chat.turns.finish(generation, outcome, datetime.now(UTC))

        chats.write(self.door.parts.database, finish)
        return turn
