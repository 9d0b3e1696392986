"""SIGTERM with the whole gateway: what clients get, and what is in the database afterwards."""

from __future__ import annotations

import json
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.deploy.gateway import ASK, add_provider, administrator, gateway, stream
from tests.serving.running import Running
from tests.support.replies import answer_with, stall
from tests.support.upstream import Upstream


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def server(home: Path) -> Iterator[Running]:
    with gateway(home, GRACEFUL_TIMEOUT="4") as server:
        yield server.wait_until_ready()


@pytest.fixture
def client(server: Running, upstream: Upstream) -> Iterator[httpx.Client]:
    with administrator(server.url) as client:
        add_provider(client, upstream)
        yield client


def outcomes(home: Path) -> list[str]:
    """Of every attempt in the database, read when the server has ended."""
    with closing(sqlite3.connect(home / "patchbay.db")) as database:
        return [row[0] for row in database.execute("SELECT outcome FROM usage_records ORDER BY started_at")]


def test_a_stream_that_can_finish_does(server: Running, client: httpx.Client, upstream: Upstream, home: Path) -> None:
    upstream.will(answer_with(["a", "b", "c", "d"], every_s=0.3))
    lines: list[str] = []

    def stop_at_the_first(line: str) -> None:
        if not lines:
            server.send(signal.SIGTERM)
        lines.append(line)

    stream(client, stop_at_the_first)

    assert lines[-1] == "[DONE]"
    assert server.ended() == 0
    assert outcomes(home) == ["ok"]


def test_a_stream_that_can_not_finish_ends_with_one_error_event(
    server: Running, client: httpx.Client, upstream: Upstream, home: Path
) -> None:
    upstream.will(answer_with(["a"] * 300, every_s=0.2))
    lines: list[str] = []

    def stop_at_the_first(line: str) -> None:
        if not lines:
            server.send(signal.SIGTERM)
        lines.append(line)

    stream(client, stop_at_the_first)

    errors = [line for line in lines if '"error"' in line]
    assert lines[-1:] == errors
    assert json.loads(errors[0])["error"]["code"] == "draining"
    assert server.ended() == 0
    assert outcomes(home) == ["draining"]


def test_a_call_that_waits_for_its_provider_is_told(
    server: Running, client: httpx.Client, upstream: Upstream, home: Path
) -> None:
    upstream.will(stall())
    stopper = threading.Timer(0.5, lambda: server.send(signal.SIGTERM))
    stopper.start()
    began = time.monotonic()

    reply = client.post("v1/chat/completions", json=ASK)

    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "draining")
    assert time.monotonic() - began < 4
    assert server.ended() == 0
    assert outcomes(home) == ["draining"]
    stopper.join()


def test_ctrl_c_ends_a_stream_at_once_and_keeps_its_usage(
    server: Running, client: httpx.Client, upstream: Upstream, home: Path
) -> None:
    upstream.will(answer_with(["a"] * 300, every_s=0.2))
    lines: list[str] = []
    began = time.monotonic()

    def stop_at_the_first(line: str) -> None:
        if not lines:
            server.send(signal.SIGINT)
        lines.append(line)

    stream(client, stop_at_the_first)

    assert '"draining"' in lines[-1]
    assert server.ended() == 0
    assert time.monotonic() - began < 4
    assert outcomes(home) == ["draining"]
