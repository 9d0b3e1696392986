"""A vendor's own API, beside the part of it that speaks OpenAI's format: single calls, and answers line by line.

Its paths start where the base address's `/v1` stands, so that a server behind a proxy's path is found too.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import msgspec

from app.domain.catalog import ProviderConfig
from app.domain.errors import ProviderError, ProviderProtocol
from app.domain.stopping import Stop
from app.providers.base import Attempt
from app.providers.http.client import Head, HttpCall, HttpClient, Patience
from app.providers.wire_answers import AnswerReader
from app.providers.wire_errors import from_event

MAX_DOCUMENT_BYTES = 32 * 1024 * 1024
MAX_LINE_BYTES = 1024 * 1024
LONGEST_S = 24 * 3600.0
"""What a call may take whose answer keeps coming, such as the download of a large model."""

_encode = msgspec.json.Encoder().encode


class NativeApi:
    """Over the connections of one provider."""

    def __init__(self, config: ProviderConfig, http: HttpClient, headers: dict[str, str], reader: AnswerReader) -> None:
        self._config = config
        self._http = http
        self._headers = headers
        self._reader = reader
        self._root = http.target.path.removesuffix("/v1")

    def ask(self, method: str, path: str, within_s: float, body: object = None, stop: Stop | None = None) -> Any:
        """The decoded answer to a question, None for an empty one. Raises ProviderError, or the stop's reason.

        Whatever the status, an error inside the answer is one. Over a pooled connection: the server may be asked twice.
        """
        deadline = time.monotonic() + within_s
        return self._answered(self._request(method, path, body, _patience(deadline, within_s), stop, deadline))

    def act(self, method: str, path: str, within_s: float, body: object = None, stop: Stop | None = None) -> Any:
        """As `ask`, for what changes something, and so is sent once. Raises ProviderError, or the stop's reason."""
        deadline = time.monotonic() + within_s
        patience = _patience(deadline, within_s)
        return self._answered(self._request(method, path, body, patience, stop, deadline, once=True))

    def _answered(self, call: HttpCall) -> Any:
        parts: list[bytes] = []
        head, size_bytes = None, 0
        with closing(self._http.call(call)) as pieces:
            for piece in pieces:
                if isinstance(piece, Head):
                    head = piece
                elif piece is not None:
                    parts.append(piece)
                    size_bytes += len(piece)
                    if size_bytes > MAX_DOCUMENT_BYTES:
                        raise self._too_large()
        assert head is not None, "a call yields a head or raises"
        return self._document(head, b"".join(parts))

    def lines(self, method: str, path: str, idle_s: float, body: object, stop: Stop) -> Iterator[Any]:
        """Each line of the answer to an act, decoded, for as long as no pause is longer than `idle_s`.

        Raises ProviderError (for an error in a line too), or the stop's reason.
        """
        patience = Patience(time.monotonic() + idle_s, f"went silent for {idle_s:.3g} s", is_idle=True)
        call = self._request(method, path, body, patience, stop, time.monotonic() + LONGEST_S, once=True)
        head, rest = None, b""
        with closing(self._http.call(call)) as pieces:
            for piece in pieces:
                if piece is None:
                    continue
                patience.until = time.monotonic() + idle_s
                if isinstance(piece, Head):
                    head = piece
                    continue
                *lines, rest = (rest + piece).split(b"\n")
                if len(rest) > MAX_LINE_BYTES:
                    raise self._too_large()
                if head is not None and head.status < 300:
                    yield from (self._line(line) for line in lines if line.strip())
                else:
                    rest = b"\n".join([*lines, rest])
        assert head is not None, "a call yields a head or raises"
        if head.status >= 300:
            raise self._reader.refusal(head, rest)
        if rest.strip():
            yield self._line(rest)

    def _request(
        self,
        method: str,
        path: str,
        body: object,
        patience: Patience,
        stop: Stop | None,
        deadline: float,
        *,
        once: bool = False,
    ) -> HttpCall:
        content = b"" if body is None else _encode(body)
        attempt = Attempt(stop or Stop(), deadline)
        return HttpCall(method, self._root + path, self._headers, content, patience, attempt, from_root=True, once=once)

    def _document(self, head: Head, data: bytes) -> Any:
        if head.status >= 300:
            raise self._reader.refusal(head, data)
        if not data.strip():
            return None
        if b'"error"' in data:
            self._reader.raise_error_in_whole(data)
        return self._reader.document(data)

    def _line(self, data: bytes) -> Any:
        document = self._reader.document(data)
        if b'"error"' in data:
            error = from_event(self._config.name, self._reader.document(self._reader.without_secrets(data)))
            if error is not None:
                raise error
        return document

    def _too_large(self) -> ProviderError:
        return ProviderProtocol(f"{self._config.name} sent too large an answer.", provider=self._config.slug)


def _patience(deadline: float, within_s: float) -> Patience:
    return Patience(deadline, f"did not answer within {within_s:.3g} s")
