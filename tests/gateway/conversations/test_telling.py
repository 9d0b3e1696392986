"""An answer's events: numbered, joined, and what they add up to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from app.domain.conversations import MessageError, Progress, ToolCall
from app.domain.errors import Problem, ProviderProtocol
from app.gateway.conversations.event_log import Entry
from app.gateway.conversations.telling import MAX_CHARACTERS, Telling
from tests.gateway.conversations.making import burst


def said(entries: Sequence[Entry]) -> list[tuple[int, dict[str, Any]]]:
    found = [(one.number, json.loads(one.data)) for one in entries]
    assert [document["type"] for _, document in found] == [one.name for one in entries]
    return found


def test_texts_that_came_together_are_told_together() -> None:
    told = Telling()

    first = told.burst(burst({"reasoning_content": "h"}, {"reasoning_content": "m"}, {"content": "Hel"}))
    second = told.burst(burst({"content": "lo"}, {"content": "!"}, {"content": ""}))

    assert said(first) == [(1, {"type": "reasoning", "text": "hm"}), (2, {"type": "delta", "text": "Hel"})]
    assert said(second) == [(3, {"type": "delta", "text": "lo!"})]
    progress = told.progress()
    assert (progress.content, progress.reasoning, progress.last_event) == ("Hello!", "hm", 3)


def test_silence_tells_nothing() -> None:
    told = Telling()

    assert told.burst(()) == []
    assert told.progress() == Progress(content="", last_event=0)


def test_a_tool_call_is_told_in_pieces_and_kept_whole() -> None:
    told = Telling()
    begun = {"index": 0, "id": "call_1", "function": {"name": "weather", "arguments": '{"city":'}}
    more = {"index": 0, "function": {"arguments": ' "Riga"}'}}
    other = {"index": 1, "id": "call_2", "function": {"name": "time", "arguments": {"zone": "UTC"}}}

    entries = told.burst(burst({"tool_calls": [begun]}, {"tool_calls": [more, other]}))

    assert said(entries) == [
        (1, {"type": "tool_call", "index": 0, "id": "call_1", "name": "weather", "arguments": '{"city":'}),
        (2, {"type": "tool_call", "index": 0, "id": None, "name": None, "arguments": ' "Riga"}'}),
        (3, {"type": "tool_call", "index": 1, "id": "call_2", "name": "time", "arguments": '{"zone":"UTC"}'}),
    ]
    assert told.progress().tool_calls == (
        ToolCall(0, "call_1", "weather", '{"city": "Riga"}'),
        ToolCall(1, "call_2", "time", '{"zone":"UTC"}'),
    )


def test_thinking_takes_time_until_the_first_text() -> None:
    told = Telling()
    told.burst(burst({"content": "No thought."}))
    assert told.progress().reasoning_ms is None

    told = Telling()
    told.burst(burst({"reasoning_content": "hm"}))
    told.burst(burst({"content": "Yes."}))
    thought_ms = told.progress().reasoning_ms
    told.burst(burst({"content": " Really."}))

    assert thought_ms is not None
    assert told.progress().reasoning_ms == thought_ms


def test_a_failure_is_told_with_everything_that_is_kept_of_it() -> None:
    error = MessageError("provider_error", "It broke.", "r1", (Problem("x", "is bad"),), "box")

    assert said(Telling().error(error)) == [
        (
            1,
            {
                "type": "error",
                "code": "provider_error",
                "message": "It broke.",
                "request_id": "r1",
                "details": [{"field": "x", "problem": "is bad"}],
                "provider": "box",
            },
        )
    ]


def test_an_answer_without_end_is_ended() -> None:
    told = Telling()
    told.burst(burst({"content": "x" * MAX_CHARACTERS}))

    with pytest.raises(ProviderProtocol):
        told.burst(burst({"content": "x"}))
