"""Storing a question with its empty answers, and what becomes of them, each in one write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, Update, insert, select, text, update
from sqlalchemy.orm import Session

from app.domain.conversations import (
    Attachment,
    Generation,
    GenerationState,
    Message,
    MessageRole,
    MessageStatus,
    NewTurn,
    Outcome,
    Progress,
    TitleSource,
)
from app.domain.errors import Conflict, InvalidRequest, NotFound, Problem
from app.storage import search_words
from app.storage.attachments import Attachments
from app.storage.conversations import Conversations, compare_document
from app.storage.message_rows import error_document, timings_document, tool_calls_document, usage_document
from app.storage.messages import TABLE, Messages
from app.storage.storable import storable, storable_json
from app.storage.tables import ConversationRow, GenerationRow, SearchEntryRow
from app.storage.unit import is_id

_GENERATIONS = cast("Table", GenerationRow.__table__)


class Turns:
    """Turns and their generations inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin(self, turn: NewTurn) -> dict[str, Message]:
        """Keep questions, empty answers and running generations; the new messages by id.

        Raises NotFound for a conversation or parent that isn't there (any more), Conflict for a parent that is
        streaming, InvalidRequest for an attachment that isn't the person's.
        """
        conversations, messages = Conversations(self._session), Messages(self._session)
        conversation = conversations.claim(turn.user_id, turn.conversation_id)
        if conversation is None or conversation.deleted_at is not None:
            raise NotFound("There is no such conversation.")
        attachments = Attachments(self._session)
        for content in turn.attachments:
            attachments.add(content)
        wanted = [one for question in turn.questions for one in question.attachment_ids]
        known = attachments.metadata(turn.user_id, wanted)
        made = self._messages(turn, messages.last_number(turn.conversation_id), known)
        self._check_parents(turn, messages, made)
        messages.add(made)
        messages.index(turn.user_id, [] if conversation.temporary else made)
        self._session.execute(insert(_GENERATIONS), [_running(turn, number) for number in range(len(turn.answers))])
        self._change_conversation(turn)
        return {one.id: one for one in made}

    def _messages(self, turn: NewTurn, last_number: int, known: Mapping[str, Attachment]) -> list[Message]:
        made: list[Message] = []
        for question in turn.questions:
            made.append(
                Message(
                    id=question.id,
                    conversation_id=turn.conversation_id,
                    number=last_number + len(made) + 1,
                    parent_id=question.parent_id,
                    role=MessageRole.USER,
                    content=question.content,
                    status=MessageStatus.DONE,
                    created_at=turn.at,
                    updated_at=turn.at,
                    attachments=_attached(question.attachment_ids, known),
                )
            )
        for answer in turn.answers:
            made.append(
                Message(
                    id=answer.id,
                    conversation_id=turn.conversation_id,
                    number=last_number + len(made) + 1,
                    parent_id=answer.parent_id,
                    role=MessageRole.ASSISTANT,
                    content="",
                    status=MessageStatus.STREAMING,
                    created_at=turn.at,
                    updated_at=turn.at,
                    model_asked=answer.model_asked,
                    generation_id=answer.generation_id,
                )
            )
        return made

    def _check_parents(self, turn: NewTurn, messages: Messages, made: Sequence[Message]) -> None:
        new = {one.id for one in made}
        for parent_id in {one.parent_id for one in made} - new - {None}:
            parent = messages.one(turn.conversation_id, str(parent_id))
            if parent is None:
                raise NotFound("There is no such message in this conversation.")
            if parent.status is MessageStatus.STREAMING:
                raise Conflict("The message to answer below is still being written.", param="parent_id")

    def _change_conversation(self, turn: NewTurn) -> None:
        changes: dict[str, Any] = {
            "active_message_id": turn.active_message_id or turn.answers[0].id,
            "updated_at": turn.at,
        }
        if turn.compare is not None:
            changes["compare"] = compare_document(turn.compare)
        is_it = ConversationRow.id == turn.conversation_id
        self._session.execute(update(ConversationRow).where(is_it).values(**changes))
        if turn.title:
            untitled = ConversationRow.title_source == TitleSource.NONE.value
            self._session.execute(
                update(ConversationRow)
                .where(is_it, untitled)
                .values(title=storable(turn.title), title_source=TitleSource.QUESTION.value)
            )
            titled = Conversations(self._session).one(turn.user_id, turn.conversation_id)
            if titled is not None and titled.title_source is TitleSource.QUESTION:
                search_words.index_title(self._session, titled)

    # While it runs, and after.

    def progress(self, generation_id: str, message_id: str, progress: Progress, at: datetime) -> None:
        """Keep the text so far, and that its process is alive."""
        self._session.execute(_generation(generation_id).values(alive_at=at, last_event=progress.last_event))
        self._session.execute(update(TABLE).where(TABLE.c.id == message_id).values(**_text(progress), updated_at=at))

    def alive(self, generation_ids: Sequence[str], at: datetime) -> None:
        """Their process lives, though nothing new was written."""
        self._session.execute(
            update(_GENERATIONS).where(_GENERATIONS.c.id.in_(list(generation_ids))).values(alive_at=at)
        )

    def sent(self, generation_id: str, sent: Mapping[str, Any]) -> None:
        """Keep what was sent to the provider."""
        self._session.execute(_generation(generation_id).values(sent=storable_json(dict(sent))))

    def finish(self, generation: Generation, outcome: Outcome, at: datetime) -> None:
        """Keep how it ended and the whole text; from then on the text can be found."""
        progress = outcome.progress
        # Rows are locked in the same order everywhere: conversation, generation, message.
        self._session.execute(
            update(ConversationRow).where(ConversationRow.id == generation.conversation_id).values(updated_at=at)
        )
        self._session.execute(
            _generation(generation.id).values(
                state=outcome.state.value, ended_at=at, alive_at=at, last_event=progress.last_event
            )
        )
        self._session.execute(
            update(TABLE)
            .where(TABLE.c.id == generation.message_id)
            .values(
                **_text(progress),
                status=outcome.state.message_status.value,
                model=storable(outcome.model),
                provider=None if outcome.provider is None else storable(outcome.provider)[:100],
                error=error_document(outcome.error),
                finish_reason=storable(outcome.finish_reason),
                usage=usage_document(outcome.usage),
                timings=timings_document(outcome.timings),
                attempts=outcome.attempts,
                cost_usd=outcome.cost_usd,
                request=storable_json(outcome.request),
                updated_at=at,
            )
        )
        self._index(generation)

    def interrupt_stale(self, before: datetime, at: datetime) -> list[Generation]:
        """Mark those whose process has not been heard of since `before`; their text is kept. Those that were."""
        query = select(_GENERATIONS).where(text("state = 'running'"), _GENERATIONS.c.alive_at < before)
        stale = [_generation_value(row) for row in self._session.execute(query)]
        interrupted = []
        for generation in stale:
            # Another process may be doing the same, or the generation's own has come back.
            changed = self._session.execute(
                _generation(generation.id)
                .where(text("state = 'running'"), _GENERATIONS.c.alive_at < before)
                .values(state=GenerationState.INTERRUPTED.value, ended_at=at)
            )
            if cast("Any", changed).rowcount == 1:
                self._interrupt_message(generation, at)
                interrupted.append(generation)
        return interrupted

    def _interrupt_message(self, generation: Generation, at: datetime) -> None:
        self._session.execute(
            update(TABLE)
            .where(TABLE.c.id == generation.message_id, TABLE.c.status == MessageStatus.STREAMING.value)
            .values(status=MessageStatus.INTERRUPTED.value, updated_at=at)
        )
        self._index(generation)

    def _index(self, generation: Generation) -> None:
        """Once: a message that was found before keeps its entry up to date."""
        is_its = SearchEntryRow.message_id == generation.message_id
        conversation = Conversations(self._session).one(generation.user_id, generation.conversation_id)
        message = Messages(self._session).one(generation.conversation_id, generation.message_id)
        if conversation is None or conversation.temporary or message is None or not message.content:
            return
        words = search_words.entry(generation.user_id, message.content)
        changed = self._session.execute(update(SearchEntryRow).where(is_its).values(words=words))
        if cast("Any", changed).rowcount == 0:
            Messages(self._session).index(generation.user_id, [message])

    # Generations.

    def generation(self, user_id: str, generation_id: str) -> Generation | None:
        if not is_id(generation_id):
            return None
        query = select(_GENERATIONS).where(_GENERATIONS.c.id == generation_id, _GENERATIONS.c.user_id == user_id)
        row = self._session.execute(query).one_or_none()
        return None if row is None else _generation_value(row)

    def generation_of(self, message_id: str) -> Generation | None:
        """The one that made a message."""
        query = select(_GENERATIONS).where(_GENERATIONS.c.message_id == message_id)
        row = self._session.execute(query).first()
        return None if row is None else _generation_value(row)

    def running_below(self, message_ids: Sequence[str]) -> list[str]:
        """Ids of the generations that run for some of these messages."""
        found: list[str] = []
        for start in range(0, len(message_ids), 1000):
            part = message_ids[start : start + 1000]
            query = select(_GENERATIONS.c.id).where(text("state = 'running'"), _GENERATIONS.c.message_id.in_(part))
            found += self._session.scalars(query)
        return found


def _attached(ids: Sequence[str], known: Mapping[str, Attachment]) -> tuple[Attachment, ...]:
    """Each once, in the order given."""
    distinct = tuple(dict.fromkeys(ids))
    for position, identity in enumerate(distinct):
        if identity not in known:
            field = f"attachments.{position}"
            problem = "is not one of your attachments"
            raise InvalidRequest(f"{field}: {problem}", param=field, details=[Problem(field, problem)])
    return tuple(known[identity] for identity in distinct)


def _running(turn: NewTurn, number: int) -> dict[str, Any]:
    answer = turn.answers[number]
    return {
        "id": answer.generation_id,
        "conversation_id": turn.conversation_id,
        "message_id": answer.id,
        "user_id": turn.user_id,
        "state": GenerationState.RUNNING.value,
        "model_asked": storable(answer.model_asked),
        "request_id": turn.request_id,
        "started_at": turn.at,
        "ended_at": None,
        "alive_at": turn.at,
        "last_event": 0,
        "sent": None,
    }


def _text(progress: Progress) -> dict[str, Any]:
    return {
        "content": storable(progress.content),
        "reasoning": storable(progress.reasoning),
        "reasoning_ms": progress.reasoning_ms,
        "tool_calls": tool_calls_document(progress.tool_calls),
        "last_event": progress.last_event,
    }


def _generation(generation_id: str) -> Update:
    return update(_GENERATIONS).where(_GENERATIONS.c.id == generation_id)


def _generation_value(row: Any) -> Generation:
    return Generation(
        id=row.id,
        conversation_id=row.conversation_id,
        message_id=row.message_id,
        user_id=row.user_id,
        state=GenerationState(row.state),
        model_asked=row.model_asked,
        request_id=row.request_id,
        started_at=row.started_at,
        ended_at=row.ended_at,
        alive_at=row.alive_at,
        last_event=row.last_event,
        sent=row.sent,
    )
