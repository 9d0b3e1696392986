"""Our own file: `{"format": "patchbay.conversations", "version": 1, "conversations": [{…, "folder", "messages"}]}`.

A conversation has what the API shows of it, without ids of places that a file has not; a message likewise. Attachments
carry their bytes as base64, files also the text that a model was sent.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from app.api.chat.bodies import MAX_COLUMNS, MAX_MODEL, MAX_NAME, MAX_PARAMETERS_BYTES, MAX_SYSTEM_PROMPT, MAX_TITLE
from app.api.chat.rendering import conversation_json, message_json
from app.api.chat.transfer.problem import Unreadable
from app.domain.conversations import (
    Attachment,
    AttachmentContent,
    AttachmentKind,
    CompareColumn,
    Feedback,
    Message,
    MessageError,
    MessageRole,
    MessageStatus,
    Timings,
    TitleSource,
    ToolCall,
)
from app.domain.errors import InvalidRequest, Problem
from app.domain.usage import TokenSource, Usage
from app.gateway.conversations.attachments import file_name
from app.gateway.conversations.exports import WholeConversation
from app.gateway.conversations.imports import ImportedConversation, Node
from app.gateway.conversations.pictures import image_content
from app.gateway.conversations.readable import MAX_TEXT_CHARS

FORMAT, VERSION = "patchbay.conversations", 1
Given = TypeVar("Given")
Made = TypeVar("Made")
ReadContent = Callable[[str], AttachmentContent | None]
"""An attachment's bytes by its id."""

_OF_A_PLACE = ("folder_id", "temporary", "running", "message_count", "deleted_at")
_OF_A_RUN = ("conversation_id", "generation_id", "last_event", "images", "files")
_encode = msgspec.json.Encoder().encode


# Out.


def pieces(conversations: Iterator[WholeConversation], read: ReadContent) -> Iterator[bytes]:
    """The file, in pieces no larger than a message or an attachment."""
    yield b'{"format":%s,"version":%d,"conversations":[' % (_encode(FORMAT), VERSION)
    separator = b"\n"
    for whole in conversations:
        yield separator
        yield from _conversation_pieces(whole, read)
        separator = b",\n"
    yield b"\n]}\n"


def _conversation_pieces(whole: WholeConversation, read: ReadContent) -> Iterator[bytes]:
    document = {**conversation_json(whole.conversation), "folder": whole.folder}
    yield _open({name: value for name, value in document.items() if name not in _OF_A_PLACE}) + b',"messages":['
    separator = b"\n"
    for message in whole.messages:
        yield separator
        document = {name: value for name, value in message_json(message).items() if name not in _OF_A_RUN}
        yield _open(document) + b',"images":['
        yield from _attachment_pieces(message.images, read)
        yield b'],"files":['
        yield from _attachment_pieces(message.files, read)
        yield b"]}"
        separator = b",\n"
    yield b"]}"


def _attachment_pieces(attachments: tuple[Attachment, ...], read: ReadContent) -> Iterator[bytes]:
    separator = b""
    for attachment in attachments:
        content = read(attachment.id)
        if content is not None:
            yield separator + _encode(_attachment_document(content))
            separator = b","


def _attachment_document(content: AttachmentContent) -> dict[str, Any]:
    one = content.attachment
    document: dict[str, Any] = {"name": one.name, "media_type": one.media_type}
    if one.kind is AttachmentKind.FILE:
        document |= {"pages": one.pages, "text": content.text}
    return {**document, "data_base64": base64.b64encode(content.data).decode()}


def _open(document: dict[str, Any]) -> bytes:
    """A JSON object that goes on."""
    return _encode(document)[:-1]


# In. What is not named here is ignored.

Int = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Figure = Annotated[float, Meta(ge=0, le=1e12)]
Text = Annotated[str, Meta(max_length=20_000_000)]
Short = Annotated[str, Meta(max_length=1_000)]
Key = Annotated[str, Meta(min_length=1, max_length=100)]
Model = Annotated[str, Meta(min_length=1, max_length=MAX_MODEL)]
Role = Literal["user", "assistant", "system", "tool"]
Status = Literal["streaming", "done", "stopped", "failed", "interrupted"]
Source = Literal["none", "question", "model", "person"]


class AttachmentIn(Struct):
    name: Short
    data_base64: str
    media_type: Annotated[str, Meta(max_length=100, pattern=r"^[\w.+-]+/[\w.+-]+$")] = "text/plain"
    text: Annotated[str, Meta(max_length=MAX_TEXT_CHARS)] | None = None
    pages: Int | None = None


class ToolCallIn(Struct):
    index: Int
    id: Short | None
    name: Short
    arguments: Text


class ProblemIn(Struct):
    field: Short
    problem: Short


class ErrorIn(Struct):
    code: Short
    message: Text
    request_id: Short
    details: list[ProblemIn] = []
    provider: Short | None = None


class UsageIn(Struct):
    prompt_tokens: Int
    completion_tokens: Int
    reasoning_tokens: Int = 0
    source: Literal["provider", "estimated", "absent"] = "absent"


class TimingsIn(Struct):
    total_ms: Figure
    first_token_ms: Figure | None = None
    tokens_per_second: Figure | None = None
    overhead_ms: Figure = 0.0


class MessageIn(Struct):
    id: Key
    role: Role
    content: Text
    parent_id: Key | None = None
    reasoning: Text | None = None
    reasoning_ms: Int | None = None
    images: list[AttachmentIn] = []
    files: list[AttachmentIn] = []
    tool_calls: list[ToolCallIn] = []
    model_asked: Short | None = None
    model: Short | None = None
    provider: Short | None = None
    status: Status = "done"
    error: ErrorIn | None = None
    finish_reason: Short | None = None
    usage: UsageIn | None = None
    timings: TimingsIn | None = None
    attempts: Int | None = None
    cost_usd: Figure | None = None
    feedback: Literal["up", "down"] | None = None
    request: dict[str, Any] | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class ColumnIn(Struct):
    model: Model
    message_id: Key | None = None


class CompareIn(Struct):
    columns: Annotated[list[ColumnIn], Meta(min_length=2, max_length=MAX_COLUMNS)]


class ConversationIn(Struct):
    messages: list[MessageIn]
    title: Annotated[str, Meta(max_length=300)] = ""
    title_source: Source = "none"
    model: Model | None = None
    parameters: dict[str, Any] = {}
    system_prompt: Annotated[str, Meta(max_length=MAX_SYSTEM_PROMPT)] | None = None
    pinned: bool = False
    archived: bool = False
    folder: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    active_message_id: Key | None = None
    compare: CompareIn | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


def conversation_of(document: Any, at: datetime) -> ImportedConversation:
    """Raises Unreadable. `at` is the time of what has none."""
    try:
        given = msgspec.convert(document, ConversationIn)
    except msgspec.ValidationError as error:
        raise Unreadable(str(error)) from error
    if len(_encode(given.parameters)) > MAX_PARAMETERS_BYTES:
        raise Unreadable(f"The parameters have more than {MAX_PARAMETERS_BYTES} bytes")
    return ImportedConversation(
        title=given.title[:MAX_TITLE],
        title_source=TitleSource(given.title_source) if given.title else TitleSource.NONE,
        nodes=tuple(_node(message, at) for message in given.messages),
        is_in_order=True,
        model=given.model,
        parameters=given.parameters,
        system_prompt=given.system_prompt,
        pinned=given.pinned,
        archived=given.archived,
        folder=given.folder and given.folder[:MAX_NAME],
        active=given.active_message_id,
        compare=_maybe(given.compare, _columns),
        created_at=_time(given.created_at),
        updated_at=_time(given.updated_at),
    )


def _node(given: MessageIn, at: datetime) -> Node:
    created_at = _time(given.created_at) or at
    contents = (*(_image(one, at) for one in given.images), *(_file(one, at) for one in given.files))
    message = Message(
        id="",
        conversation_id="",
        number=0,
        parent_id=None,
        role=MessageRole(given.role),
        content=given.content,
        # Nothing writes it any more.
        status=MessageStatus.INTERRUPTED if given.status == "streaming" else MessageStatus(given.status),
        created_at=created_at,
        updated_at=_time(given.updated_at) or created_at,
        reasoning=given.reasoning,
        reasoning_ms=given.reasoning_ms,
        tool_calls=tuple(ToolCall(one.index, one.id, one.name, one.arguments) for one in given.tool_calls),
        model_asked=given.model_asked,
        model=given.model,
        provider=given.provider,
        error=_maybe(given.error, _error),
        finish_reason=given.finish_reason,
        usage=_maybe(given.usage, _usage),
        timings=_maybe(given.timings, _timings),
        attempts=given.attempts,
        cost_usd=given.cost_usd,
        feedback=None if given.feedback is None else Feedback(given.feedback),
        request=_maybe(given.request, _request),
    )
    return Node(given.id, given.parent_id, message, contents)


def _maybe(given: Given | None, make: Callable[[Given], Made]) -> Made | None:
    return None if given is None else make(given)


def _columns(given: CompareIn) -> tuple[CompareColumn, ...]:
    return tuple(CompareColumn(one.model, one.message_id) for one in given.columns)


def _error(given: ErrorIn) -> MessageError:
    details = tuple(Problem(one.field, one.problem) for one in given.details)
    return MessageError(given.code, given.message, given.request_id, details, given.provider)


def _usage(given: UsageIn) -> Usage:
    return Usage(given.prompt_tokens, given.completion_tokens, given.reasoning_tokens, 0, TokenSource(given.source))


def _timings(given: TimingsIn) -> Timings:
    return Timings(given.first_token_ms, given.total_ms, given.tokens_per_second, given.overhead_ms)


def _request(given: dict[str, Any]) -> dict[str, Any]:
    """As the API shows it: a model, and a list of names."""
    dropped = given.get("dropped", [])
    if not isinstance(given.get("model"), str) or not isinstance(dropped, list):
        raise Unreadable("A request must have a model and a list of what was dropped")
    if not all(isinstance(one, str) for one in dropped) or len(_encode(given)) > MAX_PARAMETERS_BYTES:
        raise Unreadable("A request must name what was dropped, and be small")
    return {**given, "dropped": dropped}


def _image(given: AttachmentIn, at: datetime) -> AttachmentContent:
    try:
        return image_content("", _data(given), name=file_name(given.name), at=at)
    except InvalidRequest as error:
        raise Unreadable(f"An image {error.details[0].problem}") from error


def _file(given: AttachmentIn, at: datetime) -> AttachmentContent:
    """With the text that the file says it has: it was read before, and is its owner's own."""
    if given.text is None:
        raise Unreadable("A file has no text")
    data = _data(given)
    attachment = Attachment(
        id=str(uuid.uuid4()),
        user_id="",
        kind=AttachmentKind.FILE,
        name=file_name(given.name) or "file",
        media_type=given.media_type,
        size_bytes=len(data),
        width=None,
        height=None,
        pages=given.pages,
        text_chars=len(given.text),
        created_at=at,
    )
    return AttachmentContent(attachment, data, given.text)


def _data(given: AttachmentIn) -> bytes:
    try:
        return base64.b64decode(given.data_base64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable("An attachment is not valid base64") from error


def _time(given: datetime | None) -> datetime | None:
    """Of times without an offset nobody knows when they were; others are outside of what can be kept."""
    if given is None or given.tzinfo is None or not 1970 <= given.year <= 9998:
        return None
    return given.astimezone(UTC)
