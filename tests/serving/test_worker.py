"""The worker under real signals: what clients see, what is written, how long it takes."""

from __future__ import annotations

import contextlib
import http.client
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving.running import Running, eventually, is_alive, small_server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(params=["lean", "stock"])
def server(request: pytest.FixtureRequest, home: Path) -> Iterator[Running]:
    with small_server(home, loop=request.param, GRACEFUL_TIMEOUT="4") as server:
        yield server.wait_until_ready()


class Client:
    """Opens connections and closes them all at the end."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open = contextlib.ExitStack()

    def get(self, path: str) -> http.client.HTTPResponse:
        """The answer's head, on a connection of its own."""
        connection = self.connection()
        connection.request("GET", path)
        return self._open.enter_context(contextlib.closing(connection.getresponse()))

    def connection(self) -> http.client.HTTPConnection:
        return self._open.enter_context(
            contextlib.closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=20))
        )

    def stream(self, seconds: float) -> http.client.HTTPResponse:
        response = self.get(f"/stream?seconds={seconds}")
        assert response.readline() == b"data: tick\n"
        return response

    def worker_pid(self) -> int:
        return int(self.get("/pid").read().split()[1])

    def close(self) -> None:
        self._open.close()


@pytest.fixture
def client(server: Running) -> Iterator[Client]:
    with contextlib.closing(Client(server.port)) as client:
        yield client


def notes(home: Path) -> list[str]:
    return (home / "notes").read_text().splitlines()


def test_an_answer_that_can_finish_does_and_its_usage_is_written_first(
    server: Running, client: Client, home: Path
) -> None:
    response = client.stream(1.0)

    server.send(signal.SIGTERM)
    rest = response.read()

    assert rest.endswith(b"data: done\n\n")
    assert server.ended() == 0
    assert notes(home) == ["usage written", "flushed"]


def test_an_answer_that_can_not_finish_ends_with_one_error_event(server: Running, client: Client, home: Path) -> None:
    response = client.stream(60.0)
    began = time.monotonic()

    server.send(signal.SIGTERM)
    rest = response.read()

    assert rest.endswith(b"data: error draining\n\n")
    assert rest.count(b"error") == 1
    assert 1.5 < time.monotonic() - began < 3.5
    assert server.ended() == 0
    assert notes(home) == ["usage written", "flushed"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_ctrl_c_does_not_wait_and_loses_nothing(
    server: Running, client: Client, home: Path, number: signal.Signals
) -> None:
    response = client.stream(60.0)
    began = time.monotonic()

    server.send(number)
    rest = response.read()

    assert rest.endswith(b"data: error draining\n\n")
    assert server.ended() == 0
    assert time.monotonic() - began < 2.0
    assert notes(home) == ["usage written", "flushed"]


def test_ctrl_c_cuts_a_drain_short(server: Running, client: Client, home: Path) -> None:
    response = client.stream(60.0)
    began = time.monotonic()

    server.send(signal.SIGTERM)
    time.sleep(0.5)
    server.send(signal.SIGINT)
    rest = response.read()

    assert rest.endswith(b"data: error draining\n\n")
    assert server.ended() == 0
    assert time.monotonic() - began < 1.8
    assert notes(home) == ["usage written", "flushed"]


def test_nobody_new_is_let_in_while_answers_finish(server: Running, client: Client) -> None:
    response = client.stream(1.5)

    server.send(signal.SIGTERM)

    assert eventually(lambda: refuses(server.port), limit_s=1.0)
    assert response.read().endswith(b"data: done\n\n")


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


def test_idle_connections_do_not_delay_the_end(server: Running, client: Client, home: Path) -> None:
    kept = client.connection()
    kept.request("GET", "/")
    kept.getresponse().read()
    silent = socket.create_connection(("127.0.0.1", server.port))
    began = time.monotonic()

    server.send(signal.SIGTERM)

    assert server.ended() == 0
    assert time.monotonic() - began < 1.5
    assert silent.recv(1) == b""
    assert notes(home) == ["flushed"]
    silent.close()


def test_many_requests_share_one_connection(server: Running, client: Client) -> None:
    connection = client.connection()

    for size in (0, 1, 100_000, 3_000_000, 5):
        connection.request("POST", "/echo", body=b"x" * size)
        assert connection.getresponse().read() == b"x" * size


def test_a_worker_that_dies_is_replaced(server: Running, client: Client) -> None:
    first = client.worker_pid()
    with pytest.raises(http.client.RemoteDisconnected):
        client.get("/crash")

    second = client.worker_pid()

    assert second != first


def test_a_worker_without_arbiter_ends_and_loses_nothing(server: Running, client: Client, home: Path) -> None:
    pid = client.worker_pid()
    response = client.stream(60.0)

    server.send(signal.SIGKILL)
    server.ended()
    rest = response.read()

    assert rest.endswith(b"data: error draining\n\n")
    assert eventually(lambda: not is_alive(pid))
    assert notes(home) == ["usage written", "flushed"]
