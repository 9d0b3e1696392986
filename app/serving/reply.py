"""Writing one HTTP/1.1 answer: head and first piece in one packet, then each piece as it comes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.serving.client_link import ClientLink

Headers = list[tuple[str, str]]


class BadHeaders(Exception):
    """The application wants to send a header that would break the message."""


class Reply:
    """Give `start` to the application and its body to `write_all`."""

    def __init__(self, link: ClientLink, method: str, *, keep: bool, date: str) -> None:
        self._link = link
        self._is_head = method == "HEAD"
        self._keep = keep
        self._date = date
        self._status = ""
        self._headers: Headers = []
        self._is_sent = False
        self._is_chunked = False
        self._has_body = True

    def start(self, status: str, headers: Headers, exc_info: Any = None) -> Any:
        """WSGI's `start_response`."""
        if exc_info and self._is_sent:
            raise exc_info[1].with_traceback(exc_info[2])
        self._status = status
        self._headers = headers
        return self._write

    def write_all(self, body: Iterable[bytes]) -> None:
        """Send what the body yields. The head waits for the first piece, as WSGI allows."""
        if not self._is_sent and type(body) is list and len(body) == 1:
            self._send_whole(body[0])
            return
        for piece in body:
            self._write(piece)
        if not self._is_sent:
            self._send(self._head(None))
        if self._is_chunked:
            self._send(b"0\r\n\r\n")

    def fail(self) -> bool:
        """After an exception: a bare 500 where nothing was sent; else the connection just ends. Always False."""
        if not self._is_sent:
            self._is_head, self._keep = False, False
            self._status, self._headers = "500 Internal Server Error", [("Content-Length", "0")]
            self._send(self._head(0))
        return False

    def _send_whole(self, piece: bytes) -> None:
        head = self._head(len(piece))
        self._send(head + piece if self._has_body else head)

    def _write(self, piece: bytes) -> None:
        if not piece:
            return
        head = b"" if self._is_sent else self._head(None)
        if not self._has_body:
            piece = b""
        elif self._is_chunked:
            piece = b"%X\r\n%b\r\n" % (len(piece), piece)
        if head or piece:
            self._send(head + piece)

    def _head(self, length: int | None) -> bytes:
        """The head; decides how the body's end is marked. `length` is the whole body's, where known."""
        code = self._status[:3]
        forbids_length = code == "204" or code[:1] == "1"
        self._has_body = not (self._is_head or forbids_length or code == "304")
        lines = [
            f"HTTP/1.1 {self._status}",
            "Server: gunicorn",
            f"Date: {self._date}",
            "Connection: keep-alive" if self._keep else "Connection: close",
        ]
        names = [name.lower() for name, _ in self._headers]
        if "content-length" not in names and self._has_body:
            if length is None:
                self._is_chunked = True
                lines.append("Transfer-Encoding: chunked")
            else:
                lines.append(f"Content-Length: {length}")
        for lowered, (name, value) in zip(names, self._headers, strict=True):
            if lowered == "content-length" and forbids_length:
                continue
            lines.append(f"{name}: {value}")
        return _checked("\r\n".join(lines), len(lines))

    def _send(self, data: bytes) -> None:
        self._is_sent = True
        self._link.send(data)


def _checked(text: str, lines: int) -> bytes:
    """Raises BadHeaders when a line holds a line break: it would be read as further headers, or as another answer."""
    if text.count("\r") != lines - 1 or text.count("\n") != lines - 1 or "\0" in text:
        raise BadHeaders
    return text.encode("latin-1") + b"\r\n\r\n"
