"""A hot route's short cut and Flask's own view of it say the same, byte for byte."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from app.api.edge import Edge
from tests.api.dialects.conftest import HELLO, Stage, recorded, steady
from tests.support.replies import Reply, answer_with, openai_error, rate_limited, respond, web_page

ASK = {"model": "box/hello-1", "messages": HELLO}
SSE = {"Content-Type": "text/event-stream"}
CHATS = ("/v1/chat/completions", "/openai/v1/chat/completions", "/api/v1/llm-providers/chat")
COMPLETIONS = ("/v1/completions", "/openai/v1/completions", "/api/v1/llm-providers/completions")
EMBEDDINGS = ("/v1/embeddings", "/openai/v1/embeddings", "/api/v1/llm-providers/embeddings")


@pytest.fixture(scope="module")
def long_way(stage: Stage) -> Client:
    """The same application, with a WSGI edge that knows no short cuts."""
    edge = stage.door.app.wsgi_app
    assert isinstance(edge, Edge)
    plain = copy.copy(edge)
    plain._hot = {}  # The switch under test has no other handle.
    return Client(plain)


def seen(reply: TestResponse) -> tuple[int, list[tuple[str, str]], str]:
    headers = sorted((name.lower(), value) for name, value in reply.headers if name != "X-Patchbay-Overhead-Ms")
    assert ("X-Patchbay-Overhead-Ms" in reply.headers) == ("X-Patchbay-Provider" in reply.headers)
    # The times in a body have a length of their own.
    return reply.status_code, [one for one in headers if one[0] != "content-length"], steady(reply.text)


def same(stage: Stage, long_way: Client, path: str, body: object, headers: dict[str, str] | None = None) -> int:
    short = stage.call(path, body, headers=headers)
    long = stage.call(path, body, headers=headers, client=long_way)

    assert seen(short) == seen(long)
    for reply in (short, long):
        if reply.content_type == "application/json":
            assert int(reply.headers["Content-Length"]) == len(reply.data)
    return short.status_code


REPLIES: dict[str, Reply] = {
    "an answer": respond(200, recorded("openai/chat.json"), headers={"Content-Type": "application/json"}),
    "a stream": respond(200, recorded("openai/chat.sse"), headers=SSE, framing="chunked"),
    "a cut stream": respond(200, recorded("openai/chat.sse")[:700], headers=SSE, framing="chunked"),
    "reasoning and tools": respond(200, recorded("groq/chat.sse"), headers=SSE, framing="chunked"),
    "an error event": respond(200, recorded("groq/chat-error.sse"), headers=SSE, framing="chunked"),
    "a refusal": openai_error(400, "No.", code="odd", param="x"),
    "a limit": rate_limited(3600),
    "a failure": openai_error(500, "Oh.", headers={"Retry-After": "3600"}),
    "a page": web_page(),
}


@pytest.mark.parametrize("path", CHATS)
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_chats(path: str, stream: bool, reply: Reply, stage: Stage, long_way: Client) -> None:
    stage.upstream.will(reply)

    same(stage, long_way, path, {**ASK, "stream": stream, "max_tokens": 1, "max_completion_tokens": 2})


@pytest.mark.parametrize("path", COMPLETIONS)
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_completions(path: str, stream: bool, stage: Stage, long_way: Client) -> None:
    choice = {"index": 0, "text": "and so on", "finish_reason": "stop"}
    stage.upstream.will(respond(200, {"object": "text_completion", "created": 1, "choices": [choice]}))

    assert same(stage, long_way, path, {"model": "box/hello-1", "prompt": "go", "stream": stream}) == 200


@pytest.mark.parametrize("path", EMBEDDINGS)
def test_embeddings(path: str, stage: Stage, long_way: Client) -> None:
    stage.upstream.will(answer_with("no matter"))

    assert same(stage, long_way, path, {"model": "box/text-embedding-hello", "input": ["a", "b"]}) == 200


BAD: dict[str, tuple[object, dict[str, str], int]] = {
    "no credentials": (ASK, {"Authorization": ""}, 401),
    "a wrong key": (ASK, {"Authorization": "Bearer pb-nothing"}, 401),
    "another type": (b"{}", {"Content-Type": "text/plain"}, 415),
    "no JSON": (b"{oops", {}, 400),
    "nothing": (b"", {}, 400),
    "a list": ([], {}, 400),
    "an empty object": ({}, {}, 400),
    "too deep": (b'{"a":' * 70 + b"1" + b"}" * 70, {}, 400),
    "too large": (b'{"a":"' + b"x" * (16 * 1024 * 1024) + b'"}', {}, 413),
    "unknown model": ({**ASK, "model": "nope-nope", "prompt": "a", "input": "a"}, {}, 404),
    "strict": (
        {**ASK, "max_tokens": 1, "max_completion_tokens": 2, "prompt": "a", "input": "", "echo": 1},
        {"X-Patchbay-Strict": "1"},
        400,
    ),
    "an odd request id": ([], {"X-Request-Id": "a" * 128}, 400),
}


@pytest.mark.parametrize("path", [*CHATS, *COMPLETIONS, *EMBEDDINGS])
@pytest.mark.parametrize(("body", "headers", "status"), BAD.values(), ids=BAD)
def test_what_is_refused(
    path: str, body: object, headers: dict[str, str], status: int, stage: Stage, long_way: Client
) -> None:
    if path.endswith("embeddings") and isinstance(body, dict) and body.get("model") == "nope-nope":
        body = {"model": "nope-nope", "input": "a"}

    assert same(stage, long_way, path, body, headers) == status


@pytest.mark.parametrize("path", [CHATS[0], CHATS[2]])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_other_methods(path: str, method: str, stage: Stage, long_way: Client) -> None:
    def ask(client: Any) -> TestResponse:
        reply: TestResponse = client.open(
            path, method=method, headers={"Authorization": f"Bearer {stage.key}", "X-Request-Id": "r"}
        )
        return reply

    assert seen(ask(stage.client)) == seen(ask(long_way))
