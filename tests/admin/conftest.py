"""People with passwords, and a clock that tests move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from app.admin.accounts import Accounts, UserDraft
from app.admin.passwords import Passwords
from app.domain.accounts import Caller, Role, User
from app.domain.audit import Actor, AuditEntry
from app.storage.audit import AuditFilter, AuditLog
from app.storage.database import Database

TESTER = Actor(None, "tester")


class Clock:
    """Starts at a fixed time and stands still."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def accounts(database: Database, passwords: Passwords, clock: Clock) -> Accounts:
    return Accounts(database, passwords, now=clock)


@pytest.fixture
def admin(accounts: Accounts) -> User:
    return accounts.create(UserDraft("Ada", Role.ADMIN), "correct horse", TESTER, must_change_password=False)


@pytest.fixture
def user(accounts: Accounts) -> User:
    return accounts.create(UserDraft("Uri"), "battery staple", TESTER, must_change_password=False)


def caller_of(user: User) -> Caller:
    return Caller(user.id, user.username, user.role, user.effective_permissions)


def changes(database: Database) -> list[tuple[str, str, str]]:
    """What the audit log has, oldest first: action, type and name."""
    return [(one.change.action, one.change.object_type, one.change.object_name) for one in entries(database)]


def entries(database: Database) -> list[AuditEntry]:
    return list(reversed(AuditLog(database).entries(AuditFilter(), limit=100).items))
