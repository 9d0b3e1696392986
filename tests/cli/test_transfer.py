from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.fernet import Fernet
from flask import Flask

from app import create_app
from app.admin.accounts import UserDraft
from app.admin.aliases import AliasDraft
from app.admin.provider_rules import Editor
from app.admin.sign_in import Device
from app.api.parts import Parts
from app.domain.accounts import Permission, Role
from app.domain.audit import COMMAND_LINE
from app.domain.catalog import AliasTarget, DefaultModels
from app.domain.settings import Settings
from app.storage.unit import Window
from config import Config
from tests.cli.conftest import Run, refused, run_on, said

KEY = "sk-a-key-of-the-tests"
HEADER = "a secret header value"
PASSPHRASE = "a long passphrase"
EDITOR = Editor.trusted(COMMAND_LINE)


@pytest.fixture
def full(parts: Parts) -> Parts:
    """Something of everything."""
    parts.accounts.create(UserDraft("Ada", Role.ADMIN), "correct horse", COMMAND_LINE, must_change_password=False)
    rights = frozenset({Permission.LOAD_MODELS})
    parts.accounts.create(UserDraft("Uri", permissions=rights, enabled=False), "battery staple", COMMAND_LINE)
    parts.provider_settings.create({"provider": "lmstudio", "name": "LM Studio", "temperature": 0.5}, EDITOR)
    fields: Any = {"provider": "groq", "name": "Groq", "api_key": KEY, "extra_headers": {"X-Team": HEADER}}
    parts.provider_settings.create(fields, EDITOR)
    parts.provider_settings.activate("groq", EDITOR)
    parts.provider_settings.update("lm-studio", {"enabled": False}, EDITOR)
    parts.aliases.create(AliasDraft("fast", (AliasTarget("groq/openai/gpt-oss-20b"),)), COMMAND_LINE)
    wanted = Settings(DefaultModels(chat="fast"), personal_providers_allowed=True, default_requests_per_minute=600)
    parts.settings.update(lambda _: wanted, COMMAND_LINE)
    return parts


@pytest.fixture
def elsewhere(config: Config, migrated_sqlite: Path, tmp_path: Path) -> Iterator[Flask]:
    """Another installation, with another encryption key."""
    home = tmp_path / "elsewhere"
    home.mkdir()
    shutil.copy(migrated_sqlite, home / "patchbay.db")
    key = Fernet.generate_key().decode()
    other = create_app(replace(config, home=home, database_url=f"sqlite:///{home / 'patchbay.db'}", secret_keys=(key,)))
    yield other
    other.extensions["patchbay"].database.close()


def parts_of(app: Flask) -> Parts:
    return cast("Parts", app.extensions["patchbay"])


def providers_of(parts: Parts) -> list[Any]:
    """Everything that matters of each provider."""
    return [
        replace(one.config, id="", version=0, created_at=None, updated_at=None)
        for one in sorted(parts.provider_settings.visible(EDITOR), key=lambda one: one.config.slug)
    ]


def test_an_export_with_secrets_makes_the_same_installation(
    run: Run, full: Parts, elsewhere: Flask, tmp_path: Path
) -> None:
    file = tmp_path / "export.json"

    written = said(run("export", str(file), "--secrets", "--passphrase-stdin", typed=f"{PASSPHRASE}\n"))
    brought = said(run_on(elsewhere, "import", str(file), "--passphrase-stdin", typed=f"{PASSPHRASE}\n"))

    there = parts_of(elsewhere)
    assert written == f"Wrote 2 providers, 1 aliases, the settings and 2 users to {file}.\n"
    assert brought.splitlines() == [
        "user Ada: added",
        "user Uri: added",
        "provider groq: added",
        "provider lm-studio: added",
        "alias fast: added",
        "settings: taken over",
    ]
    assert providers_of(there) == providers_of(full)
    assert [(one.name, one.targets) for one in there.aliases.all()] == [
        ("fast", (AliasTarget("groq/openai/gpt-oss-20b"),))
    ]
    assert there.settings.read() == full.settings.read()
    assert not there.sign_in.login("ada", "correct horse", Device("", "")).user.must_change_password
    uri = there.accounts.named("uri")
    assert (uri.role, uri.permissions, uri.enabled) == (Role.USER, frozenset({Permission.LOAD_MODELS}), False)


def test_secrets_are_not_in_the_file_in_the_clear(run: Run, full: Parts, tmp_path: Path) -> None:
    plain, secret = tmp_path / "plain.json", tmp_path / "secret.json"

    said(run("export", str(plain)))
    said(run("export", str(secret), "--secrets", "--passphrase-stdin", typed=f"{PASSPHRASE}\n"))

    for file in (plain, secret):
        text = file.read_text()
        assert [word for word in (KEY, HEADER, "argon2", PASSPHRASE) if word in text] == []
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(plain.read_text())["secrets"] is None


def test_an_export_without_secrets_gives_new_users_one_time_passwords(
    run: Run, full: Parts, elsewhere: Flask, tmp_path: Path
) -> None:
    file = tmp_path / "export.json"
    said(run("export", str(file)))

    lines = said(run_on(elsewhere, "import", str(file))).splitlines()

    there = parts_of(elsewhere)
    assert "provider groq: added; it has no key: set one if it needs one" in lines
    password = lines[lines.index("user      Ada") + 1].removeprefix("password  ")
    assert there.sign_in.login("ada", password, Device("", "")).user.must_change_password


def test_an_import_can_be_repeated_and_keeps_users_and_keys(run: Run, full: Parts, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    said(run("export", str(file)))
    before = providers_of(full)

    lines = said(run("import", str(file))).splitlines()

    assert lines == [
        "user Ada: is here already, unchanged",
        "user Uri: is here already, unchanged",
        "provider groq: replaced",
        "provider lm-studio: replaced",
        "alias fast: replaced",
        "settings: taken over",
    ]
    assert providers_of(full) == before
    assert full.sign_in.login("ada", "correct horse", Device("", ""))
    assert len(full.accounts.page(Window()).items) == 2


def test_another_default_provider_is_taken_over(run: Run, full: Parts, elsewhere: Flask, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    said(run("export", str(file)))
    parts_of(elsewhere).provider_settings.create({"provider": "lmstudio", "name": "LM Studio"}, EDITOR)

    said(run_on(elsewhere, "import", str(file)))

    default = parts_of(elsewhere).provider_settings.default(EDITOR).config
    assert default.slug == "groq"
    assert not parts_of(elsewhere).provider_settings.get("lm-studio", EDITOR).config.enabled


def test_the_passphrase_is_asked_for_twice_and_has_to_fit(
    run: Run, full: Parts, elsewhere: Flask, tmp_path: Path
) -> None:
    file = tmp_path / "export.json"

    said(run("export", str(file), "--secrets", typed=f"{PASSPHRASE}\n{PASSPHRASE}\n"))
    wrong = run_on(elsewhere, "import", str(file), "--passphrase-stdin", typed="another passphrase\n")
    without = run_on(elsewhere, "import", str(file), "--without-secrets")

    assert refused(wrong) == "Error: The passphrase does not open this file's secrets."
    assert "provider groq: added; it has no key: set one if it needs one" in said(without)


def test_a_short_passphrase_is_refused(run: Run, full: Parts, tmp_path: Path) -> None:
    result = run("export", str(tmp_path / "export.json"), "--secrets", "--passphrase-stdin", typed="short\n")

    assert refused(result) == "Error: passphrase: must have at least 12 characters"


def test_an_export_never_replaces_a_file(run: Run, full: Parts, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text("precious")

    assert refused(run("export", str(file))) == f"Error: {file} exists already; choose another name."
    assert file.read_text() == "precious"
    assert refused(run("export", str(tmp_path / "no" / "folder.json"))) == (
        f"Error: Can't write {tmp_path / 'no' / 'folder.json'}: No such file or directory."
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Error: The file can't be read as an export of Patchbay: Input data was truncated."),
        (b"\xff", "Error: The file can't be read as an export of Patchbay: "),
        (b"{}", "Error: The file is not an export of Patchbay."),
        (
            b'{"format": "patchbay export", "version": 2}',
            "Error: The file has version 2; this Patchbay reads version 1.",
        ),
        (b'{"format": "patchbay export", "version": 1}', "Error: The file can't be read as an export of Patchbay: "),
    ],
)
def test_another_file_is_refused(run: Run, full: Parts, tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "other.json"
    file.write_bytes(content)

    assert refused(run("import", str(file))).startswith(words)


def test_a_part_that_cannot_be_taken_is_named(run: Run, full: Parts, elsewhere: Flask, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    said(run("export", str(file)))
    document = json.loads(file.read_text())
    document["providers"][0]["provider"] = "magic"
    file.write_text(json.dumps(document))

    assert refused(run_on(elsewhere, "import", str(file))).startswith(
        "Error: Stopped at the provider lm-studio: provider: must be one of"
    )
