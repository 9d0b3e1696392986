"""Cutting event streams: the pieces in which bytes arrive never matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.providers.sse import MAX_EVENT_BYTES, EventCutter, EventTooLarge

CASES = [
    (b"data: a\n\ndata: b\n\n", [b"a", b"b"]),
    (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
    (b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
    (b"data:a\n\n", [b"a"]),
    (b": comment\n\ndata: a\n\n: comment\n\n", [b"a"]),
    (b": comment\ndata: a\n\n", [b"a"]),
    (b"event: error\nid: 7\nretry: 10\ndata: a\n\n", [b"a"]),
    (b"data: {\ndata: }\n\n", [b"{\n}"]),
    (b"data: a\n\n\n\n\ndata: b\n\n", [b"a", b"b"]),
    (b"data: a\n\ndata: b", [b"a", b"b"]),
    (b"data: a\r\n\r\ndata: b\r\n", [b"a", b"b"]),
    (b"data: a\r\ndata: b\n\rdata: c\n\n", [b"a\nb", b"c"]),
    (b"data:\n\ndata: a\n\n", [b"a"]),
    ("data: Grüße \U0001f600\n\n".encode(), ["Grüße \U0001f600".encode()]),
    (b"", []),
]


def cut(pieces: list[bytes]) -> list[bytes]:
    cutter = EventCutter()
    return [data for piece in pieces for data in cutter.feed(piece)] + cutter.rest()


@pytest.mark.parametrize(("stream", "datas"), CASES)
def test_forms_of_an_event(stream: bytes, datas: list[bytes]) -> None:
    assert cut([stream]) == datas


@pytest.mark.parametrize(("stream", "datas"), CASES)
def test_byte_by_byte(stream: bytes, datas: list[bytes]) -> None:
    assert cut([stream[at : at + 1] for at in range(len(stream))]) == datas


line_ends = st.sampled_from([b"\n", b"\r\n", b"\r"])
lines = st.one_of(
    st.binary(max_size=12).map(lambda data: b"data: " + data.replace(b"\n", b"").replace(b"\r", b"")),
    st.sampled_from([b": ping", b"event: error", b"data:", b"", b"data", b"id: 1"]),
)


@given(st.lists(st.tuples(lines, line_ends), max_size=20), st.data())
def test_any_cut_of_any_stream_gives_the_same_events(parts: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    stream = b"".join(line + end for line, end in parts)
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))

    pieces = [stream[start:end] for start, end in zip([0, *places], [*places, len(stream)], strict=True)]

    assert cut(pieces) == cut([stream])


def test_a_large_event_comes_whole() -> None:
    data = b"x" * 5_000_000
    stream = b"data: " + data + b"\n\n"

    assert cut([stream[at : at + 65536] for at in range(0, len(stream), 65536)]) == [data]


def test_an_event_without_an_end_is_given_up() -> None:
    cutter = EventCutter()
    piece = b"x" * (MAX_EVENT_BYTES // 2)

    cutter.feed(b"data: " + piece)
    with pytest.raises(EventTooLarge):
        cutter.feed(piece)
