"""A joined stream is the plain answer that the same server gives."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.catalog import Task
from app.domain.errors import ProviderProtocol
from app.providers.joining import Joiner
from tests.providers.asking import asked, events_of, model
from tests.providers.conftest import NewProvider
from tests.support.replies import Answer, ToolCall, answer_with, respond
from tests.support.upstream import Upstream

LLAMA = model(owned_by="llamacpp")
TWO_CALLS = (ToolCall("weather", '{"city": "Oslo"}', "call_1"), ToolCall("time", "{}", "call_2"))

ANSWERS: dict[str, tuple[Answer, dict[str, Any]]] = {
    "text": (answer_with("one two three"), {}),
    "reasoning": (answer_with("four", reasoning=("two", " and", " two")), {}),
    "reasoning under its newer name": (answer_with("four", reasoning=("two",), reasoning_in="reasoning"), {}),
    "several choices": (answer_with("one two"), {"n": 3}),
    "logprobs": (answer_with("hello", logprobs=True), {"logprobs": True}),
    "tool calls in pieces": (answer_with([], tool_calls=TWO_CALLS), {}),
    "whole tool calls": (answer_with([], tool_calls=TWO_CALLS, tool_calls_whole=True), {}),
    "unknown keys": (answer_with("hello", extra={"timings": {"predicted_ms": 9.6}, "service_tier": "flex"}), {}),
    "no usage": (answer_with("hello", usage=None), {}),
    "no role chunk": (answer_with("hello", role_first=False), {}),
}


@pytest.mark.parametrize(("answer", "fields"), ANSWERS.values(), ids=ANSWERS)
def test_a_joined_chat_is_the_plain_one(
    answer: Answer, fields: dict[str, Any], upstream: Upstream, new_provider: NewProvider
) -> None:
    upstream.will(answer)
    provider = new_provider("openai_compatible", upstream.base_url)

    [plain] = events_of(provider, asked(**fields))
    [joined] = events_of(provider, asked(**fields), LLAMA)

    assert [request.json.get("stream") for request in upstream.requests] == [None, True]
    assert _without_time(joined.data) == _without_time(plain.data)


def test_a_joined_completion_is_the_plain_one(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(answer_with("one two three"))
    provider = new_provider("openai_compatible", upstream.base_url)
    request = asked(Task.COMPLETION, prompt="count", n=2)

    [plain] = events_of(provider, request)
    [joined] = events_of(provider, request, LLAMA)

    # This server's stream leaves out what is null in its plain answer.
    expected = _without_time(plain.data)
    for choice in expected["choices"]:
        assert choice.pop("logprobs") is None
    assert _without_time(joined.data) == expected


@pytest.mark.parametrize("odd", [b"1e999", b'"\xff"'], ids=["a number beyond all numbers", "letters that are none"])
def test_what_cannot_be_joined_is_the_servers_fault(odd: bytes, upstream: Upstream, new_provider: NewProvider) -> None:
    chunk = b'{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}],"extra":' + odd + b"}"
    upstream.will(respond(200, b"data: " + chunk + b"\n\n", headers={"Content-Type": "text/event-stream"}))

    with pytest.raises(ProviderProtocol):
        events_of(new_provider("openai_compatible", upstream.base_url), asked(), LLAMA)


def _without_time(data: bytes) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.json.decode(data)
    assert abs(document.pop("created")) > 0
    return document


def joined(*chunks: dict[str, Any]) -> Any:
    joiner = Joiner()
    for chunk in chunks:
        joiner.add(msgspec.json.decode(msgspec.json.encode(chunk)))
    return msgspec.json.decode(joiner.joined())


def delta(part: dict[str, Any], **choice: Any) -> dict[str, Any]:
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": part, **choice}]}


def test_tool_calls_without_an_index_have_that_of_their_place() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": {"x": 1}}}

    answer = joined(delta({"tool_calls": [call]}), delta({}, finish_reason="tool_calls"))

    assert answer["choices"][0]["message"]["tool_calls"] == [
        {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}
    ]


def test_an_odd_index_costs_nothing() -> None:
    call = {"index": 10**12, "id": "a", "function": {"name": "f", "arguments": "{}"}}

    answer = joined(delta({"tool_calls": [call]}))

    assert len(answer["choices"][0]["message"]["tool_calls"]) == 1


def test_what_is_unknown_is_kept_wherever_it_comes() -> None:
    answer = joined(
        delta({"role": "assistant", "annotations": [1], "audio": {"id": "x"}}) | {"colour": "blue"},
        delta({"content": "a", "annotations": [2], "thoughts": "p"}, weight=3) | {"colour": None},
        delta({"content": ["odd"], "thoughts": "q"}, weight=None, finish_reason="stop"),
        {"choices": [], "usage": {"prompt_tokens": 1}},
    )

    assert answer == {
        "object": "chat.completion",
        "colour": "blue",
        "choices": [
            {
                "index": 0,
                "weight": 3,
                "finish_reason": "stop",
                "message": {
                    "role": "assistant",
                    "content": ["odd"],
                    "annotations": [1, 2],
                    "audio": {"id": "x"},
                    "thoughts": "pq",
                },
            }
        ],
        "usage": {"prompt_tokens": 1},
    }


@given(st.lists(st.text(max_size=5), max_size=8), st.lists(st.text(max_size=5), max_size=4))
def test_however_a_text_is_cut_it_is_joined_again(texts: list[str], arguments: list[str]) -> None:
    pieces = [delta({"content": text}) for text in texts]
    calls = [delta({"tool_calls": [{"index": 0, "function": {"arguments": part}}]}) for part in arguments]

    message = joined(*pieces, *calls, delta({}, finish_reason="stop"))["choices"][0]["message"]

    assert (message["content"] or "") == "".join(texts)
    assert "".join(call["function"]["arguments"] for call in message.get("tool_calls", [])) == "".join(arguments)
