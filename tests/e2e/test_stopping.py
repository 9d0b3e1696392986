"""The end of things: the server told to stop, and the engine's process killed in the middle of an answer."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.call import Heard
from tests.e2e.gateway import TOY, Gateway
from tests.e2e.questions import HELLO
from tests.support.fixtures import NewUpstream
from tests.support.replies import answer_with

V1 = "/v1/chat/completions"
NATIVE = "/api/v1/llm-providers/chat"


@pytest.fixture
def own_gateway(tmp_path: Path) -> Iterator[Gateway]:
    """One to stop: answers may go on for a second and a half."""
    with Gateway(tmp_path, LOCAL_ENGINE="0", GRACEFUL_TIMEOUT="3") as gateway:
        yield gateway


def test_a_stopping_server_finishes_what_it_can_ends_the_rest_and_keeps_its_usage(
    own_gateway: Gateway, new_upstream: NewUpstream
) -> None:
    quick, slow = new_upstream(), new_upstream()
    models = {name: f"{own_gateway.add_provider(one)}/hello-1" for name, one in (("quick", quick), ("slow", slow))}
    quick.will(answer_with("one two three four", every_s=0.2, usage=(7, 4)))
    slow.will(answer_with("one two", ending="stall"))

    def begin(name: str, path: str, stream: bool) -> Any:
        body = {"model": models[name], "messages": HELLO, "stream": stream}
        return own_gateway.call(path, body, headers={"X-Request-Id": f"{name}-{path[1:3]}-{stream}"})

    with (
        begin("quick", V1, True) as finishes,
        begin("quick", NATIVE, False) as answers,
        begin("slow", V1, True) as ends_v1,
        begin("slow", NATIVE, True) as ends_native,
        begin("slow", V1, False) as refused,
    ):
        quick.wait_for(3)
        slow.wait_for(4)
        own_gateway.server.send(signal.SIGTERM)

        assert finishes.listen() == Heard("one two three four", [], ["done"], complete=True)
        assert answers.reply().json["data"]["content"] == "one two three four"
        assert not own_gateway.accepts_connections()
        assert ends_v1.listen() == Heard("one two", [], ["draining"], complete=True)
        assert ends_native.listen() == Heard("one two", [], ["draining"], complete=True)
        reply = refused.reply()
        assert (reply.status, reply.json["error"]["code"]) == (503, "draining")

    assert own_gateway.server.ended(3.0) == 0
    outcomes = {name: _row(own_gateway, name) for name in ("quick-v1-True", "quick-ap-False")}
    assert outcomes == dict.fromkeys(outcomes, ("ok", 7, 4, "provider"))
    rest = {name: _row(own_gateway, name) for name in ("slow-v1-True", "slow-ap-True", "slow-v1-False")}
    assert [outcome for outcome, *_ in rest.values()] == ["draining"] * 3
    assert slow.wait_until_left(3)


def _row(gateway: Gateway, request_id: str) -> tuple[Any, ...]:
    (row,) = gateway.rows(request_id)
    return row["outcome"], row["prompt_tokens"], row["completion_tokens"], row["token_source"]


def test_a_killed_engine_ends_its_stream_with_an_error_and_answers_the_next_call(gateway: Gateway) -> None:
    endless = {"model": TOY, "messages": HELLO, "max_tokens": 3500, "ignore_eos": True, "stream": True}

    with gateway.call(V1, endless) as call:
        call.wait_for_text()
        (child,) = gateway.loaded_models()
        os.kill(child.pid, signal.SIGKILL)
        heard = call.listen()
    reply = gateway.ask("POST", V1, {"model": TOY, "messages": HELLO})

    assert (heard.endings, heard.complete) == (["stream_cut"], True)
    assert reply.status == 200
    assert [model.pid for model in gateway.loaded_models()] != [child.pid]
