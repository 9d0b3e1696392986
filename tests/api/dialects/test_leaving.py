"""Readers who leave, and answers that take longer than ten seconds to begin."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gevent
import pytest
from msgspec.structs import replace
from werkzeug.test import TestResponse

from tests.api.dialects.conftest import HELLO, Stage
from tests.support.replies import answer_with, openai_error
from tests.support.upstream import Upstream, UpstreamProcess

CHAT = "/v1/chat/completions"


@pytest.mark.parametrize("read", [0, 1, 2])
@pytest.mark.parametrize("path", [CHAT, "/api/v1/llm-providers/chat"])
def test_a_stream_that_is_closed_ends_the_call_at_the_provider(read: int, path: str, stage: Stage) -> None:
    stage.upstream.forget()
    stage.upstream.will(answer_with("one two three four", every_s=0.05, first_after_s=0.05, ending="stall"))

    reply = stage.call(path, {"model": "box/hello-1", "messages": HELLO, "stream": True})
    pieces = reply.iter_encoded()
    for _ in range(read):
        next(pieces)
    reply.close()

    stage.upstream.wait_until_left(within_s=1)
    assert stage.recorded_outcome() == "client_left"


@dataclass
class Slow:
    """What calls that began together had answered in the end."""

    replies: dict[str, TestResponse]
    bodies: dict[str, bytes]


@pytest.fixture(scope="module")
def slow(stage: Stage, upstream_process: UpstreamProcess) -> Iterator[Slow]:
    """Every sort of call that is silent for more than ten seconds, in one stage or in several, all at once."""
    later = replace(openai_error(429, headers={"Retry-After": "4"}), headers_after_s=6.5)
    opened: list[Upstream] = []

    def provider(name: str, **fields: Any) -> Upstream:
        upstream = upstream_process.open()
        opened.append(upstream)
        stage.door.provider(name=name, base_url=upstream.base_url, **fields)
        return upstream

    provider("Late").will(answer_with("at last", first_after_s=10.6))
    provider("Pausing").will(answer_with("at last", every_s=10.6, comments=1))
    provider("Limited").will(later, answer_with("at last"))
    provider("Full", max_concurrency=1).will(
        answer_with("at last", first_after_s=5.5), answer_with("at last", headers_after_s=5)
    )
    provider("Failing").will(later, openai_error(400, "No."))
    provider("Bad").will(later, openai_error(400, "No."))
    replies: dict[str, TestResponse] = {}
    bodies: dict[str, bytes] = {}

    def call(name: str, slug: str, path: str = CHAT, *, stream: bool = True) -> Callable[[], None]:
        def run() -> None:
            body = {"model": f"{slug}/hello-1", "messages": HELLO, "stream": stream}
            replies[name] = stage.call(path, body, client=stage.door.app.test_client())
            bodies[name] = replies[name].data

        return run

    running = [
        gevent.spawn(run)
        for run in (
            call("late", "late"),
            call("late native", "late", "/api/v1/llm-providers/chat"),
            call("late plain", "late", stream=False),
            call("pausing", "pausing"),
            call("limited", "limited"),
            call("limited plain", "limited", stream=False),
            call("first", "full"),
            call("second", "full"),
            call("failing", "failing"),
            call("failing native", "bad", "/api/v1/llm-providers/chat"),
        )
    ]
    gevent.joinall(running, raise_error=True)
    yield Slow(replies, bodies)
    for upstream in opened:
        upstream.close()


def text_of(body: bytes) -> str:
    chunks = [json.loads(line[6:]) for line in body.split(b"\n\n") if line.startswith(b"data: {")]
    return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])


@pytest.mark.parametrize("name", ["late", "limited", "second", "pausing"])
def test_a_silence_is_filled_with_comments(name: str, slow: Slow) -> None:
    body = slow.bodies[name]

    assert text_of(body) == "at last"
    assert body.count(b": keep-alive\n\n") == 1
    assert body.endswith(b"data: [DONE]\n\n")
    assert body.startswith(b": keep-alive\n\n") == (name != "pausing")


@pytest.mark.parametrize("name", ["late", "limited", "second", "late plain", "limited plain", "failing", "late native"])
def test_headers_name_the_provider_and_no_waiting_counts_as_ours(name: str, slow: Slow) -> None:
    headers = slow.replies[name].headers

    assert headers["X-Patchbay-Provider"] == {"second": "full"}.get(name, name.split(" ")[0])
    assert float(headers["X-Patchbay-Overhead-Ms"]) < 5000


def test_a_stream_of_our_own_begins_with_a_comment_too(slow: Slow) -> None:
    body = slow.bodies["late native"]

    assert body.startswith(b": keep-alive\n\nevent: start\n")
    assert body.count(b": keep-alive") == 1


def test_a_plain_answer_may_take_long_as_well(slow: Slow) -> None:
    for name in ("late plain", "limited plain"):
        document = json.loads(slow.bodies[name])
        assert document["choices"][0]["message"]["content"] == "at last"
    assert slow.replies["limited plain"].headers["X-Patchbay-Attempts"] in ("1", "2")


def test_a_failure_after_the_headers_is_an_event(slow: Slow) -> None:
    assert slow.replies["failing"].status_code == 200
    assert slow.bodies["failing"].startswith(b': keep-alive\n\ndata: {"error":')
    assert b"[DONE]" not in slow.bodies["failing"]


def test_a_failure_of_our_own_stream_follows_its_start(slow: Slow) -> None:
    _, start, error, end = slow.bodies["failing native"].decode().split("\n\n")

    assert start.startswith("event: start\n")
    assert error.startswith('event: error\ndata: {"type":"error","code":"invalid_request","message":"No."')
    assert end == ""
