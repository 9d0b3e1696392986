"""Chats that are kept: a conversation is a tree of messages, and an answer is made by a generation.

A message's text never changes once it is final; editing and asking again make new branches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.domain.errors import Problem
from app.domain.usage import Usage


class TitleSource(StrEnum):
    NONE = "none"
    QUESTION = "question"
    MODEL = "model"
    PERSON = "person"


class MessageRole(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"
    TOOL = "tool"


class MessageStatus(StrEnum):
    STREAMING = "streaming"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    """The server stopped or crashed meanwhile; the text so far is kept."""


class GenerationState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def message_status(self) -> MessageStatus:
        return MessageStatus.STREAMING if self is GenerationState.RUNNING else MessageStatus(self.value)


class Feedback(StrEnum):
    UP = "up"
    DOWN = "down"


class AttachmentKind(StrEnum):
    IMAGE = "image"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class CompareColumn:
    """One of the models that are compared; `message_id` is the newest message of its branch."""

    model: str
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    id: str
    user_id: str
    title: str
    title_source: TitleSource
    model: str | None
    parameters: Mapping[str, Any]
    system_prompt: str | None
    pinned: bool
    archived: bool
    folder_id: str | None
    temporary: bool
    active_message_id: str | None
    """The end of the branch that is shown."""
    compare: tuple[CompareColumn, ...] | None
    message_count: int
    """Messages that are not deleted, of all branches."""
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    running: tuple[str, ...] = ()
    """Ids of the generations that run now."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An image or a file of a person. Width and height are an image's, pages and text_chars a file's."""

    id: str
    user_id: str
    kind: AttachmentKind
    name: str
    media_type: str
    size_bytes: int
    width: int | None
    height: int | None
    pages: int | None
    text_chars: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AttachmentContent:
    """What is kept of an attachment: its bytes and, of a file, the text that a model is sent."""

    attachment: Attachment
    data: bytes
    text: str | None


@dataclass(frozen=True, slots=True)
class ToolCall:
    index: int
    id: str | None
    name: str
    arguments: str
    """JSON text."""


@dataclass(frozen=True, slots=True)
class MessageError:
    """Why an answer failed, as the error event said it."""

    code: str
    message: str
    request_id: str
    details: tuple[Problem, ...] = ()
    provider: str | None = None
    """Slug."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds; the speed counts from the first token on."""

    first_token_ms: float | None
    total_ms: float
    tokens_per_second: float | None
    overhead_ms: float


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    conversation_id: str
    number: int
    """Counts the messages of a conversation; a parent's is smaller than its children's."""
    parent_id: str | None
    role: MessageRole
    content: str
    status: MessageStatus
    created_at: datetime
    updated_at: datetime
    reasoning: str | None = None
    reasoning_ms: int | None = None
    attachments: tuple[Attachment, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    model_asked: str | None = None
    model: str | None = None
    """Canonical name (`slug/id`) of the model that really answered."""
    provider: str | None = None
    """Slug."""
    error: MessageError | None = None
    finish_reason: str | None = None
    usage: Usage | None = None
    timings: Timings | None = None
    attempts: int | None = None
    cost_usd: float | None = None
    feedback: Feedback | None = None
    generation_id: str | None = None
    last_event: int = 0
    """Number of the last event whose effect is in `content` and `reasoning`."""
    request: Mapping[str, Any] | None = None
    """What was sent, without the messages: `{model, …parameters, dropped}`."""
    deleted_at: datetime | None = None

    @property
    def images(self) -> tuple[Attachment, ...]:
        return tuple(one for one in self.attachments if one.kind is AttachmentKind.IMAGE)

    @property
    def files(self) -> tuple[Attachment, ...]:
        return tuple(one for one in self.attachments if one.kind is AttachmentKind.FILE)


@dataclass(frozen=True, slots=True)
class Generation:
    """One run of a model for one answer. It belongs to the server, not to a connection."""

    id: str
    conversation_id: str
    message_id: str
    user_id: str
    state: GenerationState
    model_asked: str | None
    request_id: str
    started_at: datetime
    ended_at: datetime | None
    alive_at: datetime
    """When the process that runs it last said so."""
    last_event: int
    sent: Mapping[str, Any] | None = None
    """What is needed to show the request that was sent, as gateway/conversations/ keeps it."""


# What one write of storage takes.


@dataclass(frozen=True, slots=True)
class NewQuestion:
    id: str
    parent_id: str | None
    content: str
    attachment_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An empty answer below `parent_id`, and the generation that will fill it."""

    id: str
    parent_id: str
    generation_id: str
    model_asked: str | None


@dataclass(frozen=True, slots=True)
class NewTurn:
    """Everything that is stored before a model is asked."""

    conversation_id: str
    user_id: str
    request_id: str
    at: datetime
    answers: tuple[NewAnswer, ...]
    questions: tuple[NewQuestion, ...] = ()
    attachments: tuple[AttachmentContent, ...] = ()
    """Images that came inside the request; questions name them among their attachment_ids."""
    active_message_id: str | None = None
    """None: the first answer."""
    title: str | None = None
    """Taken if the conversation has none yet (title_source `none`)."""
    compare: tuple[CompareColumn, ...] | None = None
    """None: left as it is."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What an answer has come to so far; `last_event` is the last event whose effect is in it."""

    content: str
    last_event: int
    reasoning: str | None = None
    reasoning_ms: int | None = None
    tool_calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a generation ended; stored in one write with its text."""

    state: GenerationState
    progress: Progress
    model: str | None = None
    provider: str | None = None
    error: MessageError | None = None
    finish_reason: str | None = None
    usage: Usage | None = None
    timings: Timings | None = None
    attempts: int | None = None
    cost_usd: float | None = None
    request: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    id: str
    user_id: str
    name: str
    position: int
    conversation_count: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Preset:
    id: str
    user_id: str
    name: str
    system_prompt: str | None
    parameters: Mapping[str, Any]
    model: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SearchHit:
    """`message_id` is None where the title matched. `marks` are places in `snippet`, in UTF-16 units."""

    conversation_id: str
    title: str
    archived: bool
    message_id: str | None
    role: MessageRole | None
    snippet: str
    marks: tuple[tuple[int, int], ...]
    created_at: datetime
