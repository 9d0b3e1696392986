"""Whatever is wrong with what a model is asked: a clear error that names field and bounds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.bad_input import (
    HELLO,
    INVALID,
    JSON,
    PNG,
    Place,
    named,
)
from tests.api.callers import failure

CHATS = ["/v1/chat/completions", "/openai/v1/chat/completions", "/api/v1/llm-providers/chat"]
COMPLETIONS = ["/v1/completions", "/api/v1/llm-providers/completions"]
EMBEDDINGS = ["/v1/embeddings", "/api/v1/llm-providers/embeddings"]

# What is wrong → the field, and words of the message.
CHAT_FIELDS: list[tuple[dict[str, Any], str, str]] = [
    ({"temperature": False}, "temperature", "must be a number"),
    ({"temperature": "1"}, "temperature", "must be a number"),
    ({"temperature": 2.1}, "temperature", "at most 2"),
    ({"temperature": -1}, "temperature", "at least 0"),
    ({"temperature": [1]}, "temperature", "must be a number"),
    ({"max_tokens": "5"}, "max_tokens", "must be a whole number"),
    ({"max_tokens": 1.5}, "max_tokens", "must be a whole number"),
    ({"max_tokens": 0}, "max_tokens", "at least 1"),
    ({"max_tokens": True}, "max_tokens", "must be a whole number"),
    ({"top_p": 1.5}, "top_p", "at most 1"),
    ({"n": 129}, "n", "at most 128"),
    ({"stop": 5}, "stop", "must be a string or an array of strings"),
    ({"seed": "x"}, "seed", "must be a whole number"),
    ({"presence_penalty": 3}, "presence_penalty", "at most 2"),
    ({"tools": {}}, "tools", "must be an array"),
    ({"tools": [{}] * 129}, "tools", "at most 128"),
    ({"response_format": "json"}, "response_format", "must be an object"),
    ({"logprobs": 1}, "logprobs", "must be true or false"),
    ({"stream": "yes"}, "stream", "must be true or false"),
    ({"stream": 1}, "stream", "must be true or false"),
    ({"model": 5}, "model", "string of 1 to 300 characters"),
    ({"model": ""}, "model", "string of 1 to 300 characters"),
    ({"model": "x" * 301}, "model", "string of 1 to 300 characters"),
    ({"messages": None}, "messages", "array"),
    ({"messages": "hello"}, "messages", "array"),
    ({"messages": []}, "messages", "1 to 10000 entries"),
    ({"messages": HELLO * 10_001}, "messages", "1 to 10000 entries, not 10001"),
    ({"messages": ["hello"]}, "messages", "objects"),
    ({"messages": [{"content": "hello"}]}, "messages", "role"),
    ({"messages": [{"role": "boss", "content": "hello"}]}, "messages[0].role", "one of assistant, developer"),
    ({"messages": [*HELLO, {"role": "user", "content": 5}]}, "messages[1].content", "must be a string"),
    ({"messages": [{"role": "user", "content": {"text": "x"}}]}, "messages[0].content", "must be a string"),
]


@pytest.mark.parametrize("path", CHATS)
def test_a_wrong_field_of_a_chat_is_named_with_its_bounds(place: Place, path: str) -> None:
    before = place.rows()
    for fields, field, words in CHAT_FIELDS:
        reply = place.admin.post(path, {"model": "shared/hello-1", "messages": HELLO, **fields})

        assert (fields, failure(reply), named(reply)) == (fields, INVALID, field)
        assert words in reply.json["error"]["message"]  # type: ignore[index]
    assert place.rows() == before
    assert [one for one in place.upstream.requests if one.method == "POST"] == []


NUMBERS = ["1e400", "-1e400", "9" * 400]


@pytest.mark.parametrize("path", CHATS)
@pytest.mark.parametrize("number", NUMBERS, ids=["large", "small", "long"])
def test_a_number_beyond_all_bounds_is_refused(place: Place, path: str, number: str) -> None:
    field: str
    for field in ("temperature", "max_tokens", "top_p", "n", "seed", "stream", "model", "stop", "messages"):
        fields = {"model": "shared/hello-1", "messages": HELLO, field: 0}
        body = json.dumps(fields).replace(f'"{field}": 0', f'"{field}": {number}')

        reply = place.admin.ask("POST", path, data=body.encode(), content_type=JSON)

        assert (field, reply.status_code) == (field, 400)
    assert [one for one in place.upstream.requests if one.method == "POST"] == []


@pytest.mark.parametrize("path", COMPLETIONS)
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        *[({}, "prompt"), ({"prompt": 5}, "prompt"), ({"prompt": None}, "prompt"), ({"prompt": {}}, "prompt")],
        *[({"prompt": "x", "temperature": False}, "temperature"), ({"prompt": "x", "max_tokens": "5"}, "max_tokens")],
    ],
)
def test_a_wrong_field_of_a_completion_is_named(place: Place, path: str, fields: dict[str, Any], field: str) -> None:
    reply = place.admin.post(path, {"model": "shared/hello-1", **fields})

    assert (failure(reply), named(reply)) == (INVALID, field)


NO_TEXTS: list[Any] = [5, None, "", [], [""], [True], {}, ["x", 1], [[]]]


@pytest.mark.parametrize("path", EMBEDDINGS)
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "input"),
        *(({"input": one}, "input") for one in NO_TEXTS),
        *[({"input": "x", "dimensions": 0}, "dimensions"), ({"input": "x", "dimensions": "5"}, "dimensions")],
    ],
)
def test_a_wrong_field_of_an_embedding_is_named(place: Place, path: str, fields: dict[str, Any], field: str) -> None:
    reply = place.admin.post(path, {"model": "shared/text-embedding-hello", **fields})

    assert (failure(reply), named(reply)) == (INVALID, field)


NATIVE_IMAGES: list[tuple[Any, str, str]] = [
    ("x", "images", "must be an array"),
    (["x"], "images[0]", "must be an object"),
    ([{"mime_type": "image/png"}], "images[0].data_base64", "is required"),
    ([{"data_base64": PNG}], "images[0].mime_type", "is required"),
    ([{"data_base64": "not base64!", "mime_type": "image/png"}], "images[0].data_base64", "not valid base64"),
    ([{"data_base64": PNG[:-3], "mime_type": "image/png"}], "images[0].data_base64", "not valid base64"),
    ([{"data_base64": PNG, "mime_type": "image/gif"}], "images[0].mime_type", "one of image/jpeg, image/png"),
    ([{"data_base64": PNG, "mime_type": "image/jpeg"}], "images[0].data_base64", "is image/png, not image/jpeg"),
    ([{"data_base64": "aGVsbG8=", "mime_type": "image/png"}], "images[0].data_base64", "not a JPEG, PNG or WebP"),
]


def test_a_wrong_image_is_named(place: Place) -> None:
    for images, field, words in NATIVE_IMAGES:
        body = {"messages": [{"role": "user", "content": "what is it?", "images": images}]}
        reply = place.admin.post("/api/v1/llm-providers/chat", body)

        assert (images, failure(reply), named(reply)) == (images, INVALID, f"messages[0].{field}")
        assert words in reply.json["error"]["message"]  # type: ignore[index]


@pytest.mark.parametrize("path", CHATS)
@pytest.mark.parametrize(
    ("image", "words"),
    [
        ({"url": f"data:image/png;base64,{PNG[:-3]}"}, "not valid base64"),
        ({"url": f"data:image/tiff;base64,{PNG}"}, "must be one of"),
        ({"url": f"data:image/webp;base64,{PNG}"}, "is image/png, not image/webp"),
        ({"url": "data:image/png,plain"}, "data URL with base64"),
        ({"url": "file:///etc/passwd"}, "http(s) address or a data URL"),
        ({"url": ""}, "must have a url"),
        ({}, "must have a url"),
        (None, "must have a url"),
    ],
)
def test_a_wrong_image_part_is_named(place: Place, path: str, image: Any, words: str) -> None:
    parts = [{"type": "text", "text": "what is it?"}, {"type": "image_url", "image_url": image}]

    reply = place.admin.post(path, {"messages": [{"role": "user", "content": parts}]})

    assert (failure(reply), named(reply)) == (INVALID, "messages[0].content[1].image_url")
    assert words in reply.json["error"]["message"]  # type: ignore[index]


@pytest.mark.parametrize("path", CHATS)
def test_an_unknown_model_comes_with_near_ones(place: Place, path: str) -> None:
    reply = place.admin.post(path, {"model": "helo-1", "messages": HELLO})

    assert failure(reply) == (404, "model_not_found")
    message = reply.json["error"]["message"]  # type: ignore[index]
    assert "helo-1" in message
    assert "shared/hello-1" in message
    assert [one for one in place.upstream.requests if one.method == "POST"] == []


@pytest.mark.parametrize("model", ["nothing\0", "x" * 300, "ünïcode/模型", "../../etc", "shared", "/", "none/x"])
@pytest.mark.parametrize("face", ["/v1/models", "/api/v1/llm-providers/models"])
def test_an_odd_name_of_a_model_is_not_found(place: Place, face: str, model: str) -> None:
    listed = place.admin.get(f"{face}/{model.replace(chr(0), '%00')}")
    called = place.admin.post("/v1/chat/completions", {"model": model, "messages": HELLO})

    assert listed.status_code in (404, 308)
    assert failure(called) == (404, "model_not_found")
