from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.admin.api_keys import ApiKeys, KeyDraft, KeyUses
from app.domain.accounts import User
from app.domain.errors import InvalidRequest, NotFound
from app.storage.api_keys import all_keys
from app.storage.database import Database
from app.storage.unit import Window
from app.storage.versions import read_version
from tests.admin.conftest import TESTER, Clock, caller_of, changes, entries


@pytest.fixture
def api_keys(database: Database, clock: Clock) -> ApiKeys:
    return ApiKeys(database, now=clock)


def test_a_key_is_long_and_random_and_only_its_hash_is_kept(api_keys: ApiKeys, user: User, database: Database) -> None:
    made = api_keys.create(user.id, KeyDraft(" reader "), TESTER)

    assert re.fullmatch(r"pb-[A-Za-z0-9_-]{43}", made.secret)
    assert made.key.prefix == made.secret[:10]
    assert made.key.name == "reader"
    assert database.read(all_keys) == {hashlib.sha256(made.secret.encode()).hexdigest(): made.key}
    assert made.secret not in repr(made) + repr(entries(database))


def test_limits_of_a_key_are_kept(api_keys: ApiKeys, user: User, clock: Clock) -> None:
    draft = KeyDraft("limited", ("groq/*", "fast"), 60, clock.time + timedelta(days=1))

    made = api_keys.create(user.id, draft, TESTER)

    kept = api_keys.key(made.key.id, caller_of(user))
    assert (kept.name, kept.models, kept.requests_per_minute, kept.expires_at) == (
        "limited",
        ("groq/*", "fast"),
        60,
        draft.expires_at,
    )


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (KeyDraft(""), "name"),
        (KeyDraft("a\0"), "name"),
        (KeyDraft("x" * 201), "name"),
        (KeyDraft("k", models=()), "models"),
        (KeyDraft("k", models=("",)), "models"),
        (KeyDraft("k", models=tuple(str(number) for number in range(201))), "models"),
        (KeyDraft("k", requests_per_minute=0), "requests_per_minute"),
        (KeyDraft("k", expires_at=datetime(2026, 11, 21, 12, 0, tzinfo=UTC)), "expires_at"),
    ],
)
def test_bad_settings_are_refused_by_name(api_keys: ApiKeys, user: User, draft: KeyDraft, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        api_keys.create(user.id, draft, TESTER)

    assert refused.value.param == field


def test_a_key_needs_an_owner(api_keys: ApiKeys) -> None:
    with pytest.raises(NotFound):
        api_keys.create("00000000-0000-0000-0000-000000000000", KeyDraft("k"), TESTER)


def test_owners_see_their_own_keys_and_administrators_all(api_keys: ApiKeys, user: User, admin: User) -> None:
    own = api_keys.create(user.id, KeyDraft("own"), TESTER).key
    foreign = api_keys.create(admin.id, KeyDraft("foreign"), TESTER).key

    assert api_keys.page(user.id, Window()).items == (own,)
    assert set(api_keys.page(None, Window()).items) == {own, foreign}
    assert api_keys.key(own.id, caller_of(admin)) == own
    for attempt in (
        lambda: api_keys.key(foreign.id, caller_of(user)),
        lambda: api_keys.update(foreign.id, lambda draft: draft, caller_of(user), TESTER),
        lambda: api_keys.rotate(foreign.id, caller_of(user), TESTER),
        lambda: api_keys.revoke(foreign.id, caller_of(user), TESTER),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_change_keeps_the_rest(api_keys: ApiKeys, user: User, database: Database) -> None:
    made = api_keys.create(user.id, KeyDraft("before", ("groq/*",), 60), TESTER).key
    version = database.read(read_version)

    changed = api_keys.update(
        made.id, lambda draft: replace(draft, name="after", requests_per_minute=None), caller_of(user), TESTER
    )

    assert changed == replace(made, name="after", requests_per_minute=None) == api_keys.key(made.id, caller_of(user))
    assert entries(database)[-1].change.new == {"name": "after", "requests_per_minute": None}
    assert database.read(read_version) == version + 1


def test_an_expired_key_can_be_renamed_and_prolonged(api_keys: ApiKeys, user: User, clock: Clock) -> None:
    made = api_keys.create(user.id, KeyDraft("old", expires_at=clock.time + timedelta(days=1)), TESTER).key
    clock.advance(days=2)
    later = clock.time + timedelta(days=1)

    api_keys.update(made.id, lambda draft: replace(draft, name="renamed"), caller_of(user), TESTER)
    changed = api_keys.update(made.id, lambda draft: replace(draft, expires_at=later), caller_of(user), TESTER)

    assert (changed.name, changed.expires_at) == ("renamed", later)


def test_rotating_replaces_the_secret_and_nothing_else(api_keys: ApiKeys, user: User, database: Database) -> None:
    made = api_keys.create(user.id, KeyDraft("service", ("groq/*",), 60), TESTER)

    rotated = api_keys.rotate(made.key.id, caller_of(user), TESTER)

    assert rotated.secret != made.secret
    assert rotated.key == replace(made.key, prefix=rotated.secret[:10], sha256=rotated.key.sha256)
    assert list(database.read(all_keys)) == [hashlib.sha256(rotated.secret.encode()).hexdigest()]
    assert changes(database)[-1] == ("rotate", "api_key", "service")
    assert rotated.key.sha256 not in repr(entries(database))


def test_a_revoked_key_is_off_the_lists_but_known(api_keys: ApiKeys, user: User, database: Database) -> None:
    made = api_keys.create(user.id, KeyDraft("service"), TESTER)

    api_keys.revoke(made.key.id, caller_of(user), TESTER)

    assert api_keys.page(None, Window()).items == ()
    assert database.read(all_keys)[made.key.sha256].revoked
    with pytest.raises(NotFound):
        api_keys.revoke(made.key.id, caller_of(user), TESTER)


def test_uses_are_written_together(api_keys: ApiKeys, user: User, database: Database, clock: Clock) -> None:
    made = [api_keys.create(user.id, KeyDraft(name), TESTER).key for name in ("one", "two")]
    uses = KeyUses(database, now=clock)
    version = database.read(read_version)

    uses.note(made[0].id)
    clock.advance(minutes=1)
    uses.note(made[0].id)
    uses.note("gone")
    uses.write()
    uses.write()

    used = {key.name: key.last_used_at for key in api_keys.page(None, Window()).items}
    assert used == {"one": clock.time, "two": None}
    assert database.read(read_version) == version
