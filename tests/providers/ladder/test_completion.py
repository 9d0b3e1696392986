"""With a completion asked for, the shortest answer of a model that chats is the last step."""

from __future__ import annotations

import time

import pytest

from app.domain.catalog import DefaultModels
from tests.providers.ladder.faults import climb, provider
from tests.support.fixtures import NewUpstream
from tests.support.replies import Reply, answer_with, openai_error, out_of_quota, respond, stall, string_error
from tests.support.upstream import Upstream


def test_no_tokens_are_spent_unless_asked_for(upstream: Upstream) -> None:
    climb(provider(upstream.base_url))

    assert [request.method for request in upstream.requests] == ["GET"]


def test_the_first_model_that_can_chat_is_asked(upstream: Upstream) -> None:
    upstream.will_list("text-embedding-hello", "hello-1", "hello-2")

    report = climb(provider(upstream.base_url, api_key="sk-1"), completion=True)

    assert report.ok
    assert (report.steps[-1].step, report.steps[-1].detail) == ("completion", "hello-1 answers")
    assert upstream.last.key == "sk-1"
    assert upstream.last.json == {
        "model": "hello-1",
        "messages": [{"role": "user", "content": "Say hello."}],
        "max_tokens": 8,
    }


def test_the_providers_default_model_is_asked(upstream: Upstream) -> None:
    climb(provider(upstream.base_url, models=DefaultModels(chat="hello-9")), completion=True)

    assert upstream.last.json["model"] == "hello-9"


def test_openai_is_told_the_limit_by_its_name(upstream: Upstream) -> None:
    climb(provider(upstream.base_url, kind="openai"), completion=True)

    assert upstream.last.json["max_completion_tokens"] == 8
    assert "max_tokens" not in upstream.last.json


def test_the_other_name_of_the_limit_is_tried_where_one_is_refused(upstream: Upstream) -> None:
    upstream.will(openai_error(400, code="unsupported_parameter", param="max_tokens"), answer_with())

    assert climb(provider(upstream.base_url), completion=True).ok
    assert upstream.last.json["max_completion_tokens"] == 8


def test_an_answer_that_is_all_reasoning_is_an_answer(upstream: Upstream) -> None:
    upstream.will(answer_with([], reasoning=("Let me",), finish_reason="length"))

    assert climb(provider(upstream.base_url), completion=True).ok


@pytest.mark.parametrize(
    ("reply", "diagnosis"),
    [
        (openai_error(404, code="model_not_found", param="model"), "not_found"),
        (openai_error(400, param="model"), "not_found"),
        (openai_error(400), "server_error"),
        (openai_error(422), "server_error"),
        (string_error(401), "key_missing"),
        (openai_error(403), "forbidden"),
        (openai_error(402, code=402), "forbidden"),
        (out_of_quota(), "rate_limited"),
        (openai_error(500), "server_error"),
        (answer_with(ending="error_string"), "error_in_200"),
        (answer_with(ending="error_data"), "error_in_200"),
        (answer_with(ending="garbage"), "bad_json"),
        (answer_with(ending="not_a_chunk"), "bad_json"),
        (answer_with(ending="close"), "bad_json"),
        (respond(200, {"choices": []}), "bad_json"),
        (answer_with(ending="reset"), "bad_json"),
        (stall(), "too_slow"),
    ],
)
def test_a_failing_answer_is_diagnosed(upstream: Upstream, reply: Reply, diagnosis: str) -> None:
    upstream.will(reply)

    report = climb(provider(upstream.base_url), completion=True)

    assert (report.steps[-1].step, report.steps[-1].ok) == ("completion", False)
    assert (report.diagnosis, report.repair) == (diagnosis, None)


def test_a_model_that_loads_is_said_to_load(upstream: Upstream) -> None:
    upstream.will(stall())
    started = time.monotonic()

    report = climb(provider(upstream.base_url), completion=True)

    assert time.monotonic() - started < 3.5
    assert report.message == (
        "My server is reached, but the model has not answered in time. It may still be loading: try again in a minute."
    )


def test_a_key_that_only_chats_need_is_noticed(new_upstream: NewUpstream) -> None:
    upstream = new_upstream()
    upstream.will(openai_error(401))

    assert climb(provider(upstream.base_url, api_key="sk-1"), completion=True).diagnosis == "key_refused"
