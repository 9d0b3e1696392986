"""Every kind of provider: the lists of its models, as its vendor sends them, odd or broken."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain import errors as e
from app.domain.catalog import ModelState, ModelType
from app.domain.errors import ProviderError
from app.providers.base import Provider
from tests.providers.asking import KEY
from tests.providers.conftest import NewProvider
from tests.providers.recordings import KINDS, ProviderOf, recorded
from tests.support.replies import Response, openai_error, reset, respond, web_page
from tests.support.upstream import Upstream


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
