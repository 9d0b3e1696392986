"""Calls of LM Studio's own API, and the few of OpenAI's that loading needs.

Source: https://lmstudio.ai/docs/developer/rest. Whether a call worked is never decided by its status alone: an unknown
path answers 200 and an error.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from app.domain.catalog import ProviderConfig
from app.domain.errors import ProviderError, ProviderTimeout, StreamCut
from app.domain.stopping import Stop
from app.providers.http.client import Head, HttpClient, Patience
from app.providers.native import NativeApi
from app.providers.sse import EventCutter, EventTooLarge
from app.providers.wire_answers import AnswerReader
from app.providers.wire_errors import from_event


class LMStudioApi(NativeApi):
    """One server. All calls raise ProviderError, or the stop's reason."""

    def __init__(self, config: ProviderConfig, http: HttpClient, headers: dict[str, str], reader: AnswerReader) -> None:
        super().__init__(config, http, headers, reader)
        self.config = config
        self.openai = http.target.path[len(self._root) :]
        """What paths of the OpenAI-compatible API begin with."""

    def get(self, path: str, patience: Patience, stop: Stop) -> Any:
        """A decoded reply."""
        return self._answered(self._request("GET", path, None, patience, stop, patience.until))

    def post(self, path: str, body: Mapping[str, Any], patience: Patience, stop: Stop) -> Any:
        """A decoded reply. Sent once."""
        return self._answered(self._request("POST", path, body, patience, stop, patience.until, once=True))

    def events(self, path: str, body: Mapping[str, Any], patience: Patience, stop: Stop) -> Iterator[dict[str, Any]]:
        """The decoded events of a native stream, up to `chat.end`. An error among them is raised. Sent once."""
        cutter = EventCutter()
        call = self._request("POST", path, body, patience, stop, patience.until, once=True)
        with closing(self._http.call(call)) as pieces:
            head = next(piece for piece in pieces if isinstance(piece, Head))
            bodies = (piece for piece in pieces if isinstance(piece, bytes))
            if not _is_stream(head):
                # What came instead is an error, whatever its status, or nothing that can be read.
                self._document(head, b"".join(bodies))
                raise self._reader.garbage()
            for piece in bodies:
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


def within(seconds: float, words: str) -> Patience:
    """Patience for so long from now; `words` say what did not happen."""
    return Patience(time.monotonic() + seconds, words)


def _is_stream(head: Head) -> bool:
    return head.status < 300 and head.headers.get("content-type", "").startswith("text/event-stream")
