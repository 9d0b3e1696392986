"""Tool calls that a provider tells of in turns: /v1/messages and /v1/responses tell one after the other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from app.api.translation import answer_parts
from app.domain.events import AnswerBody, Choice, Chunk, FunctionPart, Message, ToolCallPart
from app.gateway.answer import Answer
from app.gateway.routing import Candidate
from tests.api.dialects.conftest import Stage
from tests.gateway.making import model, provider
from tests.support.replies import Response, respond

MESSAGES = "/v1/messages"
RESPONSES = "/v1/responses"
BODIES: dict[str, dict[str, Any]] = {
    MESSAGES: {"max_tokens": 50, "messages": [{"role": "user", "content": "hello"}]},
    RESPONSES: {"input": "hello", "store": False},
}
BOTH = pytest.mark.parametrize("path", BODIES)


def call(index: int, arguments: str = "", **fields: object) -> dict[str, Any]:
    return {"tool_calls": [{"index": index, "function": {"name": "look", "arguments": arguments}, **fields}]}


def told_in_turns(*deltas: dict[str, Any]) -> Response:
    chunks: list[dict[str, Any]] = [{"index": 0, "delta": one} for one in deltas]
    chunks.append({"index": 0, "delta": {}, "finish_reason": "tool_calls"})
    body = "".join(f"data: {json.dumps({'choices': [one]})}\n\n" for one in chunks) + "data: [DONE]\n\n"
    return respond(200, body, headers={"Content-Type": "text/event-stream"})


def events(stage: Stage, path: str) -> list[dict[str, Any]]:
    reply = stage.call(path, {"model": "box/hello-1", "stream": True, **BODIES[path]})
    return [json.loads(block.split("data: ")[1]) for block in reply.text.strip().split("\n\n")]


def parts_of(path: str, told: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """What a client puts together: the text, or a call's id and its arguments. Blocks of a message do not overlap."""
    found: dict[int, list[str]] = {}
    open_ones: set[int] = set()
    for event in told:
        index = int(event.get("index", event.get("output_index", -1)))
        match event["type"]:
            case "content_block_start":
                block = event["content_block"]
                found[index] = [block.get("id", block["type"]), ""]
                open_ones.add(index)
                assert path == RESPONSES or open_ones == {index}
            case "response.output_item.added":
                found[index] = [event["item"].get("call_id", event["item"]["type"]), ""]
                open_ones.add(index)
            case "content_block_delta":
                assert index in open_ones
                found[index][1] += event["delta"].get("partial_json") or event["delta"]["text"]
            case "response.function_call_arguments.delta" | "response.output_text.delta":
                assert index in open_ones
                found[index][1] += event["delta"]
            case "content_block_stop" | "response.output_item.done":
                open_ones.remove(index)
    assert not open_ones
    return [(name, text) for _, (name, text) in sorted(found.items())]


@BOTH
def test_each_call_is_told_whole_and_in_order(stage: Stage, path: str) -> None:
    stage.upstream.will(
        told_in_turns(
            call(0, id="a"),
            call(1, id="b"),
            call(2, '{"at": 3', id="c"),
            call(0, '{"at": "}'),
            call(1, '{"at": ['),
            {"content": "I "},
            call(0, "\\"),
            call(1, "2]}"),
            call(0, '""}'),
            {"content": "look."},
            call(1, " "),
            call(2, "}"),
        )
    )

    told = events(stage, path)

    text = ("text" if path == MESSAGES else "message", "I look.")
    calls = [("a", '{"at": "}\\""}'), ("b", '{"at": [2]}'), ("c", '{"at": 3}')]
    assert parts_of(path, told) == [*calls, text]
    assert stage.recorded_outcome() == "ok"


def test_what_waits_is_told_as_soon_as_the_call_before_is_whole() -> None:
    parts = answer_parts.AnswerParts(Answer(Candidate(provider("box"), model("box", "m")), 1, 0.0))

    def told(index: int, arguments: str) -> list[tuple[str, str]]:
        part = ToolCallPart(index, f"c{index}", function=FunctionPart("look", arguments))
        event = Chunk(b"", AnswerBody(choices=[Choice(delta=Message(tool_calls=[part]))]))
        return [(one.call.id, one.text) for one in parts.read(event) if one.call is not None]

    assert told(0, '{"at": "\\') == [("c0", '{"at": "\\')]
    assert told(1, "{") == []
    assert told(0, '"}') == [("c0", '"}')]
    assert told(0, '"}') == [("c0", '"}'), ("c1", "{")]
    assert told(1, "}") == [("c1", "}")]


@BOTH
def test_a_call_whose_end_can_not_be_seen_ends_with_the_answer(stage: Stage, path: str) -> None:
    stage.upstream.will(told_in_turns(call(0, id="a"), call(1, "{}", id="b"), call(2, "{}", id="c")))

    assert parts_of(path, events(stage, path)) == [("a", ""), ("b", "{}"), ("c", "{}")]


@BOTH
def test_more_of_a_call_that_is_over_is_the_providers_fault(stage: Stage, path: str) -> None:
    stage.upstream.will(told_in_turns(call(0, "{}", id="a"), call(1, "{}", id="b"), call(0, "{}")))

    told = events(stage, path)

    assert told[-1]["type"] in ("error", "response.failed")
    assert stage.recorded_outcome() == "provider_protocol"


@BOTH
def test_only_so_much_waits_for_the_end_of_a_call(stage: Stage, path: str) -> None:
    much = "x" * answer_parts.MAX_WAITING
    stage.upstream.will(told_in_turns(call(0, "{", id="a"), call(1, f'{{"{much}', id="b"), call(1, '": 1}')))
    told = events(stage, path)
    stage.upstream.will(told_in_turns(call(0, "{", id="a"), call(1, f'{{"{much}', id="b"), call(0, "}")))
    late = events(stage, path)

    assert parts_of(path, told) == [("a", "{"), ("b", f'{{"{much}": 1}}')]
    assert late[-1]["type"] in ("error", "response.failed")
    assert stage.recorded_outcome() == "provider_protocol"


def test_a_message_that_is_not_streamed_has_them_too(stage: Stage) -> None:
    deltas = (call(0, "{", id="a"), call(1, "{", id="b"), call(0, "}"), call(1, "}"))
    stage.upstream.will(told_in_turns(*deltas))

    document: Any = stage.call(MESSAGES, {"model": "box/hello-1", **BODIES[MESSAGES]}).json

    assert [(one["id"], one["input"]) for one in document["content"]] == [("a", {}), ("b", {})]
