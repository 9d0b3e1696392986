"""Starting the whole gateway: the first time, again, and when it can't."""

from __future__ import annotations

import sqlite3
import stat
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.deploy.gateway import gateway
from tests.serving.running import Running


def refusal(server: Running) -> list[str]:
    with server:
        assert server.ended() == 2
        return server.output.splitlines()


def started_s(server: Running) -> float:
    """From the start of the process to the first answer."""
    began = time.monotonic()
    while True:
        try:
            with urllib.request.urlopen(f"{server.url}/readyz", timeout=10) as reply:
                assert reply.status == 200
                return time.monotonic() - began
        except OSError:
            assert server.process.poll() is None, server.output
            time.sleep(0.02)


def test_the_first_start_prints_a_password_once_and_it_has_to_be_changed(tmp_path: Path) -> None:
    with gateway(tmp_path / "home", ADMIN_USERNAME="", ADMIN_PASSWORD="") as server:
        server.wait_until_ready()
        lines = [line.split() for line in server.output.splitlines()]
        told = {line[0]: line[1] for line in lines if line[0] in ("user", "password")}
        reply = httpx.post(
            f"{server.url}/api/v1/auth/login", json={"username": told["user"], "password": told["password"]}
        )
    with gateway(tmp_path / "home", ADMIN_USERNAME="", ADMIN_PASSWORD="") as server:
        server.wait_until_ready()
        again = server.output

    assert reply.json()["data"]["user"]["must_change_password"] is True
    assert "password" not in again


def test_a_warm_start_serves_within_seconds(tmp_path: Path) -> None:
    with gateway(tmp_path / "home") as server:
        first_s = started_s(server)
    with gateway(tmp_path / "home") as server:
        warm_s = started_s(server)

    print(f"first start {first_s:.2f} s, warm start {warm_s:.2f} s")
    # Three seconds on two free cores; the tests share theirs.
    assert warm_s < 15


def test_only_its_owner_may_read_the_state_folder_s_secrets(tmp_path: Path) -> None:
    with gateway(tmp_path / "home") as server:
        server.wait_until_ready()

    assert stat.S_IMODE((tmp_path / "home" / "secrets.env").stat().st_mode) == 0o600


def test_a_database_of_a_later_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    with gateway(tmp_path / "home") as server:
        server.wait_until_ready()
    with closing(sqlite3.connect(tmp_path / "home" / "patchbay.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()

    lines = refusal(gateway(tmp_path / "home"))

    assert lines == [
        "patchbay: The database belongs to a later version of Patchbay. Install that version, or restore a backup."
    ]


def test_a_database_that_does_not_answer_is_one_clear_line(tmp_path: Path) -> None:
    lines = refusal(gateway(tmp_path / "home", DATABASE_URL="postgresql://someone:secret@127.0.0.1:1/none"))

    assert len(lines) == 1
    assert lines[0].startswith("patchbay: The database does not answer: ")
    assert "secret" not in lines[0]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ADMIN_PASSWORD": "short"}, "ADMIN_USERNAME or ADMIN_PASSWORD can't be used"),
        ({"PATCHBAY_SECRET_KEYS": "no key"}, "PATCHBAY_SECRET_KEYS"),
        ({"DATABASE_URL": "not a url"}, "DATABASE_URL"),
        ({"DATABASE_URL": "oracle://x"}, "DATABASE_URL"),
        ({"TRUSTED_PROXIES": "nginx"}, "TRUSTED_PROXIES"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL"),
        ({"PUBLIC_URL": "gateway.example.org"}, "PUBLIC_URL"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL"),
        ({"CORS_ORIGINS": "https://app.example.org/path"}, "CORS_ORIGINS"),
        ({"LLM_PROVIDER": "nobody"}, "LLM_PROVIDER"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_setting_that_can_not_be_used_is_one_clear_line(tmp_path: Path, settings: dict[str, str], words: str) -> None:
    lines = refusal(gateway(tmp_path / "home", **settings))

    assert len(lines) == 1, lines
    assert lines[0].startswith("patchbay: ")
    assert words in lines[0]


def test_every_address_of_the_machine_answers_when_asked_to(tmp_path: Path) -> None:
    with gateway(tmp_path / "home", HOST="0.0.0.0") as server:
        server.wait_until_ready()

        reply = httpx.get(f"http://127.0.0.2:{server.port}/healthz")

        assert reply.status_code == 200
        assert "open to other machines" in server.output


def test_only_this_machine_is_answered_otherwise(tmp_path: Path) -> None:
    with gateway(tmp_path / "home") as server:
        server.wait_until_ready()

        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.2:{server.port}/healthz")
