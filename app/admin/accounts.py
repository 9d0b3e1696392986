"""Users: made, changed and removed by administrators, every change audited."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.admin.clock import utc_now
from app.admin.differences import differences
from app.admin.passwords import Passwords, check_rules, one_time_password
from app.admin.refusals import invalid
from app.domain.accounts import GRANTABLE, Permission, Role, User
from app.domain.audit import Actor, Change
from app.domain.errors import Conflict, NotFound, Problem
from app.storage.accounts import Users, folded
from app.storage.database import Database
from app.storage.paging import Page
from app.storage.sessions import Sessions
from app.storage.unit import Window
from config import Config

MAX_NAME_LENGTH = 150
FIRST_ADMIN = "admin"

SYSTEM = Actor(None, "first start")


@dataclass(frozen=True, slots=True)
class OneTimePassword:
    """Shown once; to be changed at the first sign-in."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UserDraft:
    """A user to be made."""

    username: str
    role: Role = Role.USER
    permissions: frozenset[Permission] = frozenset()
    enabled: bool = True


class Accounts:
    """Users, as administrators see them."""

    def __init__(self, database: Database, passwords: Passwords, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._passwords = passwords
        self._now = now

    def create(self, draft: UserDraft, password: str, by: Actor, *, must_change_password: bool = True) -> User:
        """Raises InvalidRequest (name, password, permissions) or Conflict (the name is taken)."""
        user = self._drafted(draft, must_change_password)
        check_rules(password, username=user.username)
        return self._add(user, self._passwords.hash(password), by)

    def restore(self, draft: UserDraft, password_hash: str, by: Actor) -> User:
        """A user with a hash made by another installation, who keeps the password. Raises as `create` does."""
        return self._add(self._drafted(draft, must_change_password=False), password_hash, by)

    def create_first_admin(self, config: Config) -> OneTimePassword | None:
        """Make an administrator where there is none.

        A password from the environment needs no change, and nothing is told; else a one-time password is made.
        """
        if self._database.read(lambda session: Users(session).admins()) > 0:
            return None
        name = config.admin_username or FIRST_ADMIN
        password = config.admin_password or one_time_password()
        chosen = config.admin_password is not None
        self.create(UserDraft(name, Role.ADMIN), password, SYSTEM, must_change_password=not chosen)
        return None if chosen else OneTimePassword(name, password)

    def user(self, user_id: str) -> User:
        """Raises NotFound."""
        return _found(self._database.read(lambda session: Users(session).by_id(user_id)))

    def named(self, username: str) -> User:
        """Raises NotFound."""
        user = self._database.read(lambda session: Users(session).by_name(username.strip()))
        if user is None:
            raise NotFound(f"There is no user named {username.strip()!r}.")
        return user

    def first_admin(self) -> User:
        """The enabled administrator who was made first. Raises NotFound."""
        admin = self._database.read(lambda session: Users(session).first_admin())
        if admin is None:
            raise NotFound("There is no administrator yet; ./patchbay up makes the first one.")
        return admin

    def page(self, window: Window) -> Page[User]:
        """Newest first. Raises InvalidRequest for an unknown cursor."""
        return self._database.read(lambda session: Users(session).page(window))

    def update(self, user_id: str, change: Callable[[User], User], by: Actor, *, password: str | None = None) -> User:
        """Keep `change(user)`, and another password, which ends all sessions of the user.

        Raises NotFound, InvalidRequest or Conflict (name taken, last administrator).
        """
        password_hash = None if password is None else self._passwords.hash(password)

        def store(users: Users, sessions: Sessions) -> User:
            user = self._changed(users, user_id, change, by)
            if password is not None and password_hash is not None:
                check_rules(password, username=user.username)
                users.set_password_hash(user_id, password_hash)
                sessions.revoke_all(user_id, self._now())
                users.record(by, Change("reset_password", "user", user_id, user.username))
            return user

        return self._database.write(lambda session: store(Users(session), Sessions(session)))

    def reset_password(self, user_id: str, by: Actor) -> OneTimePassword:
        """Give a user a one-time password. Raises NotFound."""
        password = one_time_password()
        user = self.update(user_id, lambda old: replace(old, must_change_password=True), by, password=password)
        return OneTimePassword(user.username, password)

    def delete(self, user_id: str, by: Actor) -> None:
        """Remove a user with keys, sessions and personal providers. Raises NotFound or Conflict."""

        def remove(users: Users) -> None:
            users.begin_change()
            user = _found(users.by_id(user_id))
            users.remove(user_id)
            _keep_an_admin(users, user)
            users.record(by, Change("delete", "user", user_id, user.username, old=_audited(user)))

        self._database.write(lambda session: remove(Users(session)))

    def _drafted(self, draft: UserDraft, must_change_password: bool) -> User:
        now = self._now()
        return User(
            id=str(uuid.uuid4()),
            username=_checked_name(draft.username),
            role=draft.role,
            permissions=_grantable(draft.permissions),
            enabled=draft.enabled,
            must_change_password=must_change_password,
            created_at=now,
            updated_at=now,
        )

    def _add(self, user: User, password_hash: str, by: Actor) -> User:
        def add(users: Users) -> User:
            users.begin_change()
            _check_free(users, user)
            users.add(user, password_hash)
            users.record(by, Change("create", "user", user.id, user.username, new=_audited(user)))
            return user

        return self._database.write(lambda session: add(Users(session)))

    def _changed(self, users: Users, user_id: str, change: Callable[[User], User], by: Actor) -> User:
        users.begin_change()
        old = _found(users.by_id(user_id))
        wanted = change(old)
        new = replace(
            wanted,
            username=_checked_name(wanted.username),
            permissions=_grantable(wanted.permissions),
            updated_at=self._now(),
        )
        before, after = differences(_audited(old), _audited(new))
        if not after:
            return old
        _check_free(users, new)
        users.save(new)
        _keep_an_admin(users, old)
        users.record(by, Change("update", "user", user_id, new.username, old=before, new=after))
        return new


def _audited(user: User) -> dict[str, Any]:
    return {
        "username": user.username,
        "role": user.role.value,
        "permissions": sorted(permission.value for permission in user.permissions),
        "enabled": user.enabled,
        "must_change_password": user.must_change_password,
    }


def _found(user: User | None) -> User:
    if user is None:
        raise NotFound("There is no such user.")
    return user


def _check_free(users: Users, user: User) -> None:
    other = users.by_name(user.username)
    if other is not None and other.id != user.id:
        raise Conflict(
            f"There is already a user named {other.username!r}.",
            param="username",
            details=[Problem("username", "is already taken")],
        )


def _keep_an_admin(users: Users, before: User) -> None:
    """Raises Conflict when a change took the last administrator away."""
    if before.role is Role.ADMIN and before.enabled and users.enabled_admins() == 0:
        raise Conflict("This is the last enabled administrator; make another one first.")


def _checked_name(username: str) -> str:
    name = username.strip()
    if not name or not name.isprintable() or len(name) > MAX_NAME_LENGTH or len(folded(name)) > MAX_NAME_LENGTH:
        raise invalid("username", f"must have 1 to {MAX_NAME_LENGTH} printable characters")
    return name


def _grantable(permissions: frozenset[Permission]) -> frozenset[Permission]:
    if not permissions <= GRANTABLE:
        allowed = ", ".join(sorted(GRANTABLE))
        raise invalid("permissions", f"can be {allowed}; everything else comes with the role admin")
    return permissions
