"""Every open answer of this process, so that a stopping server can end each one properly.

gunicorn would cut what is still open at its time-out without running a single `finally`: the client would see a
truncated body and the usage would be lost.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from app.domain.errors import GatewayError
from app.domain.stopping import Stop

log = structlog.get_logger()


class Draining:
    """Open calls register here; whoever stops the server calls `begin`, waits, then calls `flush`."""

    def __init__(self) -> None:
        self._open: set[Stop] = set()
        self._reason: GatewayError | None = None
        self.on_exit: list[Callable[[], None]] = []
        """What must be done before the process ends (the ledger writes its last rows)."""

    def __len__(self) -> int:
        """How many calls are open."""
        return len(self._open)

    def register(self, stop: Stop) -> None:
        """Count a call as open. One that comes while the rest are being ended is ended as well."""
        self._open.add(stop)
        if self._reason is not None:
            stop.stop(self._reason)

    def unregister(self, stop: Stop) -> None:
        self._open.discard(stop)

    def begin(self, reason: GatewayError) -> None:
        """End every open call, and every later one, with `reason`. The first reason stays."""
        if self._reason is not None:
            return
        self._reason = reason
        for stop in list(self._open):
            stop.stop(reason)

    def flush(self) -> None:
        """Run every `on_exit` hook, though one fails."""
        for hook in self.on_exit:
            try:
                hook()
            except Exception:
                log.exception("exit_hook_failed", hook=repr(hook))


draining = Draining()
"""This process's own: calls register in the gateway, the worker in app/serving ends them."""
