"""A call's way through the gateway: tried, tried again, queued, stopped, recorded."""

from __future__ import annotations

import time

import gevent
import pytest

from app.domain.catalog import HealthState, ProviderConfig, Timeouts
from app.domain.errors import (
    ClientLeft,
    GatewayError,
    InvalidRequest,
    ModelNotFound,
    ProviderError,
    ProviderFailed,
    ProviderQuota,
    ProviderRateLimited,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnreachable,
    RateLimited,
    Stopped,
    StreamCut,
)
from app.domain.events import HEARTBEAT_S
from app.domain.stopping import Stop
from tests.gateway.conftest import Gateway
from tests.gateway.making import caller, provider
from tests.support.fixtures import NewUpstream
from tests.support.replies import (
    Reply,
    answer_with,
    groq_tokens_per_minute,
    openai_error,
    out_of_quota,
    rate_limited,
    respond,
)
from tests.support.upstream import Upstream

SOON = {"retry-after-ms": "20"}


def box(upstream: Upstream, **fields: object) -> ProviderConfig:
    return provider("box", base_url=upstream.base_url, **fields)


def posts(upstream: Upstream) -> int:
    return len([request for request in upstream.requests if request.method == "POST"])


# Trying again


@pytest.mark.parametrize(
    "reply",
    [
        rate_limited(20 / 1000, in_ms=True),
        *(openai_error(status, headers=SOON) for status in (408, 409, 500, 502, 503)),
    ],
    ids=["429", "408", "409", "500", "502", "503"],
)
def test_what_passes_is_tried_again(reply: Reply, gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream))
    upstream.will(reply, reply, answer_with("at last"))

    answer = gateway.begin("box/hello-1")

    assert "".join(event.text for burst in answer.events for event in burst) == "at last"
    assert answer.attempts == 3
    assert [attempt for attempt, _ in gateway.outcomes()] == [1, 2, 3]
    assert gateway.outcomes()[-1] == (3, "ok")


def test_at_most_twice(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream))
    upstream.will(openai_error(500, headers=SOON))

    with pytest.raises(ProviderFailed):
        gateway.ask("box/hello-1")

    assert posts(upstream) == 3
    assert gateway.outcomes() == [(1, "provider_error"), (2, "provider_error"), (3, "provider_error")]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (openai_error(400), ProviderRejected),
        (openai_error(404), ProviderRejected),
        (openai_error(422), ProviderRejected),
        (out_of_quota(), ProviderQuota),
        (groq_tokens_per_minute(), ProviderRateLimited),
        (respond(200, {"error": "Unexpected endpoint"}), GatewayError),
    ],
)
def test_what_does_not_pass_is_not_tried_again(
    reply: Reply, error: type[GatewayError], gateway: Gateway, upstream: Upstream
) -> None:
    gateway.use(box(upstream))
    upstream.will(reply)

    with pytest.raises(error):
        gateway.ask("box/hello-1")

    assert posts(upstream) == 1


def test_nothing_is_tried_again_once_something_was_said(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream))
    upstream.will(answer_with("one two", ending="close", ending_after=1))
    answer = gateway.begin("box/hello-1", stream=True)

    with pytest.raises(StreamCut):
        list(answer.events)

    assert posts(upstream) == 1
    assert gateway.outcomes() == [(1, "stream_cut")]


def test_a_stream_that_breaks_before_it_says_anything_is_tried_again(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream))
    upstream.will(answer_with("one", ending="close", ending_after=0), answer_with("one two"))

    assert gateway.ask("box/hello-1", stream=True) == "one two"


def test_pauses_grow_where_the_provider_names_none(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream))
    upstream.will(openai_error(500), openai_error(500), answer_with("at last"))

    gateway.ask("box/hello-1")

    first, second, third = [request.came_at for request in upstream.requests if request.method == "POST"]
    assert 0.37 < second - first < 0.8
    assert 0.74 < third - second < 1.5


def test_a_pause_beyond_the_time_there_is_is_not_waited_for(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream, timeouts=Timeouts(total_s=5)))
    upstream.will(rate_limited(6))
    began = time.monotonic()

    with pytest.raises(ProviderRateLimited) as raised:
        gateway.ask("box/hello-1")

    assert raised.value.retry_after_s == 6
    assert time.monotonic() - began < 1
    assert posts(upstream) == 1


@pytest.mark.parametrize("reply", [rate_limited(6), openai_error(503, headers={"Retry-After": "30"})])
def test_a_longer_pause_is_left_to_the_client(reply: Reply, gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream))
    upstream.will(reply)
    began = time.monotonic()

    with pytest.raises(ProviderError) as raised:
        gateway.ask("box/hello-1")

    assert raised.value.retry_after_s in (6, 30)
    assert time.monotonic() - began < 1
    assert posts(upstream) == 1


def test_a_heartbeat_counts_from_the_beginning_of_the_call(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream))
    upstream.will(rate_limited(1), answer_with("at last", headers_after_s=1))
    call = gateway.call()
    call.started -= HEARTBEAT_S - 0.5

    answer = gateway.begin("box/hello-1", call=call)
    came_s = time.monotonic() - call.started
    bursts = list(answer.events)

    assert HEARTBEAT_S - 0.01 <= came_s < HEARTBEAT_S + 0.3
    assert "".join(event.text for burst in bursts for event in burst) == "at last"
    assert [len(burst) for burst in bursts] == [0, 1]


def test_all_attempts_share_one_time(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream, timeouts=Timeouts(total_s=0.5, first_token_s=5)))
    upstream.will(openai_error(500, headers={"retry-after-ms": "300"}), answer_with("late", headers_after_s=3))
    began = time.monotonic()

    with pytest.raises(ProviderTimeout):
        gateway.ask("box/hello-1")

    assert time.monotonic() - began < 0.9


def test_a_stop_ends_a_pause(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream))
    upstream.will(rate_limited(5))
    stop = Stop()
    gevent.get_hub().loop.update_now()
    gevent.spawn_later(0.1, stop.stop, Stopped("Enough."))
    began = time.monotonic()

    with pytest.raises(Stopped):
        gateway.ask("box/hello-1", call=gateway.call(stop=stop))

    assert time.monotonic() - began < 0.6


def test_a_call_that_was_stopped_is_recorded_as_such(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream))
    upstream.will(answer_with("one two", every_s=5))
    stop = Stop()
    answer = gateway.begin("box/hello-1", stream=True, call=gateway.call(stop=stop))
    next(iter(answer.events))

    stop.stop(ClientLeft("Gone."))

    with pytest.raises(ClientLeft):
        list(answer.events)
    assert gateway.outcomes() == [(1, "client_left")]
    upstream.wait_until_left(within_s=1)


# What is refused before anybody is asked


def test_requests_that_reach_nobody_have_a_row_too(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream))

    with pytest.raises(ModelNotFound):
        gateway.ask("nothing")
    with pytest.raises(InvalidRequest):
        gateway.ask("box/hello-1", temperature=5)

    assert gateway.outcomes() == [(0, "model_not_found"), (1, "invalid_request")]
    assert gateway.rows[0].provider == ""
    assert posts(upstream) == 0


def test_a_limit_is_named_with_the_time_to_wait(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream))
    limited = caller(key_id="k1", requests_per_minute=2)
    for _ in range(2):
        gateway.ask("box/hello-1", call=gateway.call(by=limited))

    with pytest.raises(RateLimited) as raised:
        gateway.ask("box/hello-1", call=gateway.call(by=limited))

    assert raised.value.message == "This key may make 2 requests a minute; that limit is used up."
    assert raised.value.retry_after_s is not None
    assert 1 <= raised.value.retry_after_s <= 120
    assert posts(upstream) == 2


# Places


def test_places_are_given_in_the_order_of_asking(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream, max_concurrency=2))
    upstream.will(answer_with("fine", headers_after_s=0.05))
    gateway.ask("box/hello-1")
    upstream.forget()
    done: list[int] = []

    def ask(number: int) -> None:
        gateway.ask("box/hello-1", user=str(number))
        done.append(number)

    gevent.joinall([gevent.spawn(ask, number) for number in range(8)], raise_error=True)

    assert [int(request.json["user"]) // 2 for request in upstream.requests] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert sorted(done) == list(range(8))


def test_a_place_is_given_back_however_a_call_ends(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream, max_concurrency=1))
    upstream.will(openai_error(400), answer_with("one two", every_s=5), answer_with("fine"))

    with pytest.raises(ProviderRejected):
        gateway.ask("box/hello-1")
    left = gateway.begin("box/hello-1", stream=True)
    left.events.close()  # type: ignore[attr-defined]  # a generator

    assert gateway.ask("box/hello-1") == "fine"


def test_whoever_waits_for_a_place_can_be_stopped_and_loses_nobody_theirs(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream, max_concurrency=1))
    upstream.will(answer_with("fine", headers_after_s=0.3))
    gateway.lists.listings(gateway.snapshot.providers)
    stop = Stop()
    first = gevent.spawn(gateway.ask, "box/hello-1")
    second = gevent.spawn(gateway.ask, "box/hello-1", call=gateway.call(stop=stop))
    third = gevent.spawn(gateway.ask, "box/hello-1")
    gevent.sleep(0.05)

    stop.stop(ClientLeft("Gone."))
    second.join(0.1)

    assert isinstance(second.exception, ClientLeft)
    gevent.joinall([first, third], raise_error=True)
    assert (first.value, third.value) == ("fine", "fine")
    assert posts(upstream) == 2


def test_a_full_house_says_nothing_about_a_providers_health(gateway: Gateway, upstream: Upstream) -> None:
    config = box(upstream, max_concurrency=1, timeouts=Timeouts(first_token_s=0.1))
    gateway.use(config)
    upstream.will(answer_with("fine", headers_after_s=0.4))
    gateway.lists.listings([config])
    first = gevent.spawn(gateway.ask, "box/hello-1")
    gevent.sleep(0.05)

    with pytest.raises(ProviderTimeout) as raised:
        gateway.ask("box/hello-1")
    state = gateway.health.status(config.id).state
    first.join()

    assert "all of its 1 places were taken" in raised.value.message
    assert state is HealthState.OK


# Health


def test_health_follows_what_happens(gateway: Gateway, upstream: Upstream) -> None:
    config = box(upstream)
    gateway.use(config)
    seen = []

    def state() -> str:
        return gateway.health.status(config.id).state.value

    seen.append(state())
    gateway.ask("box/hello-1")
    seen.append(state())
    upstream.will(openai_error(401))
    with pytest.raises(GatewayError):
        gateway.ask("box/hello-1")
    seen.append(state())
    upstream.will(answer_with("fine"))
    gateway.ask("box/hello-1")
    seen.append(state())
    upstream.refuse()
    upstream.hang_up()
    with pytest.raises(ProviderUnreachable):
        gateway.ask("box/hello-1")
    seen.append(state())

    assert seen == ["unknown", "ok", "degraded", "ok", "down"]


# What is told about an answer


def test_the_facts_of_an_answer(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(box(upstream))
    upstream.will(answer_with("one two", model="hello-1-2026", usage=(7, 8), first_after_s=0.2))

    answer = gateway.begin("box/hello-1", stream=True, max_tokens=1, max_completion_tokens=2)
    early = (answer.model, answer.attempts, answer.dropped, answer.config_version)
    list(answer.events)

    assert early == ("hello-1-2026", 1, ("max_completion_tokens",), gateway.snapshot.version)
    assert (answer.finish_reason, answer.usage.prompt_tokens, answer.usage.completion_tokens) == ("stop", 7, 8)
    assert answer.first_token_ms is not None
    assert answer.first_token_ms >= 200
    assert answer.overhead_ms < 150
    gateway.ledger.flush()
    row = gateway.rows[0]
    assert (row.model_asked, row.model, row.provider, row.streamed, row.token_source) == (
        "box/hello-1",
        "hello-1-2026",
        "box",
        True,
        "provider",
    )


def test_nothing_is_remembered_of_a_provider_that_is_gone(gateway: Gateway, upstream: Upstream) -> None:
    kept, gone = (provider(name, base_url=upstream.base_url, max_concurrency=1) for name in ("kept", "gone"))
    upstream.will_list("hello-1")
    gateway.use(kept, gone)
    for slug in ("kept", "gone"):
        gateway.ask(f"{slug}/hello-1")
    running = gateway.begin("gone/hello-1", stream=True)

    gateway.use(kept)

    listings = gateway.lists.listings([kept, gone], wait_s=0)
    assert [listing.age_s() is None for listing in listings] == [False, True]
    assert [gateway.health.status(one.id).state for one in (kept, gone)] == [HealthState.OK, HealthState.UNKNOWN]
    gateway.use(kept, gone)
    assert gateway.ask("gone/hello-1") == "hello there", "its only place is free, as its queue is a new one"
    assert "".join(event.text for burst in running.events for event in burst) == "hello there"


def test_an_edit_is_served_by_the_next_call(gateway: Gateway, upstream: Upstream, new_upstream: NewUpstream) -> None:
    second = new_upstream()
    second.will(answer_with("from the second"))
    gateway.use(box(upstream))
    first = gateway.ask("box/hello-1")

    gateway.use(box(second, version=2))

    assert (first, gateway.ask("box/hello-1")) == ("hello there", "from the second")
