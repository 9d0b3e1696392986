"""The pooled client against servers that keep, close, cut and misspeak."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

import pytest

from app.domain.errors import ProviderError, ProviderProtocol, ProviderTimeout, ProviderUnreachable, StreamCut
from app.domain.events import HEARTBEAT_S
from app.providers.http.client import Head
from tests.providers.http.conftest import To
from tests.serving.running import eventually
from tests.support.fixtures import NewUpstream
from tests.support.replies import Response, hang_up, raw, reset, respond, stall, truncated
from tests.support.upstream import Upstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def connections(upstream: Upstream) -> list[int]:
    """Which connection each request came on."""
    return [request.connection for request in upstream.requests]


def test_one_connection_serves_one_request_after_the_other(to: To, upstream: Upstream) -> None:
    asking = to(upstream.base_url)

    for _ in range(3):
        asking.ask()

    assert connections(upstream) == [1, 1, 1]


def test_what_is_sent(to: To, upstream: Upstream) -> None:
    to(upstream.base_url).ask(b'{"a": 1}')

    request = upstream.last
    assert (request.method, request.target, request.body) == ("POST", "/v1/chat/completions", b'{"a": 1}')
    assert request.raw_headers == (
        ("Host", f"127.0.0.1:{upstream.port}"),
        ("Accept-Encoding", "identity"),
        ("Content-Type", "application/json"),
        ("X-Extra", "yes"),
        ("Content-Length", "8"),
    )


def test_ipv6(to: To, new_upstream: NewUpstream) -> None:
    upstream = new_upstream(host="::1")

    head, _ = to(upstream.base_url).ask()

    assert head.status == 200
    assert upstream.last.headers["host"] == f"[::1]:{upstream.port}"


def test_an_idle_connection_that_the_server_closed_is_replaced_unseen(to: To, new_upstream: NewUpstream) -> None:
    upstream = new_upstream(idle_close_s=0.05)
    asking = to(upstream.base_url)

    asking.ask()
    time.sleep(0.15)
    asking.ask()

    assert connections(upstream) == [1, 2]


def answered(upstream: Upstream) -> list[int]:
    """The connections whose requests were answered; the server notes that just after the client has the answer."""
    return [request.connection for request in upstream.requests if request.answered_at is not None]


def test_a_connection_that_dies_under_the_second_request_is_replaced_unseen(to: To, new_upstream: NewUpstream) -> None:
    upstream = new_upstream(requests_per_connection=1, afterwards="reset")
    asking = to(upstream.base_url)

    first, second = asking.ask(), asking.ask()

    assert (first[0].status, second[0].status) == (200, 200)
    assert eventually(lambda: answered(upstream) == [1, 2])


@pytest.mark.parametrize("end", [hang_up(), reset()], ids=["close", "reset"])
def test_it_is_replaced_once_and_not_twice(end: Response, to: To, upstream: Upstream) -> None:
    upstream.will(respond(200, b"hi"), end)
    asking = to(upstream.base_url)
    asking.ask()

    with pytest.raises(StreamCut) as raised:
        asking.ask()

    assert raised.value.message == "Box closed the connection without an answer."
    assert connections(upstream) == [1, 1, 2]


def test_a_fresh_connection_is_not_tried_again(to: To, upstream: Upstream) -> None:
    upstream.will(hang_up())

    with pytest.raises(StreamCut):
        to(upstream.base_url).ask()

    assert len(upstream.requests) == 1


def test_a_connection_that_died_after_the_first_byte_is_not_replaced(to: To, upstream: Upstream) -> None:
    upstream.will(respond(200, b"hi"), raw(b"HTTP/1.1 2"))
    asking = to(upstream.base_url)
    asking.ask()

    with pytest.raises(StreamCut):
        asking.ask()

    assert len(upstream.requests) == 2


def test_an_answer_that_is_left_early_closes_its_connection(to: To, upstream: Upstream) -> None:
    upstream.will(respond(200, b"x" * 100, piece_bytes=1, piece_every_s=0.05))
    pieces = to(upstream.base_url).pieces()

    next(pieces)
    pieces.close()  # type: ignore[attr-defined]  # a generator

    upstream.wait_until_left(within_s=1.0)


def test_a_closed_client_keeps_no_connection(to: To, upstream: Upstream) -> None:
    asking = to(upstream.base_url)
    pieces = asking.pieces()
    next(pieces)

    asking.client.close()
    list(pieces)

    _soon(lambda: upstream.log.open_connections == 0)


def _soon(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 2
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


BODIES = [
    ("length", OK, b"hi"),
    (
        "chunked",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\nh\r\n1\r\ni\r\n0\r\nT: 1\r\n\r\n",
        b"hi",
    ),
    ("until the end", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi", b"hi"),
    ("HTTP/1.0", b"HTTP/1.0 200 OK\r\n\r\nhi", b"hi"),
    ("no reason", b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", b"hi"),
    ("empty", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
    ("204", b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    ("100 first", b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"hi"),
    ("103 and 102 first", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 P\r\n\r\n" + OK, b"hi"),
    ("odd bytes in a header", b"HTTP/1.1 200 OK\r\nX-Name: \xff\xc3\r\nContent-Length: 2\r\n\r\nhi", b"hi"),
    ("a long header", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 60_000 + b"\r\nContent-Length: 2\r\n\r\nhi", b"hi"),
    ("folded case", b"HTTP/1.1 200 OK\r\ncOnTeNt-LeNgTh: 2\r\n\r\nhi", b"hi"),
]


@pytest.mark.parametrize(("wire", "body"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES])
@pytest.mark.parametrize("piece_bytes", [None, 1], ids=["at once", "byte by byte"])
def test_ways_to_frame_a_body(wire: bytes, body: bytes, piece_bytes: int | None, to: To, upstream: Upstream) -> None:
    if piece_bytes and len(wire) > 10_000:
        piece_bytes = 997
    upstream.will(respond(200, wire, framing="raw", then="close", piece_bytes=piece_bytes))

    assert to(upstream.base_url).ask()[1] == body


NO_HTTP = [
    ("a banner", b"SSH-2.0-OpenSSH_9.9\r\n", ProviderProtocol),
    ("half a status line", b"HTTP/1.1 20", StreamCut),
    ("half a header", b"HTTP/1.1 200 OK\r\nContent-", StreamCut),
    ("too little body", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", StreamCut),
    ("chunks without an end", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", StreamCut),
    ("a broken chunk", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n", ProviderProtocol),
    ("two lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi", ProviderProtocol),
    ("an upgrade", b"HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", ProviderProtocol),
    ("a second answer", OK + OK, ProviderProtocol),
    (
        "too many headers",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"A%d: b\r\n" % n for n in range(300)) + b"\r\n",
        ProviderProtocol,
    ),
    ("headers without end", b"HTTP/1.1 200 OK\r\n" + b"A: " + b"x" * 600_000, ProviderProtocol),
    ("hints without end", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 30_000, ProviderProtocol),
]


@pytest.mark.parametrize(("wire", "wanted"), [case[1:] for case in NO_HTTP], ids=[case[0] for case in NO_HTTP])
def test_what_is_not_http_is_an_error(wire: bytes, wanted: type[ProviderError], to: To, upstream: Upstream) -> None:
    upstream.will(raw(wire))

    with pytest.raises(ProviderError) as raised:
        to(upstream.base_url).ask()

    assert type(raised.value) is wanted


def test_a_server_that_speaks_first(to: To, new_upstream: NewUpstream) -> None:
    with pytest.raises(ProviderProtocol):
        to(new_upstream(speaks="banner").base_url).ask()


def test_less_than_promised_is_cut_and_its_connection_not_used_again(to: To, upstream: Upstream) -> None:
    upstream.will(truncated(b"hi"), respond(200, b"well"))
    asking = to(upstream.base_url)

    with pytest.raises(StreamCut):
        asking.ask()

    assert asking.ask()[1] == b"well"
    assert connections(upstream) == [1, 2]


def test_a_large_body_in_both_directions(to: To, upstream: Upstream) -> None:
    upstream.will(respond(200, b"y" * 65536, repeat=64))

    _, body = to(upstream.base_url).ask(b"x" * 8_000_000)

    assert len(body) == 64 * 65536
    assert len(upstream.last.body) == 8_000_000


def test_a_server_may_refuse_before_it_has_read_everything(to: To) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse() -> None:
            client, _ = listening.accept()
            with client:
                client.recv(1000)
                client.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
                client.shutdown(socket.SHUT_WR)
                time.sleep(0.2)

        server = threading.Thread(target=refuse)
        server.start()
        head, body = to(f"http://127.0.0.1:{listening.getsockname()[1]}").ask(b"x" * 30_000_000)
        server.join()

    assert (head.status, body) == (413, b"big")


# Time


def test_nothing_listening(to: To, new_upstream: NewUpstream) -> None:
    with pytest.raises(ProviderUnreachable) as raised:
        to(new_upstream(speaks="nothing").base_url).ask()

    assert raised.value.message == "Box isn't answering: nothing is listening at its address."


def test_no_such_name(to: To) -> None:
    for host in ("no-such-host.invalid", "a..b", "x" * 70 + ".example"):
        with pytest.raises(ProviderUnreachable) as raised:
            to(f"http://{host}/v1", connect_s=5.0).ask()
        assert raised.value.message == "Box isn't answering: its name can't be resolved."


def test_a_connection_that_is_not_accepted_in_time(to: To, new_upstream: NewUpstream) -> None:
    asking = to(new_upstream(speaks="deaf").base_url, connect_s=0.1)
    began = time.monotonic()

    with pytest.raises(ProviderTimeout) as raised:
        asking.ask()

    assert raised.value.message == "Box did not accept a connection within 0.1 s."
    assert time.monotonic() - began < 1


def test_connecting_takes_no_longer_than_the_call_may(to: To, new_upstream: NewUpstream) -> None:
    asking = to(new_upstream(speaks="deaf").base_url, connect_s=5.0)

    with pytest.raises(ProviderTimeout) as raised:
        asking.ask(within_s=0.1)

    assert raised.value.message == "Box did not accept a connection within 0.1 s."


def test_a_handshake_that_is_not_answered_in_time(to: To, new_upstream: NewUpstream) -> None:
    upstream = new_upstream(speaks="silence")

    with pytest.raises(ProviderTimeout):
        to(f"https://127.0.0.1:{upstream.port}", connect_s=0.1).ask()


def test_a_head_and_a_body_that_do_not_come_in_time(to: To, upstream: Upstream) -> None:
    upstream.will(stall(), respond(200, b"hi", missing_bytes=3, then="stall"))
    asking = to(upstream.base_url)

    for _ in range(2):
        with pytest.raises(ProviderTimeout) as raised:
            asking.ask(within_s=0.1)
        assert raised.value.message == "Box took too long."

    assert connections(upstream) == [1, 2]


def deaf(new_upstream: NewUpstream) -> Upstream:
    return new_upstream(speaks="deaf")


def slow_to_begin(new_upstream: NewUpstream) -> Upstream:
    upstream = new_upstream()
    upstream.will(stall())
    return upstream


def chatting_in_comments(new_upstream: NewUpstream) -> Upstream:
    upstream = new_upstream()
    upstream.will(respond(200, b": so\n" * 1000, piece_bytes=5, piece_every_s=0.01))
    return upstream


@pytest.mark.parametrize("server", [deaf, slow_to_begin, chatting_in_comments])
def test_a_heartbeat_is_due_ten_seconds_after_the_last_whatever_is_waited_for(
    server: Callable[[NewUpstream], Upstream], to: To, new_upstream: NewUpstream
) -> None:
    asking = to(server(new_upstream).base_url, connect_s=0.6)
    began = time.monotonic()
    asking.told_at = began - HEARTBEAT_S + 0.3

    with pytest.raises(ProviderTimeout):
        list(asking.pieces(within_s=0.6))

    (silence,) = asking.silences
    assert 0.29 < silence - began < 0.5


def test_time_spent_waiting_for_the_server_is_counted(to: To, upstream: Upstream) -> None:
    upstream.will(respond(200, b"hi", headers_after_s=0.1, body_after_s=0.1))
    asking = to(upstream.base_url)

    asking.ask()

    assert 0.2 <= asking.waited_s < 0.6


def test_a_body_comes_as_it_arrives(to: To, upstream: Upstream) -> None:
    upstream.will(respond(200, b"abc", piece_bytes=1, piece_every_s=0.03))

    head, *pieces = to(upstream.base_url).pieces()

    assert isinstance(head, Head)
    assert pieces == [b"a", b"b", b"c"]
