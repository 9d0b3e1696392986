from __future__ import annotations

from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from app.admin.accounts import Accounts
from app.admin.passwords import Passwords
from app.admin.sign_in import Device, SignIn, WrongPassword
from app.domain.accounts import User
from app.domain.audit import Actor
from app.domain.errors import CredentialExpired, CredentialInvalid, InvalidRequest, NotFound
from app.storage.accounts import Users
from app.storage.database import Database
from app.storage.sessions import Sessions, revoked_since
from app.storage.unit import Window
from tests.admin.conftest import TESTER, Clock, changes

LAPTOP = Device("192.0.2.7", "a laptop")


@pytest.fixture
def sign_in(database: Database, passwords: Passwords, clock: Clock) -> SignIn:
    return SignIn(database, passwords, "a secret", now=clock)


def test_signing_in_starts_a_session(sign_in: SignIn, user: User, clock: Clock) -> None:
    signed_in = sign_in.login(" URI ", "battery staple", LAPTOP)

    assert signed_in.user == replace(user, last_login_at=clock.time)
    assert sign_in.sessions(user.id, Window()).items == (signed_in.session,)
    assert (signed_in.session.address, signed_in.session.user_agent) == ("192.0.2.7", "a laptop")


@pytest.mark.parametrize("name", ["uri", "nobody", "a\0b"])
def test_a_wrong_password_and_a_wrong_name_sound_the_same(sign_in: SignIn, user: User, name: str) -> None:
    with pytest.raises(CredentialInvalid) as refused:
        sign_in.login(name, "wrong password", LAPTOP)

    assert refused.value.message == "The username or the password is wrong."


def test_a_disabled_user_hears_so_only_with_the_right_password(sign_in: SignIn, accounts: Accounts, user: User) -> None:
    accounts.update(user.id, lambda old: replace(old, enabled=False), TESTER)

    messages = []
    for password in ("battery staple", "wrong"):
        with pytest.raises(CredentialInvalid) as refused:
            sign_in.login("uri", password, LAPTOP)
        messages.append(refused.value.message)

    assert messages == [
        "This account is disabled; ask an administrator.",
        "The username or the password is wrong.",
    ]


def test_signing_in_renews_a_hash_with_old_parameters(
    database: Database, user: User, passwords: Passwords, clock: Clock
) -> None:
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))

    SignIn(database, stronger, "a secret", now=clock).login("uri", "battery staple", LAPTOP)

    stored = database.read(lambda session: Users(session).password_hash(user.id))
    assert stored is not None
    assert not stronger.is_outdated(stored)
    assert stronger.matches("battery staple", stored)


def test_each_refresh_gives_the_next_token_and_moves_the_end(sign_in: SignIn, user: User, clock: Clock) -> None:
    first = sign_in.login("uri", "battery staple", LAPTOP)
    clock.advance(days=29)
    second = sign_in.refresh(first.refresh_token)
    clock.advance(days=29)
    third = sign_in.refresh(second.refresh_token)

    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    (session,) = sign_in.sessions(user.id, Window()).items
    assert session.last_seen_at == clock.time
    assert (session.expires_at - clock.time).days == 30


def test_two_tabs_get_the_same_next_token(sign_in: SignIn, user: User, clock: Clock) -> None:
    first = sign_in.login("uri", "battery staple", LAPTOP)
    one_tab = sign_in.refresh(first.refresh_token)
    clock.advance(seconds=30)

    other_tab = sign_in.refresh(first.refresh_token)

    assert other_tab.refresh_token == one_tab.refresh_token
    assert sign_in.refresh(one_tab.refresh_token).refresh_token != one_tab.refresh_token


def test_a_token_used_after_the_grace_ends_the_session(
    sign_in: SignIn, user: User, clock: Clock, database: Database
) -> None:
    first = sign_in.login("uri", "battery staple", LAPTOP)
    second = sign_in.refresh(first.refresh_token)
    clock.advance(seconds=31)

    with pytest.raises(CredentialInvalid) as refused:
        sign_in.refresh(first.refresh_token)

    assert refused.value.message == ("This session was ended because its refresh token was used twice; sign in again.")
    with pytest.raises(CredentialInvalid):
        sign_in.refresh(second.refresh_token)
    assert database.read(lambda session: revoked_since(session, clock.time)) == {first.session.id}


def test_a_much_older_token_ends_the_session_too(sign_in: SignIn, user: User) -> None:
    first = sign_in.login("uri", "battery staple", LAPTOP)
    latest = sign_in.refresh(sign_in.refresh(first.refresh_token).refresh_token)

    with pytest.raises(CredentialInvalid):
        sign_in.refresh(first.refresh_token)

    with pytest.raises(CredentialInvalid):
        sign_in.refresh(latest.refresh_token)


@pytest.mark.parametrize("token", ["", ".", "x", "\0.\0", "00000000-0000-0000-0000-000000000000.x", "é" * 5000])
def test_garbage_is_no_refresh_token(sign_in: SignIn, user: User, token: str) -> None:
    with pytest.raises(CredentialInvalid):
        sign_in.refresh(token)


def test_a_session_expires_after_thirty_quiet_days(sign_in: SignIn, user: User, clock: Clock) -> None:
    first = sign_in.login("uri", "battery staple", LAPTOP)
    clock.advance(days=30)

    with pytest.raises(CredentialExpired):
        sign_in.refresh(first.refresh_token)

    assert sign_in.sessions(user.id, Window()).items == ()


def test_a_disabled_user_cannot_refresh_until_enabled_again(
    sign_in: SignIn, accounts: Accounts, user: User, clock: Clock
) -> None:
    first = sign_in.login("uri", "battery staple", LAPTOP)
    accounts.update(user.id, lambda old: replace(old, enabled=False), TESTER)

    with pytest.raises(CredentialInvalid):
        sign_in.refresh(first.refresh_token)

    accounts.update(user.id, lambda old: replace(old, enabled=True), TESTER)
    clock.advance(hours=1)
    assert sign_in.refresh(first.refresh_token).session.id == first.session.id


def test_signing_out_ends_the_session_only_with_its_own_token(sign_in: SignIn, user: User) -> None:
    first = sign_in.login("uri", "battery staple", LAPTOP)

    sign_in.logout_by_token(f"{first.session.id}.made-up")
    second = sign_in.refresh(first.refresh_token)
    sign_in.logout_by_token(second.refresh_token)

    with pytest.raises(CredentialInvalid):
        sign_in.refresh(second.refresh_token)


def test_own_sessions_can_be_ended_and_others_are_not_found(sign_in: SignIn, user: User, admin: User) -> None:
    own = sign_in.login("uri", "battery staple", LAPTOP).session
    foreign = sign_in.login("ada", "correct horse", LAPTOP).session

    sign_in.revoke(own.id, user.id)

    for gone in (own.id, foreign.id, "nothing"):
        with pytest.raises(NotFound):
            sign_in.revoke(gone, user.id)
    assert sign_in.sessions(user.id, Window()).items == ()
    assert sign_in.sessions(admin.id, Window()).items == (foreign,)


def test_changing_the_password_ends_the_other_sessions(
    sign_in: SignIn, user: User, database: Database, accounts: Accounts
) -> None:
    here = sign_in.login("uri", "battery staple", LAPTOP)
    there = sign_in.login("uri", "battery staple", LAPTOP)
    accounts.update(user.id, lambda old: replace(old, must_change_password=True), TESTER)

    changed = sign_in.change_password(
        user.id, "battery staple", "another staple", by=Actor(user.id, "Uri"), session_id=here.session.id
    )

    assert not changed.must_change_password
    assert sign_in.refresh(here.refresh_token).user == changed
    with pytest.raises(CredentialInvalid):
        sign_in.refresh(there.refresh_token)
    with pytest.raises(CredentialInvalid):
        sign_in.login("uri", "battery staple", LAPTOP)
    assert sign_in.login("uri", "another staple", LAPTOP)
    assert changes(database)[-1] == ("change_password", "user", "Uri")


def test_changing_the_password_needs_the_current_one_and_a_good_new_one(sign_in: SignIn, user: User) -> None:
    by = Actor(user.id, "Uri")

    with pytest.raises(WrongPassword):
        sign_in.change_password(user.id, "wrong", "another staple", by=by, session_id=None)
    problems = []
    for new in ("short", "battery staple"):
        with pytest.raises(InvalidRequest) as refused:
            sign_in.change_password(user.id, "battery staple", new, by=by, session_id=None)
        problems.append(refused.value.param)

    assert problems == ["new_password", "new_password"]
    assert sign_in.login("uri", "battery staple", LAPTOP)


def test_old_sessions_are_forgotten_at_the_next_sign_in(
    sign_in: SignIn, user: User, clock: Clock, database: Database
) -> None:
    first = sign_in.login("uri", "battery staple", LAPTOP)
    clock.advance(days=31)

    sign_in.login("uri", "battery staple", LAPTOP)

    assert database.read(lambda session: Sessions(session).chain(first.session.id)) is None
