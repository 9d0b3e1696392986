"""Events of running answers in Redis Streams, for the readers of other workers.

An event's number is its id in the stream, so Redis finds what follows a number and a gap is seen. One greenlet copies
what all answers of this process have said since its last round: the answers never wait for Redis.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import gevent
import structlog
from gevent.event import Event

from app.domain.events import HEARTBEAT_S
from app.domain.stopping import Stop
from app.gateway.conversations.event_log import Entries, Entry, EventsGone, Tape, checked
from app.gateway.shared_store import AGAIN_S, LIMIT_S, TIMEOUTS, Presence
from app.providers.http.waiting import stoppable

log = structlog.get_logger()

KEPT_S = 3600
"""How long a stream stays after its last event."""
BLOCK_S = 5.0
MAX_COPIED = 500
"""Events of one answer in one round: a long backlog must not hold up the others."""
MAX_READ = 500


class SharedEvents:
    """Copies tapes to Redis and reads those of other workers."""

    def __init__(self, redis_url: str) -> None:
        # Imported here: an installation without Redis saves four megabytes.
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError
        from redis.retry import Retry

        self._error = RedisError
        # Once more at once, for a connection that was closed while nobody used it.
        again: Any = Retry(NoBackoff(), 1)
        self._writing = Redis.from_url(redis_url, retry=again, **TIMEOUTS)
        self._reading = Redis.from_url(
            redis_url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=LIMIT_S,
            socket_timeout=BLOCK_S + LIMIT_S,
        )
        self._waiting: dict[str, Tape] = {}
        self._copied: dict[str, int] = {}
        """The newest event of each answer that Redis has for certain."""
        self._something = Event()
        self._presence = Presence()

    def note(self, generation_id: str, tape: Tape) -> None:
        self._waiting[generation_id] = tape
        self._something.set()

    def copy_forever(self) -> None:
        """A worker's background loop."""
        while True:
            self._something.wait()
            try:
                self.copy()
            except self._error as error:
                log.error("events_not_shared", answers=len(self._waiting), error=type(error).__name__)
                gevent.sleep(AGAIN_S)

    def flush(self) -> None:
        """What still waits, when the worker ends. Raises RedisError."""
        while self._waiting:
            self.copy()

    def copy(self) -> None:
        """One round. Raises RedisError; everything is then copied by a later one."""
        self._something.clear()
        waiting, self._waiting = self._waiting, {}
        try:
            self._copy(waiting)
        except BaseException:
            for generation_id in waiting:
                # Whether it arrived is not known.
                self._copied.pop(generation_id, None)
            self._waiting = {**waiting, **self._waiting}
            self._something.set()
            raise

    def _copy(self, waiting: dict[str, Tape]) -> None:
        pipeline = self._writing.pipeline(transaction=False)
        last: dict[str, int] = {}
        for generation_id, tape in waiting.items():
            key = _key(generation_id)
            entries = tape.held_after(self._known(generation_id))[:MAX_COPIED]
            for entry in entries:
                pipeline.xadd(key, {b"name": entry.name, b"data": entry.data}, id=f"{entry.number}-0")
            pipeline.expire(key, KEPT_S)
            last[generation_id] = entries[-1].number if entries else tape.last
        pipeline.execute()
        for generation_id, number in last.items():
            tape = waiting[generation_id]
            self._copied[generation_id] = number
            if number < tape.last:
                self.note(generation_id, tape)
            elif tape.ended_at is not None:
                del self._copied[generation_id]

    def _known(self, generation_id: str) -> int:
        known = self._copied.get(generation_id)
        if known is not None:
            return known
        newest: Any = self._writing.xrevrange(_key(generation_id), count=1)
        return _number(newest[0][0]) if newest else 0

    def follow(self, generation_id: str, after: int, stop: Stop, *, is_running: bool) -> Iterator[Entries]:
        heard_at = time.monotonic()
        while True:
            found = checked(self._read(generation_id, after, stop, is_running), after)
            if found:
                heard_at = time.monotonic()
                after = found[-1].number
                yield found
                if found[-1].is_last:
                    return
            elif not is_running:
                raise EventsGone
            elif time.monotonic() - heard_at >= HEARTBEAT_S - 0.1:
                heard_at = time.monotonic()
                yield ()

    def _read(self, generation_id: str, after: int, stop: Stop, wait: bool) -> Entries:
        key = _key(generation_id)
        block_ms = int(BLOCK_S * 1000) if wait else None
        if not self._presence.is_likely():
            raise EventsGone
        try:
            with stoppable(stop):
                found: Any = self._reading.xread({key: f"{after}-0"}, count=MAX_READ, block=block_ms)
        except self._error as error:
            self._presence.was_missed()
            raise EventsGone from error
        return [_entry(*one) for _, entries in found for one in entries]


def _key(generation_id: str) -> str:
    return f"pb:gen:{generation_id}:events"


def _number(identity: bytes) -> int:
    return int(identity.partition(b"-")[0])


def _entry(identity: bytes, fields: dict[bytes, bytes]) -> Entry:
    return Entry(_number(identity), fields[b"name"].decode(), fields[b"data"])
