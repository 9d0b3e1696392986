"""Answers while they are made. Each runs in a greenlet of the server's own: whoever asked may leave, it goes on."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import gevent
import structlog

from app.domain.conversations import Generation, GenerationState, MessageError, Outcome
from app.domain.errors import Draining, GatewayError, NotFound, ProviderError, Stopped
from app.domain.requests import ModelRequest
from app.gateway.answer import Answer, Call
from app.gateway.conversations.event_log import EventLog
from app.gateway.conversations.sent import request_fields, sent_document
from app.gateway.conversations.stop_signals import StopSignals
from app.gateway.conversations.telling import Telling
from app.gateway.draining import Draining as OpenCalls
from app.gateway.service import LLMService
from app.storage.database import Database
from app.storage.runs import Runs
from app.storage.turns import Turns

log = structlog.get_logger()

STOP_WAIT_S = 2.0
LOOK_AGAIN_S = 0.05
STORE_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Between the tries to store an answer while the database is away."""


@dataclass(slots=True)
class Run:
    """One answer that is being made in this process."""

    generation: Generation
    request: ModelRequest
    call: Call
    answer: Answer
    system_prompt: str | None
    told: Telling = field(default_factory=Telling)
    greenlet: Any = None
    kept: int = 0
    """The last event whose effect is stored."""
    is_sent_kept: bool = False
    is_ending: bool = False
    """Whether its end is being stored, which nothing older may replace."""


class Generations:
    """Starts answers, and stops them wherever they are made."""

    def __init__(
        self, llm: LLMService, database: Database, events: EventLog, signals: StopSignals | None, open_calls: OpenCalls
    ) -> None:
        self._llm = llm
        self._database = database
        self._events = events
        self._signals = signals
        self._open_calls = open_calls
        self.runs: dict[str, Run] = {}
        """Of this process, by generation."""

    def start(self, run: Run) -> None:
        """Begin to make an answer that has been stored; returns at once."""
        generation = run.generation
        self.runs[generation.id] = run
        self._open_calls.register(run.call.stop)
        started = run.told.start(
            run.call.request_id,
            run.answer,
            conversation_id=generation.conversation_id,
            generation_id=generation.id,
            message_id=generation.message_id,
        )
        self._events.add(generation.id, started)
        run.greenlet = gevent.spawn(self._run, run)

    def one(self, user_id: str, generation_id: str) -> Generation:
        """Raises NotFound."""
        found = self._database.read(lambda session: Turns(session).generation(user_id, generation_id))
        if found is None:
            raise NotFound("There is no such generation.")
        return found

    def stop(self, user_id: str, generation_id: str) -> Generation:
        """End an answer, keeping its text; nothing happens to one that has ended. Raises NotFound."""
        generation = self.one(user_id, generation_id)
        if generation.state is GenerationState.RUNNING:
            self._stop_and_wait(generation)
        return self.one(user_id, generation_id)

    def stop_quietly(self, generation_ids: Iterable[str]) -> None:
        """End answers whose text nobody wants any more, wherever they are made; waits for nothing."""
        for generation_id in generation_ids:
            if not self.stop_here(generation_id) and self._signals is not None:
                self._signals.send(generation_id)

    def stop_here(self, generation_id: str) -> bool:
        """Whether this process makes that answer; then it is being stopped."""
        run = self.runs.get(generation_id)
        if run is None:
            return False
        run.call.stop.stop(Stopped("The answer was stopped."))
        return True

    def _stop_and_wait(self, generation: Generation) -> None:
        if self.stop_here(generation.id):
            self.runs[generation.id].greenlet.join(STOP_WAIT_S)
            return
        if self._signals is not None and self._signals.send(generation.id) and self._ends(generation):
            return
        # Nobody heard it. The process that makes the answer, if there is one, sees it in the database.
        self._database.write(lambda session: Runs(session).stop(generation.id, datetime.now(UTC)))

    def _ends(self, generation: Generation) -> bool:
        deadline = time.monotonic() + STOP_WAIT_S
        while time.monotonic() < deadline:
            gevent.sleep(LOOK_AGAIN_S)
            if self.one(generation.user_id, generation.id).state is not GenerationState.RUNNING:
                return True
        return False

    # In the answer's own greenlet.

    def _run(self, run: Run) -> None:
        try:
            error = self._answered(run)
        except Exception as fault:  # the outermost handler of an answer
            log.error("answer_failed", generation=run.generation.id, request_id=run.call.request_id, exc_info=fault)
            error = GatewayError(f"Something went wrong in the gateway. The log has it under {run.call.request_id}.")
        try:
            self._end(run, error)
        finally:
            del self.runs[run.generation.id]
            self._open_calls.unregister(run.call.stop)

    def _answered(self, run: Run) -> GatewayError | None:
        """Tell everything that comes; why it ended before its end, if it did."""
        answer, told = run.answer, run.told
        bursts = self._llm.begin(run.request, run.call, answer)
        try:
            for burst in bursts:
                entries = [*told.stage(answer), *told.burst(burst)]
                if not answer.overhead_ms:
                    answer.overhead_ms = answer.time_inside_ms()
                if entries:
                    self._events.add(run.generation.id, entries)
        except GatewayError as error:
            return error
        finally:
            bursts.close()
        return None

    def _end(self, run: Run, error: GatewayError | None) -> None:
        """Store it, then tell its last event: who hears that finds everything stored."""
        run.is_ending = True
        problem = None if error is None or isinstance(error, Stopped) else _message_error(error, run)
        answer = run.answer
        finish_reason = answer.finish_reason if error is None else _stop_reason(error)
        timings = answer.timings()
        last = run.told.done(answer, timings, finish_reason) if problem is None else run.told.error(problem)
        outcome = Outcome(
            state=_state(error),
            progress=run.told.progress(),
            model=answer.canonical if error is None or answer.content_sent else None,
            provider=answer.candidate.config.slug,
            error=problem,
            finish_reason=finish_reason,
            usage=answer.usage,
            timings=timings,
            attempts=answer.attempts,
            cost_usd=answer.cost_usd,
            request=request_fields(answer),
        )
        self._store(run, outcome)
        self._events.add(run.generation.id, last)

    def _store(self, run: Run, outcome: Outcome) -> None:
        sent = sent_document(run.answer, run.system_prompt)

        def write(session: Any) -> None:
            turns = Turns(session)
            turns.finish(run.generation, outcome, datetime.now(UTC))
            if sent is not None:
                turns.sent(run.generation.id, sent)

        for pause_s in STORE_PAUSES_S:
            try:
                self._database.write(write)
            except Exception as fault:  # noqa: BLE001  # the loop of a worker: it tries again
                log.error("answer_not_stored", generation=run.generation.id, error=type(fault).__name__)
                gevent.sleep(pause_s)
            else:
                return


def _state(error: GatewayError | None) -> GenerationState:
    match error:
        case None:
            return GenerationState.DONE
        case Stopped():
            return GenerationState.STOPPED
        case Draining():
            return GenerationState.INTERRUPTED
    return GenerationState.FAILED


def _stop_reason(error: GatewayError) -> str | None:
    return Stopped.code if isinstance(error, Stopped) else None


def _message_error(error: GatewayError, run: Run) -> MessageError:
    slug = run.answer.candidate.config.slug if isinstance(error, ProviderError) else None
    return MessageError(error.told_code, error.message, run.call.request_id, error.details, slug)
