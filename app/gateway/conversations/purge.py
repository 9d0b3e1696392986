"""Removing for good what can't be restored any more, and what nobody uses."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from app.gateway.conversations.wording import utc_now
from app.gateway.responses import ResponseShelf
from app.storage import chats
from app.storage.chats import Chats
from app.storage.database import Database

log = structlog.get_logger()

RESTORABLE = timedelta(days=30)
TEMPORARY = timedelta(hours=24)
UNUSED = timedelta(hours=24)
PAUSE_S = 3600.0
FIRST_PAUSE_S = 300.0
"""So that a start has nothing to do with it."""
BATCH = 100
"""Each has a transaction of its own: others write meanwhile."""


class Purge:
    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    def run(self) -> None:
        """Remove everything that is due. Several may do it at once."""
        at = self._now()
        for work in (self._conversations, self._messages, self._attachments, self._responses):
            while work(at):
                pass

    def run_forever(self) -> None:
        """A worker's background loop."""
        time.sleep(FIRST_PAUSE_S)
        while True:
            try:
                self.run()
            except Exception as error:  # noqa: BLE001  # a worker loop: the next round tries again
                log.error("purge_failed", error=type(error).__name__)
            time.sleep(PAUSE_S)

    def _conversations(self, at: datetime) -> bool:
        """Whether there may be more."""

        def remove(stored: Chats) -> bool:
            due = stored.conversations.outlived(
                deleted_before=at - RESTORABLE, temporary_before=at - TEMPORARY, limit=BATCH
            )
            for conversation_id in due:
                stored.remove_conversation(conversation_id)
            return len(due) >= BATCH

        return chats.write(self._database, remove)

    def _messages(self, at: datetime) -> bool:
        return chats.write(self._database, lambda stored: stored.messages.remove_deleted(at - RESTORABLE, BATCH))

    def _responses(self, at: datetime) -> bool:
        return ResponseShelf(self._database, now=lambda: at).remove_expired(BATCH)

    def _attachments(self, at: datetime) -> bool:
        return chats.write(self._database, lambda stored: stored.attachments.remove_unused(at - UNUSED, BATCH))
