"""What the conversation routes answer, as the OpenAPI document shows it; rendering.py makes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from app.api.admin.shapes import ProblemOut
from app.api.shape import Shape
from app.api.times import Time

Parameters = dict[str, Any]
Role = Literal["user", "assistant", "system", "tool"]
Status = Literal["streaming", "done", "stopped", "failed", "interrupted"]
State = Literal["running", "done", "stopped", "failed", "interrupted"]
FeedbackValue = Literal["up", "down"]


class CompareColumnOut(Shape):
    model: str
    message_id: str | None = Field(description="The newest message of this column's branch")


class CompareOut(Shape):
    columns: list[CompareColumnOut] = Field(description="2 to 4")


class ConversationOut(Shape):
    id: str
    title: str = Field(description="Empty until there is one")
    title_source: Literal["none", "question", "model", "person"]
    model: str | None
    parameters: Parameters
    system_prompt: str | None
    pinned: bool
    archived: bool
    folder_id: str | None
    temporary: bool = Field(description="Not listed, not searched, removed 24 hours after its last change")
    active_message_id: str | None = Field(description="The end of the branch that is shown")
    compare: CompareOut | None
    running: list[str] = Field(description="Ids of the generations that run now")
    message_count: int = Field(description="Of all branches")
    created_at: Time
    updated_at: Time = Field(
        description="Moves with messages, title, model, system prompt and parameters; not with pins or folders"
    )
    deleted_at: Time | None = Field(description="It can be restored for 30 days")


class AttachmentOut(Shape):
    id: str
    kind: Literal["image", "file"]
    name: str
    media_type: str
    size_bytes: int
    width: int | None = Field(description="Pixels, of an image")
    height: int | None
    pages: int | None = Field(description="Of a PDF")
    text_chars: int | None = Field(description="Of a file: how much text a model is sent")
    created_at: Time


class AttachmentTextOut(Shape):
    text: str


class ChatToolCallOut(Shape):
    index: int
    id: str | None
    name: str
    arguments: str = Field(description="JSON")


class MessageErrorOut(Shape):
    code: str
    message: str
    request_id: str
    details: list[ProblemOut]
    provider: str | None = Field(description="Slug")


class MessageUsageOut(Shape):
    prompt_tokens: int
    completion_tokens: int = Field(description="With those of the reasoning")
    reasoning_tokens: int
    total_tokens: int
    source: Literal["provider", "estimated", "absent"]


class MessageTimingsOut(Shape):
    first_token_ms: float | None
    total_ms: float
    tokens_per_second: float | None
    overhead_ms: float


class RequestSummaryOut(Shape):
    """The parameters that were sent are further members."""

    model_config = ConfigDict(extra="allow")

    model: str
    dropped: list[str] = Field(description="Parameters that this model does not take")


class MessageOut(Shape):
    id: str
    conversation_id: str
    parent_id: str | None
    role: Role
    content: str
    reasoning: str | None
    reasoning_ms: int | None
    images: list[AttachmentOut]
    files: list[AttachmentOut]
    tool_calls: list[ChatToolCallOut]
    model_asked: str | None
    model: str | None = Field(description="The canonical name of the model that really answered")
    provider: str | None = Field(description="Slug")
    status: Status
    error: MessageErrorOut | None
    finish_reason: str | None
    usage: MessageUsageOut | None
    timings: MessageTimingsOut | None
    attempts: int | None
    cost_usd: float | None
    feedback: FeedbackValue | None
    generation_id: str | None
    last_event: int = Field(description="The number of the last event whose effect is in content and reasoning")
    request: RequestSummaryOut | None = Field(description="What was sent, without the messages")
    created_at: Time
    updated_at: Time


class AttemptOut(Shape):
    attempt: int
    provider: str = Field(description="Slug")
    model: str = Field(description="The vendor's name")
    started_at: Time
    first_token_ms: float | None = Field(description="From the attempt's own beginning")
    total_ms: float
    outcome: str = Field(description="`ok`, or the code of what ended it")
    problem: str = Field(description="In words; empty where there was none")


class SentRequestOut(Shape):
    url: str = Field(description="The path, without the provider's address")
    body: dict[str, Any] = Field(description="As sent; the data of images is shortened")
    dropped: list[str]
    sent_at: Time
    attempts: list[AttemptOut] = Field(description="Those that are over; several where the provider was asked again")


class GenerationOut(Shape):
    id: str
    conversation_id: str
    message_id: str
    state: State
    model_asked: str | None
    started_at: Time
    ended_at: Time | None
    last_event: int


class StartedOut(Shape):
    """What was stored, and the answers that are being written now."""

    message: MessageOut | None = Field(description="The question; null where an answer was made again")
    messages: list[MessageOut] = Field(description="Every question, where a comparison has several parents")
    answers: list[MessageOut]
    conversation: ConversationOut


class RemovedMessagesOut(Shape):
    id: str
    deleted: Literal[True]
    ids: list[str] = Field(description="The message and everything below it")


class RestoredMessagesOut(Shape):
    ids: list[str]


class FolderOut(Shape):
    id: str
    name: str
    position: int
    conversation_count: int
    created_at: Time


class ChatPresetOut(Shape):
    id: str
    name: str
    system_prompt: str | None
    parameters: Parameters
    model: str | None
    created_at: Time
    updated_at: Time


Mark = Annotated[list[int], Field(min_length=2, max_length=2)]


class SearchHitOut(Shape):
    conversation_id: str
    title: str
    archived: bool
    message_id: str | None = Field(description="Null where the title matched")
    role: Role | None
    snippet: str
    marks: list[Mark] = Field(description="[start, end] of what matched in the snippet, in UTF-16 units (JavaScript's)")
    created_at: Time


class SkippedOut(Shape):
    title: str
    problem: str


class ImportedOut(Shape):
    imported: int
    conversation_ids: list[str] = Field(description="The first 200")
    skipped: list[SkippedOut] = Field(description="The first 200 that could not be read, with the reason")
