"""OpenAI's Node SDK, unchanged, in front of the real engine."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import pytest

from tests.e2e.conftest import Provide
from tests.e2e.gateway import TOY, Gateway
from tests.e2e.node_sdk import in_node
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


def successes(gateway: Gateway, *asked: tuple[str, dict[str, Any]]) -> list[Any]:
    calls = [{"action": action, "params": params, "key": gateway.key} for action, params in asked]
    results = in_node(f"{gateway.url}/v1", *calls)
    assert [result.get("error") for result in results] == [None] * len(results)
    return [result["ok"] for result in results]


def test_a_chat_is_answered_whole_and_streamed_with_and_without_usage(gateway: Gateway) -> None:
    params = {"model": TOY, "messages": HELLO, "temperature": 0}

    whole, streamed, counted = successes(
        gateway,
        ("chat", params),
        ("chatStream", params),
        ("chatStream", {**params, "stream_options": {"include_usage": True}}),
    )

    assert whole["choices"][0]["message"]["content"] == GREETING
    assert (_text(streamed), _text(counted)) == (GREETING, GREETING)
    assert [chunk["usage"] for chunk in streamed if chunk.get("usage")] == []
    assert [bool(chunk.get("usage")) for chunk in counted] == [False] * (len(counted) - 1) + [True]


def _text(chunks: list[Any]) -> str:
    return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])


def test_a_tool_is_called_and_its_result_is_answered_from(gateway: Gateway) -> None:
    params = {"model": TOY, "messages": WEATHER, "tools": [WEATHER_TOOL], "temperature": 0}

    (called,) = successes(gateway, ("chat", params))
    message = called["choices"][0]["message"]
    (call,) = message["tool_calls"]
    result = {"role": "tool", "tool_call_id": call["id"], "content": WEATHER_RESULT}
    (answered,) = successes(gateway, ("chat", {**params, "messages": [*WEATHER, message, result]}))

    assert call["function"]["name"] == "get_weather"
    assert list(json.loads(call["function"]["arguments"])) == ["city"]
    assert answered["choices"][0]["message"]["content"].startswith(TOLD_BY_TOOL)


def test_an_answer_has_the_structure_that_was_asked_for(gateway: Gateway) -> None:
    params = {"model": TOY, "messages": HELLO, "response_format": FLAG_FORMAT, "temperature": 0}

    (answer,) = successes(gateway, ("chat", params))

    assert is_flag(json.loads(answer["choices"][0]["message"]["content"]))


def test_a_text_is_continued_whole_and_streamed(gateway: Gateway) -> None:
    params = {"model": TOY, "prompt": "Hello", "max_tokens": 8, "temperature": 0}

    whole, streamed = successes(gateway, ("completion", params), ("completionStream", params))

    assert whole["choices"][0]["text"]
    assert "".join(chunk["choices"][0]["text"] for chunk in streamed) == whole["choices"][0]["text"]


def test_texts_and_tokens_become_vectors(gateway: Gateway, upstream: Upstream, provide: Provide) -> None:
    sized = f"{provide(upstream)}/text-embedding-hello"

    one, several, tokens, base64_text, short = successes(
        gateway,
        ("embeddings", {"model": TOY, "input": "one"}),
        ("embeddings", {"model": TOY, "input": ["one", "two"], "encoding_format": "float"}),
        ("embeddings", {"model": TOY, "input": [1, 2, 3]}),
        ("embeddings", {"model": TOY, "input": "one", "encoding_format": "base64"}),
        ("embeddings", {"model": sized, "input": "one", "dimensions": 5}),
    )

    vector = several["data"][0]["embedding"]
    packed = base64.b64decode(base64_text["data"][0]["embedding"])
    assert one["data"][0]["embedding"] == pytest.approx(vector, abs=1e-4)
    assert list(struct.unpack(f"<{len(vector)}f", packed)) == pytest.approx(vector, abs=1e-4)
    assert len(tokens["data"]) == 1
    assert len(short["data"][0]["embedding"]) == 5


def test_models_are_listed_and_found(gateway: Gateway) -> None:
    listed, found = successes(gateway, ("models", {}), ("model", {"id": TOY}))

    assert TOY in [model["id"] for model in listed]
    assert found["id"] == TOY
