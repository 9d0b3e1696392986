"""Calls of LM Studio's own API, and the few of OpenAI's that loading needs.

Source: https://lmstudio.ai/docs/developer/rest. Whether a call worked is never decided by its status alone: an unknown
path answers 200 and an error.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from typing import Any

import msgspec

from app.domain.catalog import ProviderConfig
from app.domain.errors import ProviderError, ProviderTimeout, StreamCut
from app.domain.stopping import Stop
from app.providers.base import Attempt
from app.providers.http.client import Head, HttpCall, HttpClient, Patience
from app.providers.native import NativeApi
from app.providers.sse import EventCutter, EventTooLarge
from app.providers.wire_answers import AnswerReader


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
        call = self._request("POST", path, body, patience, stop, patience.until, once=True)
        with closing(self.streamed(call)) as documents:
            for document in documents:
                if document is None:
                    continue
                if document.get("type") == "error":
                    raise self.error_in(document)
                yield document
                if document.get("type") == "chat.end":
                    return
        raise self.incomplete()

    def chat_call(self, path: str, body: Mapping[str, Any], patience: Patience, attempt: Attempt) -> HttpCall:
        """A call of `attempt` itself. Sent once."""
        content = msgspec.json.encode(body)
        return HttpCall("POST", self._root + path, self._headers, content, patience, attempt, from_root=True, once=True)

    def streamed(self, call: HttpCall) -> Generator[dict[str, Any] | None, None, None]:
        """The decoded events of a native stream, errors included; None whenever the attempt's heartbeat is due."""
        cutter, head, refusal = EventCutter(), None, list[bytes]()
        with closing(self._http.call(call)) as pieces:
            for piece in pieces:
                if piece is None:
                    yield None
                elif isinstance(piece, Head):
                    head = piece
                elif head is not None and _is_stream(head):
                    yield from self._documents(cutter, piece)
                else:
                    refusal.append(piece)
        if head is None or not _is_stream(head):
            # What came instead is an error, whatever its status, or nothing that can be read.
            self._document(head or Head(200, {}), b"".join(refusal))
            raise self._reader.garbage()

    def error_in(self, event: Mapping[str, Any]) -> ProviderError:
        """What an event of type `error` says."""
        return self._reader.error_in(msgspec.json.encode(event)) or self._reader.garbage()

    def incomplete(self) -> ProviderError:
        return StreamCut(f"{self.config.name} ended its answer before it was complete.", provider=self.config.slug)

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
            document = self._reader.document(data)
            if not isinstance(document, dict):
                raise self._reader.garbage()
            if "type" not in document and document.get("error"):
                raise self.error_in(document)
            yield document


def within(seconds: float, words: str) -> Patience:
    """Patience for so long from now; `words` say what did not happen."""
    return Patience(time.monotonic() + seconds, words)


def _is_stream(head: Head) -> bool:
    return head.status < 300 and head.headers.get("content-type", "").startswith("text/event-stream")
