"""Ollama: what its own API tells of models and does with them, and what its OpenAI routes take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest

from app.domain.catalog import Instance, ModelInfo, ModelState, ModelType, Treatment
from app.domain.errors import (
    CapabilityNotSupported,
    InvalidRequest,
    ProviderAuthFailed,
    ProviderError,
    ProviderFailed,
    ProviderProtocol,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnreachable,
    Stopped,
    StreamCut,
)
from app.domain.lifecycle import Act, DownloadWish, Loaded, LoadWish, Progress
from app.domain.stopping import Stop
from app.providers.base import Provider
from tests.providers.asking import KEY, asked, attempt, events_of, folded, model, timeouts
from tests.providers.conftest import NewProvider
from tests.support.ollama import DEFAULT_CONTEXT, File, Ollama
from tests.support.replies import answer_with, openai_error
from tests.support.upstream import Upstream

LLAMA = "llama3.2:latest"
Serve = Callable[..., tuple[Ollama, Provider]]


@pytest.fixture
def serve(new_provider: NewProvider) -> Iterator[Serve]:
    """A server with some habits, and a provider connected to it."""
    opened: list[Ollama] = []

    def start(**habits: Any) -> tuple[Ollama, Provider]:
        opened.append(Ollama(**{"files": {LLAMA: File()}, **habits}))
        return opened[-1], new_provider("ollama", opened[-1].base_url, timeouts=timeouts())

    yield start
    for server in opened:
        server.close()


def listed(provider: Provider, name: str = LLAMA) -> ModelInfo:
    return next(one for one in provider.models() if one.id == name)


def quiet(_: Progress) -> None:
    """Whoever does not care how far it is."""


def eventually(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline, "not seen in time"
        gevent.sleep(0.01)


def load(provider: Provider, name: str = LLAMA, **wish: Any) -> Loaded:
    return provider.load(listed(provider, name), LoadWish(**wish), quiet, Stop())


# The list


def test_the_list_tells_what_is_there_what_is_loaded_and_what_it_can(serve: Serve) -> None:
    server, provider = serve(
        files={
            LLAMA: File(),
            "qwen3:8b": File(5_200, family="qwen3", context=40960, abilities=("completion", "tools", "thinking")),
            "gemma3:4b": File(3_300, family="gemma3", quantization="Q8_0", abilities=("completion", "vision")),
            "bge-m3:latest": File(1_100, family="bert", quantization="F16", context=8192, abilities=("embedding",)),
        }
    )
    server.loaded["qwen3:8b"] = {"context_length": 8192, "size": 6_100}

    found = {one.id: one for one in provider.models()}

    assert list(found) == list(server.files)
    assert found["qwen3:8b"] == ModelInfo(
        id="qwen3:8b",
        provider="box",
        name="qwen3:8b",
        state=ModelState.LOADED,
        arch="qwen3",
        quantization="Q4_K_M",
        max_context_length=40960,
        loaded_context_length=8192,
        size_bytes=5_200,
        memory_bytes=6_100,
        owned_by="library",
        capabilities=("chat", "completion", "embedding", "tools", "reasoning"),
        instances=(Instance("qwen3:8b", 8192),),
        input_is_told=True,
    )
    assert [(one.type, one.state, one.instances) for one in found.values()] == [
        (ModelType.LLM, ModelState.NOT_LOADED, ()),
        (ModelType.LLM, ModelState.LOADED, (Instance("qwen3:8b", 8192),)),
        (ModelType.VLM, ModelState.NOT_LOADED, ()),
        (ModelType.EMBEDDINGS, ModelState.NOT_LOADED, ()),
    ]
    assert found["gemma3:4b"].capabilities == ("chat", "completion", "embedding", "vision")
    assert found["bge-m3:latest"].capabilities == ("embedding",)
    assert {one.key for one in server.requests} == {KEY}


def test_details_are_asked_for_once_per_file(serve: Serve) -> None:
    server, provider = serve(files={LLAMA: File(), "same:latest": File(digest=f"digest of {LLAMA}")})

    provider.models()
    server.files["qwen3:8b"] = File(context=40960)
    provider.models()
    server.files["qwen3:8b"] = File(context=65536, digest="another")
    newest = listed(provider, "qwen3:8b")

    assert [one.body["model"] for one in server.asked("/api/show")][1:] == ["qwen3:8b", "qwen3:8b"]
    assert len(server.asked("/api/show")) == 3
    assert newest.max_context_length == 65536


def test_details_that_the_list_has_already_are_used(serve: Serve) -> None:
    server, provider = serve(files={LLAMA: File(context=9000, abilities=("completion", "vision"), tells_early=True)})

    found = listed(provider)

    assert server.asked("/api/show") == []
    assert (found.max_context_length, found.type) == (9000, ModelType.VLM)


def test_a_model_whose_details_fail_is_listed_and_asked_about_again(serve: Serve) -> None:
    server, provider = serve(show_error=500)

    first = listed(provider)
    server.habits.show_error = None
    second = listed(provider)

    assert (first.quantization, first.max_context_length, first.input_is_told) == ("Q4_K_M", None, False)
    assert (second.quantization, second.max_context_length, second.input_is_told) == ("Q4_K_M", 131072, True)


def test_an_older_ollama_does_not_say_what_models_can(serve: Serve) -> None:
    _, provider = serve(files={LLAMA: File(abilities=None), "nomic-embed-text:latest": File(abilities=None)})

    found = {one.id: one for one in provider.models()}

    assert found[LLAMA].capabilities == ("chat", "completion", "embedding")
    assert found["nomic-embed-text:latest"].capabilities == ("embedding",)
    assert found[LLAMA].max_context_length == 131072


def test_a_model_that_runs_on_their_servers_is_remote_and_can_not_be_loaded(serve: Serve) -> None:
    _, provider = serve(files={"gpt-oss:120b-cloud": File(384, remote_host="https://ollama.com:443")})
    cloud = listed(provider, "gpt-oss:120b-cloud")

    with pytest.raises(CapabilityNotSupported, match="there is nothing to load"):
        provider.load(cloud, LoadWish(), quiet, Stop())

    assert (cloud.state, cloud.size_bytes) == (ModelState.REMOTE, None)
    assert provider.acts(cloud) == {Act.DELETE}


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_behind_a_proxy_that_lets_only_openais_routes_through_the_plain_list_is_used(status: int, serve: Serve) -> None:
    _, provider = serve(only_openai=status)

    assert [(one.id, one.state) for one in provider.models()] == [(LLAMA, ModelState.REMOTE)]
    with pytest.raises((ProviderRejected, ProviderAuthFailed, ProviderProtocol)):
        provider.load(model(LLAMA), LoadWish(), quiet, Stop())


def test_so_it_is_of_a_version_that_can_not_tell_what_is_loaded(serve: Serve) -> None:
    _, provider = serve(absent=("/api/ps",))

    assert [(one.id, one.state) for one in provider.models()] == [(LLAMA, ModelState.REMOTE)]


def test_an_ollama_without_models_has_an_empty_list(serve: Serve) -> None:
    _, provider = serve(files={})

    assert list(provider.models()) == []


def test_its_own_api_is_found_under_a_proxys_path(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.imitate("ollama")

    with pytest.raises(ProviderError):
        new_provider("ollama", f"{upstream.url}/gpu/v1").models()

    assert upstream.requests[0].path == "/gpu/api/tags"


# Loading and unloading


def test_a_model_is_loaded_once(serve: Serve) -> None:
    server, provider = serve()

    first, second = load(provider), load(provider)

    assert first == Loaded(LLAMA, DEFAULT_CONTEXT)
    assert second == Loaded(LLAMA, DEFAULT_CONTEXT, was_loaded=True)
    assert [one.body for one in server.asked("/api/generate")] == [{"model": LLAMA, "stream": False}] * 2
    assert listed(provider).state is ModelState.LOADED


def test_a_model_that_is_listed_while_it_loads_is_waited_for(serve: Serve) -> None:
    release = threading.Event()
    server, provider = serve(load_waits=release, lists_while_loading=True)
    found = listed(provider)
    first = gevent.spawn(provider.load, found, LoadWish(), quiet, Stop())
    eventually(lambda: LLAMA in server.loaded)

    second = gevent.spawn(provider.load, found, LoadWish(), quiet, Stop())
    eventually(lambda: len(server.asked("/api/generate")) == 2)
    were_ready = [one.ready() for one in (first, second)]
    release.set()

    assert were_ready == [False, False]
    assert [one.get(timeout=10) for one in (first, second)] == [
        Loaded(LLAMA, DEFAULT_CONTEXT),
        Loaded(LLAMA, DEFAULT_CONTEXT, was_loaded=True),
    ]


def test_a_context_that_somebody_else_chose_is_not_taken_for_what_answers_get(serve: Serve) -> None:
    server, provider = serve()
    server.loaded[LLAMA] = {"context_length": 32768}
    found = listed(provider)

    with pytest.raises(InvalidRequest, match="context_length can't be chosen"):
        provider.load(found, LoadWish(context_length=32768), quiet, Stop())
    server.loaded[LLAMA] = {"context_length": 32768}
    loaded = provider.load(found, LoadWish(), quiet, Stop())

    assert found.loaded_context_length == 32768
    assert loaded == Loaded(LLAMA, DEFAULT_CONTEXT)


def test_it_stays_as_long_as_is_wished_also_when_it_was_loaded_before(serve: Serve) -> None:
    server, provider = serve()
    load(provider)

    again = load(provider, options={"keep_alive": "30m"})
    load(provider, options={"keep_alive": "-1"})

    assert again.was_loaded
    assert [one.body.get("keep_alive") for one in server.asked("/api/generate")] == [None, "30m", -1]


@pytest.mark.parametrize("nothing", ["0", "0s", "-0", "0.0m"])
def test_a_load_that_would_unload_is_refused(nothing: str, serve: Serve) -> None:
    server, provider = serve()

    with pytest.raises(InvalidRequest, match="keep_alive must not be 0"):
        load(provider, options={"keep_alive": nothing})

    assert server.asked("/api/generate") == []


def test_a_model_for_embeddings_is_loaded_in_its_own_way(serve: Serve) -> None:
    server, provider = serve(files={"bge-m3:latest": File(abilities=("embedding",))})

    loaded = load(provider, "bge-m3:latest")

    assert loaded == Loaded("bge-m3:latest", DEFAULT_CONTEXT)
    assert server.asked("/api/generate") == []


def test_an_older_ollamas_model_for_embeddings_is_found_out(serve: Serve) -> None:
    server, provider = serve(files={"bge-m3:latest": File(abilities=("embedding",))}, show_error=404)

    assert load(provider, "bge-m3:latest").instance_id == "bge-m3:latest"
    assert [len(server.asked(path)) for path in ("/api/generate", "/api/embed")] == [1, 1]


def test_a_context_length_that_answers_would_not_keep_is_refused_before_anything_is_loaded(serve: Serve) -> None:
    server, provider = serve()

    with pytest.raises(InvalidRequest) as refused:
        load(provider, context_length=16384)

    assert refused.value.param == "context_length"
    assert "OLLAMA_CONTEXT_LENGTH" in refused.value.message
    assert server.asked("/api/generate") == []


def test_a_context_length_that_it_has_is_a_wish_fulfilled(serve: Serve) -> None:
    _, provider = serve()
    load(provider)

    assert load(provider, context_length=DEFAULT_CONTEXT) == Loaded(LLAMA, DEFAULT_CONTEXT, was_loaded=True)


def test_a_load_that_fails_says_so_in_ollamas_words(serve: Serve) -> None:
    words = "model requires more system memory (9.1 GiB) than is available (5.2 GiB)"
    _, provider = serve(load_error=(500, words))

    with pytest.raises(ProviderFailed, match="more system memory"):
        load(provider)


def test_a_load_that_leaves_nothing_loaded_is_no_success(serve: Serve) -> None:
    _, provider = serve(keeps_nothing=True)

    with pytest.raises(ProviderProtocol, match="not among its loaded models"):
        load(provider)


def test_a_model_that_is_not_there_can_not_be_loaded(serve: Serve) -> None:
    _, provider = serve()

    with pytest.raises(ProviderRejected) as refused:
        provider.load(model("nothing:latest"), LoadWish(), quiet, Stop())

    assert (refused.value.status, refused.value.message) == (404, "model 'nothing:latest' not found")


def test_waiting_for_a_load_can_be_ended(serve: Serve) -> None:
    release, stop = threading.Event(), Stop()
    server, provider = serve(load_waits=release)
    found = listed(provider)

    gevent.spawn_later(0.1, lambda: stop.stop(Stopped("Enough.")))

    with pytest.raises(Stopped):
        provider.load(found, LoadWish(), quiet, stop)

    release.set()
    assert len(server.asked("/api/generate")) == 1


def test_an_unloaded_model_is_gone_when_that_is_said(serve: Serve) -> None:
    server, provider = serve(unload_after=2)
    load(provider)
    found = listed(provider)

    assert provider.unload(found) == (LLAMA,)
    assert server.loaded == {}
    assert listed(provider).state is ModelState.NOT_LOADED
    assert list(provider.unload(found)) == []


def test_one_that_goes_on_answering_is_not_said_to_be_gone(serve: Serve, new_provider: NewProvider) -> None:
    server, provider = serve(unload_after=1000)
    load(provider)
    provider = new_provider("ollama", server.base_url, timeouts=timeouts(total_s=0.5))

    with pytest.raises(ProviderTimeout, match="leaves when its answers are done"):
        provider.unload(model(LLAMA))


def test_instances_have_the_models_name_and_no_other(serve: Serve) -> None:
    _, provider = serve()
    load(provider)

    with pytest.raises(ProviderRejected):
        provider.unload(model(LLAMA), "llama3.2:2")
    assert provider.unload(model(LLAMA), LLAMA) == (LLAMA,)


# Fetching and deleting


def fetch(provider: Provider, name: str, quantization: str | None = None) -> tuple[str, list[Progress]]:
    reports: list[Progress] = []
    return provider.download(DownloadWish(name, quantization), reports.append, Stop()), reports


def test_a_model_is_fetched_with_progress(serve: Serve) -> None:
    server, provider = serve(files={})

    name, reports = fetch(provider, "qwen3:8b")

    assert name == "qwen3:8b"
    assert [(one.detail, one.fraction, one.done_bytes, one.total_bytes) for one in reports] == [
        ("pulling manifest", None, None, None),
        ("pulling aa", 0.0, 0, 3000),
        ("pulling aa", 0.5, 1500, 3000),
        ("pulling aa", 1.0, 3000, 3000),
        ("pulling bb", 0.75, 3000, 4000),
        ("pulling bb", 0.875, 3500, 4000),
        ("pulling bb", 1.0, 4000, 4000),
        ("verifying sha256 digest", 1.0, 4000, 4000),
        ("writing manifest", 1.0, 4000, 4000),
        ("success", 1.0, 4000, 4000),
    ]
    assert {one.model for one in reports} == {"qwen3:8b"}
    assert [one.id for one in provider.models()] == ["qwen3:8b"]
    assert server.asked("/api/pull")[0].body == {"model": "qwen3:8b", "stream": True}


@pytest.mark.parametrize(
    ("wished", "quantization", "asked_for", "made"),
    [
        ("qwen3", None, "qwen3", "qwen3:latest"),
        ("qwen3", "8b-q4_K_M", "qwen3:8b-q4_K_M", "qwen3:8b-q4_K_M"),
        (
            "https://hf.co/unsloth/Qwen3-GGUF",
            "Q4_K_M",
            "hf.co/unsloth/Qwen3-GGUF:Q4_K_M",
            "hf.co/unsloth/Qwen3-GGUF:Q4_K_M",
        ),
        ("https://ollama.com/library/gemma3:4b", None, "gemma3:4b", "gemma3:4b"),
    ],
)
def test_names_of_what_is_fetched(
    wished: str, quantization: str | None, asked_for: str, made: str, serve: Serve
) -> None:
    server, provider = serve()

    assert fetch(provider, wished, quantization)[0] == made
    assert server.asked("/api/pull")[0].body["model"] == asked_for


def test_a_quantization_beside_a_tag_is_refused(serve: Serve) -> None:
    server, provider = serve()

    with pytest.raises(InvalidRequest) as refused:
        fetch(provider, "qwen3:8b", "Q4_K_M")

    assert refused.value.param == "quantization"
    assert server.requests == []


def test_an_error_in_the_stream_ends_the_download(serve: Serve) -> None:
    _, provider = serve(pull_error=f"pull model manifest: file does not exist ({KEY})")

    with pytest.raises(ProviderFailed, match="file does not exist") as failed:
        fetch(provider, "nothing")

    assert KEY not in failed.value.message


def test_a_stream_that_ends_early_is_no_success(serve: Serve) -> None:
    _, provider = serve(pull_stops=True)

    with pytest.raises(StreamCut, match="halfway"):
        fetch(provider, "qwen3:8b")


def test_a_download_can_be_given_up(serve: Serve) -> None:
    server, provider = serve(pull_waits=True)
    stop = Stop()

    def give_up(progress: Progress) -> None:
        if progress.fraction == 0.5:
            stop.stop(Stopped("Enough."))

    with pytest.raises(Stopped):
        provider.download(DownloadWish("qwen3:8b"), give_up, stop)

    assert server.left.wait(10)


def test_a_deleted_model_is_gone(serve: Serve) -> None:
    _, provider = serve()

    provider.delete(listed(provider))

    assert list(provider.models()) == []
    with pytest.raises(ProviderRejected, match="not found"):
        provider.delete(model(LLAMA))


def test_nothing_works_on_a_server_that_is_down(new_provider: NewProvider, upstream: Upstream) -> None:
    upstream.refuse()
    provider = new_provider("ollama", upstream.base_url, timeouts=timeouts(connect_s=0.5))
    acts: list[Callable[[], object]] = [
        provider.models,
        lambda: provider.load(model(LLAMA), LoadWish(), quiet, Stop()),
        lambda: provider.unload(model(LLAMA)),
        lambda: provider.download(DownloadWish("qwen3"), quiet, Stop()),
        lambda: provider.delete(model(LLAMA)),
    ]

    for act in acts:
        with pytest.raises(ProviderUnreachable):
            act()


# Answers

IGNORED: dict[str, Any] = {
    "tool_choice": "auto",
    "logit_bias": {"1": 2},
    "user": "ada",
    "top_k": 40,
    "min_p": 0.1,
    "num_ctx": 8192,
    "keep_alive": "5m",
    "options": {"num_ctx": 8192},
}


@pytest.mark.parametrize("stream", [False, True])
def test_answers_come_over_openais_route(stream: bool, upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.imitate("ollama")
    upstream.will(answer_with("Blue.", reasoning=("The sky.",), reasoning_in="reasoning"))

    events = events_of(new_provider("ollama", upstream.base_url), asked(stream=stream), model(LLAMA))

    assert (folded(events).text, folded(events).reasoning) == ("Blue.", "The sky.")
    assert upstream.last.path == "/v1/chat/completions"


def test_what_its_openai_route_ignores_is_left_out_with_notice(upstream: Upstream, new_provider: NewProvider) -> None:
    during = attempt()

    events_of(
        new_provider("ollama", upstream.base_url),
        asked(**IGNORED, max_completion_tokens=5, seed=1, n=1),
        model(LLAMA),
        during,
    )

    sent = {name: value for name, value in upstream.last.json.items() if name not in ("model", "messages")}
    assert sent == {"max_tokens": 5, "seed": 1, "n": 1}
    assert list(during.dropped) == list(IGNORED)


def test_several_answers_are_refused_rather_than_fewer_given(upstream: Upstream, new_provider: NewProvider) -> None:
    with pytest.raises(InvalidRequest, match="n must be at most 1"):
        events_of(new_provider("ollama", upstream.base_url), asked(n=2), model(LLAMA))


def test_an_effort_is_for_models_that_think(new_provider: NewProvider) -> None:
    provider = new_provider("ollama", "http://127.0.0.1:9/v1")

    def treatment(**facts: Any) -> Treatment:
        found = {one.name: one for one in provider.parameters(model(LLAMA, **facts))}
        return found["reasoning_effort"].treatment

    assert treatment(capabilities=("chat",), input_is_told=True) is Treatment.DROPPED
    assert treatment(capabilities=("chat", "reasoning"), input_is_told=True) is Treatment.SENT
    assert treatment(capabilities=("chat",)) is Treatment.SENT


def test_a_model_that_is_missing_is_said_to_be(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(openai_error(404, "model 'x' not found", error_type="not_found_error"))

    with pytest.raises(ProviderRejected) as refused:
        events_of(new_provider("ollama", upstream.base_url), asked(), model("x"))

    assert refused.value.told_code == "model_not_found"
