"""The one check of who asks: for Flask's views and for the data path, which knows no Flask.

What was found out about a credential is kept for as long as the snapshot it was read from: with the next change of a
user, a key or a session it is found out again.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

import jwt

from app.domain.accounts import ApiKey, Caller
from app.domain.errors import CredentialExpired, CredentialInvalid, CredentialMissing
from app.domain.snapshot import Snapshot
from app.gateway.state import State

ALGORITHM = "HS256"

KEY_PREFIX = "pb-"
MAX_LENGTH = 4096
"""Longer credentials are not even hashed."""
REMEMBERED = 10_000
"""Callers kept per snapshot; when there are more, all are found out again."""
LOOK_AGAIN_S = 1.0
"""How often, at most, unknown credentials make us ask the database for a newer version."""
NOTE_USE_S = 60.0


@dataclass(frozen=True, slots=True)
class Known:
    """A caller, and until when (seconds since 1970) the credential is good."""

    caller: Caller
    until: float
    expired: str


class Credentials:
    """Bearer tokens and API keys → callers."""

    def __init__(self, state: State, jwt_secret: str, mark_used: Callable[[str], None]) -> None:
        """`mark_used` hears the id of a key that is in use, at most once a minute."""
        self._state = state
        self._secret = jwt_secret
        self._mark_used = mark_used
        self._remembered: tuple[Snapshot | None, dict[str, Known]] = (None, {})
        self._noted: dict[str, float] = {}
        self._looked_at = float("-inf")

    def caller(self, authorization: str | None, x_api_key: str | None) -> Caller:
        """Who asks, with the rights of this moment.

        Raises CredentialMissing, CredentialInvalid or CredentialExpired.
        """
        credential = presented(authorization, x_api_key)
        # API keys last for years: their plain text is not kept in memory.
        is_key = credential.startswith(KEY_PREFIX)
        digest = hashlib.sha256(credential.encode()).hexdigest() if is_key else credential
        snapshot = self._state.current
        seen, known_callers = self._remembered
        if seen is not snapshot:
            known_callers = {}
            self._remembered = (snapshot, known_callers)
        known = known_callers.get(digest)
        now = time.time()
        if known is None:
            known = self._found_out(digest, is_key, snapshot)
            if len(known_callers) >= REMEMBERED:
                known_callers.clear()
            known_callers[digest] = known
        if now >= known.until:
            raise CredentialExpired(known.expired)
        if is_key:
            self._note_use(known.caller.key_id or "", now)
        return known.caller

    def _found_out(self, digest: str, is_key: bool, snapshot: Snapshot) -> Known:
        find = known_key if is_key else self._known_person
        try:
            return find(digest, snapshot)
        except CredentialInvalid:
            # It may have been made elsewhere a moment ago.
            newer = self._looked_again()
            if newer is None or newer is snapshot:
                raise
            return find(digest, newer)

    def _looked_again(self) -> Snapshot | None:
        now = time.monotonic()
        if now - self._looked_at < LOOK_AGAIN_S:
            return None
        self._looked_at = now
        return self._state.refresh()

    def _known_person(self, token: str, snapshot: Snapshot) -> Known:
        claims = self._claims(token)
        user = snapshot.users.get(claims["sub"])
        if user is None or not user.enabled:
            raise CredentialInvalid("The account of this access token is disabled or gone; ask an administrator.")
        if claims["sid"] in snapshot.revoked_sessions:
            raise CredentialInvalid("This session has ended; sign in again.")
        caller = Caller(
            user_id=user.id,
            username=user.username,
            role=user.role,
            permissions=user.effective_permissions,
            session_id=claims["sid"],
            must_change_password=user.must_change_password,
        )
        return Known(caller, float(claims["exp"]), _TOKEN_EXPIRED)

    def _claims(self, token: str) -> dict[str, str]:
        try:
            claims: dict[str, str] = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                options={"require": ["exp", "sub", "sid", "type"], "verify_aud": False},
            )
        except jwt.ExpiredSignatureError as error:
            raise CredentialExpired(_TOKEN_EXPIRED) from error
        except jwt.InvalidTokenError as error:
            raise CredentialInvalid(
                "This is neither an API key (they begin with pb-) nor an access token of this server."
            ) from error
        if claims["type"] != "access":
            raise CredentialInvalid("This token is not an access token; sign in again.")
        return claims

    def _note_use(self, key_id: str, now: float) -> None:
        if now - self._noted.get(key_id, 0.0) >= NOTE_USE_S:
            self._noted[key_id] = now
            self._mark_used(key_id)


_TOKEN_EXPIRED = "The access token has expired; refresh it or sign in again."
_MISSING = "Send an API key or an access token in the header Authorization: Bearer <token>."


def presented(authorization: str | None, x_api_key: str | None) -> str:
    """The credential itself; `Authorization` counts where both headers have one.

    Raises CredentialMissing or CredentialInvalid.
    """
    scheme, _, credential = (authorization or "").strip().partition(" ")
    credential = credential.strip()
    if scheme and scheme.lower() != "bearer":
        raise CredentialInvalid("The Authorization header must have the form: Bearer <token>.")
    credential = credential or (x_api_key or "").strip()
    if not credential:
        raise CredentialMissing(_MISSING)
    if len(credential) > MAX_LENGTH or not credential.isascii():
        raise CredentialInvalid("The credential is not one of this server's.")
    return credential


def known_key(sha256: str, snapshot: Snapshot) -> Known:
    """A key has its owner's rights, narrowed by its own limits. Raises CredentialInvalid."""
    key = snapshot.keys.get(sha256)
    if key is None:
        raise CredentialInvalid("There is no such API key; check that it was copied whole.")
    if key.revoked:
        raise CredentialInvalid("This API key was revoked.")
    owner = snapshot.users.get(key.user_id)
    if owner is None or not owner.enabled:
        raise CredentialInvalid("The owner of this API key is disabled or gone; ask an administrator.")
    caller = Caller(
        user_id=owner.id,
        username=owner.username,
        role=owner.role,
        permissions=owner.effective_permissions,
        key_id=key.id,
        models=key.models,
        requests_per_minute=key.requests_per_minute,
        # A service can't change a password, and its key was made by somebody who may.
        must_change_password=False,
    )
    return Known(caller, _until(key), "This API key has expired; make another one or move its date.")


def _until(key: ApiKey) -> float:
    return float("inf") if key.expires_at is None else key.expires_at.timestamp()
