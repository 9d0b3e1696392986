"""What coding agents send and get: their recorded requests, and each sort of tool that they have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.api.dialects.openai_responses import Response, ResponseStream
from app.api.streaming import KEEP_ALIVE
from app.api.translation.responses_prompt import asked
from app.domain.catalog import Task
from app.domain.events import AnswerBody, Choice, Chunk, FunctionPart, Message, ToolCallPart
from app.domain.requests import ModelRequest
from app.gateway.answer import Answer
from tests.api.dialects.conftest import Stage
from tests.support.replies import ToolCall, answer_with, openai_error

FIXTURES = Path(__file__).parents[2] / "fixtures" / "clients"
PATHS = {"claude": "/v1/messages", "codex": "/v1/responses"}
PATCH = "*** Begin Patch\n*** Add File: p1.txt\n+one\n*** End Patch\n"
GRAMMAR = 'start: begin_patch hunk+ end_patch\nbegin_patch: "*** Begin P …'
CODE = 'text(await tools.exec_command({cmd: "echo two > p2.txt"}))'
NESTED = "[" * 5000 + "]" * 5000


def recorded(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return {**body, "model": "box/hello-1"}


def sent(stage: Stage, name: str) -> Any:
    """What the provider is asked when the agent sends its request."""
    stage.upstream.will(answer_with("fine"))
    reply = stage.call(PATHS[name.split("-")[0]], recorded(name))
    assert reply.status_code == 200, reply.text
    return stage.upstream.last.json


def told(stage: Stage, name: str, call: ToolCall) -> list[dict[str, Any]]:
    """The events of an answer to Codex that makes this call, without those about the whole response."""
    stage.upstream.will(answer_with((), tool_calls=(call,)))
    reply = stage.call(PATHS["codex"], recorded(name))
    events = [json.loads(line.removeprefix("data: ")) for line in reply.text.splitlines() if line.startswith("data: ")]
    return [event for event in events if "response" not in event]


# A message's role with the id of the call that it makes or answers.
CONVERSATIONS = {
    "claude-code-title": "system user",
    "claude-code-tool-result": "system user assistant:call_1 tool:call_1",
    "claude-code-document": "system user assistant:call_1 tool:call_1 user assistant user",
    "codex-function": "system user assistant:call_1 tool:call_1",
    "codex-custom-tool": "system user assistant:call_1 tool:call_1",
    "codex-tool-search": "system user assistant:call_1 tool:call_1",
    "codex-code-mode": "system user assistant:call_1 tool:call_1",
    "codex-agent-message": "system user",
    "codex-image": "system user assistant:call_1 tool:call_1 user",
}


@pytest.mark.parametrize(("name", "conversation"), CONVERSATIONS.items(), ids=CONVERSATIONS)
def test_what_an_agent_sends_is_a_chat_of_alternating_roles(stage: Stage, name: str, conversation: str) -> None:
    def about(message: dict[str, Any]) -> str:
        ids = [call["id"] for call in message.get("tool_calls", [])] or [message.get("tool_call_id")]
        return ":".join([message["role"], *(one for one in ids if one)])

    messages = sent(stage, name)["messages"]

    assert " ".join(about(message) for message in messages) == conversation


def test_a_custom_tool_is_a_function_of_one_text(stage: Stage) -> None:
    chat = sent(stage, "codex-custom-tool")

    (function,) = [one["function"] for one in chat["tools"] if one["function"]["name"] == "apply_patch"]
    assert function["description"].endswith(f"\n\nThe input follows this grammar (lark):\n{GRAMMAR}")
    assert function["parameters"]["required"] == ["input"]
    (call,) = chat["messages"][2]["tool_calls"]
    assert call["function"]["name"] == "apply_patch"
    assert json.loads(call["function"]["arguments"]) == {"input": PATCH}


def test_tools_that_were_found_or_added_later_can_be_called(stage: Stage) -> None:
    def names(name: str) -> list[str]:
        return [one["function"]["name"] for one in sent(stage, name)["tools"]]

    assert {"tool_search", "multi_agent_v1__spawn_agent"} <= set(names("codex-tool-search"))
    assert {"functions__exec", "collaboration__spawn_agent"} <= set(names("codex-code-mode"))
    assert len(names("codex-tool-search")) == len(set(names("codex-tool-search")))


CALLS: dict[str, tuple[str, ToolCall, dict[str, Any]]] = {
    "a custom tool": (
        "codex-custom-tool",
        ToolCall("apply_patch", json.dumps({"input": PATCH}), "c1"),
        {"type": "custom_tool_call", "name": "apply_patch", "input": PATCH},
    ),
    "a custom tool without the object": (
        "codex-custom-tool",
        ToolCall("apply_patch", PATCH, "c1"),
        {"type": "custom_tool_call", "name": "apply_patch", "input": PATCH},
    ),
    "one in a namespace": (
        "codex-code-mode",
        ToolCall("functions__exec", json.dumps({"input": CODE}), "c1"),
        {"type": "custom_tool_call", "name": "exec", "namespace": "functions", "input": CODE},
    ),
    "a search": (
        "codex-tool-search",
        ToolCall("tool_search", '{"query": "agent"}', "c1"),
        {"type": "tool_search_call", "execution": "client", "arguments": {"query": "agent"}},
    ),
    "a search for no words": (
        "codex-tool-search",
        ToolCall("tool_search", '{"query": ', "c1"),
        {"type": "tool_search_call", "execution": "client", "arguments": '{"query": '},
    ),
    "a search nested too deep to be read": (
        "codex-tool-search",
        ToolCall("tool_search", NESTED, "c1"),
        {"type": "tool_search_call", "execution": "client", "arguments": NESTED},
    ),
    "what the search found": (
        "codex-tool-search",
        ToolCall("multi_agent_v1__spawn_agent", "{}", "c1"),
        {"type": "function_call", "name": "spawn_agent", "namespace": "multi_agent_v1", "arguments": "{}"},
    ),
}


@pytest.mark.parametrize(("name", "call", "item"), CALLS.values(), ids=CALLS)
def test_a_call_comes_back_as_its_tool_was_offered(
    stage: Stage, name: str, call: ToolCall, item: dict[str, Any]
) -> None:
    events = told(stage, name, call)

    assert (events[0]["type"], events[-1]["type"]) == ("response.output_item.added", "response.output_item.done")
    done = events[-1]["item"]
    assert done.pop("id") == events[0]["item"]["id"]
    assert done == {**item, "call_id": "c1", "status": "completed"}


def test_the_text_for_a_custom_tool_is_told_when_it_is_complete(stage: Stage) -> None:
    events = told(stage, "codex-custom-tool", ToolCall("apply_patch", json.dumps({"input": PATCH}), "c1"))

    assert [(event["type"], event.get("delta") or event.get("input")) for event in events[1:-1]] == [
        ("response.custom_tool_call_input.delta", PATCH),
        ("response.custom_tool_call_input.done", PATCH),
    ]


def test_a_file_that_a_tool_brought_and_can_not_be_sent_on_is_told_of(stage: Stage) -> None:
    stage.upstream.will(answer_with("fine"))

    reply = stage.call(PATHS["claude"], recorded("claude-code-document"))
    body = recorded("claude-code-document")
    del body["context_management"]
    strict = stage.call(PATHS["claude"], body, headers={"X-Patchbay-Strict": "true"})
    del body["messages"][3]["content"][0]
    without_a_tool = stage.call(PATHS["claude"], body)

    assert reply.headers["X-Patchbay-Dropped"] == "context_management, messages.document"
    assert stage.upstream.last.json["messages"][4]["content"] == (
        "[A file of the type document was read, but its content can't be shown here.]"
    )
    for refused in (strict, without_a_tool):
        assert refused.status_code == 400
        assert "only documents of plain text" in refused.text


def test_while_a_text_for_a_custom_tool_comes_a_comment_is_told_now_and_then(stage: Stage) -> None:
    candidate = stage.door.parts.llm.resolve(
        ModelRequest(Task.CHAT, "box/hello-1", {}), stage.door.parts.credentials.caller(f"Bearer {stage.key}", None)
    )
    body = recorded("codex-custom-tool")
    given = asked(body, body["input"], (), strict=False)
    times = [100.0]
    response = Response(Answer(candidate, 1, times[0]), given, keep=lambda _id, _document: None)
    stream = ResponseStream(response, now=lambda: times[-1])
    part = ToolCallPart(index=0, function=FunctionPart(name="apply_patch", arguments="x"))
    piece = Chunk(b"", AnswerBody(choices=[Choice(delta=Message(tool_calls=[part]))]))

    told = [stream.piece((piece,))]
    for at in (109.0, 111.0, 112.0, 121.5):
        times.append(at)
        told.append(stream.piece((piece,)))

    assert told[0].startswith(b"event: response.created\n")
    assert told[1:] == [b"", KEEP_ALIVE, b"", KEEP_ALIVE]


@pytest.mark.parametrize("stream", [False, True])
def test_claude_code_is_told_in_its_words_that_a_prompt_is_too_long(stage: Stage, stream: bool) -> None:
    """It then shortens the conversation and asks again."""
    stage.upstream.will(openai_error(400, "Only 4096 tokens fit.", code="context_length_exceeded"))

    reply = stage.call(PATHS["claude"], {**recorded("claude-code-tool-result"), "stream": stream})

    assert reply.status_code == 400
    assert reply.get_json()["error"] == {
        "type": "invalid_request_error",
        "message": "prompt is too long: Only 4096 tokens fit.",
    }


@pytest.mark.parametrize("name", ["claude-code-tool-result", "codex-custom-tool"])
def test_how_much_to_think_is_only_a_wish(stage: Stage, name: str) -> None:
    stage.upstream.will(openai_error(400, "No effort here."), answer_with("fine"))

    reply = stage.call(PATHS[name.split("-")[0]], {**recorded(name), "model": f"box/of-{name}"})

    assert reply.status_code == 200
    assert "reasoning_effort" in reply.headers["X-Patchbay-Dropped"]
    assert "reasoning_effort" not in stage.upstream.last.json
