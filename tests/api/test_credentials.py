from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import jwt
import pytest

from app.api.credentials import Credentials
from app.domain.accounts import ApiKey, Caller, Permission, Role, User
from app.domain.errors import CredentialExpired, CredentialInvalid, CredentialMissing, NotAuthenticated
from app.domain.settings import Settings
from app.domain.snapshot import Snapshot
from app.gateway.state import State

SECRET = "a secret of the tests, long enough for HS256"
START = datetime(2026, 1, 1, tzinfo=UTC)
ADA = User("ada-id", "Ada", Role.ADMIN, frozenset(), True, False, START, START)
URI = User("uri-id", "Uri", Role.USER, frozenset({Permission.LOAD_MODELS}), True, True, START, START)
KEY = "pb-" + "k" * 43
SERVICE = ApiKey(
    "key-id", "uri-id", "service", KEY[:10], hashlib.sha256(KEY.encode()).hexdigest(), None, None, None, False, START
)


class Store:
    """What a database would hold; counts how often its version is asked for."""

    def __init__(self) -> None:
        self.snapshot = Snapshot(
            1, (), {"ada-id": ADA, "uri-id": URI}, {SERVICE.sha256: SERVICE}, frozenset(), {}, Settings()
        )
        self.version_checks = 0

    def version(self) -> int:
        self.version_checks += 1
        return self.snapshot.version

    def change(self, **fields: Any) -> None:
        self.snapshot = replace(self.snapshot, version=self.snapshot.version + 1, **fields)

    def change_key(self, **fields: Any) -> None:
        self.change(keys={SERVICE.sha256: replace(SERVICE, **fields)})

    def change_user(self, user: User, **fields: Any) -> None:
        self.change(users={**self.snapshot.users, user.id: replace(user, **fields)})


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def state(store: Store) -> State:
    return State(load=lambda: store.snapshot, version=store.version)


@pytest.fixture
def used() -> list[str]:
    return []


@pytest.fixture
def credentials(state: State, used: list[str]) -> Credentials:
    return Credentials(state, SECRET, used.append)


def token(*, secret: str = SECRET, **claims: Any) -> str:
    now = int(time.time())
    content = {"sub": "ada-id", "sid": "session-id", "type": "access", "iat": now, "exp": now + 900, **claims}
    return jwt.encode({name: value for name, value in content.items() if value is not None}, secret, algorithm="HS256")


def bearer(credential: str) -> str:
    return f"Bearer {credential}"


def refusal(attempt: Callable[[], Caller]) -> tuple[type[NotAuthenticated], str]:
    with pytest.raises(NotAuthenticated) as refused:
        attempt()
    return type(refused.value), refused.value.message


def test_an_access_token_is_a_person_with_the_rights_of_the_role(credentials: Credentials) -> None:
    caller = credentials.caller(bearer(token()), None)

    assert caller == Caller("ada-id", "Ada", Role.ADMIN, frozenset(Permission), session_id="session-id")


def test_a_key_has_its_owners_rights_narrowed_by_its_own_limits(credentials: Credentials, store: Store) -> None:
    store.change_key(models=("groq/*",), requests_per_minute=60)

    caller = credentials.caller(bearer(KEY), None)

    assert caller == Caller(
        "uri-id",
        "Uri",
        Role.USER,
        frozenset({Permission.LOAD_MODELS}),
        key_id="key-id",
        models=("groq/*",),
        requests_per_minute=60,
    )


@pytest.mark.parametrize(
    ("authorization", "x_api_key"),
    [
        (f"Bearer {KEY}", None),
        (f"bearer {KEY}", None),
        (f"  BEARER   {KEY} ", None),
        (None, KEY),
        ("", KEY),
        ("Bearer ", KEY),
        (f"Bearer {KEY}", "pb-another"),
    ],
)
def test_a_key_is_found_in_either_header(
    credentials: Credentials, authorization: str | None, x_api_key: str | None
) -> None:
    assert credentials.caller(authorization, x_api_key).key_id == "key-id"


@pytest.mark.parametrize(("authorization", "x_api_key"), [(None, None), ("", ""), ("Bearer", None), (" ", " ")])
def test_nothing_is_missing(credentials: Credentials, authorization: str | None, x_api_key: str | None) -> None:
    assert refusal(lambda: credentials.caller(authorization, x_api_key)) == (
        CredentialMissing,
        "Send an API key or an access token in the header Authorization: Bearer <token>.",
    )


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic dXNlcjpwYXNz",
        KEY,
        bearer("pb-unknown"),
        bearer("nonsense"),
        bearer("é" * 50),
        bearer("x" * 100_000),
        bearer(token(secret="another secret, as long as the first one is")),
        bearer(token(sub="nobody")),
        bearer(token(type="refresh")),
        bearer(token(sid=None)),
        bearer(token(exp=None)),
        bearer(jwt.encode({"sub": "ada-id", "sid": "s", "type": "access", "exp": 2**40}, "", algorithm="none")),
    ],
)
def test_what_is_not_ours_is_invalid(credentials: Credentials, authorization: str) -> None:
    assert refusal(lambda: credentials.caller(authorization, None))[0] is CredentialInvalid


def test_an_expired_token_says_so_also_when_it_was_good_before(credentials: Credentials) -> None:
    ends_at = int(time.time()) + 2
    soon = bearer(token(exp=ends_at))
    credentials.caller(soon, None)
    time.sleep(ends_at - time.time())

    for late in (soon, bearer(token(exp=int(time.time()) - 1))):
        assert refusal(partial(credentials.caller, late, None)) == (
            CredentialExpired,
            "The access token has expired; refresh it or sign in again.",
        )


def test_an_expired_key_says_so_also_when_it_was_good_before(credentials: Credentials, store: Store) -> None:
    store.change_key(expires_at=datetime.now(UTC) + timedelta(seconds=1))
    credentials.caller(bearer(KEY), None)
    time.sleep(1)

    assert refusal(lambda: credentials.caller(bearer(KEY), None)) == (
        CredentialExpired,
        "This API key has expired; make another one or move its date.",
    )


def test_every_change_counts_with_the_next_snapshot(credentials: Credentials, store: Store, state: State) -> None:
    person, key = bearer(token()), bearer(KEY)
    refusals = []
    of_person: tuple[Callable[[], None], ...] = (
        lambda: store.change_user(ADA, enabled=False),
        lambda: store.change(users={"uri-id": URI}),
        lambda: store.change(users={"ada-id": ADA}, revoked_sessions=frozenset({"session-id"})),
    )
    of_key: tuple[Callable[[], None], ...] = (
        lambda: store.change_user(URI, enabled=False),
        lambda: store.change(users={"ada-id": ADA}),
        lambda: store.change(users={"uri-id": URI}, keys={SERVICE.sha256: replace(SERVICE, revoked=True)}),
        lambda: store.change(keys={}),
    )
    for change in of_person:
        change()
        state.refresh()
        refusals.append(refusal(lambda: credentials.caller(person, None)))
    store.change(users={"ada-id": ADA, "uri-id": URI}, revoked_sessions=frozenset())
    for change in of_key:
        change()
        state.refresh()
        refusals.append(refusal(lambda: credentials.caller(key, None)))

    assert [words for _, words in refusals] == [
        "The account of this access token is disabled or gone; ask an administrator.",
        "The account of this access token is disabled or gone; ask an administrator.",
        "This session has ended; sign in again.",
        "The owner of this API key is disabled or gone; ask an administrator.",
        "The owner of this API key is disabled or gone; ask an administrator.",
        "This API key was revoked.",
        "There is no such API key; check that it was copied whole.",
    ]


def test_a_role_counts_as_it_is_at_this_moment(credentials: Credentials, store: Store, state: State) -> None:
    key = bearer(KEY)
    before = credentials.caller(key, None).is_admin

    store.change_user(URI, role=Role.ADMIN)
    state.refresh()

    assert (before, credentials.caller(key, None).is_admin) == (False, True)


def test_a_key_made_elsewhere_works_at_once(credentials: Credentials, store: Store) -> None:
    fresh = "pb-" + "f" * 43
    credentials.caller(bearer(KEY), None)
    digest = hashlib.sha256(fresh.encode()).hexdigest()
    store.change(keys={**store.snapshot.keys, digest: replace(SERVICE, id="fresh-id", sha256=digest)})

    assert credentials.caller(bearer(fresh), None).key_id == "fresh-id"


def test_a_flood_of_unknown_keys_asks_the_database_once_a_second(credentials: Credentials, store: Store) -> None:
    for number in range(2_000):
        assert refusal(partial(credentials.caller, bearer(f"pb-{number}"), None))

    assert store.version_checks == 1


def test_good_keys_never_ask_the_database(credentials: Credentials, store: Store) -> None:
    for _ in range(100):
        credentials.caller(bearer(KEY), None)

    assert store.version_checks == 0


def test_the_use_of_a_key_is_noted_once_a_minute(
    credentials: Credentials, store: Store, state: State, used: list[str]
) -> None:
    for _ in range(3):
        credentials.caller(bearer(KEY), None)
    store.change_key(name="renamed")
    state.refresh()
    credentials.caller(bearer(KEY), None)

    assert used == ["key-id"]
