"""Starting: what is refused, in how many words, and who is left afterwards."""

from __future__ import annotations

import os
import signal
import socket
import urllib.request
from pathlib import Path

import pytest

from tests.serving.running import Running, eventually, is_alive, small_server


def refusal(server: Running) -> list[str]:
    with server:
        assert server.ended() == 2
        return server.output.splitlines()


def test_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])

        lines = refusal(small_server(tmp_path, PORT=port))

    assert lines == [
        f"patchbay: Port {port} is already in use. Stop what uses it or choose another: PORT=8001 ./patchbay up"
    ]


def test_a_host_that_is_none_is_one_clear_line(tmp_path: Path) -> None:
    lines = refusal(small_server(tmp_path, HOST="no-such-host.invalid"))

    assert lines == ["patchbay: HOST=no-such-host.invalid can't be resolved to an address of this machine."]


def test_every_wrong_setting_is_one_line_and_nothing_is_left_on_disk(tmp_path: Path) -> None:
    lines = refusal(small_server(tmp_path, LOCAL_MAX_LOADED="many", GRACEFUL_TIMEOUT="0"))

    assert lines == [
        "patchbay: LOCAL_MAX_LOADED=many must be a whole number from 1 to 64",
        "patchbay: GRACEFUL_TIMEOUT=0 must be a whole number from 1 to 3600",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["output"]


def test_more_workers_without_shared_stores_are_refused_with_the_reason(tmp_path: Path) -> None:
    lines = refusal(small_server(tmp_path, WORKERS="2"))

    assert len(lines) == 1
    assert "WORKERS=2 needs DATABASE_URL (PostgreSQL) and REDIS_URL" in lines[0]


@pytest.mark.parametrize("workers", ["1", "3"])
def test_an_application_that_can_not_start_says_why_once(tmp_path: Path, workers: str) -> None:
    server = small_server(
        tmp_path,
        WORKERS=workers,
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
        REDIS_URL="redis://127.0.0.1:1",
        loop="broken",
    )

    assert refusal(server) == ["patchbay: the small application does not want to start"]


def test_a_free_port_is_chosen_and_told(tmp_path: Path) -> None:
    with small_server(tmp_path, PORT="0") as server:
        server.wait_until_ready()
        url = server.output.splitlines()[0].removeprefix("Patchbay is ready at ")

        with urllib.request.urlopen(url, timeout=5) as response:
            assert response.status == 200


def test_two_instances_run_side_by_side(tmp_path: Path) -> None:
    with small_server(tmp_path / "one") as one, small_server(tmp_path / "two") as two:
        one.wait_until_ready()
        two.wait_until_ready()

        for server in (one, two):
            with urllib.request.urlopen(server.url, timeout=5) as response:
                assert response.status == 200


def supervisors(home: Path) -> list[int]:
    """Processes whose command line names the engine socket of `home`."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"supervisor" in command and str(home / "engine.sock").encode() in command and is_alive(int(entry.name)):
            found.append(int(entry.name))
    return found


def test_the_engine_supervisor_is_restarted_and_ends_with_the_server(tmp_path: Path) -> None:
    with small_server(tmp_path, LOCAL_ENGINE="1") as server:
        server.wait_until_ready()
        assert eventually(lambda: len(supervisors(tmp_path)) == 1)
        first = supervisors(tmp_path)[0]

        os.kill(first, signal.SIGKILL)

        assert eventually(lambda: supervisors(tmp_path) not in ([], [first]))
        server.send(signal.SIGTERM)
        assert server.ended() == 0
        assert supervisors(tmp_path) == []


def test_the_engine_supervisor_ends_when_the_launcher_is_killed(tmp_path: Path) -> None:
    with small_server(tmp_path, LOCAL_ENGINE="1") as server:
        server.wait_until_ready()
        assert eventually(lambda: len(supervisors(tmp_path)) == 1)

        server.send(signal.SIGKILL)
        server.ended()

        assert eventually(lambda: supervisors(tmp_path) == [])
