"""Users and their password hashes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.domain.accounts import Permission, Role, User
from app.storage.paging import Page
from app.storage.tables import UserRow
from app.storage.unit import Unit, Window


def folded(username: str) -> str:
    """The form in which usernames are compared."""
    return username.casefold()


def all_users(session: Session) -> Mapping[str, User]:
    """Every user, by id."""
    return {row.id: _user(row) for row in session.scalars(select(UserRow))}


class Users(Unit):
    """Users inside one transaction."""

    def add(self, user: User, password_hash: str) -> None:
        self._session.add(
            UserRow(
                id=user.id,
                username=user.username,
                username_folded=folded(user.username),
                password_hash=password_hash,
                role=user.role.value,
                permissions=_names(user.permissions),
                enabled=user.enabled,
                must_change_password=user.must_change_password,
                created_at=user.created_at,
                updated_at=user.updated_at,
                last_login_at=user.last_login_at,
            )
        )

    def save(self, user: User) -> None:
        """Keep what can be edited of a user who exists."""
        self._session.execute(
            update(UserRow)
            .where(UserRow.id == user.id)
            .values(
                username=user.username,
                username_folded=folded(user.username),
                role=user.role.value,
                permissions=_names(user.permissions),
                enabled=user.enabled,
                must_change_password=user.must_change_password,
                updated_at=user.updated_at,
            )
        )

    def remove(self, user_id: str) -> None:
        """Keys, sessions and personal providers go with their owner."""
        self._session.execute(delete(UserRow).where(UserRow.id == user_id))

    def by_id(self, user_id: str) -> User | None:
        row = self._row(UserRow, user_id)
        return None if row is None else _user(row)

    def by_name(self, username: str) -> User | None:
        row = self._named(username)
        return None if row is None else _user(row)

    def with_password_hash(self, username: str) -> tuple[User, str] | None:
        """A user and the hash to check a password against."""
        row = self._named(username)
        return None if row is None else (_user(row), row.password_hash)

    def all_with_password_hashes(self) -> tuple[tuple[User, str], ...]:
        """Everybody, by name."""
        rows = self._session.scalars(select(UserRow).order_by(UserRow.username_folded))
        return tuple((_user(row), row.password_hash) for row in rows)

    def first_admin(self) -> User | None:
        """The enabled administrator who was made first."""
        query = select(UserRow).where(UserRow.role == Role.ADMIN.value, UserRow.enabled)
        row = self._session.scalars(query.order_by(UserRow.created_at, UserRow.id)).first()
        return None if row is None else _user(row)

    def password_hash(self, user_id: str) -> str | None:
        row = self._row(UserRow, user_id)
        return None if row is None else row.password_hash

    def set_password_hash(self, user_id: str, password_hash: str) -> None:
        self._session.execute(update(UserRow).where(UserRow.id == user_id).values(password_hash=password_hash))

    def note_login(self, user: User, checked_hash: str, at: datetime) -> bool:
        """False when the user was disabled, removed or given another password since `checked_hash` was read."""
        found = self._session.execute(
            update(UserRow)
            .where(UserRow.id == user.id, UserRow.enabled, UserRow.password_hash == checked_hash)
            .values(last_login_at=at)
            .returning(UserRow.id)
        )
        return found.scalar() is not None

    def page(self, window: Window) -> Page[User]:
        """Newest first. Raises InvalidRequest for an unknown cursor."""
        return self._page(select(UserRow), UserRow, window, _user)

    def enabled_admins(self) -> int:
        query = select(func.count()).select_from(UserRow)
        return self._session.scalar(query.where(UserRow.role == Role.ADMIN.value, UserRow.enabled)) or 0

    def admins(self) -> int:
        """Administrators, enabled or not."""
        query = select(func.count()).select_from(UserRow)
        return self._session.scalar(query.where(UserRow.role == Role.ADMIN.value)) or 0

    def _named(self, username: str) -> UserRow | None:
        # A text that can't be a username may also be one that PostgreSQL refuses as a parameter.
        if not username.isprintable():
            return None
        return self._session.scalars(select(UserRow).where(UserRow.username_folded == folded(username))).first()


def _names(permissions: frozenset[Permission]) -> list[str]:
    return sorted(permission.value for permission in permissions)


def _user(row: UserRow) -> User:
    return User(
        id=row.id,
        username=row.username,
        role=Role(row.role),
        permissions=frozenset(Permission(name) for name in row.permissions),
        enabled=row.enabled,
        must_change_password=row.must_change_password,
        created_at=row.created_at,
        updated_at=row.updated_at,
        last_login_at=row.last_login_at,
    )
