"""Operations run once, whoever orders them in whichever process, and are told to all."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent.event import Event

from app.domain.audit import Actor
from app.domain.errors import ClientLeft, Conflict, Draining, ModelBusy, ProviderRejected
from app.domain.lifecycle import Act, Progress, Report
from app.domain.operations import Operation, OperationError, OperationState
from app.domain.stopping import Stop
from app.gateway.draining import Draining as OpenCalls
from app.gateway.operations import OperationRunner, Work
from app.providers.http.waiting import sleep
from app.storage.audit import AuditFilter, AuditLog
from app.storage.database import Database
from app.storage.operations import STALE
from app.storage.unit import Window
from tests.gateway.operation_process import ORDER

ADA = Actor("00000000-0000-4000-8000-000000000001", "Ada")
PROJECT = Path(__file__).resolve().parents[2]


class Bench:
    """A runner, and work that ends when it is told to."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.open_calls = OpenCalls()
        self.runner = OperationRunner(database, self.open_calls)
        self.go = Event()
        self.done: list[str] = []

    def work(self, name: str) -> Work:
        def work(report: Report, stop: Stop) -> Mapping[str, Any]:
            while not self.go.is_set():
                sleep(0.01, stop)
            self.done.append(name)
            return {"worked": name}

        return work

    def start(self, name: str = "work", **changes: Any) -> Operation:
        return self.runner.start(replace(ORDER, **changes), self.work(name), ADA)

    def later(self) -> OperationRunner:
        """Another process's, when this one has been silent for long."""
        return OperationRunner(self.database, OpenCalls(), now=lambda: datetime.now(UTC) + STALE + timedelta(seconds=1))


@pytest.fixture
def bench(database: Database) -> Iterator[Bench]:
    bench = Bench(database)
    yield bench
    bench.go.set()
    assert eventually(lambda: not len(bench.open_calls))


def eventually(claim: Callable[[], bool], within_s: float = 15.0) -> bool:
    """Whether it comes true in time; the greenlets go on meanwhile."""
    with gevent.Timeout(within_s, False):
        while not claim():
            gevent.sleep(0.02)
    return claim()


def test_it_runs_in_the_background_and_can_be_looked_at(bench: Bench) -> None:
    operation = bench.start()

    running = bench.runner.one(operation.id)
    bench.go.set()
    ended = bench.runner.wait(operation, Stop())

    assert running == operation
    assert (ended.state, ended.result, ended.error) == (OperationState.DONE, {"worked": "work"}, None)
    stored = bench.runner.one(operation.id)
    assert stored == ended
    assert bench.runner.running("provider-1") == ()


def test_the_same_order_joins_and_another_one_for_the_model_is_refused(bench: Bench) -> None:
    operation = bench.start("first", wish={"context_length": 512})

    joined = bench.start("second", wish={"context_length": 512})
    joined_without_wishes = bench.start("third")
    with pytest.raises(ModelBusy, match=f"local/toy is just being loaded for Ada.*{operation.id}"):
        bench.start("fourth", wish={"context_length": 1024})
    with pytest.raises(ModelBusy):
        bench.start("fifth", act=Act.UNLOAD)
    other = bench.start("other", subject="another", model="local/another")
    bench.go.set()
    results = [bench.runner.wait(one, Stop()).result for one in (operation, joined, other)]

    assert joined.id == joined_without_wishes.id == operation.id != other.id
    assert results == [{"worked": "first"}, {"worked": "first"}, {"worked": "other"}]
    assert sorted(bench.done) == ["first", "other"]


def test_of_those_that_end_others_one_runs_at_a_time(bench: Bench) -> None:
    bench.start(alone=True)

    with pytest.raises(ModelBusy, match="local/toy"):
        bench.start(subject="another", model="local/another", alone=True)
    elsewhere = bench.start("elsewhere", provider_id="provider-2", alone=True)

    bench.go.set()
    assert bench.runner.wait(elsewhere, Stop()).result == {"worked": "elsewhere"}


def test_each_order_is_audited_with_its_operation(bench: Bench) -> None:
    operation = bench.start(wish={"context_length": 512})
    bench.start()
    with pytest.raises(ModelBusy):
        bench.start(act=Act.DELETE)

    entries = AuditLog(bench.database).entries(AuditFilter(object_type="model")).items

    assert [(one.actor.name, one.change.action, one.change.object_id, one.change.object_name) for one in entries] == [
        ("Ada", "load", "provider-1", "local/toy")
    ] * 2
    assert sorted(len(one.change.new or {}) for one in entries) == [2, 3]
    assert {(one.change.new or {})["operation"] for one in entries} == {operation.id}


def test_what_fails_is_told_to_all_who_wait_and_kept(bench: Bench) -> None:
    def work(report: Report, stop: Stop) -> Mapping[str, Any]:
        raise ProviderRejected("There is no such file.", provider="local", status=404)

    operation = bench.runner.start(ORDER, work, ADA)
    with pytest.raises(ProviderRejected, match="no such file"):
        bench.runner.wait(operation, Stop())
    with pytest.raises(Exception, match="no such file") as elsewhere:
        bench.later().wait(operation, Stop())

    stored = bench.runner.one(operation.id)
    assert stored is not None
    assert stored.error is not None
    assert (stored.state, stored.error.code) == (OperationState.FAILED, "model_not_found")
    assert elsewhere.value.code == "model_not_found"  # type: ignore[attr-defined]


def test_a_fault_of_our_own_is_a_failure_without_its_words(bench: Bench) -> None:
    def work(report: Report, stop: Stop) -> Mapping[str, Any]:
        raise KeyError("secret")

    operation = bench.runner.start(ORDER, work, ADA)

    assert eventually(lambda: not bench.runner.is_own(operation.id))
    stored = bench.runner.one(operation.id)
    assert stored is not None
    assert stored.error is not None
    assert stored.error.code == "internal"
    assert "secret" not in stored.error.message


def test_who_waits_may_leave_and_it_goes_on(bench: Bench) -> None:
    operation, stop = bench.start(), Stop()
    gevent.spawn_later(0.05, stop.stop, ClientLeft("The client closed its connection."))

    with pytest.raises(ClientLeft):
        bench.runner.wait(operation, stop)

    bench.go.set()
    assert bench.runner.wait(operation, Stop()).result == {"worked": "work"}


def test_it_is_stopped_from_this_process_or_another(bench: Bench, database: Database) -> None:
    here, there = bench.start(), bench.start(subject="another", model="local/another")
    other = OperationRunner(database, OpenCalls())

    stopped = [bench.runner.stop(here, "Stopped by Ada."), other.stop(there, "Stopped by Uri.")]
    again = other.stop(there, "Stopped by nobody.")

    for one, words in zip(stopped, ("Stopped by Ada.", "Stopped by Uri."), strict=True):
        assert (one.state, one.error) == (OperationState.FAILED, OperationError("stopped", words))
        with pytest.raises(Conflict, match=words):
            other.wait(one, Stop())
    assert again == stopped[1]
    assert bench.done == []


def test_a_stopping_server_ends_it(bench: Bench) -> None:
    operation = bench.start()
    gevent.sleep(0.05)
    open_calls = len(bench.open_calls)

    bench.open_calls.begin(Draining("The server is stopping."))

    with pytest.raises(Draining):
        bench.runner.wait(operation, Stop())
    assert open_calls == 1


def test_progress_is_told(bench: Bench) -> None:
    def work(report: Report, stop: Stop) -> Mapping[str, Any]:
        report(Progress(0.25, 25, 100, "pulling"))
        return bench.work("work")(report, stop)

    operation = bench.runner.start(ORDER, work, ADA)

    def told() -> Progress:
        found = bench.runner.one(operation.id)
        assert found is not None
        return found.progress

    assert eventually(lambda: told() == Progress(0.25, 25, 100, "pulling"))


def test_what_nobody_carries_out_any_more_has_failed_and_can_be_ordered_again(bench: Bench) -> None:
    operation = bench.start("first")
    later = bench.later()

    seen = later.one(operation.id)
    again = later.start(ORDER, bench.work("again"), ADA)
    bench.go.set()
    ended = later.wait(again, Stop())
    assert eventually(lambda: not bench.runner.is_own(operation.id))

    assert seen is not None
    assert seen.error is not None
    assert (seen.state, seen.error.code) == (OperationState.FAILED, "draining")
    assert again.id != operation.id
    assert ended.result == {"worked": "again"}
    # Who was believed to be gone changes nothing any more.
    kept = bench.runner.one(operation.id)
    assert kept is not None
    assert kept.state is OperationState.FAILED


def test_they_are_listed_newest_first_page_by_page(bench: Bench) -> None:
    bench.go.set()
    for subject in ("a", "b", "c"):
        bench.runner.wait(bench.start(subject=subject, model=f"local/{subject}"), Stop())
    bench.start(subject="d", provider_id="provider-2")

    first = bench.runner.page({"provider-1"}, None, Window(2))
    rest = bench.runner.page({"provider-1"}, None, Window(2, first.next_cursor))
    running = bench.runner.page({"provider-1", "provider-2"}, OperationState.RUNNING, Window())

    assert [one.order.model for one in (*first.items, *rest.items)] == ["local/c", "local/b", "local/a"]
    assert rest.next_cursor is None
    assert [one.order.subject for one in running.items] == ["d"]


class Process:
    """See operation_process.py."""

    def __init__(self, database: Database, folder: Path, name: str) -> None:
        url = database.engine.url.render_as_string(hide_password=False)
        program = ("-m", "gevent.monkey", "--module", "tests.gateway.operation_process")
        command = [sys.executable, *program, url, str(folder), name]
        self.process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE)

    def said(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def test_two_processes_do_it_once_and_what_a_dead_one_did_is_taken_over(
    bench: Bench, database: Database, tmp_path: Path
) -> None:
    processes = [Process(database, tmp_path, name) for name in ("one", "two")]
    try:
        ids = {process.said() for process in processes}
        [worker] = (tmp_path / "worked").read_text().split()
        dead, other = processes if worker == "one" else reversed(processes)
        dead.end()
        later = bench.later()
        again = later.start(ORDER, bench.work("again"), ADA)
        heard = other.said()
        bench.go.set()
        ended = later.wait(again, Stop())
    finally:
        for process in processes:
            process.end()

    assert len(ids) == 1
    assert again.id not in ids
    assert (heard, ended.result) == ("draining", {"worked": "again"})


def test_two_processes_hear_the_same_end(database: Database, tmp_path: Path) -> None:
    processes = [Process(database, tmp_path, name) for name in ("one", "two")]
    try:
        ids = {process.said() for process in processes}
        (tmp_path / "go").touch()
        results = [process.said() for process in processes]
    finally:
        for process in processes:
            process.end()

    [worker] = (tmp_path / "worked").read_text().split()
    assert len(ids) == 1
    assert results == [{"worked_by": worker}] * 2
