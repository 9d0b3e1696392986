"""The log's lines, and what happens when nobody reads them."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from typing import TextIO

import gevent
import pytest

from app.gateway.request_log import RequestLog

BIG = "/" + "x" * 290


@pytest.fixture
def pipe() -> Iterator[tuple[int, TextIO]]:
    """What a reader holds, and where the log goes."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as out:
        yield reader, out
    os.close(reader)


def test_a_request_is_one_line_and_nobody_can_forge_another(pipe: tuple[int, TextIO]) -> None:
    reader, out = pipe
    log = RequestLog(out)

    log.request("r1", "GET", "/a\nb c", "200 OK", 1.25)
    log.flush()

    line = os.read(reader, 4096).decode()
    assert re.fullmatch(r"\S+Z request request_id=r1 method=GET path=/a_b_c status=200 duration_ms=1\.2\n", line)


def test_a_log_that_nobody_reads_holds_nobody_up_and_tells_what_was_lost(pipe: tuple[int, TextIO]) -> None:
    reader, out = pipe
    log = RequestLog(out, max_waiting=1000)
    for number in range(1000):
        log.request(str(number), "GET", BIG, "200 OK", 1.0)
    writing = gevent.spawn(log.flush)
    with gevent.Timeout(0.5):
        # A thousand lines are more than a pipe holds: their write is stuck from here on.
        gevent.sleep(0.1)

    for number in range(1000, 3000):
        log.request(str(number), "GET", BIG, "200 OK", 1.0)
    lines = read_until(reader, b"lines_lost")

    assert [number for number in lines if number.isdigit()] == [str(number) for number in range(2000)]
    assert lines[-1] == "lines_lost count=1000"
    writing.join()


def read_until(reader: int, mark: bytes) -> list[str]:
    """The ids of the requests in the log, and the line with the mark."""
    data = b""

    def read() -> None:
        nonlocal data
        while mark not in data or not data.endswith(b"\n"):
            data += os.read(reader, 65536)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    while thread.is_alive():
        gevent.sleep(0.05)
    return [
        line.partition("request_id=")[2].partition(" ")[0] or line.partition(" ")[2]
        for line in data.decode().splitlines()
    ]


def test_the_last_words_are_not_waited_for_without_end(pipe: tuple[int, TextIO]) -> None:
    reader, out = pipe
    log = RequestLog(out)
    for number in range(1000):
        log.request(str(number), "GET", BIG, "200 OK", 1.0)

    with gevent.Timeout(3):
        log.flush()

    read_until(reader, b"request_id=999 ")


def test_a_log_whose_reader_is_gone_is_let_go(pipe: tuple[int, TextIO]) -> None:
    reader, out = pipe
    with os.fdopen(os.dup(out.fileno()), "w") as broken:
        log = RequestLog(broken)
        os.close(reader)
        log.request("r1", "GET", "/", "200 OK", 1.0)

        log.flush()

    os.dup2(os.open(os.devnull, os.O_RDONLY), reader)
