"""Groq's Python SDK, unchanged: it adds `/openai/v1` to the address by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from groq import AsyncGroq, Groq

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
from tests.support.replies import answer_with
from tests.support.upstream import Upstream


@pytest.fixture
def sdk(gateway: Gateway) -> Iterator[Groq]:
    with Groq(base_url=gateway.url, api_key=gateway.key) as sdk:
        yield sdk


def test_a_chat_is_answered(sdk: Groq) -> None:
    answer = sdk.chat.completions.create(model=TOY, messages=HELLO, temperature=0)

    assert [choice.message.content for choice in answer.choices] == [GREETING]
    assert answer.usage is not None
    assert answer.usage.completion_tokens > 5


def test_a_streamed_chat_says_the_same_and_ends_with_its_usage(sdk: Groq) -> None:
    options = {"stream_options": {"include_usage": True}}
    with sdk.chat.completions.create(
        model=TOY, messages=HELLO, temperature=0, stream=True, extra_body=options
    ) as stream:
        chunks = list(stream)

    assert "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices) == GREETING
    assert [bool(chunk.usage) for chunk in chunks] == [False] * (len(chunks) - 1) + [True]


def test_what_groq_adds_to_its_chunks_is_kept(sdk: Groq, upstream: Upstream, provide: Provide) -> None:
    upstream.imitate("groq")
    model = f"{provide(upstream, provider='groq', base_url=f'{upstream.url}/openai/v1')}/hello-1"
    upstream.will(answer_with("hello there", usage_in="x_groq", usage=(7, 2)))

    with sdk.chat.completions.create(model=model, messages=HELLO, stream=True) as stream:
        added = [chunk.x_groq for chunk in stream if chunk.x_groq]

    assert [(one.id, one.usage.total_tokens) for one in added if one.usage] == [("req_1", 9)]


def test_a_tool_is_called_and_its_result_is_answered_from(sdk: Groq) -> None:
    called = sdk.chat.completions.create(model=TOY, messages=WEATHER, tools=[WEATHER_TOOL], temperature=0)
    calls = called.choices[0].message.tool_calls or []
    turn: Any = called.choices[0].message.to_dict(exclude_none=True)
    result: Any = {"role": "tool", "tool_call_id": calls[0].id, "content": WEATHER_RESULT}
    answered = sdk.chat.completions.create(
        model=TOY, messages=[*WEATHER, turn, result], tools=[WEATHER_TOOL], temperature=0
    )

    assert called.choices[0].finish_reason == "tool_calls"
    assert [(call.function.name, list(json.loads(call.function.arguments))) for call in calls] == [
        ("get_weather", ["city"])
    ]
    assert str(answered.choices[0].message.content).startswith(TOLD_BY_TOOL)


def test_an_answer_has_the_structure_that_was_asked_for(sdk: Groq) -> None:
    answer = sdk.chat.completions.create(model=TOY, messages=HELLO, response_format=FLAG_FORMAT, temperature=0)

    assert is_flag(json.loads(str(answer.choices[0].message.content)))


def test_texts_become_vectors(sdk: Groq) -> None:
    answer = sdk.embeddings.create(model=TOY, input=["one", "two"], encoding_format="float")

    assert [item.index for item in answer.data] == [0, 1]
    assert answer.data[0].embedding != answer.data[1].embedding


def test_models_are_listed_and_found(sdk: Groq) -> None:
    listed = [model.id for model in sdk.models.list().data]

    assert TOY in listed
    assert [sdk.models.retrieve(name).id for name in listed] == listed


def test_the_async_client_streams(gateway: Gateway) -> None:
    async def ask() -> str:
        async with AsyncGroq(base_url=gateway.url, api_key=gateway.key) as sdk:
            stream = await sdk.chat.completions.create(model=TOY, messages=HELLO, temperature=0, stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert asyncio.run(ask()) == GREETING
