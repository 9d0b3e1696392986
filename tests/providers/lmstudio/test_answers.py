"""Answers of LM Studio as they come: loaded just in time, by another model, too long, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.domain import errors as e
from app.domain.catalog import Task
from tests.providers.asking import Folded, asked, attempt, events_of, folded
from tests.providers.lmstudio.conftest import EMBEDS, GPT, PHI, QWEN, SEES, At, Person
from tests.support.fixtures import NewLMStudio
from tests.support.lmstudio.server import LMStudio

HELLO = "Phi 4 Mini here. You said: hello"
LONG = ({"role": "user", "content": "word " * 9000},)

Ask = Callable[..., Folded]


def ask(somebody: Person, name: str, *, stream: bool = False, **fields: Any) -> Folded:
    model = somebody.models()[name]
    return folded(events_of(somebody.provider, asked(stream=stream, **fields), model))


@pytest.mark.parametrize("version", ["0.3.5", "0.3.6", "0.4.0", "0.4.23", "1.1.7"])
@pytest.mark.parametrize("stream", [False, True])
def test_every_version_answers(new_lmstudio: NewLMStudio, at: At, version: str, stream: bool) -> None:
    server = new_lmstudio(version)

    answer = ask(at(server), PHI, stream=stream)

    assert (answer.text, answer.finish_reason, answer.model) == (HELLO, "stop", PHI)
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (1, 7)
    assert list(server.state.loaded) == [PHI]


def test_a_model_that_answers_for_another_is_named(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(loaded=[QWEN], jit=False, serves_another=True)

    answers = [ask(at(server), PHI, stream=stream) for stream in (False, True)]

    assert [one.model for one in answers] == [QWEN, QWEN]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("overflow", ["error", "keep_words"])
def test_a_prompt_that_is_too_long_is_told_as_such(
    new_lmstudio: NewLMStudio, at: At, overflow: str, stream: bool
) -> None:
    with pytest.raises(e.ProviderContextLength):
        ask(at(new_lmstudio(overflow=overflow)), PHI, stream=stream, messages=LONG)


def test_some_runs_end_empty_instead(new_lmstudio: NewLMStudio, at: At) -> None:
    answer = ask(at(new_lmstudio(overflow="empty")), PHI, stream=True, messages=LONG)

    assert (answer.text, answer.finish_reason) == ("", "stop")


@pytest.mark.parametrize(
    ("switches", "status", "code"),
    [
        ({"crashes": True}, 400, "invalid_request"),
        ({"jit": False}, 400, "invalid_request"),
        ({"jit": False, "loaded": [QWEN]}, 404, "model_not_found"),
    ],
    ids=["crash", "nothing loaded", "another loaded"],
)
def test_refusals_keep_their_status(
    new_lmstudio: NewLMStudio, at: At, switches: dict[str, Any], status: int, code: str
) -> None:
    server = new_lmstudio()
    somebody = at(server)
    model = somebody.models()[PHI]
    server.set(**switches)

    with pytest.raises(e.ProviderRejected) as caught:
        events_of(somebody.provider, asked(), model)

    assert (caught.value.status, caught.value.told_code) == (status, code)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("model", "separates"), [(QWEN, True), (GPT, True)])
def test_reasoning_is_read_from_either_field(
    new_lmstudio: NewLMStudio, at: At, model: str, separates: bool, stream: bool
) -> None:
    answer = ask(at(new_lmstudio(separates_reasoning=separates)), model, stream=stream)

    assert answer.reasoning == "The question is short, so the answer can be."
    assert answer.text.endswith("You said: hello")


def test_a_model_that_does_not_reason_is_not_told_how_much(lmstudio: LMStudio, at: At) -> None:
    somebody, during = at(lmstudio), attempt()
    model = somebody.models()[PHI]

    events_of(somebody.provider, asked(reasoning_effort="low"), model, during)

    assert during.dropped == ("reasoning_effort",)
    assert "reasoning_effort" not in lmstudio.last.json


def test_a_model_that_reasons_can_be_told_not_to(lmstudio: LMStudio, at: At) -> None:
    assert ask(at(lmstudio), QWEN, reasoning_effort="none").reasoning == ""


def test_any_json_object_is_asked_for_as_a_schema(lmstudio: LMStudio, at: At) -> None:
    answer = ask(at(lmstudio), PHI, response_format={"type": "json_object"})

    assert answer.text == HELLO
    assert lmstudio.last.json["response_format"]["type"] == "json_schema"


def test_tools_are_called_and_images_seen(lmstudio: LMStudio, at: At) -> None:
    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    shown = [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{png}"}}]
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {}}}]
    question = [{"role": "user", "content": "Ask weather."}]

    called = ask(at(lmstudio), QWEN, stream=True, tools=tools, messages=question)
    seen = ask(at(lmstudio), SEES, messages=[{"role": "user", "content": shown}])

    assert (called.tool_calls, called.finish_reason) == ([("call_1", "weather", '{"from": "LM Studio"}')], "tool_calls")
    assert seen.text == "I see a PNG of 1 × 1 pixels."


def test_vectors_come_without_a_count_of_tokens(lmstudio: LMStudio, at: At) -> None:
    somebody = at(lmstudio)
    model = somebody.models()[EMBEDS]

    (whole,) = events_of(somebody.provider, asked(Task.EMBEDDING, input=["a", "bb"]), model)

    assert whole.data.count(b'"embedding": [') == 2
    assert whole.usage is None or whole.usage.prompt_tokens == 0


def test_a_connection_that_went_stale_is_replaced_unseen(lmstudio: LMStudio, at: At) -> None:
    lmstudio.behave(requests_per_connection=1, afterwards="reset")
    somebody = at(lmstudio)

    assert [ask(somebody, PHI).text for _ in range(3)] == [HELLO] * 3


def test_leaving_ends_the_generation(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(token_s=0.05)
    somebody = at(server)
    question = [{"role": "user", "content": "long"}]
    bursts = somebody.provider.answer(asked(stream=True, messages=question), somebody.models()[PHI], attempt())

    next(bursts)
    bursts.close()  # type: ignore[attr-defined]  # a generator

    server.wait_until_left(within_s=10)
    assert server.state.tokens_made < 300
