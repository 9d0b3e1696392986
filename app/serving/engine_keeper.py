"""Keeps the supervisor of the built-in engine running beside gunicorn, whatever the number of workers.

The supervisor holds the read end of a pipe: it ends itself when this process closes the other end, or dies.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from config import Config

RESTART_PAUSE_S = (0.0, 1.0, 5.0, 30.0)
STABLE_S = 60.0
"""A supervisor that ran this long is restarted without a pause."""
STOP_LIMIT_S = 10.0


def supervisor_command(config: Config) -> list[str]:
    """How the supervisor is started with this configuration."""
    options = {
        "--socket": config.engine_socket,
        "--models": config.engine_models,
        "--max-loaded": config.local_max_loaded,
        "--context-length": config.local_context_length,
        "--threads": config.local_threads,
        "--gpu-layers": config.local_gpu_layers,
    }
    chosen = [part for name, value in options.items() if value is not None for part in (name, str(value))]
    return [sys.executable, "-m", "app.providers.engine.supervisor", *chosen]


class EngineKeeper:
    """Lives in gunicorn's arbiter, which reaps every child, so the child's state is read with signal 0."""

    def __init__(self, config: Config) -> None:
        self._command = supervisor_command(config)
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._restarts = 0

    def ensure(self) -> None:
        """Start the supervisor where none runs; called about once a second."""
        if self._process is not None and _is_alive(self._process.pid):
            return
        age_s = time.monotonic() - self._started_at
        if self._process is not None and age_s > STABLE_S:
            self._restarts = 0
        if age_s < RESTART_PAUSE_S[min(self._restarts, len(RESTART_PAUSE_S) - 1)]:
            return
        self._close_pipe()
        self._start()

    def _start(self) -> None:
        # A session of its own keeps the terminal's Ctrl-C away: gunicorn's answers end before their engine does.
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )
        self._started_at = time.monotonic()
        self._restarts += 1

    def forget(self) -> None:
        """In a forked worker: let go of the pipe, so that only the arbiter owns the supervisor."""
        self._close_pipe()
        self._process = None

    def stop(self) -> None:
        """End the supervisor and wait until it has ended its children."""
        if self._process is None:
            return
        self._close_pipe()
        deadline = time.monotonic() + STOP_LIMIT_S
        while _is_alive(self._process.pid) and time.monotonic() < deadline:
            time.sleep(0.02)

    def _close_pipe(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()


def _is_alive(pid: int) -> bool:
    """Whether a child of ours runs; one that has ended is reaped."""
    try:
        ended, _ = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        # The arbiter has reaped it.
        return False
    return ended == 0
