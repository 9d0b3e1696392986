"""The native model calls: the whole body of every kind of answer, stream and error."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.api.chat.files import jpeg, png, webp
from tests.api.dialects.conftest import HELLO, REQUEST_ID, Stage, steady
from tests.support.replies import (
    Reply,
    ToolCall,
    answer_with,
    groq_tokens_per_minute,
    key_refused,
    openai_error,
    out_of_quota,
    rate_limited,
    respond,
    web_page,
)

PREFIX = "/api/v1/llm-providers"
CHAT = f"{PREFIX}/chat"
ASK = {"model": "box/hello-1", "messages": HELLO}
CHAT_SSE = Path(__file__).parents[2] / "fixtures" / "native" / "chat.sse"
TIMINGS = {"first_token_ms": 120.5, "total_ms": 850.0, "tokens_per_second": 41.1, "overhead_ms": 0.35}
RICH = answer_with(
    "Grüße aus Riga",
    reasoning=("Someone", " greets."),
    tool_calls=(ToolCall("weather", '{"city": "Riga"}'),),
    usage=(12, 34),
    model="hello-1-2026",
)
RICH_USAGE = {"prompt_tokens": 12, "completion_tokens": 34, "total_tokens": 46, "source": "provider"}


def data(stage: Stage, path: str, body: object) -> Any:
    reply = stage.call(path, body)
    assert reply.status_code == 200, reply.text
    document = json.loads(steady(reply.text))
    assert document["success"] is True
    return document["data"]


def events(stage: Stage, path: str, body: object) -> list[tuple[str, Any]]:
    """Name and data of every event; each says its name twice."""
    reply = stage.call(path, body)
    assert reply.status_code == 200, reply.text
    found = []
    for event in steady(reply.text).split("\n\n")[:-1]:
        name, content = event.split("\n")
        document = json.loads(content.removeprefix("data: "))
        assert name == f"event: {document.pop('type')}"
        found.append((name.removeprefix("event: "), document))
    return found


def test_an_answer(stage: Stage) -> None:
    stage.upstream.will(RICH)

    reply = stage.call(CHAT, ASK)

    assert json.loads(steady(reply.text)) == {
        "success": True,
        "data": {
            "id": REQUEST_ID,
            "model": "box/hello-1-2026",
            "provider": "box",
            "content": "Grüße aus Riga",
            "reasoning": "Someone greets.",
            "tool_calls": [{"id": "call_1", "name": "weather", "arguments": '{"city": "Riga"}'}],
            "finish_reason": "tool_calls",
            "usage": RICH_USAGE,
            "timings": TIMINGS,
            "cost_usd": None,
        },
    }
    wanted = {
        "X-Patchbay-Provider": "box",
        "X-Patchbay-Model": "hello-1-2026",
        "X-Patchbay-Attempts": "1",
        "X-Request-Id": REQUEST_ID,
        "Content-Type": "application/json",
    }
    assert {name: reply.headers.get(name) for name in wanted} == wanted


def test_a_stream_is_the_one_that_the_web_app_is_tested_with(stage: Stage) -> None:
    """The file is what the web app's own test reads: both halves agree or both fail. Delete it to have it written."""
    stage.upstream.will(RICH)

    reply = stage.call(CHAT, {**ASK, "stream": True})

    seen = steady(reply.text)
    if not CHAT_SSE.exists():
        CHAT_SSE.parent.mkdir(exist_ok=True)
        CHAT_SSE.write_text(seen, encoding="utf-8")
    assert seen == CHAT_SSE.read_text(encoding="utf-8")
    assert reply.headers["Content-Type"] == "text/event-stream; charset=utf-8"


def test_a_stream_event_by_event(stage: Stage) -> None:
    stage.upstream.will(RICH)

    found = events(stage, CHAT, {**ASK, "stream": True})

    assert found == [
        ("start", {"id": REQUEST_ID, "model": "box/hello-1-2026", "provider": "box"}),
        ("reasoning", {"text": "Someone"}),
        ("reasoning", {"text": " greets."}),
        ("delta", {"text": "Grüße"}),
        ("delta", {"text": " aus"}),
        ("delta", {"text": " Riga"}),
        ("tool_call", {"index": 0, "id": "call_1", "name": "weather", "arguments": ""}),
        ("tool_call", {"index": 0, "id": None, "name": None, "arguments": '{"city":'}),
        ("tool_call", {"index": 0, "id": None, "name": None, "arguments": ' "Riga"}'}),
        ("usage", RICH_USAGE),
        (
            "done",
            {
                "finish_reason": "tool_calls",
                "usage": RICH_USAGE,
                "timings": TIMINGS,
                "cost_usd": None,
                "model": "box/hello-1-2026",
                "provider": "box",
            },
        ),
    ]


def test_a_server_that_does_not_stream_is_told_as_a_stream(stage: Stage) -> None:
    message = {"content": "all", "reasoning": "hm"}
    stage.upstream.will(respond(200, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}))

    found = events(stage, CHAT, {**ASK, "stream": True})

    assert [name for name, _ in found] == ["start", "reasoning", "delta", "usage", "done"]
    assert found[4][1]["usage"]["source"] == "estimated"


def test_completions(stage: Stage) -> None:
    stage.upstream.will(answer_with("and so on"))

    plain = data(stage, f"{PREFIX}/completions", {"model": "box/hello-1", "prompt": "go", "max_tokens": 5})
    flowing = events(stage, f"{PREFIX}/completions", {"model": "box/hello-1", "prompt": "go", "stream": True})

    assert (plain["content"], plain["finish_reason"], plain["usage"]["source"]) == ("and so on", "stop", "provider")
    assert "".join(event["text"] for name, event in flowing if name == "delta") == "and so on"
    assert stage.upstream.last.path == "/v1/completions"


# Usage


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_usage_that_the_provider_did_not_count_is_estimated(stream: bool, stage: Stage) -> None:
    stage.upstream.will(answer_with("eight letters", usage=None))
    body = {**ASK, "messages": [{"role": "user", "content": "x" * 40}], "stream": stream}

    usage = events(stage, CHAT, body)[-1][1]["usage"] if stream else data(stage, CHAT, body)["usage"]

    assert usage == {"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14, "source": "estimated"}


# Embeddings


def vectors(stage: Stage, reply: dict[str, Any], given: object = "hello") -> Any:
    stage.upstream.will(respond(200, reply))
    return data(stage, f"{PREFIX}/embeddings", {"model": "box/text-embedding-hello", "input": given})


def test_embeddings_in_the_order_of_their_texts(stage: Stage) -> None:
    items = [{"index": 1, "embedding": [3, 4]}, {"index": 0, "embedding": "AAAAPwAAAMA="}]
    usage = {"prompt_tokens": 5, "total_tokens": 5}

    found = vectors(stage, {"data": items, "model": "m2", "usage": usage}, ["a", "b"])

    assert found == {
        "model": "box/m2",
        "provider": "box",
        "embeddings": [[0.5, -2.0], [3, 4]],
        "dimensions": 2,
        "usage": {"prompt_tokens": 5, "completion_tokens": 0, "total_tokens": 5, "source": "provider"},
    }


def test_a_usage_of_nothing_for_embeddings_is_no_count(stage: Stage) -> None:
    reply = {"data": [{"index": 0, "embedding": [1]}], "usage": {"prompt_tokens": 0, "total_tokens": 0}}

    usage = vectors(stage, reply, ["eight ch", "eight ch"])["usage"]

    assert usage == {"prompt_tokens": 4, "completion_tokens": 0, "total_tokens": 4, "source": "estimated"}


@pytest.mark.parametrize("embedding", ["%%%", "AAA=", [1, "a"], [None], []])
def test_vectors_that_are_none(embedding: object, stage: Stage) -> None:
    stage.upstream.will(respond(200, {"data": [{"index": 0, "embedding": embedding}]}))

    reply = stage.call(f"{PREFIX}/embeddings", {"model": "box/text-embedding-hello", "input": "a"})

    assert reply.json is not None
    assert (reply.status_code, reply.json["error"]["code"]) == (502, "provider_protocol")


# Images

PNG, JPEG, WEBP = (base64.b64encode(one).decode() for one in (png(), jpeg(), webp()))


def image(content: str = PNG, mime_type: str = "image/png") -> dict[str, str]:
    return {"data_base64": content, "mime_type": mime_type}


def part(content: str, mime_type: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:{mime_type};base64,{content}"}}


TEXT = {"type": "text", "text": "look"}
MESSAGES = [
    ({"content": "look", "images": [image()]}, {"content": [TEXT, part(PNG, "image/png")]}),
    ({"content": "", "images": [image()]}, {"content": [part(PNG, "image/png")]}),
    ({"images": [image()]}, {"content": [part(PNG, "image/png")]}),
    (
        {"content": [TEXT], "images": [image(JPEG, "image/jpeg"), image(WEBP, "image/webp")]},
        {"content": [TEXT, part(JPEG, "image/jpeg"), part(WEBP, "image/webp")]},
    ),
    ({"content": "look", "images": []}, {"content": "look"}),
    ({"content": "look", "images": None}, {"content": "look"}),
]


@pytest.mark.parametrize(("given", "sent"), MESSAGES)
def test_images_become_parts(given: dict[str, Any], sent: dict[str, Any], stage: Stage) -> None:
    stage.upstream.will(answer_with("a cat"))

    data(stage, CHAT, {**ASK, "messages": [{"role": "user", **given}]})

    assert stage.upstream.last.json["messages"] == [{"role": "user", **sent}]


IMAGES: list[tuple[object, str, str]] = [
    ("cat", "images", "must be an array"),
    (["cat"], "images[0]", "must be an object with data_base64 and mime_type"),
    ([{}], "images[0].data_base64", "is required"),
    ([{"data_base64": PNG}], "images[0].mime_type", "is required"),
    ([image("%%%")], "images[0].data_base64", "is not valid base64"),
    ([image(PNG[:-1])], "images[0].data_base64", "is not valid base64"),
    ([image("grüße")], "images[0].data_base64", "is not valid base64"),
    ([image(PNG, "image/gif")], "images[0].mime_type", "must be one of image/jpeg, image/png, image/webp"),
    ([image(), image(PNG, "image/jpeg")], "images[1].data_base64", "is image/png, not image/jpeg"),
    ([image("aGVsbG8=")], "images[0].data_base64", "is not a JPEG, PNG or WebP image"),
]


@pytest.mark.parametrize(("images", "field", "problem"), IMAGES)
def test_images_that_are_none(images: object, field: str, problem: str, stage: Stage) -> None:
    reply = stage.call(CHAT, {**ASK, "messages": [{"role": "user", "content": "look", "images": images}]})

    assert (reply.status_code, reply.json) == (
        400,
        {
            "success": False,
            "error": {
                "code": "invalid_request",
                "message": f"messages[0].{field} {problem}.",
                "request_id": REQUEST_ID,
                "details": [{"field": f"messages[0].{field}", "problem": problem}],
            },
        },
    )


# Errors of the provider: reply → status, code, message, Retry-After

PROVIDER_ERRORS: list[tuple[str, Reply, int, str, str, str | None]] = [
    ("400", openai_error(400, "No.", code="odd", param="x"), 400, "invalid_request", "No.", None),
    ("404", openai_error(404, "None."), 404, "model_not_found", "None.", None),
    ("413", openai_error(413, "Big."), 413, "too_large", "Big.", None),
    ("422", openai_error(422, "No."), 422, "invalid_request", "No.", None),
    (
        "context",
        openai_error(400, "Long.", code="context_length_exceeded"),
        400,
        "context_length_exceeded",
        "Long.",
        None,
    ),
    (
        "401",
        key_refused(),
        502,
        "provider_auth_failed",
        "Box refused the gateway's key. An administrator can replace it.",
        None,
    ),
    ("429", rate_limited(3600), 429, "provider_rate_limited", "Rate limit reached", "3600"),
    (
        "Groq's 413",
        groq_tokens_per_minute(),
        429,
        "provider_rate_limited",
        "Request too large: Limit 8000, Requested 12328",
        "60",
    ),
    ("quota", out_of_quota(), 429, "provider_quota", "You exceeded your current quota", "60"),
    ("page", web_page(), 502, "provider_protocol", "Box sent something that can't be read.", None),
    ("500", openai_error(500, "Oh.", headers={"Retry-After": "3600"}), 502, "provider_error", "Box: Oh.", "3600"),
]


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize(
    ("reply", "status", "code", "message", "retry_after"),
    [case[1:] for case in PROVIDER_ERRORS],
    ids=[case[0] for case in PROVIDER_ERRORS],
)
def test_errors_of_the_provider(
    stream: bool, reply: Reply, status: int, code: str, message: str, retry_after: str | None, stage: Stage
) -> None:
    stage.upstream.will(reply)

    answer = stage.call(CHAT, {**ASK, "stream": stream})

    assert (answer.status_code, answer.json) == (
        status,
        {"success": False, "error": {"code": code, "message": message, "request_id": REQUEST_ID, "details": []}},
    )
    assert answer.headers.get("Retry-After") == retry_after
    assert (answer.headers["X-Patchbay-Provider"], answer.headers["X-Patchbay-Attempts"]) == ("box", "1")


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("close", "stream_cut"),
        ("garbage", "provider_protocol"),
        ("error_data", "provider_error"),
        ("error_event", "provider_error"),
    ],
)
def test_a_stream_that_breaks_keeps_its_text_and_ends_in_one_error(ending: Any, code: str, stage: Stage) -> None:
    stage.upstream.will(answer_with("one two three", ending=ending, ending_after=2))

    found = events(stage, CHAT, {**ASK, "stream": True})

    assert [name for name, _ in found] == ["start", "delta", "delta", "error"]
    assert (found[3][1]["code"], found[3][1]["request_id"]) == (code, REQUEST_ID)


BAD: list[tuple[str, str, object, int, str, str | None]] = [
    ("no JSON", "chat", b"{oops", 400, "invalid_json", None),
    ("NaN", "chat", b'{"temperature": NaN}', 400, "invalid_json", None),
    ("not UTF-8", "chat", b'{"model": "\xff"}', 400, "invalid_json", None),
    ("a huge number", "chat", b'{"temperature": 1e999}', 400, "invalid_json", None),
    ("a list", "chat", [], 400, "invalid_request", None),
    ("no messages", "chat", {}, 400, "invalid_request", "messages"),
    ("null messages", "chat", {"messages": None}, 400, "invalid_request", "messages"),
    ("10,001 messages", "chat", {**ASK, "messages": HELLO * 10_001}, 400, "invalid_request", "messages"),
    ("stream", "chat", {**ASK, "stream": "yes"}, 400, "invalid_request", "stream"),
    ("model", "chat", {**ASK, "model": 5}, 400, "invalid_request", "model"),
    ("temperature false", "chat", {**ASK, "temperature": False}, 400, "invalid_request", "temperature"),
    ("unknown model", "chat", {**ASK, "model": "nope-nope"}, 404, "model_not_found", None),
    ("no default", "chat", {"messages": HELLO}, 400, "capability_not_supported", None),
    ("prompt", "completions", {"prompt": ["a"]}, 400, "invalid_request", "prompt"),
    ("no prompt", "completions", {}, 400, "invalid_request", "prompt"),
    ("no input", "embeddings", {}, 400, "invalid_request", "input"),
    ("tokens", "embeddings", {"input": [1, 2]}, 400, "invalid_request", "input"),
    ("unknown field", "embeddings", {"input": "a", "colour": 1}, 400, "invalid_request", "colour"),
]


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "field"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_requests_that_reach_nobody(
    path: str, body: object, status: int, code: str, field: str | None, stage: Stage
) -> None:
    stage.upstream.forget()

    reply = stage.call(f"{PREFIX}/{path}", body)

    assert reply.json is not None
    error = reply.json["error"]
    assert (reply.status_code, error["code"], error["request_id"]) == (status, code, REQUEST_ID)
    if field is not None:
        assert [detail["field"] for detail in error["details"]] == [field]
    assert not [request for request in stage.upstream.requests if request.method == "POST"]
