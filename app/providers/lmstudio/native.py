"""Calls of LM Studio's own API, and the few of OpenAI's that loading needs.

Source: https://lmstudio.ai/docs/developer/rest. Whether a call worked is never decided by its status alone: an unknown
path answers 200 and an error.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import msgspec

from app.domain.catalog import ProviderConfig
from app.domain.errors import ProviderError, ProviderProtocol, ProviderTimeout, StreamCut
from app.domain.stopping import Stop
from app.providers.base import Attempt
from app.providers.http.client import Head, HttpCall, HttpClient, Patience
from app.providers.sse import EventCutter, EventTooLarge
from app.providers.wire_answers import AnswerReader
from app.providers.wire_errors import from_event

MAX_REPLY_BYTES = 16 * 1024 * 1024


class NativeApi:
    """One server. Paths begin at its root, or (`below_base`) at the configured base address."""

    def __init__(
        self, config: ProviderConfig, http: HttpClient, reader: AnswerReader, headers: Mapping[str, str]
    ) -> None:
        self.config = config
        self._http = http
        self._reader = reader
        self._headers = headers

    def get(self, path: str, patience: Patience, stop: Stop, *, below_base: bool = False) -> Any:
        """A decoded reply. Raises ProviderError, or the stop's reason."""
        return self._decoded(self._http, self._call("GET", path, b"", patience, stop, below_base=below_base))

    def post(
        self, path: str, body: Mapping[str, Any], patience: Patience, stop: Stop, *, below_base: bool = False
    ) -> Any:
        """A decoded reply. Raises ProviderError, or the stop's reason.

        On a connection of its own: one from the pool is replaced unseen when it turns out to be dead, and what is
        posted here must not be done twice.
        """
        with closing(HttpClient(self._http.target, self.config.name)) as http:
            call = self._call("POST", path, msgspec.json.encode(body), patience, stop, below_base=below_base)
            return self._decoded(http, call)

    def events(self, path: str, body: Mapping[str, Any], patience: Patience, stop: Stop) -> Iterator[dict[str, Any]]:
        """The decoded events of a native stream, up to `chat.end`. Raises ProviderError, also for an error event."""
        cutter = EventCutter()
        with closing(HttpClient(self._http.target, self.config.name)) as http:
            pieces = self._pieces(http, self._call("POST", path, msgspec.json.encode(body), patience, stop))
            with closing(pieces):
                head = next(pieces)
                assert isinstance(head, Head)
                if not head.headers.get("content-type", "").startswith("text/event-stream"):
                    raise self._no_stream(head, b"".join(self._bodies(pieces)))
                for piece in self._bodies(pieces):
                    for document in self._documents(cutter, piece):
                        yield document
                        if document.get("type") == "chat.end":
                            return
        raise StreamCut(f"{self.config.name} ended its answer before it was complete.", provider=self.config.slug)

    def check(self, patience: Patience) -> None:
        """Raises ProviderTimeout when it is over."""
        if time.monotonic() >= patience.until:
            raise ProviderTimeout(f"{self.config.name} {patience.words}.", provider=self.config.slug)

    def garbage(self) -> ProviderError:
        return self._reader.garbage()

    def _call(
        self, method: str, path: str, body: bytes, patience: Patience, stop: Stop, *, below_base: bool = False
    ) -> HttpCall:
        attempt = Attempt(stop, patience.until)
        return HttpCall(method, path, self._headers, body, patience, attempt, from_root=not below_base)

    def _decoded(self, http: HttpClient, call: HttpCall) -> Any:
        with closing(self._pieces(http, call)) as pieces:
            head = next(pieces)
            assert isinstance(head, Head)
            data = b"".join(self._bodies(pieces))
        if head.status >= 300:
            raise self._reader.refusal(head, data)
        if b'"error"' in data:
            self._reader.raise_error_in_whole(data)
        return self._reader.document(data)

    def _pieces(self, http: HttpClient, call: HttpCall) -> Any:
        """The head, then the body; nobody has to be told about pauses here."""
        return (piece for piece in http.call(call) if piece is not None)

    def _bodies(self, pieces: Iterator[Any]) -> Iterator[bytes]:
        size_bytes = 0
        for piece in pieces:
            size_bytes += len(piece)
            if size_bytes > MAX_REPLY_BYTES:
                raise ProviderProtocol(f"{self.config.name} sent too large an answer.", provider=self.config.slug)
            yield piece

    def _documents(self, cutter: EventCutter, piece: bytes) -> Iterator[dict[str, Any]]:
        try:
            datas = cutter.feed(piece)
        except EventTooLarge as error:
            raise self._reader.garbage() from error
        for data in datas:
            document = self._reader.document(self._reader.without_secrets(data))
            error_in_it = from_event(self.config.name, document)
            if error_in_it is not None:
                raise error_in_it
            if isinstance(document, dict):
                yield document

    def _no_stream(self, head: Head, data: bytes) -> Exception:
        if head.status >= 300:
            return self._reader.refusal(head, data)
        self._reader.raise_error_in_whole(data)
        return self._reader.garbage()


def within(seconds: float, words: str) -> Patience:
    """Patience for so long from now; `words` say what did not happen."""
    return Patience(time.monotonic() + seconds, words)
