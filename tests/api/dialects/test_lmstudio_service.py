"""Clients of the service around LM Studio work unchanged: every call that its documents show, and every failure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.admin.provider_rules import Editor
from app.api.dialects.lmstudio_service import ndjson
from app.domain.accounts import Permission, Role
from app.domain.catalog import DefaultModels, ModelInfo, ProviderConfig
from app.domain.pictures import MAX_IMAGE_BYTES
from app.gateway.answer import Answer
from app.gateway.routing import Candidate
from tests.api.callers import TESTER
from tests.api.chat.files import jpeg, png, webp
from tests.api.dialects.conftest import REQUEST_ID, Stage
from tests.api.dialects.older import TEXT_MODEL, VISION_MODEL, get, old_stage, refused
from tests.gateway.conversations.making import burst
from tests.support.fixtures import NewLMStudio, lmstudio_process, new_lmstudio
from tests.support.lmstudio.server import LMStudio
from tests.support.replies import answer_with, openai_error, respond
from tests.support.upstream import UpstreamProcess

__all__ = ["lmstudio_process", "new_lmstudio"]

PREFIX = "/lmstudio-service"
ASK = {
    "messages": [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "What is 2+2?"},
    ],
    "config": {"temperature": 0.7, "maxTokens": 100},
}
ANSWER = {"content": "hello there", "stop_reason": "stop", "predicted_tokens": 2}
HEADERS = {"X-Patchbay-Provider": "lm-studio", "X-Patchbay-Attempts": "1", "X-Request-Id": REQUEST_ID}


@pytest.fixture(scope="module")
def stage(
    upstream_process: UpstreamProcess, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    with old_stage(upstream_process, migrated_sqlite, tmp_path_factory.mktemp("home")) as stage:
        yield stage


@pytest.fixture(autouse=True)
def _friendly(stage: Stage) -> None:
    stage.upstream.will(answer_with("hello there"))


def image(data: bytes, mime_type: str | None = "image/jpeg") -> dict[str, Any]:
    return {"data_base64": base64.b64encode(data).decode(), "mime_type": mime_type}


def seeing(*images: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The documented question about an image."""
    message = {"role": "user", "content": "What is in this image?", "images": list(images)}
    return {"messages": [message], "config": {"temperature": 0.6, "maxTokens": 200}, **more}


def lines(body: str) -> list[Any]:
    return [json.loads(line) for line in body.splitlines()]


def test_a_regular_chat(stage: Stage) -> None:
    reply = stage.call(f"{PREFIX}/chat/regular", ASK)

    assert (reply.status_code, reply.json) == (200, {"model": TEXT_MODEL, **ANSWER})
    assert {name: reply.headers.get(name) for name in HEADERS} == HEADERS
    sent = stage.upstream.last.json
    assert sent == {"model": TEXT_MODEL, "messages": ASK["messages"], "temperature": 0.7, "max_tokens": 100}


def test_a_regular_chat_as_a_stream(stage: Stage) -> None:
    body = {"messages": [{"role": "user", "content": "Explain quantum physics in one sentence"}]}

    reply = stage.call(f"{PREFIX}/chat/regular/stream", body)

    assert reply.content_type == "application/x-ndjson"
    assert reply.headers["X-Patchbay-Model"] == TEXT_MODEL
    assert lines(reply.text) == [
        {"type": "fragment", "content": "hello"},
        {"type": "fragment", "content": " there"},
        {"type": "done", "model": TEXT_MODEL, "predicted_tokens": 2, "stop_reason": "stop"},
    ]


@pytest.mark.parametrize(
    ("data", "mime_type"),
    [(jpeg(), "image/jpeg"), (png(), "image/png"), (webp(), "image/webp"), (jpeg(), "image/jpg"), (png(), None)],
)
def test_a_vision_chat(stage: Stage, data: bytes, mime_type: str | None) -> None:
    reply = stage.call(f"{PREFIX}/chat/vision", seeing(image(data, mime_type)))

    assert (reply.status_code, reply.json) == (200, {"model": VISION_MODEL, **ANSWER})
    sent = stage.upstream.last.json
    kind = "image/png" if mime_type is None else mime_type.replace("jpg", "jpeg")
    url = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    assert sent["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is in this image?"},
                {"type": "image_url", "image_url": {"url": url}},
            ],
        }
    ]
    assert (sent["temperature"], sent["max_tokens"]) == (0.6, 200)


def test_a_vision_chat_as_a_stream_with_a_whole_data_url(stage: Stage) -> None:
    url = f"data:image/png;base64,{base64.b64encode(png()).decode()}"

    reply = stage.call(
        f"{PREFIX}/chat/vision/stream", seeing({"data_base64": url, "mime_type": "image/png"}, config=None)
    )

    assert [one["type"] for one in lines(reply.text)] == ["fragment", "fragment", "done"]
    assert stage.upstream.last.json["model"] == VISION_MODEL
    assert stage.upstream.last.json["messages"][0]["content"][1]["image_url"]["url"] == url


@pytest.mark.parametrize("name", ["my-custom-model", "lm-studio/my-custom-model"])
def test_a_chat_with_a_model_of_ones_own(stage: Stage, name: str) -> None:
    # LM Studio loads what its list does not have yet, where the provider is named.
    body = {"model_key": name, "messages": [{"role": "user", "content": "Hello!"}]}

    whole = stage.call(f"{PREFIX}/chat", body)
    streamed = stage.call(f"{PREFIX}/chat/stream", body)

    if name == "my-custom-model":
        assert [refused(whole)[0], refused(streamed)[0]] == [404, 404]
        assert "There is no model my-custom-model." in refused(whole)[1]
    else:
        assert whole.json == {"model": "my-custom-model", **ANSWER}
        assert lines(streamed.text)[-1]["model"] == "my-custom-model"


def test_a_chat_without_a_model_takes_the_default_for_what_is_asked(stage: Stage) -> None:
    plain = stage.call(f"{PREFIX}/chat", ASK)
    about_an_image = stage.call(f"{PREFIX}/chat", seeing(image(png(), "image/png")))
    text_to_vision = stage.call(f"{PREFIX}/chat/vision", ASK)

    answered = [reply.json["model"] for reply in (plain, about_an_image, text_to_vision) if reply.json]
    assert answered == [TEXT_MODEL, VISION_MODEL, VISION_MODEL]


def test_every_parameter_of_the_config_has_its_name_translated(stage: Stage) -> None:
    config = {"temperature": 1, "maxTokens": 5, "topP": 0.9, "presencePenalty": 0.5, "frequencyPenalty": -0.5}

    stage.call(f"{PREFIX}/chat", {**ASK, "config": config})
    sent = stage.upstream.last.json
    endless = stage.call(f"{PREFIX}/chat", {**ASK, "config": {"maxTokens": -1}})

    names = {"temperature", "max_tokens", "top_p", "presence_penalty", "frequency_penalty"}
    assert {name: sent[name] for name in names} == {
        "temperature": 1,
        "max_tokens": 5,
        "top_p": 0.9,
        "presence_penalty": 0.5,
        "frequency_penalty": -0.5,
    }
    assert endless.status_code == 200
    assert "max_tokens" not in stage.upstream.last.json


def test_what_stands_in_the_wrong_place_is_left_out_with_notice(stage: Stage) -> None:
    body = {"messages": [{"role": "user", "content": "What is this?", "image": "aGVsbG8="}], "images": ["aGVsbG8="]}

    reply = stage.call(f"{PREFIX}/chat", body)
    strict = stage.call(f"{PREFIX}/chat", body, headers={"X-Patchbay-Strict": "true"})

    assert reply.headers["X-Patchbay-Dropped"] == "images, messages.image"
    assert refused(strict) == (400, "images is not supported here.")


def test_an_unknown_parameter_is_left_out_with_notice_or_refused(stage: Stage) -> None:
    body = {**ASK, "config": {"mirostat": 2}}

    reply = stage.call(f"{PREFIX}/chat", body)
    strict = stage.call(f"{PREFIX}/chat", body, headers={"X-Patchbay-Strict": "true"})

    assert reply.headers["X-Patchbay-Dropped"] == "mirostat"
    assert "mirostat" not in stage.upstream.last.json
    assert refused(strict) == (400, "mirostat is not supported here.")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"temperature": 2.1}, "config.temperature: must be at most 2"),
        ({"maxTokens": 0.5}, "config.maxTokens: must be a whole number"),
        ({"topP": -0.1}, "config.topP: must be at least 0"),
        ({"presencePenalty": 3}, "config.presencePenalty: must be at most 2"),
        ({"frequencyPenalty": -3}, "config.frequencyPenalty: must be at least -2"),
    ],
)
def test_a_parameter_out_of_range_is_named_as_the_client_calls_it(
    stage: Stage, config: dict[str, Any], words: str
) -> None:
    assert refused(stage.call(f"{PREFIX}/chat/regular", {**ASK, "config": config})) == (400, words)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 400, "The body is not valid JSON"),
        ({}, 400, "messages: is required"),
        ({"messages": []}, 400, "messages: must have at least 1"),
        ({"messages": [{"role": "robot", "content": "x"}]}, 400, "messages.0.role: must be"),
        ({"messages": [{"role": "user", "content": 5}]}, 400, "messages.0.content: must be a string"),
    ],
)
def test_a_request_that_can_not_be_read(stage: Stage, body: object, status: int, words: str) -> None:
    found, detail = refused(stage.call(f"{PREFIX}/chat", body))

    assert found == status
    assert detail.startswith(words)


HUGE = png(100, 100)[:16] + (9000).to_bytes(4, "big") + (9000).to_bytes(4, "big") + png(100, 100)[24:]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"data_base64": "?", "mime_type": "image/png"}, "data_base64 is not valid base64."),
        (image(b"%PDF-1.7 and more"), "data_base64 is not a JPEG, PNG or WebP image."),
        (image(png(), "image/jpeg"), "mime_type is image/jpeg, but the image is image/png."),
        (image(HUGE, "image/png"), "data_base64 has 9000 x 9000 pixels; at most 50000000 may be sent."),
        (
            image(png() + bytes(MAX_IMAGE_BYTES), "image/png"),
            f"data_base64 has {MAX_IMAGE_BYTES + len(png())} bytes and may have {MAX_IMAGE_BYTES}.",
        ),
    ],
    ids=["base64", "content", "type", "pixels", "bytes"],
)
def test_an_image_is_checked_by_its_content(stage: Stage, sent: dict[str, Any], words: str) -> None:
    refusal = refused(stage.call(f"{PREFIX}/chat/vision", seeing(sent)))

    assert refusal == (400, f"messages.0.images.0.{words}")


def test_a_text_model_refuses_images_and_names_one_that_reads_them(stage: Stage) -> None:
    body = seeing(image(png(), "image/png"), model_key=TEXT_MODEL)
    stage.upstream.forget()

    replies = [stage.call(f"{PREFIX}/chat/vision", body), stage.call(f"{PREFIX}/chat/stream", body)]

    words = f"lm-studio/{TEXT_MODEL} reads text only, no images. Use lm-studio/{VISION_MODEL} instead."
    assert [refused(reply) for reply in replies] == [(400, words)] * 2
    assert [one for one in stage.upstream.requests if one.method == "POST"] == []


def test_a_text_chat_takes_no_images(stage: Stage) -> None:
    reply = stage.call(f"{PREFIX}/chat/regular", seeing(image(png(), "image/png")))

    assert refused(reply) == (400, "messages.images can't be sent to a text-only chat; use /chat/vision.")


def test_models_in_memory_are_listed(stage: Stage) -> None:
    reply = get(stage, f"{PREFIX}/models")

    assert reply.json == {
        "models": [
            {
                "model_key": f"lm-studio/{TEXT_MODEL}",
                "id": TEXT_MODEL,
                "type": "llm",
                "state": "loaded",
                "context_length": 8192,
                "provider": "lm-studio",
            }
        ]
    }


def test_health(stage: Stage) -> None:
    assert get(stage, f"{PREFIX}/health").json == {"status": "healthy", "models_ready": 1}


def test_help_and_the_documentation_need_nobody(stage: Stage) -> None:
    told: Any = stage.client.get(f"{PREFIX}/help").json
    document: Any = stage.client.get(f"{PREFIX}/openapi.json").json

    named = {(one["method"], one["path"]) for one in told["endpoints"]}
    documented = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert named == documented
    assert ("POST", "/chat/vision/stream") in named
    assert document["servers"] == [{"url": PREFIX}]
    validate(document)
    for page in ("/docs", "/redoc"):
        reply = stage.client.get(f"{PREFIX}{page}")
        assert reply.status_code == 200
        assert f'data-document="{PREFIX}/openapi.json"' in reply.text


@pytest.mark.parametrize(("method", "path"), [("GET", "/health"), ("GET", "/models"), ("POST", "/chat/regular")])
def test_everything_else_needs_a_key(stage: Stage, method: str, path: str) -> None:
    refusal = refused(stage.client.open(f"{PREFIX}{path}", method=method, json=ASK))
    by_other_header = stage.client.open(f"{PREFIX}{path}", method=method, json=ASK, headers={"X-API-Key": stage.key})

    assert refusal[0] == 401
    assert by_other_header.status_code == 200


def test_an_unknown_address_and_a_wrong_method_are_told_in_this_shape(stage: Stage) -> None:
    assert refused(get(stage, f"{PREFIX}/nothing", Accept="text/html"))[0] == 404
    assert refused(get(stage, f"{PREFIX}/chat"))[0] == 405


@pytest.mark.parametrize("stream", ["", "/stream"])
def test_a_provider_that_is_away(stage: Stage, stream: str) -> None:
    stage.upstream.will(openai_error(503, "Loading", headers={"Retry-After": "60"}))

    status, words = refused(stage.call(f"{PREFIX}/chat/regular{stream}", ASK))

    assert status in (502, 503)
    assert words


def test_a_stream_that_breaks_off_ends_with_one_error_line(stage: Stage) -> None:
    stage.upstream.will(answer_with("one two three", ending="close", ending_after=2))

    found = lines(stage.call(f"{PREFIX}/chat/regular/stream", ASK).text)

    assert [one["type"] for one in found] == ["fragment", "fragment", "error"]
    assert set(found[-1]) == {"type", "detail"}


def test_no_line_fills_a_silence() -> None:
    config = ProviderConfig(id="1", slug="box", name="Box", kind="openai_compatible", base_url="http://127.0.0.1:9/v1")
    answer = Answer(Candidate(config, ModelInfo("one", "box", "one")), 1, 0.0, model="one")
    answer.events = (one for one in ((), burst({"content": "Hi"}), ()))

    found = list(ndjson(answer, REQUEST_ID))

    assert [json.loads(line)["type"] for line in found] == ["fragment", "done"]


@pytest.mark.parametrize("read", [0, 1])
def test_a_client_that_leaves_ends_its_call(stage: Stage, read: int) -> None:
    stage.upstream.forget()
    stage.upstream.will(answer_with("one two three four", every_s=0.05, first_after_s=0.05, ending="stall"))

    reply = stage.call(f"{PREFIX}/chat/regular/stream", ASK)
    pieces = reply.iter_encoded()
    for _ in range(read):
        next(pieces)
    reply.close()

    stage.upstream.wait_until_left(within_s=10)
    assert newest_record(stage) == ("lmstudio-service", "client_left")


def newest_record(stage: Stage) -> tuple[str, str]:
    """Face and outcome of the newest call in the ledger."""
    stage.door.parts.ledger.flush()
    with stage.door.parts.database.engine.connect() as connection:
        query = "SELECT face, outcome FROM usage_records ORDER BY started_at DESC LIMIT 1"
        face, outcome = connection.execute(text(query)).one()
    return str(face), str(outcome)


def test_a_key_has_its_limits_here_too(stage: Stage) -> None:
    key = stage.door.key(stage.door.person("Lim"), models=(f"lm-studio/{VISION_MODEL}",), requests_per_minute=2)
    limited = replace(stage, key=key)

    outside = stage.call(f"{PREFIX}/chat/regular", ASK, headers={"Authorization": f"Bearer {key}"})
    inside = limited.call(f"{PREFIX}/chat/vision", ASK)
    too_many = limited.call(f"{PREFIX}/chat/vision", ASK)

    assert refused(outside)[0] == 403
    assert inside.status_code == 200
    assert refused(too_many)[0] == 429
    assert int(too_many.headers["Retry-After"]) > 0
    assert get(limited, f"{PREFIX}/models").json == {"models": []}


# Models in memory.

QWEN = "qwen/qwen3-8b"
GEMMA = "google/gemma-3-12b"


@dataclass(frozen=True)
class Studio:
    """A simulated LM Studio, and somebody who may load its models."""

    server: LMStudio
    stage: Stage

    def post(self, path: str, body: object) -> TestResponse:
        return self.stage.call(f"{PREFIX}/models/{path}", body)

    @property
    def loaded(self) -> set[str]:
        return set(self.server.state.loaded)


@pytest.fixture
def studio(stage: Stage, new_lmstudio: NewLMStudio) -> Iterator[Studio]:
    server = new_lmstudio(loaded=[GEMMA])
    name = f"Studio {server.port}"
    provider = stage.door.provider(name=name, provider="lmstudio", base_url=server.base_url)
    person = stage.door.person(name, Role.USER, Permission.LOAD_MODELS)
    yield Studio(server, replace(stage, key=stage.door.key(person)))
    stage.door.parts.provider_settings.delete(provider.id, Editor(TESTER, is_admin=True))
    stage.door.parts.state.refresh()


def test_a_model_is_loaded_beside_others_or_alone(studio: Studio) -> None:
    beside = studio.post("load", {"model_key": QWEN})
    both = studio.loaded
    alone = studio.post("load", {"model_key": QWEN, "exclusive": True})

    assert (beside.status_code, beside.json) == (200, {"loaded": True, "model": QWEN})
    assert both == {QWEN, GEMMA}
    assert (alone.status_code, alone.json) == (200, {"loaded": True, "model": QWEN})
    assert studio.loaded == {QWEN}
    listed: Any = get(studio.stage, f"{PREFIX}/models").json
    assert QWEN in [one["id"] for one in listed["models"]]


def test_one_model_is_unloaded_or_all(studio: Studio) -> None:
    # The other LM Studio has one in memory as well.
    studio.stage.upstream.will(respond(200, {"instance_id": TEXT_MODEL}), on="POST /api/v1/models/unload")
    studio.post("load", {"model_key": QWEN})

    one = studio.post("unload", {"model_key": QWEN})
    left = studio.loaded
    everything = studio.post("unload", {"unload_all": True})

    assert (one.status_code, one.json) == (200, {"unloaded": True, "model": QWEN})
    assert left == {GEMMA}
    document: Any = everything.json
    assert (everything.status_code, document["unloaded"]) == (200, True)
    assert {one.partition("/")[2] for one in document["models"]} == {TEXT_MODEL, GEMMA}
    assert studio.loaded == set()


def test_a_model_that_is_not_there_is_not_loaded(studio: Studio) -> None:
    reply = studio.post("load", {"model_key": "no/such-model"})
    near = studio.post("load", {"model_key": QWEN.replace("8b", "80b")})
    unloading = studio.post("unload", {"model_key": "no/such-model"})

    document: Any = reply.json
    assert reply.status_code == 404
    assert list(document) == ["loaded", "error"]
    assert document["loaded"] is False
    assert document["error"].startswith("Failed to load model: There is no model no/such-model.")
    assert re.search(f"Did you mean \\S+/{QWEN} or ", near.json["error"])  # type: ignore[index]
    assert (unloading.status_code, unloading.json["unloaded"]) == (404, False)  # type: ignore[index]


def test_a_load_that_fails_says_why(studio: Studio) -> None:
    studio.server.set(load_answers="nonsense")

    reply = studio.post("load", {"model_key": QWEN})

    document: Any = reply.json
    assert reply.status_code == 502
    assert document["loaded"] is False
    assert document["error"].startswith("Failed to load model: ")


def test_loading_needs_the_permission(stage: Stage) -> None:
    for path in ("load", "unload"):
        refusal = refused(stage.call(f"{PREFIX}/models/{path}", {"model_key": TEXT_MODEL}))
        assert refusal == (403, "This needs the permission load_models.")


@pytest.mark.parametrize("body", [{}, {"model_key": QWEN, "unload_all": True}])
def test_unloading_is_of_one_or_of_all(studio: Studio, body: object) -> None:
    assert refused(studio.post("unload", body))[0] == 400
    assert studio.loaded == {GEMMA}


def test_models_of_the_environment_go_before_those_of_the_settings(
    upstream_process: UpstreamProcess, migrated_sqlite: Path, tmp_path: Path
) -> None:
    from_env: dict[str, Any] = {"default_regular_model": TEXT_MODEL, "default_vision_model": VISION_MODEL}
    with old_stage(upstream_process, migrated_sqlite, tmp_path, **from_env) as stage:
        others = DefaultModels(chat=f"lm-studio/{VISION_MODEL}", vision=f"lm-studio/{TEXT_MODEL}")
        stage.door.parts.settings.update(lambda old: replace(old, default_models=others), TESTER)
        stage.door.parts.state.refresh()

        replies = [stage.call(f"{PREFIX}/chat/regular", ASK), stage.call(f"{PREFIX}/chat/vision", ASK)]

        assert [reply.json["model"] for reply in replies if reply.json] == [TEXT_MODEL, VISION_MODEL]


def test_without_any_default_no_model_is_loaded(
    upstream_process: UpstreamProcess, migrated_sqlite: Path, tmp_path: Path
) -> None:
    with old_stage(upstream_process, migrated_sqlite, tmp_path, has_defaults=False) as stage:
        refusals = [refused(stage.call(f"{PREFIX}/chat/{sort}", ASK)) for sort in ("regular", "vision")]

        assert [status for status, _ in refusals] == [503, 503]
        assert refusals[0][1].startswith("Chat service unavailable: No model loaded.")
        assert "default vision model" in refusals[1][1]
