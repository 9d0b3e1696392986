"""Answers of LM Studio as they come: loaded just in time, by another model, too long, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.domain import errors as e
from app.domain.catalog import Task
from tests.providers.asking import Folded, asked, attempt, events_of, folded
from tests.providers.lmstudio.conftest import EMBEDS, GPT, PHI, QWEN, SEES, At, Person
from tests.support.fixtures import NewLMStudio
from tests.support.lmstudio.server import LMStudio
from tests.support.replies import web_page

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
    server = new_lmstudio(loaded=[QWEN], serves_another=True)
    somebody = at(server)
    model = somebody.models()[PHI]
    server.set(jit=False)

    answers = [folded(events_of(somebody.provider, asked(stream=stream), model)) for stream in (False, True)]

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
    ("version", "switches", "status", "code"),
    [
        ("0.4.23", {"crashes": True}, 400, "invalid_request"),
        ("0.3.6", {"jit": False}, 400, "invalid_request"),
        ("0.3.6", {"jit": False, "loaded": [QWEN]}, 404, "model_not_found"),
    ],
    ids=["crash", "nothing loaded", "another loaded"],
)
def test_refusals_keep_their_status(
    new_lmstudio: NewLMStudio, at: At, version: str, switches: dict[str, Any], status: int, code: str
) -> None:
    server = new_lmstudio(version)
    somebody = at(server)
    model = somebody.models()[PHI]
    server.set(**switches)

    with pytest.raises(e.ProviderRejected) as caught:
        events_of(somebody.provider, asked(), model)

    assert (caught.value.status, caught.value.told_code) == (status, code)


# Just-in-time loading switched off


@pytest.mark.parametrize("watches", [False, True])
@pytest.mark.parametrize("loaded", [[], [QWEN]], ids=["nothing loaded", "another loaded"])
@pytest.mark.parametrize("listed", [True, False], ids=["known before", "switched off since the list"])
def test_what_no_request_loads_has_to_be_loaded_first(
    new_lmstudio: NewLMStudio, at: At, loaded: list[str], listed: bool, watches: bool
) -> None:
    server = new_lmstudio(jit=not listed, loaded=loaded)
    somebody = at(server)
    model = somebody.models()[PHI]
    server.set(jit=False)

    with pytest.raises(e.ProviderRejected, match=r"Phi 4 Mini is not loaded.*Load the model first") as caught:
        events_of(somebody.provider, asked(), model, replace(attempt(), watches=watches))

    assert (caught.value.status, caught.value.provider_code) == (400, "model_not_loaded")
    assert (server.asked("/api/v1/chat"), server.asked("/v1/chat/completions")) == (0, 0 if listed else 1)


def test_nothing_is_refused_by_an_old_list(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(jit=False)
    somebody = at(server)
    models = somebody.models()

    server.set(loaded=[PHI])
    loaded_since = folded(events_of(somebody.provider, asked(), models[PHI]))
    server.set(jit=True)
    switched_on_since = folded(events_of(somebody.provider, asked(), models[QWEN]))

    assert (loaded_since.model, switched_on_since.model) == (PHI, QWEN)


def test_what_the_lists_do_not_tell_is_left_to_lm_studio(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(jit=False)
    somebody = at(server)
    model = somebody.models()[PHI]
    server.will(web_page(500), on="GET /api/v1/models")

    with pytest.raises(e.ProviderRejected, match="No models loaded"):
        events_of(somebody.provider, asked(), model)


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
