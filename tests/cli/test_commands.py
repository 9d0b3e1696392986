"""The command line as a process of its own, as `./patchbay admin` starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask

from app import cli
from app.api.parts import Parts

ROOT = Path(__file__).resolve().parents[2]


def admin(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env={**clean, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "PATCHBAY_HOME": str(tmp_path),
        "PATCHBAY_SECRET_KEYS": Fernet.generate_key().decode(),
        "PATCHBAY_JWT_SECRET": "a secret of the tests, long enough for HS256",
        "LOCAL_ENGINE": "0",
    }


def test_a_key_is_made_by_another_process_and_known_at_once(
    environ: dict[str, str], database_url: str, parts: Parts
) -> None:
    environ["DATABASE_URL"] = database_url
    made = admin("create-admin", **environ)

    key = admin("create-key", "readme", **environ)

    assert (made.returncode, key.returncode) == (0, 0), made.stderr + key.stderr
    assert parts.credentials.caller(None, key.stdout.strip()).username == "admin"


def test_an_empty_database_is_refused_in_one_line(environ: dict[str, str], empty_database_url: str) -> None:
    result = admin("create-key", "readme", **environ, DATABASE_URL=empty_database_url)

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "Error: The database is not set up for this version yet: run ./patchbay up once.\n"


def test_a_database_that_is_down_is_said_in_one_line(environ: dict[str, str]) -> None:
    result = admin("create-key", "readme", **environ, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: The database does not answer: check DATABASE_URL. Before the first ./patchbay up there is none.\n"
    )


def test_without_secrets_the_way_out_is_named(tmp_path: Path) -> None:
    result = admin("create-key", "readme", PATCHBAY_HOME=str(tmp_path))

    assert result.returncode == 1
    assert "PATCHBAY_SECRET_KEYS is missing (./patchbay up writes it to secrets.env)" in result.stderr


def test_help_needs_nothing(tmp_path: Path) -> None:
    result = admin("--help", PATCHBAY_HOME=str(tmp_path))

    assert result.returncode == 0
    commands = result.stdout.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in commands] == [
        "create-admin",
        "reset-password",
        "create-key",
        "seed-demo",
        "providers",
        "export",
        "import",
        "rotate-secrets",
        "train-demo",
    ]
    assert list(tmp_path.iterdir()) == []


def test_flask_offers_the_same_commands(app: Flask) -> None:
    cli.register(app)

    result = app.test_cli_runner().invoke(args=["admin", "create-admin", "--username", "ada"])

    assert result.exit_code == 0, result.output
    assert app.extensions["patchbay"].accounts.named("ada")
