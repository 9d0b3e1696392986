"""Parameters mean what they say: what each vendor's model is sent of them, and what is said about the rest."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.domain.catalog import ModelInfo, Task, Treatment
from app.domain.errors import InvalidRequest, ParameterNotSupported, ProviderRejected
from app.domain.requests import Json, ModelRequest
from app.providers.openai_wire import OpenAIWire
from app.providers.vendors.openai import HOST
from tests.providers.asking import HELLO, asked, attempt, events_of, folded, model
from tests.providers.conftest import NewProvider
from tests.support.replies import answer_with, openai_error
from tests.support.upstream import Upstream

FIXED = {"model", "messages", "stream", "stream_options"}
GPT = model("gpt-4o")
O3 = model("o3-mini")
OSS = model("openai/gpt-oss-120b", max_output_tokens=65536)
LLAMA = model("llama-3.3-70b-versatile")
ANY = model("qwen")
SAMPLING = {"temperature": 0.2, "top_p": 0.5, "presence_penalty": 1, "frequency_penalty": 1}
LOCAL = {"top_k": 40, "min_p": 0.1, "repeat_penalty": 1.1}

# kind, model, given → sent, left out
TREATED: list[tuple[str, ModelInfo, dict[str, Any], dict[str, Any], list[str]]] = [
    ("openai", GPT, SAMPLING, SAMPLING, []),
    ("openai", GPT, {"max_tokens": 5}, {"max_completion_tokens": 5}, []),
    ("openai", GPT, {"max_completion_tokens": 5}, {"max_completion_tokens": 5}, []),
    ("openai", GPT, {"max_tokens": 5, "max_completion_tokens": 6}, {"max_completion_tokens": 6}, ["max_tokens"]),
    ("openai", GPT, {"max_tokens": 5, "max_completion_tokens": None}, {"max_completion_tokens": 5}, []),
    ("openai", GPT, LOCAL, {}, ["top_k", "min_p", "repeat_penalty"]),
    ("openai", GPT, {"reasoning_effort": "low"}, {}, ["reasoning_effort"]),
    ("openai", GPT, {"temperature": None, "stop": None}, {}, []),
    ("openai", GPT, {"brand_new": {"a": [1]}, "verbosity": "low"}, {"brand_new": {"a": [1]}, "verbosity": "low"}, []),
    ("groq", OSS, {"max_tokens": 5}, {"max_completion_tokens": 5}, []),
    ("groq", OSS, {"n": 1, "reasoning_effort": "high"}, {"n": 1, "reasoning_effort": "high"}, []),
    ("groq", OSS, {"reasoning_format": "raw"}, {}, ["reasoning_format"]),
    (
        "groq",
        LLAMA,
        {"reasoning_effort": "low", "include_reasoning": True},
        {},
        ["reasoning_effort", "include_reasoning"],
    ),
    (
        "groq",
        OSS,
        {"logprobs": True, "top_logprobs": 2, "logit_bias": {"1": 2}},
        {},
        ["logprobs", "top_logprobs", "logit_bias"],
    ),
    ("groq", OSS, {**LOCAL, "ttl": 5, "metadata": {}, "store": True}, {}, [*LOCAL, "ttl", "metadata", "store"]),
    ("lmstudio", ANY, {"max_completion_tokens": 5}, {"max_tokens": 5}, []),
    ("lmstudio", ANY, {"max_tokens": -1, **LOCAL, "ttl": 60}, {"max_tokens": -1, **LOCAL, "ttl": 60}, []),
    (
        "lmstudio",
        ANY,
        {"response_format": {"type": "json_object"}},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "object", "schema": {"type": "object"}}}},
        [],
    ),
    ("lmstudio", ANY, {"response_format": {"type": "text"}}, {"response_format": {"type": "text"}}, []),
    ("openai_compatible", ANY, {"max_completion_tokens": 5, **LOCAL}, {"max_tokens": 5, **LOCAL}, []),
    ("openai_compatible", ANY, {"repetition_penalty": 1.2}, {"repetition_penalty": 1.2}, []),
    ("local_gguf", ANY, {"max_completion_tokens": 5, **LOCAL}, {"max_tokens": 5, **LOCAL}, []),
]


@pytest.mark.parametrize(("kind", "of", "given", "sent", "left_out"), TREATED)
def test_treatments(
    kind: str,
    of: ModelInfo,
    given: dict[str, Any],
    sent: dict[str, Any],
    left_out: list[str],
    upstream: Upstream,
    new_provider: NewProvider,
) -> None:
    during = attempt()

    events_of(new_provider(kind, upstream.base_url), asked(**given), of, during)

    body = upstream.last.json
    assert {name: value for name, value in body.items() if name not in FIXED} == sent
    assert list(during.dropped) == left_out
    assert (body["model"], body["messages"]) == (of.id, list(HELLO))


@pytest.mark.parametrize(("kind", "of", "given", "sent", "left_out"), [case for case in TREATED if case[4]])
def test_strict_refuses_what_would_be_left_out(
    kind: str,
    of: ModelInfo,
    given: dict[str, Any],
    sent: dict[str, Any],
    left_out: list[str],
    upstream: Upstream,
    new_provider: NewProvider,
) -> None:
    with pytest.raises(ParameterNotSupported) as raised:
        events_of(new_provider(kind, upstream.base_url), asked(strict=True, **given), of)

    assert raised.value.param == left_out[0]
    assert raised.value.message == f"{left_out[0]} is not supported by this model."
    assert upstream.requests == []


def treatments(new_provider: NewProvider, identifier: str) -> dict[str, Treatment]:
    provider = new_provider("openai", f"https://{HOST}/v1")
    return {one.name: one.treatment for one in provider.parameters(model(identifier))}


@pytest.mark.parametrize(
    "identifier", ["o3-mini", "o1", "gpt-5", "gpt-5-mini", "gpt-5.5", "gpt-6-astra", "gpt-5.2-pro"]
)
def test_openais_reasoning_models_take_no_sampling_parameters(identifier: str, new_provider: NewProvider) -> None:
    found = treatments(new_provider, identifier)

    assert {found[name] for name in (*SAMPLING, "logprobs", "top_logprobs", "logit_bias")} == {Treatment.DROPPED}
    assert found["reasoning_effort"] is Treatment.SENT
    assert found["max_tokens"] is Treatment.RENAMED


@pytest.mark.parametrize(
    "identifier", ["gpt-4o", "gpt-4.1", "gpt-5-chat-latest", "gpt-5.2", "gpt-5.4-mini", "chatgpt-4o"]
)
def test_openais_other_models_take_them(identifier: str, new_provider: NewProvider) -> None:
    found = treatments(new_provider, identifier)

    assert {found[name] for name in SAMPLING} == {Treatment.SENT}
    assert found["max_tokens"] is Treatment.RENAMED


def test_stop_is_refused_by_some_reasoning_models_only(new_provider: NewProvider) -> None:
    found = [treatments(new_provider, name)["stop"].value for name in ("o3", "o4-mini", "o1", "gpt-4o")]

    assert found == ["dropped", "dropped", "sent", "sent"]


TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {}}}]

# model, effort that was given → effort that is sent
EFFORTS_WITH_TOOLS = [
    ("gpt-5.6", None, "none"),
    ("gpt-5.6-terra", None, "none"),
    ("gpt-5.6", "low", "low"),
    ("gpt-6-sol", None, "none"),
    ("gpt-6-luna", None, "none"),
    ("gpt-6.1-terra", None, "none"),
    ("gpt-6-astra", None, None),
    ("gpt-6.1-sol", None, None),
    ("gpt-5.5", None, None),
    ("gpt-5.5", "high", "high"),
    ("gpt-5.4", "low", None),
    ("gpt-5.4-mini", "low", None),
    ("gpt-5.2", "none", None),
    ("gpt-5.1", None, None),
    ("gpt-5.4-pro", "high", "high"),
    ("gpt-5.2-chat", "medium", "medium"),
    ("gpt-5", "low", "low"),
    ("gpt-4o", None, None),
]


def effort_of(provider: OpenAIWire, identifier: str, **fields: Any) -> tuple[Any, tuple[str, ...]]:
    """What is sent as `reasoning_effort`, and what is left out."""
    sent, left_out = provider.prepared(asked(**fields), model(identifier))
    raw = sent.get("reasoning_effort")
    return None if raw is None else msgspec.json.decode(raw), left_out


@pytest.mark.parametrize(("identifier", "given", "sent"), EFFORTS_WITH_TOOLS)
def test_openais_models_take_tools_only_with_the_right_effort(
    identifier: str, given: str | None, sent: str | None, new_provider: NewProvider
) -> None:
    provider = new_provider("openai", f"https://{HOST}/v1")
    assert isinstance(provider, OpenAIWire)
    effort = {} if given is None else {"reasoning_effort": given}

    assert effort_of(provider, identifier, tools=TOOLS, **effort) == (
        sent,
        ("reasoning_effort",) if given is not None and sent is None else (),
    )


@pytest.mark.parametrize("tools", [{}, {"tools": []}, {"tools": None}])
def test_without_tools_the_effort_is_the_clients(tools: dict[str, Any], new_provider: NewProvider) -> None:
    provider = new_provider("openai", f"https://{HOST}/v1")
    assert isinstance(provider, OpenAIWire)

    assert effort_of(provider, "gpt-5.6", **tools) == (None, ())
    assert effort_of(provider, "gpt-5.4", reasoning_effort="low", **tools) == ("low", ())


def test_what_is_known_of_openais_models_says_nothing_about_others(
    upstream: Upstream, new_provider: NewProvider
) -> None:
    provider = new_provider("openai", upstream.base_url)
    assert isinstance(provider, OpenAIWire)

    assert effort_of(provider, "gpt-5.6", tools=TOOLS) == (None, ())


def test_an_effort_that_can_not_go_with_tools_is_refused_where_that_is_wanted(new_provider: NewProvider) -> None:
    provider = new_provider("openai", f"https://{HOST}/v1")
    assert isinstance(provider, OpenAIWire)

    with pytest.raises(ParameterNotSupported, match="reasoning_effort"):
        provider.prepared(asked(strict=True, tools=TOOLS, reasoning_effort="low"), model("gpt-5.4"))


# What is out of bounds: field, value, words
OUT_OF_BOUNDS: list[tuple[str, ModelInfo, str, Any, str]] = [
    ("openai", GPT, "temperature", False, "must be a number"),
    ("openai", GPT, "temperature", "1", "must be a number"),
    ("openai", GPT, "temperature", 2.1, "must be at most 2"),
    ("openai", GPT, "temperature", -0.1, "must be at least 0"),
    ("openai", GPT, "top_p", 1.5, "must be at most 1"),
    ("openai", GPT, "max_tokens", 0, "must be at least 1"),
    ("openai", GPT, "max_tokens", 1.5, "must be a whole number"),
    ("openai", GPT, "max_tokens", True, "must be a whole number"),
    ("openai", GPT, "n", 129, "must be at most 128"),
    ("openai", GPT, "stop", ["a"] * 5, "must have at most 4 entries"),
    ("openai", GPT, "stop", 5, "must be a string or an array of strings"),
    ("openai", GPT, "stop", ["a", 1], "must be a string or an array of strings"),
    ("openai", GPT, "logprobs", 1, "must be true or false"),
    ("openai", GPT, "logit_bias", [], "must be an object"),
    ("openai", GPT, "tools", {}, "must be an array"),
    ("openai", GPT, "tools", [{}] * 129, "must have at most 128 entries"),
    ("openai", GPT, "user", 5, "must be a string"),
    ("openai", O3, "reasoning_effort", "huge", "must be one of none, minimal, low, medium, high, xhigh, max"),
    ("groq", OSS, "n", 2, "must be at most 1"),
    ("groq", OSS, "max_tokens", 65537, "must be at most 65536"),
    ("groq", OSS, "reasoning_effort", "none", "must be one of low, medium, high"),
    ("lmstudio", ANY, "max_tokens", -2, "must be at least -1"),
    ("openai_compatible", ANY, "min_p", 1.1, "must be at most 1"),
    ("local_gguf", ANY, "top_k", 1.5, "must be a whole number"),
]


@pytest.mark.parametrize(("kind", "of", "name", "value", "words"), OUT_OF_BOUNDS)
def test_out_of_bounds_names_field_and_bounds(
    kind: str, of: ModelInfo, name: str, value: object, words: str, upstream: Upstream, new_provider: NewProvider
) -> None:
    with pytest.raises(InvalidRequest) as raised:
        events_of(new_provider(kind, upstream.base_url), asked(**{name: value}), of)  # type: ignore[arg-type]  # any field

    error = raised.value
    assert (error.param, error.message, [(one.field, one.problem) for one in error.details]) == (
        name,
        f"{name} {words}.",
        [(name, words)],
    )
    assert upstream.requests == []


@pytest.mark.parametrize("text", [b"1e999", b"-1e999", b"9" * 5000])
def test_a_number_beyond_all_numbers_is_out_of_bounds(
    text: bytes, upstream: Upstream, new_provider: NewProvider
) -> None:
    request = asked()
    fields = {**request.fields, "max_tokens": type(request.fields["messages"])(text)}
    beyond = type(request)(Task.CHAT, None, fields)

    with pytest.raises(InvalidRequest):
        events_of(new_provider("openai", upstream.base_url), beyond, GPT)


def test_completions_and_embeddings_have_parameters_of_their_own(upstream: Upstream, new_provider: NewProvider) -> None:
    provider = new_provider("openai", upstream.base_url)

    with pytest.raises(InvalidRequest) as echo:
        events_of(provider, asked(Task.COMPLETION, prompt="a", echo="yes"))
    with pytest.raises(InvalidRequest) as dimensions:
        events_of(provider, asked(Task.EMBEDDING, input="a", dimensions=0))
    events_of(provider, asked(Task.COMPLETION, prompt="a", max_tokens=5))

    assert (echo.value.message, dimensions.value.message) == (
        "echo must be true or false.",
        "dimensions must be at least 1.",
    )
    assert upstream.last.json["max_tokens"] == 5


def test_a_completion_with_a_field_that_only_chats_know(upstream: Upstream, new_provider: NewProvider) -> None:
    events_of(new_provider("lmstudio", upstream.base_url), asked(Task.COMPLETION, prompt="a", response_format="words"))

    assert upstream.last.json["response_format"] == "words"


# A provider's own defaults


@pytest.mark.parametrize(
    ("kind", "given", "sent"),
    [
        ("openai", {}, {"max_completion_tokens": 100, "temperature": 0.5}),
        ("openai", {"max_tokens": 5, "temperature": 1}, {"max_completion_tokens": 5, "temperature": 1}),
        ("openai", {"max_completion_tokens": 5}, {"max_completion_tokens": 5, "temperature": 0.5}),
        ("openai", {"max_tokens": None}, {"max_completion_tokens": 100, "temperature": 0.5}),
        ("lmstudio", {}, {"max_tokens": 100, "temperature": 0.5}),
        ("lmstudio", {"max_completion_tokens": 7}, {"max_tokens": 7, "temperature": 0.5}),
        ("local_gguf", {}, {"max_tokens": 100, "temperature": 0.5}),
    ],
)
def test_a_providers_defaults_count_only_where_nothing_is_said(
    kind: str, given: dict[str, Any], sent: dict[str, Any], upstream: Upstream, new_provider: NewProvider
) -> None:
    provider = new_provider(kind, upstream.base_url, max_tokens=100, temperature=0.5)

    events_of(provider, asked(**given))

    assert {name: value for name, value in upstream.last.json.items() if name not in FIXED} == sent


def test_a_default_is_not_more_than_a_model_can(upstream: Upstream, new_provider: NewProvider) -> None:
    events_of(new_provider("groq", upstream.base_url, max_tokens=100_000), asked(), OSS)

    assert upstream.last.json["max_completion_tokens"] == 65536


def test_a_default_temperature_is_not_sent_to_a_model_that_takes_none(new_provider: NewProvider) -> None:
    provider = new_provider("openai", f"https://{HOST}/v1", temperature=0.5)
    assert isinstance(provider, OpenAIWire)

    fields, left_out = provider.prepared(asked(), O3)

    assert (sorted(fields), left_out) == (["messages"], ())


def test_embeddings_have_no_defaults(upstream: Upstream, new_provider: NewProvider) -> None:
    provider = new_provider("openai", upstream.base_url, max_tokens=100, temperature=0.5)

    events_of(provider, asked(Task.EMBEDDING, input="a"), model("text-embedding-hello"))

    assert upstream.last.json == {"model": "text-embedding-hello", "input": "a"}


# Learning from a refusal


def refused(name: str, code: str = "unsupported_value") -> Any:
    return openai_error(400, "Unsupported", code=code, param=name)


def sent_of(upstream: Upstream, name: str) -> list[bool]:
    """Whether each request had the field."""
    return [name in request.json for request in upstream.requests]


@pytest.mark.parametrize("code", ["unsupported_value", "unsupported_parameter"])
def test_a_parameter_that_openai_refuses_is_left_out_once_and_for_all(
    code: str, upstream: Upstream, new_provider: NewProvider
) -> None:
    upstream.will(refused("temperature", code), answer_with("fine"))
    provider = new_provider("openai", upstream.base_url)
    first, second = attempt(), attempt()

    events_of(provider, asked(temperature=0.2), GPT, first)
    events_of(provider, asked(temperature=0.2), GPT, second)
    events_of(provider, asked(temperature=0.2), model("gpt-4.1"))

    assert sent_of(upstream, "temperature") == [True, False, False, True]
    assert (first.dropped, second.dropped) == (("temperature",), ("temperature",))


def test_it_is_tried_once_more_and_not_again(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(refused("temperature"), refused("top_p"))

    with pytest.raises(ProviderRejected) as raised:
        events_of(new_provider("openai", upstream.base_url), asked(temperature=0.2, top_p=0.5), GPT)

    assert raised.value.param == "top_p"
    assert len(upstream.requests) == 2


def test_a_default_that_is_refused_is_left_out_too(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(refused("temperature"), answer_with("fine"))
    provider = new_provider("openai", upstream.base_url, temperature=0.5)

    events_of(provider, asked(), GPT)

    assert sent_of(upstream, "temperature") == [True, False]


def test_a_strict_request_hears_the_refusal_then_and_later(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(refused("temperature"), refused("temperature"), answer_with("fine"))
    provider = new_provider("openai", upstream.base_url)

    with pytest.raises(ProviderRejected):
        events_of(provider, asked(strict=True, temperature=0.2), GPT)
    events_of(provider, asked(temperature=0.2), GPT)
    with pytest.raises(ParameterNotSupported):
        events_of(provider, asked(strict=True, temperature=0.2), GPT)

    assert len(upstream.requests) == 3


@pytest.mark.parametrize("name", ["messages", "model", "tools", None, "nothing"])
def test_what_makes_the_request_is_never_left_out(
    name: str | None, upstream: Upstream, new_provider: NewProvider
) -> None:
    upstream.will(openai_error(400, "No", code="unsupported_value", param=name))

    with pytest.raises(ProviderRejected):
        events_of(new_provider("openai", upstream.base_url), asked(tools=[]), GPT)

    assert len(upstream.requests) == 1


@pytest.mark.parametrize("kind", ["groq", "lmstudio", "openai_compatible"])
def test_other_vendors_refusals_are_passed_on(kind: str, upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(refused("temperature"))

    with pytest.raises(ProviderRejected):
        events_of(new_provider(kind, upstream.base_url), asked(temperature=0.2))

    assert len(upstream.requests) == 1


# Organisations that may not stream


@pytest.mark.parametrize("strict", [False, True])
def test_a_model_that_may_not_be_streamed_answers_whole_from_then_on(
    strict: bool, upstream: Upstream, new_provider: NewProvider
) -> None:
    upstream.will(refused("stream"), answer_with("fine"))
    provider = new_provider("openai", upstream.base_url)

    answers = [folded(events_of(provider, asked(stream=True, strict=strict), GPT)).text for _ in range(2)]
    events_of(provider, asked(stream=True), model("gpt-4.1"))

    assert answers == ["fine", "fine"]
    assert sent_of(upstream, "stream") == [True, False, False, True]
    assert sent_of(upstream, "stream_options") == [True, False, False, True]


def test_both_lessons_can_be_learned_in_one_call(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(refused("temperature"), refused("stream"), answer_with("fine"))

    events = events_of(new_provider("openai", upstream.base_url), asked(stream=True, temperature=0.2), GPT)

    assert folded(events).text == "fine"
    assert len(upstream.requests) == 3


@pytest.mark.parametrize(
    ("reply", "stream"),
    [(refused("stream", "unsupported_parameter"), True), (refused("stream"), False)],
)
def test_another_refusal_that_names_the_stream_is_passed_on(
    reply: Any, stream: bool, upstream: Upstream, new_provider: NewProvider
) -> None:
    upstream.will(reply)

    with pytest.raises(ProviderRejected):
        events_of(new_provider("openai", upstream.base_url), asked(stream=stream), GPT)

    assert len(upstream.requests) == 1


# Usage in streams, and histories


def test_usage_is_always_asked_for_in_streams(upstream: Upstream, new_provider: NewProvider) -> None:
    request = asked(stream=True)
    with_options = type(request)(
        Task.CHAT, None, request.fields, stream=True, stream_options={"include_obfuscation": False}
    )
    provider = new_provider("openai", upstream.base_url)

    events_of(provider, request)
    events_of(provider, with_options)

    assert [one.json["stream_options"] for one in upstream.requests] == [
        {"include_usage": True},
        {"include_obfuscation": False, "include_usage": True},
    ]


HISTORY = [
    {"role": "user", "content": "hi", "name": "ada"},
    {"role": "assistant", "content": "yes", "reasoning_content": "hm", "refusal": None, "tool_calls": [{"id": "1"}]},
    {"role": "tool", "tool_call_id": "1", "content": "{}"},
]


def test_groq_is_not_sent_what_it_refuses_inside_of_messages(upstream: Upstream, new_provider: NewProvider) -> None:
    events_of(new_provider("groq", upstream.base_url), asked(messages=HISTORY))

    assert upstream.last.json["messages"] == [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "yes", "tool_calls": [{"id": "1"}]},
        {"role": "tool", "tool_call_id": "1", "content": "{}"},
    ]


def test_what_groq_is_sent_of_a_message_is_not_read(upstream: Upstream, new_provider: NewProvider) -> None:
    beyond_all_numbers = Json(b'[{"role":"user","content":"hi","name":"ada","refusal":1e999}]')
    request = ModelRequest(Task.CHAT, "box/model", {"messages": beyond_all_numbers})

    events_of(new_provider("groq", upstream.base_url), request)

    assert upstream.last.json["messages"] == [{"role": "user", "content": "hi"}]


@pytest.mark.parametrize("kind", ["openai", "lmstudio", "openai_compatible", "local_gguf"])
def test_others_are_sent_the_messages_as_they_came(kind: str, upstream: Upstream, new_provider: NewProvider) -> None:
    events_of(new_provider(kind, upstream.base_url), asked(messages=HISTORY))

    assert upstream.last.json["messages"] == HISTORY


def test_the_parameters_of_groqs_models_name_their_limits(new_provider: NewProvider) -> None:
    parameters = {one.name: one for one in new_provider("groq", "http://127.0.0.1:1/v1").parameters(OSS)}

    assert parameters["max_completion_tokens"].maximum == 65536
    assert parameters["reasoning_effort"].choices == ("low", "medium", "high")
    assert parameters["n"].maximum == 1
