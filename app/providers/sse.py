"""Cutting a stream of server-sent events into their data, without decoding it.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, read leniently: vendors send comments, `event:`
lines, CRLF, several `data:` lines per event and events larger than any buffer.
"""

from __future__ import annotations

MAX_EVENT_BYTES = 16 * 1024 * 1024


class EventTooLarge(Exception):
    """An event exceeds MAX_EVENT_BYTES."""


class EventCutter:
    """Feed bytes, get the data of the events that are complete.

    `rest()` is what was left without a blank line behind it when the stream ended.
    """

    __slots__ = ("_parts", "_pending", "_size_bytes")

    def __init__(self) -> None:
        self._pending = b""
        self._parts: list[bytes] = []
        """Pieces of a long line that follow what is pending; joining them one by one would take quadratic time."""
        self._size_bytes = 0

    def feed(self, piece: bytes) -> list[bytes]:
        """Raises EventTooLarge."""
        if self._pending:
            if b"\n" not in piece and b"\r" not in piece:
                self._parts.append(piece)
                self._size_bytes += len(piece)
                if self._size_bytes > MAX_EVENT_BYTES:
                    raise EventTooLarge
                return []
            piece = self._taken() + piece
        if b"\r" in piece:
            return self._cut_with_returns(piece)
        *blocks, pending = piece.split(b"\n\n")
        return self._datas(blocks, pending)

    def rest(self) -> list[bytes]:
        block = self._taken()
        return self._datas([block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")], b"")

    def _taken(self) -> bytes:
        taken = self._pending if not self._parts else b"".join((self._pending, *self._parts))
        self._pending = b""
        self._parts.clear()
        return taken

    def _cut_with_returns(self, text: bytes) -> list[bytes]:
        # A return at the very end may be half of a CRLF.
        held = b"\r" if text.endswith(b"\r") else b""
        text = text[: len(text) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *blocks, last = text.split(b"\n\n")
        return self._datas(blocks, last + held)

    def _datas(self, blocks: list[bytes], pending: bytes) -> list[bytes]:
        if pending:
            self._pending = pending
            self._size_bytes = len(pending)
            if self._size_bytes > MAX_EVENT_BYTES:
                raise EventTooLarge
        return [data for block in blocks if (data := data_of(block))]


def data_of(block: bytes) -> bytes:
    """The data of one event; empty for comments and events without any."""
    if block.startswith(b"data:") and b"\n" not in block:
        return block[5:].strip()
    lines = [line[5:].strip() for line in block.split(b"\n") if line.startswith(b"data:")]
    return b"\n".join(lines)
