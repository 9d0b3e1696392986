"""/v1: the whole body of every kind of answer, stream and error."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import pytest

from tests.api.chat.files import png
from tests.api.dialects.conftest import HELLO, REQUEST_ID, Stage, recorded
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

CHAT = "/v1/chat/completions"
ASK = {"model": "box/hello-1", "messages": HELLO}
SSE = {"Content-Type": "text/event-stream"}
JSON = {"Content-Type": "application/json"}
USAGE_CHUNK = b'"choices":[],"usage":{"prompt_tokens":13'


def streamed(name: str) -> Reply:
    return respond(200, recorded(name), headers=SSE, framing="chunked")


def test_an_answer_is_what_the_provider_said(stage: Stage) -> None:
    stage.upstream.will(respond(200, recorded("openai/chat.json"), headers=JSON))

    reply = stage.call(CHAT, ASK)

    assert (reply.status_code, reply.data) == (200, recorded("openai/chat.json"))
    headers = dict(reply.headers)
    assert float(headers.pop("X-Patchbay-Overhead-Ms")) >= 0
    assert int(headers.pop("X-Patchbay-Config-Version")) > 1
    assert headers == {
        "Content-Type": "application/json",
        "Content-Length": str(len(reply.data)),
        "X-Request-Id": REQUEST_ID,
        "X-Patchbay-Provider": "box",
        "X-Patchbay-Model": "gpt-4o-2024-08-06",
        "X-Patchbay-Attempts": "1",
    }


def test_what_is_asked_of_the_provider(stage: Stage) -> None:
    stage.upstream.will(answer_with("fine"))

    stage.call(CHAT, {**ASK, "temperature": 0.5, "brand_new": {"a": [1]}, "stream": False})

    request = stage.upstream.last
    assert request.json == {"model": "hello-1", "messages": HELLO, "temperature": 0.5, "brand_new": {"a": [1]}}
    assert request.key == "sk-upstream-0123456789"
    assert not {name for name in request.headers if name.startswith(("x-patchbay", "x-request", "cookie"))}


@pytest.mark.parametrize("options", [None, {"include_usage": False}, {}], ids=["none", "without usage", "empty"])
def test_a_stream_without_the_usage_that_nobody_asked_for(options: object, stage: Stage) -> None:
    stage.upstream.will(streamed("openai/chat.sse"))

    reply = stage.call(CHAT, {**ASK, "stream": True, "stream_options": options})

    events = recorded("openai/chat.sse").split(b"\n\n")
    assert reply.data == b"\n\n".join(event for event in events if USAGE_CHUNK not in event)
    assert stage.upstream.last.json["stream_options"] == {"include_usage": True}
    headers = dict(reply.headers)
    assert {name: headers[name] for name in ("Content-Type", "Cache-Control", "X-Accel-Buffering")} == {
        "Content-Type": "text/event-stream; charset=utf-8",
        "Cache-Control": "no-cache",
        "X-Accel-Buffering": "no",
    }
    assert (headers["X-Patchbay-Provider"], headers["X-Patchbay-Attempts"]) == ("box", "1")


def test_a_stream_with_the_usage_that_was_asked_for(stage: Stage) -> None:
    stage.upstream.will(streamed("openai/chat.sse"))

    reply = stage.call(CHAT, {**ASK, "stream": True, "stream_options": {"include_usage": True}})

    assert reply.data == recorded("openai/chat.sse")


def test_events_over_several_lines_become_one_line(stage: Stage) -> None:
    stage.upstream.will(answer_with("hello", data_lines=3, line_end="\r\n"))

    reply = stage.call(CHAT, {**ASK, "stream": True})

    lines = reply.data.decode().split("\n\n")
    assert lines[-2:] == ["data: [DONE]", ""]
    assert all(line.startswith("data: ") and "\n" not in line for line in lines[:-1])
    assert "".join(json.loads(line[6:])["choices"][0]["delta"].get("content", "") for line in lines[:-2]) == "hello"


WHOLE = {
    "id": "c1",
    "object": "chat.completion",
    "created": 1,
    "model": "hello-1",
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "message": {
                "role": "assistant",
                "content": "hm",
                "tool_calls": [{"id": "t", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            },
        }
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
}
CHUNK = {
    "id": "c1",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "hello-1",
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "delta": {
                "role": "assistant",
                "content": "hm",
                "tool_calls": [
                    {"id": "t", "type": "function", "function": {"name": "f", "arguments": "{}"}, "index": 0}
                ],
            },
        }
    ],
}


@pytest.mark.parametrize("usage", [False, True], ids=["without usage", "with usage"])
def test_a_server_that_does_not_stream_is_told_as_a_stream(usage: bool, stage: Stage) -> None:
    stage.upstream.will(respond(200, WHOLE))

    reply = stage.call(CHAT, {**ASK, "stream": True, "stream_options": {"include_usage": usage}})

    *events, done, end = reply.data.decode().split("\n\n")
    frame = {name: CHUNK[name] for name in ("id", "object", "created", "model")}
    last = [{**frame, "choices": [], "usage": WHOLE["usage"]}] if usage else []
    assert [json.loads(event[6:]) for event in events] == [CHUNK, *last]
    assert (done, end) == ("data: [DONE]", "")


def test_a_completion_of_a_server_that_does_not_stream(stage: Stage) -> None:
    choice = {"index": 0, "text": "and so on", "finish_reason": "stop"}
    stage.upstream.will(respond(200, {"id": "c", "object": "text_completion", "model": "hello-1", "choices": [choice]}))

    reply = stage.call("/v1/completions", {"model": "box/hello-1", "prompt": "go", "stream": True})

    first = json.loads(reply.data.decode().split("\n\n")[0][6:])
    assert (first["object"], first["choices"]) == ("text_completion", [choice])


def test_completions_are_relayed(stage: Stage) -> None:
    stage.upstream.will(answer_with("and so on"))

    plain = stage.call("/v1/completions", {"model": "box/hello-1", "prompt": ["go", "on"]})
    flowing = stage.call("/v1/completions", {"model": "box/hello-1", "prompt": "go", "stream": True})

    assert plain.json is not None
    assert (plain.json["object"], plain.json["choices"][0]["text"]) == ("text_completion", "and so on")
    assert flowing.data.endswith(b"data: [DONE]\n\n")
    assert stage.upstream.last.path == "/v1/completions"


# Embeddings

VECTORS = {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -2.0]}], "model": "m"}


def embed(stage: Stage, **fields: Any) -> Any:
    reply = stage.call("/v1/embeddings", {"model": "box/text-embedding-hello", "input": "a", **fields})
    assert reply.status_code == 200, reply.text
    return reply.json


def test_embeddings_are_relayed(stage: Stage) -> None:
    stage.upstream.will(respond(200, VECTORS))

    assert embed(stage, dimensions=2, input=["a"], user="ada") == VECTORS
    assert stage.upstream.last.json == {
        "model": "text-embedding-hello",
        "input": ["a"],
        "dimensions": 2,
        "user": "ada",
    }


@pytest.mark.parametrize("given", ["text", ["a", "b"], [1, 2, 3], [[1, 2], [3]]])
def test_every_form_of_input(given: object, stage: Stage) -> None:
    stage.upstream.will(respond(200, VECTORS))

    embed(stage, input=given)

    assert stage.upstream.last.json["input"] == given


def test_base64_is_made_where_the_server_has_only_numbers(stage: Stage) -> None:
    stage.upstream.will(respond(200, VECTORS))

    [item] = embed(stage, encoding_format="base64")["data"]

    assert struct.unpack("<2f", base64.b64decode(item["embedding"])) == (0.5, -2.0)


def test_base64_of_the_server_is_relayed(stage: Stage) -> None:
    encoded = {**VECTORS, "data": [{"object": "embedding", "index": 0, "embedding": "AAAAPwAAAMA="}]}
    stage.upstream.will(respond(200, encoded))

    assert embed(stage, encoding_format="base64") == encoded


@pytest.mark.parametrize("vector", [[1, "a"], [None], [1e300]])
def test_base64_of_what_is_no_vector(vector: object, stage: Stage) -> None:
    stage.upstream.will(respond(200, {**VECTORS, "data": [{"index": 0, "embedding": vector}]}))

    reply = stage.call(
        "/v1/embeddings", {"model": "box/text-embedding-hello", "input": "a", "encoding_format": "base64"}
    )

    assert reply.json is not None
    assert (reply.status_code, reply.json["error"]["code"]) == (502, "provider_protocol")


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


# Requests that reach nobody: path, body → status, type, code, param

PNG = base64.b64encode(png()).decode()


def picture(url: object) -> list[Any]:
    return [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]


def deep(levels: int) -> bytes:
    return (
        b'{"model":"box/hello-1","messages":[{"role":"user","content":"a"}],"x":' + b"[" * levels + b"]" * levels + b"}"
    )


BAD: list[tuple[str, str, object, int, str, str | None]] = [
    ("no JSON", CHAT, b"{oops", 400, "invalid_json", None),
    ("NaN", CHAT, b'{"model": "box/hello-1", "temperature": NaN}', 400, "invalid_json", None),
    ("not UTF-8", CHAT, b'{"model": "\xff"}', 400, "invalid_json", None),
    ("a list", CHAT, b"[]", 400, "invalid_request", None),
    ("too deep", CHAT, deep(65), 400, "invalid_request", None),
    ("no messages", CHAT, {"model": "box/hello-1"}, 400, "invalid_request", "messages"),
    ("empty messages", CHAT, {**ASK, "messages": []}, 400, "invalid_request", "messages"),
    ("10,001 messages", CHAT, {**ASK, "messages": HELLO * 10_001}, 400, "invalid_request", "messages"),
    ("a word for messages", CHAT, {**ASK, "messages": "hello"}, 400, "invalid_request", "messages"),
    (
        "unknown role",
        CHAT,
        {**ASK, "messages": [{"role": "king", "content": ""}]},
        400,
        "invalid_request",
        "messages[0].role",
    ),
    (
        "content true",
        CHAT,
        {**ASK, "messages": [{"role": "user", "content": True}]},
        400,
        "invalid_request",
        "messages[0].content",
    ),
    (
        "content parts",
        CHAT,
        {**ASK, "messages": [{"role": "user", "content": ["image_url"]}]},
        400,
        "invalid_request",
        "messages[0].content",
    ),
    (
        "bad base64",
        CHAT,
        {**ASK, "messages": picture("data:image/png;base64,%%%")},
        400,
        "invalid_request",
        "messages[0].content[0].image_url",
    ),
    (
        "wrong type",
        CHAT,
        {**ASK, "messages": picture(f"data:image/gif;base64,{PNG}")},
        400,
        "invalid_request",
        "messages[0].content[0].image_url",
    ),
    (
        "another type",
        CHAT,
        {**ASK, "messages": picture(f"data:image/jpeg;base64,{PNG}")},
        400,
        "invalid_request",
        "messages[0].content[0].image_url",
    ),
    (
        "no image",
        CHAT,
        {**ASK, "messages": picture("data:image/png;base64,aGVsbG8=")},
        400,
        "invalid_request",
        "messages[0].content[0].image_url",
    ),
    (
        "a file's url",
        CHAT,
        {**ASK, "messages": picture("file:///etc/passwd")},
        400,
        "invalid_request",
        "messages[0].content[0].image_url",
    ),
    ("no url", CHAT, {**ASK, "messages": picture(None)}, 400, "invalid_request", "messages[0].content[0].image_url"),
    ("temperature false", CHAT, {**ASK, "temperature": False}, 400, "invalid_request", "temperature"),
    ("temperature 3", CHAT, {**ASK, "temperature": 3}, 400, "invalid_request", "temperature"),
    ("stream 1", CHAT, {**ASK, "stream": 1}, 400, "invalid_request", "stream"),
    ("stream yes", CHAT, {**ASK, "stream": "yes"}, 400, "invalid_request", "stream"),
    ("options", CHAT, {**ASK, "stream": True, "stream_options": []}, 400, "invalid_request", "stream_options"),
    *(
        (
            f"usage {value}",
            CHAT,
            {**ASK, "stream": True, "stream_options": {"include_usage": value}},
            400,
            "invalid_request",
            "stream_options.include_usage",
        )
        for value in (5, 1, 0, 1.0, "true")
    ),
    ("model 5", CHAT, {**ASK, "model": 5}, 400, "invalid_request", "model"),
    ("model blank", CHAT, {**ASK, "model": " "}, 400, "invalid_request", "model"),
    ("model long", CHAT, {**ASK, "model": "x" * 301}, 400, "invalid_request", "model"),
    ("a huge number", CHAT, b'{"model": 1e999, "messages": []}', 400, "invalid_request", None),
    ("unknown model", CHAT, {**ASK, "model": "nothing-like-it"}, 404, "model_not_found", "model"),
    ("no model and no default", CHAT, {"messages": HELLO}, 400, "capability_not_supported", "model"),
    (
        "an embedding model",
        CHAT,
        {**ASK, "model": "box/text-embedding-hello"},
        400,
        "capability_not_supported",
        "model",
    ),
    ("no prompt", "/v1/completions", {"model": "box/hello-1"}, 400, "invalid_request", "prompt"),
    ("prompt 5", "/v1/completions", {"model": "box/hello-1", "prompt": 5}, 400, "invalid_request", "prompt"),
    ("no input", "/v1/embeddings", {"model": "box/text-embedding-hello"}, 400, "invalid_request", "input"),
    (
        "empty input",
        "/v1/embeddings",
        {"model": "box/text-embedding-hello", "input": [""]},
        400,
        "invalid_request",
        "input",
    ),
    (
        "mixed input",
        "/v1/embeddings",
        {"model": "box/text-embedding-hello", "input": ["a", 1]},
        400,
        "invalid_request",
        "input",
    ),
    (
        "encoding",
        "/v1/embeddings",
        {"model": "box/text-embedding-hello", "input": "a", "encoding_format": "hex"},
        400,
        "invalid_request",
        "encoding_format",
    ),
]


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "param"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_requests_that_reach_nobody(
    path: str, body: object, status: int, code: str, param: str | None, stage: Stage
) -> None:
    stage.upstream.forget()

    reply = stage.call(path, body)

    assert reply.json is not None
    error = reply.json["error"]
    assert (reply.status_code, error["type"], error["code"]) == (status, "invalid_request_error", code)
    if param is not None:
        assert error["param"] == param
        assert error["message"]
    assert not [request for request in stage.upstream.requests if request.method == "POST"]
    assert reply.headers["X-Request-Id"] == REQUEST_ID


def test_pictures_of_known_types_and_addresses_are_passed_on(stage: Stage) -> None:
    stage.upstream.will(answer_with("a cat"))
    messages = [*picture(f"data:image/png;base64,{PNG}"), *picture("https://example.com/cat.gif")]

    reply = stage.call(CHAT, {**ASK, "messages": messages})

    assert reply.status_code == 200
    assert stage.upstream.last.json["messages"] == messages


@pytest.mark.parametrize(
    ("headers", "status", "kind", "code"),
    [
        ({"Authorization": ""}, 401, "authentication_error", "invalid_api_key"),
        ({"Authorization": "Bearer pb-nothing"}, 401, "authentication_error", "invalid_api_key"),
        ({"Content-Type": "text/plain"}, 415, "invalid_request_error", "not_json"),
    ],
)
def test_requests_of_nobody_and_of_another_type(
    headers: dict[str, str], status: int, kind: str, code: str, stage: Stage
) -> None:
    reply = stage.call(CHAT, b"{}", headers=headers)

    assert reply.json is not None
    assert (reply.status_code, reply.json["error"]["type"], reply.json["error"]["code"]) == (status, kind, code)


def test_groqs_sdk_path_is_the_same(stage: Stage) -> None:
    stage.upstream.will(respond(200, recorded("openai/chat.json"), headers=JSON))

    assert stage.call("/openai/v1/chat/completions", ASK).data == recorded("openai/chat.json")
