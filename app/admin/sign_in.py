"""Signing in with a password, and staying signed in with refresh tokens.

A refresh token is `<session id>.<secret>`; the database has its SHA-256. Each use makes the next one. The next token
follows from the one before by HMAC, so two tabs that refresh at the same moment are handed the same token, and a
token whose answer got lost can be used again within GRACE. Used later than that, it must have been copied: the whole
session ends.

Source: OAuth 2.0 Security Best Current Practice (RFC 9700), section 4.14.2.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.admin.clock import utc_now
from app.admin.passwords import Passwords, check_rules
from app.admin.refusals import invalid
from app.domain.accounts import Session, User
from app.domain.audit import Actor, Change
from app.domain.errors import CredentialExpired, CredentialInvalid, InvalidRequest, NotFound, Problem
from app.storage.accounts import Users
from app.storage.database import Database
from app.storage.paging import Page
from app.storage.sessions import Chain, Sessions
from app.storage.unit import Window

ACCESS_TOKEN_S = 15 * 60
REFRESH_LIFETIME = timedelta(days=30)
GRACE = timedelta(seconds=30)

_ADDRESS_LENGTH = 64
_USER_AGENT_LENGTH = 400


@dataclass(frozen=True, slots=True)
class Device:
    """From where somebody signs in."""

    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person with a session; `refresh_token` keeps it alive."""

    user: User
    session: Session
    refresh_token: str = field(repr=False)


class WrongPassword(InvalidRequest):
    """Who changes the password does not know the current one."""


class SignIn:
    """Sessions of people."""

    def __init__(
        self, database: Database, passwords: Passwords, secret: str, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        """`secret` is only known to the server."""
        self._database = database
        self._passwords = passwords
        self._secret = hmac.digest(secret.encode(), b"refresh tokens", "sha256")
        self._now = now

    def login(self, username: str, password: str, device: Device) -> SignedIn:
        """Raises CredentialInvalid; it takes as long for a user who does not exist."""
        known = self._database.read(lambda session: Users(session).with_password_hash(username.strip()))
        if not self._passwords.matches(password, None if known is None else known[1]) or known is None:
            raise CredentialInvalid("The username or the password is wrong.")
        user, password_hash = known
        if not user.enabled:
            raise _disabled()
        if self._passwords.is_outdated(password_hash):
            password_hash = self._rehashed(user, password)
        return self._begin_session(user, password_hash, device)

    def refresh(self, refresh_token: str) -> SignedIn:
        """The next token of a session. Raises CredentialInvalid or CredentialExpired."""
        session_id = refresh_token.partition(".")[0]
        now = self._now()

        def rotate(sessions: Sessions, users: Users) -> SignedIn | Chain | None:
            chain = sessions.locked(session_id, now)
            if chain is None or chain.revoked or chain.session.expires_at <= now:
                return chain
            follower = self._follower(chain, refresh_token, now)
            user = users.by_id(chain.session.user_id)
            if follower is None or user is None:
                return chain
            if user.enabled and _sha256(follower) != chain.current_sha256:
                sessions.rotate(chain, _sha256(follower), now, now + REFRESH_LIFETIME)
            return SignedIn(user, chain.session, follower)

        outcome = self._database.write(lambda session: rotate(Sessions(session), Users(session)))
        if isinstance(outcome, SignedIn):
            if not outcome.user.enabled:
                raise _disabled()
            return outcome
        raise self._refused(outcome, now)

    def logout(self, session_id: str) -> None:
        """End a session, at once for all workers."""

        def end(sessions: Sessions) -> None:
            sessions.begin_change()
            sessions.revoke(session_id, self._now())

        self._database.write(lambda session: end(Sessions(session)))

    def logout_by_token(self, refresh_token: str) -> None:
        """End the session that a current or just replaced refresh token belongs to; others are left alone."""
        chain = self._database.read(lambda session: Sessions(session).chain(refresh_token.partition(".")[0]))
        if chain is not None and _sha256(refresh_token) in (chain.current_sha256, chain.previous_sha256):
            self.logout(chain.session.id)

    def sessions(self, user_id: str, window: Window) -> Page[Session]:
        """A user's live sessions, newest first. Raises InvalidRequest for an unknown cursor."""
        return self._database.read(lambda session: Sessions(session).page(user_id, self._now(), window))

    def revoke(self, session_id: str, user_id: str) -> None:
        """End one of a user's own sessions. Raises NotFound."""
        session = self._database.read(lambda transaction: Sessions(transaction).live(session_id, self._now()))
        if session is None or session.user_id != user_id:
            raise NotFound("There is no such session.")
        self.logout(session_id)

    def change_password(self, user_id: str, current: str, new: str, *, by: Actor, session_id: str | None) -> User:
        """Replace a user's own password and end the other sessions. Raises WrongPassword or InvalidRequest."""
        user, known_hash = self._database.read(lambda session: _user_and_hash(Users(session), user_id))
        if not self._passwords.matches(current, known_hash):
            raise _wrong_password()
        check_rules(new, username=user.username, field="new_password")
        if new == current:
            raise invalid("new_password", "must differ from the current one")
        new_hash = self._passwords.hash(new)

        def store(users: Users, sessions: Sessions) -> User:
            users.begin_change()
            latest, latest_hash = _user_and_hash(users, user_id)
            if latest_hash != known_hash:
                raise _wrong_password()
            changed = replace(latest, must_change_password=False, updated_at=self._now())
            users.save(changed)
            users.set_password_hash(user_id, new_hash)
            sessions.revoke_all(user_id, self._now(), but=session_id)
            users.record(by, Change("change_password", "user", user_id, changed.username))
            return changed

        return self._database.write(lambda session: store(Users(session), Sessions(session)))

    def _rehashed(self, user: User, password: str) -> str:
        password_hash = self._passwords.hash(password)
        self._database.write(lambda session: Users(session).set_password_hash(user.id, password_hash))
        return password_hash

    def _begin_session(self, user: User, password_hash: str, device: Device) -> SignedIn:
        now = self._now()
        session = Session(
            id=str(uuid.uuid4()),
            user_id=user.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + REFRESH_LIFETIME,
            address=device.address[:_ADDRESS_LENGTH],
            user_agent=device.user_agent[:_USER_AGENT_LENGTH],
        )
        token = f"{session.id}.{secrets.token_urlsafe(32)}"

        def begin(users: Users, sessions: Sessions) -> bool:
            if not users.note_login(user, password_hash, now):
                return False
            sessions.forget_old(user.id, now)
            sessions.add(session, _sha256(token))
            return True

        if not self._database.write(lambda transaction: begin(Users(transaction), Sessions(transaction))):
            raise CredentialInvalid("The account was changed at this moment; try again.")
        return SignedIn(replace(user, last_login_at=now), session, token)

    def _follower(self, chain: Chain, refresh_token: str, now: datetime) -> str | None:
        """The token after `refresh_token`; None when that one is neither current nor just replaced."""
        used = _sha256(refresh_token)
        just_replaced = used == chain.previous_sha256 and now - chain.rotated_at <= GRACE
        if used != chain.current_sha256 and not just_replaced:
            return None
        following = hmac.digest(self._secret, refresh_token.encode(), "sha256")
        return f"{chain.session.id}.{urlsafe_b64encode(following).decode().rstrip('=')}"

    def _refused(self, chain: Chain | None, now: datetime) -> CredentialInvalid | CredentialExpired:
        if chain is None or chain.revoked:
            return CredentialInvalid("This session has ended; sign in again.")
        if chain.session.expires_at <= now:
            return CredentialExpired("This session has expired; sign in again.")
        self.logout(chain.session.id)
        return CredentialInvalid("This session was ended because its refresh token was used twice; sign in again.")


def _user_and_hash(users: Users, user_id: str) -> tuple[User, str]:
    user, password_hash = users.by_id(user_id), users.password_hash(user_id)
    if user is None or password_hash is None:
        raise CredentialInvalid("This account no longer exists.")
    return user, password_hash


def _wrong_password() -> WrongPassword:
    problem = Problem("current_password", "is not right")
    return WrongPassword("current_password: is not right", param=problem.field, details=[problem])


def _disabled() -> CredentialInvalid:
    return CredentialInvalid("This account is disabled; ask an administrator.")


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
