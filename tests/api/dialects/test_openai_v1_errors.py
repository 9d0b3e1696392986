"""/v1: what a client hears when the provider fails, before and in the middle of an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.dialects.conftest import Stage
from tests.api.dialects.v1 import ASK, CHAT, SSE
from tests.support.replies import (
    Reply,
    answer_with,
    call_tool,
    groq_tokens_per_minute,
    hang_up,
    key_refused,
    openai_error,
    out_of_quota,
    rate_limited,
    respond,
    web_page,
)

# Errors of the provider: reply → status, type, code, message, further headers

PROVIDER_ERRORS: list[tuple[str, Reply, int, str, str, str, dict[str, str]]] = [
    ("400", openai_error(400, "No.", code="odd", param="x"), 400, "invalid_request_error", "odd", "No.", {}),
    ("404", openai_error(404, "No."), 404, "invalid_request_error", "invalid_request_error", "No.", {}),
    ("404 page", web_page(404), 404, "invalid_request_error", "model_not_found", "Box answered with status 404.", {}),
    ("413", openai_error(413, "Big."), 413, "invalid_request_error", "invalid_request_error", "Big.", {}),
    ("422", openai_error(422, "No."), 422, "invalid_request_error", "invalid_request_error", "No.", {}),
    (
        "context",
        openai_error(400, "Long.", code="context_length_exceeded"),
        400,
        "invalid_request_error",
        "context_length_exceeded",
        "Long.",
        {},
    ),
    (
        "401",
        key_refused(),
        502,
        "api_error",
        "provider_auth_failed",
        "Box refused the gateway's key. An administrator can replace it.",
        {},
    ),
    (
        "429",
        rate_limited(3600),
        429,
        "rate_limit_error",
        "rate_limit_exceeded",
        "Rate limit reached",
        {"Retry-After": "3600"},
    ),
    (
        "Groq's 413",
        groq_tokens_per_minute(),
        429,
        "rate_limit_error",
        "rate_limit_exceeded",
        "Request too large: Limit 8000, Requested 12328",
        {"Retry-After": "60"},
    ),
    (
        "quota",
        out_of_quota(),
        429,
        "rate_limit_error",
        "insufficient_quota",
        "You exceeded your current quota",
        {"Retry-After": "60"},
    ),
    ("402", openai_error(402, "Pay."), 429, "rate_limit_error", "provider_quota", "Pay.", {"Retry-After": "60"}),
    ("page", web_page(), 502, "api_error", "provider_protocol", "Box sent something that can't be read.", {}),
    ("418", openai_error(418, "Tea."), 502, "api_error", "provider_protocol", "Box: Tea.", {}),
    (
        "500",
        openai_error(500, "Oh.", headers={"Retry-After": "3600"}),
        502,
        "api_error",
        "provider_error",
        "Box: Oh.",
        {"Retry-After": "3600"},
    ),
]


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize(
    ("reply", "status", "kind", "code", "message", "headers"),
    [case[1:] for case in PROVIDER_ERRORS],
    ids=[case[0] for case in PROVIDER_ERRORS],
)
def test_errors_of_the_provider(
    stream: bool, reply: Reply, status: int, kind: str, code: str, message: str, headers: dict[str, str], stage: Stage
) -> None:
    stage.upstream.will(reply)

    answer = stage.call(CHAT, {**ASK, "stream": stream})

    param = "x" if code == "odd" else None
    assert (answer.status_code, answer.json) == (
        status,
        {"error": {"message": message, "type": kind, "param": param, "code": code}},
    )
    wanted = {"X-Patchbay-Provider": "box", "X-Patchbay-Model": "hello-1", "X-Patchbay-Attempts": "1", **headers}
    assert {name: answer.headers.get(name) for name in wanted} == wanted
    assert "X-Patchbay-Overhead-Ms" in answer.headers
    assert answer.headers["Content-Type"] == "application/json"


def test_a_failure_that_is_tried_again_says_how_often(stage: Stage) -> None:
    stage.upstream.will(openai_error(503, "Busy.", headers={"retry-after-ms": "10"}))

    answer = stage.call(CHAT, ASK)

    assert (answer.status_code, answer.headers["X-Patchbay-Attempts"]) == (502, "3")


def test_no_answer_at_all(stage: Stage) -> None:
    stage.upstream.will(hang_up(), hang_up(), answer_with("at last"))

    answer = stage.call(CHAT, ASK)

    # A connection that was kept from before is replaced unseen, without counting as an attempt.
    assert (answer.status_code, answer.headers["X-Patchbay-Attempts"] in ("2", "3")) == (200, True)


@pytest.mark.parametrize(
    "ending",
    ["close", "mid_event", "garbage", "error_event", "error_data", "error_then_done", "error_chunk", "error_string"],
)
def test_a_stream_that_breaks_ends_in_one_error_and_no_end_mark(ending: Any, stage: Stage) -> None:
    stage.upstream.will(answer_with("one two three", ending=ending, ending_after=2))

    reply = stage.call(CHAT, {**ASK, "stream": True})

    *events, last, end = reply.data.decode().split("\n\n")
    error = json.loads(last[6:])["error"]
    said = "".join(json.loads(event[6:])["choices"][0]["delta"].get("content", "") for event in events)
    assert (reply.status_code, said, end) == (200, "one two", "")
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] in ("stream_cut", "provider_protocol", "provider_error", "tool_use_failed")
    assert b"[DONE]" not in reply.data


def test_an_empty_finish_reason_completes_no_stream(stage: Stage) -> None:
    """Some servers send it with every chunk until the last one."""
    chunk = {"choices": [{"index": 0, "delta": {"content": "one "}, "finish_reason": ""}]}
    stage.upstream.will(respond(200, f"data: {json.dumps(chunk)}\n\n", headers=SSE))

    reply = stage.call(CHAT, {**ASK, "stream": True})

    assert json.loads(reply.data.decode().split("\n\n")[1][6:])["error"]["code"] == "stream_cut"


def test_tool_calls_and_dropped_parameters_of_a_stream(stage: Stage) -> None:
    stage.upstream.will(call_tool("weather", {"city": "Oslo"}))
    stage.door.parts.state.refresh()

    reply = stage.call(CHAT, {**ASK, "stream": True, "max_tokens": 5, "max_completion_tokens": 6})

    assert reply.headers["X-Patchbay-Dropped"] == "max_completion_tokens"
    assert b'"tool_calls"' in reply.data
    assert stage.upstream.last.json["max_tokens"] == 5


def test_a_strict_request_with_a_parameter_that_would_be_dropped(stage: Stage) -> None:
    reply = stage.call(
        CHAT, {**ASK, "max_tokens": 5, "max_completion_tokens": 6}, headers={"X-Patchbay-Strict": "true"}
    )

    assert (reply.status_code, reply.json) == (
        400,
        {
            "error": {
                "message": "max_completion_tokens is not supported by this model.",
                "type": "invalid_request_error",
                "param": "max_completion_tokens",
                "code": "parameter_not_supported",
            }
        },
    )
