"""Carrying out what takes a while: once, wherever it was ordered, and told to every worker through the database.

Each operation runs in a greenlet of the server's own: whoever ordered it may leave, it goes on. No transaction is open
while a vendor works; what is new is written at most twice a second.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import gevent
import structlog
from gevent.event import Event

from app.domain import errors
from app.domain.audit import Actor, Change
from app.domain.errors import Conflict, GatewayError, ModelBusy, Stopped
from app.domain.lifecycle import Act, Progress, Report
from app.domain.operations import Operation, OperationError, OperationState, Order
from app.domain.stopping import Stop
from app.gateway.draining import Draining
from app.providers.http.waiting import sleep, stoppable
from app.storage.database import Database
from app.storage.operations import INTERRUPTED, STALE, Operations, last_done, running_or_ended_since
from app.storage.paging import Page
from app.storage.unit import Window

log = structlog.get_logger()

TELL_S = 0.5
ALIVE_S = 1.0
"""How often an operation of which nothing is new says that it goes on, and looks whether it has to end."""
END_S = 5.0
"""How long who stops an operation waits for its end."""
LOOK_S = 0.3
"""How often who waits for another process's operation looks."""
STORE_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 0.0)
"""Between the tries to store how it ended, while the database is away."""

Work = Callable[[Report, Stop], Mapping[str, Any]]
"""Does it and returns the result; raises GatewayError."""


@dataclass(slots=True)
class _Run:
    """An operation of this process."""

    operation: Operation
    work: Work
    stop: Stop = field(default_factory=Stop)
    progress: Progress = Progress()
    over: Event = field(default_factory=Event)
    hub: Any = field(default_factory=gevent.get_hub)
    """A greenlet can only wait for one of its own thread."""
    greenlet: Any = None
    ended: Operation | None = None
    error: GatewayError | None = None


class OperationRunner:
    """Starts operations, or joins those that run, and waits for them."""

    def __init__(
        self, database: Database, open_calls: Draining, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._open_calls = open_calls
        self._now = now
        self._runs: dict[str, _Run] = {}
        self.on_end: list[Callable[[], None]] = []
        """Called after the end of each operation of this process has been stored."""

    def start(self, order: Order, work: Work, by: Actor) -> Operation:
        """Begin it, or join one that does just this; returns at once, and is audited. Raises ModelBusy."""
        now = self._now()
        operation = Operation(
            id=str(uuid.uuid4()),
            order=order,
            state=OperationState.RUNNING,
            started_by=by.name,
            started_by_id=by.id,
            started_at=now,
            alive_at=now,
        )

        def claim(operations: Operations) -> Operation | None:
            standing = operations.claim(operation)
            if standing is None or _joins(order, standing.order):
                operations.record(by, _change(order, standing or operation))
            return standing

        standing = self._database.write(lambda session: claim(Operations(session)))
        if standing is None:
            self._begin(_Run(operation, work))
            return operation
        if not _joins(order, standing.order):
            raise busy(standing)
        return standing

    def wait(self, operation: Operation, stop: Stop) -> Operation:
        """How it ended. Raises what it failed with, or the stop's reason: it goes on without who waits."""
        run = self._runs.get(operation.id)
        if run is not None and run.hub is gevent.get_hub():
            with stoppable(stop):
                run.greenlet.join()
            if run.error is not None:
                raise _told(run.error)
            return run.ended or operation
        while operation.is_running:
            operation = self.one(operation.id) or replace(
                operation, state=OperationState.FAILED, error=INTERRUPTED, finished_at=self._now()
            )
            if operation.is_running:
                sleep(LOOK_S, stop)
        if operation.error is not None:
            raise _told(error_of(operation.error))
        return operation

    def stop(self, operation: Operation, why: str) -> Operation:
        """End it, in whichever process it is, and wait a moment for that; nothing happens to one that has ended."""
        run = self._runs.get(operation.id)
        if run is not None:
            run.stop.stop(Stopped(why))
        else:
            word = OperationError(Stopped.code, why)
            self._database.write(lambda session: Operations(session).ask_to_end(operation.id, word))
        deadline = time.monotonic() + END_S
        while (found := self.one(operation.id) or operation).is_running and time.monotonic() < deadline:
            gevent.sleep(LOOK_S)
        return found

    def one(self, operation_id: str) -> Operation | None:
        """As it stands in the database, where progress is up to half a second old."""
        found = self._database.read(lambda session: Operations(session).one(operation_id))
        if found is None or not self._is_stale(found):
            return found
        self._give_up()
        return self._database.read(lambda session: Operations(session).one(operation_id))

    def page(self, provider_ids: Collection[str], state: OperationState | None, window: Window) -> Page[Operation]:
        """Newest first. Raises InvalidRequest for an unknown cursor."""

        def read() -> Page[Operation]:
            return self._database.read(lambda session: Operations(session).page(provider_ids, state, window))

        found = read()
        if any(self._is_stale(one) for one in found.items):
            self._give_up()
            return read()
        return found

    def is_own(self, operation_id: str) -> bool:
        """Whether this process carries it out."""
        return operation_id in self._runs

    def running(self, provider_id: str) -> tuple[Operation, ...]:
        found = self._database.read(lambda session: Operations(session).running((provider_id,)))
        return tuple(one for one in found if not self._is_stale(one))

    def running_or_ended_since(self, since: datetime) -> tuple[Operation, ...]:
        """Raises DatabaseAway."""
        found = running_or_ended_since(self._database, since)
        return tuple(one for one in found if not self._is_stale(one))

    def last_done(self, models: Collection[str]) -> tuple[Operation, ...]:
        """Of each of these models (canonical names) what loaded or unloaded it last. Raises DatabaseAway."""
        return last_done(self._database, models)

    def _is_stale(self, operation: Operation) -> bool:
        return operation.is_running and operation.alive_at < self._now() - STALE

    def _give_up(self) -> None:
        self._database.write(lambda session: Operations(session).give_up(self._now()))

    # In the operation's own greenlets.

    def _begin(self, run: _Run) -> None:
        self._runs[run.operation.id] = run
        self._open_calls.register(run.stop)
        run.greenlet = gevent.spawn(self._run, run)

    def _run(self, run: _Run) -> None:
        keeper = gevent.spawn(self._keep, run)
        try:
            run.ended = self._ended(run, self._outcome(run))
        finally:
            run.over.set()
            keeper.join()
            del self._runs[run.operation.id]
            self._open_calls.unregister(run.stop)
            for listener in self.on_end:
                listener()

    def _outcome(self, run: _Run) -> Mapping[str, Any] | OperationError:
        def report(progress: Progress) -> None:
            run.progress = progress

        order = run.operation.order
        try:
            return run.work(report, run.stop)
        except GatewayError as error:
            run.error = error
        except Exception as fault:  # the outermost handler of an operation
            log.error("operation_failed", operation=run.operation.id, act=order.act.value, exc_info=fault)
            run.error = GatewayError(f"Something went wrong in the gateway. The log has it under {run.operation.id}.")
        return OperationError(run.error.told_code, run.error.message)

    def _ended(self, run: _Run, outcome: Mapping[str, Any] | OperationError) -> Operation:
        operation, now = run.operation, self._now()
        failed = isinstance(outcome, OperationError)
        self._store(run, outcome, now)
        return replace(
            operation,
            state=OperationState.FAILED if failed else OperationState.DONE,
            finished_at=now,
            alive_at=now,
            progress=run.progress,
            result=None if isinstance(outcome, OperationError) else outcome,
            error=outcome if isinstance(outcome, OperationError) else None,
        )

    def _store(self, run: _Run, outcome: Mapping[str, Any] | OperationError, now: datetime) -> None:
        for pause_s in STORE_PAUSES_S:
            try:
                self._database.write(
                    lambda session: Operations(session).finish(run.operation.id, now, outcome, run.progress)
                )
            except Exception as fault:  # noqa: BLE001  # the loop of a worker: it tries again
                log.error("operation_not_stored", operation=run.operation.id, error=type(fault).__name__)
                gevent.sleep(pause_s)
            else:
                return

    def _keep(self, run: _Run) -> None:
        """Tell the database what is new, and that the operation goes on."""
        told, told_at = run.operation.progress, time.monotonic()
        while not run.over.wait(TELL_S):
            progress, now = run.progress, time.monotonic()
            if progress == told and now - told_at < ALIVE_S:
                continue
            try:
                standing = self._tell(run.operation.id, progress)
            except Exception as fault:  # noqa: BLE001  # a worker loop: the next round tries again
                log.error("operation_not_kept", operation=run.operation.id, error=type(fault).__name__)
                continue
            told, told_at = progress, now
            if standing is None:
                # This process was silent for so long (a laptop slept) that another has given the operation up.
                run.stop.stop(error_of(INTERRUPTED))
                return
            if standing.error is not None:
                run.stop.stop(Stopped(standing.error.message))
                return

    def _tell(self, operation_id: str, progress: Progress) -> Operation | None:
        now = self._now()
        return self._database.write(lambda session: Operations(session).alive(operation_id, now, progress))


def error_of(problem: OperationError) -> GatewayError:
    """What another process's operation failed with."""
    kind = next((one for one in _kinds(GatewayError) if one.code == problem.code), GatewayError)
    return kind(problem.message)


def _told(error: GatewayError) -> GatewayError:
    """What who waits hears: that somebody else has stopped it is no end of their own."""
    return Conflict(error.message) if isinstance(error, Stopped) else error


def _kinds(root: type[GatewayError]) -> Iterator[type[GatewayError]]:
    """Those that everybody may raise, the more general first."""
    yield root
    for kind in root.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield from _kinds(kind)


def _joins(order: Order, running: Order) -> bool:
    """Whether who wants `order` gets it when `running` is done. A load that asks for nothing special takes any."""
    if (order.act, order.subject) != (running.act, running.subject) or (order.alone and not running.alone):
        return False
    return order.wish == running.wish or (order.act is Act.LOAD and not order.wish)


def _change(order: Order, operation: Operation) -> Change:
    alone = {"exclusive": True} if order.alone else {}
    return Change(
        order.act.value,
        "model",
        order.provider_id,
        order.model[:200],
        new={"operation": operation.id, "model": order.model, **order.wish, **alone},
    )


_DOING = {Act.LOAD: "loaded", Act.UNLOAD: "unloaded", Act.DOWNLOAD: "downloaded", Act.DELETE: "deleted"}


def busy(standing: Operation) -> ModelBusy:
    order = standing.order
    return ModelBusy(
        f"{order.model} is just being {_DOING[order.act]} for {standing.started_by}. Wait until the operation"
        f" {standing.id} has ended, then try again.",
        param="model",
    )
