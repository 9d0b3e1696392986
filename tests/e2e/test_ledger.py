"""What a finished call leaves in the database within a second, and in the usage figures."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.gateway import TOY, Gateway
from tests.e2e.questions import HELLO
from tests.support.replies import answer_with, openai_error, stall
from tests.support.upstream import Upstream

V1 = "/v1/chat/completions"
NATIVE = "/api/v1/llm-providers/chat"
AT_ONCE = {"retry-after-ms": "1"}


def ask(gateway: Gateway, name: str, path: str, body: dict[str, Any], key: str | None = None) -> Any:
    return gateway.ask("POST", path, body, key=key, headers={"X-Request-Id": name})


def counts(row: dict[str, Any]) -> tuple[int, int, str]:
    return row["prompt_tokens"], row["completion_tokens"], row["token_source"]


@pytest.mark.parametrize("path", [V1, NATIVE])
@pytest.mark.parametrize("stream", [False, True])
def test_a_call_is_recorded_with_the_providers_own_count(
    gateway: Gateway, upstream: Upstream, model: str, path: str, stream: bool
) -> None:
    upstream.will(answer_with("hello there", usage=(11, 7), model="hello-1-2026"))
    name = f"counted-{path[1:3]}-{stream}"

    ask(gateway, name, path, {"model": model, "messages": HELLO, "stream": stream})

    (row,) = gateway.rows(name)
    assert counts(row) == (11, 7, "provider")
    assert (row["face"], row["task"], bool(row["streamed"])) == ("v1" if path == V1 else "native", "chat", stream)
    assert (row["provider"], row["model_asked"], row["model"]) == (model.partition("/")[0], model, "hello-1-2026")
    assert (row["attempt"], row["outcome"]) == (1, "ok")
    assert 0 < row["first_token_ms"] <= row["total_ms"] < 5000
    assert 0 < row["overhead_ms"] < 1000


def test_tokens_that_nobody_counted_are_estimated(gateway: Gateway, upstream: Upstream, model: str) -> None:
    upstream.will(answer_with("hello there, this is an answer", usage=None))

    ask(gateway, "estimated", V1, {"model": model, "messages": HELLO, "stream": True})

    prompt, completion, source = counts(gateway.rows("estimated")[0])
    assert source == "estimated"
    assert prompt >= 1
    assert 4 <= completion <= 12


def test_embeddings_count_their_input(gateway: Gateway, upstream: Upstream, model: str) -> None:
    embedder = model.replace("hello-1", "text-embedding-hello")
    upstream.will(answer_with("", usage=(9, 0)))

    ask(gateway, "embedded", "/v1/embeddings", {"model": embedder, "input": "hello"})

    (row,) = gateway.rows("embedded")
    assert (row["task"], *counts(row)) == ("embedding", 9, 0, "provider")


def test_the_real_engines_count_is_the_answers(gateway: Gateway) -> None:
    answer = ask(gateway, "real", V1, {"model": TOY, "messages": HELLO}).json

    (row,) = gateway.rows("real")
    assert counts(row) == (answer["usage"]["prompt_tokens"], answer["usage"]["completion_tokens"], "provider")


def test_every_attempt_has_a_row(gateway: Gateway, upstream: Upstream, model: str) -> None:
    upstream.will(openai_error(500, headers=AT_ONCE), openai_error(429, headers=AT_ONCE), answer_with("hello there"))

    ask(gateway, "three", V1, {"model": model, "messages": HELLO})

    rows = gateway.rows("three", 3)
    assert [(row["attempt"], row["outcome"], *counts(row)) for row in rows] == [
        (1, "provider_error", 0, 0, "absent"),
        (2, "provider_rate_limited", 0, 0, "absent"),
        (3, "ok", 3, 2, "provider"),
    ]


@pytest.mark.parametrize("begun", [False, True])
def test_a_client_that_left_is_recorded_with_what_it_got(
    gateway: Gateway, upstream: Upstream, model: str, begun: bool
) -> None:
    upstream.will(answer_with("hello there", ending="stall") if begun else stall())
    name = f"left-{begun}"

    with gateway.call(V1, {"model": model, "messages": HELLO, "stream": True}, headers={"X-Request-Id": name}) as call:
        if begun:
            call.wait_for_text()
        else:
            upstream.wait_for(2)
        call.leave()

    (row,) = gateway.rows(name)
    assert row["outcome"] == "client_left"
    assert (row["token_source"], row["completion_tokens"] > 0) == (("estimated", True) if begun else ("absent", False))


def test_a_cut_stream_is_recorded_as_one(gateway: Gateway, upstream: Upstream, model: str) -> None:
    upstream.will(answer_with("hello there", ending="mid_event"))

    ask(gateway, "cut", V1, {"model": model, "messages": HELLO, "stream": True})

    (row,) = gateway.rows("cut")
    assert (row["outcome"], row["token_source"], row["attempt"]) == ("stream_cut", "estimated", 1)


def test_a_request_that_reached_no_provider_is_recorded_with_its_reason(gateway: Gateway) -> None:
    ask(gateway, "lost", V1, {"model": "no-such-model", "messages": HELLO})

    (row,) = gateway.rows("lost")
    assert (row["attempt"], row["provider"], row["model_asked"]) == (0, "", "no-such-model")
    assert (row["outcome"], *counts(row)) == ("model_not_found", 0, 0, "absent")


def test_the_figures_of_a_key_are_the_sum_of_its_calls(gateway: Gateway, upstream: Upstream, model: str) -> None:
    made = gateway.admin("POST", "/api/v1/api-keys", {"name": "counted"})
    upstream.will(answer_with("hello there", usage=(10, 4)))
    for stream in (False, True):
        ask(gateway, f"sum-{stream}", V1, {"model": model, "messages": HELLO, "stream": stream}, made["key"])
    upstream.will(openai_error(400))
    ask(gateway, "sum-refused", V1, {"model": model, "messages": HELLO}, made["key"])
    gateway.rows("sum-refused")

    figures = gateway.admin("GET", f"/api/v1/usage/summary?key={made['id']}&group_by=model")
    listed = gateway.admin("GET", f"/api/v1/usage/requests?key={made['id']}")["items"]

    assert (figures["requests"], figures["attempts"], figures["errors"]) == (3, 3, 1)
    assert (figures["prompt_tokens"], figures["completion_tokens"], figures["total_tokens"]) == (20, 8, 28)
    assert figures["outcomes"] == {"ok": 2, "invalid_request": 1}
    assert [row["request_id"] for row in listed] == ["sum-refused", "sum-True", "sum-False"]
