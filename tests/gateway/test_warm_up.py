"""Workers over one database that keep a simulated LM Studio's models loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.admin.model_schedules import ScheduleDraft, ScheduleSettings
from app.domain.audit import Actor
from app.domain.catalog import ProviderConfig, Scope
from app.domain.lifecycle import DownloadWish, LoadWish
from app.domain.schedules import ModelSchedule
from app.domain.stopping import Stop
from app.gateway.state import State
from app.gateway.warm_up import WarmUp, pause_after
from app.storage.audit import AuditFilter, AuditLog
from app.storage.database import Database
from tests.gateway.making import provider, snapshot
from tests.gateway.test_lifecycle import ADA, PHI, QWEN, SEES, Worker, eventually, studio
from tests.support.fixtures import NewLMStudio, lmstudio_process, new_lmstudio

__all__ = ["lmstudio_process", "new_lmstudio"]

LOAD = "/api/v1/models/load"
FAILS = {"load_answers": "error_in_200", "load_loses": True}
WORKS = {"load_answers": "loaded", "load_loses": False}
TESTER = Actor(None, "tester")


class Office:
    """What the tests share: a database, a clock, schedules, and workers that look when they are told to."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.at = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
        self.settings = ScheduleSettings(database, now=lambda: self.at)
        self.workers: list[Worker] = []

    def worker(self, *providers: ProviderConfig) -> WarmUp:
        configured = snapshot(*providers)
        worker = Worker(self.database, configured)
        self.workers.append(worker)
        state = State(load=lambda: configured, version=lambda: configured.version)
        parts = (worker.connections, worker.lists, worker.lifecycle)
        return WarmUp(self.database, state, *parts, now=lambda: self.at)

    def keep(self, model: str = f"studio/{QWEN}", **fields: object) -> str:
        """A schedule from 08:00 to 18:00, every day."""
        draft = ScheduleDraft(model, (1, 2, 3, 4, 5, 6, 7), 8 * 60, 18 * 60, "UTC", **fields)  # type: ignore[arg-type]
        return self.settings.create(draft, TESTER).id

    def schedule(self, schedule_id: str) -> ModelSchedule:
        return self.settings.schedule(schedule_id)

    def problem(self, schedule_id: str) -> str | None:
        problem = self.schedule(schedule_id).problem
        return None if problem is None else problem.message

    def idle(self) -> bool:
        return not any(len(worker.open_calls) for worker in self.workers)


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    office = Office(database)
    yield office
    for worker in office.workers:
        worker.close()


def pass_time(office: Office, **span: float) -> None:
    office.at += timedelta(**span)


def failures(office: Office, schedule_id: str, count: int) -> Callable[[], bool]:
    def claim() -> bool:
        problem = office.schedule(schedule_id).problem
        return problem is not None and problem.failures == count

    return claim


def test_what_is_due_is_loaded_once_by_all_workers_and_audited(office: Office, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(load_s=0.5)
    one, other = office.worker(studio(server)), office.worker(studio(server))
    office.keep()

    one.look()
    other.look()
    assert eventually(lambda: QWEN in server.state.loaded and office.idle())
    one.look()
    other.look()

    assert server.asked(LOAD) == 1
    entries = AuditLog(office.database).entries(AuditFilter(object_type="model")).items
    assert {(entry.actor.id, entry.actor.name, entry.change.action) for entry in entries} == {
        (None, "schedule", "load")
    }


def test_what_is_unloaded_during_the_hours_is_loaded_again(office: Office, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio()
    warm = office.worker(studio(server))
    lifecycle = office.workers[0].lifecycle
    office.keep()
    warm.look()
    assert eventually(lambda: QWEN in server.state.loaded and office.idle())

    lifecycle.wait(lifecycle.unload(ADA, QWEN), Stop())
    gone = dict(server.state.loaded)
    warm.look()

    assert gone == {}
    assert eventually(lambda: QWEN in server.state.loaded)


def test_nothing_is_asked_for_what_is_not_due_switched_off_or_somebodys_own(
    office: Office, new_lmstudio: NewLMStudio
) -> None:
    server = new_lmstudio()
    away = studio(server, "away", enabled=False)
    own = studio(server, "own", scope=Scope.PERSONAL, owner_id="gil")
    warm = office.worker(studio(server), away, own)
    office.keep(enabled=False)
    silent = office.keep(f"away/{QWEN}")
    refused = office.keep(f"own/{QWEN}")

    warm.look()
    office.at = office.at.replace(hour=18)
    office.keep()
    warm.look()

    assert server.requests == []
    assert office.problem(silent) is None
    assert "no shared provider" in (office.problem(refused) or "")


def test_a_failed_load_is_told_and_tried_again_later_until_it_works(office: Office, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(**FAILS)
    one, other = office.worker(studio(server)), office.worker(studio(server))
    kept = office.keep()

    one.look()
    assert eventually(failures(office, kept, 1))
    assert eventually(office.idle)
    pass_time(office, seconds=59)
    one.look()
    other.look()
    tries = [server.asked(LOAD)]
    pass_time(office, seconds=1)
    other.look()
    assert eventually(failures(office, kept, 2))
    pass_time(office, seconds=119)
    one.look()
    tries.append(server.asked(LOAD))
    server.set(**WORKS)
    pass_time(office, seconds=1)
    one.look()

    assert eventually(lambda: QWEN in server.state.loaded and office.problem(kept) is None)
    assert tries == [1, 2]


def test_a_problem_is_forgotten_when_somebody_else_has_loaded_the_model(
    office: Office, new_lmstudio: NewLMStudio
) -> None:
    server = new_lmstudio(**FAILS)
    warm = office.worker(studio(server))
    kept = office.keep()
    warm.look()
    assert eventually(failures(office, kept, 1))

    server.set(**WORKS, loaded=[QWEN])
    warm.look()

    assert office.problem(kept) is None


def test_each_reason_is_told_and_none_keeps_the_others_waiting(office: Office, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio()
    dead = provider("dead", kind="lmstudio", base_url="http://127.0.0.1:9")
    remote = provider("remote", base_url=f"{server.base_url}/v1")
    warm = office.worker(studio(server), dead, remote)
    schedules = [office.keep(name) for name in ("dead/x", "remote/x", "nobody/x", "studio/x")]
    office.keep()

    warm.look()

    assert eventually(lambda: QWEN in server.state.loaded)
    reasons = [office.problem(one) or "" for one in schedules]
    assert reasons[0]
    assert "can't load" in reasons[1]
    assert "no shared provider" in reasons[2]
    assert "has no model studio/x" in reasons[3]


def test_what_is_due_is_loaded_as_its_schedule_says(office: Office, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(loaded=[SEES])
    warm = office.worker(studio(server))
    office.keep(wish=LoadWish(4096, {"flash_attention": True}), exclusive=True)

    warm.look()

    assert eventually(lambda: list(server.state.loaded) == [QWEN] and office.idle())
    [asked] = [one.json for one in server.requests if one.path == LOAD]
    assert (asked["context_length"], asked["flash_attention"]) == (4096, True)


def test_what_loads_alone_does_not_wait_for_a_download(office: Office, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(download_s=60.0)
    warm = office.worker(studio(server))
    lifecycle = office.workers[0].lifecycle
    download = lifecycle.download(ADA, "studio", DownloadWish("google/gemma-3-1b"))
    office.keep(exclusive=True)

    warm.look()

    assert eventually(lambda: QWEN in server.state.loaded)
    lifecycle.stop(ADA, download.id)


def test_an_option_that_the_provider_does_not_take_is_told(office: Office, new_lmstudio: NewLMStudio) -> None:
    warm = office.worker(studio(new_lmstudio()))
    kept = office.keep(wish=LoadWish(options={"gpu_layers": 4}))

    warm.look()

    assert eventually(lambda: "gpu_layers is not an option of LM Studio" in (office.problem(kept) or ""))


def test_what_loads_alone_spares_what_other_schedules_keep(office: Office, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(load_s=0.3, loaded=[PHI])
    warm = office.worker(studio(server))
    schedules = [office.keep(f"studio/{name}", exclusive=True) for name in (QWEN, SEES)]

    def both() -> bool:
        warm.look()
        return set(server.state.loaded) == {QWEN, SEES}

    assert eventually(both)
    assert eventually(office.idle)
    warm.look()
    assert [office.problem(one) for one in schedules] == [None, None]
    assert server.asked(LOAD) == 2


def test_at_the_end_what_is_wished_so_is_unloaded_once(office: Office, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(loaded=[QWEN, SEES])
    one, other = office.worker(studio(server)), office.worker(studio(server))
    lifecycle = office.workers[0].lifecycle
    office.keep(unload_after=True)
    office.keep(f"studio/{SEES}")
    one.look()
    other.look()

    office.at = office.at.replace(hour=18)
    one.look()
    assert eventually(lambda: list(server.state.loaded) == [SEES] and office.idle())
    lifecycle.wait(lifecycle.load(ADA, QWEN, LoadWish()), Stop())
    other.look()
    one.look()

    assert eventually(office.idle)
    assert QWEN in server.state.loaded

    pass_time(office, hours=14)
    other.look()
    pass_time(office, hours=10)
    other.look()
    assert eventually(lambda: list(server.state.loaded) == [SEES])


def test_a_model_that_another_schedule_keeps_stays(office: Office, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(loaded=[QWEN])
    warm = office.worker(studio(server))
    office.keep(unload_after=True)
    longer = ScheduleDraft(f"studio/{QWEN}", (1,), 17 * 60, 20 * 60, "UTC")
    office.settings.create(longer, TESTER)
    warm.look()

    office.at = office.at.replace(hour=18)
    warm.look()

    assert office.idle()
    assert server.asked("/api/v1/models/unload") == 0


def test_what_is_still_loading_at_the_end_is_unloaded_afterwards(office: Office, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(load_s=1.5)
    warm = office.worker(studio(server))
    office.keep(unload_after=True)
    warm.look()
    assert eventually(lambda: len(office.workers[0].open_calls) == 1)

    office.at = office.at.replace(hour=18)
    warm.look()
    assert eventually(lambda: QWEN in server.state.loaded and office.idle())
    warm.look()

    assert eventually(lambda: not server.state.loaded)


def test_pauses_grow_to_a_quarter_of_an_hour() -> None:
    assert [pause_after(count) / timedelta(minutes=1) for count in (1, 2, 3, 4, 5, 6, 100)] == [1, 2, 4, 8, 15, 15, 15]
