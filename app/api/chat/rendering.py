"""Conversations and what belongs to them as JSON documents, in the shapes of shapes.py."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from app.api.times import iso
from app.domain.conversations import (
    Attachment,
    CompareColumn,
    Conversation,
    Folder,
    Generation,
    Message,
    MessageError,
    Preset,
    SearchHit,
)
from app.domain.usage import Usage

Json = dict[str, Any]


def conversation_json(conversation: Conversation) -> Json:
    return {
        "id": conversation.id,
        "title": conversation.title,
        "title_source": conversation.title_source.value,
        "model": conversation.model,
        "parameters": conversation.parameters,
        "system_prompt": conversation.system_prompt,
        "pinned": conversation.pinned,
        "archived": conversation.archived,
        "folder_id": conversation.folder_id,
        "temporary": conversation.temporary,
        "active_message_id": conversation.active_message_id,
        "compare": compare_json(conversation.compare),
        "running": list(conversation.running),
        "message_count": conversation.message_count,
        "created_at": iso(conversation.created_at),
        "updated_at": iso(conversation.updated_at),
        "deleted_at": _maybe(conversation.deleted_at),
    }


def compare_json(columns: tuple[CompareColumn, ...] | None) -> Json | None:
    if columns is None:
        return None
    return {"columns": [{"model": one.model, "message_id": one.message_id} for one in columns]}


def message_json(message: Message) -> Json:
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "parent_id": message.parent_id,
        "role": message.role.value,
        "content": message.content,
        "reasoning": message.reasoning,
        "reasoning_ms": message.reasoning_ms,
        "images": [attachment_json(one) for one in message.images],
        "files": [attachment_json(one) for one in message.files],
        "tool_calls": [asdict(one) for one in message.tool_calls],
        "model_asked": message.model_asked,
        "model": message.model,
        "provider": message.provider,
        "status": message.status.value,
        "error": None if message.error is None else message_error_json(message.error),
        "finish_reason": message.finish_reason,
        "usage": None if message.usage is None else message_usage_json(message.usage),
        "timings": None if message.timings is None else asdict(message.timings),
        "attempts": message.attempts,
        "cost_usd": message.cost_usd,
        "feedback": None if message.feedback is None else message.feedback.value,
        "generation_id": message.generation_id,
        "last_event": message.last_event,
        "request": message.request,
        "created_at": iso(message.created_at),
        "updated_at": iso(message.updated_at),
    }


def message_error_json(error: MessageError) -> Json:
    return {
        "code": error.code,
        "message": error.message,
        "request_id": error.request_id,
        "details": [{"field": one.field, "problem": one.problem} for one in error.details],
        "provider": error.provider,
    }


def message_usage_json(usage: Usage) -> Json:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "total_tokens": usage.total_tokens,
        "source": usage.source.value,
    }


def attachment_json(attachment: Attachment) -> Json:
    return {
        "id": attachment.id,
        "kind": attachment.kind.value,
        "name": attachment.name,
        "media_type": attachment.media_type,
        "size_bytes": attachment.size_bytes,
        "width": attachment.width,
        "height": attachment.height,
        "pages": attachment.pages,
        "text_chars": attachment.text_chars,
        "created_at": iso(attachment.created_at),
    }


def generation_json(generation: Generation) -> Json:
    return {
        "id": generation.id,
        "conversation_id": generation.conversation_id,
        "message_id": generation.message_id,
        "state": generation.state.value,
        "model_asked": generation.model_asked,
        "started_at": iso(generation.started_at),
        "ended_at": _maybe(generation.ended_at),
        "last_event": generation.last_event,
    }


def folder_json(folder: Folder) -> Json:
    return {
        "id": folder.id,
        "name": folder.name,
        "position": folder.position,
        "conversation_count": folder.conversation_count,
        "created_at": iso(folder.created_at),
    }


def preset_json(preset: Preset) -> Json:
    return {
        "id": preset.id,
        "name": preset.name,
        "system_prompt": preset.system_prompt,
        "parameters": preset.parameters,
        "model": preset.model,
        "created_at": iso(preset.created_at),
        "updated_at": iso(preset.updated_at),
    }


def hit_json(hit: SearchHit) -> Json:
    return {
        "conversation_id": hit.conversation_id,
        "title": hit.title,
        "archived": hit.archived,
        "message_id": hit.message_id,
        "role": None if hit.role is None else hit.role.value,
        "snippet": hit.snippet,
        "marks": [list(mark) for mark in hit.marks],
        "created_at": iso(hit.created_at),
    }


def _maybe(time: datetime | None) -> str | None:
    return None if time is None else iso(time)
