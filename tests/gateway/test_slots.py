"""How many calls may run at a provider at once."""

from __future__ import annotations

import time
import uuid

import gevent
import pytest

from app.domain.catalog import ProviderConfig, Timeouts
from app.domain.errors import ClientLeft, ProviderTimeout
from app.domain.events import HEARTBEAT_S
from app.domain.stopping import Stop
from app.gateway.places import Release
from app.gateway.slots import Slots
from app.providers.base import Attempt
from tests.conftest import REDIS_URL


def config(limit: int | None = 1, *, wait_s: float = 0.2) -> ProviderConfig:
    return ProviderConfig(
        id=str(uuid.uuid4()),
        slug="lab",
        name="Lab",
        kind="openai_compatible",
        base_url="http://127.0.0.1:1/v1",
        max_concurrency=limit,
        timeouts=Timeouts(first_token_s=wait_s),
    )


def taken(slots: Slots, provider: ProviderConfig, stop: Stop | None = None) -> Release | None:
    steps = slots.take(provider, Attempt(stop or Stop(), time.monotonic() + 10))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


@pytest.fixture(params=["process", pytest.param("redis", marks=pytest.mark.redis)])
def pair(request: pytest.FixtureRequest) -> tuple[Slots, Slots]:
    """What two callers use: the same object, or two workers with one Redis."""
    if request.param == "redis":
        return Slots(REDIS_URL), Slots(REDIS_URL)
    own = Slots(None)
    return own, own


def test_a_provider_without_a_limit_has_room_for_everybody(pair: tuple[Slots, Slots]) -> None:
    assert taken(pair[0], config(None)) is None


def test_a_call_waits_until_a_place_is_given_back(pair: tuple[Slots, Slots]) -> None:
    provider = config(wait_s=5)
    release = taken(pair[0], provider)
    assert release is not None
    gevent.spawn_later(0.2, release)
    started = time.monotonic()

    second = taken(pair[1], provider)

    assert second is not None
    assert 0.15 < time.monotonic() - started < 2
    second()


def test_a_place_that_never_comes_is_a_time_out(pair: tuple[Slots, Slots]) -> None:
    provider = config()
    release = taken(pair[0], provider)
    assert release is not None

    with pytest.raises(ProviderTimeout, match="all of its 1 places"):
        taken(pair[1], provider)

    release()


def test_a_heartbeat_comes_when_it_is_due_and_not_ten_seconds_after_the_wait_began(pair: tuple[Slots, Slots]) -> None:
    provider = config(wait_s=5)
    release = taken(pair[0], provider)
    assert release is not None
    began = time.monotonic()
    attempt = Attempt(Stop(), began + 10, began - HEARTBEAT_S + 0.2)

    burst = next(steps := pair[1].take(provider, attempt))

    assert burst == ()
    assert 0.15 < time.monotonic() - began < 1
    steps.close()
    release()


def test_a_waiting_call_can_be_stopped(pair: tuple[Slots, Slots]) -> None:
    provider, stop = config(wait_s=5), Stop()
    release = taken(pair[0], provider)
    assert release is not None
    gevent.spawn_later(0.1, lambda: stop.stop(ClientLeft("gone")))
    started = time.monotonic()

    with pytest.raises(ClientLeft):
        taken(pair[1], provider, stop)

    assert time.monotonic() - started < 1
    release()


def test_each_worker_counts_by_itself_while_redis_is_away() -> None:
    slots, provider = Slots("redis://127.0.0.1:1"), config()
    release = taken(slots, provider)
    assert release is not None

    with pytest.raises(ProviderTimeout):
        taken(slots, provider)

    release()
