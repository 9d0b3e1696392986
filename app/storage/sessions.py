"""Sign-ins of people: chains of refresh tokens, of which only hashes are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session as Transaction

from app.domain.accounts import Session
from app.storage.paging import Page
from app.storage.tables import SessionRow
from app.storage.unit import Unit, Window, is_id


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a session's chain of refresh tokens stands."""

    session: Session
    current_sha256: str
    previous_sha256: str | None
    rotated_at: datetime
    revoked: bool


def revoked_since(transaction: Transaction, since: datetime) -> frozenset[str]:
    """Ids of sessions that were ended at `since` or later."""
    return frozenset(transaction.scalars(select(SessionRow.id).where(SessionRow.revoked_at >= since)))


class Sessions(Unit):
    """Sessions inside one transaction."""

    def add(self, session: Session, refresh_sha256: str) -> None:
        self._session.add(
            SessionRow(
                id=session.id,
                user_id=session.user_id,
                refresh_sha256=refresh_sha256,
                previous_sha256=None,
                rotated_at=session.created_at,
                created_at=session.created_at,
                last_seen_at=session.last_seen_at,
                expires_at=session.expires_at,
                revoked_at=None,
                address=session.address,
                user_agent=session.user_agent,
            )
        )

    def locked(self, session_id: str, at: datetime) -> Chain | None:
        """The chain, held against other transactions until the end of this one; the session was seen `at`."""
        if not is_id(session_id):
            return None
        # A write that comes first makes SQLite wait for its turn instead of failing half-way.
        touched = update(SessionRow).where(SessionRow.id == session_id).values(last_seen_at=at)
        self._session.execute(touched)
        return self.chain(session_id)

    def chain(self, session_id: str) -> Chain | None:
        row = self._row(SessionRow, session_id)
        return None if row is None else _chain(row)

    def rotate(self, chain: Chain, refresh_sha256: str, at: datetime, expires_at: datetime) -> None:
        self._session.execute(
            update(SessionRow)
            .where(SessionRow.id == chain.session.id)
            .values(
                refresh_sha256=refresh_sha256,
                previous_sha256=chain.current_sha256,
                rotated_at=at,
                expires_at=expires_at,
            )
        )

    def revoke(self, session_id: str, at: datetime) -> None:
        self._session.execute(
            update(SessionRow).where(SessionRow.id == session_id, SessionRow.revoked_at.is_(None)).values(revoked_at=at)
        )

    def revoke_all(self, user_id: str, at: datetime, *, but: str | None = None) -> None:
        """End every session of a user, `but` one."""
        ended = update(SessionRow).where(SessionRow.user_id == user_id, SessionRow.revoked_at.is_(None))
        if but is not None:
            ended = ended.where(SessionRow.id != but)
        self._session.execute(ended.values(revoked_at=at))

    def forget_old(self, user_id: str, now: datetime) -> None:
        """Remove a user's sessions that nobody can use or ask about any more."""
        self._session.execute(
            delete(SessionRow).where(
                SessionRow.user_id == user_id,
                or_(SessionRow.expires_at < now, SessionRow.revoked_at < now - timedelta(days=1)),
            )
        )

    def live(self, session_id: str, now: datetime) -> Session | None:
        row = self._row(SessionRow, session_id)
        return None if row is None or row.revoked_at is not None or row.expires_at <= now else _session(row)

    def page(self, user_id: str, now: datetime, window: Window) -> Page[Session]:
        """A user's live sessions, newest first. Raises InvalidRequest for an unknown cursor."""
        query = select(SessionRow).where(
            SessionRow.user_id == user_id, SessionRow.revoked_at.is_(None), SessionRow.expires_at > now
        )
        return self._page(query, SessionRow, window, _session)


def _chain(row: SessionRow) -> Chain:
    return Chain(_session(row), row.refresh_sha256, row.previous_sha256, row.rotated_at, row.revoked_at is not None)


def _session(row: SessionRow) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        address=row.address,
        user_agent=row.user_agent,
    )
