from __future__ import annotations

from dataclasses import replace

import pytest

from app.admin.accounts import Accounts, UserDraft
from app.admin.api_keys import ApiKeys, KeyDraft
from app.admin.passwords import Passwords
from app.admin.sign_in import Device, SignIn
from app.domain.accounts import Permission, Role, User
from app.domain.errors import Conflict, CredentialInvalid, InvalidRequest, NotFound
from app.storage.accounts import Users
from app.storage.api_keys import all_keys
from app.storage.database import Database
from app.storage.unit import Window
from app.storage.versions import read_version
from config import Config
from tests.admin.conftest import TESTER, Clock, changes, entries


def test_a_user_is_found_by_id_and_by_name_however_written(accounts: Accounts, user: User) -> None:
    assert accounts.user(user.id) == user
    assert accounts.named(" URI ") == user


def test_a_name_is_trimmed_and_unique_whatever_its_case(accounts: Accounts, user: User) -> None:
    made = accounts.create(UserDraft("  Zoë  "), "battery staple", TESTER)

    with pytest.raises(Conflict) as taken:
        accounts.create(UserDraft("ZOË"), "battery staple", TESTER)

    assert made.username == "Zoë"
    assert taken.value.message == "There is already a user named 'Zoë'."


@pytest.mark.parametrize("name", ["", "   ", "a\0b", "line\nbreak", "x" * 151, "ß" * 100])
def test_a_bad_name_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        accounts.create(UserDraft(name), "battery staple", TESTER)

    assert refused.value.param == "username"


def test_administration_itself_cannot_be_granted(accounts: Accounts) -> None:
    with pytest.raises(InvalidRequest) as refused:
        accounts.create(UserDraft("Eve", permissions=frozenset({Permission.MANAGE})), "battery staple", TESTER)

    assert refused.value.details[0].problem == (
        "can be load_models, personal_providers; everything else comes with the role admin"
    )


def test_lists_come_newest_first_in_pages(accounts: Accounts, admin: User, user: User, clock: Clock) -> None:
    clock.advance(seconds=1)
    third = accounts.create(UserDraft("third"), "battery staple", TESTER)

    first_page = accounts.page(Window(limit=2))
    second_page = accounts.page(Window(limit=2, cursor=first_page.next_cursor))

    assert first_page.items[0] == third
    assert {one.id for one in (*first_page.items, *second_page.items)} == {admin.id, user.id, third.id}
    assert second_page.next_cursor is None


def test_a_change_is_kept_audited_and_seen_by_requests(
    accounts: Accounts, user: User, database: Database, clock: Clock
) -> None:
    version = database.read(read_version)
    clock.advance(minutes=1)

    changed = accounts.update(user.id, lambda old: replace(old, role=Role.ADMIN, enabled=False), TESTER)

    assert accounts.user(user.id) == changed == replace(user, role=Role.ADMIN, enabled=False, updated_at=clock.time)
    last = entries(database)[-1]
    assert (last.actor.name, last.change.action) == ("tester", "update")
    assert last.change.old == {"role": "user", "enabled": True}
    assert last.change.new == {"role": "admin", "enabled": False}
    assert database.read(read_version) == version + 1


def test_a_change_of_nothing_is_not_audited(accounts: Accounts, user: User, database: Database) -> None:
    before = changes(database)

    accounts.update(user.id, lambda old: old, TESTER)

    assert changes(database) == before


def test_a_user_cannot_take_anothers_name(accounts: Accounts, admin: User, user: User) -> None:
    with pytest.raises(Conflict):
        accounts.update(user.id, lambda old: replace(old, username="ADA"), TESTER)

    assert accounts.user(user.id).username == "Uri"


def test_the_last_enabled_administrator_stays(accounts: Accounts, admin: User, user: User) -> None:
    for attempt in (
        lambda: accounts.update(admin.id, lambda old: replace(old, enabled=False), TESTER),
        lambda: accounts.update(admin.id, lambda old: replace(old, role=Role.USER), TESTER),
        lambda: accounts.delete(admin.id, TESTER),
    ):
        with pytest.raises(Conflict):
            attempt()
    assert accounts.user(admin.id) == admin

    accounts.create(UserDraft("Second", Role.ADMIN), "battery staple", TESTER)
    accounts.delete(admin.id, TESTER)

    with pytest.raises(NotFound):
        accounts.user(admin.id)


def test_keys_go_with_their_owner(accounts: Accounts, user: User, database: Database) -> None:
    ApiKeys(database).create(user.id, KeyDraft("service"), TESTER)
    version = database.read(read_version)

    accounts.delete(user.id, TESTER)

    assert database.read(read_version) == version + 1
    assert database.read(all_keys) == {}
    assert changes(database)[-1] == ("delete", "user", "Uri")


def test_a_reset_makes_a_one_time_password_and_ends_sessions(
    accounts: Accounts, user: User, database: Database, passwords: Passwords, clock: Clock
) -> None:
    sign_in = SignIn(database, passwords, "secret", now=clock)
    before = sign_in.login("uri", "battery staple", Device("", ""))

    made = accounts.reset_password(user.id, TESTER)

    with pytest.raises(CredentialInvalid):
        sign_in.refresh(before.refresh_token)
    with pytest.raises(CredentialInvalid):
        sign_in.login("uri", "battery staple", Device("", ""))
    assert sign_in.login("uri", made.password, Device("", "")).user.must_change_password
    assert changes(database)[-1] == ("reset_password", "user", "Uri")


def test_a_refused_password_changes_nothing_else(accounts: Accounts, user: User) -> None:
    with pytest.raises(InvalidRequest):
        accounts.update(user.id, lambda old: replace(old, role=Role.ADMIN), TESTER, password="short")

    assert accounts.user(user.id) == user


def test_no_password_or_hash_reaches_the_audit_log(accounts: Accounts, user: User, database: Database) -> None:
    made = accounts.reset_password(user.id, TESTER)

    stored = database.read(lambda session: Users(session).password_hash(user.id))

    told = repr(entries(database))
    assert made.password not in told
    assert "battery staple" not in told
    assert stored is not None
    assert stored not in told
    assert made.password not in repr(made)


@pytest.mark.parametrize("unknown", ["nobody", "\0", "00000000-0000-0000-0000-000000000000", "' OR 1=1"])
def test_unknown_users_are_not_found(accounts: Accounts, unknown: str) -> None:
    for attempt in (lambda: accounts.user(unknown), lambda: accounts.delete(unknown, TESTER)):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(NotFound):
        accounts.named(unknown)


def test_the_first_administrator_gets_a_one_time_password_once(
    accounts: Accounts, config: Config, database: Database, passwords: Passwords
) -> None:
    first, second = accounts.create_first_admin(config), accounts.create_first_admin(config)

    assert first is not None
    assert second is None
    signed_in = SignIn(database, passwords, "secret").login(first.username, first.password, Device("", ""))
    assert (signed_in.user.username, signed_in.user.role) == ("admin", Role.ADMIN)
    assert signed_in.user.must_change_password


def test_the_first_administrator_comes_from_the_environment_and_stays(
    accounts: Accounts, config: Config, database: Database, passwords: Passwords
) -> None:
    chosen = replace(config, admin_username="root", admin_password="from the environment")
    later = replace(config, admin_username="other", admin_password="something else")

    told = [accounts.create_first_admin(chosen), accounts.create_first_admin(later)]

    assert told == [None, None]
    assert [one.username for one in accounts.page(Window()).items] == ["root"]
    signed_in = SignIn(database, passwords, "secret").login("root", "from the environment", Device("", ""))
    assert not signed_in.user.must_change_password
