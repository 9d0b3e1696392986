"""Supervisors for tests: one of its own for each, ended afterwards."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.providers.engine.supervised import Supervisor

Start = Callable[..., Supervisor]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts supervisors; each is ended after the test."""
    started: list[Supervisor] = []

    def begin(*options: str, folder: Path = tmp_path, python: tuple[str, ...] = ("-m",)) -> Supervisor:
        started.append(Supervisor(folder, *options, python=python))
        return started[-1]

    yield begin
    for supervisor in started:
        supervisor.end()


@pytest.fixture
def engine(start: Start) -> Supervisor:
    """A supervisor as Patchbay starts it."""
    return start()
