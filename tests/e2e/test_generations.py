"""Answers that belong to the server, in a gateway that really runs: refreshed, left, stopped, killed, restarted."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.call import Call
from tests.e2e.gateway import TOY, Gateway
from tests.serving.running import eventually
from tests.support.replies import answer_with
from tests.support.upstream import Upstream

WITHIN_S = 1.0
STALE_S = 15.0
SWEEP_S = 5.0
# Far longer than any test waits: the toy never comes to an end by itself.
ENDLESS: dict[str, Any] = {"max_tokens": 3500, "ignore_eos": True}
COUNTING = [f" {number}" for number in range(1, 31)]


@dataclass
class Read:
    """What one reader heard."""

    text: str = ""
    numbers: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    documents: list[Any] = field(default_factory=list)


def read(call: Call) -> Read:
    """To the stream's end."""
    found = Read()
    for line in call.lines():
        if line.startswith("id: "):
            found.numbers.append(int(line.removeprefix("id: ")))
        elif line.startswith("data: "):
            document = json.loads(line.removeprefix("data: "))
            found.documents.append(document)
            found.names.append(document["type"])
            found.text += document["text"] if document["type"] == "delta" else ""
    return found


@dataclass(frozen=True)
class Chat:
    """A conversation in a running gateway."""

    gateway: Gateway
    id: str

    @staticmethod
    def new(gateway: Gateway) -> Chat:
        return Chat(gateway, str(gateway.admin("POST", "/api/v1/conversations", {})["id"]))

    @property
    def messages(self) -> str:
        return f"/api/v1/conversations/{self.id}/messages"

    def asks(self, model: str, **fields: Any) -> Any:
        """The empty answer, which is being made."""
        body = {"content": "Count.", "model": model, "stream": False, **fields}
        return self.gateway.admin("POST", self.messages, body)["answers"][0]

    def streams(self, model: str, **fields: Any) -> Call:
        return self.gateway.call(self.messages, {"content": "Count.", "model": model, **fields})

    def message(self, message_id: str) -> Any:
        return self.gateway.admin("GET", f"{self.messages}/{message_id}")

    def newest(self) -> Any:
        return self.gateway.admin("GET", self.messages)["items"][-1]

    def until_text(self, message_id: str) -> Any:
        """The message, once some of its text is stored."""
        found: list[Any] = []

        def has_text() -> bool:
            found[:] = [self.message(message_id)]
            return bool(found[0]["content"])

        assert eventually(has_text, 20.0)
        return found[0]

    def until(self, message_id: str, status: str, within_s: float = 20.0) -> Any:
        assert eventually(lambda: self.message(message_id)["status"] == status, within_s), self.message(message_id)
        return self.message(message_id)

    def follows(self, answer: Any, after: int = 0, headers: Mapping[str, str] | None = None) -> Call:
        path = f"/api/v1/generations/{answer['generation_id']}/events?after={after}"
        return self.gateway.call(path, method="GET", headers=headers)

    def reads(self, answer: Any, after: int = 0, headers: Mapping[str, str] | None = None) -> Read:
        with self.follows(answer, after, headers) as call:
            return read(call)

    def stops(self, answer: Any) -> Any:
        return self.gateway.admin("POST", f"/api/v1/generations/{answer['generation_id']}/stop")


@pytest.fixture
def chat(gateway: Gateway) -> Chat:
    return Chat.new(gateway)


# Coming back.


def test_after_a_refresh_each_token_is_there_once(chat: Chat, upstream: Upstream, model: str) -> None:
    upstream.will(answer_with(COUNTING, every_s=0.1))
    answer = chat.asks(model)
    chat.until_text(answer["id"])

    for _ in range(5):
        seen = chat.message(answer["id"])
        with chat.follows(seen, seen["last_event"]) as call:
            heard = call.wait_for_text()
        assert "".join(COUNTING).startswith(seen["content"] + heard)
    seen = chat.message(answer["id"])
    rest = chat.reads(seen, seen["last_event"])

    assert seen["status"] == "streaming"
    assert seen["content"] + rest.text == "".join(COUNTING)
    assert rest.numbers == list(range(seen["last_event"] + 1, rest.numbers[-1] + 1))
    final = chat.message(answer["id"])
    assert (final["content"], final["status"], final["last_event"]) == ("".join(COUNTING), "done", rest.numbers[-1])


def test_the_real_engines_answer_can_be_taken_up_at_any_moment(chat: Chat) -> None:
    answer = chat.asks(TOY, parameters={"max_tokens": 400, "ignore_eos": True})
    chat.until_text(answer["id"])

    seen = chat.message(answer["id"])
    rest = chat.reads(seen, seen["last_event"])
    final = chat.message(answer["id"])

    assert final["status"] == "done"
    assert seen["content"] + rest.text == final["content"]
    assert final["usage"]["completion_tokens"] == 400


def test_every_reader_hears_the_same_and_the_last_one_everything(chat: Chat, upstream: Upstream, model: str) -> None:
    upstream.will(answer_with(COUNTING, every_s=0.05))
    answer = chat.asks(model)

    with ThreadPoolExecutor(3) as pool:
        early, late = pool.submit(chat.reads, answer), pool.submit(chat.reads, answer, 5)
        by_header = pool.submit(chat.reads, answer, headers={"Last-Event-ID": "5"})
        everything, rest = early.result(), late.result()
    again = chat.reads(answer)

    assert everything.text == again.text == "".join(COUNTING)
    assert everything.numbers == again.numbers == list(range(1, len(everything.numbers) + 1))
    assert rest.numbers == by_header.result().numbers == everything.numbers[5:]
    assert everything.names.count("done") == 1


def test_an_answer_goes_on_when_its_client_leaves(chat: Chat, upstream: Upstream, model: str) -> None:
    upstream.will(answer_with(COUNTING, every_s=0.05))

    with chat.streams(model) as call:
        call.wait_for_text()
        call.leave()
    final = chat.until(chat.newest()["id"], "done")

    assert final["content"] == "".join(COUNTING)
    assert all(one.left_at is None for one in upstream.requests)


def test_a_reader_that_leaves_is_noticed_and_nothing_else_ends(chat: Chat, upstream: Upstream, model: str) -> None:
    upstream.will(answer_with("one", ending="stall"))
    answer = chat.asks(model)
    chat.until_text(answer["id"])
    before = open_calls(chat.gateway)

    with chat.follows(answer, 2) as call:
        assert call.response.status == 200
        assert eventually(lambda: open_calls(chat.gateway) == before + 1, 2.0)
        call.leave()

        assert eventually(lambda: open_calls(chat.gateway) == before, WITHIN_S)
    assert chat.message(answer["id"])["status"] == "streaming"
    chat.stops(answer)


def open_calls(gateway: Gateway) -> float:
    reply = gateway.ask("GET", "/metrics")
    (value,) = re.findall(r"^patchbay_open_calls(?:\{.*\})? ([0-9.]+)$", reply.body, re.MULTILINE)
    return float(value)


def test_text_is_stored_every_second(chat: Chat, upstream: Upstream, model: str) -> None:
    upstream.will(answer_with(COUNTING, every_s=0.1))
    answer = chat.asks(model)
    chat.until_text(answer["id"])
    behind = []

    with chat.follows(answer) as call:
        heard, begun = "", time.monotonic()
        for line in call.lines():
            if line.startswith("data: ") and '"delta"' in line:
                heard += json.loads(line[6:])["text"]
                if time.monotonic() - begun > 0.3:
                    begun = time.monotonic()
                    behind.append(len(heard) - len(chat.message(answer["id"])["content"]))

    # 10 tokens a second of at most three characters; a second, and what reading and writing take.
    assert len(behind) >= 5
    assert max(behind) <= 40


# Stopping.


def test_a_stop_ends_the_answer_and_the_providers_call_within_a_second(
    chat: Chat, upstream: Upstream, model: str
) -> None:
    upstream.will(answer_with("one two", ending="stall"))
    answer = chat.asks(model)
    chat.until_text(answer["id"])
    begun = time.monotonic()

    generation = chat.stops(answer)

    upstream.wait_until_left(within_s=WITHIN_S)
    assert time.monotonic() - begun < WITHIN_S
    final = chat.message(answer["id"])
    assert (generation["state"], final["status"], final["content"]) == ("stopped", "stopped", "one two")
    assert final["finish_reason"] == "stopped"
    assert chat.reads(answer).documents[-1]["finish_reason"] == "stopped"


def test_a_stop_before_the_first_token_is_as_quick(chat: Chat, upstream: Upstream, model: str) -> None:
    upstream.will(answer_with("late", headers_after_s=60))
    answer = chat.asks(model)
    upstream.wait_for(2)

    chat.stops(answer)

    upstream.wait_until_left(within_s=WITHIN_S)
    assert chat.message(answer["id"])["status"] == "stopped"


def test_a_stop_frees_the_real_engine(chat: Chat) -> None:
    answer = chat.asks(TOY, parameters=ENDLESS)
    text = chat.until_text(answer["id"])["content"]

    chat.stops(answer)

    assert eventually(lambda: not chat.gateway.engine_is_busy, WITHIN_S)
    assert chat.message(answer["id"])["content"].startswith(text)


def test_a_provider_that_fails_in_the_middle_loses_no_text(chat: Chat, upstream: Upstream, model: str) -> None:
    upstream.will(answer_with("one two three", every_s=0.1, ending="close"))

    with chat.streams(model) as call:
        found = read(call)
    final = chat.newest()

    assert (found.text, found.names[-1]) == ("one two three", "error")
    assert (final["content"], final["status"], final["error"]["code"]) == ("one two three", "failed", "stream_cut")
    assert found.documents[-1] == {"type": "error", **final["error"]}


# The end of the server.


@contextmanager
def lasting(home: Path, **settings: str) -> Iterator[Gateway]:
    with Gateway(home, LOCAL_ENGINE="0", **settings) as gateway:
        yield gateway


def test_a_killed_server_leaves_the_text_and_the_next_one_says_that_it_was_interrupted(
    tmp_path: Path, upstream: Upstream
) -> None:
    upstream.will(answer_with([f" {number}" for number in range(1000, 2000)], every_s=0.05, ending="stall"))
    with lasting(tmp_path) as gateway:
        chat = Chat.new(gateway)
        answer = chat.asks(f"{gateway.add_provider(upstream)}/hello-1")
        heard = ""
        with chat.follows(answer) as call:
            for line in call.lines():
                heard += json.loads(line[6:])["text"] if '"delta"' in line and line.startswith("data: ") else ""
                if len(heard) > 300:
                    break
            os.killpg(gateway.server.process.pid, signal.SIGKILL)
        killed_at = time.monotonic()

    with lasting(tmp_path) as gateway:
        chat = Chat(gateway, chat.id)
        final = chat.until(answer["id"], "interrupted", STALE_S + SWEEP_S + 10)
        found = chat.reads(final)

    assert time.monotonic() - killed_at > STALE_S - 2
    assert heard.startswith(final["content"])
    # 20 tokens a second of five characters: a second's worth, and what a write takes.
    assert len(heard) - len(final["content"]) <= 150
    assert (found.names, found.documents[0]["message"]) == (["snapshot"], final)


def test_a_stopping_server_finishes_what_it_can_and_interrupts_the_rest(tmp_path: Path, upstream: Upstream) -> None:
    upstream.will(answer_with("one two three four", every_s=0.3), answer_with("one two", ending="stall"))
    with lasting(tmp_path, GRACEFUL_TIMEOUT="4") as gateway:
        model = f"{gateway.add_provider(upstream)}/hello-1"
        chats = [Chat.new(gateway), Chat.new(gateway)]
        answers = []
        for chat in chats:
            answers.append(chat.asks(model))
            chat.until_text(answers[-1]["id"])
        with chats[1].follows(answers[1]) as call:
            call.wait_for_text()
            gateway.server.send(signal.SIGTERM)
            found = read(call)
        assert gateway.server.ended(10) == 0

    with lasting(tmp_path) as gateway:
        finished, interrupted = (
            Chat(gateway, chat.id).message(answer["id"]) for chat, answer in zip(chats, answers, strict=True)
        )

    assert (finished["content"], finished["status"]) == ("one two three four", "done")
    assert (interrupted["content"], interrupted["status"]) == ("one two", "interrupted")
    assert (found.names[-1], found.documents[-1]["code"]) == ("error", "draining")


def test_a_server_told_to_stop_at_once_keeps_the_text(tmp_path: Path, upstream: Upstream) -> None:
    upstream.will(answer_with("one two", ending="stall"))
    with lasting(tmp_path) as gateway:
        chat = Chat.new(gateway)
        answer = chat.asks(f"{gateway.add_provider(upstream)}/hello-1")
        upstream.wait_for(2)
        time.sleep(0.2)
        gateway.server.send(signal.SIGINT)
        assert gateway.server.ended(5) == 0

    with lasting(tmp_path) as gateway:
        final = Chat(gateway, chat.id).message(answer["id"])

    assert (final["content"], final["status"]) == ("one two", "interrupted")
