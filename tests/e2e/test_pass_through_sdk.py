"""Sound, images and moderation with OpenAI's Python SDK, and ranking over HTTP, through a server that runs."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import IncompleteRead

import openai
import pytest
from openai import OpenAI

from tests.e2e.conftest import Provide
from tests.e2e.gateway import TOY, Gateway
from tests.support.replies import respond, stall, truncated
from tests.support.upstream import Upstream

SOUND = bytes(range(256)) * 4096
"""A megabyte: too much for the server's lean loop."""


@pytest.fixture
def sdk(gateway: Gateway) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{gateway.url}/v1", api_key=gateway.key, max_retries=0) as sdk:
        yield sdk


@pytest.fixture
def slug(upstream: Upstream, provide: Provide) -> str:
    return provide(upstream)


def test_speech_becomes_text(gateway: Gateway, sdk: OpenAI, upstream: Upstream, slug: str) -> None:
    usage = {"type": "tokens", "input_tokens": 14, "output_tokens": 3, "total_tokens": 17}
    upstream.will(respond(200, {"text": "hello there", "usage": usage}))

    answer = sdk.audio.transcriptions.create(
        model=f"{slug}/whisper-1", file=("a.wav", SOUND), extra_headers={"X-Request-Id": "heard"}
    )

    assert answer.text == "hello there"
    assert SOUND in upstream.last.body
    assert b'name="model"\r\n\r\nwhisper-1\r\n' in upstream.last.body
    (row,) = gateway.rows("heard", within_s=10.0)
    assert (row["task"], row["model"], row["outcome"]) == ("transcription", "whisper-1", "ok")
    assert (row["prompt_tokens"], row["completion_tokens"], row["token_source"]) == (14, 3, "provider")


def test_text_becomes_speech_while_it_is_made(sdk: OpenAI, upstream: Upstream, slug: str) -> None:
    mpeg = {"Content-Type": "audio/mpeg"}
    upstream.will(respond(200, SOUND, headers=mpeg, framing="chunked", piece_bytes=65536))

    with sdk.audio.speech.with_streaming_response.create(
        model=f"{slug}/tts-1", input="hello", voice="alloy"
    ) as response:
        pieces = list(response.iter_bytes(65536))

    assert b"".join(pieces) == SOUND
    assert response.headers["Content-Type"] == "audio/mpeg"
    assert upstream.last.json == {"model": "tts-1", "input": "hello", "voice": "alloy"}


def test_images_are_made_and_texts_judged(sdk: OpenAI, upstream: Upstream, slug: str) -> None:
    upstream.will(respond(200, {"created": 1, "data": [{"b64_json": "aGk="}]}))
    images = sdk.images.generate(model=f"{slug}/painter", prompt="a cable")
    upstream.will(respond(200, {"id": "m", "model": "judge", "results": [{"flagged": False}]}))
    judged = sdk.moderations.create(model=f"{slug}/judge", input="hello")

    assert images.data is not None
    assert images.data[0].b64_json == "aGk="
    assert judged.results[0].flagged is False


def test_documents_are_ranked(gateway: Gateway, upstream: Upstream, slug: str) -> None:
    found = {"results": [{"index": 1, "relevance_score": 0.9}], "usage": {"total_tokens": 9}}
    upstream.will(respond(200, found))

    reply = gateway.ask("POST", "/v1/rerank", {"model": f"{slug}/ranker", "query": "cable", "documents": ["a", "b"]})

    assert (reply.status, reply.json) == (200, found)
    assert reply.headers["x-patchbay-model"] == "ranker"


def test_what_a_provider_lacks_is_a_clear_refusal(sdk: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="can't turn text into speech") as raised:
        sdk.audio.speech.create(model=TOY, input="hello", voice="alloy")

    assert (raised.value.code, raised.value.param) == ("capability_not_supported", "model")


def test_sound_that_breaks_off_is_no_whole_answer(gateway: Gateway, upstream: Upstream, slug: str) -> None:
    upstream.will(truncated("half a sound"))

    body = {"model": f"{slug}/tts-1", "input": "hello", "voice": "alloy"}
    with (
        gateway.call("/v1/audio/speech", body, headers={"X-Request-Id": "half"}) as call,
        pytest.raises(IncompleteRead),
    ):
        call.response.read()

    (row,) = gateway.rows("half", within_s=10.0)
    assert row["outcome"] == "stream_cut"
    assert "Traceback" not in gateway.log


def test_leaving_ends_the_call(gateway: Gateway, upstream: Upstream, slug: str) -> None:
    upstream.will(stall())

    body = {"model": f"{slug}/tts-1", "input": "hello", "voice": "alloy"}
    with gateway.call("/v1/audio/speech", body) as call:
        upstream.wait_for(1)
        call.leave()

    upstream.wait_until_left(within_s=10.0)
