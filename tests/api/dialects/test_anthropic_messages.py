"""/v1/messages: what a provider is asked, and the whole body of every kind of answer, stream and error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.api.dialects.anthropic_messages import Blocks, MessageStream
from app.domain.catalog import Task
from app.domain.events import AnswerBody, Choice, Chunk, Message
from app.domain.requests import ModelRequest
from app.gateway.answer import Answer
from tests.api.dialects.conftest import REQUEST_ID, Stage
from tests.support.replies import Reply, ToolCall, answer_with, call_tool, openai_error, rate_limited, respond

PATH = "/v1/messages"
HELLO = [{"role": "user", "content": "hello"}]
ASK: dict[str, Any] = {"model": "box/hello-1", "max_tokens": 50, "messages": HELLO}
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC"
"""One black dot."""
LOOK = {
    "name": "look",
    "description": "Looks",
    "input_schema": {"type": "object", "properties": {"at": {"type": "string"}}},
}
LOOK_FUNCTION = {"name": "look", "description": "Looks", "parameters": LOOK["input_schema"]}


def ask(stage: Stage, **fields: object) -> TestResponse:
    return stage.call(PATH, {**ASK, **fields})


def sent(stage: Stage) -> Any:
    return stage.upstream.last.json


def events(reply: TestResponse) -> list[tuple[str, Any]]:
    """Name and data of each event, the message's own id replaced."""
    found = []
    for block in reply.text.strip().split("\n\n"):
        name, data = block.split("\n")
        document = json.loads(data.removeprefix("data: "))
        assert document["type"] == name.removeprefix("event: ")
        if "message" in document:
            assert document["message"]["id"].startswith("msg_")
            document["message"]["id"] = "msg_1"
        found.append((document.pop("type"), document))
    return found


def test_an_answer_is_a_message(stage: Stage) -> None:
    stage.upstream.will(answer_with("hello there", model="hello-1-2026", usage=(11, 7)))

    reply = ask(stage)

    document: Any = reply.json
    assert document.pop("id").startswith("msg_")
    assert document == {
        "type": "message",
        "role": "assistant",
        "model": "hello-1-2026",
        "content": [{"type": "text", "text": "hello there"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 11,
            "output_tokens": 7,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        },
    }
    assert (reply.headers["X-Patchbay-Provider"], reply.headers["X-Patchbay-Model"]) == ("box", "hello-1-2026")
    assert reply.headers["X-Request-Id"] == REQUEST_ID
    assert sent(stage) == {"model": "hello-1", "messages": HELLO, "max_tokens": 50}


def test_a_conversation_becomes_a_chat(stage: Stage) -> None:
    stage.upstream.will(answer_with("fine"))
    look = {"type": "tool_use", "id": "t1", "name": "look", "input": {"at": "it"}}
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
    there = {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}}
    text = {"type": "document", "title": "Notes", "source": {"type": "text", "media_type": "text/plain", "data": "x"}}

    ask(
        stage,
        system=[
            {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": "!"},
        ],
        messages=[
            {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "hm", "signature": ""},
                    {"type": "redacted_thinking", "data": "x"},
                    {"type": "text", "text": "I look."},
                    look,
                    {**look, "id": "t2"},
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "t1",
                        "content": [{"type": "text", "text": "a cable"}, image],
                    },
                    {"type": "tool_result", "tool_use_id": "t2", "content": "gone", "is_error": True},
                    {"type": "text", "text": "and this?"},
                    there,
                    text,
                ],
            },
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "nothing else", "signature": ""}]},
            {"role": "system", "content": "Now in French."},
            {"role": "assistant", "content": "C'est"},
        ],
    )

    def called(call_id: str) -> object:
        return {"id": call_id, "type": "function", "function": {"name": "look", "arguments": '{"at":"it"}'}}

    assert sent(stage)["messages"] == [
        {"role": "system", "content": "Be brief.\n\n!"},
        {"role": "user", "content": "one\ntwo"},
        {"role": "assistant", "content": "I look.", "tool_calls": [called("t1"), called("t2")]},
        {"role": "tool", "tool_call_id": "t1", "content": "a cable"},
        {"role": "tool", "tool_call_id": "t2", "content": "Error: gone"},
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
                {"type": "text", "text": "and this?"},
                {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
                {"type": "text", "text": "Notes\n\nx"},
                {"type": "text", "text": "<system>\nNow in French.\n</system>"},
            ],
        },
        {"role": "assistant", "content": "C'est"},
    ]


def test_turns_of_one_role_in_a_row_are_one(stage: Stage) -> None:
    stage.upstream.will(answer_with("fine"))
    use: dict[str, Any] = {"type": "tool_use", "name": "look", "input": {}}
    uses = [{**use, "id": name} for name in ("t1", "t2")]
    results = [{"type": "tool_result", "tool_use_id": name, "content": name} for name in ("t1", "t2")]

    ask(
        stage,
        messages=[
            {"role": "user", "content": "one"},
            {"role": "system", "content": "Be quick."},
            {"role": "assistant", "content": [uses[0]]},
            {"role": "assistant", "content": [{"type": "text", "text": "I look."}, uses[1]]},
            {"role": "assistant", "content": "Now."},
            {"role": "user", "content": results[:1]},
            {"role": "user", "content": [results[1], {"type": "text", "text": "two"}]},
        ],
    )

    messages = sent(stage)["messages"]
    assert [(one["role"], one["content"]) for one in messages] == [
        ("user", "one\n\n<system>\nBe quick.\n</system>"),
        ("assistant", "I look.\n\nNow."),
        ("tool", "t1"),
        ("tool", "t2"),
        ("user", "two"),
    ]
    assert [call["id"] for call in messages[1]["tool_calls"]] == ["t1", "t2"]


PARAMETERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "sampling": (
        {"temperature": 0.5, "top_p": 0.9, "top_k": 5, "stop_sequences": ["END"]},
        {"temperature": 0.5, "top_p": 0.9, "top_k": 5, "stop": ["END"]},
    ),
    "tools": (
        {"tools": [LOOK], "tool_choice": {"type": "any", "disable_parallel_tool_use": True}},
        {
            "tools": [{"type": "function", "function": LOOK_FUNCTION}],
            "tool_choice": "required",
            "parallel_tool_calls": False,
        },
    ),
    "one tool": (
        {"tools": [{**LOOK, "type": "custom", "strict": True}], "tool_choice": {"type": "tool", "name": "look"}},
        {
            "tools": [{"type": "function", "function": {**LOOK_FUNCTION, "strict": True}}],
            "tool_choice": {"type": "function", "function": {"name": "look"}},
        },
    ),
    "no tool": ({"tool_choice": {"type": "none"}}, {"tool_choice": "none"}),
    "a little thinking": ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, {"reasoning_effort": "low"}),
    "much thinking": ({"thinking": {"type": "enabled", "budget_tokens": 30000}}, {"reasoning_effort": "high"}),
    "thinking as it likes": ({"thinking": {"type": "adaptive"}}, {}),
    "an effort": ({"output_config": {"effort": "max"}}, {"reasoning_effort": "high"}),
    "a user": ({"metadata": {"user_id": "u1"}}, {"user": "u1"}),
    "a long user": ({"metadata": {"user_id": "u" * 65}}, {}),
    "a structure": (
        {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": {"type": "object"}, "strict": True},
            }
        },
    ),
}


@pytest.mark.parametrize(("given", "expected"), PARAMETERS.values(), ids=PARAMETERS)
def test_parameters_have_the_providers_names(stage: Stage, given: dict[str, Any], expected: dict[str, Any]) -> None:
    stage.upstream.will(answer_with("fine"))

    reply = ask(stage, **given)

    assert reply.status_code == 200
    assert "X-Patchbay-Dropped" not in reply.headers
    assert sent(stage) == {"model": "hello-1", "messages": HELLO, "max_tokens": 50, **expected}


def test_what_means_nothing_elsewhere_is_left_out_with_notice_or_refused(stage: Stage) -> None:
    stage.upstream.will(answer_with("fine"))
    body = {**ASK, "service_tier": "auto", "inference_geo": None, "container": "c1"}

    reply = stage.call(PATH, body)
    strict = stage.call(PATH, body, headers={"X-Patchbay-Strict": "true"})

    assert reply.headers["X-Patchbay-Dropped"] == "service_tier, container"
    assert sent(stage).keys() == {"model", "messages", "max_tokens"}
    assert (strict.status_code, strict.json) == (
        400,
        {
            "type": "error",
            "error": {"type": "invalid_request_error", "message": "service_tier is not supported by this model."},
            "request_id": REQUEST_ID,
        },
    )


def test_thoughts_and_calls_are_blocks(stage: Stage) -> None:
    calls = (ToolCall("look", '{"at": "it"}', "c1"), ToolCall("look", "{}", "c2"))
    stage.upstream.will(answer_with("I look.", reasoning=("hm", "m"), tool_calls=calls))

    document: Any = ask(stage, tools=[LOOK]).json

    assert document["content"] == [
        {"type": "thinking", "thinking": "hmm", "signature": ""},
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "c1", "name": "look", "input": {"at": "it"}},
        {"type": "tool_use", "id": "c2", "name": "look", "input": {}},
    ]
    assert document["stop_reason"] == "tool_use"


@pytest.mark.parametrize("thinking", [{"type": "disabled"}, {"type": "adaptive", "display": "omitted"}])
@pytest.mark.parametrize("stream", [False, True])
def test_thoughts_that_nobody_wants_are_not_shown(stage: Stage, thinking: object, stream: bool) -> None:
    stage.upstream.will(answer_with("fine", reasoning=("hm",)))

    reply = ask(stage, thinking=thinking, stream=stream)

    assert "hm" not in reply.text
    assert "fine" in reply.text


REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal", "odd": "end_turn"}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("finish", REASONS)
def test_why_it_ended(stage: Stage, finish: str, stream: bool) -> None:
    stage.upstream.will(answer_with("fine", finish_reason=finish))

    reply = ask(stage, stream=stream)

    assert f'"stop_reason":"{REASONS[finish]}"' in reply.text


def test_a_stream_tells_block_by_block(stage: Stage) -> None:
    calls = (ToolCall("look", '{"at": "it"}', "c1"), ToolCall("look", "{}", "c2"))
    stage.upstream.will(answer_with(["I ", "look."], reasoning=("hm",), tool_calls=calls, usage=(11, 7)))

    reply = ask(stage, stream=True, tools=[LOOK])

    assert reply.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert reply.headers["X-Patchbay-Provider"] == "box"
    message: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "hello-1",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 0, "output_tokens": 0},
    }
    text = {"type": "text", "text": ""}
    first = {"type": "tool_use", "id": "c1", "name": "look", "input": {}}
    usage = {"input_tokens": 11, "output_tokens": 7, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    said = [one for one in events(reply) if one[1].get("delta", {}).get("type") != "input_json_delta"]
    assert said == [
        ("message_start", {"message": message}),
        ("ping", {}),
        ("content_block_start", {"index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
        ("content_block_delta", {"index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}}),
        ("content_block_stop", {"index": 0}),
        ("content_block_start", {"index": 1, "content_block": text}),
        ("content_block_delta", {"index": 1, "delta": {"type": "text_delta", "text": "I "}}),
        ("content_block_delta", {"index": 1, "delta": {"type": "text_delta", "text": "look."}}),
        ("content_block_stop", {"index": 1}),
        ("content_block_start", {"index": 2, "content_block": first}),
        ("content_block_stop", {"index": 2}),
        ("content_block_start", {"index": 3, "content_block": {**first, "id": "c2"}}),
        ("content_block_stop", {"index": 3}),
        ("message_delta", {"delta": {"stop_reason": "tool_use", "stop_sequence": None}, "usage": usage}),
        ("message_stop", {}),
    ]
    arguments = {2: "", 3: ""}
    for _, event in events(reply):
        if event.get("delta", {}).get("type") == "input_json_delta":
            arguments[event["index"]] += event["delta"]["partial_json"]
    assert arguments == {2: '{"at": "it"}', 3: "{}"}


def test_a_stream_that_breaks_ends_in_one_error(stage: Stage) -> None:
    stage.upstream.will(answer_with(["I ", "look."], ending="error_data"))

    told = events(ask(stage, stream=True))

    assert [name for name, _ in told][-1] == "error"
    assert [name for name, _ in told if name in ("error", "message_stop", "message_delta")] == ["error"]
    assert told[-1][1]["error"]["type"] == "api_error"


def test_arguments_that_are_no_object_are_the_providers_fault(stage: Stage) -> None:
    stage.upstream.will(answer_with((), tool_calls=(ToolCall("look", '{"at": '),)))
    broken = ask(stage)
    assert stage.recorded_outcome() == "provider_protocol"
    stage.upstream.will(answer_with("I ", tool_calls=(ToolCall("look", '{"at": '),), finish_reason="length"))
    cut = ask(stage)

    assert (broken.status_code, broken.json["error"]["type"]) == (502, "api_error")  # type: ignore[index]
    assert cut.json["content"] == [{"type": "text", "text": "I "}]  # type: ignore[index]
    assert cut.json["stop_reason"] == "max_tokens"  # type: ignore[index]


def test_arguments_nested_too_deep_are_the_providers_fault(stage: Stage) -> None:
    nested = '{"at": ' + "[" * 5000 + "]" * 5000 + "}"
    stage.upstream.will(answer_with((), tool_calls=(ToolCall("look", nested),)))

    assert ask(stage).status_code == 502
    assert stage.recorded_outcome() == "provider_protocol"


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no limit": ({"max_tokens": None}, "max_tokens must be"),
    "no messages": ({"messages": None}, "messages is required"),
    "no message": ({"messages": []}, "messages must have 1 to"),
    "nothing in it": ({"messages": [{"role": "user", "content": []}]}, "messages[0].content must not be empty"),
    "an unknown role": ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role must be one of"),
    "an unknown block": (
        {"messages": [{"role": "user", "content": [{"type": "server_tool_use"}]}]},
        "messages[0].content[0]: a block of the type server_tool_use",
    ),
    "a file": (
        {"messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "file", "file_id": "f"}}]}]},
        "messages[0].content[0].source.type must be base64 or url",
    ),
    "no image": (
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}}
                    ],
                }
            ]
        },
        "messages[0].content[0].source is not a JPEG, PNG or WebP image",
    ),
    "a tool of Anthropic's": (
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        "tools[0]: a tool of the type web_search_20250305 runs at Anthropic only",
    ),
    "a tool without a schema": ({"tools": [{"name": "x"}]}, "tools[0].input_schema must be an object"),
    "an unknown choice": ({"tool_choice": {"type": "maybe"}}, "tool_choice.type must be one of"),
    "servers of tools": ({"mcp_servers": [{"url": "x"}]}, "mcp_servers can't be used here"),
    "too warm": ({"temperature": 9}, "temperature must be at most 2"),
}


@pytest.mark.parametrize(("fields", "words"), BAD.values(), ids=BAD)
def test_what_can_not_be_asked_says_where_and_why(stage: Stage, fields: dict[str, Any], words: str) -> None:
    reply = ask(stage, **fields)

    document: Any = reply.json
    assert (reply.status_code, document["type"], document["error"]["type"]) == (400, "error", "invalid_request_error")
    assert document["error"]["message"].startswith(words)


FAILURES: dict[str, tuple[Reply, int, str]] = {
    "a refusal": (openai_error(400), 400, "invalid_request_error"),
    "a model that is gone": (openai_error(404), 404, "not_found_error"),
    "too much": (openai_error(413), 413, "request_too_large"),
    "a limit": (rate_limited(3600), 429, "rate_limit_error"),
    "a failure": (openai_error(500, headers={"Retry-After": "3600"}), 502, "api_error"),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("reply", "status", "kind"), FAILURES.values(), ids=FAILURES)
def test_a_providers_failure_has_anthropics_shape(
    stage: Stage, reply: Reply, status: int, kind: str, stream: bool
) -> None:
    stage.upstream.will(reply)

    told = ask(stage, stream=stream)

    document: Any = told.json
    assert (told.status_code, document["error"]["type"]) == (status, kind)
    assert document.keys() == {"type", "error", "request_id"}
    assert told.headers["X-Patchbay-Provider"] == "box"


@pytest.mark.parametrize("path", [PATH, "/openai/v1/messages"])
def test_what_else_is_asked_there_is_refused_in_anthropics_shape(stage: Stage, path: str) -> None:
    wrong_method = stage.client.get(path, headers={"x-api-key": stage.key})
    unknown = stage.client.get(f"{path}/nothing", headers={"x-api-key": stage.key})
    counting = stage.call(f"{path}/count_tokens", ASK)
    nobody = stage.client.post(path, json=ASK)

    told = [(one.status_code, one.json["error"]["type"]) for one in (wrong_method, unknown, counting, nobody)]  # type: ignore[index]
    assert told == [
        (405, "invalid_request_error"),
        (404, "not_found_error"),
        (400, "invalid_request_error"),
        (401, "authentication_error"),
    ]


def test_counting_tokens_counts_for_the_limit_of_a_key(stage: Stage) -> None:
    limited = stage.door.key(stage.door.person("Lim"), "limited", requests_per_minute=1)
    stage.client.post(f"{PATH}/count_tokens", json=ASK, headers={"x-api-key": limited})

    again = stage.client.post(f"{PATH}/count_tokens", json=ASK, headers={"x-api-key": limited})

    assert again.status_code == 429


def test_a_whole_answer_in_place_of_a_stream_is_told_as_one(stage: Stage) -> None:
    stage.upstream.will(call_tool("look", {"at": "it"}))
    whole = stage.call("/v1/chat/completions", {"model": "box/hello-1", "messages": HELLO}).data
    stage.upstream.will(respond(200, json.loads(whole)))

    told = events(ask(stage, stream=True))

    assert [name for name, _ in told] == [
        *("message_start", "ping", "content_block_start", "content_block_delta", "content_block_stop"),
        *("message_delta", "message_stop"),
    ]


def test_while_the_model_thinks_unseen_a_ping_comes_now_and_then(stage: Stage) -> None:
    candidate = stage.door.parts.llm.resolve(
        ModelRequest(Task.CHAT, "box/hello-1", {}), stage.door.parts.credentials.caller(f"Bearer {stage.key}", None)
    )
    times = [100.0]
    stream = MessageStream(Blocks(Answer(candidate, 1, times[0]), shows_thinking=False), now=lambda: times[-1])
    thought = Chunk(b"", AnswerBody(choices=[Choice(delta=Message(reasoning="hm"))]))

    told = [stream.piece((thought,))]
    for at in (109.0, 111.0, 112.0, 121.5):
        times.append(at)
        told.append(stream.piece((thought,)))

    ping = b'event: ping\ndata: {"type":"ping"}\n\n'
    assert told[0].startswith(b"event: message_start\n")
    assert told[1:] == [b"", ping, b"", ping]
