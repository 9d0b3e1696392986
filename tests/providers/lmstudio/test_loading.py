"""Loading: once, as wished where the server can, and told as it really became."""

from __future__ import annotations

import time

import gevent
import pytest

from app.domain import errors as e
from app.domain.lifecycle import Loaded
from app.domain.stopping import Stop
from tests.providers.asking import timeouts
from tests.providers.lmstudio.conftest import EMBEDS, GPT, NO_PACKAGE, PHI, QWEN, At
from tests.support.fixtures import NewLMStudio
from tests.support.lmstudio.server import LMStudio
from tests.support.replies import hang_up, respond

LOAD, UNLOAD, CHAT = "/api/v1/models/load", "/api/v1/models/unload", "/v1/chat/completions"


@pytest.mark.parametrize("version", ["0.4.0", "0.4.23", "1.1.7"])
def test_a_model_is_loaded_once(new_lmstudio: NewLMStudio, at: At, version: str) -> None:
    server = new_lmstudio(version, load_s=0.1)
    somebody = at(server)

    first = somebody.load(QWEN, 4096)
    again = somebody.load(QWEN, 4096)
    any_context = somebody.load(QWEN)

    assert first == Loaded(QWEN, 4096)
    assert again == any_context == Loaded(QWEN, 4096, was_loaded=True)
    assert (server.asked(LOAD), server.state.loaded) == (1, {QWEN: 4096})
    # It says nothing while it loads, so nothing is made up.
    assert [(one.fraction, one.detail) for one in somebody.told] == [(None, "loading")]


def test_options_are_sent_and_only_what_was_wished(lmstudio: LMStudio, at: At) -> None:
    somebody = at(lmstudio)

    somebody.load(GPT, flash_attention=False, num_experts=8, eval_batch_size=None, progress=False)
    same = somebody.load(GPT, num_experts=8)
    lmstudio.wait_for(1)

    bodies = [one.json for one in lmstudio.requests if one.path == LOAD]
    assert bodies == [{"model": GPT, "flash_attention": False, "num_experts": 8}]
    assert same.was_loaded


@pytest.mark.parametrize("wish", [{"context_length": 4096}, {"flash_attention": False}], ids=["context", "option"])
def test_a_model_that_is_loaded_otherwise_is_loaded_again_in_its_place(
    new_lmstudio: NewLMStudio, at: At, wish: dict[str, object]
) -> None:
    server = new_lmstudio()
    somebody = at(server)
    somebody.load(QWEN)

    loaded = somebody.load(QWEN, **wish)  # type: ignore[arg-type]  # the context length among them

    assert (loaded.was_loaded, loaded.instance_id) == (False, QWEN)
    assert list(server.state.loaded) == [QWEN]
    assert (server.asked(UNLOAD), server.asked(LOAD)) == (1, 2)


@pytest.mark.parametrize(
    ("switches", "wished", "got"),
    [({}, 100_000, 40960), ({"accepts_any_context": True}, 100_000, 100_000), ({"context_limit": 2048}, 4096, 2048)],
    ids=["the maximum", "above the maximum", "less than the maximum"],
)
def test_the_context_is_told_that_it_really_got_and_not_wished_again(
    new_lmstudio: NewLMStudio, at: At, switches: dict[str, object], wished: int, got: int
) -> None:
    server = new_lmstudio(**switches)
    somebody = at(server)

    loaded = somebody.load(QWEN, wished)
    again = somebody.load(QWEN, wished)

    assert (loaded.context_length, again.context_length, again.was_loaded) == (got, got, True)
    assert server.asked(LOAD) == 1


def test_what_v0_alone_calls_loaded_is_not_loaded_again(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio("0.4.21", loaded=[QWEN], hides_instances=True)
    somebody = at(server)

    there = somebody.load(QWEN, 8192)
    other = somebody.load(QWEN, 4096)

    assert there == Loaded(None, 8192, was_loaded=True)
    assert other == Loaded(QWEN, 4096)
    assert (server.asked(LOAD), server.state.loaded) == (1, {QWEN: 4096})


@pytest.mark.parametrize(
    ("switches", "error"),
    [
        ({"load_answers": "error_in_200"}, e.ProviderProtocol),
        ({"load_answers": "nonsense"}, e.ProviderProtocol),
        ({"load_loses": True}, e.ProviderProtocol),
    ],
    ids=["200 and an error", "200 and nonsense", "not in the lists"],
)
def test_only_what_is_loaded_passes_as_success(
    new_lmstudio: NewLMStudio, at: At, switches: dict[str, object], error: type[e.ProviderError]
) -> None:
    with pytest.raises(error):
        at(new_lmstudio(**switches)).load(QWEN)


def test_a_refusal_keeps_its_words_and_code(lmstudio: LMStudio, at: At) -> None:
    somebody = at(lmstudio)
    model = somebody.models()[QWEN]
    lmstudio.will(
        respond(400, {"error": {"type": "invalid_request", "code": "unrecognized_keys", "message": "Unrecognized"}}),
        on=f"POST {LOAD}",
    )

    with pytest.raises(e.ProviderRejected) as caught:
        somebody.load(QWEN)

    assert model.id == QWEN
    assert (caught.value.status, caught.value.provider_code, caught.value.message) == (
        400,
        "unrecognized_keys",
        "Unrecognized",
    )


def test_a_model_that_was_deleted_meanwhile_is_not_found(lmstudio: LMStudio, at: At) -> None:
    somebody = at(lmstudio)
    known = somebody.models()
    gone = {**known, "gone/model": type(known[QWEN])(id="gone/model", provider="box", name="gone/model")}
    somebody.models = lambda: gone  # type: ignore[method-assign]  # what was listed a while ago

    with pytest.raises(e.ProviderRejected) as caught:
        somebody.load("gone/model")

    assert (caught.value.status, caught.value.told_code) == (404, "model_not_found")


def test_a_load_that_takes_too_long_says_so(new_lmstudio: NewLMStudio, at: At) -> None:
    somebody = at(new_lmstudio(load_s=3600.0), timeouts=timeouts(first_token_s=0.8))

    with pytest.raises(e.ProviderTimeout) as caught:
        somebody.load(QWEN)

    assert caught.value.message == f"Box did not load {QWEN} within 0.8 s."


def test_a_load_can_be_stopped(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(load_s=3600.0)
    stop = Stop()

    loading = gevent.spawn(at(server).load_until, stop, QWEN)
    _wait_until_asked(server, LOAD)
    stop.stop(e.Stopped("Stopped."))

    with pytest.raises(e.Stopped):
        loading.get(timeout=10)
    assert server.wait_until_left(within_s=10).path == LOAD


def test_a_stop_that_came_before_prevents_the_load(lmstudio: LMStudio, at: At) -> None:
    somebody = at(lmstudio)
    stop = Stop()
    stop.stop(e.Stopped("Stopped."))

    with pytest.raises(e.Stopped):
        somebody.load_until(stop, QWEN)

    assert lmstudio.asked(LOAD) == 0


def test_a_load_is_never_sent_twice(lmstudio: LMStudio, at: At) -> None:
    """A connection that ends without an answer may have ended after the load began."""
    somebody = at(lmstudio)
    lmstudio.will(hang_up(), on=f"POST {LOAD}")

    with pytest.raises(e.StreamCut):
        somebody.load(QWEN)

    assert lmstudio.asked(LOAD) == 1


def test_a_load_that_somebody_else_began_is_waited_for(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(load_s=0.6)
    other, somebody = at(server), at(server)

    began = gevent.spawn(other.load, QWEN)
    _wait_until_asked(server, LOAD)
    loaded = somebody.load(QWEN)

    assert began.get(timeout=10) == Loaded(QWEN, 8192)
    assert loaded == Loaded(QWEN, 8192, was_loaded=True)
    assert server.asked(LOAD) == 1


def test_lists_that_break_while_something_loads_are_asked_again(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(load_s=0.6)
    other, somebody = at(server), at(server)
    models = somebody.models()
    somebody.models = lambda: models  # type: ignore[method-assign]  # what was listed a while ago

    began = gevent.spawn(other.load, QWEN)
    _wait_until_asked(server, LOAD)
    server.set(list_breaks_while_loading=True)
    loaded = somebody.load(QWEN)

    assert began.get(timeout=10) == Loaded(QWEN, 8192)
    assert loaded == Loaded(QWEN, 8192, was_loaded=True)


# With progress


def test_a_native_chat_of_one_token_tells_how_far_the_load_is(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(load_s=0.2, progress_steps=4)
    somebody = at(server)

    loaded = somebody.load(QWEN, 4096, progress=True)
    again = somebody.load(QWEN, 4096, progress=True)

    asked = [one.json for one in server.requests if one.path == "/api/v1/chat"]
    assert somebody.fractions() == [None, 0.25, 0.5, 0.75, 1.0, 1.0]
    assert (loaded, again) == (Loaded(QWEN, 4096), Loaded(QWEN, 4096, was_loaded=True))
    assert [(one["store"], one["max_output_tokens"], one["context_length"]) for one in asked] == [(False, 1, 4096)]
    assert server.asked(LOAD) == 0


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            'event: error\ndata: {"type":"error","error":{"type":"internal_error","message":"Out"}}\n\n',
            e.ProviderFailed,
        ),
        ('event: chat.start\ndata: {"type":"chat.start","model_instance_id":"a"}\n\n', e.StreamCut),
        ("data: {{{\n\n", e.ProviderProtocol),
    ],
    ids=["an error", "cut", "garbage"],
)
def test_a_native_stream_that_goes_wrong_is_an_error(
    lmstudio: LMStudio, at: At, body: str, error: type[e.ProviderError]
) -> None:
    lmstudio.will(respond(200, body, headers={"Content-Type": "text/event-stream"}), on="POST /api/v1/chat")

    with pytest.raises(error):
        at(lmstudio).load(QWEN, progress=True)


def test_a_native_chat_that_is_refused_is_an_error(lmstudio: LMStudio, at: At) -> None:
    lmstudio.will(
        respond(200, {"error": "Unexpected endpoint or method. (POST /api/v1/chat)"}),
        respond(404, {"error": {"type": "invalid_request", "code": "model_not_found", "message": "No"}}),
        on="POST /api/v1/chat",
    )

    for error in (e.ProviderProtocol, e.ProviderRejected):
        with pytest.raises(error):
            at(lmstudio).load(QWEN, progress=True)


# Just in time


def test_a_time_to_live_makes_it_a_load_just_in_time(lmstudio: LMStudio, at: At) -> None:
    loaded = at(lmstudio, **NO_PACKAGE).load(PHI, ttl=300)

    assert loaded == Loaded(PHI, 8192, ttl_s=300)
    assert [(one.jit, one.ttl_s) for one in lmstudio.state.instances] == [(True, 300.0)]


def test_a_time_to_live_needs_loading_just_in_time(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(jit=False)

    with pytest.raises(e.CapabilityNotSupported, match="just-in-time loading switched off"):
        at(server, **NO_PACKAGE).load(PHI, ttl=300)

    assert at(server).load(PHI) == Loaded(PHI, 8192)
    assert server.asked(CHAT) == 0


@pytest.mark.parametrize(("model", "path"), [(PHI, CHAT), (EMBEDS, "/v1/embeddings")])
def test_before_0_4_0_every_load_is_one_just_in_time(new_lmstudio: NewLMStudio, at: At, model: str, path: str) -> None:
    server = new_lmstudio("0.3.6")
    somebody = at(server)

    loaded = somebody.load(model)
    again = somebody.load(model)

    assert loaded.context_length == server.state.loaded[model]
    assert (loaded.was_loaded, again.was_loaded, server.asked(path)) == (False, True, 1)


def test_before_0_3_6_the_answers_own_word_counts(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio("0.3.5")

    assert at(server).load(PHI) == Loaded()
    assert list(server.state.loaded) == [PHI]


@pytest.mark.parametrize("version", ["0.3.5", "0.3.6"])
def test_a_load_just_in_time_that_another_model_answers_is_none(
    new_lmstudio: NewLMStudio, at: At, version: str
) -> None:
    server = new_lmstudio(version, loaded=[QWEN])
    somebody = at(server)
    models = somebody.models()
    somebody.models = lambda: models  # type: ignore[method-assign]  # what was listed a while ago
    server.set(jit=False, serves_another=True)

    with pytest.raises(e.ProviderRejected, match=f"{QWEN} answered instead") as caught:
        somebody.load(PHI)

    assert caught.value.told_code == "model_not_found"


@pytest.mark.parametrize("wish", [{"context_length": 4096}, {"flash_attention": True}, {"progress": True}])
def test_what_only_a_newer_server_can_names_the_version(
    new_lmstudio: NewLMStudio, at: At, wish: dict[str, object]
) -> None:
    with pytest.raises(e.CapabilityNotSupported, match=r"older than LM Studio 0\.4\.0"):
        at(new_lmstudio("0.3.6")).load(PHI, **wish)  # type: ignore[arg-type]  # the context length among them


def test_a_server_that_was_updated_is_not_refused_what_it_can_now(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio("0.3.6")
    somebody = at(server)
    models = somebody.models()
    somebody.models = lambda: models  # type: ignore[method-assign]  # what was listed a while ago
    server.set(version="0.4.0")

    assert somebody.load(QWEN, 4096) == Loaded(QWEN, 4096)
    server.set(version="0.3.6")
    somebody.provider.models()
    server.set(version="0.4.0")
    assert somebody.unload(QWEN) == [QWEN]


@pytest.mark.parametrize(
    ("wish", "param"),
    [
        ({"ttl": 60, "progress": True}, "progress"),
        ({"ttl": 60, "context_length": 4096}, "context_length"),
        ({"ttl": 60, "flash_attention": True}, "flash_attention"),
        ({"progress": True, "eval_batch_size": 256}, "eval_batch_size"),
    ],
)
def test_wishes_that_exclude_each_other_are_refused(
    lmstudio: LMStudio, at: At, wish: dict[str, object], param: str
) -> None:
    with pytest.raises(e.InvalidRequest) as caught:
        at(lmstudio, **NO_PACKAGE).load(QWEN, **wish)  # type: ignore[arg-type]  # the context length among them

    assert caught.value.param == param
    assert lmstudio.state.loaded == {}


@pytest.mark.parametrize("wish", [{"ttl": 60}, {"progress": True}])
def test_a_model_for_embeddings_cannot_be_loaded_by_a_chat(lmstudio: LMStudio, at: At, wish: dict[str, object]) -> None:
    with pytest.raises(e.CapabilityNotSupported):
        at(lmstudio, **NO_PACKAGE).load(EMBEDS, **wish)  # type: ignore[arg-type]  # options

    assert at(lmstudio).load(EMBEDS) == Loaded(EMBEDS, 2048)


# Unloading


def test_one_instance_or_all_are_unloaded(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(loaded=[QWEN, PHI])
    second = f"{QWEN}:2"
    somebody = at(server)
    server.ask(LOAD, {"model": QWEN})

    one = somebody.unload(QWEN, second)
    server.ask(LOAD, {"model": QWEN})
    rest = somebody.unload(QWEN)
    nothing = somebody.unload(QWEN)

    assert (one, rest, nothing) == ((second,), [QWEN, second], [])
    assert server.state.loaded == {PHI: 8192}


def test_what_only_v0_shows_is_unloaded_by_the_models_name(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio("0.4.21", loaded=[QWEN], hides_instances=True)

    assert at(server).unload(QWEN) == [QWEN]
    assert server.state.loaded == {}


def test_an_instance_that_is_gone_is_told_unless_all_should_go(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(loaded=[QWEN])
    somebody = at(server)
    gone = respond(404, {"error": {"type": "model_not_found", "message": "is not loaded."}})
    server.will(gone, on=f"POST {UNLOAD}")

    all_of_it = somebody.unload(QWEN)
    with pytest.raises(e.ProviderRejected) as caught:
        somebody.unload(QWEN, "qwen:9")

    assert (all_of_it, caught.value.provider_code) == ([], "model_not_found")


@pytest.mark.parametrize(
    "reply", [respond(200, {"error": "Failed"}), respond(200, {"instance_id": "another"})], ids=["error", "another"]
)
def test_only_the_instance_itself_passes_as_unloaded(new_lmstudio: NewLMStudio, at: At, reply: object) -> None:
    server = new_lmstudio(loaded=[QWEN])
    server.will(reply, on=f"POST {UNLOAD}")  # type: ignore[arg-type]  # both are replies

    with pytest.raises(e.ProviderProtocol):
        at(server).unload(QWEN)


def test_unloading_before_0_4_0_names_the_version_that_can(new_lmstudio: NewLMStudio, at: At) -> None:
    with pytest.raises(e.CapabilityNotSupported, match=r"0\.4\.0, which is the first that unloads models"):
        at(new_lmstudio("0.3.6")).unload(QWEN)


def _wait_until_asked(server: LMStudio, path: str) -> None:
    deadline = time.monotonic() + 10
    while not server.asked(path):
        assert time.monotonic() < deadline
        gevent.sleep(0.01)
