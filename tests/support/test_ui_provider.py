"""The models that the journeys of the web UI rely on do what `tests.support.ui_provider` says."""

from __future__ import annotations

import base64
import json
import struct
import time
import zlib
from collections.abc import Iterator
from urllib.request import urlopen

import openai
import pytest
from openai.types.chat import ChatCompletionChunk

from app.providers.plain_models import plain_model
from tests.serving.running import free_port
from tests.support.ui_provider.pictures import look_at
from tests.support.ui_provider.prompt import ECHO_MARK
from tests.support.ui_provider.texts import markdown, pieces
from tests.support.upstream import Upstream, UpstreamProcess

WEBP = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAUAAEAcQERGIiP4HAA==")
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x08\x08\x01\xe0\x02\x80\x03\xff\xd9"


def png(width: int, height: int) -> bytes:
    lines = b"".join(b"\0" + b"\x20\x80\xc0" * width for _ in range(height))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines)),
        (b"IEND", b""),
    ]
    framed = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


@pytest.fixture(scope="module")
def process() -> Iterator[UpstreamProcess]:
    with UpstreamProcess("tests.support.ui_provider") as process:
        yield process


@pytest.fixture
def models(process: UpstreamProcess) -> Iterator[Upstream]:
    port = process.open()
    yield port
    port.close()


@pytest.fixture
def sdk(models: Upstream) -> openai.OpenAI:
    return openai.OpenAI(base_url=models.base_url, api_key="sk-test", max_retries=0)


def stream(sdk: openai.OpenAI, model: str, prompt: str) -> Iterator[ChatCompletionChunk]:
    return iter(sdk.chat.completions.create(model=model, messages=[{"role": "user", "content": prompt}], stream=True))


def text_of(chunks: Iterator[ChatCompletionChunk]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def say(sdk: openai.OpenAI, model: str, prompt: str) -> str:
    return text_of(stream(sdk, model, prompt))


def show(sdk: openai.OpenAI, *urls: str) -> str:
    images = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    content = [{"type": "text", "text": "What is this? rate=9999"}, *images]
    answer = sdk.chat.completions.create(model="sees", messages=[{"role": "user", "content": content}])  # type: ignore[list-item,misc]
    return str(answer.choices[0].message.content)


def data_url(mime_type: str, data: bytes) -> str:
    return f"data:{mime_type};base64,{base64.b64encode(data).decode()}"


def test_steady_numbers_each_word_once(sdk: openai.OpenAI) -> None:
    said = say(sdk, "steady", "Count, words=120 rate=9999 please")

    assert said.split() == [f"w{number}" for number in range(1, 121)]


def test_steady_keeps_its_rate(sdk: openai.OpenAI) -> None:
    chunks = stream(sdk, "steady", "words=50 rate=100")
    first = next(chunk for chunk in chunks if chunk.choices[0].delta.content)
    started = time.monotonic()

    assert first.choices[0].delta.content == "w1"
    assert text_of(chunks).split()[-1] == "w50"
    assert 0.45 < time.monotonic() - started < 1.5


def test_a_port_has_a_pace(models: Upstream, sdk: openai.OpenAI) -> None:
    models.tell("pace", {"tokens_per_second": 10_000, "first_token_s": 0.3})
    started = time.monotonic()

    say(sdk, "steady", "words=200")

    assert 0.3 < time.monotonic() - started < 1.5


def test_a_port_imitates_a_vendor_where_that_vendor_listens(process: UpstreamProcess) -> None:
    port = free_port()
    models = process.open(port=port)
    models.tell("imitate", "lmstudio")

    with urlopen(f"http://127.0.0.1:{port}/lmstudio-greeting") as greeting:
        assert json.loads(greeting.read()) == {"lmstudio": True}
    models.close()


def test_steady_hurries_to_where_it_gets_interesting(sdk: openai.OpenAI) -> None:
    chunks = stream(sdk, "steady", "style=markdown words=1200 hurry=4000 rate=50")
    started = time.monotonic()
    hurried = ""
    while len(hurried) < 4000:
        hurried += next(chunks).choices[0].delta.content or ""

    assert time.monotonic() - started < 2
    chunks.close()  # type: ignore[attr-defined]


def test_markdown_has_everything_in_it() -> None:
    text = markdown(1000)

    assert 900 < len(text.split()) < 1300
    assert all(mark in text for mark in ("## Section 2", "| ---: |", "```python", "- **Point", "$a_2"))
    assert "".join(pieces(text)) == text


def test_sees_tells_what_it_was_shown(sdk: openai.OpenAI) -> None:
    one = show(sdk, data_url("image/png", png(64, 48)))
    two = show(sdk, data_url("image/png", JPEG), data_url("image/webp", WEBP))

    assert one == "I see 1 image: PNG of 64 × 48 pixels."
    assert two == "I see 2 images: JPEG of 640 × 480 pixels, WebP of 2 × 2 pixels."
    assert show(sdk) == "I see no image."


@pytest.mark.parametrize("url", [data_url("image/png", png(8, 8)[:-20]), "https://example.org/a.png"])
def test_sees_refuses_what_is_no_image(sdk: openai.OpenAI, url: str) -> None:
    with pytest.raises(openai.BadRequestError, match="Not understood"):
        show(sdk, url)


@pytest.mark.parametrize("data", [b"GIF89a", JPEG[:-2], WEBP[:-4], png(8, 8)[:60]])
def test_damaged_images_are_told_from_whole_ones(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"damaged|incomplete|neither|wrong checksum"):
        look_at(data)


def test_thinks_reasons_first(sdk: openai.OpenAI) -> None:
    answer = sdk.chat.completions.create(model="thinks", messages=[{"role": "user", "content": "words=2 rate=9999"}])
    message = answer.choices[0].message

    assert message.content == "w1 w2"
    assert str(message.model_dump()["reasoning_content"]).split()[-1] == "r20"


def test_tools_calls_one(sdk: openai.OpenAI) -> None:
    answer = sdk.chat.completions.create(model="tools", messages=[{"role": "user", "content": "Look it up"}])

    assert [call.function.name for call in answer.choices[0].message.tool_calls or []] == ["look_up"]  # type: ignore[union-attr]


def test_echo_says_exactly_that(sdk: openai.OpenAI) -> None:
    hostile = "<script>alert(1)</script>\n\n[a](javascript:alert(1)) rate=1  \n"

    assert say(sdk, "echo", f"rate=9999 {ECHO_MARK}{hostile.replace('rate=1', '')}") == hostile.replace("rate=1", "")
    assert say(sdk, "echo", "file.txt\nrate=9999") == "file.txt\nrate=9999"


def test_slow_first_waits(sdk: openai.OpenAI) -> None:
    started = time.monotonic()

    say(sdk, "slow-first", "first=0.5 words=1")

    assert time.monotonic() - started > 0.5


def test_liar_names_another_model(sdk: openai.OpenAI) -> None:
    assert next(stream(sdk, "liar", "words=1")).model == "quite-another-model"


def test_breaks_in_the_way_asked_for(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.InternalServerError):
        say(sdk, "breaks", "Hi")
    with pytest.raises(openai.RateLimitError):
        say(sdk, "breaks", "fault=429")
    with pytest.raises(openai.APIError, match="crashed"):
        say(sdk, "breaks", "fault=error rate=9999")


@pytest.mark.parametrize(("fault", "error"), [("cut", openai.APIConnectionError), ("error", openai.APIError)])
def test_breaks_after_some_words(sdk: openai.OpenAI, fault: str, error: type[Exception]) -> None:
    chunks = stream(sdk, "breaks", f"fault={fault} after=3 rate=9999")

    assert [next(chunks).choices[0].delta.content for _ in range(4)] == ["", "w1", " w2", " w3"]
    with pytest.raises(error):
        next(chunks)


def test_unknown_models_and_wishes_are_refused(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        say(sdk, "nobody", "Hi")
    with pytest.raises(openai.BadRequestError):
        say(sdk, "steady", "words=many")


def test_the_plain_list_tells_what_such_a_list_can(sdk: openai.OpenAI) -> None:
    listed = {one.id: plain_model("p", one.model_dump()) for one in sdk.models.list()}

    assert {name: model.type.value for name, model in listed.items() if model.type.value != "llm"} == {
        "sees": "vlm",
        "text-embedding-numbers": "embeddings",
    }
    assert {model.max_context_length for model in listed.values()} == {32768}


def test_it_makes_vectors(sdk: openai.OpenAI) -> None:
    assert len(sdk.embeddings.create(model="text-embedding-numbers", input="a").data[0].embedding) == 8


def test_what_was_received_is_on_record(models: Upstream, sdk: openai.OpenAI) -> None:
    say(sdk, "steady", "words=1 Hello")

    assert models.last.json["messages"] == [{"role": "user", "content": "words=1 Hello"}]
