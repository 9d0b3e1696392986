"""Conversations, what belongs to them, and the index that finds them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Dialect, Float, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.storage.tables.base import Base, Uuid, special_index


class SearchWords(TypeDecorator[str]):
    """Words separated by spaces; PostgreSQL keeps them as a tsvector, which its index wants."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(Text())
        # Imported here: an installation on SQLite does without two megabytes of the other dialect.
        from sqlalchemy.dialects.postgresql import TSVECTOR

        return dialect.type_descriptor(TSVECTOR())


class FolderRow(Base):
    __tablename__ = "folders"
    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    position: Mapped[int]
    created_at: Mapped[datetime]


class PresetRow(Base):
    __tablename__ = "presets"
    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    system_prompt: Mapped[str | None] = mapped_column(Text)
    parameters: Mapped[dict[str, Any]]
    model: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ConversationRow(Base):
    """`last_number` is the number of the newest message ever made; adding messages locks the row by counting it up.

    `active_message_id` has no foreign key: the two tables would each need the other's row first.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        Index("ix_conversations_user_id_updated_at", "user_id", "updated_at", "id"),
        special_index("ix_conversations_deleted_at", "deleted_at", where="deleted_at IS NOT NULL"),
        special_index("ix_conversations_temporary_updated_at", "updated_at", where="temporary"),
    )
    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(300))
    title_source: Mapped[str] = mapped_column(String(16))
    model: Mapped[str | None] = mapped_column(String(300))
    parameters: Mapped[dict[str, Any]]
    system_prompt: Mapped[str | None] = mapped_column(Text)
    pinned: Mapped[bool]
    archived: Mapped[bool]
    folder_id: Mapped[str | None] = mapped_column(ForeignKey("folders.id", ondelete="SET NULL"), index=True)
    temporary: Mapped[bool]
    active_message_id: Mapped[str | None] = mapped_column(Uuid)
    compare: Mapped[list[Any] | None]
    message_count: Mapped[int]
    last_number: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class OutsideNameRow(Base):
    """How the client of an older face calls a conversation: a name of its own choice, or the conversation's id."""

    __tablename__ = "outside_names"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    face: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)


class MessageRow(Base):
    """The parent's key does not cascade: SQLite follows at most 1,000 levels, and chats have more messages."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("uq_messages_conversation_id_number", "conversation_id", "number", unique=True),
        special_index("ix_messages_deleted_at", "deleted_at", where="deleted_at IS NOT NULL"),
    )
    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    number: Mapped[int]
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    content: Mapped[str] = mapped_column(Text)
    reasoning: Mapped[str | None] = mapped_column(Text)
    reasoning_ms: Mapped[int | None]
    tool_calls: Mapped[list[Any] | None]
    model_asked: Mapped[str | None] = mapped_column(Text)
    model: Mapped[str | None] = mapped_column(Text)
    provider: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(16))
    error: Mapped[dict[str, Any] | None]
    finish_reason: Mapped[str | None] = mapped_column(Text)
    usage: Mapped[dict[str, Any] | None]
    timings: Mapped[dict[str, Any] | None]
    attempts: Mapped[int | None]
    cost_usd: Mapped[float | None] = mapped_column(Float)
    feedback: Mapped[str | None] = mapped_column(String(8))
    generation_id: Mapped[str | None] = mapped_column(Uuid)
    last_event: Mapped[int]
    request: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class GenerationRow(Base):
    __tablename__ = "generations"
    __table_args__ = (
        special_index("ix_generations_running", "conversation_id", "alive_at", where="state = 'running'"),
    )
    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    model_asked: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str] = mapped_column(String(128))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    alive_at: Mapped[datetime]
    last_event: Mapped[int]
    sent: Mapped[dict[str, Any] | None]


class AttachmentRow(Base):
    __tablename__ = "attachments"
    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(300))
    media_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    pages: Mapped[int | None]
    text_chars: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    text: Mapped[str | None] = mapped_column(Text)


class MessageAttachmentRow(Base):
    """The attachment's key does not cascade, so that one that was just put to use can't be purged."""

    __tablename__ = "message_attachments"
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    attachment_id: Mapped[str] = mapped_column(ForeignKey("attachments.id"), primary_key=True, index=True)
    position: Mapped[int]


class SearchEntryRow(Base):
    """The words of a message, or of a conversation's title (no message), as storage/search.py folds them.

    SQLite's triggers keep `search_index` (FTS5) in step with this table; PostgreSQL indexes the column itself.
    """

    __tablename__ = "search_entries"
    __table_args__ = (special_index("ix_search_entries_words", "words", using="gin"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(SearchWords)
