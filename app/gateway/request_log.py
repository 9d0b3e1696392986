"""One line per request and one per attempt, as key=value, written behind the requests.

Formatting and writing cost more than everything else that the hot path does for bookkeeping, so requests only leave a
tuple. No headers, no bodies, no keys.
"""

from __future__ import annotations

import functools
import os
import re
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, TextIO

from gevent import get_hub

from app.domain.usage import UsageRecord

FLUSH_S = 0.25
LAST_WORDS_S = 1.0
MAX_WAITING = 50_000
_PLAIN = re.compile(r"[A-Za-z0-9/._:@+-]{1,300}")


class RequestLog:
    """`request` and `attempt` never block, and neither does whoever reads the log: it is written in a thread.

    When it is not read for long, further lines are lost, and their number is the next line.
    """

    def __init__(self, out: TextIO | None, *, max_waiting: int = MAX_WAITING) -> None:
        """`out` is a file of the system; None: nothing is logged."""
        self._out = out
        self._max_waiting = max_waiting
        self._lines: deque[str | tuple[float, str, str, str, str, float]] = deque()
        self._lost = 0
        self._writing: Any = None

    def request(self, request_id: str, method: str, path: str, status: str, duration_ms: float) -> None:
        """`status` is the status line or its number."""
        if self._has_room():
            self._lines.append((time.time(), request_id, method, path, status, duration_ms))

    def attempts(self, records: Sequence[UsageRecord]) -> None:
        for record in records:
            if self._has_room():
                self._lines.append(_attempt_line(time.time(), record))

    def flush(self) -> None:
        """Write what waits, for at most LAST_WORDS_S: who reads the log may have stopped reading."""
        deadline = time.monotonic() + LAST_WORDS_S
        while (self._lines or self._writing is not None) and time.monotonic() < deadline:
            self._write(deadline - time.monotonic())

    def write_forever(self) -> None:
        """A worker's background loop."""
        while True:
            time.sleep(FLUSH_S)
            self._write(FLUSH_S)

    def _has_room(self) -> bool:
        if self._out is None:
            return False
        if len(self._lines) >= self._max_waiting:
            self._lost += 1
            return False
        return True

    def _write(self, limit_s: float) -> None:
        """Begin to write what waits, unless a write still runs; wait for its end, but not for long."""
        if self._writing is None and (text := self._taken()):
            assert self._out is not None
            self._writing = get_hub().threadpool.spawn(_write_all, self._out.fileno(), text)
        if self._writing is not None:
            self._writing.wait(limit_s)
            if self._writing.ready():
                self._writing = None

    def _taken(self) -> bytes:
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        text = "".join([line if isinstance(line, str) else _request_line(*line) for line in lines])
        if self._lost:
            text += f"{_clock(time.time())} lines_lost count={self._lost}\n"
            self._lost = 0
        return text.encode()


def _write_all(descriptor: int, data: bytes) -> None:
    """In a thread. Not through Python's own file, whose lock would hold up whoever else writes to it."""
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError:
        # Whoever read the log is gone; requests go on without it.
        return


def _attempt_line(at: float, record: UsageRecord) -> str:
    return (
        f"{_clock(at)} attempt request_id={record.request_id} caller={record.key_id or record.user_id}"
        f" face={record.face} provider={record.provider or '-'} model={_word(record.model or record.model_asked)}"
        f" attempt={record.attempt} outcome={record.outcome}"
        f" tokens={record.prompt_tokens}+{record.completion_tokens} duration_ms={record.total_ms:.1f}\n"
    )


def _request_line(at: float, request_id: str, method: str, path: str, status: str, duration_ms: float) -> str:
    return (
        f"{_clock(at)} request request_id={request_id} method={method} path={_word(path)} status={status[:3]}"
        f" duration_ms={duration_ms:.1f}\n"
    )


def _clock(at: float) -> str:
    return f"{_second(int(at))}.{int(at % 1 * 1000):03d}Z"


@functools.lru_cache(maxsize=8)
def _second(at: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))


@functools.lru_cache(maxsize=256)
def _word(text: str) -> str:
    """One word without control characters, so that nobody can forge a line."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(one if " " < one <= "~" and one not in '"=' else "_" for one in text[:300]) or "-"
