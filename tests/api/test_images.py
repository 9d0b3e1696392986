"""Images on every face: what may pass, which model reads them, and who is told to take another one."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.admin.provider_rules import Editor
from app.domain.pictures import MAX_IMAGE_BYTES
from tests.api.callers import TESTER
from tests.api.chat.files import jpeg, png, webp
from tests.api.chat.people import CONVERSATIONS, Person
from tests.api.dialects.conftest import Stage
from tests.api.dialects.older import TEXT_MODEL, VISION_MODEL, old_stage
from tests.support.replies import answer_with, respond
from tests.support.upstream import UpstreamProcess

TEXT, SEES = f"lm-studio/{TEXT_MODEL}", f"lm-studio/{VISION_MODEL}"
ELSEWHERE = "https://images.invalid/cat.png"
V1, NATIVE, RESPONSES, ANTHROPIC = "/v1/chat/completions", "/api/v1/llm-providers/chat", "/v1/responses", "/v1/messages"


@dataclass(frozen=True)
class Place:
    stage: Stage
    ada: Person

    def ask(self, face: str, url: str, model: str | None = None, key: str | None = None) -> TestResponse:
        """A question about one image, as a client of that face sends it."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return self.stage.call(face, {**_body(face, url), **({"model": model} if model else {})}, headers=headers)

    def in_chat(self, data: bytes, model: str | None = None) -> TestResponse:
        """As the first question of a conversation."""
        path = f"{CONVERSATIONS}/{self.ada.conversation()['id']}/messages"
        image = {"data_base64": base64.b64encode(data).decode(), "mime_type": "image/png"}
        body = {"content": "What is this?", "images": [image], "stream": False, **({"model": model} if model else {})}
        return self.ada.asker.post(path, body)

    def asked(self) -> list[Any]:
        """Bodies of the questions that reached the provider."""
        return [one.json for one in self.stage.upstream.requests if one.path.endswith("/v1/chat/completions")]


def _body(face: str, url: str) -> dict[str, Any]:
    image = {"type": "image_url", "image_url": {"url": url}}
    text = {"type": "text", "text": "What is this?"}
    match face:
        case _ if face == RESPONSES:
            return {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": url}]}]}
        case _ if face == ANTHROPIC:
            kind, _, data = url.partition(";base64,")
            inline = {"type": "base64", "media_type": kind.removeprefix("data:"), "data": data}
            source = {"type": "url", "url": url} if url.startswith("http") else inline
            content = [{"type": "image", "source": source}]
            return {"max_tokens": 9, "messages": [{"role": "user", "content": content}]}
    return {"messages": [{"role": "user", "content": [text, image]}]}


def data_url(data: bytes, mime_type: str = "image/png") -> str:
    return f"data:{mime_type};base64,{base64.b64encode(data).decode()}"


@pytest.fixture(scope="module")
def place(
    upstream_process: UpstreamProcess, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """LM Studio as the default provider, with a text model and one that sees, each the default for its task."""
    with old_stage(upstream_process, migrated_sqlite, tmp_path_factory.mktemp("home")) as stage:
        yield Place(stage, Person.named("Ada", stage.door))


@pytest.fixture(autouse=True)
def _friendly(place: Place) -> None:
    place.stage.upstream.forget()
    place.stage.upstream.will(answer_with("a cat"))


# Which model answers.


@pytest.mark.parametrize("face", [V1, NATIVE, RESPONSES, ANTHROPIC])
def test_a_question_about_an_image_goes_to_the_default_for_images(face: str, place: Place) -> None:
    reply = place.ask(face, data_url(png()))

    assert (reply.status_code, reply.headers["X-Patchbay-Model"]) == (200, VISION_MODEL)
    assert [one["model"] for one in place.asked()] == [VISION_MODEL]


def test_so_it_does_in_a_conversation_without_a_model(place: Place) -> None:
    reply = place.in_chat(png())

    assert (reply.status_code, reply.headers["X-Patchbay-Model"]) == (201, VISION_MODEL)
    [answer] = reply.json["data"]["answers"]  # type: ignore[index]
    place.ada.asker.get(f"/api/v1/generations/{answer['generation_id']}/events").get_data()
    assert [one["model"] for one in place.asked()] == [VISION_MODEL]


def test_and_text_goes_to_the_default_for_text(place: Place) -> None:
    reply = place.stage.call(V1, {"messages": [{"role": "user", "content": "hello"}]})

    assert (reply.status_code, reply.headers["X-Patchbay-Model"]) == (200, TEXT_MODEL)


@pytest.mark.parametrize("face", [V1, NATIVE, RESPONSES, ANTHROPIC])
def test_a_model_that_reads_text_only_refuses_and_names_another(face: str, place: Place) -> None:
    reply = place.ask(face, data_url(png()), TEXT)

    assert reply.status_code == 400
    assert f"{TEXT} reads text only, no images. Use {SEES} instead." in reply.text
    assert place.asked() == []


@pytest.mark.parametrize(("model", "shown"), [(SEES, True), (TEXT, False)])
def test_an_image_that_a_tool_brought_is_shown_to_who_sees_and_told_of_to_others(
    place: Place, model: str, shown: bool
) -> None:
    body = _body(ANTHROPIC, data_url(png()))
    [turn] = body["messages"]
    call = {"type": "tool_use", "id": "c1", "name": "read", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "c1", "content": turn["content"]}
    turns = [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    asked = {**body, "model": model, "messages": [{"role": "user", "content": "Read it."}, *turns]}

    reply = place.stage.call(ANTHROPIC, asked)
    strict = place.stage.call(ANTHROPIC, asked, headers={"X-Patchbay-Strict": "true"})

    assert (reply.status_code, strict.status_code) == (200, 200 if shown else 400)
    assert reply.headers.get("X-Patchbay-Dropped") == (None if shown else "messages.image")
    told = "[A file of the type image was read, but its content can't be shown here.]"
    messages = place.asked()[0]["messages"]
    assert messages[2]["content"] == ("" if shown else told)
    assert [message["role"] for message in messages[3:]] == (["user"] if shown else [])


def test_in_a_conversation_nothing_is_stored_then(place: Place) -> None:
    reply = place.in_chat(png(), TEXT)

    error = reply.json["error"]  # type: ignore[index]
    assert (reply.status_code, error["code"]) == (400, "capability_not_supported")
    assert error["message"].endswith(f"Use {SEES} instead.")
    assert place.asked() == []


def test_only_what_the_caller_may_use_is_named(place: Place) -> None:
    key = place.stage.door.key(place.ada.user, "narrow", models=(TEXT,))

    reply = place.ask(V1, data_url(png()), TEXT, key)

    error = reply.json["error"]  # type: ignore[index]
    assert (reply.status_code, error["code"], error["param"]) == (400, "capability_not_supported", "model")
    assert error["message"] == (
        f"{TEXT} reads text only, no images. Load a vision model, or add a provider that has one."
    )


# What is an image.

BOMB = png()[:16] + (60_000).to_bytes(4, "big") * 2 + png()[24:]
CANVAS_LIES = webp(b"VP8X", 10, 10) + webp(b"VP8L", 16_000, 16_000)[12:]
JPEG_BOMB = jpeg(60_000, 60_000)
BUSY = b"\xff\xd8" + b"\xff\xfe\x00\x02" * 20_000 + jpeg()[2:]
BAD = [
    (png(), "image/jpeg", "is image/png, not image/jpeg"),
    (b"GIF89a" + bytes(40), "image/gif", "must be one of image/jpeg, image/png, image/webp"),
    (b"%PDF-1.7 and more", "image/png", "is not a JPEG, PNG or WebP image"),
    (png()[:20], "image/png", "is not a JPEG, PNG or WebP image"),
    (BUSY, "image/jpeg", "is not a JPEG, PNG or WebP image"),
    (BOMB, "image/png", "has 60000 x 60000 pixels; at most 50000000 may be sent"),
    (JPEG_BOMB, "image/jpeg", "has 60000 x 60000 pixels; at most 50000000 may be sent"),
    (CANVAS_LIES, "image/webp", "has 16000 x 16000 pixels; at most 50000000 may be sent"),
]
NAMES = ["another type", "unknown", "none", "cut", "busy", "png bomb", "jpeg bomb", "webp canvas"]


@pytest.mark.parametrize(("data", "mime_type", "problem"), BAD, ids=NAMES)
def test_an_image_is_told_by_its_content_and_has_a_bounded_size(
    data: bytes, mime_type: str, problem: str, place: Place
) -> None:
    replies = [place.ask(face, data_url(data, mime_type), SEES) for face in (V1, NATIVE, RESPONSES, ANTHROPIC)]

    assert [reply.status_code for reply in replies] == [400] * 4
    assert all(problem in reply.text for reply in replies), replies[0].text
    assert place.asked() == []


def test_an_image_of_too_many_bytes(place: Place) -> None:
    reply = place.ask(V1, data_url(png() + bytes(MAX_IMAGE_BYTES)), SEES)

    assert reply.status_code == 400
    assert f"and may have {MAX_IMAGE_BYTES}" in reply.text


@pytest.mark.parametrize(
    ("data", "problem"),
    [(BOMB, "pixels"), (png() + bytes(MAX_IMAGE_BYTES), f"may have {MAX_IMAGE_BYTES}")],
    ids=["pixels", "bytes"],
)
def test_a_conversation_keeps_no_image_that_is_too_large(data: bytes, problem: str, place: Place) -> None:
    reply = place.in_chat(data, SEES)

    error = reply.json["error"]  # type: ignore[index]
    assert (reply.status_code, error["code"]) == (400, "invalid_request")
    assert error["details"][0]["field"] == "images.0.data_base64"
    assert problem in error["message"]


def test_escaped_letters_hide_no_image(place: Place) -> None:
    body = (
        b'{"model":"%s","messages":[{"role":"user","content":[{"type":"image\\u005furl","image\\u005furl":{"url":"%s"}}]}]}'
        % (SEES.encode(), data_url(BOMB).encode())
    )

    reply = place.stage.call(V1, body)

    assert reply.status_code == 400
    assert "pixels" in reply.text


@pytest.mark.parametrize(
    ("image", "sent"),
    [
        ({"data_base64": data_url(jpeg(), "image/jpeg")}, data_url(jpeg(), "image/jpeg")),
        ({"data_base64": data_url(png()), "mime_type": "image/png"}, data_url(png())),
        (
            {"data_base64": base64.b64encode(jpeg()).decode(), "mime_type": "IMAGE/JPG"},
            data_url(jpeg(), "image/jpeg"),
        ),
        ({"data_base64": base64.b64encode(webp()).decode(), "mime_type": "image/webp"}, data_url(webp(), "image/webp")),
    ],
    ids=["data URL", "data URL and type", "the type many write", "webp"],
)
def test_the_native_face_takes_base64_or_a_data_url(image: dict[str, str], sent: str, place: Place) -> None:
    message = {"role": "user", "content": "What is this?", "images": [image]}

    reply = place.stage.call(NATIVE, {"model": SEES, "messages": [message]})

    assert reply.status_code == 200, reply.text
    [asked] = place.asked()
    assert asked["messages"][0]["content"][1] == {"type": "image_url", "image_url": {"url": sent}}


# Addresses.


@pytest.mark.parametrize("face", [V1, NATIVE, RESPONSES, ANTHROPIC])
def test_an_address_is_passed_on_and_never_fetched(face: str, place: Place) -> None:
    upstream = place.stage.upstream
    there = f"{upstream.base_url}/cat.png"

    reply = place.ask(face, there, SEES)

    assert reply.status_code == 200, reply.text
    assert there in str(place.asked())
    assert [one.path for one in upstream.requests if one.path.endswith("cat.png")] == []


@pytest.mark.parametrize("face", [V1, NATIVE, RESPONSES, ANTHROPIC])
def test_where_the_vendor_can_not_fetch_it_the_caller_is_told(face: str, place: Place) -> None:
    name = f"Ollama {face.strip('/').replace('/', ' ')}"
    settings = place.stage.door.parts.provider_settings
    ollama = place.stage.door.provider(name=name, provider="ollama", base_url=place.stage.upstream.base_url)

    reply = place.ask(face, ELSEWHERE, f"{ollama.slug}/llava")
    inline = place.ask(face, data_url(png()), f"{ollama.slug}/llava")

    assert reply.status_code == 400
    assert f"{name} can't load an image from an address. Send the image itself, in base64." in reply.text
    assert inline.status_code == 200
    assert [one["model"] for one in place.asked()] == ["llava"]
    settings.delete(ollama.id, Editor(TESTER, is_admin=True))


def test_a_default_for_images_that_is_gone_is_not_named(place: Place) -> None:
    """The list is what counts: here it has no model any more that reads images."""
    door, upstream = place.stage.door, place.stage.upstream
    upstream.will(respond(200, {"data": [{"id": "words", "input_modalities": ["text"]}]}), on="GET /v1/models")
    other = door.provider(name="Plain", provider="openai_compatible", base_url=upstream.base_url)

    reply = place.ask(V1, data_url(png()), f"{other.slug}/words")

    assert reply.status_code == 400
    assert reply.json["error"]["message"].endswith(f"Use {SEES} instead.")  # type: ignore[index]
    door.parts.provider_settings.delete(other.id, Editor(TESTER, is_admin=True))
