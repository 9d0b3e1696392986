"""What agents only wish for with every request: left out where the model or its server does not take it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.domain.errors import InvalidRequest, ProviderContextLength, ProviderRejected
from app.domain.requests import ModelRequest
from app.providers.openai_wire import OpenAIWire
from app.providers.vendors.openai import HOST
from tests.providers.asking import asked, attempt, events_of, folded, model
from tests.providers.conftest import NewProvider
from tests.support.replies import answer_with, openai_error
from tests.support.upstream import Upstream

TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]
EFFORT = ("reasoning_effort",)


def wishing(effort: str = "high", **given: Any) -> ModelRequest:
    return msgspec.structs.replace(asked(reasoning_effort=effort, **given), wishes=frozenset(EFFORT))


def test_a_wish_that_a_server_refuses_is_left_out_once_and_for_all(
    upstream: Upstream, new_provider: NewProvider
) -> None:
    upstream.will(openai_error(400, "No effort here."), answer_with("fine"))
    provider = new_provider("openai_compatible", upstream.base_url)
    first, second = attempt(), attempt()

    events = events_of(provider, wishing(stream=True), None, first)
    events_of(provider, wishing(), None, second)
    events_of(provider, asked(reasoning_effort="high"))

    assert folded(events).text == "fine"
    assert ["reasoning_effort" in request.json for request in upstream.requests] == [True, False, False, True]
    assert (first.dropped, second.dropped) == (EFFORT, EFFORT)


def test_a_refusal_for_another_reason_is_told_and_teaches_nothing(
    upstream: Upstream, new_provider: NewProvider
) -> None:
    upstream.will(openai_error(400, "Odd tools."), openai_error(400, "Still odd."), answer_with("fine"))
    provider = new_provider("openai_compatible", upstream.base_url)

    with pytest.raises(ProviderRejected, match="Still odd"):
        events_of(provider, wishing())
    events_of(provider, wishing())

    assert ["reasoning_effort" in request.json for request in upstream.requests] == [True, False, True]


@pytest.mark.parametrize(
    ("code", "status", "strict", "error"),
    [
        ("context_length_exceeded", 400, False, ProviderContextLength),
        (None, 404, False, ProviderRejected),
        (None, 400, True, ProviderRejected),
    ],
)
def test_it_is_asked_again_only_where_that_may_help(
    upstream: Upstream, new_provider: NewProvider, code: str | None, status: int, strict: bool, error: type[Exception]
) -> None:
    upstream.will(openai_error(status, "No.", code=code))

    with pytest.raises(error):
        events_of(new_provider("openai_compatible", upstream.base_url), wishing(strict=strict))

    assert len(upstream.requests) == 1


def test_a_wish_that_a_model_has_no_word_for_is_left_out(upstream: Upstream, new_provider: NewProvider) -> None:
    provider = new_provider("groq", upstream.base_url)
    assert isinstance(provider, OpenAIWire)
    qwen = model("qwen/qwen3.6-27b")

    sent, left_out = provider.prepared(wishing(), qwen)

    assert (sorted(sent), left_out) == (["messages"], EFFORT)
    for request in (asked(reasoning_effort="high"), wishing(strict=True)):
        with pytest.raises(InvalidRequest, match="must be one of none, default"):
            provider.prepared(request, qwen)


def test_openais_models_that_take_tools_only_without_thought_are_told_so(new_provider: NewProvider) -> None:
    provider = new_provider("openai", f"https://{HOST}/v1")
    assert isinstance(provider, OpenAIWire)

    with_tools, left_out = provider.prepared(wishing(tools=TOOLS), model("gpt-6-sol"))
    without, nothing = provider.prepared(wishing(), model("gpt-6-sol"))

    assert (bytes(with_tools["reasoning_effort"]), left_out) == (b'"none"', EFFORT)
    assert (bytes(without["reasoning_effort"]), nothing) == (b'"high"', ())
