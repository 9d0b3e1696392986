"""Answers with two workers, PostgreSQL and Redis: made by one, read and stopped through the other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.conftest import Postgres
from tests.deploy.gateway import add_provider, administrator, data, gateway
from tests.serving.running import Running, eventually, free_port
from tests.support.replies import answer_with
from tests.support.upstream import Upstream

pytestmark = [pytest.mark.postgres, pytest.mark.redis]

COUNTING = [f" {number}" for number in range(1, 31)]
READERS = 8
"""Each on a connection of its own, so that both workers have some (but for one time in 128)."""


class OwnRedis:
    """A Redis that may go away and come back, empty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self._port), "--save", "", "--dir", str(self._folder)]
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        assert eventually(lambda: self._answers(), 10)

    def _answers(self) -> bool:
        with Redis.from_url(self.url) as redis:
            try:
                return bool(redis.ping())
            except RedisError:
                return False

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    redis = OwnRedis(tmp_path_factory.mktemp("redis"))
    redis.start()
    yield redis
    redis.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, redis: OwnRedis) -> Iterator[Running]:
    settings = {"WORKERS": "2", "DATABASE_URL": postgres.create("answers"), "REDIS_URL": redis.url}
    with gateway(tmp_path_factory.mktemp("answers") / "home", **settings) as server:
        yield server.wait_until_ready()


@dataclass(frozen=True)
class Chat:
    """Every call comes on a new connection, so that either worker may get it."""

    url: str
    headers: dict[str, str]
    conversation_id: str
    model: str

    def fresh(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=self.headers, timeout=30)

    def call(self, method: str, path: str, body: object = None) -> Any:
        with self.fresh() as client:
            return data(client.request(method, path, json=body))

    def asks(self) -> Any:
        body = {"content": "Count.", "model": self.model, "stream": False, "parent_id": None}
        return self.call("POST", f"api/v1/conversations/{self.conversation_id}/messages", body)["answers"][0]

    def message(self, answer: Any) -> Any:
        return self.call("GET", f"api/v1/conversations/{self.conversation_id}/messages/{answer['id']}")

    def running(self) -> list[str]:
        found: list[str] = self.call("GET", f"api/v1/conversations/{self.conversation_id}")["running"]
        return found

    def stops(self, answer: Any) -> Any:
        return self.call("POST", f"api/v1/generations/{answer['generation_id']}/stop")

    def reads(self, answer: Any, after: int = 0) -> list[tuple[int, Any]]:
        """Number and data of every event to the end."""
        found = []
        path = f"api/v1/generations/{answer['generation_id']}/events"
        with self.fresh() as client, client.stream("GET", path, headers={"Last-Event-ID": str(after)}) as reply:
            number = 0
            for line in reply.iter_lines():
                if line.startswith("id: "):
                    number = int(line.removeprefix("id: "))
                elif line.startswith("data: "):
                    found.append((number, json.loads(line.removeprefix("data: "))))
        return found


def text_of(events: list[tuple[int, Any]]) -> str:
    return "".join(one["text"] for _, one in events if one["type"] == "delta")


@pytest.fixture
def chat(server: Running, upstream: Upstream) -> Iterator[Chat]:
    with administrator(server.url) as client:
        slug = add_provider(client, upstream, f"Fake {upstream.port}")
        # Until the other worker has heard of it as well.
        time.sleep(1.5)
        conversation = data(client.post("api/v1/conversations", json={}))
        yield Chat(f"{server.url}/", dict(client.headers), conversation["id"], f"{slug}/hello-1")


def test_both_workers_tell_the_same_from_any_event_on(chat: Chat, upstream: Upstream, redis: OwnRedis) -> None:
    upstream.will(answer_with(COUNTING, every_s=0.1))
    answer = chat.asks()

    with ThreadPoolExecutor(READERS) as pool:
        whole = [pool.submit(chat.reads, answer) for _ in range(READERS // 2)]
        time.sleep(1.0)
        rests = [pool.submit(chat.reads, answer, 5) for _ in range(READERS // 2)]
        everything = [one.result() for one in whole]
        behind = [one.result() for one in rests]
    afterwards = [chat.reads(answer, 5) for _ in range(READERS)]

    numbers = [number for number, _ in everything[0]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert text_of(everything[0]) == "".join(COUNTING)
    assert everything == [everything[0]] * (READERS // 2)
    assert behind == [everything[0][5:]] * (READERS // 2)
    assert afterwards == [everything[0][5:]] * READERS
    with Redis.from_url(redis.url) as shared:
        assert shared.xlen(f"pb:gen:{answer['generation_id']}:events") == len(numbers)


def test_either_worker_stops_an_answer_within_a_second(chat: Chat, upstream: Upstream) -> None:
    upstream.will(answer_with("one two", ending="stall"))
    answers = [chat.asks() for _ in range(READERS)]
    assert eventually(lambda: all(chat.message(one)["content"] == "one two" for one in answers))

    for count, answer in enumerate(answers, 1):
        begun = time.monotonic()
        generation = chat.stops(answer)
        upstream.wait_until_left(count, within_s=1)
        assert time.monotonic() - begun < 1
        assert generation["state"] == "stopped"
        final = chat.message(answer)
        assert (final["status"], final["content"]) == ("stopped", "one two")


def test_answers_of_a_worker_that_is_killed_become_interrupted_and_the_others_go_on(
    chat: Chat, upstream: Upstream, server: Running
) -> None:
    upstream.will(answer_with("one two", ending="stall"))
    # So many that each worker makes some.
    answers = [chat.asks() for _ in range(3 * READERS)]
    assert eventually(lambda: all(chat.message(one)["content"] == "one two" for one in answers))
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()

    os.kill(int(children[0]), signal.SIGKILL)

    assert eventually(lambda: len(chat.running()) < len(answers), 30)
    found = [chat.message(one) for one in answers]
    interrupted = [one for one in found if one["status"] == "interrupted"]
    assert {one["content"] for one in found} == {"one two"}
    # The rest is made by the worker that lives.
    assert {one["status"] for one in found} <= {"interrupted", "streaming"}
    assert [chat.reads(one)[-1][1] for one in interrupted] == [
        {"type": "snapshot", "message": one} for one in interrupted
    ]
    for one in found:
        chat.stops(one)


def test_without_redis_answers_are_finished_stored_told_and_stopped(
    chat: Chat, upstream: Upstream, redis: OwnRedis
) -> None:
    upstream.will(answer_with(COUNTING, every_s=0.15), answer_with("one two", ending="stall"))
    counting, endless = chat.asks(), [chat.asks() for _ in range(4)]
    with ThreadPoolExecutor(READERS) as pool:
        readers = [pool.submit(chat.reads, counting) for _ in range(READERS)]
        time.sleep(1.0)
        redis.kill()
        heard = [one.result() for one in readers]
    final = chat.message(counting)
    later = [chat.reads(counting, 3) for _ in range(READERS)]
    begun = time.monotonic()
    stopped = [chat.stops(one) for one in endless]
    upstream.wait_until_left(len(endless), within_s=3)
    stopped_s = time.monotonic() - begun
    redis.start()

    assert (final["status"], final["content"]) == ("done", "".join(COUNTING))
    for events in [*heard, *later]:
        # Either the events themselves, or the message in their place.
        assert events[-1][0] == final["last_event"]
        assert events[-1][1] == {"type": "snapshot", "message": final} or events[-1][1]["type"] == "done"
    assert [one["state"] for one in stopped] == ["stopped"] * 4
    assert stopped_s < 4 * 2.0


def test_when_redis_is_back_answers_are_shared_again(chat: Chat, upstream: Upstream) -> None:
    upstream.will(answer_with(COUNTING, every_s=0.3))
    answer = chat.asks()

    with ThreadPoolExecutor(READERS) as pool:
        heard = [one.result() for one in [pool.submit(chat.reads, answer) for _ in range(READERS)]]

    final = chat.message(answer)
    assert (final["status"], final["content"]) == ("done", "".join(COUNTING))
    assert all(events[-1][0] == final["last_event"] for events in heard)
