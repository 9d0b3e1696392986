"""llama.cpp's server: with one model, as a router (simulated), and the real one that comes with the built-in engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain.catalog import Instance, ModelInfo, ModelState, ModelType, Task
from app.domain.errors import (
    CapabilityNotSupported,
    GatewayError,
    InvalidRequest,
    ProviderAuthFailed,
    ProviderFailed,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnreachable,
    Stopped,
)
from app.domain.lifecycle import Act, DownloadWish, Loaded, LoadWish, Progress
from app.domain.stopping import Stop
from app.providers.base import Provider, Surroundings
from app.providers.engine.messages import LoadOptions
from app.providers.registry import connect
from tests.providers.asking import KEY, asked, attempt, config_of, events_of, folded, model, timeouts
from tests.providers.conftest import NewProvider
from tests.providers.engine.supervised import Supervisor
from tests.support.llama_router import LlamaRouter
from tests.support.replies import Response, answer_with, key_refused, openai_error, respond
from tests.support.standing_in import Asked
from tests.support.upstream import Upstream

LOADING = openai_error(503, "Loading model", error_type="unavailable_error", code=503)
Serve = Callable[..., tuple[LlamaRouter, Provider]]


@pytest.fixture
def single(upstream: Upstream, new_provider: NewProvider) -> Provider:
    """Connected to a server with one model."""
    upstream.imitate("llamacpp")
    return new_provider("llamacpp", upstream.base_url, timeouts=timeouts())


@pytest.fixture
def serve(new_provider: NewProvider) -> Iterator[Serve]:
    """A router with some habits, and a provider connected to it."""
    opened: list[LlamaRouter] = []

    def start(**habits: Any) -> tuple[LlamaRouter, Provider]:
        opened.append(LlamaRouter(**habits))
        return opened[-1], new_provider("llamacpp", opened[-1].base_url, timeouts=timeouts())

    yield start
    for server in opened:
        server.close()


def quiet(_: Progress) -> None:
    """Whoever does not care how far it is."""


def load(provider: Provider, name: str, **wish: Any) -> Loaded:
    return provider.load(model(name), LoadWish(**wish), quiet, Stop())


# A server with one model

ITEM = {
    "id": "/models/Qwen3-8B-Q4_K_M.gguf",
    "object": "model",
    "owned_by": "llamacpp",
    "meta": {"n_ctx_train": 40960, "size": 5_027_783_488, "n_params": 8_190_735_360},
}
PROPS: dict[str, Any] = {
    "default_generation_settings": {"n_ctx": 8192},
    "total_slots": 4,
    "model_path": "/models/Qwen3-8B-Q4_K_M.gguf",
    "chat_template": "{% if tools %}{% endif %}",
    "modalities": {"vision": True, "audio": False},
    "is_sleeping": False,
}


def knows(upstream: Upstream, props: Response, item: object = ITEM) -> None:
    upstream.will(respond(200, {"object": "list", "data": [item]}), on="GET /v1/models")
    upstream.will(props, on="GET /props")


def test_a_server_tells_all_about_its_model(upstream: Upstream, single: Provider) -> None:
    knows(upstream, respond(200, PROPS))

    assert list(single.models()) == [
        ModelInfo(
            id="/models/Qwen3-8B-Q4_K_M.gguf",
            provider="box",
            name="Qwen3-8B-Q4_K_M",
            type=ModelType.VLM,
            state=ModelState.LOADED,
            quantization="Q4_K_M",
            max_context_length=40960,
            loaded_context_length=8192,
            size_bytes=5_027_783_488,
            owned_by="llamacpp",
            capabilities=("chat", "completion", "embedding", "tools", "vision"),
            instances=(Instance("/models/Qwen3-8B-Q4_K_M.gguf", 8192),),
            input_is_told=True,
        )
    ]


def test_a_model_that_is_being_read_is_loading(upstream: Upstream, single: Provider) -> None:
    knows(upstream, LOADING, {**ITEM, "meta": None})
    upstream.will(LOADING, on="GET /health")

    [found] = single.models()

    assert (found.state, found.loaded_context_length, found.instances) == (ModelState.LOADING, None, ())


def test_an_older_server_that_lists_nothing_until_then_says_why(upstream: Upstream, single: Provider) -> None:
    upstream.will(LOADING, on="GET *")

    with pytest.raises(ProviderFailed, match="Loading model"):
        single.models()


def test_a_sleeping_model_is_not_loaded(upstream: Upstream, single: Provider) -> None:
    knows(upstream, respond(200, {**PROPS, "is_sleeping": True}))

    assert [(one.state, one.instances) for one in single.models()] == [(ModelState.NOT_LOADED, ())]


@pytest.mark.parametrize("reply", [openai_error(404), openai_error(403), openai_error(501), respond(200, [])])
def test_what_a_proxy_does_not_let_through_is_not_known(reply: Response, upstream: Upstream, single: Provider) -> None:
    knows(upstream, reply)
    upstream.will(reply, on="GET /health")

    assert [(one.state, one.max_context_length, one.input_is_told) for one in single.models()] == [
        (ModelState.LOADED, 40960, False)
    ]


def test_a_bad_key_is_found_though_the_list_is_open(upstream: Upstream, single: Provider) -> None:
    knows(upstream, key_refused())

    with pytest.raises(ProviderAuthFailed):
        single.models()


def test_the_context_is_that_of_a_slot_where_the_properties_lack_it(upstream: Upstream, single: Provider) -> None:
    knows(upstream, respond(200, {"total_slots": 1, "chat_template": ""}))
    upstream.will(respond(200, [{"id": 0, "n_ctx": 2048, "is_processing": False}]), on="GET /slots")

    assert [one.loaded_context_length for one in single.models()] == [2048]


@pytest.mark.parametrize(
    ("item", "quantization", "kind"),
    [
        ({"id": "m", "meta": {"ftype": "Q8_0"}}, "Q8_0", ModelType.LLM),
        ({"id": "m", "path": "/m/Kimi-K2-UD-IQ1_S-00001-of-00006.gguf"}, "UD-IQ1_S", ModelType.LLM),
        ({"id": "C:\\models\\gemma-3-4b-it-BF16.gguf"}, "BF16", ModelType.LLM),
        ({"id": "ggml-org/gemma-3-4b-it-GGUF:Q8_0"}, "Q8_0", ModelType.LLM),
        ({"id": "plain.gguf"}, None, ModelType.LLM),
        ({"id": "m", "architecture": {"output_modalities": ["embeddings"]}}, None, ModelType.EMBEDDINGS),
    ],
)
def test_encodings_and_types(
    item: dict[str, Any], quantization: str | None, kind: ModelType, upstream: Upstream, single: Provider
) -> None:
    knows(upstream, openai_error(404), item)

    assert [(one.quantization, one.type) for one in single.models()] == [(quantization, kind)]


ACTS: dict[Act, Callable[[Provider], object]] = {
    Act.LOAD: lambda provider: load(provider, "hello-1"),
    Act.UNLOAD: lambda provider: provider.unload(model("hello-1")),
    Act.DOWNLOAD: lambda provider: provider.download(DownloadWish("a/b"), quiet, Stop()),
    Act.DELETE: lambda provider: provider.delete(model("hello-1")),
}


@pytest.mark.parametrize("act", Act)
def test_a_server_with_one_model_keeps_it_and_says_so(act: Act, upstream: Upstream, single: Provider) -> None:
    with pytest.raises(CapabilityNotSupported) as refused:
        ACTS[act](single)

    assert refused.value.message == (
        f"Box was started with one model and can't {act.value} models. "
        "Start `llama-server` without a model (router mode) for that."
    )
    assert {one.method for one in upstream.requests} == {"GET"}


def test_which_acts_there_are_is_known_from_the_list(single: Provider, serve: Serve) -> None:
    _, router = serve()
    before = single.acts(model())

    [found] = single.models()

    assert before == {Act.LOAD, Act.UNLOAD, Act.DELETE}
    assert single.acts(found) == frozenset()
    assert {router.acts(one) for one in router.models()} == {before}


@pytest.mark.parametrize("act", Act)
def test_nothing_works_on_a_server_that_is_down(act: Act, upstream: Upstream, single: Provider) -> None:
    upstream.refuse()

    with pytest.raises(ProviderUnreachable):
        single.models()
    with pytest.raises(ProviderUnreachable):
        ACTS[act](single)


# Answers


@pytest.mark.parametrize("stream", [False, True])
def test_answers(stream: bool, upstream: Upstream, single: Provider) -> None:
    upstream.will(answer_with("Salt.", reasoning=("The sea.",), extra={"timings": {"prompt_n": 3}}))

    events = events_of(single, asked(stream=stream))

    assert (folded(events).text, folded(events).reasoning) == ("Salt.", "The sea.")
    assert [event.is_whole for event in events] == [True] if not stream else len(events) > 1
    # A plain answer would be made to its end though nobody waits any more.
    assert upstream.last.json["stream"] is True


def test_its_samplers_are_sent(upstream: Upstream, single: Provider) -> None:
    during = attempt()
    given: dict[str, Any] = {
        "top_k": 20,
        "min_p": 0.1,
        "typical_p": 0.9,
        "dry_multiplier": 0.8,
        "grammar": 'root ::= "a"',
        "n": 2,
    }

    events_of(single, asked(**given, max_completion_tokens=5, repetition_penalty=1.1, user="ada"), None, during)

    sent = {name: value for name, value in upstream.last.json.items() if name in {*given, "max_tokens", "user"}}
    assert sent == {**given, "max_tokens": 5}
    assert upstream.last.json["repeat_penalty"] == 1.1
    assert during.dropped == ("user",)
    with pytest.raises(InvalidRequest, match="mirostat must be at most 2"):
        events_of(single, asked(mirostat=3))


def test_completions_have_samplers_too(upstream: Upstream, single: Provider) -> None:
    events_of(single, asked(Task.COMPLETION, prompt="a", top_k=5, cache_prompt=False))

    assert (upstream.last.json["top_k"], upstream.last.json["cache_prompt"]) == (5, False)


# A router


def test_a_routers_list_tells_states_and_loads_nothing(serve: Serve) -> None:
    server, provider = serve(statuses={"a": "unloaded", "gemma3": "loaded", "c": "loading", "d": "sleeping"})

    found = {one.id: one for one in provider.models()}

    assert [(one.id, one.state) for one in found.values()] == [
        ("a", ModelState.NOT_LOADED),
        ("gemma3", ModelState.LOADED),
        ("c", ModelState.LOADING),
        ("d", ModelState.NOT_LOADED),
    ]
    loaded = found["gemma3"]
    assert (loaded.type, loaded.loaded_context_length, loaded.max_context_length) == (ModelType.VLM, 8192, 40960)
    assert (loaded.instances, loaded.size_bytes) == ((Instance("gemma3", 8192),), 5_027_783_488)
    assert loaded.capabilities == ("chat", "completion", "embedding", "tools", "vision")
    assert {one.quantization for one in found.values()} == {"Q4_K_M"}
    assert server.loaded_by_accident == []
    assert {one.key for one in server.requests} == {KEY}


def test_a_model_is_loaded_and_waited_for(serve: Serve) -> None:
    server, provider = serve(shows_progress=True)
    reports: list[Progress] = []

    loaded = provider.load(model("qwen3"), LoadWish(), reports.append, Stop())

    assert loaded == Loaded("qwen3", 8192)
    assert set(reports) == {Progress(0.5, detail="loading")}
    assert load(provider, "qwen3") == Loaded("qwen3", 8192, was_loaded=True)
    assert [one.body for one in server.asked("/models/load")] == [{"model": "qwen3"}]


def test_progress_that_is_not_told_is_not_made_up(serve: Serve) -> None:
    _, provider = serve()
    reports: list[Progress] = []

    provider.load(model("qwen3"), LoadWish(), reports.append, Stop())

    assert {one.fraction for one in reports} == {None}


def test_a_load_that_runs_already_is_joined(serve: Serve) -> None:
    server, provider = serve()
    with server.lock:
        server.answer(Asked("POST", "/models/load", {}, {"model": "qwen3"}, KEY))

    assert load(provider, "qwen3") == Loaded("qwen3", 8192)
    assert server.asked("/models/load") == []


def test_a_load_that_fails_names_the_exit_code_and_may_be_tried_again(serve: Serve) -> None:
    server, provider = serve(load_fails=True)

    for _ in range(2):
        with pytest.raises(ProviderFailed, match="its process ended with code 1"):
            load(provider, "qwen3")
    server.habits.load_fails = False

    assert load(provider, "qwen3").instance_id == "qwen3"


def test_a_load_that_takes_too_long_is_given_up(serve: Serve, new_provider: NewProvider) -> None:
    server, _ = serve(load_looks=10_000)
    hasty = new_provider("llamacpp", server.base_url, timeouts=timeouts(total_s=0.4))

    with pytest.raises(ProviderTimeout, match=r"did not load qwen3 within 0.4 s"):
        load(hasty, "qwen3")


def test_waiting_for_a_load_can_be_ended(serve: Serve) -> None:
    _, provider = serve(load_looks=10_000)
    stop = Stop()

    with pytest.raises(Stopped):
        provider.load(model("qwen3"), LoadWish(), lambda _: stop.stop(Stopped("Enough.")), stop)


def test_a_sleeping_model_is_loaded_anew(serve: Serve) -> None:
    server, provider = serve(statuses={"qwen3": "sleeping"})

    assert load(provider, "qwen3") == Loaded("qwen3", 8192)
    assert len(server.asked("/models/unload")) == 1


def test_a_context_length_is_the_routers_own(serve: Serve) -> None:
    server, provider = serve()

    with pytest.raises(InvalidRequest, match="--ctx-size") as refused:
        load(provider, "qwen3", context_length=32768)

    assert refused.value.param == "context_length"
    assert server.asked("/models/load") == []
    assert load(provider, "gemma3", context_length=8192).was_loaded


def test_an_unloaded_model_is_gone_when_that_is_said(serve: Serve) -> None:
    server, provider = serve(unload_looks=2)

    assert provider.unload(model("gemma3")) == ("gemma3",)
    assert server.statuses["gemma3"] == "unloaded"
    assert list(provider.unload(model("gemma3"))) == []
    assert len(server.asked("/models/unload")) == 1


def test_one_that_stays_is_not_said_to_be_gone(serve: Serve, new_provider: NewProvider) -> None:
    server, _ = serve(unload_looks=10_000)
    hasty = new_provider("llamacpp", server.base_url, timeouts=timeouts(total_s=0.4))

    with pytest.raises(ProviderTimeout, match="still in memory"):
        hasty.unload(model("gemma3"))


@pytest.mark.parametrize("act", [Act.LOAD, Act.UNLOAD, Act.DELETE])
def test_a_model_that_is_not_there_is_not_found(act: Act, serve: Serve) -> None:
    _, provider = serve()

    with pytest.raises(ProviderRejected) as refused:
        ACTS[act](provider)

    assert (refused.value.told_code, refused.value.message) == ("model_not_found", "Box has no model hello-1.")


def test_instances_have_the_models_name_and_no_other(serve: Serve) -> None:
    _, provider = serve()

    with pytest.raises(ProviderRejected):
        provider.unload(model("gemma3"), "gemma3:2")
    assert provider.unload(model("gemma3"), "gemma3") == ("gemma3",)


def test_a_model_is_fetched_with_progress_and_deleted(serve: Serve) -> None:
    server, provider = serve()
    reports: list[Progress] = []

    name = provider.download(DownloadWish("https://huggingface.co/a/b-GGUF"), reports.append, Stop())

    assert name == "a/b-GGUF:Q4_K_M"
    assert server.asked("/models")[1].body == {"model": "a/b-GGUF"}
    assert [one.done_bytes for one in reports] == sorted(one.done_bytes or 0 for one in reports)
    assert {(one.total_bytes, one.detail, one.model) for one in reports} == {(4000, "downloading", name)}

    provider.delete(model(name))

    assert name not in server.statuses
    assert server.requests[-1].query == {"model": name}


def test_a_quantization_is_part_of_what_is_fetched(serve: Serve) -> None:
    _, provider = serve()

    assert provider.download(DownloadWish("a/b-GGUF", "Q8_0"), quiet, Stop()) == "a/b-GGUF:Q8_0"


@pytest.mark.parametrize(
    ("habits", "words"),
    [({"fetch_fails": True}, "could not fetch a/b"), ({"refuses_fetch": True}, "model validation failed")],
)
def test_a_download_that_fails(habits: dict[str, Any], words: str, serve: Serve) -> None:
    _, provider = serve(**habits)

    with pytest.raises(GatewayError, match=words) as failed:
        provider.download(DownloadWish("a/b"), quiet, Stop())

    assert isinstance(failed.value, ProviderRejected | ProviderFailed)


def test_a_download_can_be_given_up(serve: Serve) -> None:
    server, provider = serve(fetch_looks=10_000)
    stop = Stop()

    with pytest.raises(Stopped):
        provider.download(DownloadWish("a/b:Q4_K_M"), lambda _: stop.stop(Stopped("Enough.")), stop)

    assert "a/b:Q4_K_M" not in server.statuses


# The real one


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path_factory.mktemp("engine"))
    supervisor.put("patchbay-toy.gguf")
    yield supervisor
    supervisor.end()


@pytest.fixture
def real(engine: Supervisor) -> Iterator[Provider]:
    """Connected to llama.cpp's own server, with the demo model."""
    address = engine.client.load("patchbay-toy", LoadOptions(context_length=1024))
    config = config_of("llamacpp", address.base_url, api_key=address.api_key)
    provider = connect(config, Surroundings())
    yield provider
    provider.close()


def test_the_real_server_tells_about_its_model(real: Provider, engine: Supervisor) -> None:
    [found] = real.models()

    size_bytes = found.size_bytes or 0
    assert found == ModelInfo(
        id="patchbay-toy",
        provider="box",
        name="patchbay-toy",
        state=ModelState.LOADED,
        quantization="F16",
        max_context_length=4096,
        loaded_context_length=1024,
        size_bytes=size_bytes,
        owned_by="llamacpp",
        created=found.created,
        capabilities=("chat", "completion", "embedding", "tools"),
        instances=(Instance("patchbay-toy", 1024),),
        input_is_told=True,
    )
    # Its tensors, without the header.
    assert 0.9 < size_bytes / Path(engine.models / "patchbay-toy.gguf").stat().st_size <= 1
    assert real.acts(found) == frozenset()


@pytest.mark.parametrize("stream", [False, True])
def test_the_real_server_answers(stream: bool, real: Provider) -> None:
    question = [{"role": "user", "content": "What is 3 plus 4?"}]

    answer = folded(
        events_of(real, asked(stream=stream, messages=question, temperature=0, top_k=1, repetition_penalty=1.0))
    )

    assert "7" in answer.text
    assert answer.finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.completion_tokens > 0


def test_the_real_server_takes_every_sampler_that_is_declared(real: Provider) -> None:
    samplers: dict[str, Any] = {
        one.name: one.default
        for one in real.parameters(model())
        if one.type in ("number", "integer", "boolean") and one.default is not None and one.name != "n"
    }

    events = events_of(real, asked(**samplers, max_tokens=3), model("patchbay-toy"))

    assert len(events) == 1
    assert {"typical_p", "dry_multiplier", "mirostat", "cache_prompt"} <= samplers.keys()


def test_the_real_server_refuses_another_key(real: Provider) -> None:
    stranger = connect(replace(real.config, api_key="another-key"), Surroundings())

    with pytest.raises(ProviderAuthFailed):
        stranger.models()

    stranger.close()


@pytest.mark.parametrize("act", Act)
def test_the_real_server_has_one_model_and_keeps_it(act: Act, real: Provider) -> None:
    with pytest.raises(CapabilityNotSupported, match="router mode"):
        ACTS[act](real)
