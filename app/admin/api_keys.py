"""API keys of services: the secret is shown once and recognised by its SHA-256."""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog

from app.admin.clock import utc_now
from app.admin.differences import differences
from app.admin.refusals import invalid
from app.domain.accounts import ApiKey, Caller
from app.domain.audit import Actor, Change
from app.domain.errors import NotFound
from app.storage.accounts import Users
from app.storage.api_keys import Keys
from app.storage.database import Database
from app.storage.paging import Page
from app.storage.unit import Window

log = structlog.get_logger()

PREFIX = "pb-"
SECRET_BYTES = 32
SHOWN_LENGTH = 10
"""How many characters of a key help to recognise it."""

MAX_NAME_LENGTH = 200
MAX_MODELS = 200
MAX_MODEL_LENGTH = 300
MAX_REQUESTS_PER_MINUTE = 1_000_000

WRITE_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class KeyDraft:
    """What can be set of a key. `models`: names or patterns; None for all that the owner may use."""

    name: str
    models: tuple[str, ...] | None = None
    requests_per_minute: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key with its secret, which nobody will see again."""

    key: ApiKey
    secret: str = field(repr=False)


class ApiKeys:
    """Keys, for their owners and for administrators: whoever else asks finds none."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    def create(self, user_id: str, draft: KeyDraft, by: Actor) -> NewKey:
        """Raises InvalidRequest or NotFound."""
        checked = self._checked(draft)
        secret = _new_secret()
        key = ApiKey(
            id=str(uuid.uuid4()),
            user_id=user_id,
            name=checked.name,
            prefix=secret[:SHOWN_LENGTH],
            sha256=_sha256(secret),
            models=checked.models,
            requests_per_minute=checked.requests_per_minute,
            expires_at=checked.expires_at,
            revoked=False,
            created_at=self._now(),
        )

        def add(keys: Keys, users: Users) -> None:
            keys.begin_change()
            if users.by_id(user_id) is None:
                raise NotFound("There is no such user.")
            keys.add(key)
            keys.record(by, Change("create", "api_key", key.id, key.name, new=_audited(key)))

        self._database.write(lambda session: add(Keys(session), Users(session)))
        return NewKey(key, secret)

    def key(self, key_id: str, caller: Caller) -> ApiKey:
        """Raises NotFound, also for other people's keys."""
        return _visible(self._database.read(lambda session: Keys(session).by_id(key_id)), caller)

    def page(self, user_id: str | None, window: Window) -> Page[ApiKey]:
        """One user's keys or everyone's, newest first. Raises InvalidRequest for an unknown cursor."""
        return self._database.read(lambda session: Keys(session).page(user_id, window))

    def update(self, key_id: str, change: Callable[[KeyDraft], KeyDraft], caller: Caller, by: Actor) -> ApiKey:
        """Keep `change(settings)`. Raises NotFound or InvalidRequest."""

        def store(keys: Keys) -> ApiKey:
            keys.begin_change()
            old = _visible(keys.by_id(key_id), caller)
            before = _draft(old)
            wanted = change(before)
            # A date that has passed may stay, but not be set.
            checked = wanted if wanted == before else self._checked(wanted, known_expiry=old.expires_at)
            new = replace(
                old,
                name=checked.name,
                models=checked.models,
                requests_per_minute=checked.requests_per_minute,
                expires_at=checked.expires_at,
            )
            _save(keys, "update", old, new, by)
            return new

        return self._database.write(lambda session: store(Keys(session)))

    def rotate(self, key_id: str, caller: Caller, by: Actor) -> NewKey:
        """Another secret for the same settings; the old one ends. Raises NotFound."""
        secret = _new_secret()

        def store(keys: Keys) -> ApiKey:
            keys.begin_change()
            old = _visible(keys.by_id(key_id), caller)
            new = replace(old, prefix=secret[:SHOWN_LENGTH], sha256=_sha256(secret))
            _save(keys, "rotate", old, new, by)
            return new

        return NewKey(self._database.write(lambda session: store(Keys(session))), secret)

    def revoke(self, key_id: str, caller: Caller, by: Actor) -> None:
        """End a key and take it off the lists; the ledger still knows it. Raises NotFound."""

        def end(keys: Keys) -> None:
            keys.begin_change()
            key = _visible(keys.by_id(key_id), caller)
            keys.revoke(key_id, self._now())
            keys.record(by, Change("delete", "api_key", key_id, key.name, old=_audited(key)))

        self._database.write(lambda session: end(Keys(session)))

    def _checked(self, draft: KeyDraft, *, known_expiry: datetime | None = None) -> KeyDraft:
        name = draft.name.strip()
        if not name or not name.isprintable() or len(name) > MAX_NAME_LENGTH:
            raise invalid("name", f"must have 1 to {MAX_NAME_LENGTH} printable characters")
        rate = draft.requests_per_minute
        if rate is not None and not 1 <= rate <= MAX_REQUESTS_PER_MINUTE:
            raise invalid("requests_per_minute", f"must be from 1 to {MAX_REQUESTS_PER_MINUTE}")
        expires_at = draft.expires_at
        if expires_at is not None and expires_at != known_expiry and expires_at <= self._now():
            raise invalid("expires_at", "must be in the future")
        return replace(draft, name=name, models=_checked_models(draft.models))


class KeyUses:
    """When keys were used last: noted without waiting, written in the background."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now
        self._noted: dict[str, datetime] = {}

    def note(self, key_id: str) -> None:
        self._noted[key_id] = self._now()

    def write(self) -> None:
        """Keep what was noted since the last time."""
        noted, self._noted = self._noted, {}
        if noted:
            self._database.write(lambda session: Keys(session).note_uses(noted))

    def write_forever(self) -> None:
        """A worker's background loop."""
        while True:
            time.sleep(WRITE_EVERY_S)
            try:
                self.write()
            except Exception as error:  # noqa: BLE001  # a worker loop: the next round has newer times
                log.error("key_uses_not_written", error=type(error).__name__)


def _new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _draft(key: ApiKey) -> KeyDraft:
    return KeyDraft(key.name, key.models, key.requests_per_minute, key.expires_at)


def _checked_models(models: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if models is None:
        return None
    names = tuple(dict.fromkeys(model.strip() for model in models))
    right = all(name and name.isprintable() and len(name) <= MAX_MODEL_LENGTH for name in names)
    if not 1 <= len(names) <= MAX_MODELS or not right:
        raise invalid(
            "models",
            f"must be 1 to {MAX_MODELS} names or patterns such as groq/*, each of 1 to {MAX_MODEL_LENGTH} printable"
            " characters; leave it out to allow every model",
        )
    return names


def _visible(key: ApiKey | None, caller: Caller) -> ApiKey:
    if key is None or not (caller.is_admin or key.user_id == caller.user_id):
        raise NotFound("There is no such API key.")
    return key


def _save(keys: Keys, action: str, old: ApiKey, new: ApiKey, by: Actor) -> None:
    before, after = differences(_audited(old), _audited(new))
    if after:
        keys.save(new)
        keys.record(by, Change(action, "api_key", new.id, new.name, old=before, new=after))


def _audited(key: ApiKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "user_id": key.user_id,
        "prefix": key.prefix,
        "models": None if key.models is None else list(key.models),
        "requests_per_minute": key.requests_per_minute,
        "expires_at": None if key.expires_at is None else key.expires_at.isoformat(),
    }
