"""A client that leaves ends its call: the provider's connection closes within a second, and the engine is free."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.e2e.gateway import TOY, Gateway
from tests.e2e.questions import HELLO
from tests.serving.running import eventually
from tests.support.replies import answer_with, openai_error, stall
from tests.support.upstream import Upstream

V1 = "/v1/chat/completions"
NATIVE = "/api/v1/llm-providers/chat"
WITHIN_S = 1.0
# Longer than any test waits: the toy never comes to an end by itself.
ENDLESS: dict[str, Any] = {"model": TOY, "messages": HELLO, "max_tokens": 3500, "ignore_eos": True}


@pytest.mark.parametrize("path", [V1, NATIVE])
@pytest.mark.parametrize("stream", [False, True])
def test_leaving_before_the_first_token_ends_the_call(
    gateway: Gateway, upstream: Upstream, model: str, path: str, stream: bool
) -> None:
    upstream.will(stall())

    with gateway.call(path, {"model": model, "messages": HELLO, "stream": stream}) as call:
        upstream.wait_for(2)  # the list of models, and the call
        call.leave()

    upstream.wait_until_left(within_s=WITHIN_S)


@pytest.mark.parametrize("path", [V1, NATIVE])
def test_leaving_in_the_middle_of_a_stream_ends_the_call(
    gateway: Gateway, upstream: Upstream, model: str, path: str
) -> None:
    upstream.will(answer_with("hello there", ending="stall"))

    with gateway.call(path, {"model": model, "messages": HELLO, "stream": True}) as call:
        call.wait_for_text()
        call.leave()

    upstream.wait_until_left(within_s=WITHIN_S)


@pytest.mark.parametrize("path", [V1, NATIVE])
def test_leaving_in_the_middle_of_a_plain_answer_ends_the_call(
    gateway: Gateway, upstream: Upstream, model: str, path: str
) -> None:
    upstream.will(answer_with("hello there", ending="stall"))

    with gateway.call(path, {"model": model, "messages": HELLO}) as call:
        upstream.wait_for(2)
        call.leave()

    upstream.wait_until_left(within_s=WITHIN_S)


def test_leaving_while_waiting_for_the_next_try_makes_no_further_try(
    gateway: Gateway, upstream: Upstream, model: str
) -> None:
    upstream.will(openai_error(500, headers={"Retry-After": "1"}))

    with gateway.call(V1, {"model": model, "messages": HELLO}) as call:
        upstream.wait_for(2)
        call.leave()
    time.sleep(1.5)

    assert [one.method for one in upstream.requests] == ["GET", "POST"]


@pytest.mark.parametrize("path", [V1, NATIVE])
@pytest.mark.parametrize("stream", [False, True])
def test_leaving_frees_the_real_engine(gateway: Gateway, path: str, stream: bool) -> None:
    with gateway.call(path, {**ENDLESS, "stream": stream}) as call:
        assert eventually(lambda: gateway.engine_is_busy, 20.0)
        if stream:
            call.wait_for_text()
        call.leave()

    assert eventually(lambda: not gateway.engine_is_busy, WITHIN_S)
