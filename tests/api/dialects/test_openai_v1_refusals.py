"""/v1: requests that reach no provider, and pictures that do."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.api.chat.files import png
from tests.api.dialects.conftest import HELLO, REQUEST_ID, Stage
from tests.api.dialects.v1 import ASK, CHAT
from tests.support.replies import (
    answer_with,
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
