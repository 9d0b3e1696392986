"""A client's connection in the request loop: who sends nothing, or takes nothing, is not waited for without end."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import gevent
import gevent.socket
import pytest

from app.serving.client_link import ClientLink

PATIENCE_S = 0.2
LIMIT_S = 5.0


@pytest.fixture
def client() -> Iterator[socket.socket]:
    """The client's end; `link` has the server's."""
    with socket.socket() as client:
        yield client


@pytest.fixture
def link(client: socket.socket) -> Iterator[ClientLink]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client.connect(listener.getsockname())
        accepted, _ = listener.accept()
    with gevent.socket.socket(fileno=accepted.detach()) as server:
        link = ClientLink(server, PATIENCE_S)
        yield link
        link.close()


def test_what_comes_while_it_is_waited_for_is_received(client: socket.socket, link: ClientLink) -> None:
    for said in (b"first", b"second"):
        receiving = gevent.spawn(link.receive, 100)
        gevent.sleep(0.05)
        client.sendall(said)

        assert receiving.get(timeout=LIMIT_S) == said

    client.close()
    assert gevent.spawn(link.receive, 100).get(timeout=LIMIT_S) == b""


def test_a_silent_client_is_waited_for_as_long_as_told(link: ClientLink) -> None:
    receiving = gevent.spawn(_failure_of_receiving, link)
    gevent.sleep(0.01)

    link.end_if_silent(time.monotonic() + PATIENCE_S / 2)
    gevent.sleep(0.05)
    assert not receiving.dead

    link.end_if_silent(time.monotonic() + 2 * PATIENCE_S)
    assert isinstance(receiving.get(timeout=LIMIT_S), TimeoutError)


def test_a_client_that_takes_nothing_is_not_sent_to_for_ever(client: socket.socket, link: ClientLink) -> None:
    started = time.monotonic()

    with pytest.raises(TimeoutError):
        link.send(b"x" * 50_000_000)

    assert time.monotonic() - started < LIMIT_S


def test_a_long_answer_is_sent_to_its_end(client: socket.socket, link: ClientLink) -> None:
    answer = b"0123456789" * 500_000
    sending = gevent.spawn(link.send, answer)
    received = bytearray()
    reader = gevent.socket.socket(fileno=client.detach())
    with reader:
        while len(received) < len(answer):
            received += reader.recv(65536)

    sending.get(timeout=LIMIT_S)
    assert received == answer


def _failure_of_receiving(link: ClientLink) -> object:
    try:
        return link.receive(100)
    except OSError as error:
        return error
