"""A client that leaves is noticed while nothing is written to it, whatever it has sent before."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import gevent
import pytest

from app.api.client_watch import ClientWatch
from app.domain.errors import ClientLeft
from app.domain.stopping import Stop

LIMIT_S = 1.0


@pytest.fixture
def connection() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A client's end and the server's."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        server, _ = listener.accept()
        with server:
            yield client, server


def reason_within(stop: Stop, limit_s: float) -> object:
    with gevent.Timeout(limit_s, False):
        while stop.reason is None:
            gevent.sleep(0.01)
    return stop.reason


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\n\r\n"], ids=["nothing", "the next request"])
@pytest.mark.parametrize("way", ["close", "reset"])
def test_a_client_that_leaves_is_noticed(
    way: str, sent: bytes, connection: tuple[socket.socket, socket.socket]
) -> None:
    client, server = connection
    stop = Stop()
    watch = ClientWatch(server.fileno())
    watch.watch(stop)
    client.sendall(sent)
    assert reason_within(stop, 0.1) is None

    if way == "reset":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()

    assert isinstance(reason_within(stop, LIMIT_S), ClientLeft)
    watch.close()


def test_a_client_that_sends_its_next_request_early_is_still_there(
    connection: tuple[socket.socket, socket.socket],
) -> None:
    client, server = connection
    stop = Stop()
    watch = ClientWatch(server.fileno())
    watch.watch(stop)

    client.sendall(b"GET /healthz HTTP/1.1\r\n\r\n")

    assert reason_within(stop, LIMIT_S) is None
    watch.close()
