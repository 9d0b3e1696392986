"""How long a provider is waited for, and odd forms of what comes then."""

from __future__ import annotations

import time

import gevent
import pytest

from app.domain.catalog import Task
from app.domain.errors import ProviderProtocol, ProviderTimeout, StreamCut
from tests.providers.asking import asked, attempt, events_of, folded, model, timeouts
from tests.providers.conftest import NewProvider
from tests.support.replies import Response, answer_with, respond, stall
from tests.support.upstream import Upstream


def test_a_stream_without_a_first_token(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(answer_with("late", first_after_s=5, comments=3))
    provider = new_provider("openai", upstream.base_url, timeouts=timeouts(first_token_s=0.15, idle_s=0.05))

    with pytest.raises(ProviderTimeout) as raised:
        events_of(provider, asked(stream=True))

    assert raised.value.message == "Box sent no token within 0.15 s."
    upstream.wait_until_left(within_s=1)


def test_a_stream_that_goes_silent(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(answer_with("one two three", ending="stall", ending_after=2))
    provider = new_provider("openai", upstream.base_url, timeouts=timeouts(idle_s=0.15))

    with pytest.raises(ProviderTimeout) as raised:
        events_of(provider, asked(stream=True))

    assert raised.value.message == "Box went silent for 0.15 s."
    upstream.wait_until_left(within_s=1)


def test_comments_are_no_sign_of_life(upstream: Upstream, new_provider: NewProvider) -> None:
    event = b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
    pings = b": ping\n\n" * 100
    headers = {"Content-Type": "text/event-stream"}
    upstream.will(respond(200, event + pings, headers=headers, framing="chunked", piece_bytes=58, piece_every_s=0.05))
    provider = new_provider("openai", upstream.base_url, timeouts=timeouts(idle_s=0.2))

    with pytest.raises(ProviderTimeout) as raised:
        events_of(provider, asked(stream=True))

    assert raised.value.message == "Box went silent for 0.2 s."


def test_pauses_shorter_than_the_limit_are_fine(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(answer_with("one two three four", every_s=0.1))
    provider = new_provider("openai", upstream.base_url, timeouts=timeouts(first_token_s=0.25, idle_s=0.25))

    assert folded(events_of(provider, asked(stream=True))).text == "one two three four"


def test_a_stream_that_never_ends_is_ended(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(answer_with("a " * 100, every_s=0.05))
    provider = new_provider("openai", upstream.base_url, timeouts=timeouts(total_s=0.3, idle_s=0.2))
    began = time.monotonic()

    with pytest.raises(ProviderTimeout) as raised:
        events_of(provider, asked(stream=True), during=attempt(within_s=0.3))

    assert raised.value.message == "Box did not finish within 0.3 s."
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("kind", ["comments", "text"])
def test_a_stream_that_never_pauses_is_ended_too_and_lets_others_run(
    kind: str, upstream: Upstream, new_provider: NewProvider
) -> None:
    said = b": ping\n\n" if kind == "comments" else b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
    headers = (("Content-Type", "text/event-stream"),)
    upstream.will(Response(headers=headers, body=said * 5000, repeat=100_000, framing="chunked"))
    provider = new_provider("openai", upstream.base_url, timeouts=timeouts(total_s=0.5, first_token_s=0.5))
    ran_at: list[float] = []
    other = gevent.spawn(_note_times, ran_at)

    with pytest.raises(ProviderTimeout):
        for _ in provider.answer(asked(stream=True), model(), attempt(within_s=0.5)):
            pass

    other.kill()
    assert len(ran_at) > 2


def _note_times(times: list[float]) -> None:
    while True:
        times.append(time.monotonic())
        gevent.sleep(0.01)


def test_a_plain_answer_has_all_the_time_there_is(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(answer_with("late", headers_after_s=0.3))
    provider = new_provider("openai", upstream.base_url, timeouts=timeouts(first_token_s=0.1, idle_s=0.1))

    assert folded(events_of(provider, asked())).text == "late"


def test_and_no_more(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(stall())
    provider = new_provider("openai", upstream.base_url, timeouts=timeouts(total_s=0.2))

    with pytest.raises(ProviderTimeout) as raised:
        events_of(provider, asked(), during=attempt(within_s=0.2))

    assert raised.value.message == "Box did not finish within 0.2 s."


def test_an_event_that_is_too_large(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(
        respond(
            200, b"data: " + b"x" * 65536, repeat=300, headers={"Content-Type": "text/event-stream"}, framing="chunked"
        )
    )

    with pytest.raises(ProviderProtocol, match="an event that is too large"):
        events_of(new_provider("openai", upstream.base_url), asked(stream=True))


@pytest.mark.parametrize("form", [{"line_end": "\r\n"}, {"line_end": "\r"}, {"data_lines": 3}, {"comments": 5}])
def test_forms_of_a_stream(form: dict[str, object], upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(answer_with("one two", padding_bytes=100_000, slice_bytes=9999, **form))

    assert folded(events_of(new_provider("openai", upstream.base_url), asked(stream=True))).text == "one two"


def test_a_server_that_only_answers_at_once(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(respond(200, {"choices": [{"index": 0, "message": {"content": "all"}, "finish_reason": "stop"}]}))

    [event] = events_of(new_provider("openai", upstream.base_url), asked(stream=True))

    assert (event.is_whole, event.text) == (True, "all")


def test_numbers_sent_as_text_are_read(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(
        respond(200, {"choices": [{"index": "0", "message": {"content": "a"}}], "usage": {"prompt_tokens": "3"}})
    )

    answer = folded(events_of(new_provider("openai", upstream.base_url), asked()))

    assert (answer.text, answer.usage and answer.usage.prompt_tokens) == ("a", 3)


def test_cut_streams_say_so(upstream: Upstream, new_provider: NewProvider) -> None:
    provider = new_provider("openai", upstream.base_url)
    messages = []
    for ending in ("close", "mid_event", "reset"):
        upstream.will(answer_with("one two three", ending=ending, ending_after=1))
        with pytest.raises(StreamCut) as raised:
            events_of(provider, asked(stream=True))
        messages.append(raised.value.message)

    assert messages == [
        "Box ended its answer before it was complete.",
        "Box closed the connection in the middle of its answer.",
        "Box closed the connection in the middle of its answer.",
    ]


# Embeddings


@pytest.mark.parametrize(
    "body",
    [
        {"data": "x"},
        {"data": [{"index": 0}]},
        {"data": [{"embedding": None}]},
        {"data": [{"embedding": {"a": 1}}]},
        {"data": ["x"]},
        {"choices": []},
        {},
    ],
)
def test_what_holds_no_vectors_is_no_answer(body: object, upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(respond(200, body))

    with pytest.raises(ProviderProtocol):
        events_of(new_provider("openai", upstream.base_url), asked(Task.EMBEDDING, input="a"))
