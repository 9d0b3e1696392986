"""/v1/responses: what a provider is asked, and the whole body of every kind of answer, stream and error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.dialects.conftest import REQUEST_ID, Stage
from tests.support.replies import Reply, ToolCall, answer_with, openai_error, rate_limited, respond

PATH = "/v1/responses"
ASK: dict[str, Any] = {"model": "box/hello-1", "input": "hello"}
HELLO = [{"role": "user", "content": "hello"}]
PNG = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC"
)
"""One black dot."""
LOOK = {"type": "function", "name": "look", "description": "Looks", "parameters": {"type": "object"}, "strict": True}
LOOK_FUNCTION = {"name": "look", "description": "Looks", "parameters": {"type": "object"}, "strict": True}
USAGE = {
    "input_tokens": 11,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 18,
}


def ask(stage: Stage, **fields: object) -> TestResponse:
    return stage.call(PATH, {**ASK, **fields})


def answered(stage: Stage, **fields: object) -> Any:
    reply = ask(stage, **fields)
    assert reply.status_code == 200, reply.text
    return reply.json


def sent(stage: Stage) -> Any:
    return stage.upstream.last.json


def events(reply: TestResponse) -> list[Any]:
    """Each event's document without its number, which counts from 0."""
    found = []
    for number, block in enumerate(reply.text.strip().split("\n\n")):
        name, data = block.split("\n")
        document = json.loads(data.removeprefix("data: "))
        assert (document["type"], document.pop("sequence_number")) == (name.removeprefix("event: "), number)
        found.append(document)
    return found


def message(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    return {"type": "message", "role": "assistant", "status": "completed", "content": [part]}


def without_ids(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in item.items() if name != "id"} for item in items]


def test_an_answer_is_a_response(stage: Stage) -> None:
    stage.upstream.will(answer_with("hello there", model="hello-1-2026", usage=(11, 7)))

    reply = ask(stage, instructions="Be brief.", metadata={"a": "b"}, temperature=0.5, max_output_tokens=50)

    document: Any = reply.json
    response_id = document.pop("id")
    assert document.pop("completed_at") >= document.pop("created_at") > 1_700_000_000
    (item,) = document.pop("output")
    assert item.pop("id").startswith("msg_" + response_id.removeprefix("resp_"))
    assert item == message("hello there")
    assert document == {
        "object": "response",
        "status": "completed",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "model": "hello-1-2026",
        "usage": USAGE,
        "instructions": "Be brief.",
        "max_output_tokens": 50,
        "metadata": {"a": "b"},
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "store": True,
        "temperature": 0.5,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "truncation": "disabled",
        "user": None,
    }
    assert (reply.headers["X-Patchbay-Provider"], reply.headers["X-Request-Id"]) == ("box", REQUEST_ID)
    assert sent(stage) == {
        "model": "hello-1",
        "messages": [{"role": "system", "content": "Be brief."}, *HELLO],
        "max_tokens": 50,
        "temperature": 0.5,
    }


def test_items_become_a_chat(stage: Stage) -> None:
    stage.upstream.will(answer_with("fine"))
    image = {"type": "input_image", "image_url": PNG, "detail": "low"}

    answered(
        stage,
        instructions="Be brief.",
        input=[
            {"role": "developer", "content": [{"type": "input_text", "text": "Very."}]},
            {"role": "user", "content": [{"type": "input_text", "text": "one"}, {"type": "input_text", "text": "two"}]},
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
            {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"},
            {"type": "function_call", "call_id": "c2", "name": "look", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "it"}, image]},
            {"type": "function_call_output", "call_id": "c2", "output": "gone"},
            {"role": "user", "content": [{"type": "input_text", "text": "this?"}, {**image, "detail": "odd"}]},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        ],
    )

    def call(call_id: str) -> object:
        return {"id": call_id, "type": "function", "function": {"name": "look", "arguments": "{}"}}

    assert sent(stage)["messages"] == [
        {"role": "system", "content": "Be brief.\n\nVery."},
        {"role": "user", "content": "one\ntwo"},
        {"role": "assistant", "content": "I look.", "tool_calls": [call("c1"), call("c2")]},
        {"role": "tool", "tool_call_id": "c1", "content": "it"},
        {"role": "tool", "tool_call_id": "c2", "content": "gone"},
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}},
                {"type": "text", "text": "this?"},
                {"type": "image_url", "image_url": {"url": PNG}},
            ],
        },
        {"role": "assistant", "content": "No."},
    ]


def test_what_the_developer_says_in_between_is_part_of_the_users_turn(stage: Stage) -> None:
    stage.upstream.will(answer_with("fine"))

    answered(stage, input=[*HELLO, {"role": "developer", "content": "Be brief."}, {"role": "user", "content": "hi"}])

    assert sent(stage)["messages"] == [{"role": "user", "content": "hello\n\n<system>\nBe brief.\n</system>\n\nhi"}]


SCHEMA = {"type": "json_schema", "name": "flag", "schema": {"type": "object"}, "strict": True}
PARAMETERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "sampling": ({"temperature": 0.5, "top_p": 0.9, "user": "u"}, {"temperature": 0.5, "top_p": 0.9, "user": "u"}),
    "tools": (
        {"tools": [LOOK], "tool_choice": "required", "parallel_tool_calls": False},
        {
            "tools": [{"type": "function", "function": LOOK_FUNCTION}],
            "tool_choice": "required",
            "parallel_tool_calls": False,
        },
    ),
    "one tool": (
        {"tools": [LOOK], "tool_choice": {"type": "function", "name": "look"}},
        {
            "tools": [{"type": "function", "function": LOOK_FUNCTION}],
            "tool_choice": {"type": "function", "function": {"name": "look"}},
        },
    ),
    "no tools to choose from": ({"tools": [], "tool_choice": "auto", "parallel_tool_calls": True}, {}),
    "reasoning": ({"reasoning": {"effort": "low", "summary": "auto"}}, {"reasoning_effort": "low"}),
    "a structure": (
        {"text": {"format": SCHEMA}},
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "flag", "schema": {"type": "object"}, "strict": True},
            }
        },
    ),
    "any object": ({"text": {"format": {"type": "json_object"}}}, {"response_format": {"type": "json_object"}}),
    "text": ({"text": {"format": {"type": "text"}}}, {}),
    "what asks for nothing": ({"include": [], "truncation": "disabled", "stream_options": None}, {}),
}


@pytest.mark.parametrize(("given", "expected"), PARAMETERS.values(), ids=PARAMETERS)
def test_parameters_have_the_providers_names(stage: Stage, given: dict[str, Any], expected: dict[str, Any]) -> None:
    stage.upstream.will(answer_with("fine"))

    reply = ask(stage, **given, store=False)

    assert (reply.status_code, reply.headers.get("X-Patchbay-Dropped")) == (200, None)
    assert sent(stage) == {"model": "hello-1", "messages": HELLO, **expected}


def test_what_means_nothing_elsewhere_is_left_out_with_notice_or_refused(stage: Stage) -> None:
    stage.upstream.will(answer_with("fine"))
    body = {**ASK, "prompt_cache_key": "k", "include": ["reasoning.encrypted_content"]}

    reply = stage.call(PATH, body)
    strict = stage.call(PATH, body, headers={"X-Patchbay-Strict": "true"})

    assert reply.headers["X-Patchbay-Dropped"] == "prompt_cache_key, include"
    assert sent(stage).keys() == {"model", "messages"}
    assert (strict.status_code, strict.json["error"]["code"]) == (400, "parameter_not_supported")  # type: ignore[index]


def test_thoughts_calls_and_refusals_are_items(stage: Stage) -> None:
    calls = (ToolCall("look", '{"at": "it"}', "c1"), ToolCall("look", "{}", "c2"))
    stage.upstream.will(answer_with("I look.", reasoning=("hm", "m"), tool_calls=calls))

    document = answered(stage, tools=[LOOK])

    call = {"type": "function_call", "status": "completed", "call_id": "c1", "name": "look"}
    assert without_ids(document["output"]) == [
        {
            "type": "reasoning",
            "summary": [],
            "content": [{"type": "reasoning_text", "text": "hmm"}],
            "status": "completed",
        },
        message("I look."),
        {**call, "arguments": '{"at": "it"}'},
        {**call, "call_id": "c2", "arguments": "{}"},
    ]
    assert len({item["id"] for item in document["output"]}) == 4
    assert document["tools"] == [LOOK]


def test_functions_in_a_namespace_are_called_by_a_longer_name(stage: Stage) -> None:
    tools = [{"type": "namespace", "name": "eyes", "description": "Sees", "tools": [LOOK]}]
    stage.upstream.will(answer_with((), tool_calls=(ToolCall("eyes__look", "{}", "c1"),)))

    first = answered(stage, tools=tools, tool_choice={"type": "function", "name": "look", "namespace": "eyes"})
    asked = sent(stage)
    stage.upstream.will(answer_with("fine"))
    (call,) = first["output"]
    answered(stage, input=[*HELLO, call], tools=tools)

    assert asked["tools"] == [{"type": "function", "function": {**LOOK_FUNCTION, "name": "eyes__look"}}]
    assert asked["tool_choice"] == {"type": "function", "function": {"name": "eyes__look"}}
    assert (call["namespace"], call["name"]) == ("eyes", "look")
    assert sent(stage)["messages"][1]["tool_calls"][0]["function"]["name"] == "eyes__look"


def test_a_refusal_is_a_part_of_its_own(stage: Stage) -> None:
    choice = {"index": 0, "message": {"role": "assistant", "refusal": "No."}, "finish_reason": "stop"}
    stage.upstream.will(respond(200, {"object": "chat.completion", "choices": [choice]}))

    (item,) = answered(stage)["output"]

    assert item["content"] == [{"type": "refusal", "refusal": "No."}]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("finish", "reason"), [("length", "max_output_tokens"), ("content_filter", "content_filter")])
def test_an_answer_that_was_cut_off_is_incomplete(stage: Stage, finish: str, reason: str, stream: bool) -> None:
    stage.upstream.will(answer_with("hello", finish_reason=finish))

    reply = ask(stage, stream=stream)

    document: Any = events(reply)[-1]["response"] if stream else reply.json
    assert (document["status"], document["incomplete_details"]) == ("incomplete", {"reason": reason})
    assert document["output"][0]["status"] == "incomplete"
    if stream:
        assert events(reply)[-1]["type"] == "response.incomplete"


def test_a_stream_tells_piece_by_piece(stage: Stage) -> None:
    call = ToolCall("look", '{"at": "it"}', "c1")
    stage.upstream.will(answer_with(["I ", "look."], reasoning=("hm",), tool_calls=(call,), usage=(11, 7)))

    reply = ask(stage, stream=True, tools=[LOOK])

    told = events(reply)
    created, in_progress, *middle, completed = told
    response = completed["response"]
    thought, said, called = response["output"]
    assert [created["type"], in_progress["type"]] == ["response.created", "response.in_progress"]
    assert created["response"] == in_progress["response"]
    assert (created["response"]["id"], created["response"]["status"]) == (response["id"], "in_progress")
    assert (created["response"]["output"], created["response"]["usage"]) == ([], None)
    assert (completed["type"], response["status"], response["usage"]) == ("response.completed", "completed", USAGE)
    first = {"item_id": thought["id"], "output_index": 0, "content_index": 0}
    second = {"item_id": said["id"], "output_index": 1, "content_index": 0}
    third = {"item_id": called["id"], "output_index": 2}
    text = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    deltas = [one["delta"] for one in middle if one["type"] == "response.function_call_arguments.delta"]
    assert "".join(deltas) == '{"at": "it"}'
    assert [one for one in middle if one["type"] != "response.function_call_arguments.delta"] == [
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**thought, "status": "in_progress", "content": []},
        },
        {"type": "response.content_part.added", **first, "part": {"type": "reasoning_text", "text": ""}},
        {"type": "response.reasoning_text.delta", **first, "delta": "hm"},
        {"type": "response.reasoning_text.done", **first, "text": "hm"},
        {"type": "response.content_part.done", **first, "part": {"type": "reasoning_text", "text": "hm"}},
        {"type": "response.output_item.done", "output_index": 0, "item": thought},
        {
            "type": "response.output_item.added",
            "output_index": 1,
            "item": {**said, "status": "in_progress", "content": []},
        },
        {"type": "response.content_part.added", **second, "part": text},
        {"type": "response.output_text.delta", **second, "delta": "I ", "logprobs": []},
        {"type": "response.output_text.delta", **second, "delta": "look.", "logprobs": []},
        {"type": "response.output_text.done", **second, "text": "I look.", "logprobs": []},
        {"type": "response.content_part.done", **second, "part": {**text, "text": "I look."}},
        {"type": "response.output_item.done", "output_index": 1, "item": said},
        {
            "type": "response.output_item.added",
            "output_index": 2,
            "item": {**called, "status": "in_progress", "arguments": ""},
        },
        {"type": "response.function_call_arguments.done", **third, "name": "look", "arguments": '{"at": "it"}'},
        {"type": "response.output_item.done", "output_index": 2, "item": called},
    ]


def test_a_stream_that_breaks_ends_in_one_failure(stage: Stage) -> None:
    stage.upstream.will(answer_with(["I ", "look."], ending="mid_event"))

    told = events(ask(stage, stream=True))

    endings = [one for one in told if one["type"] in ("response.failed", "response.completed", "response.incomplete")]
    assert endings == told[-1:]
    assert told[-1]["type"] == "response.failed"
    assert told[-1]["response"]["error"]["code"] == "stream_cut"
    assert told[-1]["response"]["output"][0]["content"][0]["text"] == "I look."
    name = told[-1]["response"]["id"]
    assert stage.client.get(f"{PATH}/{name}", headers={"x-api-key": stage.key}).status_code == 404


# Building on what was said.


@pytest.mark.parametrize("stream", [False, True])
def test_a_response_is_built_on_by_its_id(stage: Stage, stream: bool) -> None:
    stage.upstream.will(answer_with("hello Ada", reasoning=("hm",)))
    reply = ask(stage, input="I am Ada.", instructions="Be brief.", stream=stream)
    first: Any = events(reply)[-1]["response"] if stream else reply.json
    stage.upstream.will(answer_with((), tool_calls=(ToolCall("look", "{}", "c1"),)))
    second = answered(stage, input="Who am I?", previous_response_id=first["id"])
    stage.upstream.will(answer_with("Ada"))

    result = {"type": "function_call_output", "call_id": "c1", "output": "Ada"}
    third = answered(stage, input=[result], previous_response_id=second["id"])

    assert third["previous_response_id"] == second["id"]
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    assert sent(stage)["messages"] == [
        {"role": "user", "content": "I am Ada."},
        {"role": "assistant", "content": "hello Ada"},
        {"role": "user", "content": "Who am I?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "Ada"},
    ]


def test_an_item_is_found_by_its_own_id(stage: Stage) -> None:
    stage.upstream.will(answer_with("hello Ada"))
    first = answered(stage, input="I am Ada.")
    reference = {"type": "item_reference", "id": first["output"][0]["id"]}

    answered(stage, input=[{"role": "user", "content": "I am Ada."}, reference, {"role": "user", "content": "Who?"}])
    unknown = [
        ask(stage, input=[{"type": "item_reference", "id": name}])
        for name in (first["output"][0]["id"] + "7", "msg_" + "0" * 33, "nothing", 7)
    ]
    too_many = ask(stage, input=[{"type": "item_reference", "id": f"msg_{number:032x}0"} for number in range(101)])

    assert [one["content"] for one in sent(stage)["messages"]] == ["I am Ada.", "hello Ada", "Who?"]
    refused = [(one.status_code, one.json["error"]["param"]) for one in (*unknown, too_many)]  # type: ignore[index]
    assert refused == [(400, "input")] * 5
    assert "more than 100" in too_many.text


def test_a_kept_response_is_read_and_forgotten_by_its_owner_alone(stage: Stage) -> None:
    stage.upstream.will(answer_with("hello"))
    document = answered(stage)
    path = f"{PATH}/{document['id']}"
    mine, hers = {"x-api-key": stage.key}, {"x-api-key": stage.door.key(stage.door.person("Eve"))}

    read = stage.client.get(path, headers=mine)
    others = [
        stage.client.get(path, headers=hers),
        stage.client.delete(path, headers=hers),
        stage.call(PATH, {**ASK, "previous_response_id": document["id"]}, headers={"Authorization": "", **hers}),
        stage.call(
            PATH,
            {**ASK, "input": [{"type": "item_reference", "id": document["output"][0]["id"]}]},
            headers={"Authorization": "", **hers},
        ),
    ]
    gone = stage.client.delete(path, headers=mine)
    again = [stage.client.get(path, headers=mine), stage.client.delete(path, headers=mine)]

    assert (read.status_code, read.json) == (200, document)
    assert [one.status_code for one in others] == [404, 404, 400, 400]
    assert (gone.status_code, gone.json) == (200, {"id": document["id"], "object": "response", "deleted": True})
    assert [one.status_code for one in again] == [404, 404]
    assert ask(stage, previous_response_id=document["id"]).json["error"]["param"] == "previous_response_id"  # type: ignore[index]


def test_what_shall_not_be_kept_is_not(stage: Stage) -> None:
    stage.upstream.will(answer_with("hello"))

    document = answered(stage, store=False)

    assert document["store"] is False
    assert stage.client.get(f"{PATH}/{document['id']}", headers={"x-api-key": stage.key}).status_code == 404


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing": ({"input": None}, "invalid_request", "input is required"),
    "no item": ({"input": []}, "invalid_request", "input must have 1 to"),
    "an unknown role": ({"input": [{"role": "tool", "content": "x"}]}, "invalid_request", "input[0].role must be"),
    "an unknown item": (
        {"input": [{"type": "computer_call"}]},
        "capability_not_supported",
        "input[0]: an item of the type computer_call",
    ),
    "a file": (
        {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]},
        "capability_not_supported",
        "input[0].content[0]: content of the type input_file",
    ),
    "no image": (
        {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "data:image/png;base64,aGk="}]}]},
        "invalid_request",
        "input[0].content[0].image_url is not a JPEG, PNG or WebP image",
    ),
    "a tool of OpenAI's": ({"tools": [{"type": "web_search"}]}, "capability_not_supported", "tools[0]: a tool of"),
    "a choice of many": (
        {"tools": [LOOK], "tool_choice": {"type": "allowed_tools"}},
        "invalid_request",
        "tool_choice must be",
    ),
    "later": ({"background": True}, "capability_not_supported", "background:"),
    "a conversation of OpenAI's": ({"conversation": "c"}, "capability_not_supported", "conversation is kept at OpenAI"),
    "a format": ({"text": {"format": {"type": "grammar"}}}, "invalid_request", "text.format.type must be"),
    "an id of nobody's": ({"previous_response_id": "resp_1"}, "invalid_request", "previous_response_id names"),
    "too warm": ({"temperature": 9}, "invalid_request", "temperature must be at most 2"),
    "no effort": ({"reasoning": {"effort": "lots"}}, "invalid_request", "reasoning.effort must be one of none,"),
    "no room": ({"max_output_tokens": 0}, "invalid_request", "max_output_tokens must be"),
}


@pytest.mark.parametrize(("fields", "code", "words"), BAD.values(), ids=BAD)
def test_what_can_not_be_asked_says_where_and_why(stage: Stage, fields: dict[str, Any], code: str, words: str) -> None:
    reply = ask(stage, **fields)

    error: Any = reply.json["error"]  # type: ignore[index]
    assert (reply.status_code, error["type"], error["code"]) == (400, "invalid_request_error", code)
    assert error["message"].startswith(words)


FAILURES: dict[str, tuple[Reply, int, str]] = {
    "a refusal": (openai_error(400, code="odd"), 400, "odd"),
    "a limit": (rate_limited(3600), 429, "rate_limit_exceeded"),
    "a failure": (openai_error(500, headers={"Retry-After": "3600"}), 502, "provider_error"),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("reply", "status", "code"), FAILURES.values(), ids=FAILURES)
def test_a_failure_before_the_answer_is_a_status(
    stage: Stage, reply: Reply, status: int, code: str, stream: bool
) -> None:
    stage.upstream.will(reply)

    told = ask(stage, stream=stream)

    assert (told.status_code, told.json["error"]["code"]) == (status, code)  # type: ignore[index]
    assert told.headers["X-Patchbay-Provider"] == "box"
