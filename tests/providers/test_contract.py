"""Every kind of provider against what its vendor sends (tests/fixtures/upstream): the same promises hold for all."""

from __future__ import annotations

import pytest

from app.domain import errors as e
from app.domain.usage import TokenSource, Usage
from tests.providers.asking import Folded, asked, events_of, folded
from tests.providers.recordings import KINDS, RECORDINGS, SSE, ProviderOf, playing, recorded
from tests.support.replies import respond
from tests.support.upstream import Upstream

WHOLE = {
    "openai": Folded("Grüße aus Riga.", "", [], "stop", Usage(13, 6, 0, 4, TokenSource.PROVIDER), "gpt-4o-2024-08-06"),
    "groq": Folded(
        "",
        "We need the weather.",
        [("fc_31", "weather", '{"city":"Oslo"}')],
        "tool_calls",
        Usage(131, 42, 17, 0, TokenSource.PROVIDER),
        "openai/gpt-oss-120b",
    ),
    "lmstudio": Folded("Four.", "Two and two.", [], "stop", Usage(21, 9, 0, 0, TokenSource.PROVIDER), "qwen/qwen3-8b"),
    "openai_compatible": Folded(
        "Paris is", "France, so", [], "length", Usage(9, 7, 0, 0, TokenSource.PROVIDER), "deepseek/deepseek-r1"
    ),
    "ollama": Folded(
        "Blue, mostly.", "They ask about the sky.", [], "stop", Usage(17, 11, 0, 0, TokenSource.PROVIDER), "qwen3:8b"
    ),
    "llamacpp": Folded(
        "Salt.", "The sea, then.", [], "stop", Usage(21, 9, 0, 4, TokenSource.PROVIDER), "Qwen3-8B-Q4_K_M.gguf"
    ),
    "vllm": Folded(
        "",
        "Rain is likely.",
        [("chatcmpl-tool-5a", "weather", '{"city": "Bergen"}')],
        "tool_calls",
        Usage(164, 26, 0, 0, TokenSource.PROVIDER),
        "meta-llama/Llama-3.1-8B-Instruct",
    ),
    "local_gguf": Folded(
        "Hello, I am a toy.", "", [], "stop", Usage(12, 8, 0, 0, TokenSource.PROVIDER), "patchbay-toy"
    ),
}


def test_every_kind_has_recordings() -> None:
    for kind in KINDS:
        assert {"chat.json", "chat.sse"} <= {path.name for path in (RECORDINGS / kind).iterdir()}, kind
    assert sorted(WHOLE) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_streamed_or_not_the_answer_is_the_same(kind: str, upstream: Upstream, provider_of: ProviderOf) -> None:
    provider = provider_of(kind, upstream)

    playing(upstream, kind, "chat.json")
    plain = events_of(provider, asked())
    playing(upstream, kind, "chat.sse")
    streamed = events_of(provider, asked(stream=True))

    assert folded(plain) == WHOLE[kind]
    assert folded(streamed) == WHOLE[kind]
    assert [event.is_whole for event in plain] == [True]
    assert not any(event.is_whole for event in streamed)


@pytest.mark.parametrize("kind", KINDS)
def test_every_byte_of_an_answer_is_kept(kind: str, upstream: Upstream, provider_of: ProviderOf) -> None:
    playing(upstream, kind, "chat.sse")

    events = events_of(provider_of(kind, upstream), asked(stream=True))

    sent = [line[6:] for line in recorded(kind, "chat.sse").split(b"\n") if line.startswith(b"data: {")]
    assert [event.data for event in events] == sent


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_cut_byte_by_byte_is_the_same(kind: str, upstream: Upstream, provider_of: ProviderOf) -> None:
    stream = recorded(kind, "chat.sse").replace(b"\n", b"\r\n")
    upstream.will(respond(200, stream, headers=SSE, framing="chunked", piece_bytes=7))

    assert folded(events_of(provider_of(kind, upstream), asked(stream=True))) == WHOLE[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_that_was_not_wanted_is_joined(kind: str, upstream: Upstream, provider_of: ProviderOf) -> None:
    playing(upstream, kind, "chat.sse")

    events = events_of(provider_of(kind, upstream), asked())

    assert [event.is_whole for event in events] == [True]
    assert folded(events) == WHOLE[kind]


def cut_streams(kind: str) -> list[bytes]:
    """The recording without its end, cut before, inside and after an event."""
    events = [piece for piece in recorded(kind, "chat.sse").split(b"\n\n") if piece.startswith(b"data: {")]
    begun = b"\n\n".join(events[:3]) + b"\n\n"
    return [b"", begun, begun[:-40], begun + b"data: "]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize(
    ("framing", "then"), [("chunked", "keep"), ("chunked", "close"), ("chunked", "reset"), ("until_close", "keep")]
)
def test_a_stream_without_its_end_is_an_error(
    kind: str, number: int, framing: str, then: str, upstream: Upstream, provider_of: ProviderOf
) -> None:
    upstream.will(respond(200, cut_streams(kind)[number], headers=SSE, framing=framing, then=then))

    with pytest.raises((e.StreamCut, e.ProviderProtocol)):
        events_of(provider_of(kind, upstream), asked(stream=True))


@pytest.mark.parametrize("kind", KINDS)
def test_a_finish_reason_completes_a_stream_without_an_end_mark(
    kind: str, upstream: Upstream, provider_of: ProviderOf
) -> None:
    stream = recorded(kind, "chat.sse").replace(b"data: [DONE]\n\n", b"")
    upstream.will(respond(200, stream, headers=SSE, framing="chunked", then="reset"))

    assert folded(events_of(provider_of(kind, upstream), asked(stream=True))) == WHOLE[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_what_follows_the_end_mark_changes_nothing(kind: str, upstream: Upstream, provider_of: ProviderOf) -> None:
    stream = recorded(kind, "chat.sse")
    upstream.will(respond(200, stream + b"data: {oops\n\n", headers=SSE, framing="chunked"))
    provider = provider_of(kind, upstream)

    first = folded(events_of(provider, asked(stream=True)))
    upstream.will(respond(200, stream, headers=SSE, framing="chunked", then="stall"))
    second = folded(events_of(provider, asked(stream=True)))

    assert (first, second) == (WHOLE[kind], WHOLE[kind])
