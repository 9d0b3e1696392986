"""JSON values out of a stream of ijson's events, with bounds on depth, number and length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Protocol

from app.domain.errors import TooLarge

MAX_DEPTH = 64
MAX_VALUES = 2_000_000
"""Of one conversation: each takes about a hundred bytes of memory."""
MAX_TEXT_BYTES = 48 * 1024**2
"""Of one text: an attachment of 32 MB as base64 has 43."""

MAX_PLAIN_BYTES = 1024**2
"""Of digits and spaces without anything else."""

Events = Iterator[tuple[str, Any]]
_BOM = b"\xef\xbb\xbf"
_QUOTE, _BACKSLASH = b'"'[0], b"\\"[0]
# Nothing is ever taken back (`*+`), so this is linear.
_INSIDE = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_PIECE_BYTES = 64 * 1024
_TURN_BYTES = 1024**2
"""After so many other threads have their turn."""


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def events_of(file: Readable) -> Events:
    """The events of a JSON file, perhaps with UTF-8's mark before it.

    The parser looks through the beginning of a text again with each piece that does not end it, so the pieces of a text
    double. Other pieces are small: each of their bytes can be an event. Raises TooLarge, or ijson.JSONError.
    """
    # Imported here: few requests import something.
    import ijson

    found = ijson.sendable_list()
    parser = ijson.basic_parse_coro(found, use_float=True)
    pieces = _Pieces(file)
    without_event = 0
    while piece := pieces.inside_text(without_event) if without_event >= _PIECE_BYTES else pieces.next(_PIECE_BYTES):
        parser.send(piece)
        if found:
            yield from found
            del found[:]
            without_event = 0
            continue
        without_event += len(piece)
        # Digits and spaces need not be text, and what stands behind them could be anything.
        is_plain = not piece.translate(None, b"0123456789+-.eE \t\r\n")
        if without_event > (MAX_PLAIN_BYTES if is_plain else MAX_TEXT_BYTES):
            raise TooLarge("A text or a number in the file is too long.")
    parser.close()
    yield from found


class _Pieces:
    """A file in pieces."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._waiting = b""
        self._waiting = self.next(len(_BOM)).removeprefix(_BOM)

    def next(self, size: int) -> bytes:
        """So many bytes, or fewer at the end of the file."""
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        while len(data) < size and (more := self._file.read(size - len(data))):
            data += more
        return data

    def inside_text(self, size: int) -> bytes:
        """So many bytes of a text, or fewer where it ends."""
        data = self.next(size)
        end = _text_end(data)
        if end is not None:
            data, self._waiting = data[:end], data[end:] + self._waiting
        return data


def _text_end(data: bytes) -> int | None:
    """Behind the first quotation mark that no backslash escapes."""
    first = data.find(b'"')
    if first < 1 or data[first - 1] != _BACKSLASH:
        return None if first < 0 else first + 1
    place = 0
    while place < len(data):
        inside = _INSIDE.match(data, place, place + _TURN_BYTES)
        place = place if inside is None else inside.end()
        if place < len(data) and data[place] == _QUOTE:
            return place + 1
        if place == len(data) - 1:
            # A backslash, whose other half comes with the next piece.
            return None
    return None


class Excess(str):
    """Why a value was not kept, in words."""


def value_of(kind: str, value: Any, events: Events) -> Any:
    """The value that begins with this event, read to its end; Excess where it is too deep or too large."""
    if kind not in ("start_map", "start_array"):
        return value
    root: Any = {} if kind == "start_map" else []
    inside, name = root, ""
    around: list[tuple[Any, str]] = []
    left = MAX_VALUES
    # One loop without calls, because files have tens of millions of events.
    for kind, value in events:
        if kind == "map_key":
            name = value
            continue
        if kind == "end_map" or kind == "end_array":
            if not around:
                return root
            inside, name = around.pop()
            continue
        left -= 1
        is_container = kind == "start_map" or kind == "start_array"
        if is_container:
            value = {} if kind == "start_map" else []
        if inside.__class__ is dict:
            inside[name] = value
        else:
            inside.append(value)
        if is_container:
            around.append((inside, name))
            inside = value
        if left < 0 or len(around) >= MAX_DEPTH:
            _skip(len(around) + 1, events)
            deep = f"It is nested more than {MAX_DEPTH} levels deep"
            return Excess(f"It has more than {MAX_VALUES} values" if left < 0 else deep)
    return root


def _skip(depth: int, events: Events) -> None:
    """Read on until so many values have ended."""
    for kind, _ in events:
        if kind == "start_map" or kind == "start_array":
            depth += 1
        elif kind == "end_map" or kind == "end_array":
            depth -= 1
            if not depth:
                return
