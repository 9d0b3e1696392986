"""The numbered events of running answers, for readers who come, leave and come back.

The process that makes an answer keeps its events in memory. Readers in other workers get them through Redis, where
they are copied to (shared_events.py).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from gevent.lock import Semaphore

from app.domain.events import HEARTBEAT_S
from app.domain.stopping import Stop
from app.providers.http.waiting import acquire

KEPT_S = 600.0
"""How long the events of an answer that has ended stay in memory."""
MAX_TAPE_BYTES = 16 * 1024 * 1024
MAX_ENDED_BYTES = 32 * 1024 * 1024
OVERHEAD_BYTES = 180
"""What Python needs around the text of an event."""
ENDINGS = frozenset({"done", "error"})


class Entry(NamedTuple):
    """One event of an answer; numbers are 1, 2, 3 …"""

    number: int
    name: str
    data: bytes
    """JSON text."""

    @property
    def is_last(self) -> bool:
        return self.name in ENDINGS


Entries = Sequence[Entry]


class EventsGone(Exception):
    """What follows is not held any more, can't be reached now, or never comes: the database knows how things are."""


class Tape:
    """The events of one answer, in the process that makes it."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._readers: set[Semaphore] = set()
        self.size_bytes = 0
        self.ended_at: float | None = None
        """Monotonic clock."""

    @property
    def last(self) -> int:
        """The newest event's number; 0 before the first."""
        return self._entries[-1].number if self._entries else 0

    def add(self, entries: Entries) -> None:
        """Keep events, whose numbers go on where the last ones ended, and wake the readers."""
        self._entries += entries
        self.size_bytes += sum(len(one.data) + OVERHEAD_BYTES for one in entries)
        if self.size_bytes > MAX_TAPE_BYTES:
            self._forget_half()
        if entries and entries[-1].is_last:
            self.ended_at = time.monotonic()
        for reader in self._readers:
            if not reader.counter:
                reader.release()

    def held_after(self, number: int) -> Entries:
        """The events behind `number` that are still there."""
        if not self._entries:
            return ()
        return self._entries[max(0, number + 1 - self._entries[0].number) :]

    def follow(self, after: int, stop: Stop) -> Iterator[Entries]:
        """As EventLog.follow."""
        reader = Semaphore(0)
        self._readers.add(reader)
        try:
            while True:
                found = checked(self.held_after(after), after)
                if found:
                    after = found[-1].number
                    yield found
                    if found[-1].is_last:
                        return
                elif self.ended_at is not None:
                    raise EventsGone
                elif not acquire(reader, time.monotonic() + HEARTBEAT_S, stop):
                    yield ()
        finally:
            self._readers.discard(reader)

    def _forget_half(self) -> None:
        """Who is so far behind gets the whole text from the database."""
        del self._entries[: len(self._entries) // 2]
        self.size_bytes = sum(len(one.data) + OVERHEAD_BYTES for one in self._entries)


class Shared(Protocol):
    """Where the other workers find the events of this one."""

    def note(self, generation_id: str, tape: Tape) -> None:
        """There is something new on this tape. Never blocks."""

    def follow(self, generation_id: str, after: int, stop: Stop, *, is_running: bool) -> Iterator[Entries]:
        """As EventLog.follow."""


class EventLog:
    """Every tape of this process, by generation."""

    def __init__(self, shared: Shared | None) -> None:
        self._shared = shared
        self._tapes: dict[str, Tape] = {}

    def add(self, generation_id: str, entries: Entries) -> None:
        """Never blocks."""
        tape = self._tapes.get(generation_id)
        if tape is None:
            tape = self._tapes[generation_id] = Tape()
        tape.add(entries)
        if self._shared is not None:
            self._shared.note(generation_id, tape)

    def follow(self, generation_id: str, after: int, stop: Stop, *, is_running: bool) -> Iterator[Entries]:
        """The events behind number `after`, as they come, up to the last one; nothing after each silent HEARTBEAT_S.

        Where the answer does not run any more, nothing is waited for. Raises EventsGone, and the stop's reason.
        """
        tape = self._tapes.get(generation_id)
        if tape is not None:
            yield from tape.follow(after, stop)
        elif self._shared is not None:
            yield from self._shared.follow(generation_id, after, stop, is_running=is_running)
        else:
            raise EventsGone

    def tidy(self, now: float) -> None:
        """Forget answers that ended long ago, and the oldest of the others when they take too much."""
        ended = [(tape.ended_at, name) for name, tape in self._tapes.items() if tape.ended_at is not None]
        size_bytes = sum(self._tapes[name].size_bytes for _, name in ended)
        for ended_at, name in sorted(ended):
            if now - ended_at < KEPT_S and size_bytes <= MAX_ENDED_BYTES:
                return
            size_bytes -= self._tapes.pop(name).size_bytes


def checked(found: Entries, after: int) -> Entries:
    """`found`, if it goes on behind `after` without a gap. Raises EventsGone."""
    if found and found[0].number != after + 1:
        raise EventsGone
    return found
