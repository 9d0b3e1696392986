"""How providers are seen, and how the configuration is kept fresh."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from app.domain import errors as e
from app.domain.catalog import HealthState
from app.domain.errors import GatewayError
from app.domain.snapshot import Snapshot
from app.gateway.connections import Connections
from app.gateway.health import Health
from app.gateway.state import State
from tests.gateway.making import provider, snapshot

START = datetime(2026, 11, 21, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (e.ProviderUnreachable("gone"), HealthState.DOWN),
        (e.ProviderTimeout("slow"), HealthState.DOWN),
        (e.ProviderFailed("oh"), HealthState.DEGRADED),
        (e.ProviderAuthFailed("key"), HealthState.DEGRADED),
        (e.ProviderProtocol("page"), HealthState.DEGRADED),
        (e.StreamCut("cut"), HealthState.DEGRADED),
        (e.ProviderQuota("money"), HealthState.DEGRADED),
        (e.ProviderRateLimited("wait"), HealthState.UNKNOWN),
        (e.ProviderRejected("no"), HealthState.UNKNOWN),
        (e.ProviderContextLength("long"), HealthState.UNKNOWN),
        (e.InvalidRequest("odd"), HealthState.UNKNOWN),
        (e.ClientLeft("bye"), HealthState.UNKNOWN),
        (e.Draining("end"), HealthState.UNKNOWN),
    ],
)
def test_what_a_failure_says_about_a_provider(error: GatewayError, state: HealthState) -> None:
    health = Health()

    health.note_failure("p", error)

    assert health.status("p").state is state
    assert health.status("other").state is HealthState.UNKNOWN


def test_a_state_keeps_its_beginning_until_it_changes() -> None:
    clock = Clock()
    health = Health(clock)

    health.note_ok("p", 5.0)
    clock.now += timedelta(seconds=10)
    health.note_failure("p", e.ProviderFailed("oh"))
    clock.now += timedelta(seconds=10)
    health.note_failure("p", e.ProviderFailed("again"))
    failed = health.status("p")
    clock.now += timedelta(seconds=10)
    health.note_ok("p", 7.0)
    well = health.status("p")

    assert (failed.state, failed.since, failed.checked_at, failed.message, failed.latency_ms) == (
        HealthState.DEGRADED,
        START + timedelta(seconds=10),
        START + timedelta(seconds=20),
        "again",
        None,
    )
    assert (well.state, well.since, well.message, well.latency_ms) == (
        HealthState.OK,
        START + timedelta(seconds=30),
        None,
        7.0,
    )


class Stored:
    """A database that counts how often it was read."""

    def __init__(self) -> None:
        self.version = 1
        self.loads = 0

    def load(self) -> Snapshot:
        self.loads += 1
        return snapshot(version=self.version)

    def number(self) -> int:
        return self.version

    def state(self) -> State:
        return State(load=self.load, version=self.number)


def test_the_configuration_is_read_when_first_needed_and_when_it_changed() -> None:
    stored = Stored()
    state = stored.state()

    for _ in range(3):
        assert state.current.version == 1
        state.refresh()
    stored.version = 2

    assert state.current.version == 1
    assert state.refresh().version == 2
    assert state.current.version == 2
    assert stored.loads == 2


def test_listeners_hear_of_every_new_configuration() -> None:
    stored = Stored()
    state = stored.state()
    heard: list[int] = []
    state.on_change(lambda snapshot: heard.append(snapshot.version))

    state.refresh()
    state.refresh()
    stored.version = 2
    state.refresh()

    assert heard == [1, 2]


class Finished(BaseException):
    """Ends a loop that has no end."""


def until_finished(loop: Callable[[], None]) -> None:
    with contextlib.suppress(Finished):
        loop()


def test_polling_goes_on_after_a_failure_and_sees_the_change() -> None:
    stored = Stored()
    asked: list[float] = []

    def version() -> int:
        asked.append(time.monotonic())
        if len(asked) == 1:
            raise OSError("the database is away")
        if len(asked) == 3:
            raise Finished
        stored.version = 2
        return 2

    state = State(load=stored.load, version=version)
    assert state.current.version == 1

    polling = threading.Thread(target=until_finished, args=(state.poll_forever,))
    polling.start()
    polling.join(timeout=10)

    assert not polling.is_alive()
    assert state.current.version == 2
    assert asked[1] - asked[0] < 2


# Connections


def test_a_provider_is_connected_once_per_configuration() -> None:
    connections = Connections(None)
    config = provider("box")

    first = connections.to(config)
    same = connections.to(provider("box"))
    other = connections.to(provider("box", version=2))

    assert same is first
    assert other is not first


def test_providers_that_are_gone_are_forgotten() -> None:
    connections = Connections(None)
    first = connections.to(provider("box"))

    connections.on_change(snapshot(provider("box")))
    kept = connections.to(provider("box"))
    connections.on_change(snapshot())

    assert kept is first
    assert connections.to(provider("box")) is not first
