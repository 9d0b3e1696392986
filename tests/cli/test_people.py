from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.admin.accounts import UserDraft
from app.admin.sign_in import Device
from app.api.parts import Parts
from app.domain.accounts import Role, User
from app.domain.audit import COMMAND_LINE
from app.domain.errors import CredentialInvalid
from app.storage.audit import AuditFilter
from app.storage.unit import Window
from tests.cli.conftest import Run, refused, said


@pytest.fixture
def root(parts: Parts) -> User:
    """The first administrator."""
    draft = UserDraft("root", Role.ADMIN)
    return parts.accounts.create(draft, "correct horse", COMMAND_LINE, must_change_password=False)


def password_in(text: str) -> str:
    found = re.search(r"^password  (\S+)$", text, re.MULTILINE)
    assert found is not None, text
    return found[1]


def test_an_administrator_gets_a_one_time_password(run: Run, parts: Parts) -> None:
    text = said(run("create-admin", "--username", "ada"))

    signed_in = parts.sign_in.login("ada", password_in(text), Device("", ""))
    assert (signed_in.user.role, signed_in.user.must_change_password) == (Role.ADMIN, True)
    assert text.splitlines()[0] == "user      ada"


def test_a_password_from_standard_input_needs_no_change(run: Run, parts: Parts) -> None:
    said(run("create-admin", "--password-stdin", typed="correct horse\nmore\n"))

    assert not parts.sign_in.login("admin", "correct horse", Device("", "")).user.must_change_password


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "Error: There is no password on standard input."),
        (b"\xff\xfe\n", "Error: The password on standard input is not UTF-8."),
        (
            "short\n",
            "Error: password: must have at least 8 characters, at most 1024 bytes, and not be the username",
        ),
    ],
)
def test_a_bad_password_is_refused(run: Run, parts: Parts, given: str | bytes, words: str) -> None:
    assert refused(run("create-admin", "--password-stdin", typed=given)) == words
    assert parts.accounts.page(Window()).items == ()


def test_a_name_that_is_taken_is_refused(run: Run, root: User) -> None:
    assert refused(run("create-admin", "--username", "ROOT")) == "Error: There is already a user named 'root'."


def test_a_password_is_reset(run: Run, parts: Parts, root: User) -> None:
    text = said(run("reset-password", "Root"))

    with pytest.raises(CredentialInvalid):
        parts.sign_in.login("root", "correct horse", Device("", ""))
    assert parts.sign_in.login("root", password_in(text), Device("", "")).user.must_change_password
    assert refused(run("reset-password", "nobody")) == "Error: There is no user named 'nobody'."


def test_a_key_is_all_that_is_printed_and_works_at_once(run: Run, parts: Parts, root: User) -> None:
    result = run("create-key", "readme")

    assert re.fullmatch(r"pb-[A-Za-z0-9_-]{43}\n", result.stdout)
    assert result.stderr == ""
    caller = parts.credentials.caller(f"Bearer {result.stdout.strip()}", None)
    assert (caller.username, caller.models, caller.requests_per_minute) == ("root", None, None)


def test_a_key_with_limits_for_somebody(run: Run, parts: Parts, root: User) -> None:
    parts.accounts.create(UserDraft("uri"), "correct horse", COMMAND_LINE)
    limits = ("--models", "groq/*, local/*", "--models", "fast", "--requests-per-minute", "60", "--expires-in", "30d")

    said(run("create-key", "service", "--user", "URI", *limits))

    (key,) = parts.api_keys.page(parts.accounts.named("uri").id, Window()).items
    assert (key.name, key.models, key.requests_per_minute) == ("service", ("groq/*", "local/*", "fast"), 60)
    assert key.expires_at is not None
    assert abs(key.expires_at - datetime.now(UTC) - timedelta(days=30)) < timedelta(minutes=1)


def test_a_key_needs_an_owner(run: Run) -> None:
    assert refused(run("create-key", "readme")) == (
        "Error: There is no administrator yet; ./patchbay up makes the first one."
    )
    assert refused(run("create-key", "readme", "--user", "nobody")) == "Error: There is no user named 'nobody'."


@pytest.mark.parametrize("wrong", ["30", "d", "0d", "-1d", "1.5d", "30 d", "99999d", "30y"])
def test_a_bad_duration_is_a_wrong_use(run: Run, root: User, wrong: str) -> None:
    result = run("create-key", "readme", f"--expires-in={wrong}")

    assert result.exit_code == 2
    assert "is not a duration such as 30d, 12h, 45m or 2w." in result.stderr


def test_everything_is_audited_as_the_command_line(run: Run, parts: Parts) -> None:
    run("create-admin")
    run("reset-password", "admin")
    run("create-key", "readme")

    entries = parts.audit.entries(AuditFilter()).items
    assert {entry.actor.name for entry in entries} == {"command line"}
    assert [(entry.change.action, entry.change.object_type) for entry in reversed(entries)] == [
        ("create", "user"),
        ("reset_password", "user"),
        ("create", "api_key"),
    ]
