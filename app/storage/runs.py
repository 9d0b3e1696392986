"""What a process tells and asks about all the answers that it makes, at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.domain.conversations import GenerationState, MessageStatus, Progress
from app.storage.tables import ConversationRow, GenerationRow, MessageRow
from app.storage.turns import Turns


@dataclass(frozen=True, slots=True)
class RunNews:
    """What is new of one generation; `sent` is None where it is stored already, or nothing was sent yet."""

    generation_id: str
    message_id: str
    progress: Progress | None = None
    sent: Mapping[str, Any] | None = None


class Runs:
    """Running generations inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, news: Sequence[RunNews], at: datetime) -> set[str]:
        """Note that these run, and what is new. Ids of those that go on: they are still there, nobody stopped them."""
        turns = Turns(self._session)
        ids = [one.generation_id for one in news]
        # Everybody locks rows in this order: conversations, generations, messages. These only keep them from going.
        self._session.execute(
            select(ConversationRow.id)
            .join(GenerationRow, GenerationRow.conversation_id == ConversationRow.id)
            .where(GenerationRow.id.in_(ids))
            .with_for_update(read=True, key_share=True, of=ConversationRow)
        )
        turns.alive(ids, at)
        states = self._states(ids)
        # The end of one may have been stored meanwhile; nothing older replaces it.
        running = [one for one in news if states.get(one.generation_id) is GenerationState.RUNNING]
        for one in running:
            if one.sent is not None:
                turns.sent(one.generation_id, one.sent)
        for one in running:
            if one.progress is not None:
                turns.progress(one.generation_id, one.message_id, one.progress, at)
        return {identity for identity, state in states.items() if state is not GenerationState.STOPPED}

    def stop(self, generation_id: str, at: datetime) -> None:
        """Mark it as stopped; the process that makes it sees that in its next round, and stores the rest."""
        running = GenerationRow.state == GenerationState.RUNNING.value
        generation = GenerationRow.id == generation_id
        self._session.execute(
            update(GenerationRow)
            .where(generation, running)
            .values(state=GenerationState.STOPPED.value, ended_at=at)
            .execution_options(synchronize_session=False)
        )
        message_id = select(GenerationRow.message_id).where(generation).scalar_subquery()
        self._session.execute(
            update(MessageRow)
            .where(MessageRow.id == message_id, MessageRow.status == MessageStatus.STREAMING.value)
            .values(status=MessageStatus.STOPPED.value, updated_at=at)
            .execution_options(synchronize_session=False)
        )

    def _states(self, ids: Sequence[str]) -> dict[str, GenerationState]:
        """Of those whose message and conversation are still there."""
        query = (
            select(GenerationRow.id, GenerationRow.state)
            .join(MessageRow, MessageRow.id == GenerationRow.message_id)
            .join(ConversationRow, ConversationRow.id == GenerationRow.conversation_id)
            .where(
                GenerationRow.id.in_(ids),
                MessageRow.deleted_at.is_(None),
                ConversationRow.deleted_at.is_(None),
            )
        )
        return {identity: GenerationState(state) for identity, state in self._session.execute(query)}
