"""Who ends when: children that die, a supervisor that is killed, a launcher that is gone."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.providers.engine.address import socket_path
from app.providers.engine.client import EngineClient
from app.providers.engine.errors import EngineFailed, EngineUnavailable
from tests.providers.engine.conftest import Start
from tests.providers.engine.supervised import PROJECT, Supervisor, eventually, is_running, kill, said

TOY = "patchbay-toy"
PORT = "Patchbay listens on port 8000. Set PORT to change it."


def test_a_child_that_dies_is_started_again_at_once(engine: Supervisor) -> None:
    engine.client.ensure(TOY)
    killed = engine.pids()[TOY]

    kill(killed)

    assert eventually(lambda: engine.pids().get(TOY, killed) != killed)
    assert said(engine.client.ensure(TOY), "Which port?") == PORT


def test_a_model_that_keeps_dying_is_given_up_with_a_reason_until_it_is_unloaded_by_hand(
    engine: Supervisor,
) -> None:
    engine.client.ensure(TOY)

    for _ in range(3):
        assert eventually(lambda: engine.pids().get(TOY) is not None)
        engine.client.ensure(TOY)
        pid = engine.pids()[TOY]
        kill(pid)
        assert eventually(lambda pid=pid: engine.pids().get(TOY) != pid)  # type: ignore[misc]

    (listed,) = engine.client.models()
    assert listed.state == "failed"
    with pytest.raises(EngineFailed, match="died 3 times in a minute: it ended by signal 9") as failure:
        engine.client.ensure(TOY)
    assert failure.value.code == "load_failed"
    engine.client.unload(TOY)
    assert said(engine.client.ensure(TOY), "Which port?") == PORT


def test_nothing_is_left_when_the_supervisor_is_killed(engine: Supervisor) -> None:
    engine.client.ensure(TOY)
    child = engine.pids()[TOY]

    kill(engine.process.pid)

    assert eventually(lambda: not is_running(child), within_s=2)
    with pytest.raises(EngineUnavailable):
        engine.client.models()


@pytest.mark.parametrize("way", ["end of input", "SIGTERM"])
def test_the_supervisor_ends_its_children_and_itself_in_time(engine: Supervisor, way: str) -> None:
    engine.client.ensure(TOY)
    child = engine.pids()[TOY]
    started = time.monotonic()

    if way == "SIGTERM":
        engine.process.terminate()
    else:
        assert engine.process.stdin is not None
        engine.process.stdin.close()
    status = engine.process.wait(5)

    assert (status, time.monotonic() - started < 2, is_running(child)) == (0, True, False)
    assert not engine.socket.exists()


def test_a_socket_left_behind_by_a_killed_supervisor_is_taken_over(start: Start) -> None:
    first = start()
    kill(first.process.pid)
    first.process.wait()

    second = start()

    assert [model.id for model in second.client.models()] == [TOY]


def test_a_second_supervisor_on_the_same_socket_refuses_to_start(engine: Supervisor, start: Start) -> None:
    second = start()

    assert second.process.wait(5) == 1
    assert "another engine is already listening" in second.end()
    assert [model.id for model in engine.client.models()] == [TOY]


def test_a_path_too_long_for_a_socket_is_replaced_by_a_short_one_on_both_sides(start: Start, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    engine = start(folder=deep)

    models = EngineClient(engine.socket).models()

    assert [model.id for model in models] == [TOY]
    assert len(str(socket_path(engine.socket))) < 104


def test_without_a_supervisor_the_client_says_that_the_engine_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable):
        EngineClient(tmp_path / "engine.sock").status()


def test_a_worker_that_talks_to_the_engine_does_not_load_it() -> None:
    program = "import sys, app.providers.engine.client; print([m for m in ('xllamacpp', 'flask') if m in sys.modules])"

    printed = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, check=True)

    assert printed.stdout == b"[]\n"


def test_an_idle_supervisor_is_small() -> None:
    heavy = (
        "msgspec",
        "dataclasses",
        "inspect",
        "logging",
        "argparse",
        "socketserver",
        "hashlib",
        "tempfile",
        "subprocess",
    )
    program = f"import sys, app.providers.engine.supervisor; print([m for m in {heavy} if m in sys.modules])"

    printed = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, check=True)

    assert printed.stdout == b"[]\n"


@pytest.mark.parametrize("options", [("--max-loaded", "many"), ("--max-loaded",), ("--colour", "3")])
def test_wrong_arguments_end_the_supervisor_with_a_message(start: Start, options: tuple[str, ...]) -> None:
    supervisor = start(*options)

    assert supervisor.process.wait(5) == 1
    assert "supervisor: wrong arguments" in supervisor.end()


def test_a_log_that_nobody_reads_keeps_no_supervisor_from_its_end() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 1024)
    os.set_blocking(writer, True)
    program = "from app.providers.engine import log; log.info('the last words')"

    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, stderr=writer, timeout=10, check=True)

    os.close(reader)
    os.close(writer)
