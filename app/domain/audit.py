"""Who changed what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.accounts import Caller


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change: a person, or a part of the application under its own name."""

    id: str | None
    name: str
    request_id: str | None = None

    @staticmethod
    def of(caller: Caller, request_id: str | None = None) -> Actor:
        return Actor(caller.user_id or None, caller.username, request_id)


ENVIRONMENT = Actor(None, "environment")
COMMAND_LINE = Actor(None, "command line")


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to which object. `old` and `new` hold the fields that differ, never a secret."""

    action: str
    """A verb: `create`, `update`, `delete`, `activate`, `rollback` …"""
    object_type: str
    """`provider`, `user`, `api_key`, `alias`, `settings` …"""
    object_id: str
    object_name: str
    old: Mapping[str, Any] | None = None
    new: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    id: str
    at: datetime
    actor: Actor
    change: Change
