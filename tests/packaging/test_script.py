"""The script `patchbay` on machines that lack something, and beside another set-up."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = ("patchbay", "requirements.txt", "requirements-dev.txt", "requirements-uv.txt", "requirements-node.txt")
TOOLS = ["cat", "cksum", "cut", "dirname", "find", "mkdir", "mv", "rm", "sed", "sh", "sleep", "sort", "uname", "xargs"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The script without anything set up, in a folder with a space in its name."""
    folder = tmp_path / "my checkout"
    folder.mkdir()
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH of a machine that has no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found is not None, name
        (folder / name).symlink_to(found)
    return folder


def add_python(tools: Path, *, venv: str) -> None:
    """A Python that is new enough and does `venv` (shell) when asked for a virtual environment."""
    python = tools / "python3.12"
    python.write_text(f'#!/bin/sh\ncase "$*" in *venv*) {venv} ;; esac\n')
    python.chmod(0o755)


def run(checkout: Path, tools: Path, *words: str) -> tuple[int, list[str]]:
    """Exit status, and what was said on both outputs."""
    done = subprocess.run(
        [checkout / "patchbay", *words],
        cwd="/",
        env={"PATH": str(tools), "HOME": str(checkout)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def test_help_names_every_word(checkout: Path, tools: Path) -> None:
    status, lines = run(checkout, tools, "help")

    assert status == 0
    words = ["up", "dev", "test", "check", "bench", "admin", "lmstudio", "generate", "lock"]
    assert [line.split()[1] for line in lines] == words


def test_an_unknown_word_is_refused(checkout: Path, tools: Path) -> None:
    status, lines = run(checkout, tools, "upp")

    assert status == 1
    assert lines[-1] == "patchbay: There is no word 'upp'."


def test_a_machine_without_python_is_told_so_in_one_line(checkout: Path, tools: Path) -> None:
    status, lines = run(checkout, tools, "up")

    assert status == 1
    assert lines == [
        "patchbay: Python 3.11 or later is needed and was not found (Debian: apt install python3 python3-venv)."
    ]
    assert not (checkout / "var" / ".setup-lock").exists()


def test_a_machine_without_venv_is_told_the_package(checkout: Path, tools: Path) -> None:
    add_python(tools, venv="echo 'Failing command: ensurepip' >&2; exit 1")

    status, lines = run(checkout, tools, "up")

    assert status == 1
    assert lines[-1] == ("patchbay: The system package python3-venv is missing (Debian: apt install python3-venv).")
    assert not (checkout / ".venv").exists()


def test_a_set_up_that_was_killed_does_not_block_the_next(checkout: Path, tools: Path) -> None:
    lock = checkout / "var" / ".setup-lock"
    lock.mkdir(parents=True)
    ended = subprocess.Popen(["true"])
    ended.wait()
    (lock / "pid").write_text(f"{ended.pid}\n")

    status, lines = run(checkout, tools, "up")

    assert status == 1
    assert "Python 3.11" in lines[-1]
    assert not lock.exists()


def test_a_set_up_waits_for_another(checkout: Path, tools: Path) -> None:
    lock = checkout / "var" / ".setup-lock"
    lock.mkdir(parents=True)
    (lock / "pid").write_text(f"{os.getpid()}\n")
    waiting = subprocess.Popen(
        [checkout / "patchbay", "up"],
        env={"PATH": str(tools)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    time.sleep(1.0)
    still_waiting = waiting.poll() is None
    shutil.rmtree(lock)
    output, _ = waiting.communicate(timeout=30)

    assert still_waiting
    assert output.splitlines()[0] == "Waiting for another set-up in this folder …"
    assert "Python 3.11" in output.splitlines()[-1]


def test_the_continuous_integration_script_is_well_formed() -> None:
    subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=True)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
