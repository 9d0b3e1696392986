"""People, services and what they may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase


class Role(StrEnum):
    ADMIN = "admin"
    USER = "user"


class Permission(StrEnum):
    """What a user may be granted beyond chatting; administrators have them all."""

    MANAGE = "manage"
    """Everything an administrator does: shared providers, users, settings, aliases, everyone's usage."""
    PERSONAL_PROVIDERS = "personal_providers"
    LOAD_MODELS = "load_models"


GRANTABLE = frozenset({Permission.PERSONAL_PROVIDERS, Permission.LOAD_MODELS})


@dataclass(frozen=True, slots=True)
class User:
    """A person. A change of password ends all other sessions."""

    id: str
    username: str
    role: Role
    permissions: frozenset[Permission]
    enabled: bool
    must_change_password: bool
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None = None

    @property
    def effective_permissions(self) -> frozenset[Permission]:
        return frozenset(Permission) if self.role is Role.ADMIN else self.permissions


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A service's credential; the secret itself is never stored, only its SHA-256."""

    id: str
    user_id: str
    name: str
    prefix: str
    sha256: str = field(repr=False)
    models: tuple[str, ...] | None
    """Names or patterns (`groq/*`) that the key may use; None: everything its owner may use."""
    requests_per_minute: int | None
    expires_at: datetime | None
    revoked: bool
    created_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of a person: a chain of refresh tokens."""

    id: str
    user_id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, with the rights they have at this moment."""

    user_id: str
    """Empty for a part of the application."""
    username: str
    role: Role
    permissions: frozenset[Permission]
    key_id: str | None = None
    session_id: str | None = None
    models: tuple[str, ...] | None = None
    requests_per_minute: int | None = None
    must_change_password: bool = False

    @property
    def is_admin(self) -> bool:
        return Permission.MANAGE in self.permissions

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def may_use_model(self, *names: str) -> bool:
        """Whether one of a model's names (canonical, alias) is on the key's list, or there is no list."""
        if self.models is None:
            return True
        return any(fnmatchcase(name, pattern) for name in names for pattern in self.models)
