"""/v1: the whole body of every kind of answer and stream."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import pytest

from tests.api.dialects.conftest import HELLO, REQUEST_ID, Stage, recorded
from tests.api.dialects.v1 import ASK, CHAT, JSON, streamed
from tests.support.replies import (
    answer_with,
    respond,
)

USAGE_CHUNK = b'"choices":[],"usage":{"prompt_tokens":13'


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


def test_groqs_sdk_path_is_the_same(stage: Stage) -> None:
    stage.upstream.will(respond(200, recorded("openai/chat.json"), headers=JSON))

    assert stage.call("/openai/v1/chat/completions", ASK).data == recorded("openai/chat.json")
