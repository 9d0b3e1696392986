"""Messages between rows and values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.domain.conversations import (
    Attachment,
    AttachmentKind,
    Feedback,
    Message,
    MessageError,
    MessageRole,
    MessageStatus,
    Timings,
    ToolCall,
)
from app.domain.errors import Problem
from app.domain.usage import TokenSource, Usage
from app.storage.storable import storable, storable_json
from app.storage.tables import AttachmentRow, MessageRow

ATTACHMENT_COLUMNS = (
    AttachmentRow.id,
    AttachmentRow.user_id,
    AttachmentRow.kind,
    AttachmentRow.name,
    AttachmentRow.media_type,
    AttachmentRow.size_bytes,
    AttachmentRow.width,
    AttachmentRow.height,
    AttachmentRow.pages,
    AttachmentRow.text_chars,
    AttachmentRow.created_at,
)
"""Everything but the bytes and the text, in the order of the value's fields."""


def attachment_value(columns: Iterable[Any]) -> Attachment:
    """Of ATTACHMENT_COLUMNS."""
    identity, user_id, kind, *rest = columns
    return Attachment(identity, user_id, AttachmentKind(kind), *rest)


def message_value(row: Any, attachments: tuple[Attachment, ...]) -> Message:
    """Of a row with every column of MessageRow."""
    return Message(
        id=row.id,
        conversation_id=row.conversation_id,
        number=row.number,
        parent_id=row.parent_id,
        role=MessageRole(row.role),
        content=row.content,
        status=MessageStatus(row.status),
        created_at=row.created_at,
        updated_at=row.updated_at,
        reasoning=row.reasoning,
        reasoning_ms=row.reasoning_ms,
        attachments=attachments,
        tool_calls=() if row.tool_calls is None else tuple(ToolCall(**one) for one in row.tool_calls),
        model_asked=row.model_asked,
        model=row.model,
        provider=row.provider,
        error=None if row.error is None else _error(row.error),
        finish_reason=row.finish_reason,
        usage=None if row.usage is None else _usage(row.usage),
        timings=None if row.timings is None else Timings(**row.timings),
        attempts=row.attempts,
        cost_usd=row.cost_usd,
        feedback=None if row.feedback is None else Feedback(row.feedback),
        generation_id=row.generation_id,
        last_event=row.last_event,
        request=row.request,
        deleted_at=row.deleted_at,
    )


def message_columns(message: Message) -> dict[str, Any]:
    """Everything a row keeps; attachments are rows of another table."""
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "number": message.number,
        "parent_id": message.parent_id,
        "role": message.role.value,
        "content": storable(message.content),
        "reasoning": storable(message.reasoning),
        "reasoning_ms": message.reasoning_ms,
        "tool_calls": tool_calls_document(message.tool_calls),
        "model_asked": storable(message.model_asked),
        "model": storable(message.model),
        "provider": None if message.provider is None else storable(message.provider)[:100],
        "status": message.status.value,
        "error": error_document(message.error),
        "finish_reason": storable(message.finish_reason),
        "usage": usage_document(message.usage),
        "timings": timings_document(message.timings),
        "attempts": message.attempts,
        "cost_usd": message.cost_usd,
        "feedback": None if message.feedback is None else message.feedback.value,
        "generation_id": message.generation_id,
        "last_event": message.last_event,
        "request": storable_json(message.request),
        "created_at": message.created_at,
        "updated_at": message.updated_at,
        "deleted_at": message.deleted_at,
    }


MESSAGE_TABLE = MessageRow.__table__


def tool_calls_document(calls: tuple[ToolCall, ...]) -> list[Any] | None:
    if not calls:
        return None
    return [
        {
            "index": one.index,
            "id": storable(one.id),
            "name": storable(one.name),
            "arguments": storable(one.arguments),
        }
        for one in calls
    ]


def error_document(error: MessageError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    return {
        "code": storable(error.code),
        "message": storable(error.message),
        "request_id": error.request_id,
        "details": [{"field": storable(one.field), "problem": storable(one.problem)} for one in error.details],
        "provider": error.provider,
    }


def usage_document(usage: Usage | None) -> dict[str, Any] | None:
    if usage is None:
        return None
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "cached_tokens": usage.cached_tokens,
        "source": usage.source.value,
    }


def timings_document(timings: Timings | None) -> dict[str, Any] | None:
    if timings is None:
        return None
    return {
        "first_token_ms": timings.first_token_ms,
        "total_ms": timings.total_ms,
        "tokens_per_second": timings.tokens_per_second,
        "overhead_ms": timings.overhead_ms,
    }


def _error(document: dict[str, Any]) -> MessageError:
    details = tuple(Problem(one["field"], one["problem"]) for one in document["details"])
    return MessageError(**{**document, "details": details})


def _usage(document: dict[str, Any]) -> Usage:
    return Usage(**{**document, "source": TokenSource(document["source"])})
