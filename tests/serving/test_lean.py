"""Our request loop beside gunicorn's: the same bytes in, the same answer out."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator

import pytest

from app.serving.lean import MAX_KNOWN_NAMES, HeaderNames
from tests.serving.running import Running, small_server


@pytest.fixture(scope="module")
def lean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with small_server(tmp_path_factory.mktemp("lean") / "home", loop="lean") as server:
        yield server.wait_until_ready()


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with small_server(tmp_path_factory.mktemp("stock") / "home", loop="stock") as server:
        yield server.wait_until_ready()


def exchange(server: Running, *pieces: bytes, pause_s: float = 0.02) -> bytes:
    """Everything the server sends for `pieces`, until it closes or is silent."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=0.6) as connection:
        received = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause_s)
            while piece := connection.recv(65536):
                received += piece
        except (TimeoutError, ConnectionError):
            return received
    return received + b"<closed>"


def settled(answer: bytes) -> bytes:
    """Without what may differ between two servers: time, process and gunicorn's own pages for errors."""
    answer = re.sub(rb"Date: [^\r]+", b"Date: -", answer)
    answer = re.sub(rb"Content-Length: \d+\r\n\r\npid \d+", b"pid -", answer)
    return re.sub(rb"(HTTP/1.1 [45]\d\d) .*", rb"\1", answer, flags=re.DOTALL)


def request(
    target: str = "/environ", *headers: str, method: str = "GET", body: bytes = b"", version: str = "1.1"
) -> bytes:
    lines = [f"{method} {target} HTTP/{version}", "Host: gateway", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


# Sent behind every case: where the first request was read to its end, this one is answered, and the server closes.
CLOSING = request("/nothing", "Connection: close")

ORDINARY = {
    "get": request(),
    "query": request("/environ?a=1&b=%20?c"),
    "escaped path": request("/environ%2Fa%20b%C3%A9?x"),
    "head": request(method="HEAD"),
    "options": request(method="OPTIONS"),
    "body": request("/echo", "Content-Length: 5", "Content-Type: text/plain", method="POST", body=b"hello"),
    "empty body": request("/echo", "Content-Length: 0", method="POST"),
    "json": request("/environ", "Content-Type: application/json", "Content-Length: 2", method="POST", body=b"{}"),
    "many headers": request("/environ", *(f"X-Header-{number}: {number}" for number in range(80))),
    "repeated headers": request("/environ", "X-Part: a", "Accept: b", "X-Part: c"),
    "spaces around values": request("/environ", "X-Part: \t a b \t ", "X-Empty:", "X-Close:b"),
    "latin-1 value": request("/environ", "X-Name: Jos\xe9"),
    "underscores": request("/environ", "X_Forwarded_For: 1.2.3.4", "X-Forwarded-For: 5.6.7.8"),
    "close": request("/environ", "Connection: close"),
    "keep-alive": request("/environ", "Connection: Keep-Alive"),
    "pipelined": request("/echo", "Content-Length: 3", method="POST", body=b"one") + request("/nothing") + request(),
    "pieces": request("/pieces"),
    "pieces, head": request("/pieces", method="HEAD"),
    "no content": request("/nothing"),
    "no pieces": request("/no-pieces"),
    "application fails": request("/broken"),
    "application fails later": request("/broken-later"),
    "injected header": request("/injected"),
}
UNUSUAL = {
    "chunked": request("/echo", "Transfer-Encoding: chunked", method="POST", body=b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
    "chunked, then plain": request("/echo", "Transfer-Encoding: chunked", method="POST", body=b"1\r\na\r\n0\r\n\r\n")
    + request(),
    "plain, then chunked": request()
    + request("/echo", "Transfer-Encoding: chunked", method="POST", body=b"1\r\na\r\n0\r\n\r\n"),
    "expect": request("/echo", "Expect: 100-continue", "Content-Length: 2", method="POST", body=b"ab"),
    "http 1.0": request(version="1.0"),
    "http 1.0, keep-alive": request("/environ", "Connection: keep-alive", version="1.0"),
    "absolute target": request("http://gateway/environ?a"),
    "asterisk": request("*", method="OPTIONS"),
    "fragment": request("/environ#part"),
    "unknown method": request(method="PURGE"),
    "lower-case method": request(method="get"),
    "connect": request("gateway:80", method="CONNECT"),
    "upgrade": request("/environ", "Upgrade: websocket", "Connection: Upgrade"),
    "two hosts": request("/environ", "Host: other"),
    "two lengths": request("/echo", "Content-Length: 1", "Content-Length: 2", method="POST", body=b"ab"),
    "length and chunked": request(
        "/echo", "Content-Length: 1", "Transfer-Encoding: chunked", method="POST", body=b"0\r\n\r\n"
    ),
    "negative length": request("/echo", "Content-Length: -1", method="POST"),
    "signed length": request("/echo", "Content-Length: +1", method="POST", body=b"a"),
    "huge length": request("/echo", f"Content-Length: {'9' * 40}", method="POST"),
    "length in words": request("/echo", "Content-Length: two", method="POST"),
    "unknown coding": request("/echo", "Transfer-Encoding: magic", method="POST"),
    "folded header": b"GET /environ HTTP/1.1\r\nHost: a\r\nX-Part: a\r\n b\r\n\r\n",
    "space before colon": request("/environ", "X-Part : a"),
    "control character": request("/environ", "X-Part: a\x01b"),
    "no colon": request("/environ", "X-Part"),
    "bare line feed": b"GET /environ HTTP/1.1\nHost: a\n\n",
    "empty line first": b"\r\n" + request(),
    "space in target": request("/environ a"),
    "control in target": request("/envi\x01ron"),
    "eight-bit target": request("/environ\xe9"),
    "long line": request("/environ?" + "a" * 9000),
    "long header": request("/environ", "X-Long: " + "a" * 70_000),
    "too many headers": request("/environ", *(f"X-Header-{number}: a" for number in range(120))),
    "not http": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "garbage": b"hello\r\n\r\n",
}


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_requests_are_answered_alike(lean: Running, stock: Running, name: str) -> None:
    ours, theirs = (settled(exchange(server, ORDINARY[name] + CLOSING)) for server in (lean, stock))

    assert ours != b""
    assert ours == theirs


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_requests_are_answered_alike(lean: Running, stock: Running, name: str) -> None:
    ours, theirs = (settled(exchange(server, UNUSUAL[name] + CLOSING)) for server in (lean, stock))

    assert ours == theirs


@pytest.mark.parametrize("name", ["body", "query", "pipelined", "many headers", "repeated headers"])
@pytest.mark.parametrize("size", [1, 7, 60])
def test_requests_that_arrive_in_pieces_are_put_together(lean: Running, name: str, size: int) -> None:
    whole = ORDINARY[name] + CLOSING
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]

    answer = exchange(lean, *pieces, pause_s=0.001)

    assert settled(answer) == settled(exchange(lean, whole))


def test_a_body_that_comes_after_its_head_is_waited_for(lean: Running) -> None:
    head = request("/echo", "Content-Length: 200000", method="POST")

    answer = exchange(lean, head, b"a" * 100_000, b"b" * 100_000 + CLOSING)

    assert b"a" + b"b" * 100_000 + b"HTTP/1.1 204" in answer


def test_a_client_that_leaves_within_a_body_is_forgotten(lean: Running) -> None:
    with socket.create_connection(("127.0.0.1", lean.port)) as connection:
        connection.sendall(request("/echo", "Content-Length: 10", method="POST", body=b"half"))

    assert b"200 OK" in exchange(lean, request() + CLOSING)


def test_the_application_sees_the_path_decoded_and_the_target_as_sent(lean: Running) -> None:
    answer = exchange(lean, request("/environ", "Connection: close"))

    environ = json.loads(answer.partition(b"\r\n\r\n")[2].removesuffix(b"<closed>"))
    assert environ["PATH_INFO"] == "/environ"
    assert environ["RAW_URI"] == "/environ"
    assert environ["SERVER_PROTOCOL"] == "HTTP/1.1"
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["HTTP_HOST"] == "gateway"


def test_clients_can_not_fill_the_memory_with_header_names() -> None:
    names = HeaderNames()

    keys = [names.key(f"X-{number}".encode()) for number in range(MAX_KNOWN_NAMES + 100)]

    assert keys[-1] == f"HTTP_X_{MAX_KNOWN_NAMES + 99}"
    assert len(names._known) == MAX_KNOWN_NAMES
