"""Storing what answers have come to while they are made, and finding those whose process is gone."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import gevent
import structlog

from app.gateway.conversations.event_log import EventLog
from app.gateway.conversations.generations import Generations, Run
from app.gateway.conversations.sent import sent_document
from app.storage.database import Database
from app.storage.runs import RunNews, Runs
from app.storage.turns import Turns

log = structlog.get_logger()

KEEP_S = 1.0
SWEEP_S = 5.0
STALE = timedelta(seconds=15)
"""An answer whose process has not been heard of for so long is not being made any more."""


class Keeper:
    """One short write per round for all answers of a worker, however many there are; none while there are none."""

    def __init__(self, generations: Generations, database: Database, events: EventLog) -> None:
        self._generations = generations
        self._database = database
        self._events = events

    def keep_forever(self) -> None:
        """A worker's background loop."""
        sweep_at = 0.0
        while True:
            try:
                self.keep()
                # After keeping: a process that slept (a laptop does) has first of all said that it is there.
                if time.monotonic() >= sweep_at:
                    sweep_at = time.monotonic() + SWEEP_S
                    self.sweep()
                    self._events.tidy(time.monotonic())
            except Exception as error:  # noqa: BLE001  # a worker loop: the next round tries again
                log.error("answers_not_kept", error=type(error).__name__)
                # Others could not say that they are there either.
                sweep_at = time.monotonic() + STALE.total_seconds()
            gevent.sleep(KEEP_S)

    def keep(self) -> None:
        """Store what is new of every answer, and stop those that nobody wants any more."""
        runs = [run for run in self._generations.runs.values() if not run.is_ending]
        if not runs:
            return
        news = [_news(run) for run in runs]
        going_on = self._database.write(lambda session: Runs(session).keep(news, datetime.now(UTC)))
        for run, one in zip(runs, news, strict=True):
            run.is_sent_kept = run.is_sent_kept or one.sent is not None
            if one.progress is not None:
                run.kept = one.progress.last_event
            if run.generation.id not in going_on:
                self._generations.stop_here(run.generation.id)

    def sweep(self) -> None:
        """Mark the answers of processes that are gone as interrupted."""
        now = datetime.now(UTC)
        for generation in self._database.write(lambda session: Turns(session).interrupt_stale(now - STALE, now)):
            log.warning("answer_interrupted", generation=generation.id, alive_at=generation.alive_at.isoformat())


def _news(run: Run) -> RunNews:
    generation = run.generation
    return RunNews(
        generation.id,
        generation.message_id,
        progress=run.told.progress() if run.told.last > run.kept else None,
        sent=None if run.is_sent_kept else sent_document(run.answer, run.system_prompt),
    )
