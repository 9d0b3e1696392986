"""Streams whose rendering fails: how they end for the reader, and for the call at the provider."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.api.dialects.conversations import event_bytes
from app.api.streaming import KEEP_ALIVE, event_stream, read_all
from app.domain.errors import ClientLeft, GatewayError, ProviderProtocol
from app.domain.events import AnswerBody, Burst, Chunk
from app.domain.stopping import Stop
from app.gateway.answer import Answer
from app.gateway.conversations.event_log import Entries, Entry
from app.gateway.routing import Candidate
from app.providers.base import Attempt
from tests.gateway.making import model, provider


class Source:
    """Two bursts, and whether their reading was ended."""

    def __init__(self) -> None:
        self.is_closed = False
        self.attempt = Attempt(Stop(), 0.0)
        candidate = Candidate(provider("box"), model("box", "m"))
        self.answer = Answer(candidate, 1, 0.0, events=self._bursts(), attempt=self.attempt)

    def _bursts(self) -> Iterator[Burst]:
        try:
            yield (Chunk(b"{}", AnswerBody()),)
            yield (Chunk(b"{}", AnswerBody()),)
        finally:
            self.is_closed = True

    @property
    def ended_as(self) -> str | None:
        """What the call is recorded with."""
        reason = self.attempt.stop.reason
        return reason.code if self.is_closed and reason is not None else None


def streamed(source: Source, fault: Exception | None) -> Iterator[bytes]:
    def piece(_: Burst) -> bytes:
        if fault is not None:
            raise fault
        return b"piece"

    def told(error: GatewayError) -> bytes:
        return f"{error.code}, recorded as {source.ended_as}".encode()

    return event_stream(source.answer, "test-1", piece=piece, ending=lambda: b"end", failure=told)


FAULTS = pytest.mark.parametrize(
    ("fault", "code"), [(ProviderProtocol("No."), "provider_protocol"), (ValueError("a fault of ours"), "internal")]
)


@FAULTS
def test_what_is_wrong_with_a_piece_ends_the_call_before_it_is_told(fault: Exception, code: str) -> None:
    source = Source()

    assert list(streamed(source, fault)) == [f"{code}, recorded as {code}".encode()]


@FAULTS
def test_an_answer_that_is_read_at_once_ends_the_same_way(fault: Exception, code: str) -> None:
    source = Source()

    def take(_: Burst) -> None:
        raise fault

    with pytest.raises(type(fault)):
        read_all(source.answer, take)

    assert source.ended_as == code


def test_a_stream_that_is_not_read_to_its_end_is_closed() -> None:
    source = Source()
    pieces = streamed(source, None)

    assert next(pieces) == b"piece"
    pieces.close()  # type: ignore[attr-defined]  # a generator

    assert (source.is_closed, source.ended_as) == (True, None)


def conversation(end: Exception) -> Iterator[bytes]:
    def found() -> Iterator[Entries]:
        yield [Entry(1, "start", b"{}")]
        raise end

    return event_bytes(found(), "test-1")


@pytest.mark.parametrize("fault", [ValueError("a fault of ours"), GatewayError("No.")])
def test_a_conversations_stream_breaks_where_it_can_not_go_on(fault: Exception) -> None:
    pieces = conversation(fault)

    assert [next(pieces), next(pieces)] == [KEEP_ALIVE, b"id: 1\nevent: start\ndata: {}\n\n"]
    with pytest.raises(ConnectionResetError):
        next(pieces)


def test_a_conversations_stream_just_ends_for_a_reader_who_left() -> None:
    assert list(conversation(ClientLeft("The client closed its connection.")))[1:] == [
        b"id: 1\nevent: start\ndata: {}\n\n"
    ]
