"""Two workers over one database, and a simulated LM Studio: what one does, the other knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import gevent
import pytest

from app.domain.accounts import Caller, Permission, Role
from app.domain.catalog import ModelState, ProviderConfig, Scope
from app.domain.errors import (
    CapabilityNotSupported,
    ModelBusy,
    ModelNotFound,
    NotAllowed,
    NotFound,
    ProviderUnreachable,
)
from app.domain.errors import Draining as ServerStops
from app.domain.lifecycle import DownloadWish, LoadWish
from app.domain.operations import OperationState
from app.domain.snapshot import Snapshot
from app.domain.stopping import Stop
from app.gateway.connections import Connections
from app.gateway.draining import Draining
from app.gateway.health import Health
from app.gateway.ledger import Ledger
from app.gateway.lifecycle import Lifecycle
from app.gateway.limits import RequestLimits
from app.gateway.model_lists import ModelLists
from app.gateway.operations import OperationRunner
from app.gateway.prices import Prices
from app.gateway.service import LLMService
from app.gateway.slots import Slots
from app.gateway.state import State
from app.storage.database import Database
from app.storage.unit import Window
from tests.conftest import opened
from tests.gateway.making import provider, snapshot
from tests.support.fixtures import NewLMStudio, lmstudio_process, new_lmstudio
from tests.support.lmstudio.server import LMStudio

__all__ = ["lmstudio_process", "new_lmstudio"]

QWEN, SEES, PHI = "qwen/qwen3-8b", "google/gemma-3-12b", "mlx-community/phi-4-mini"
ADA = Caller("ada", "Ada", Role.ADMIN, frozenset(Permission))
GIL = Caller("gil", "Gil", Role.USER, frozenset({Permission.LOAD_MODELS}))
ANYHOW = LoadWish()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What is kept where is the matter of test_operations.py."""
    path = tmp_path / "patchbay.db"
    path.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
    return f"sqlite:///{path}"


class Worker:
    """A process's gateway, as far as the life of models is concerned."""

    def __init__(self, database: Database, configured: Snapshot) -> None:
        state = State(load=lambda: configured, version=lambda: configured.version)
        self.connections = Connections(None)
        health = Health()
        self.lists = ModelLists(self.connections, health)
        self.open_calls = Draining()
        self.configs = configured.providers
        llm = LLMService(
            state=state,
            connections=self.connections,
            lists=self.lists,
            limits=RequestLimits(None),
            health=health,
            ledger=Ledger(lambda rows: None),
            prices=Prices(),
            slots=Slots(None),
        )
        self.lifecycle = Lifecycle(state, llm, self.connections, self.lists, OperationRunner(database, self.open_calls))

    def states(self) -> dict[str, ModelState]:
        """Of models that are in memory, or on their way there, as lists show it."""
        running = self.lifecycle.running()
        listed = [model for one in self.lists.listings(self.configs) for model in one.models]
        shown = {one.canonical: ModelState.LOADING if one.canonical in running else one.state for one in listed}
        return {name: state for name, state in shown.items() if state is not ModelState.NOT_LOADED}

    def close(self) -> None:
        assert eventually(lambda: not len(self.open_calls))
        self.lists.close()
        self.connections.close()


Start = Callable[..., Worker]


@pytest.fixture
def start(database: Database) -> Iterator[Start]:
    workers: list[Worker] = []

    def begin(*providers: ProviderConfig) -> Worker:
        workers.append(Worker(database, snapshot(*providers)))
        return workers[-1]

    yield begin
    for worker in workers:
        worker.close()


def eventually(claim: Callable[[], bool], within_s: float = 15.0) -> bool:
    with gevent.Timeout(within_s, False):
        while not claim():
            gevent.sleep(0.02)
    return claim()


def studio(server: LMStudio, slug: str = "studio", **fields: object) -> ProviderConfig:
    return provider(slug, kind="lmstudio", base_url=server.base_url, **fields)


def test_what_one_worker_loads_the_other_shows_and_does_not_load_again(start: Start, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(load_s=2.0)
    one, other = start(studio(server)), start(studio(server))
    before = [one.states(), other.states()]

    ordered = one.lifecycle.load(ADA, f"studio/{QWEN}", ANYHOW)
    assert eventually(lambda: other.states() == {f"studio/{QWEN}": ModelState.LOADING})
    joined = other.lifecycle.load(GIL, QWEN, ANYHOW)
    with pytest.raises(ModelBusy, match="loaded for Ada"):
        other.lifecycle.unload(ADA, QWEN)
    result = other.lifecycle.wait(joined, Stop()).result

    assert before == [{}, {}]
    assert joined.id == ordered.id
    assert result is not None
    assert (result["loaded"], result["was_loaded"]) == (True, False)
    assert one.states() == {f"studio/{QWEN}": ModelState.LOADED}
    assert eventually(lambda: other.states() == {f"studio/{QWEN}": ModelState.LOADED})
    assert server.asked("/api/v1/models/load") == 1


def test_exclusive_leaves_one_model_of_its_provider_and_waits_for_nobody(
    start: Start, new_lmstudio: NewLMStudio
) -> None:
    here, there = new_lmstudio(loaded=[SEES], load_s=1.0), new_lmstudio(loaded=[SEES])
    configs = (studio(here), studio(there, "there"))
    one, other = start(*configs), start(*configs)

    first = one.lifecycle.load(ADA, f"studio/{QWEN}", ANYHOW, exclusive=True)
    with pytest.raises(ModelBusy, match=f"studio/{QWEN}"):
        other.lifecycle.load(ADA, f"studio/{PHI}", ANYHOW, exclusive=True)
    one.lifecycle.wait(first, Stop())

    assert list(here.state.loaded) == [QWEN]
    assert list(there.state.loaded) == [SEES]


def test_everything_of_every_provider_is_unloaded(start: Start, new_lmstudio: NewLMStudio) -> None:
    here, there = new_lmstudio(loaded=[SEES, QWEN]), new_lmstudio(loaded=[SEES])
    worker = start(studio(here), studio(there, "there"), provider("far"))

    operation = worker.lifecycle.unload(ADA, None, all=True)
    ended = worker.lifecycle.wait(operation, Stop())

    assert sorted((ended.result or {})["unloaded"]) == [f"studio/{SEES}", f"studio/{QWEN}", f"there/{SEES}"]
    assert (here.state.loaded, there.state.loaded) == ({}, {})
    done = worker.lifecycle.operations(ADA, Window()).items
    assert sorted(one.order.model for one in done) == [
        "*/*",
        f"studio/{SEES}",
        f"studio/{QWEN}",
        f"there/{SEES}",
    ]
    assert {one.state for one in done} == {OperationState.DONE}


def test_what_a_caller_may_not_or_can_not_is_refused(start: Start, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio()
    dead = provider("dead", kind="lmstudio")
    worker = start(studio(server), dead, studio(server, "own", scope=Scope.PERSONAL, owner_id="gil"), provider("far"))
    life, nobody = worker.lifecycle, replace(GIL, permissions=frozenset())
    refused: list[tuple[type[Exception], Callable[[], object]]] = [
        (NotAllowed, lambda: life.load(nobody, f"studio/{QWEN}", ANYHOW)),
        (NotAllowed, lambda: life.unload(nobody, None, all=True)),
        (NotAllowed, lambda: life.download(GIL, "studio", DownloadWish("x/y"))),
        (NotAllowed, lambda: life.delete(GIL, f"studio/{QWEN}")),
        (ModelNotFound, lambda: life.load(ADA, "studio/nothing", ANYHOW)),
        (ModelNotFound, lambda: life.load(ADA, f"own/{QWEN}", ANYHOW)),
        (ProviderUnreachable, lambda: life.load(ADA, f"dead/{QWEN}", ANYHOW)),
        (CapabilityNotSupported, lambda: life.delete(ADA, f"studio/{QWEN}")),
        (CapabilityNotSupported, lambda: life.download(ADA, "far", DownloadWish("x/y"))),
        (NotFound, lambda: life.unload(ADA, None, provider="nobody", all=True)),
    ]

    for kind, act in refused:
        with pytest.raises(kind):
            act()

    assert life.operations(ADA, Window()).items == ()


def test_what_is_done_with_somebodys_own_provider_is_seen_by_nobody_else(
    start: Start, new_lmstudio: NewLMStudio
) -> None:
    config = studio(new_lmstudio(), "own", scope=Scope.PERSONAL, owner_id="gil")
    # Personal providers are elsewhere in the network; where the tests run, that is this machine.
    worker = start(config)
    worker.connections.on_change(_allowing_private(config))

    operation = worker.lifecycle.load(GIL, f"own/{QWEN}", ANYHOW)
    worker.lifecycle.wait(operation, Stop())

    assert worker.lifecycle.operation(GIL, operation.id).state is OperationState.DONE
    assert len(worker.lifecycle.operations(GIL, Window()).items) == 1
    assert worker.lifecycle.operations(ADA, Window()).items == ()
    with pytest.raises(NotFound):
        worker.lifecycle.operation(ADA, operation.id)


def _allowing_private(config: ProviderConfig) -> Snapshot:
    found = snapshot(config)
    return replace(found, settings=replace(found.settings, personal_private_addresses_allowed=True))


def test_a_worker_that_is_stopped_tells_whoever_waits(start: Start, new_lmstudio: NewLMStudio) -> None:
    worker = start(studio(new_lmstudio(load_s=20.0)))
    operation = worker.lifecycle.load(ADA, f"studio/{QWEN}", ANYHOW)
    gevent.sleep(0.2)

    worker.open_calls.begin(ServerStops("The server is stopping."))

    with pytest.raises(ServerStops):
        worker.lifecycle.wait(operation, Stop())
    kept = worker.lifecycle.operation(ADA, operation.id)
    assert (kept.state, kept.error and kept.error.code) == (OperationState.FAILED, "draining")


def test_lists_do_without_the_database(tmp_path: Path, new_lmstudio: NewLMStudio) -> None:
    empty = opened(f"sqlite:///{tmp_path / 'nothing.db'}")
    worker = Worker(empty, snapshot(studio(new_lmstudio(loaded=[QWEN]))))

    assert worker.states() == {f"studio/{QWEN}": ModelState.LOADED}

    worker.close()
    empty.close()
