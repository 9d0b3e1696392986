"""ChatGPT's conversations.json: a tree per conversation in `mapping`, by node; `current_node` is what is shown.

Nobody wrote the format down; the members are those of exported files of 2023 to 2026. Whatever else a node holds is
ignored, and a node that is hidden or has no text is left out, so that what is below it moves up.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from app.api.chat.bodies import MAX_TITLE
from app.api.chat.transfer.problem import Unreadable
from app.domain.conversations import Message, MessageRole, MessageStatus, TitleSource
from app.gateway.conversations.imports import ImportedConversation, Node

MEMBERS = ("title", "create_time", "update_time", "mapping", "current_node", "is_starred", "is_archived")
"""Of a conversation: those that are read."""

_ROLES = {role.value: role for role in MessageRole}
_MAX_CHARS = 20_000_000
_LATEST = datetime(9998, 1, 1, tzinfo=UTC).timestamp()


def is_conversation(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("mapping"), dict)


def conversation_of(document: Any, at: datetime) -> ImportedConversation:
    """Raises Unreadable. `at` is the time of what has none."""
    if not is_conversation(document):
        raise Unreadable("There is no mapping in it")
    title = " ".join(_text(document.get("title")).split())[:MAX_TITLE]
    created_at = _time(document.get("create_time"))
    return ImportedConversation(
        title=title,
        title_source=TitleSource.MODEL if title else TitleSource.NONE,
        nodes=tuple(_node(str(key), node, created_at or at) for key, node in document["mapping"].items()),
        pinned=document.get("is_starred") is True,
        archived=document.get("is_archived") is True,
        active=_text(document.get("current_node")) or None,
        created_at=created_at,
        updated_at=_time(document.get("update_time")),
    )


def _node(key: str, node: Any, at: datetime) -> Node:
    if not isinstance(node, dict):
        return Node(key, None)
    parent = node.get("parent")
    message = node.get("message")
    found = _message(message, at) if isinstance(message, dict) else None
    thoughts = _thoughts(message) if found is None and isinstance(message, dict) else ""
    return Node(key, parent if isinstance(parent, str) else None, found, thoughts=thoughts)


def _message(message: dict[str, Any], at: datetime) -> Message | None:
    author, details = _members(message.get("author")), _members(message.get("metadata"))
    role = _ROLES.get(_text(author.get("role")))
    content = _content(_members(message.get("content")))
    if role is None or not content.strip() or details.get("is_visually_hidden_from_conversation") is True:
        return None
    created_at = _time(message.get("create_time")) or at
    return Message(
        id="",
        conversation_id="",
        number=0,
        parent_id=None,
        role=role,
        content=content[:_MAX_CHARS],
        status=MessageStatus.DONE,
        created_at=created_at,
        updated_at=_time(message.get("update_time")) or created_at,
        model=_text(details.get("model_slug"))[:300] or None if role is MessageRole.ASSISTANT else None,
    )


def _content(content: dict[str, Any]) -> str:
    """As Markdown; empty for what a person never saw."""
    match content.get("content_type"):
        case "text" | "multimodal_text":
            parts = content.get("parts")
            return "\n\n".join(_part(part) for part in parts) if isinstance(parts, list) else ""
        case "code":
            return _fenced(_text(content.get("text")), _text(content.get("language")))
        case "execution_output":
            return _fenced(_text(content.get("text")), "")
        case "tether_browsing_display":
            return _text(content.get("result"))
        case "tether_quote":
            return "\n\n".join(one for one in (_text(content.get(name)) for name in ("title", "text", "url")) if one)
        case "system_error":
            return _text(content.get("text"))
    return ""


def _part(part: Any) -> str:
    """Text; an image or a recording is not in the file, only its name is."""
    if isinstance(part, str):
        return part
    kind = _text(_members(part).get("content_type"))
    if kind == "audio_transcription":
        return _text(_members(part).get("text"))
    if kind.startswith("image"):
        return "[Image]"
    return "[Audio]" if kind.startswith("audio") else ""


def _fenced(text: str, language: str) -> str:
    if not text.strip():
        return ""
    fence = "```"
    while fence in text:
        fence += "`"
    name = language if language.isalnum() and language != "unknown" else ""
    return f"{fence}{name}\n{text}\n{fence}"


def _thoughts(message: dict[str, Any]) -> str:
    """What a reasoning model wrote before its answer, which the export has as a message of its own."""
    content = _members(message.get("content"))
    thoughts = content.get("thoughts")
    if content.get("content_type") != "thoughts" or not isinstance(thoughts, list):
        return ""
    texts = [_text(_members(one).get("content")) or _text(_members(one).get("summary")) for one in thoughts]
    return "\n\n".join(one for one in texts if one)[:_MAX_CHARS]


def _members(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _time(value: Any) -> datetime | None:
    """Seconds since 1970, where they are ones."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return datetime.fromtimestamp(value, UTC) if 0 < value < _LATEST else None
