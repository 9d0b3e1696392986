"""OpenAI's Python SDK, unchanged, in front of the real engine: only address and key are Patchbay's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from openai import AsyncOpenAI, LengthFinishReasonError, OpenAI
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

from tests.e2e.conftest import Provide
from tests.e2e.gateway import TOY, Gateway
from tests.e2e.questions import (
    FLAG_FORMAT,
    GREETING,
    HELLO,
    TOLD_BY_TOOL,
    WEATHER,
    WEATHER_RESULT,
    WEATHER_TOOL,
    is_flag,
)
from tests.support.upstream import Upstream


@pytest.fixture
def sdk(gateway: Gateway) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{gateway.url}/v1", api_key=gateway.key) as sdk:
        yield sdk


def test_a_chat_is_answered(sdk: OpenAI) -> None:
    answer = sdk.chat.completions.create(model=TOY, messages=HELLO, temperature=0)

    assert answer.object == "chat.completion"
    assert [choice.message.content for choice in answer.choices] == [GREETING]
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.completion_tokens > 5


def test_a_streamed_chat_says_the_same_piece_by_piece(sdk: OpenAI) -> None:
    with sdk.chat.completions.create(model=TOY, messages=HELLO, temperature=0, stream=True) as stream:
        chunks = list(stream)

    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks]
    assert "".join(pieces) == GREETING
    assert len([piece for piece in pieces if piece]) > 5
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices[0].finish_reason] == ["stop"]
    assert [chunk.usage for chunk in chunks if chunk.usage] == []


def test_a_stream_ends_with_its_usage_when_asked(sdk: OpenAI) -> None:
    with sdk.chat.completions.create(
        model=TOY, messages=HELLO, temperature=0, stream=True, stream_options={"include_usage": True}
    ) as stream:
        chunks = list(stream)

    assert [bool(chunk.usage) for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 5


def test_a_tool_is_called_and_its_result_is_answered_from(sdk: OpenAI) -> None:
    called = sdk.chat.completions.create(model=TOY, messages=WEATHER, tools=[WEATHER_TOOL], temperature=0)
    answered = sdk.chat.completions.create(
        model=TOY, messages=[*WEATHER, *_tool_turn(called)], tools=[WEATHER_TOOL], temperature=0
    )

    assert called.choices[0].finish_reason == "tool_calls"
    assert [name for name, _ in _calls(called)] == ["get_weather"]
    assert [list(arguments) for _, arguments in _calls(called)] == [["city"]]
    assert answered.choices[0].finish_reason == "stop"
    assert str(answered.choices[0].message.content).startswith(TOLD_BY_TOOL)


def _calls(answer: ChatCompletion) -> list[tuple[str, dict[str, str]]]:
    calls = answer.choices[0].message.tool_calls or []
    return [(call.function.name, json.loads(call.function.arguments)) for call in calls if call.type == "function"]


def _tool_turn(answer: ChatCompletion) -> list[Any]:
    message = answer.choices[0].message
    assert message.tool_calls
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": WEATHER_RESULT}
    return [message.to_dict(), result]


def test_a_streamed_tool_call_has_the_same_name_and_arguments(sdk: OpenAI) -> None:
    whole = sdk.chat.completions.create(model=TOY, messages=WEATHER, tools=[WEATHER_TOOL], temperature=0)
    with sdk.chat.completions.stream(model=TOY, messages=WEATHER, tools=[WEATHER_TOOL], temperature=0) as stream:
        streamed = stream.get_final_completion()

    assert _calls(ChatCompletion.model_validate(streamed.to_dict())) == _calls(whole)


def test_an_answer_has_the_structure_that_was_asked_for(sdk: OpenAI) -> None:
    answer = sdk.chat.completions.create(model=TOY, messages=HELLO, response_format=FLAG_FORMAT, temperature=0)

    assert is_flag(json.loads(str(answer.choices[0].message.content)))


class Flag(BaseModel):
    striped: bool


def test_a_structured_answer_is_parsed_into_a_class(sdk: OpenAI) -> None:
    answer = sdk.chat.completions.parse(model=TOY, messages=HELLO, response_format=Flag, temperature=0)

    assert isinstance(answer.choices[0].message.parsed, Flag)


def test_a_structured_answer_that_was_cut_off_is_its_own_error(sdk: OpenAI) -> None:
    with pytest.raises(LengthFinishReasonError):
        sdk.chat.completions.parse(model=TOY, messages=HELLO, response_format=Flag, max_tokens=1)


def test_a_text_is_continued(sdk: OpenAI) -> None:
    whole = sdk.completions.create(model=TOY, prompt="Hello", max_tokens=8, temperature=0)
    with sdk.completions.create(model=TOY, prompt="Hello", max_tokens=8, temperature=0, stream=True) as stream:
        pieces = [chunk.choices[0].text for chunk in stream]

    assert whole.object == "text_completion"
    assert whole.choices[0].text
    assert "".join(pieces) == whole.choices[0].text
    assert whole.usage is not None
    assert whole.usage.completion_tokens == 8


def test_texts_become_vectors(sdk: OpenAI) -> None:
    one = sdk.embeddings.create(model=TOY, input="a patch cable")
    several = sdk.embeddings.create(model=TOY, input=["a patch cable", "another"], encoding_format="float")

    assert [item.index for item in several.data] == [0, 1]
    assert several.data[0].embedding == pytest.approx(one.data[0].embedding, abs=1e-4)
    assert several.data[0].embedding != several.data[1].embedding
    assert len(one.data[0].embedding) > 10
    assert one.usage.prompt_tokens > 0


def test_tokens_become_a_vector(sdk: OpenAI) -> None:
    answer = sdk.embeddings.create(model=TOY, input=[1, 2, 3])

    assert len(answer.data) == 1
    assert answer.usage.prompt_tokens >= 3


def test_vectors_have_the_dimensions_that_were_asked_for(sdk: OpenAI, upstream: Upstream, provide: Provide) -> None:
    model = f"{provide(upstream)}/text-embedding-hello"

    as_base64 = sdk.embeddings.create(model=model, input="hello", dimensions=5)
    as_numbers = sdk.embeddings.create(model=model, input="hello", dimensions=5, encoding_format="float")

    assert as_base64.data[0].embedding == pytest.approx(as_numbers.data[0].embedding)
    assert len(as_numbers.data[0].embedding) == 5
    assert upstream.last.json["dimensions"] == 5


def test_models_are_listed_under_the_names_that_find_them(sdk: OpenAI, upstream: Upstream, provide: Provide) -> None:
    slug = provide(upstream)

    listed = [model.id for model in sdk.models.list()]

    assert {TOY, f"{slug}/hello-1", f"{slug}/text-embedding-hello"} <= set(listed)
    assert [sdk.models.retrieve(name).id for name in listed] == listed


@pytest.mark.parametrize("name", [TOY, TOY.replace("/", "%2F")])
def test_a_model_is_found_with_its_slash_raw_and_quoted(gateway: Gateway, name: str) -> None:
    reply = gateway.ask("GET", f"/v1/models/{name}")

    assert (reply.status, reply.json["id"], reply.json["object"]) == (200, TOY, "model")


def test_the_async_client_chats_streams_and_embeds_at_once(gateway: Gateway) -> None:
    async def ask() -> tuple[str | None, str, int]:
        async with AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key=gateway.key) as sdk:

            async def streamed() -> str:
                stream = await sdk.chat.completions.create(model=TOY, messages=HELLO, temperature=0, stream=True)
                return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

            chat, text, vectors = await asyncio.gather(
                sdk.chat.completions.create(model=TOY, messages=HELLO, temperature=0),
                streamed(),
                sdk.embeddings.create(model=TOY, input=["one", "two"]),
            )
            return chat.choices[0].message.content, text, len(vectors.data)

    assert asyncio.run(ask()) == (GREETING, GREETING, 2)
