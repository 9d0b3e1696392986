"""Every kind of provider against what its vendor sends (tests/fixtures/upstream): the same promises hold for all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.domain import errors as e
from app.domain.catalog import ModelState, ModelType
from app.domain.errors import ProviderError
from app.domain.usage import TokenSource, Usage
from app.providers.base import Provider
from app.providers.registry import kinds
from tests.providers.asking import KEY, Folded, asked, attempt, events_of, folded, model
from tests.providers.conftest import NewProvider
from tests.support.replies import Response, hang_up, openai_error, reset, respond, truncated, web_page
from tests.support.upstream import Upstream

ProviderOf = Callable[[str, Upstream], Provider]
RECORDINGS = Path(__file__).parents[1] / "fixtures" / "upstream"
KINDS = sorted(kinds())
SSE = {"Content-Type": "text/event-stream"}


def recorded(kind: str, name: str) -> bytes:
    return (RECORDINGS / kind / name).read_bytes()


@pytest.fixture
def provider_of(new_provider: NewProvider) -> ProviderOf:
    return lambda kind, upstream: new_provider(kind, upstream.base_url)


def playing(upstream: Upstream, kind: str, name: str, status: int = 200) -> None:
    """The server answers with a recording."""
    if name.endswith(".sse"):
        upstream.will(respond(status, recorded(kind, name), headers=SSE, framing="chunked"))
    else:
        upstream.will(respond(status, recorded(kind, name), headers={"Content-Type": "application/json"}))


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


BROKEN: list[tuple[str, Response, type[ProviderError]]] = [
    ("429", openai_error(429), e.ProviderRateLimited),
    ("500", openai_error(500), e.ProviderFailed),
    ("500 as a page", web_page(500), e.ProviderFailed),
    ("408", openai_error(408), e.ProviderFailed),
    ("409", openai_error(409), e.ProviderFailed),
    ("503", openai_error(503), e.ProviderFailed),
    ("400", openai_error(400), e.ProviderRejected),
    ("404", openai_error(404), e.ProviderRejected),
    ("413", openai_error(413), e.ProviderRejected),
    ("422", openai_error(422), e.ProviderRejected),
    ("401", openai_error(401), e.ProviderAuthFailed),
    ("403", openai_error(403), e.ProviderAuthFailed),
    ("402", openai_error(402), e.ProviderQuota),
    ("418", openai_error(418), e.ProviderProtocol),
    ("redirect", respond(307, b"", headers={"Location": "http://127.0.0.1:1/"}), e.ProviderProtocol),
    ("page", web_page(), e.ProviderProtocol),
    ("no JSON", respond(200, b"{oops", headers={"Content-Type": "application/json"}), e.ProviderProtocol),
    ("not UTF-8", respond(200, b'{"model": "\xff"}', headers={"Content-Type": "application/json"}), e.ProviderProtocol),
    ("a list", respond(200, []), e.ProviderProtocol),
    ("something else", respond(200, {"colour": "blue", "data": 1}), e.ProviderProtocol),
    ("no choices", respond(200, {"choices": []}), e.ProviderProtocol),
    ("an unexpected endpoint", respond(200, {"error": "Unexpected endpoint or method."}), e.ProviderProtocol),
    ("an error in 200", respond(200, {"error": {"message": "no", "code": 429}}), e.ProviderRateLimited),
    ("a cut body", truncated({"choices": []}), e.StreamCut),
    ("no answer", hang_up(), e.StreamCut),
    ("a reset", reset(), e.StreamCut),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize(("reply", "wanted"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_what_goes_wrong_becomes_the_right_error(
    kind: str, stream: bool, reply: Response, wanted: type[ProviderError], upstream: Upstream, provider_of: ProviderOf
) -> None:
    upstream.will(reply)

    with pytest.raises(ProviderError) as raised:
        events_of(provider_of(kind, upstream), asked(stream=stream))

    assert type(raised.value) is wanted


# kind, recording, status → class, the status and code that a caller sees, the parameter
ERRORS: list[tuple[str, str, int, type[ProviderError], str | None, str | None]] = [
    ("openai", "error-429-rate.json", 429, e.ProviderRateLimited, "rate_limit_exceeded", None),
    ("openai", "error-429-quota.json", 429, e.ProviderQuota, "insufficient_quota", None),
    ("openai", "error-400-context.json", 400, e.ProviderContextLength, "context_length_exceeded", "messages"),
    ("openai", "error-400-parameter.json", 400, e.ProviderRejected, "unsupported_value", "temperature"),
    ("openai", "error-401-key.json", 401, e.ProviderAuthFailed, None, None),
    ("openai", "error-404-model.json", 404, e.ProviderRejected, "model_not_found", None),
    ("openai", "error-503-overloaded.json", 503, e.ProviderFailed, "server_is_overloaded", None),
    ("groq", "error-413-tokens.json", 413, e.ProviderRateLimited, "rate_limit_exceeded", None),
    ("groq", "error-429-rate.json", 429, e.ProviderRateLimited, "rate_limit_exceeded", None),
    ("groq", "error-400-schema.json", 400, e.ProviderRejected, "json_validate_failed", None),
    ("groq", "error-401-key.json", 401, e.ProviderAuthFailed, None, None),
    ("groq", "error-498-capacity.json", 498, e.ProviderRateLimited, "capacity_exceeded", None),
    ("lmstudio", "error-400-crash.json", 400, e.ProviderRejected, None, None),
    ("lmstudio", "error-400-context.json", 400, e.ProviderContextLength, "context_length_exceeded", None),
    ("lmstudio", "error-401-key.json", 401, e.ProviderAuthFailed, None, None),
    ("lmstudio", "error-404-model.json", 404, e.ProviderRejected, "model_not_found", "model"),
    ("openai_compatible", "error-400-flat.json", 400, e.ProviderRejected, "BadRequestError", None),
    ("openai_compatible", "error-401-string.json", 401, e.ProviderAuthFailed, None, None),
    ("openai_compatible", "error-402-credits.json", 402, e.ProviderQuota, None, None),
    ("openai_compatible", "error-503-queue.json", 503, e.ProviderFailed, None, None),
    ("ollama", "error-404-model.json", 404, e.ProviderRejected, "not_found_error", None),
    ("ollama", "error-400-image.json", 400, e.ProviderRejected, "invalid_request_error", None),
    ("ollama", "error-503-queue.json", 503, e.ProviderFailed, None, None),
    ("llamacpp", "error-400-context.json", 400, e.ProviderContextLength, "context_length_exceeded", None),
    ("llamacpp", "error-401-key.json", 401, e.ProviderAuthFailed, None, None),
    ("llamacpp", "error-501-embeddings.json", 501, e.ProviderFailed, None, None),
    ("llamacpp", "error-503-loading.json", 503, e.ProviderFailed, None, None),
    ("vllm", "error-400-context.json", 400, e.ProviderContextLength, "context_length_exceeded", None),
    ("vllm", "error-400-flat.json", 400, e.ProviderRejected, "BadRequestError", None),
    ("vllm", "error-401-key.json", 401, e.ProviderAuthFailed, None, None),
    ("vllm", "error-404-model.json", 404, e.ProviderRejected, "NotFoundError", "model"),
    ("local_gguf", "error-400-context.json", 400, e.ProviderContextLength, "context_length_exceeded", None),
    ("local_gguf", "error-503-loading.json", 503, e.ProviderFailed, None, None),
    ("groq", "chat-error.sse", 200, e.ProviderRejected, "tool_use_failed", None),
    ("lmstudio", "chat-error.sse", 200, e.ProviderContextLength, "context_length_exceeded", None),
    ("openai_compatible", "chat-error.sse", 200, e.ProviderFailed, None, None),
    ("llamacpp", "chat-error.sse", 200, e.ProviderFailed, None, None),
    ("vllm", "chat-error.sse", 200, e.ProviderFailed, None, None),
    ("local_gguf", "chat-error.sse", 200, e.ProviderFailed, None, None),
]


@pytest.mark.parametrize(
    ("kind", "name", "status", "wanted", "code", "param"), ERRORS, ids=[f"{c[0]}-{c[1]}" for c in ERRORS]
)
def test_a_vendors_own_refusals(
    kind: str,
    name: str,
    status: int,
    wanted: type[ProviderError],
    code: str | None,
    param: str | None,
    upstream: Upstream,
    provider_of: ProviderOf,
) -> None:
    playing(upstream, kind, name, status)

    with pytest.raises(wanted) as raised:
        events_of(provider_of(kind, upstream), asked(stream=True))

    assert (raised.value.provider_code, raised.value.param) == (code, param)


def test_every_recorded_error_is_in_the_table() -> None:
    recordings = {(path.parent.name, path.name) for path in RECORDINGS.glob("*/*error*")}

    assert recordings == {(kind, name) for kind, name, *_ in ERRORS}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [400, 401, 429, 500, 200])
def test_a_key_that_a_vendor_repeats_is_never_told(
    kind: str, status: int, upstream: Upstream, provider_of: ProviderOf
) -> None:
    upstream.will(openai_error(status, "Your key {api_key} is bad"))

    with pytest.raises(ProviderError) as raised:
        events_of(provider_of(kind, upstream), asked(stream=True))

    assert upstream.last.key == KEY
    assert KEY not in raised.value.message


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "local_gguf"])
@pytest.mark.parametrize("status", [400, 500, 200])
def test_nor_is_one_that_comes_instead_of_a_list(
    kind: str, status: int, upstream: Upstream, new_provider: NewProvider
) -> None:
    upstream.will(openai_error(status, "Your key {api_key} is bad"), on="GET *")

    with pytest.raises(ProviderError) as raised:
        new_provider(kind, f"{upstream.url}/openai/v1").models()

    assert upstream.last.key == KEY
    assert KEY not in raised.value.message


def test_a_stream_that_groq_marks_as_failed_is_no_short_success(upstream: Upstream, provider_of: ProviderOf) -> None:
    """`x_groq.error`, as the `groq` SDK declares it, in what would else be a complete answer."""
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    said = {**chunk, "choices": [{"index": 0, "delta": {"content": "Half"}, "finish_reason": None}]}
    ended = {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "x_groq": {"error": "Over."}}
    body = "".join(f"data: {msgspec.json.encode(one).decode()}\n\n" for one in (said, ended)) + "data: [DONE]\n\n"
    upstream.will(respond(200, body, headers={"Content-Type": "text/event-stream"}))
    events = provider_of("groq", upstream).answer(asked(stream=True), model(), attempt())

    assert "".join(event.text for event in next(events)) == "Half"
    with pytest.raises(e.ProviderFailed, match="Over"):
        next(events)


@pytest.mark.parametrize("status", [400, 500, 200])
@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("team-secret-1", "team-secret-1"),
        ('quote"back\\slash', 'quote"back\\slash'),
        ("Bearer gateway-token", "gateway-token"),
        ("token-and-more", "xtoken-and-morex"),
    ],
)
def test_nor_is_the_value_of_an_extra_header(
    header: str, said: str, status: int, upstream: Upstream, new_provider: NewProvider
) -> None:
    upstream.will(openai_error(status, f"Team {said} may not do this"))
    provider = new_provider("openai_compatible", upstream.base_url, api_key=None, extra_headers={"X-Team": header})

    with pytest.raises(ProviderError) as raised:
        events_of(provider, asked(stream=True))

    assert upstream.last.headers["x-team"] == header
    assert said.strip("x") not in raised.value.message
    assert "[key]" in raised.value.message


def test_a_short_header_is_no_secret(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(openai_error(400, "The team red is unknown"))
    provider = new_provider("openai_compatible", upstream.base_url, extra_headers={"X-Team": "red"})

    with pytest.raises(ProviderError, match="The team red is unknown"):
        events_of(provider, asked(stream=True))


def test_text_before_an_error_is_passed_on(upstream: Upstream, provider_of: ProviderOf) -> None:
    playing(upstream, "groq", "chat-error.sse")
    bursts = provider_of("groq", upstream).answer(asked(stream=True), model(), attempt())

    first = next(bursts)

    assert "".join(event.text for event in first) == "Let me"
    with pytest.raises(e.ProviderRejected):
        next(bursts)


@pytest.mark.parametrize(
    ("n", "finished", "complete"),
    [(None, 1, True), (2, 1, False), (2, 2, True)],
)
def test_each_of_several_answers_must_be_finished(
    n: int | None, finished: int, complete: bool, upstream: Upstream, provider_of: ProviderOf
) -> None:
    choices: list[Any] = [{"index": index, "delta": {"content": "a"}, "finish_reason": "stop"} for index in range(2)]
    stream = b"".join(b"data: " + msgspec.json.encode({"choices": [one]}) + b"\n\n" for one in choices[:finished])
    upstream.will(respond(200, stream, headers=SSE, framing="chunked"))
    fields: dict[str, Any] = {} if n is None else {"n": n}

    def ask() -> int:
        return len(events_of(provider_of("openai", upstream), asked(stream=True, **fields)))

    if complete:
        assert ask() == finished
    else:
        with pytest.raises(e.StreamCut):
            ask()


# Model lists


def list_of(provider_of: ProviderOf, kind: str, upstream: Upstream, path: str = "GET */models") -> Provider:
    upstream.will(respond(200, recorded(kind, "models.json"), headers={"Content-Type": "application/json"}), on=path)
    return provider_of(kind, upstream)


def test_openai_lists_language_models_only(upstream: Upstream, provider_of: ProviderOf) -> None:
    models = list_of(provider_of, "openai", upstream).models()

    assert [(one.id, one.type, one.capabilities) for one in models] == [
        ("gpt-4o", ModelType.VLM, ("chat", "tools", "vision")),
        ("text-embedding-3-small", ModelType.EMBEDDINGS, ("embedding",)),
    ]
    assert upstream.last.key == KEY
    assert upstream.last.headers["user-agent"].startswith("OpenAI/Python")


def test_groq_lists_active_language_models_with_their_limits(upstream: Upstream, new_provider: NewProvider) -> None:
    provider = new_provider("groq", f"{upstream.url}/openai/v1", extra_headers={"X-Team": "blue"})
    upstream.will(
        respond(200, recorded("groq", "models.json"), headers={"Content-Type": "application/json"}),
        on="GET /openai/v1/models",
    )

    models = provider.models()

    assert [(one.id, one.type, one.max_context_length, one.max_output_tokens) for one in models] == [
        ("openai/gpt-oss-120b", ModelType.LLM, 131072, 65536),
        ("qwen/qwen3.6-27b", ModelType.VLM, 131072, 16384),
    ]
    assert upstream.last.headers["user-agent"].startswith("Groq/Python")
    assert upstream.last.headers["x-team"] == "blue"


def test_groq_lists_at_another_path_too(upstream: Upstream, provider_of: ProviderOf) -> None:
    assert [one.id for one in list_of(provider_of, "groq", upstream).models()] == [
        "openai/gpt-oss-120b",
        "qwen/qwen3.6-27b",
    ]


def test_lmstudio_tells_state_and_context(upstream: Upstream, provider_of: ProviderOf) -> None:
    models = list_of(provider_of, "lmstudio", upstream, path="GET /api/v0/models").models()

    assert [
        (
            one.id,
            one.type,
            one.state,
            one.quantization,
            one.max_context_length,
            one.loaded_context_length,
            one.capabilities,
        )
        for one in models
    ] == [
        ("qwen/qwen3-8b", ModelType.LLM, ModelState.LOADED, "Q4_K_M", 40960, 8192, ("chat", "completion", "tools")),
        (
            "qwen/qwen2.5-vl-7b",
            ModelType.VLM,
            ModelState.NOT_LOADED,
            "4bit",
            128000,
            None,
            ("chat", "completion", "vision"),
        ),
        (
            "text-embedding-nomic-embed-text-v1.5",
            ModelType.EMBEDDINGS,
            ModelState.LOADING,
            "Q4_0",
            2048,
            None,
            ("embedding",),
        ),
    ]


@pytest.mark.parametrize(
    "no_such_route",
    [respond(200, {"error": "Unexpected endpoint or method. (GET /api/v0/models)"}), openai_error(404), web_page(404)],
    ids=["200 with an error", "404", "a page"],
)
def test_an_old_lmstudio_lists_too(no_such_route: Response, upstream: Upstream, provider_of: ProviderOf) -> None:
    upstream.will_list("old-model")
    upstream.will(no_such_route, on="GET /api/v0/models")

    assert [one.id for one in provider_of("lmstudio", upstream).models()] == ["old-model"]


def test_a_list_that_fails_for_a_moment_is_not_taken_for_an_old_server(
    upstream: Upstream, provider_of: ProviderOf
) -> None:
    upstream.will_list("old-model")
    upstream.will(web_page(500), on="GET /api/v0/models")

    with pytest.raises(e.ProviderFailed):
        provider_of("lmstudio", upstream).models()


def test_other_servers_say_what_they_know(upstream: Upstream, provider_of: ProviderOf) -> None:
    models = list_of(provider_of, "openai_compatible", upstream).models()

    assert [(one.id, one.name, one.type, one.max_context_length) for one in models] == [
        ("meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-8B", ModelType.LLM, 16384),
        ("deepseek/deepseek-r1", "DeepSeek: R1", ModelType.LLM, 163840),
        ("openai/gpt-4o", "OpenAI: GPT-4o", ModelType.VLM, 128000),
        ("bge-m3:latest", "bge-m3:latest", ModelType.LLM, None),
    ]
    assert models[3].can("embedding")


def test_no_models_is_an_empty_list(upstream: Upstream, provider_of: ProviderOf) -> None:
    upstream.will(respond(200, {"object": "list", "data": None}), on="GET */models")

    assert list(provider_of("openai_compatible", upstream).models()) == []


LISTING = [kind for kind in KINDS if kind != "local_gguf"]
BAD_LISTS: list[tuple[str, Response, type[ProviderError]]] = [
    ("a page", web_page(), e.ProviderProtocol),
    ("no JSON", respond(200, b"{oops", headers={"Content-Type": "application/json"}), e.ProviderProtocol),
    ("another document", respond(200, {"colour": "blue"}), e.ProviderProtocol),
    ("an unexpected endpoint", respond(200, {"error": "Unexpected endpoint or method."}), e.ProviderProtocol),
    ("a redirect", respond(302, b"", headers={"Location": "http://127.0.0.1:1/v1/models"}), e.ProviderProtocol),
    ("401", openai_error(401), e.ProviderAuthFailed),
    ("429", openai_error(429), e.ProviderRateLimited),
    ("500", openai_error(500), e.ProviderFailed),
    ("a reset", reset(), e.StreamCut),
]


@pytest.mark.parametrize("kind", LISTING)
@pytest.mark.parametrize(("reply", "wanted"), [case[1:] for case in BAD_LISTS], ids=[case[0] for case in BAD_LISTS])
def test_a_bad_list_becomes_the_right_error(
    kind: str, reply: Response, wanted: type[ProviderError], upstream: Upstream, new_provider: NewProvider
) -> None:
    upstream.will(reply, on="GET *")
    provider = new_provider(kind, f"{upstream.url}/openai/v1")

    with pytest.raises(ProviderError) as raised:
        provider.models()

    assert type(raised.value) is wanted


@pytest.mark.parametrize("kind", LISTING)
def test_odd_entries_of_a_list_are_left_out_or_read_as_far_as_they_go(
    kind: str, upstream: Upstream, new_provider: NewProvider
) -> None:
    odd: list[Any] = [
        None,
        "words",
        {},
        {"id": 5},
        {
            "id": "odd",
            "created": "today",
            "owned_by": [],
            "type": {},
            "state": [],
            "architecture": "none",
            "meta": 1,
            "input_modalities": 7,
            "capabilities": 3,
            "context_window": "large",
            "quantization": {"name": "Q4"},
        },
    ]
    upstream.will(respond(200, {"object": "list", "data": odd}), on="GET *")

    assert [one.id for one in new_provider(kind, f"{upstream.url}/openai/v1").models()] == ["odd"]
