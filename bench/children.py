"""Child processes that always end: each in its own process group, pinned to one core, stopped at exit."""

import atexit
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import processes

STOP_WAIT_S = 10.0
_running: list["Child"] = []


@dataclass(eq=False, slots=True)
class Child:
    """A started process with the file its output goes to."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.is_file() else ""

    def stop(self) -> None:
        """Ask the process to end, then end its whole group and whatever it had started in groups of their own."""
        if self in _running:
            _running.remove(self)
        descendants = processes.tree(self.pid)
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        _kill_group(self.pid)
        _wait_until_gone(descendants)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # nobody is left; macOS says "not permitted" of a group of zombies


def _wait_until_gone(pids: Sequence[int]) -> None:
    """Grandchildren that end by themselves get a moment before they are ended."""
    limit = time.monotonic() + 3
    while (left := [pid for pid in pids if processes.is_alive(pid)]) and time.monotonic() < limit:
        time.sleep(0.05)
    for pid in left:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def stop_all() -> None:
    while _running:
        _running[-1].stop()


def stop_all_at_exit() -> None:
    """Children end with this process, also when it is asked to end."""
    atexit.register(stop_all)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: sys.exit(128 + received))


def cores() -> tuple[int | None, int | None]:
    """The gateway's core and the one for upstream and load; None where processes cannot be pinned."""
    if sys.platform != "linux":
        return None, None
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[0], allowed[1]) if len(allowed) > 1 else (None, None)


GATEWAY_CORE, LOAD_CORE = cores()


def pinned_to(core: int | None) -> Callable[[], None] | None:
    """What a child runs before its program; None where there is nothing to pin."""
    if sys.platform != "linux" or core is None:
        return None
    chosen = {core}
    return lambda: os.sched_setaffinity(0, chosen)


def spawn(
    command: Sequence[str | Path], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Child:
    """Start a gateway on its core, with its output in `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=pinned_to(GATEWAY_CORE),
        )
    child = Child(process, log)
    _running.append(child)
    return child


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
