"""People, providers, settings and the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.storage.tables.base import Base, Uuid, special_index


class UserRow(Base):
    __tablename__ = "users"
    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    username: Mapped[str] = mapped_column(String(150), unique=True)
    """As typed; compared in lower case through `username_folded`."""
    username_folded: Mapped[str] = mapped_column(String(150), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(16))
    permissions: Mapped[list[Any]]
    enabled: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]


class SessionRow(Base):
    """A sign-in. `refresh_sha256` is the current refresh token; the previous one is good for 30 s more (two tabs)."""

    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    refresh_sha256: Mapped[str] = mapped_column(String(64), index=True)
    previous_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    rotated_at: Mapped[datetime]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(64))
    user_agent: Mapped[str] = mapped_column(String(400))


class ApiKeyRow(Base):
    __tablename__ = "api_keys"
    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    prefix: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    models: Mapped[list[Any] | None]
    requests_per_minute: Mapped[int | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class ProviderRow(Base):
    """`secret` holds key, header values and proxy credentials, encrypted as one JSON document."""

    __tablename__ = "providers"
    __table_args__ = (special_index("uq_providers_default", "is_default", unique=True, where="is_default"),)
    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(50))
    base_url: Mapped[str] = mapped_column(Text)
    preset: Mapped[str | None] = mapped_column(String(50))
    models: Mapped[dict[str, Any]]
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_default: Mapped[bool] = mapped_column(default=False)
    enabled: Mapped[bool] = mapped_column(default=True)
    timeouts: Mapped[dict[str, Any]]
    max_tokens: Mapped[int | None]
    temperature: Mapped[float | None]
    max_concurrency: Mapped[int | None]
    ca_pem: Mapped[str | None] = mapped_column(Text)
    options: Mapped[dict[str, Any]]
    cable: Mapped[int]
    scope: Mapped[str] = mapped_column(String(16))
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    from_env: Mapped[dict[str, Any] | None]
    """What the environment last wrote, per field: fields that still hold it may be updated by it."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ProviderVersionRow(Base):
    """A provider's configuration after each change, without secrets."""

    __tablename__ = "provider_versions"
    provider_id: Mapped[str] = mapped_column(ForeignKey("providers.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    configuration: Mapped[dict[str, Any]]
    changed_by: Mapped[str | None] = mapped_column(Uuid)
    created_at: Mapped[datetime]


class AuditRow(Base):
    """Who changed what. No foreign keys: it outlives what it tells about."""

    __tablename__ = "audit_log"
    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[str | None] = mapped_column(Uuid)
    actor: Mapped[str] = mapped_column(String(150))
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(100), index=True)
    object_name: Mapped[str] = mapped_column(String(200))
    old: Mapped[dict[str, Any] | None]
    new: Mapped[dict[str, Any] | None]
    request_id: Mapped[str | None] = mapped_column(String(128))


class AliasRow(Base):
    __tablename__ = "aliases"
    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    targets: Mapped[list[Any]]
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class SettingRow(Base):
    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[dict[str, Any]]
    """`{"value": …}`"""
    updated_at: Mapped[datetime]


class StateVersionRow(Base):
    """One row, `configuration`: grows with every change that requests must see; workers poll it."""

    __tablename__ = "state_versions"
    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)


class UsageRow(Base):
    """The ledger: one row per attempt. No foreign keys: it outlives users, keys and providers."""

    __tablename__ = "usage_records"
    __table_args__ = (
        Index("ix_usage_records_started_user", "started_at", "user_id"),
        Index("ix_usage_records_request", "request_id"),
    )
    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    request_id: Mapped[str] = mapped_column(String(128))
    started_at: Mapped[datetime]
    attempt: Mapped[int]
    user_id: Mapped[str] = mapped_column(Uuid)
    key_id: Mapped[str | None] = mapped_column(Uuid)
    face: Mapped[str] = mapped_column(String(32))
    task: Mapped[str] = mapped_column(String(16))
    provider_id: Mapped[str | None] = mapped_column(Uuid)
    provider: Mapped[str] = mapped_column(String(100))
    model_asked: Mapped[str] = mapped_column(String(300))
    model: Mapped[str] = mapped_column(String(300))
    streamed: Mapped[bool]
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    reasoning_tokens: Mapped[int]
    cached_tokens: Mapped[int]
    token_source: Mapped[str] = mapped_column(String(16))
    first_token_ms: Mapped[float | None] = mapped_column(Float)
    total_ms: Mapped[float] = mapped_column(Float)
    overhead_ms: Mapped[float] = mapped_column(Float)
    outcome: Mapped[str] = mapped_column(String(40))
    cost_usd: Mapped[float | None] = mapped_column(Float)
