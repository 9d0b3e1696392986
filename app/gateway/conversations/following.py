"""Reading an answer along while it is made: every event once, or the whole message where events are gone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import gevent

from app.domain.conversations import Generation, GenerationState, Message, MessageStatus
from app.domain.errors import Draining
from app.domain.events import HEARTBEAT_S
from app.domain.stopping import Stop
from app.gateway.conversations.event_log import Entries, EventLog, EventsGone
from app.providers.http.waiting import sleep
from app.storage import chats
from app.storage.database import Database

LOOK_AGAIN_S = 1.0
"""Where events can't be had, the text in the database is as new as this."""
LAST_WORDS_S = 1.0
"""How long the reader waits for the end of an answer that a stopping server ends."""


class Following:
    """Readers of answers, wherever those are made."""

    def __init__(self, database: Database, events: EventLog) -> None:
        self._database = database
        self._events = events

    def follow(self, generation: Generation, after: int, stop: Stop) -> Iterator[Entries | Message]:
        """What comes behind event `after`, up to the answer's end; nothing after each silent HEARTBEAT_S.

        A message stands for all events up to its `last_event`. Ends without an end of the answer where the server
        stops while another one makes the answer. Raises the stop's reason when the reader leaves.
        """
        reader = _Reader(self._database, self._events, generation, after)
        try:
            yield from reader.read(stop)
        except Draining as reason:
            ending = Stop()
            timer = gevent.spawn_later(LAST_WORDS_S, ending.stop, reason)
            try:
                yield from reader.read(ending)
            except Draining:
                return
            finally:
                timer.kill()


@dataclass(slots=True)
class _Reader:
    database: Database
    events: EventLog
    generation: Generation
    after: int
    """The last event that was read, or is contained in the message that was."""
    told_at: float = field(default_factory=time.monotonic)

    def read(self, stop: Stop) -> Iterator[Entries | Message]:
        while True:
            try:
                yield from self._entries(stop)
                return
            except EventsGone:
                message = self._message()
            if message is None:
                return
            is_over = message.status is not MessageStatus.STREAMING
            if is_over or message.last_event > self.after:
                self._note(message.last_event)
                yield message
            elif time.monotonic() - self.told_at >= HEARTBEAT_S:
                self._note(self.after)
                yield ()
            if is_over:
                return
            sleep(LOOK_AGAIN_S, stop)

    def _entries(self, stop: Stop) -> Iterator[Entries]:
        """Raises EventsGone also when the answer turns out to have ended without a last event."""
        is_running = self.generation.state is GenerationState.RUNNING
        for entries in self.events.follow(self.generation.id, self.after, stop, is_running=is_running):
            if not entries and not self._is_running():
                raise EventsGone
            self._note(entries[-1].number if entries else self.after)
            yield entries

    def _note(self, last: int) -> None:
        self.after = last
        self.told_at = time.monotonic()

    def _is_running(self) -> bool:
        one = self.generation
        stored = chats.read(self.database, lambda stored: stored.turns.generation(one.user_id, one.id))
        return stored is not None and stored.state is GenerationState.RUNNING

    def _message(self) -> Message | None:
        one = self.generation
        return chats.read(self.database, lambda stored: stored.messages.one(one.conversation_id, one.message_id))
