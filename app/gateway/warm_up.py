"""Keeping models loaded during the hours of their schedules.

Every worker looks by itself: a model is loaded once however many order it, and what the workers have to know of each
other (what failed and when, who has seen the end of the hours) is kept with the schedule.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta

import gevent
import structlog

from app.domain.accounts import Caller, Permission, Role
from app.domain.catalog import ModelState, ProviderConfig, Scope
from app.domain.errors import Draining, GatewayError
from app.domain.lifecycle import Act
from app.domain.operations import Operation
from app.domain.schedules import ModelSchedule, hours_at, zone_of
from app.domain.stopping import Stop
from app.gateway.connections import Connections
from app.gateway.lifecycle import Lifecycle
from app.gateway.model_lists import Listing, ModelLists
from app.gateway.state import State
from app.storage.database import Database
from app.storage.model_schedules import ModelSchedules

log = structlog.get_logger()

FIRST_PAUSE_S = 5.0
PAUSE_S = 30.0
FIRST_RETRY = timedelta(minutes=1)
LAST_RETRY = timedelta(minutes=15)
SCHEDULE = Caller("", "schedule", Role.ADMIN, frozenset({Permission.LOAD_MODELS}))
"""Who orders it. The models of personal providers are none of its business."""


class WarmUp:
    """Loads what is due and isn't loaded, and unloads at the end of the hours what is to be unloaded then."""

    def __init__(
        self,
        database: Database,
        state: State,
        connections: Connections,
        lists: ModelLists,
        lifecycle: Lifecycle,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._state = state
        self._connections = connections
        self._lists = lists
        self._lifecycle = lifecycle
        self._now = now
        self._began: dict[str, datetime] = {}
        """Of the hours that the last look found, by schedule."""
        self._at_work: set[str] = set()
        """Models with which this worker is busy."""

    def run_forever(self) -> None:
        """A worker's background loop."""
        gevent.sleep(FIRST_PAUSE_S)
        while True:
            try:
                self.look()
            except Exception as error:  # noqa: BLE001  # a worker loop: the next round tries again
                log.error("warm_up_failed", error=type(error).__name__)
            gevent.sleep(PAUSE_S)

    def look(self) -> None:
        """Order what has to be done now; it is done in greenlets of its own. Without schedules this is one query."""
        now = self._now()
        schedules = self._database.read(lambda session: ModelSchedules(session).enabled())
        began = {one.id: hours.start for one in schedules if (hours := hours_at(one, now)) is not None}
        kept = {one.model for one in schedules if one.id in began}
        over = [one for one in schedules if one.id in self._began and one.model not in kept and one.unload_after]
        later = {one.id: self._began[one.id] for one in over if not self._end(one, self._began[one.id], now)}
        self._began = {**later, **began}
        for one in schedules:
            if zone_of(one.time_zone) is None:
                self._fail(one, f"This server does not know the time zone {one.time_zone}. Choose another.")
        self._warm([one for one in schedules if one.id in began])

    # At the end of the hours.

    def _end(self, schedule: ModelSchedule, began: datetime, now: datetime) -> bool:
        """Whether it is seen to; not while something is done with the model (it may still be loading)."""
        config = self._provider(schedule)
        if config is None or not config.enabled:
            return True
        if schedule.model in self._at_work or schedule.model in self._lifecycle.running():
            return False
        if self._database.write(lambda session: ModelSchedules(session).claim_end(schedule.id, began, now)):
            self._spawn(schedule, lambda: self._lifecycle.unload(SCHEDULE, schedule.model))
        return True

    # During the hours.

    def _warm(self, due: Sequence[ModelSchedule]) -> None:
        kept = {one.model for one in due}
        asked: dict[str, ProviderConfig] = {}
        wanted: list[tuple[ModelSchedule, str]] = []
        for schedule in due:
            config = self._provider(schedule)
            if config is None:
                self._fail(schedule, f"There is no shared provider for {schedule.model}. Correct the model's name.")
            elif not config.enabled:
                continue
            elif Act.LOAD not in self._connections.to(config).KIND.acts:
                self._fail(schedule, f"{config.name} can't load models through its API.")
            else:
                asked[config.id] = config
                wanted.append((schedule, config.id))
        if not asked:
            return
        # Asked for anew: what somebody has unloaded meanwhile is to be seen. All at once, and never for long.
        found = {one.config.id: one for one in self._lists.listings(list(asked.values()), refresh=True)}
        for schedule, provider_id in wanted:
            self._keep(schedule, found[provider_id], kept)

    def _keep(self, schedule: ModelSchedule, listing: Listing, kept: Collection[str]) -> None:
        """Load it if it isn't loaded; forget an earlier failure if it is. `kept` stays beside what loads alone."""
        if listing.error is not None:
            self._fail(schedule, listing.error)
            return
        if listing.listed_at is None:
            return  # It has not answered yet.
        name = schedule.model
        model = next((one for one in listing.models if one.canonical == name), None)
        if model is None:
            self._fail(schedule, f"{listing.config.name} has no model {name}. Correct the name, or fetch the model.")
        elif model.state is ModelState.LOADED:
            if schedule.problem is not None:
                self._note(schedule, None)
        elif model.state is ModelState.NOT_LOADED and self._may_try(schedule) and not self._is_held_up(schedule):
            alone = schedule.exclusive
            self._spawn(schedule, lambda: self._lifecycle.load(SCHEDULE, name, schedule.wish, alone, sparing=kept))

    def _is_held_up(self, schedule: ModelSchedule) -> bool:
        """While something is done with the model; where it loads alone, while its provider loads or unloads any."""
        running = self._lifecycle.running()
        if schedule.model in self._at_work or schedule.model in running:
            return True
        slug, _, _ = schedule.model.partition("/")
        moving = {name for name, one in running.items() if one.order.act in (Act.LOAD, Act.UNLOAD)}
        return schedule.exclusive and any(one.partition("/")[0] == slug for one in {*self._at_work, *moving})

    def _spawn(self, schedule: ModelSchedule, order: Callable[[], Operation]) -> None:
        if schedule.model not in self._at_work:
            self._at_work.add(schedule.model)
            gevent.spawn(self._carry_out, schedule, order)

    def _carry_out(self, schedule: ModelSchedule, order: Callable[[], Operation]) -> None:
        try:
            self._watch(schedule, order)
        except Exception as error:  # noqa: BLE001  # the outermost handler of a greenlet: a later look tries again
            log.error("model_schedule_not_kept", schedule=schedule.id, error=type(error).__name__)
        finally:
            self._at_work.discard(schedule.model)

    def _watch(self, schedule: ModelSchedule, order: Callable[[], Operation]) -> None:
        try:
            self._lifecycle.wait(order(), Stop())
        except Draining:
            return  # This server stops; those that go on, or the next start, see to it.
        except GatewayError as error:
            self._note(schedule, error.message)
        else:
            if schedule.problem is not None:
                self._note(schedule, None)

    # What failed.

    def _may_try(self, schedule: ModelSchedule) -> bool:
        problem = schedule.problem
        return problem is None or self._now() >= problem.at + pause_after(problem.failures)

    def _fail(self, schedule: ModelSchedule, message: str) -> None:
        if self._may_try(schedule):
            self._note(schedule, message)

    def _note(self, schedule: ModelSchedule, message: str | None) -> None:
        at = self._now()
        is_first = self._database.write(lambda session: ModelSchedules(session).note(schedule, message, at))
        before = None if schedule.problem is None else schedule.problem.message
        # Who noted it first tells it, and only what is new: else each try would be a line, in each worker's log.
        if is_first and message != before:
            event = "model_schedule_recovered" if message is None else "model_schedule_failed"
            log.warning(event, schedule=schedule.id, model=schedule.model)

    def _provider(self, schedule: ModelSchedule) -> ProviderConfig | None:
        slug = schedule.model.partition("/")[0]
        providers = self._state.current.providers
        return next((one for one in providers if one.slug == slug and one.scope is Scope.SHARED), None)


def pause_after(failures: int) -> timedelta:
    """How long nothing is tried after so many failures in a row: 1, 2, 4, 8, then 15 minutes."""
    doubled: int = 2 ** min(failures - 1, 10)
    return min(LAST_RETRY, FIRST_RETRY * doubled)
