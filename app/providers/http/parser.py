"""An HTTP/1.1 response taken apart by llhttp (through geventhttpclient's C extension)."""

from __future__ import annotations

from geventhttpclient._parser import HTTPParseError, HTTPResponseParser

MAX_HEADERS = 200


class Response(HTTPResponseParser):
    """Feed bytes; `headers` (names in lower case) and `take()` tell what came."""

    def __init__(self) -> None:
        super().__init__()
        self.headers: dict[str, str] = {}
        self.head_complete = False
        self.complete = False
        self._field = ""
        self._value = ""
        self._in_value = False
        self._body: list[bytes] = []

    @property
    def status(self) -> int:
        code: int = self.get_code()
        return code

    @property
    def keeps_alive(self) -> bool:
        return self.complete and not self.parser_failed() and bool(self.should_keep_alive())

    def take(self) -> bytes:
        """The body bytes since the last call."""
        body = self._body
        if not body:
            return b""
        data = body[0] if len(body) == 1 else b"".join(body)
        body.clear()
        return data

    # The names below are those that the C extension calls.

    def _on_message_begin(self) -> None:
        if self.complete and self.get_code() >= 200:
            raise HTTPParseError("a second response began")
        self.headers = {}
        self.head_complete = self.complete = False

    def _on_header_field(self, text: str) -> None:
        if self._in_value:
            self._flush()
        self._field += text

    def _on_header_value(self, text: str) -> None:
        self._in_value = True
        self._value += text

    def _flush(self) -> None:
        if len(self.headers) >= MAX_HEADERS:
            raise HTTPParseError("too many headers")
        if self._field:
            self.headers[self._field.lower()] = self._value
        self._field = self._value = ""
        self._in_value = False

    def _on_headers_complete(self) -> bool:
        self._flush()
        # 1xx answers are followed by the real one on the same connection.
        self.head_complete = self.get_code() >= 200
        return False

    def _on_body(self, data: bytearray) -> None:
        self._body.append(bytes(data))

    def _on_message_complete(self) -> None:
        self.complete = self.get_code() >= 200

    def _on_status(self, text: str) -> None:
        pass


__all__ = ["HTTPParseError", "Response"]
