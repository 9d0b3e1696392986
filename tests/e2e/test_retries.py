"""When the gateway asks a provider again, and when it must not."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import pytest

from tests.e2e.conftest import Provide
from tests.e2e.gateway import Gateway
from tests.e2e.questions import HELLO
from tests.support.fixtures import NewUpstream
from tests.support.replies import Reply, answer_with, hang_up, key_refused, openai_error, out_of_quota, rate_limited
from tests.support.replies import reset as reset_connection
from tests.support.upstream import Upstream

V1 = "/v1/chat/completions"
NATIVE = "/api/v1/llm-providers/chat"
AT_ONCE = {"retry-after-ms": "1"}


def question(model: str, **fields: Any) -> dict[str, Any]:
    return {"model": model, "messages": HELLO, **fields}


def calls(upstream: Upstream) -> list[float]:
    """When each model call came."""
    return [request.came_at for request in upstream.requests if request.method == "POST"]


@pytest.mark.parametrize("path", [V1, NATIVE])
@pytest.mark.parametrize("stream", [False, True])
def test_two_failures_are_made_good_by_a_third_try(
    gateway: Gateway, upstream: Upstream, model: str, path: str, stream: bool
) -> None:
    failure = openai_error(500, error_type="server_error", headers=AT_ONCE)
    upstream.will(failure, failure, answer_with("hello there"))

    reply = gateway.ask("POST", path, question(model, stream=stream))

    assert (reply.status, reply.headers["x-patchbay-attempts"]) == (200, "3")
    assert "hello" in reply.body


@pytest.mark.parametrize(
    "faults",
    [
        # The first meets the connection that listed the models, and is replaced unseen.
        [hang_up(), hang_up()],
        [reset_connection(), reset_connection()],
        [openai_error(408)],
        [openai_error(409)],
    ],
)
def test_a_passing_fault_is_made_good(gateway: Gateway, upstream: Upstream, model: str, faults: list[Reply]) -> None:
    upstream.will(*faults, answer_with("hello there"))

    reply = gateway.ask("POST", V1, question(model))

    assert (reply.status, reply.headers["x-patchbay-attempts"]) == (200, "2")


def test_the_pauses_between_tries_grow(gateway: Gateway, upstream: Upstream, model: str) -> None:
    upstream.will(openai_error(503))

    reply = gateway.ask("POST", V1, question(model))

    first, second = [later - earlier for earlier, later in pairwise(calls(upstream))]
    assert reply.status == 502
    assert 0.3 < first < 0.9 < second + 0.2 < 1.9


def test_a_limit_is_asked_again_when_the_provider_says(gateway: Gateway, upstream: Upstream, model: str) -> None:
    upstream.will(rate_limited(1), answer_with("hello there"))

    reply = gateway.ask("POST", V1, question(model))

    (pause_s,) = [later - earlier for earlier, later in pairwise(calls(upstream))]
    assert (reply.status, reply.headers["x-patchbay-attempts"]) == (200, "2")
    assert 1.0 <= pause_s < 1.5


def test_a_limit_that_outlasts_the_calls_time_is_told_at_once(
    gateway: Gateway, upstream: Upstream, provide: Provide
) -> None:
    model = f"{provide(upstream, request_timeout=5.0)}/hello-1"
    upstream.will(rate_limited(30))
    started = time.monotonic()

    reply = gateway.ask("POST", V1, question(model))

    assert (reply.status, reply.headers["retry-after"]) == (429, "30")
    assert time.monotonic() - started < 1.0
    assert len(calls(upstream)) == 1


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (out_of_quota(), 429),
        (openai_error(402), 429),
        (openai_error(400), 400),
        (openai_error(422), 422),
        (key_refused(), 502),
    ],
)
def test_what_no_second_try_can_mend_is_asked_once(
    gateway: Gateway, upstream: Upstream, model: str, fault: Reply, status: int
) -> None:
    upstream.will(fault)

    reply = gateway.ask("POST", V1, question(model))

    assert reply.status == status
    assert len(calls(upstream)) == 1


def test_nothing_is_asked_again_after_the_first_content(gateway: Gateway, upstream: Upstream, model: str) -> None:
    upstream.will(answer_with("hello there", ending="reset"), answer_with("another answer"))

    with gateway.call(V1, question(model, stream=True)) as call:
        heard = call.listen()

    assert (heard.text, heard.endings) == ("hello there", ["stream_cut"])
    assert len(calls(upstream)) == 1


@pytest.mark.parametrize("afterwards", ["close", "reset"])
def test_a_stale_pooled_connection_is_replaced_unseen(
    gateway: Gateway, new_upstream: NewUpstream, provide: Provide, afterwards: str
) -> None:
    upstream = new_upstream(requests_per_connection=1, afterwards=afterwards)
    model = f"{provide(upstream)}/hello-1"

    replies = [gateway.ask("POST", V1, question(model)) for _ in range(4)]

    assert [(reply.status, reply.headers["x-patchbay-attempts"]) for reply in replies] == [(200, "1")] * 4
    assert upstream.log.connections >= 4


def test_connections_are_kept_for_the_next_call(gateway: Gateway, upstream: Upstream, model: str) -> None:
    for _ in range(4):
        gateway.ask("POST", V1, question(model))

    assert len({request.connection for request in upstream.requests if request.method == "POST"}) == 1
