"""What a client reads when a provider's stream goes well, ends badly, or takes its time."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.e2e.call import Heard
from tests.e2e.conftest import Provide
from tests.e2e.gateway import Gateway
from tests.e2e.questions import HELLO
from tests.support.replies import answer_with, call_tool, key_refused, openai_error, respond, stall, truncated
from tests.support.upstream import Upstream

V1 = "/v1/chat/completions"
NATIVE = "/api/v1/llm-providers/chat"
BOTH = pytest.mark.parametrize("path", [V1, NATIVE])


def streamed(model: str, **fields: Any) -> dict[str, Any]:
    return {"model": model, "messages": HELLO, "stream": True, **fields}


@BOTH
@pytest.mark.parametrize("ending", ["done", "no_done"])
def test_a_complete_stream_has_one_terminal_marker(
    gateway: Gateway, upstream: Upstream, model: str, path: str, ending: str
) -> None:
    upstream.will(answer_with("hello there", ending=ending))

    with gateway.call(path, streamed(model)) as call:
        heard = call.listen()

    assert heard == Heard("hello there", [], ["done"], complete=True)


@BOTH
@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("close", "stream_cut"),
        ("mid_event", "stream_cut"),
        ("reset", "stream_cut"),
        ("garbage", "provider_protocol"),
        ("error_event", "provider_error"),
        ("error_data", "provider_error"),
        ("error_then_done", "provider_error"),
        ("error_chunk", "provider_error"),
        ("error_string", "provider_error"),
    ],
)
def test_a_stream_that_breaks_keeps_its_text_and_ends_in_one_error_event(
    gateway: Gateway, upstream: Upstream, model: str, path: str, ending: str, code: str
) -> None:
    upstream.will(answer_with(["hello", " there"], ending=ending, every_s=0.05))

    with gateway.call(path, streamed(model)) as call:
        heard = call.listen()

    assert call.response.status == 200
    assert heard == Heard("hello there", [], [code], complete=True)


@BOTH
def test_text_that_comes_in_one_piece_with_the_error_is_kept(
    gateway: Gateway, upstream: Upstream, model: str, path: str
) -> None:
    chunk = b'data: {"id": "1", "choices": [{"index": 0, "delta": {"content": "%s"}}]}\n\n'
    first = chunk % b"hello"
    rest = chunk % b" there" + b'data: {"error": {"message": "broken", "code": 500}}\n\n'
    first = b":" + b" " * (len(rest) - len(first) - 3) + b"\n\n" + first
    events = {"Content-Type": "text/event-stream"}
    upstream.will(
        respond(200, first + rest, headers=events, framing="chunked", piece_bytes=len(rest), piece_every_s=0.1)
    )

    with gateway.call(path, streamed(model)) as call:
        heard = call.listen()

    assert heard == Heard("hello there", [], ["provider_error"], complete=True)


@BOTH
def test_a_stream_that_stalls_ends_in_one_error_event_after_the_providers_idle_time(
    gateway: Gateway, upstream: Upstream, provide: Provide, path: str
) -> None:
    model = f"{provide(upstream, idle_timeout=0.5)}/hello-1"
    upstream.will(answer_with("hello there", ending="stall"))

    with gateway.call(path, streamed(model)) as call:
        assert call.response.status == 200
        started = time.monotonic()
        heard = call.listen()

    assert heard == Heard("hello there", [], ["provider_timeout"], complete=True)
    assert 0.3 < time.monotonic() - started < 2.0


@BOTH
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        (answer_with("hello", ending="garbage", ending_after=0), 502, "provider_protocol"),
        (answer_with("hello", ending="error_chunk", ending_after=0), 502, "provider_error"),
        (openai_error(400, code="bad_stop"), 400, "bad_stop"),
        (key_refused(), 502, "provider_auth_failed"),
        (respond(200, "<html>hello</html>", headers={"Content-Type": "text/html"}), 502, "provider_protocol"),
        (truncated({"choices": []}), 502, "stream_cut"),
    ],
    ids=lambda value: str(value) if isinstance(value, (int, str)) else "",
)
def test_a_failure_before_the_first_content_is_a_real_status(
    gateway: Gateway,
    upstream: Upstream,
    model: str,
    path: str,
    stream: bool,
    reply: Any,
    status: int,
    code: str,
) -> None:
    upstream.will(reply)

    answer = gateway.ask("POST", path, {"model": model, "messages": HELLO, "stream": stream})

    native = "invalid_request" if code == "bad_stop" else code
    assert (answer.status, answer.json["error"]["code"]) == (status, code if path == V1 else native)
    assert answer.headers["content-type"] == "application/json"


@BOTH
def test_a_model_that_takes_too_long_for_its_first_token_is_504(
    gateway: Gateway, upstream: Upstream, provide: Provide, path: str
) -> None:
    model = f"{provide(upstream, first_token_timeout=0.5)}/hello-1"
    upstream.will(answer_with("hello", first_after_s=30.0))

    answer = gateway.ask("POST", path, streamed(model))

    assert (answer.status, answer.json["error"]["code"]) == (504, "provider_timeout")
    upstream.wait_until_left(within_s=1.0)


def test_a_silence_of_ten_seconds_starts_the_stream_and_its_heartbeats(
    gateway: Gateway, upstream: Upstream, model: str
) -> None:
    upstream.will(answer_with("hello there", first_after_s=10.6, every_s=0.1))
    started = time.monotonic()

    with gateway.call(V1, streamed(model)) as call:
        status, headers = call.response.status, dict(call.response.getheaders())
        headers_after_s = time.monotonic() - started
        heard = call.listen()

    assert (status, headers["X-Patchbay-Provider"]) == (200, model.partition("/")[0])
    assert 9.5 < headers_after_s < 10.5
    assert heard == Heard("hello there", [": keep-alive"], ["done"], complete=True)


@pytest.mark.parametrize(
    "sign_of_life",
    [b": still busy\n\n", b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n'],
    ids=["comments", "chunks without content"],
)
def test_signs_of_life_that_a_client_does_not_see_are_a_silence_too(
    gateway: Gateway, upstream: Upstream, model: str, sign_of_life: bytes
) -> None:
    headers = {"Content-Type": "text/event-stream"}
    upstream.will(
        respond(
            200, sign_of_life * 30, headers=headers, framing="chunked", piece_bytes=len(sign_of_life), piece_every_s=0.9
        )
    )
    started = time.monotonic()

    with gateway.call(V1, streamed(model)) as call:
        first = next(call.lines())
        first_after_s = time.monotonic() - started

    assert first == ": keep-alive"
    assert 9.5 < first_after_s < 11.5


def test_a_failure_after_the_headers_left_is_an_error_event(
    gateway: Gateway, upstream: Upstream, provide: Provide
) -> None:
    model = f"{provide(upstream, first_token_timeout=10.4)}/hello-1"
    upstream.will(stall())

    with gateway.call(NATIVE, streamed(model)) as call:
        status = call.response.status
        heard = call.listen()

    assert status == 200
    assert heard == Heard("", [": keep-alive"], ["provider_timeout"], complete=True)


def test_a_tool_call_is_content_that_starts_the_stream(gateway: Gateway, upstream: Upstream, model: str) -> None:
    upstream.will(call_tool("get_weather", {"city": "Paris"}))

    with gateway.call(NATIVE, streamed(model)) as call:
        lines = [line for line in call.lines() if line.startswith("event: ")]

    names = [line.removeprefix("event: ") for line in lines]
    assert names == ["start", "tool_call", "tool_call", "tool_call", "usage", "done"]


def test_usage_is_asked_of_the_provider_and_left_out_again_unless_the_client_asked(
    gateway: Gateway, upstream: Upstream, model: str
) -> None:
    upstream.will(answer_with("hello there", usage=(5, 2)))

    with gateway.call(V1, streamed(model)) as call:
        without = "".join(call.lines())
    asked = upstream.last.json["stream_options"]
    with gateway.call(V1, streamed(model, stream_options={"include_usage": True})) as call:
        counted = "".join(call.lines())

    assert asked == {"include_usage": True}
    assert '"usage"' not in without
    assert counted.count('"usage"') == 1
