"""One line per request and one per attempt, as key=value, written behind the requests.

Formatting and writing cost more than everything else that the hot path does for bookkeeping, so requests only leave a
tuple. No headers, no bodies, no keys.
"""

from __future__ import annotations

import functools
import re
import time
from collections import deque
from typing import TextIO

from app.domain.usage import UsageRecord

FLUSH_S = 0.25
MAX_WAITING = 50_000
_PLAIN = re.compile(r"[A-Za-z0-9/._:@+-]{1,300}")


class RequestLog:
    """`request` and `attempt` never block; when nobody writes for long, the oldest lines go."""

    def __init__(self, out: TextIO | None) -> None:
        """`out` None: nothing is logged."""
        self._out = out
        self._lines: deque[str | tuple[float, str, str, str, str, float]] = deque(maxlen=MAX_WAITING)

    def request(self, request_id: str, method: str, path: str, status: str, duration_ms: float) -> None:
        """`status` is the status line or its number."""
        if self._out is not None:
            self._lines.append((time.time(), request_id, method, path, status, duration_ms))

    def attempt(self, record: UsageRecord) -> None:
        if self._out is None:
            return
        self._lines.append(
            f"{_clock(time.time())} attempt request_id={record.request_id} caller={record.key_id or record.user_id}"
            f" face={record.face} provider={record.provider or '-'} model={_word(record.model or record.model_asked)}"
            f" attempt={record.attempt} outcome={record.outcome}"
            f" tokens={record.prompt_tokens}+{record.completion_tokens} duration_ms={record.total_ms:.1f}\n"
        )

    def flush(self) -> None:
        if self._out is None or not self._lines:
            return
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        self._out.write("".join([line if isinstance(line, str) else _request_line(*line) for line in lines]))
        self._out.flush()

    def write_forever(self) -> None:
        """A worker's background loop."""
        while True:
            time.sleep(FLUSH_S)
            try:
                self.flush()
            except OSError:
                # Whoever read the log is gone; requests go on, and the next round tries again.
                self._lines.clear()


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


def _word(text: str) -> str:
    """One word without control characters, so that nobody can forge a line."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(one if " " < one <= "~" and one not in '"=' else "_" for one in text[:300]) or "-"
