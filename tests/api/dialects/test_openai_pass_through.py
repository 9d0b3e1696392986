"""What is passed on: the bytes both ways, the model's name, what is counted, and who can't."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.domain.relays import Route
from app.providers.registry import kinds
from tests.api.dialects.conftest import REQUEST_ID, Stage
from tests.support.replies import key_refused, openai_error, rate_limited, respond, truncated, web_page

SPEECH: dict[str, Any] = {"model": "box/tts-1", "input": "hello", "voice": "alloy", "brand_new": {"a": [1.0]}}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/audio/speech": SPEECH,
    "/v1/images/generations": {"model": "box/painter", "prompt": "a cable", "n": 2},
    "/v1/moderations": {"model": "box/judge", "input": ["hello"]},
    "/v1/rerank": {"model": "box/ranker", "query": "cable", "documents": ["a", "b"]},
}
SOUND = bytes(range(256)) * 40
LOOKALIKE = b"--x\r\nContent-Disposition: form-data; name=model\r\n\r\n"
MPEG = {"Content-Type": "audio/mpeg"}


def transcribe(stage: Stage, model: str = "box/whisper-1", path: str = "/v1/audio/transcriptions") -> TestResponse:
    """A form as clients send it: fields before and after the model's, and a file that looks like a form itself."""
    form: Any = {
        "language": "en",
        "model": model,
        "file": (
            io.BytesIO(b"--x\r\nContent-Disposition: form-data; name=model\r\n\r\n" + SOUND),
            "a.wav",
            "audio/wav",
        ),
        "response_format": "json",
    }
    headers = {"Authorization": f"Bearer {stage.key}", "X-Request-Id": REQUEST_ID}
    reply: TestResponse = stage.client.post(path, data=form, headers=headers)
    return reply


def recorded(stage: Stage, act: Callable[[], object]) -> list[Any]:
    """The ledger's rows of what is done."""
    ledger, rows = stage.door.parts.ledger, list[Any]()
    ledger.flush()
    ledger.on_records(rows.extend)
    act()
    ledger.flush()
    return rows


@pytest.mark.parametrize("prefix", ["", "/openai"])
@pytest.mark.parametrize("path", BODIES)
def test_json_is_passed_on_but_for_the_models_name(stage: Stage, path: str, prefix: str) -> None:
    answer = {"model": "really-this", "data": [{"x": 1}], "usage": {"input_tokens": 5, "output_tokens": 3}}
    stage.upstream.will(respond(200, answer, headers={"Set-Cookie": "a=b", "X-Secret": "c"}))

    reply = stage.call(prefix + path, BODIES[path])

    request = stage.upstream.last
    assert (reply.status_code, reply.json) == (200, answer)
    assert (request.method, request.path) == ("POST", path)
    assert request.json == {**BODIES[path], "model": BODIES[path]["model"].removeprefix("box/")}
    assert request.key == "sk-upstream-0123456789"
    headers = dict(reply.headers)
    assert float(headers.pop("X-Patchbay-Overhead-Ms")) >= 0
    assert int(headers.pop("X-Patchbay-Config-Version")) > 1
    assert headers == {
        "Content-Type": "application/json",
        "Content-Length": str(len(reply.data)),
        "X-Content-Type-Options": "nosniff",
        "X-Request-Id": REQUEST_ID,
        "X-Patchbay-Provider": "box",
        "X-Patchbay-Model": "really-this",
        "X-Patchbay-Attempts": "1",
    }


@pytest.mark.parametrize("prefix", ["", "/openai"])
def test_a_form_is_passed_on_but_for_the_models_name(stage: Stage, prefix: str) -> None:
    stage.upstream.will(respond(200, {"text": "hello"}))

    reply = transcribe(stage, path=f"{prefix}/v1/audio/transcriptions")

    assert (reply.status_code, reply.json) == (200, {"text": "hello"})
    request = stage.upstream.last
    assert request.path == "/v1/audio/transcriptions"
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    boundary = request.headers["content-type"].partition("boundary=")[2].strip('"').encode()
    _, language, model, *rest = request.body.split(b"--" + boundary)
    assert language.endswith(b'name="language"\r\n\r\nen\r\n')
    assert model.endswith(b'name="model"\r\n\r\nwhisper-1\r\n')
    assert SOUND in b"".join(rest)
    assert int(request.headers["content-length"]) == len(request.body)


def test_sound_comes_as_it_is(stage: Stage) -> None:
    stage.upstream.will(respond(200, SOUND, headers=MPEG, framing="chunked", piece_bytes=4096))

    reply = stage.call("/v1/audio/speech", SPEECH)

    assert (reply.status_code, reply.content_type, reply.data) == (200, "audio/mpeg", SOUND)
    assert reply.headers["X-Patchbay-Provider"] == "box"


def test_text_and_events_come_as_they_are(stage: Stage) -> None:
    stage.upstream.will(respond(200, "hello"))
    text = transcribe(stage)
    events = b'data: {"type":"transcript.text.delta","delta":"he"}\n\ndata: [DONE]\n\n'
    stage.upstream.will(respond(200, events, headers={"Content-Type": "text/event-stream"}, framing="chunked"))
    streamed = transcribe(stage)
    stage.upstream.will(respond(200, "", headers={"Content-Type": "text/plain"}))
    nothing = transcribe(stage)

    assert (text.content_type, text.text) == ("text/plain; charset=utf-8", "hello")
    assert (streamed.content_type, streamed.data) == ("text/event-stream", events)
    assert streamed.headers["Cache-Control"] == "no-cache"
    assert (nothing.status_code, nothing.data) == (200, b"")


USAGES: dict[str, tuple[object, tuple[int, int, str]]] = {
    "input and output": ({"input_tokens": 5, "output_tokens": 3, "total_tokens": 8}, (5, 3, "provider")),
    "prompt and completion": ({"prompt_tokens": 5, "completion_tokens": 3}, (5, 3, "provider")),
    "the total": ({"total_tokens": 8}, (8, 0, "provider")),
    "seconds": ({"type": "duration", "seconds": 3}, (0, 0, "absent")),
    "something else": ("eight", (0, 0, "absent")),
    "nothing": (None, (0, 0, "absent")),
}


@pytest.mark.parametrize(("usage", "counted"), USAGES.values(), ids=USAGES)
def test_what_is_counted_is_what_the_provider_says(stage: Stage, usage: object, counted: tuple[int, int, str]) -> None:
    stage.upstream.will(respond(200, {"results": [], "usage": usage}))

    (row,) = recorded(stage, lambda: stage.call("/v1/rerank", BODIES["/v1/rerank"]))

    assert (row.prompt_tokens, row.completion_tokens, row.token_source) == counted
    assert (row.face, row.task, row.model_asked, row.outcome) == ("v1", "rerank", "box/ranker", "ok")


def test_each_route_is_counted_as_what_it_is(stage: Stage) -> None:
    stage.upstream.will(respond(200, {}))

    def call_all() -> None:
        for path, body in BODIES.items():
            stage.call(path, body)
        transcribe(stage)

    assert [row.task for row in recorded(stage, call_all)] == [
        "speech",
        "image",
        "moderation",
        "rerank",
        "transcription",
    ]


def test_who_can_not_says_so_and_what_to_do(stage: Stage) -> None:
    stage.door.provider(provider="lmstudio", name="Studio", base_url=stage.upstream.base_url)
    replies: list[TestResponse] = []

    def call_all() -> None:
        replies.extend(stage.call(path, {**body, "model": "studio/any"}) for path, body in BODIES.items())
        replies.append(transcribe(stage, "studio/any"))

    rows = recorded(stage, call_all)

    for reply in replies:
        error: Any = reply.json["error"]  # type: ignore[index]
        assert (reply.status_code, error["code"], error["param"]) == (400, "capability_not_supported", "model")
        assert error["message"].startswith("Studio (LM Studio) can't ")
    assert {(row.outcome, row.provider) for row in rows} == {("capability_not_supported", "")}
    assert len(rows) == 5


def test_what_each_kind_has() -> None:
    found = {name: kind.KIND for name, kind in kinds().items()}
    beyond = {name: sorted(route.task for route in kind.relays) for name, kind in found.items() if kind.relays}

    assert beyond == {
        "openai": ["image", "moderation", "speech", "transcription"],
        "groq": ["speech", "transcription"],
        "openai_compatible": ["image", "moderation", "rerank", "speech", "transcription"],
        "vllm": ["rerank", "transcription"],
        "llamacpp": ["rerank"],
    }
    assert {route.task for route in Route} == {"image", "moderation", "rerank", "speech", "transcription"}


BAD: dict[str, tuple[str, object, dict[str, str], int, str]] = {
    "no model": ("/v1/moderations", {"input": "x"}, {}, 400, "invalid_request"),
    "an odd model": ("/v1/moderations", {"model": 1}, {}, 400, "invalid_request"),
    "an unknown model": ("/v1/moderations", {"model": "omni"}, {}, 404, "model_not_found"),
    "no JSON": ("/v1/rerank", b"{oops", {}, 400, "invalid_json"),
    "another type": ("/v1/rerank", b"{}", {"Content-Type": "text/plain"}, 415, "not_json"),
    "no form": ("/v1/audio/transcriptions", {"model": "box/x"}, {}, 400, "invalid_request"),
    "an empty form": (
        "/v1/audio/transcriptions",
        b"",
        {"Content-Type": "multipart/form-data; boundary=x"},
        400,
        "invalid_request",
    ),
    "a form without an end": (
        "/v1/audio/transcriptions",
        b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nbox/x',
        {"Content-Type": "multipart/form-data; boundary=x"},
        400,
        "invalid_request",
    ),
    "nobody": ("/v1/audio/speech", SPEECH, {"Authorization": ""}, 401, "invalid_api_key"),
    "too much": (
        "/v1/audio/transcriptions",
        b"x" * (32 * 1024 * 1024 + 1),
        {"Content-Type": "multipart/form-data; boundary=x"},
        413,
        "too_large",
    ),
}


@pytest.mark.parametrize(("path", "body", "headers", "status", "code"), BAD.values(), ids=BAD)
def test_what_is_refused(
    stage: Stage, path: str, body: object, headers: dict[str, str], status: int, code: str
) -> None:
    reply = stage.call(path, body, headers=headers)

    assert (reply.status_code, reply.json["error"]["code"]) == (status, code)  # type: ignore[index]


def test_a_form_with_other_fields_alone_names_the_one_that_is_missing(stage: Stage) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="model"\r\n\r\nbox/x\r\n--x--\r\n'

    reply = stage.call("/v1/audio/transcriptions", body, headers={"Content-Type": "multipart/form-data; boundary=x"})

    assert (reply.status_code, reply.json["error"]["param"]) == (400, "model")  # type: ignore[index]


FAILURES: dict[str, tuple[Any, int, str]] = {
    "a refusal": (openai_error(400, code="odd"), 400, "odd"),
    "a model that is gone": (openai_error(404, code="model_gone"), 404, "model_gone"),
    "a limit": (rate_limited(3600), 429, "rate_limit_exceeded"),
    "a refused key": (key_refused(), 502, "provider_auth_failed"),
    "a page": (web_page(), 502, "provider_protocol"),
    "an error in a 200": (respond(200, {"error": "Unexpected endpoint"}), 502, "provider_protocol"),
    "no JSON": (respond(200, b"{oops", headers={"Content-Type": "application/json"}), 502, "provider_protocol"),
}


@pytest.mark.parametrize(("answer", "status", "code"), FAILURES.values(), ids=FAILURES)
def test_a_providers_failure_keeps_its_rules(stage: Stage, answer: Any, status: int, code: str) -> None:
    stage.upstream.will(answer)

    reply = stage.call("/v1/images/generations", BODIES["/v1/images/generations"])

    assert (reply.status_code, reply.json["error"]["code"]) == (status, code)  # type: ignore[index]
    assert "sk-upstream" not in reply.text


def test_a_failure_that_may_pass_is_tried_again(stage: Stage) -> None:
    stage.upstream.will(openai_error(500, headers={"retry-after-ms": "1"}), respond(200, {"text": "hello"}))

    reply = transcribe(stage)

    assert (reply.status_code, reply.headers["X-Patchbay-Attempts"]) == (200, "2")


def test_sound_that_breaks_off_does_not_pass_for_all_of_it(stage: Stage) -> None:
    stage.upstream.will(truncated("half a sound"))

    with pytest.raises(ConnectionResetError):
        _ = stage.call("/v1/audio/speech", SPEECH).data


def test_events_that_break_off_end_in_an_error(stage: Stage) -> None:
    stage.upstream.will(
        respond(200, "data: {}\n\n", headers={"Content-Type": "text/event-stream"}, missing_bytes=9, then="close")
    )

    reply = stage.call("/v1/images/generations", {**BODIES["/v1/images/generations"], "stream": True})

    first, last = reply.text.strip().split("\n\n")
    assert first == "data: {}"
    assert '"code":"stream_cut"' in last
