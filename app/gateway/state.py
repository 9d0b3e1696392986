"""The current snapshot of the configuration, kept fresh by polling one version number."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from app.domain.snapshot import Snapshot

log = structlog.get_logger()

POLL_S = 1.0
LOOK_AGAIN_S = 0.1
"""How often anybody may have the database asked by naming what is not there."""


class State:
    """What requests read instead of the database.

    `load` reads everything at one version, `version` reads only the number.
    """

    def __init__(self, load: Callable[[], Snapshot], version: Callable[[], int]) -> None:
        self._load = load
        self._version = version
        self._snapshot: Snapshot | None = None
        self._listeners: list[Callable[[Snapshot], None]] = []
        self._looked_at = float("-inf")
        self._looking = threading.Lock()
        """So that who comes while it is looked waits for what is found."""
        self._loading = threading.Lock()
        """So that what was read earlier never replaces what was read later."""

    @property
    def current(self) -> Snapshot:
        if self._snapshot is None:
            self.reload()
        assert self._snapshot is not None
        return self._snapshot

    def on_change(self, listener: Callable[[Snapshot], None]) -> None:
        self._listeners.append(listener)

    def reload(self) -> Snapshot:
        """Read everything again and tell the listeners."""
        with self._loading:
            snapshot = self._snapshot = self._load()
            for listener in self._listeners:
                listener(snapshot)
        return snapshot

    def refresh(self) -> Snapshot:
        """The newest snapshot; reads it only when the version in the database has grown."""
        if self._snapshot is None or self._version() != self._snapshot.version:
            return self.reload()
        return self._snapshot

    def look_again(self) -> Snapshot:
        """As `refresh`, before who names something hears that it is not there; at most every LOOK_AGAIN_S."""
        with self._looking:
            now = time.monotonic()
            if now - self._looked_at < LOOK_AGAIN_S:
                return self.current
            self._looked_at = now
            return self.refresh()

    def poll_forever(self) -> None:
        """A worker's background loop: an edit made elsewhere is seen within POLL_S."""
        while True:
            time.sleep(POLL_S)
            try:
                self.refresh()
            except Exception as error:  # noqa: BLE001  # a worker loop: the next round tries again
                log.error("configuration_not_read", error=type(error).__name__)
