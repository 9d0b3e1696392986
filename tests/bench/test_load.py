"""What the load generator reports, against the fake upstream and against servers that fail."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bench.load import LoadResult, Plan, Target, run
from bench.upstream import upstream

CHUNK = b'data: {"choices":[{"delta":{"content":"@t0000000000000001 "}}]}\n\n'
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def streams(port: int) -> LoadResult:
    plan = Plan(model="stream-5-20", connections=20, window_s=1, warmup_s=0, chunks=5, reopen=False, drain_s=0.5)
    return run(plan, Target(port))


def test_every_stream_of_the_upstream_is_complete_and_paced() -> None:
    with upstream(["stream-5-20"]) as port:
        result = streams(port)

    assert (result.streams_done, result.chunks, result.failures) == (20, 100, 0)
    assert result.first_chunk.p50_us < 20_000 < result.window_s * 1e6


def test_a_counted_load_sends_exactly_that_many_and_leaves_every_tenth() -> None:
    plan = Plan(
        model="instant",
        connections=8,
        window_s=20,
        warmup_s=0,
        count=500,
        abort_every=10,
        abort_model="stream-50-20",
    )
    with upstream(["instant"]) as port:
        result = run(plan, Target(port))

    assert (result.issued, result.answered, result.aborted, result.failures) == (500, 450, 50, 0)


def test_a_delayed_answer_takes_its_time() -> None:
    with upstream(["delay-200"]) as port:
        result = run(Plan(model="delay-200", connections=4, window_s=0.9, warmup_s=0), Target(port))

    assert 200_000 <= result.latency.p50_us < 300_000
    assert result.failures == 0


def test_a_stream_that_ends_without_done_is_a_failure() -> None:
    with answering(STREAM_HEAD + framed(CHUNK * 5) + b"0\r\n\r\n") as port:
        result = streams(port)

    assert (result.streams_done, result.failures) == (0, 20)


def test_a_cut_stream_is_a_failure() -> None:
    with answering(STREAM_HEAD + framed(CHUNK * 5)) as port:
        result = streams(port)

    assert (result.streams_done, result.failures) == (0, 20)


def test_events_split_between_packets_are_read_whole() -> None:
    whole = STREAM_HEAD + b"".join(framed(bytes([byte])) for byte in CHUNK * 5 + b"data: [DONE]\n\n") + b"0\r\n\r\n"

    with answering(whole, piece_bytes=7) as port:
        result = streams(port)

    assert (result.streams_done, result.failures) == (20, 0)


def framed(payload: bytes) -> bytes:
    return f"{len(payload):x}\r\n".encode() + payload + b"\r\n"


@contextmanager
def answering(reply: bytes, piece_bytes: int = 1 << 20) -> Iterator[int]:
    """A server that gives everyone these bytes, in pieces, and hangs up."""

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:  # the listener was shut down: the test is over
                return
            with connection:
                connection.recv(65536)
                for start in range(0, len(reply), piece_bytes):
                    connection.sendall(reply[start : start + piece_bytes])

    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
