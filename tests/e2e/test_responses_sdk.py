"""OpenAI's Python SDK asks for responses, unchanged, in front of the real engine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.responses import Response
from pydantic import BaseModel

from tests.e2e.gateway import TOY, Gateway
from tests.e2e.questions import (
    FLAG,
    GREETING,
    HELLO,
    TOLD_BY_TOOL,
    WEATHER,
    WEATHER_RESULT,
    WEATHER_TOOL,
    is_flag,
)
from tests.support.replies import answer_with, openai_error, stall
from tests.support.upstream import Upstream

TOOL: Any = {"type": "function", "strict": True, **WEATHER_TOOL["function"]}


@pytest.fixture
def sdk(gateway: Gateway) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{gateway.url}/v1", api_key=gateway.key, max_retries=0) as sdk:
        yield sdk


def test_a_response_is_given(sdk: OpenAI) -> None:
    response = sdk.responses.create(model=TOY, input="Hello", temperature=0)

    assert response.output_text == GREETING
    assert [item.type for item in response.output] == ["message"]
    assert (response.object, response.status, response.error) == ("response", "completed", None)
    assert response.usage is not None
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens
    assert response.usage.output_tokens > 5


def test_a_streamed_response_says_the_same_piece_by_piece(sdk: OpenAI) -> None:
    with sdk.responses.create(model=TOY, input=HELLO, temperature=0, stream=True) as stream:
        events = list(stream)

    pieces = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(pieces) == GREETING
    assert len(pieces) > 5
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[-1].type == "response.completed"
    assert events[-1].response.output_text == GREETING


@pytest.mark.parametrize("streamed", [False, True])
def test_a_tool_is_called_and_its_result_is_answered_from(sdk: OpenAI, streamed: bool) -> None:
    asked: Any = {"model": TOY, "tools": [TOOL], "temperature": 0}

    if streamed:
        with sdk.responses.stream(input=WEATHER, **asked) as stream:
            called: Response = stream.get_final_response()
    else:
        called = sdk.responses.create(input=WEATHER, **asked)
    (call,) = [item for item in called.output if item.type == "function_call"]
    result: Any = {"type": "function_call_output", "call_id": call.call_id, "output": WEATHER_RESULT}
    by_id = sdk.responses.create(input=[result], previous_response_id=called.id, **asked)
    turns: list[Any] = [*WEATHER, *called.output, result]
    in_full = sdk.responses.create(input=turns, store=False, **asked)

    assert (call.name, list(json.loads(call.arguments))) == ("get_weather", ["city"])
    assert by_id.output_text.startswith(TOLD_BY_TOOL)
    assert in_full.output_text == by_id.output_text


class Flag(BaseModel):
    striped: bool


def test_an_answer_has_the_structure_that_was_asked_for(sdk: OpenAI) -> None:
    wanted: Any = {"format": {"type": "json_schema", "name": "flag", "schema": FLAG, "strict": True}}

    response = sdk.responses.create(model=TOY, input="Hello", text=wanted, temperature=0)
    parsed = sdk.responses.parse(model=TOY, input="Hello", text_format=Flag, temperature=0)

    assert is_flag(json.loads(response.output_text))
    assert isinstance(parsed.output_parsed, Flag)


def test_the_limit_makes_the_response_incomplete(sdk: OpenAI) -> None:
    response = sdk.responses.create(model=TOY, input="Hello", max_output_tokens=3)

    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"


def test_a_response_is_read_again_and_deleted(sdk: OpenAI) -> None:
    response = sdk.responses.create(model=TOY, input="Hello", temperature=0)

    again = sdk.responses.retrieve(response.id)
    sdk.responses.delete(response.id)

    assert again.output_text == response.output_text
    with pytest.raises(openai.NotFoundError):
        sdk.responses.retrieve(response.id)
    with pytest.raises(openai.BadRequestError) as raised:
        sdk.responses.create(model=TOY, input="Hello", previous_response_id=response.id)
    assert raised.value.param == "previous_response_id"


def test_the_async_client_answers_and_streams(gateway: Gateway) -> None:
    async def ask() -> tuple[str, str]:
        async with AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key=gateway.key) as sdk:
            whole = await sdk.responses.create(model=TOY, input="Hello", temperature=0)
            async with sdk.responses.stream(model=TOY, input="Hello", temperature=0) as stream:
                return whole.output_text, (await stream.get_final_response()).output_text

    assert asyncio.run(ask()) == (GREETING, GREETING)


def test_what_a_model_thinks_is_an_item(sdk: OpenAI, upstream: Upstream, model: str) -> None:
    upstream.will(answer_with(["I ", "see."], reasoning=("h", "m")))

    with sdk.responses.stream(model=model, input="hello", reasoning={"effort": "low"}) as stream:
        thought = [event.delta for event in stream if event.type == "response.reasoning_text.delta"]
        final = stream.get_final_response()

    assert thought == ["h", "m"]
    assert [item.type for item in final.output] == ["reasoning", "message"]
    assert final.output_text == "I see."
    assert upstream.last.json["reasoning_effort"] == "low"


def test_failures_are_the_error_classes_that_programs_catch(
    gateway: Gateway, sdk: OpenAI, upstream: Upstream, model: str
) -> None:
    upstream.will(openai_error(400, code="odd", param="input"))
    with pytest.raises(openai.BadRequestError) as refused:
        sdk.responses.create(model=model, input="hello")
    with pytest.raises(openai.BadRequestError) as unable:
        sdk.responses.create(model=model, input="hello", tools=[{"type": "web_search"}])
    with pytest.raises(openai.NotFoundError):
        sdk.responses.create(model="no-such-model", input="hello")
    with (
        OpenAI(base_url=f"{gateway.url}/v1", api_key="pb-nobody", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        stranger.responses.create(model=model, input="hello")

    assert (refused.value.code, unable.value.code) == ("odd", "capability_not_supported")


def test_a_stream_that_breaks_ends_in_a_failed_response(sdk: OpenAI, upstream: Upstream, model: str) -> None:
    upstream.will(answer_with(["I ", "look."], ending="error_data"))

    with sdk.responses.create(model=model, input="hello", stream=True) as stream:
        *_, last = list(stream)

    assert last.type == "response.failed"
    assert last.response.error is not None
    assert last.response.output_text == "I look."


def test_leaving_ends_the_call_and_each_call_is_in_the_ledger(
    gateway: Gateway, sdk: OpenAI, upstream: Upstream, model: str
) -> None:
    upstream.will(answer_with("hello there", usage=(11, 7)))
    sdk.responses.create(model=model, input="hello", extra_headers={"X-Request-Id": "of-responses"})
    upstream.will(stall())
    body = {"model": model, "input": "hello", "stream": True}

    with gateway.call("/v1/responses", body, headers={"X-Request-Id": "left-responses"}) as call:
        upstream.wait_for(3)
        call.leave()

    upstream.wait_until_left(within_s=10.0)
    (row,) = gateway.rows("of-responses", within_s=10.0)
    (left,) = gateway.rows("left-responses", within_s=10.0)
    assert (row["face"], row["task"], row["model_asked"], row["outcome"]) == ("responses", "chat", model, "ok")
    assert (row["prompt_tokens"], row["completion_tokens"], row["token_source"]) == (11, 7, "provider")
    assert left["outcome"] == "client_left"
