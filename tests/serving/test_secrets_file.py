"""The secrets of the first start."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from app.serving.secrets_file import config_with_secrets, ensure_secrets_file
from app.serving.start_error import StartError
from config import ConfigError, read_env_file
from tests.serving.running import environment


def test_only_the_owner_may_read_it_and_its_keys_work(tmp_path: Path) -> None:
    ensure_secrets_file(tmp_path)

    secrets = read_env_file(tmp_path / "secrets.env")
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600
    assert sorted(secrets) == ["PATCHBAY_JWT_SECRET", "PATCHBAY_SECRET_KEYS"]
    assert (
        Fernet(secrets["PATCHBAY_SECRET_KEYS"]).decrypt(Fernet(secrets["PATCHBAY_SECRET_KEYS"]).encrypt(b"x")) == b"x"
    )
    assert len(secrets["PATCHBAY_JWT_SECRET"]) >= 48


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_text("PATCHBAY_JWT_SECRET=mine\n")

    ensure_secrets_file(tmp_path)

    assert read_env_file(tmp_path / "secrets.env")["PATCHBAY_JWT_SECRET"] == "mine"
    assert "PATCHBAY_SECRET_KEYS" in read_env_file(tmp_path / "secrets.env")


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    first = config_with_secrets({"PATCHBAY_HOME": str(tmp_path)})

    second = config_with_secrets({"PATCHBAY_HOME": str(tmp_path)})

    assert second == first
    assert second.secret_keys != ()


def test_secrets_from_the_environment_are_not_written(tmp_path: Path) -> None:
    given = {"PATCHBAY_SECRET_KEYS": Fernet.generate_key().decode(), "PATCHBAY_JWT_SECRET": "given"}

    config = config_with_secrets({"PATCHBAY_HOME": str(tmp_path), **given})

    assert config.jwt_secret == "given"
    assert not (tmp_path / "secrets.env").exists()


def test_a_wrong_setting_leaves_no_secrets_behind(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="PORT=x"):
        config_with_secrets({"PATCHBAY_HOME": str(tmp_path), "PORT": "x"})

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StartError, match=r"secrets\.env"):
        ensure_secrets_file(tmp_path / "file" / "home")


def test_several_first_starts_at_once_agree(tmp_path: Path) -> None:
    code = (
        "import os; from app.serving.secrets_file import config_with_secrets;"
        "print(config_with_secrets(os.environ).jwt_secret)"
    )
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env=environment(PATCHBAY_HOME=str(tmp_path)),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]

    told = {start.communicate(timeout=30)[0] for start in starts}

    assert len(told) == 1
    assert told.pop().strip() != ""
