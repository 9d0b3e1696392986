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

    __slots__ = ("_pending",)

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, piece: bytes) -> list[bytes]:
        """Raises EventTooLarge."""
        if b"\r" in piece or (self._pending and b"\r" in self._pending):
            return self._feed_with_returns(piece)
        text = self._pending + piece if self._pending else piece
        *blocks, self._pending = text.split(b"\n\n")
        return self._datas(blocks)

    def rest(self) -> list[bytes]:
        block, self._pending = self._pending, b""
        return self._datas([block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")])

    def _feed_with_returns(self, piece: bytes) -> list[bytes]:
        text = self._pending + piece
        # A return at the very end may be half of a CRLF.
        held = b"\r" if text.endswith(b"\r") else b""
        text = text[: len(text) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *blocks, last = text.split(b"\n\n")
        self._pending = last + held
        return self._datas(blocks)

    def _datas(self, blocks: list[bytes]) -> list[bytes]:
        if len(self._pending) > MAX_EVENT_BYTES:
            raise EventTooLarge
        return [data for block in blocks if (data := data_of(block))]


def data_of(block: bytes) -> bytes:
    """The data of one event; empty for comments and events without any."""
    if block.startswith(b"data:") and b"\n" not in block:
        return block[5:].strip()
    lines = [line[5:].strip() for line in block.split(b"\n") if line.startswith(b"data:")]
    return b"\n".join(lines)
