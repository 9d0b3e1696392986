"""A question, or an answer wanted once more: checked, stored in one write, and begun.

Everything that can be refused is refused before anything is stored.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.domain.accounts import Caller
from app.domain.conversations import (
    AttachmentContent,
    CompareColumn,
    Conversation,
    Generation,
    GenerationState,
    Message,
    MessageRole,
    MessageStatus,
    NewAnswer,
    NewQuestion,
    NewTurn,
)
from app.domain.errors import Conflict, InvalidRequest, Problem
from app.domain.requests import ModelRequest
from app.domain.stopping import Stop
from app.gateway.answer import Answer, Call
from app.gateway.conversations.generations import Generations, Run
from app.gateway.conversations.prompt import Contents, model_request
from app.gateway.conversations.titles import title_of
from app.gateway.conversations.wording import found, invalid, utc_now
from app.gateway.service import LLMService
from app.storage import chats
from app.storage.chats import Chats
from app.storage.database import Database

FACE = "chat"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and with which request. `started` is of the monotonic clock."""

    caller: Caller
    request_id: str
    started: float
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Below:
    """Where something is put into the tree: below a message, or as a new root (None)."""

    parent_id: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One answer. None is what the conversation says, or for the place: below its active message."""

    model: str | None = None
    parameters: Mapping[str, Any] | None = None
    place: Below | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, once below each place that the wanted answers name."""

    content: str
    answers: tuple[Wanted, ...]
    images: tuple[AttachmentContent, ...] = ()
    """New ones, not stored yet."""
    attachment_ids: tuple[str, ...] = ()
    compares: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """What was stored. `runs` are being answered, in the order of `answers`."""

    questions: tuple[Message, ...]
    answers: tuple[Message, ...]
    conversation: Conversation
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class _Branch:
    """A path that ends with what is to be answered; its last message may not be stored yet."""

    path: tuple[Message, ...]
    replaces: str | None
    """The leaf that this goes on from, or the answer that it is beside."""

    @property
    def question(self) -> Message:
        return self.path[-1]


@dataclass(frozen=True, slots=True)
class _Admitted:
    wanted: Wanted
    branch: _Branch
    request: ModelRequest
    call: Call
    answer: Answer


class Asking:
    """Both functions raise NotFound, Conflict and InvalidRequest, and what LLMService.admit raises."""

    def __init__(
        self, database: Database, llm: LLMService, generations: Generations, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._database = database
        self._llm = llm
        self._generations = generations
        self._now = now

    def ask(self, asker: Asker, conversation_id: str, question: Question) -> Started:
        """Store a question with its empty answers, and begin to answer."""
        if not (question.content.strip() or question.images or question.attachment_ids):
            raise invalid("content", "is required where nothing is attached")
        user_id, at = asker.caller.user_id, self._now()

        def read(stored: Chats) -> tuple[Conversation, dict[str | None, _Branch], Contents]:
            conversation = _open(stored, user_id, conversation_id)
            own = _contents(stored, user_id, question)
            branches: dict[str | None, _Branch] = {}
            for wanted in question.answers:
                parent_id = _parent_id(wanted, conversation)
                if parent_id not in branches:
                    path = _path(stored, conversation_id, parent_id)
                    branches[parent_id] = _Branch((*path, _asked(question, own, path, conversation, at)), parent_id)
            older = stored.attachments.contents(user_id, _attached(branches.values()))
            return conversation, branches, {**older, **own}

        conversation, branches, contents = chats.read(self._database, read)
        admitted = [
            self._admit(asker, conversation, branches[_parent_id(wanted, conversation)], wanted, contents)
            for wanted in question.answers
        ]
        turn = self._turn(asker, conversation, admitted, at)
        turn = replace(
            turn,
            questions=tuple(_new_question(branch.question) for branch in branches.values()),
            attachments=question.images,
            title=title_of(question.content) or _name_of_attachment(question, contents),
        )
        if question.compares:
            columns = zip(admitted, turn.answers, strict=True)
            turn = replace(turn, compare=tuple(CompareColumn(str(one.wanted.model), new.id) for one, new in columns))
        return self._begin(turn, conversation, admitted)

    def again(self, asker: Asker, conversation_id: str, message_id: str, wanted: Wanted) -> Started:
        """Make another answer beside an answer, or below a question."""
        user_id, at = asker.caller.user_id, self._now()

        def read(stored: Chats) -> tuple[Conversation, _Branch, Contents]:
            conversation = _open(stored, user_id, conversation_id)
            message = found(stored.messages.one(conversation_id, message_id), "message")
            is_question = message.role is MessageRole.USER
            if not is_question and (message.role is not MessageRole.ASSISTANT or message.parent_id is None):
                raise Conflict("This message is neither a question nor the answer to one.")
            path = _path(stored, conversation_id, message.id if is_question else message.parent_id)
            branch = _Branch(path, message.id)
            return conversation, branch, stored.attachments.contents(user_id, _attached([branch]))

        conversation, branch, contents = chats.read(self._database, read)
        admitted = [self._admit(asker, conversation, branch, wanted, contents)]
        return self._begin(self._turn(asker, conversation, admitted, at), conversation, admitted)

    def _admit(
        self, asker: Asker, conversation: Conversation, branch: _Branch, wanted: Wanted, contents: Contents
    ) -> _Admitted:
        parameters = conversation.parameters if wanted.parameters is None else wanted.parameters
        request = model_request(
            branch.path,
            contents,
            model=wanted.model or conversation.model,
            system_prompt=conversation.system_prompt,
            parameters=parameters,
            strict=asker.strict,
        )
        call = Call(asker.caller, asker.request_id, FACE, asker.started, Stop(), watches=True)
        try:
            answer = self._llm.admit(request, call, completely=True)
        except InvalidRequest as error:
            raise _about_parameters(error, parameters) from error
        return _Admitted(wanted, branch, request, call, answer)

    def _turn(self, asker: Asker, conversation: Conversation, admitted: Sequence[_Admitted], at: datetime) -> NewTurn:
        answers = tuple(
            NewAnswer(str(uuid.uuid4()), one.branch.question.id, str(uuid.uuid4()), one.request.model)
            for one in admitted
        )
        leaves = {one.branch.replaces: answer.id for one, answer in zip(admitted, answers, strict=True)}
        columns = conversation.compare and tuple(
            replace(column, message_id=leaves.get(column.message_id, column.message_id))
            if column.message_id is not None
            else column
            for column in conversation.compare
        )
        return NewTurn(
            conversation_id=conversation.id,
            user_id=asker.caller.user_id,
            request_id=asker.request_id,
            at=at,
            answers=answers,
            compare=columns,
        )

    def _begin(self, turn: NewTurn, conversation: Conversation, admitted: Sequence[_Admitted]) -> Started:
        def write(stored: Chats) -> tuple[dict[str, Message], Conversation]:
            made = stored.turns.begin(turn)
            return made, found(stored.conversations.one(turn.user_id, turn.conversation_id), "conversation")

        made, changed = chats.write(self._database, write)
        runs = tuple(
            Run(_generation(turn, new), one.request, one.call, one.answer, conversation.system_prompt)
            for one, new in zip(admitted, turn.answers, strict=True)
        )
        for run in runs:
            self._generations.start(run)
        return Started(
            questions=tuple(made[one.id] for one in turn.questions),
            answers=tuple(made[one.id] for one in turn.answers),
            conversation=changed,
            runs=runs,
        )


def _open(stored: Chats, user_id: str, conversation_id: str) -> Conversation:
    conversation = found(stored.conversations.one(user_id, conversation_id), "conversation")
    if conversation.deleted_at is not None:
        raise Conflict("This conversation is deleted. Restore it first.")
    return conversation


def _contents(stored: Chats, user_id: str, question: Question) -> dict[str, AttachmentContent]:
    """Of the question's own attachments, in their order."""
    known = stored.attachments.contents(user_id, question.attachment_ids)
    for position, identity in enumerate(question.attachment_ids):
        if identity not in known:
            raise invalid(f"attachments.{position}", "is not one of your attachments")
    return {
        **{one.attachment.id: one for one in question.images},
        **{identity: known[identity] for identity in question.attachment_ids},
    }


def _parent_id(wanted: Wanted, conversation: Conversation) -> str | None:
    return conversation.active_message_id if wanted.place is None else wanted.place.parent_id


def _path(stored: Chats, conversation_id: str, leaf_id: str | None) -> tuple[Message, ...]:
    """Root first; empty for a new root. Raises InvalidRequest or Conflict for a leaf that nothing can follow."""
    if leaf_id is None:
        return ()
    path = tuple(stored.messages.path(conversation_id, leaf_id))
    if not path:
        raise invalid("parent_id", "is not a message of this conversation")
    if path[-1].status is MessageStatus.STREAMING:
        raise Conflict("The message to answer below is still being written.", param="parent_id")
    return path


def _asked(
    question: Question,
    own: Mapping[str, AttachmentContent],
    path: Sequence[Message],
    conversation: Conversation,
    at: datetime,
) -> Message:
    """The question as it will be stored below `path`."""
    return Message(
        id=str(uuid.uuid4()),
        conversation_id=conversation.id,
        number=0,
        parent_id=path[-1].id if path else None,
        role=MessageRole.USER,
        content=question.content,
        status=MessageStatus.DONE,
        created_at=at,
        updated_at=at,
        attachments=tuple(one.attachment for one in own.values()),
    )


def _attached(branches: Any) -> list[str]:
    """Ids of everything that is attached to stored messages of these paths."""
    return list({one.id: None for branch in branches for message in branch.path for one in message.attachments})


def _new_question(message: Message) -> NewQuestion:
    ids = tuple(one.id for one in message.attachments)
    return NewQuestion(message.id, message.parent_id, message.content, ids)


def _name_of_attachment(question: Question, contents: Contents) -> str | None:
    names = [contents[one].attachment.name for one in question.attachment_ids]
    names += [one.attachment.name for one in question.images]
    return title_of(names[0]) if names else None


def _about_parameters(error: InvalidRequest, parameters: Mapping[str, Any]) -> InvalidRequest:
    """The same, naming a parameter by its place in the request's body."""
    if error.param not in parameters:
        return error
    details = [Problem(f"parameters.{one.field}", one.problem) for one in error.details]
    return type(error)(error.message, param=f"parameters.{error.param}", details=details)


def _generation(turn: NewTurn, new: NewAnswer) -> Generation:
    """As `Turns.begin` stored it."""
    return Generation(
        id=new.generation_id,
        conversation_id=turn.conversation_id,
        message_id=new.id,
        user_id=turn.user_id,
        state=GenerationState.RUNNING,
        model_asked=new.model_asked,
        request_id=turn.request_id,
        started_at=turn.at,
        ended_at=None,
        alive_at=turn.at,
        last_event=0,
    )
