"""A server process of a test: started, spoken to, stopped, its output kept."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], bool], limit_s: float = 10.0) -> bool:
    """Whether `condition` became true within the limit."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def is_alive(pid: int) -> bool:
    """Whether a process runs, be it ours or not; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def environment(**settings: str) -> dict[str, str]:
    """What a person's shell would hand over, without settings of Patchbay's, plus `settings`."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), **settings}


class Running:
    """`command` in a process group of its own, listening on PORT of its environment."""

    def __init__(self, command: Sequence[str], settings: Mapping[str, str], log: Path) -> None:
        self.port = int(settings["PORT"])
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = log
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                command,
                env=environment(**settings),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._log.read_text()

    def wait_until_ready(self) -> Self:
        ready = eventually(lambda: "Patchbay is ready" in self.output or not self._runs(), START_LIMIT_S)
        assert ready, self.output
        assert self._runs(), self.output
        return self

    def _runs(self) -> bool:
        return self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self, limit_s: float = 20.0) -> int:
        """Its exit status."""
        return self.process.wait(limit_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runs():
            self.send(signal.SIGTERM)
            try:
                self.ended()
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.ended()


def small_server(home: Path, *, loop: str = "lean", **settings: str) -> Running:
    """Patchbay's launcher and worker around the small application; `loop` is `lean`, `stock`, or `broken`."""
    home.mkdir(exist_ok=True)
    everything = {"PATCHBAY_HOME": str(home), "PORT": str(free_port()), "LOCAL_ENGINE": "0", **settings}
    return Running([sys.executable, "-m", "tests.serving.small_server", f"--{loop}"], everything, home / "output")
