"""vLLM: what it lists, whether its engine lives, and what it takes."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.catalog import ModelInfo, ModelState, Task
from app.domain.errors import (
    CapabilityNotSupported,
    InvalidRequest,
    ProviderAuthFailed,
    ProviderContextLength,
    ProviderFailed,
    ProviderRejected,
    ProviderUnreachable,
)
from app.domain.lifecycle import LoadWish
from app.domain.stopping import Stop
from app.providers.base import Provider
from tests.providers.asking import KEY, asked, attempt, events_of, folded, timeouts
from tests.providers.conftest import NewProvider
from tests.support.replies import Response, answer_with, flat_error, openai_error, respond, string_error
from tests.support.upstream import Upstream

BASE = "meta-llama/Llama-3.1-8B-Instruct"


@pytest.fixture
def provider(upstream: Upstream, new_provider: NewProvider) -> Provider:
    upstream.imitate("vllm", [BASE])
    return new_provider("vllm", upstream.base_url, timeouts=timeouts())


def test_what_it_lists_is_loaded(upstream: Upstream, provider: Provider) -> None:
    [found] = provider.models()

    assert found == ModelInfo(
        id=BASE,
        provider="box",
        name=BASE,
        state=ModelState.LOADED,
        max_context_length=32768,
        loaded_context_length=32768,
        owned_by="vllm",
        created=found.created,
        capabilities=("chat", "completion", "embedding"),
    )
    assert {one.path for one in upstream.requests} == {"/v1/models", "/health"}
    assert upstream.last.key == KEY


def test_adapters_are_models_and_have_the_context_of_their_base(upstream: Upstream, provider: Provider) -> None:
    items: list[dict[str, Any]] = [
        {"id": BASE, "owned_by": "vllm", "root": BASE, "parent": None, "max_model_len": 8192},
        {"id": "sql", "owned_by": "vllm", "root": "/lora/sql", "parent": BASE, "max_model_len": None},
    ]
    upstream.will(respond(200, {"object": "list", "data": items}), on="GET /v1/models")

    found = provider.models()

    assert [(one.id, one.name, one.max_context_length, one.state) for one in found] == [
        (BASE, BASE, 8192, ModelState.LOADED),
        ("sql", f"sql (adapter of {BASE})", 8192, ModelState.LOADED),
    ]


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_whose_engine_died_is_not_well_though_it_lists_models(
    status: int, upstream: Upstream, provider: Provider
) -> None:
    upstream.will(respond(status, b""), on="GET /health")

    with pytest.raises(ProviderFailed, match="its engine does not run any more"):
        provider.models()


@pytest.mark.parametrize("reply", [openai_error(404), openai_error(403), respond(502, b""), respond(200, "OK")])
def test_a_proxy_that_hides_its_health_says_nothing_about_it(
    reply: Response, upstream: Upstream, provider: Provider
) -> None:
    upstream.will(reply, on="GET /health")

    assert [one.id for one in provider.models()] == [BASE]


def test_a_key_that_is_missing_is_told_in_words_alone(upstream: Upstream, provider: Provider) -> None:
    upstream.will(string_error(401, "Unauthorized"), on="* /v1/*")

    with pytest.raises(ProviderAuthFailed):
        provider.models()
    with pytest.raises(ProviderAuthFailed):
        events_of(provider, asked())


def test_nothing_can_be_done_with_its_models_but_asking_them(provider: Provider) -> None:
    [found] = provider.models()

    with pytest.raises(CapabilityNotSupported, match="vLLM can't load models through its API"):
        provider.load(found, LoadWish(), lambda _: None, Stop())

    assert provider.acts(found) == provider.KIND.acts == frozenset()


def test_a_server_that_is_down(upstream: Upstream, provider: Provider) -> None:
    upstream.refuse()

    with pytest.raises(ProviderUnreachable):
        provider.models()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("reasoning_in", ["reasoning", "reasoning_content"])
def test_answers(stream: bool, reasoning_in: Any, upstream: Upstream, provider: Provider) -> None:
    upstream.will(answer_with("Rain.", reasoning=("Clouds.",), reasoning_in=reasoning_in, usage_in="every"))

    answer = folded(events_of(provider, asked(stream=stream)))

    assert (answer.text, answer.reasoning, answer.finish_reason) == ("Rain.", "Clouds.", "stop")


def test_an_error_before_the_end_mark_is_no_answer(upstream: Upstream, provider: Provider) -> None:
    upstream.will(answer_with("Half of", ending="error_then_done", ending_after=1))

    with pytest.raises(ProviderFailed, match="crashed"):
        events_of(provider, asked(stream=True))


@pytest.mark.parametrize("shaped", [openai_error, flat_error])
def test_too_long_a_question_is_told_by_its_words_alone(shaped: Any, upstream: Upstream, provider: Provider) -> None:
    upstream.will(shaped(400, "This model's maximum context length is 8192 tokens. Your prompt has 9000."))
    with pytest.raises(ProviderContextLength) as refused:
        events_of(provider, asked())

    upstream.will(shaped(400, "temperature must be non-negative"))
    with pytest.raises(ProviderRejected) as other:
        events_of(provider, asked())

    assert refused.value.told_code == "context_length_exceeded"
    assert type(other.value) is ProviderRejected


OF_VLLM: dict[str, Any] = {
    "top_k": -1,
    "min_p": 0.1,
    "repetition_penalty": 1.1,
    "min_tokens": 2,
    "stop_token_ids": [2],
    "ignore_eos": True,
    "length_penalty": 1.0,
    "bad_words": ["a"],
    "structured_outputs": {"regex": "a+"},
    "chat_template_kwargs": {"enable_thinking": False},
    "priority": -1,
    "include_reasoning": False,
    "thinking_token_budget": 100,
}


def test_its_parameters_are_sent(upstream: Upstream, provider: Provider) -> None:
    during = attempt()

    events_of(provider, asked(**OF_VLLM, max_completion_tokens=5, user="ada"), None, during)

    sent = {name: value for name, value in upstream.last.json.items() if name not in ("model", "messages")}
    assert sent == {**OF_VLLM, "max_tokens": 5}
    assert during.dropped == ("user",)


def test_what_others_call_otherwise_is_renamed(upstream: Upstream, provider: Provider) -> None:
    events_of(provider, asked(Task.COMPLETION, prompt="a", repeat_penalty=1.2))

    assert upstream.last.json["repetition_penalty"] == 1.2
    assert "repeat_penalty" not in upstream.last.json


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("top_k", -2, "must be at least -1"),
        ("min_tokens", -1, "must be at least 0"),
        ("ignore_eos", "yes", "must be true or false"),
        ("stop_token_ids", 2, "must be an array"),
    ],
)
def test_out_of_bounds(name: str, value: Any, words: str, upstream: Upstream, provider: Provider) -> None:
    with pytest.raises(InvalidRequest, match=f"{name} {words}"):
        events_of(provider, asked(**{name: value}))

    assert upstream.requests == []
