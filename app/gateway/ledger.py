"""Usage records on their way to the database: queued by requests, written in batches behind them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from app.domain.usage import UsageRecord

log = structlog.get_logger()

FLUSH_S = 0.25
BATCH = 500
TOLD_AT_ONCE = 10
MAX_WAITING = 200_000


class Ledger:
    """`record` never blocks. `write` stores a batch; when it fails, the batch stays queued for the next round."""

    def __init__(self, write: Callable[[Sequence[UsageRecord]], None]) -> None:
        self._write = write
        self._waiting: deque[UsageRecord] = deque()
        self._flushing = threading.Lock()
        self._listeners: list[Callable[[Sequence[UsageRecord]], None]] = []
        self.lost = 0
        """Records that found no place, because the database was away for too long."""

    def on_records(self, listener: Callable[[Sequence[UsageRecord]], None]) -> None:
        """`listener` is called behind the requests, a few records at a time, with each record once."""
        self._listeners.append(listener)

    def record(self, record: UsageRecord) -> None:
        if len(self._waiting) >= MAX_WAITING:
            self.lost += 1
            return
        self._waiting.append(record)

    def flush(self) -> None:
        """Write everything that waits, and wait for what is being written. Raises what `write` raises."""
        with self._flushing:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                try:
                    self._write(batch)
                except BaseException:
                    self._waiting.extendleft(reversed(batch))
                    raise
                self._tell(batch)

    def _tell(self, batch: Sequence[UsageRecord]) -> None:
        for start in range(0, len(batch), TOLD_AT_ONCE):
            for listener in self._listeners:
                listener(batch[start : start + TOLD_AT_ONCE])
            # Requests go first: a whole batch would hold them up for milliseconds.
            time.sleep(0)

    def write_forever(self) -> None:
        """A worker's background loop."""
        told = 0
        while True:
            time.sleep(FLUSH_S)
            try:
                self.flush()
            except Exception as error:  # noqa: BLE001  # a worker loop: the rows wait for the next round
                log.error("usage_not_written", waiting=len(self._waiting), error=type(error).__name__)
            if self.lost != told:
                told = self.lost
                log.error("usage_lost", rows=told)
