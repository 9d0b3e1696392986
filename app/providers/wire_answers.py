"""Reading what an OpenAI-compatible server answers: events, whole answers, and the errors in either."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from app.domain.catalog import ProviderConfig, Task
from app.domain.errors import ProviderError, ProviderFailed, ProviderProtocol
from app.domain.events import AnswerBody, Chunk, Event, Whole
from app.domain.requests import Json
from app.providers.http.client import Head
from app.providers.secrets import Secrets
from app.providers.wire_errors import from_event, from_reply

_decode_answer = msgspec.json.Decoder(AnswerBody).decode
_decode_any = msgspec.json.Decoder().decode
# msgspec checks the bytes of strings only where it makes some, and then with Python's own error.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)


class _Vector(msgspec.Struct):
    embedding: Json


class _Vectors(msgspec.Struct):
    data: list[_Vector]


_decode_vectors = msgspec.json.Decoder(_Vectors).decode


class AnswerReader:
    """Bytes of one provider → events. Whatever is wrong with them is a ProviderError."""

    def __init__(self, config: ProviderConfig, refined: Callable[[ProviderError], ProviderError]) -> None:
        """`refined` makes a better error of one, where the vendor says by words what others say by codes."""
        self._name = config.name
        self._slug = config.slug
        self._secrets = Secrets(config)
        self._refined = refined

    def events(self, datas: list[bytes]) -> tuple[list[Event], bool | ProviderError]:
        """The chunks among `datas` up to the end mark or an error, and which of them came (False: neither)."""
        events: list[Event] = []
        for data in datas:
            if data == b"[DONE]":
                return events, True
            try:
                error_in_it = self.error_in(data) if b'"error"' in data else None
                if error_in_it is not None:
                    return events, error_in_it
                events.append(Chunk(data, self._decoded(data)))
            except ProviderError as error:
                # What came before it in the same read was said before it.
                return events, error
        return events, False

    def error_in(self, data: bytes) -> ProviderError | None:
        """The error that an event of a stream stands for."""
        error = from_event(self._name, self.document(self.without_secrets(data)))
        return None if error is None else self._refined(error)

    def refusal(self, head: Head, data: bytes) -> ProviderError:
        return self._refined(from_reply(self._name, head.status, head.headers, self.without_secrets(data)))

    def without_secrets(self, data: bytes) -> bytes:
        """Some servers repeat the key or the headers they got; no caller may read them."""
        return self._secrets.hidden_in(data)

    def _decoded(self, data: bytes) -> AnswerBody:
        try:
            return _decode_answer(data)
        except msgspec.ValidationError:
            return self._decoded_leniently(data)
        except _UNREADABLE as error:
            raise self.garbage() from error

    def _decoded_leniently(self, data: bytes) -> AnswerBody:
        """For servers that send numbers as text and the like."""
        try:
            return msgspec.convert(self.document(data), AnswerBody, strict=False)
        except _UNREADABLE as error:
            raise self.garbage() from error

    def document(self, data: bytes) -> Any:
        try:
            return _decode_any(data)
        except _UNREADABLE as error:
            raise self.garbage() from error

    def whole(self, data: bytes, task: Task) -> Whole:
        """A complete answer. Raises what an error inside a 200 says, and ProviderProtocol for anything unreadable."""
        if b'"error"' in data:
            self.raise_error_in_whole(data)
        if task is Task.EMBEDDING:
            self._check_vectors(data)
            return Whole(data, self._decoded(data))
        body = self._decoded(data)
        if not body.choices:
            raise self.garbage()
        return Whole(data, body)

    def raise_error_in_whole(self, data: bytes) -> None:
        error = from_event(self._name, self.document(self.without_secrets(data)))
        if error is None:
            return
        if error.status is None and error.provider_code is None and type(error) is ProviderFailed:
            # A server that answers 200 and an error would do so again (LM Studio for unknown paths).
            error = ProviderProtocol(error.message, provider=self._slug)
        raise self._refined(error)

    def _check_vectors(self, data: bytes) -> None:
        try:
            vectors = _decode_vectors(data).data
        except _UNREADABLE as error:
            raise self.garbage() from error
        if any(bytes(one.embedding)[:1] not in (b"[", b'"') for one in vectors):
            raise self.garbage()

    def garbage(self) -> ProviderError:
        return ProviderProtocol(f"{self._name} sent something that can't be read.", provider=self._slug)
