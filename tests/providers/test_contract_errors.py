"""Every kind of provider against what may go wrong: the right error, without secrets."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.domain import errors as e
from app.domain.errors import ProviderError
from tests.providers.asking import KEY, asked, attempt, events_of, model
from tests.providers.conftest import NewProvider
from tests.providers.recordings import KINDS, RECORDINGS, SSE, ProviderOf, playing
from tests.support.replies import Response, hang_up, openai_error, reset, respond, truncated, web_page
from tests.support.upstream import Upstream

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
