"""Anthropic's Python SDK, unchanged, in front of the real engine: only address and key are Patchbay's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic
from anthropic.types import Message

from tests.e2e.gateway import TOY, Gateway
from tests.e2e.questions import FLAG, GREETING, HELLO, TOLD_BY_TOOL, WEATHER, WEATHER_RESULT, WEATHER_TOOL, is_flag
from tests.support.replies import answer_with, openai_error, rate_limited, stall
from tests.support.upstream import Upstream

FUNCTION = WEATHER_TOOL["function"]
TOOL: Any = {
    "name": FUNCTION["name"],
    "description": FUNCTION["description"],
    "input_schema": FUNCTION["parameters"],
}
COLD: Any = {"temperature": 0}
"""The SDK knows no temperature any more; the API it speaks still does."""


@pytest.fixture
def sdk(gateway: Gateway) -> Iterator[Anthropic]:
    with Anthropic(base_url=gateway.url, api_key=gateway.key, max_retries=0) as sdk:
        yield sdk


def said(message: Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def test_a_message_is_answered(sdk: Anthropic) -> None:
    message = sdk.messages.create(model=TOY, max_tokens=100, messages=HELLO, extra_body=COLD)

    assert [block.type for block in message.content] == ["text"]
    assert said(message) == GREETING
    assert (message.role, message.stop_reason) == ("assistant", "end_turn")
    assert message.usage.input_tokens + (message.usage.cache_read_input_tokens or 0) > 0
    assert message.usage.output_tokens > 5


def test_tokens_are_counted_as_the_model_reads_them(sdk: Anthropic, model: str) -> None:
    count = sdk.messages.count_tokens(model=TOY, messages=HELLO, system="Be brief.", tools=[TOOL])
    message = sdk.messages.create(model=TOY, max_tokens=1, messages=HELLO, system="Be brief.", tools=[TOOL])

    assert count.input_tokens == message.usage.input_tokens + (message.usage.cache_read_input_tokens or 0)
    with pytest.raises(anthropic.BadRequestError, match="Tokens can't be counted"):
        sdk.messages.count_tokens(model=model, messages=HELLO)


def test_a_streamed_message_says_the_same_piece_by_piece(sdk: Anthropic) -> None:
    with sdk.messages.stream(model=TOY, max_tokens=100, messages=HELLO, extra_body=COLD) as stream:
        pieces = list(stream.text_stream)
        message = stream.get_final_message()

    assert "".join(pieces) == GREETING == said(message)
    assert len(pieces) > 5
    assert message.stop_reason == "end_turn"
    assert message.usage.output_tokens > 5


@pytest.mark.parametrize("streamed", [False, True])
def test_a_tool_is_called_and_its_result_is_answered_from(sdk: Anthropic, streamed: bool) -> None:
    asked: Any = {"model": TOY, "max_tokens": 100, "tools": [TOOL], "extra_body": COLD}

    if streamed:
        with sdk.messages.stream(messages=WEATHER, **asked) as stream:
            called: Message = stream.get_final_message()
    else:
        called = sdk.messages.create(messages=WEATHER, **asked)
    (use,) = [block for block in called.content if block.type == "tool_use"]
    result = {"type": "tool_result", "tool_use_id": use.id, "content": [{"type": "text", "text": WEATHER_RESULT}]}
    turn: list[Any] = [{"role": "assistant", "content": called.content}, {"role": "user", "content": [result]}]
    answered = sdk.messages.create(messages=[*WEATHER, *turn], **asked)

    assert (use.name, list(use.input)) == ("get_weather", ["city"])
    assert called.stop_reason == "tool_use"
    assert said(answered).startswith(TOLD_BY_TOOL)


def test_an_answer_has_the_structure_that_was_asked_for(sdk: Anthropic) -> None:
    wanted: Any = {"format": {"type": "json_schema", "schema": FLAG}}

    message = sdk.messages.create(model=TOY, max_tokens=100, messages=HELLO, output_config=wanted, extra_body=COLD)

    assert is_flag(json.loads(said(message)))


def test_the_limit_ends_the_message(sdk: Anthropic) -> None:
    message = sdk.messages.create(model=TOY, max_tokens=3, messages=HELLO, extra_body=COLD)

    assert (message.stop_reason, message.usage.output_tokens) == ("max_tokens", 3)


def test_the_async_client_answers_and_streams_with_a_bearer_token(gateway: Gateway) -> None:
    async def ask() -> tuple[str, str]:
        async with AsyncAnthropic(base_url=gateway.url, auth_token=gateway.key, max_retries=0) as sdk:
            whole = await sdk.messages.create(model=TOY, max_tokens=100, messages=HELLO, extra_body=COLD)
            async with sdk.messages.stream(model=TOY, max_tokens=100, messages=HELLO, extra_body=COLD) as stream:
                return said(whole), await stream.get_final_text()

    assert asyncio.run(ask()) == (GREETING, GREETING)


def test_what_came_from_a_cache_is_counted_apart(sdk: Anthropic, upstream: Upstream, model: str) -> None:
    cached = {"usage": {"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 6}}}
    upstream.will(answer_with("hello", usage=None, extra=cached))

    usage = sdk.messages.create(model=model, max_tokens=9, messages=HELLO).usage

    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens) == (4, 6, 2)


ERRORS: dict[str, tuple[Any, type[anthropic.APIStatusError], int, str]] = {
    "a refusal": (openai_error(400), anthropic.BadRequestError, 400, "invalid_request_error"),
    "an unknown model": (openai_error(404), anthropic.NotFoundError, 404, "not_found_error"),
    "a limit": (rate_limited(3600), anthropic.RateLimitError, 429, "rate_limit_error"),
    "a page": (openai_error(501, headers={"retry-after-ms": "1"}), anthropic.InternalServerError, 502, "api_error"),
}


@pytest.mark.parametrize(("reply", "kind", "status", "name"), ERRORS.values(), ids=ERRORS)
def test_a_failure_is_the_error_class_that_programs_catch(
    sdk: Anthropic, upstream: Upstream, model: str, reply: Any, kind: type[Exception], status: int, name: str
) -> None:
    upstream.will(reply)

    with pytest.raises(kind) as raised:
        sdk.messages.create(model=model, max_tokens=9, messages=HELLO)

    error: Any = raised.value
    assert (error.status_code, error.body["error"]["type"]) == (status, name)


def test_a_wrong_key_and_a_wrong_field_are_theirs_too(gateway: Gateway) -> None:
    with (
        Anthropic(base_url=gateway.url, api_key="pb-nobody", max_retries=0) as stranger,
        pytest.raises(anthropic.AuthenticationError),
    ):
        stranger.messages.create(model=TOY, max_tokens=9, messages=HELLO)
    with (
        Anthropic(base_url=gateway.url, api_key=gateway.key, max_retries=0) as sdk,
        pytest.raises(anthropic.BadRequestError, match="max_tokens"),
    ):
        sdk.messages.create(model=TOY, max_tokens=0, messages=HELLO)


def test_a_stream_that_breaks_raises_after_its_text(sdk: Anthropic, upstream: Upstream, model: str) -> None:
    upstream.will(answer_with(["I ", "look."], ending="error_data"))
    pieces: list[str] = []

    with (
        pytest.raises(anthropic.APIStatusError),
        sdk.messages.stream(model=model, max_tokens=9, messages=HELLO) as stream,
    ):
        pieces += stream.text_stream

    assert "".join(pieces) == "I look."


def test_leaving_ends_the_call_and_each_call_is_in_the_ledger(
    gateway: Gateway, sdk: Anthropic, upstream: Upstream, model: str
) -> None:
    upstream.will(answer_with("hello there", usage=(11, 7)))
    sdk.messages.create(model=model, max_tokens=9, messages=HELLO, extra_headers={"X-Request-Id": "of-anthropic"})
    upstream.will(stall())
    body = {"model": model, "max_tokens": 9, "messages": HELLO, "stream": True}

    with gateway.call("/v1/messages", body, headers={"X-Request-Id": "left-anthropic"}) as call:
        upstream.wait_for(3)
        call.leave()

    upstream.wait_until_left(within_s=10.0)
    (row,) = gateway.rows("of-anthropic", within_s=10.0)
    (left,) = gateway.rows("left-anthropic", within_s=10.0)
    assert (row["face"], row["task"], row["model_asked"], row["outcome"]) == ("messages", "chat", model, "ok")
    assert (row["prompt_tokens"], row["completion_tokens"], row["token_source"]) == (11, 7, "provider")
    assert left["outcome"] == "client_left"


def test_models_are_listed_under_the_names_that_find_them(sdk: Anthropic) -> None:
    listed = list(sdk.models.list(limit=1000))

    toy = next(model for model in listed if model.id == TOY)
    assert (toy.type, toy.display_name, toy.created_at.year) == ("model", "Patchbay toy", 1970)
    assert toy.max_input_tokens
    assert [sdk.models.retrieve(model.id).id for model in listed] == [model.id for model in listed]
