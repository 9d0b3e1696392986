"""Loading through LM Studio's own package, the real one, over its websockets."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import gevent
import pytest

from app.domain import errors as e
from app.domain.lifecycle import Loaded, LoadWish
from app.domain.stopping import Stop
from app.providers.http.target import Target
from app.providers.lmstudio.package import OwnPackage
from app.providers.load_options import check_options
from app.providers.vendors import lmstudio as vendor
from tests.providers.asking import asked, config_of, events_of, folded, timeouts
from tests.providers.lmstudio.conftest import EMBEDS, NO_PACKAGE, PHI, QWEN, At
from tests.support.fixtures import NewLMStudio
from tests.support.lmstudio.server import LMStudio
from tests.support.replies import respond

TOKEN = "sk-lm-AbCdEf12:0123456789abcdefGHIJ"
LOAD, CHAT = "/api/v1/models/load", "/v1/chat/completions"


def children() -> list[str]:
    """Processes of the package that this one has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            line = (folder / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == os.getpid() and b"package_child" in line:
            found.append(folder.name)
    return found


def test_it_loads_what_http_can_not_and_tells_how_far_it_is(
    new_lmstudio: NewLMStudio, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody's proxy is asked: the process does not get our environment.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server = new_lmstudio(token=TOKEN, load_s=0.2, jit=False)
    somebody = at(server, api_key=TOKEN)

    wish = {"gpu_ratio": 0.5, "ttl": 600, "identifier": "mine", "flash_attention": False, "progress": True}
    loaded = somebody.load(QWEN, 4096, **wish)
    again = somebody.load(QWEN, 4096, **wish)

    (instance,) = server.state.instances
    assert loaded == Loaded("mine", 4096, ttl_s=600)
    assert again == Loaded("mine", 4096, was_loaded=True)
    assert (instance.id, instance.jit, instance.ttl_s, instance.gpu_ratio) == ("mine", False, 600.0, 0.5)
    assert (instance.config["context_length"], instance.config["flash_attention"]) == (4096, False)
    assert somebody.fractions() == [None, 0.0, 0.25, 0.5, 0.75, 1.0]
    assert server.asked(LOAD) == 0
    assert children() == []


@pytest.mark.parametrize(
    ("model", "wish", "told"),
    [
        (PHI, {"ttl": 60, "context_length": 2048}, (60.0, None, 2048)),
        (EMBEDS, {"gpu_ratio": 1}, (None, 1, 2048)),
    ],
    ids=["a time to live with a context", "for embeddings"],
)
def test_each_of_its_options_is_enough(
    lmstudio: LMStudio, at: At, model: str, wish: dict[str, Any], told: tuple[float | None, float | None, int]
) -> None:
    at(lmstudio).load(model, **wish)

    (instance,) = lmstudio.state.instances
    assert (instance.ttl_s, instance.gpu_ratio, instance.config["context_length"]) == told


def test_a_model_is_reached_under_the_name_that_it_was_given(lmstudio: LMStudio, at: At) -> None:
    somebody = at(lmstudio)
    somebody.load(PHI, identifier="mine")

    answer = folded(events_of(somebody.provider, asked(), somebody.models()[PHI]))
    somebody.load(PHI, identifier="other")

    assert answer.text == "Phi 4 Mini here. You said: hello"
    assert [one.json["model"] for one in lmstudio.requests if one.path == CHAT] == ["mine"]
    assert list(lmstudio.state.loaded) == ["other"]
    assert somebody.unload(PHI) == ["other"]


def test_two_load_at_once_in_one_worker(new_lmstudio: NewLMStudio, at: At) -> None:
    people = [at(new_lmstudio(load_s=0.5)) for _ in range(2)]

    loads = [gevent.spawn(one.load, QWEN, ttl=60) for one in people]
    gevent.joinall(loads, timeout=20)

    assert [one.value for one in loads] == [Loaded(QWEN, 8192, ttl_s=60)] * 2


@pytest.mark.parametrize(
    ("switches", "refusal", "error", "words"),
    [
        ({"load_answers": "nonsense"}, None, e.ProviderRejected, "Insufficient memory"),
        ({}, "/lmstudio-greeting", e.ProviderUnreachable, "not reachable"),
        ({}, "/llm", e.ProviderUnreachable, "not reachable"),
    ],
    ids=["refused", "no greeting", "no websocket"],
)
def test_failures_are_told(
    new_lmstudio: NewLMStudio,
    at: At,
    switches: dict[str, Any],
    refusal: str | None,
    error: type[e.ProviderError],
    words: str,
) -> None:
    server = new_lmstudio(**switches)
    if refusal is not None:
        server.will(respond(404, {"error": "gone"}), on=f"GET {refusal}")

    with pytest.raises(error, match=words):
        at(server).load(QWEN, gpu_ratio=0.5)

    assert children() == []


def test_a_model_that_is_gone_is_not_found(lmstudio: LMStudio, at: At) -> None:
    somebody = at(lmstudio)
    known = somebody.models()
    gone = type(known[QWEN])(id="gone/model", provider="box", name="gone/model")

    with pytest.raises(e.ProviderRejected) as caught:
        somebody.provider.load(gone, LoadWish(None, {"gpu_ratio": 0}), somebody.told.append, Stop())

    assert (caught.value.status, caught.value.told_code) == (404, "model_not_found")


def test_who_stops_ends_the_process(new_lmstudio: NewLMStudio, at: At) -> None:
    somebody, stop = at(new_lmstudio(load_s=30.0)), Stop()

    loading = gevent.spawn(somebody.load_until, stop, QWEN, gpu_ratio=0.5)
    while 0.0 not in somebody.fractions():
        assert not loading.dead
        gevent.sleep(0.02)
    during = len(children())
    stop.stop(e.Stopped("Enough."))

    with pytest.raises(e.Stopped):
        loading.get(timeout=5)
    assert (during, children()) == (1, [])


def test_a_load_that_takes_too_long_is_given_up(new_lmstudio: NewLMStudio, at: At) -> None:
    somebody = at(new_lmstudio(load_s=30.0), timeouts=timeouts(first_token_s=1.5))
    began = time.monotonic()

    with pytest.raises(e.ProviderTimeout, match="did not load"):
        somebody.load(QWEN, gpu_ratio=0.5)

    assert time.monotonic() - began < 10
    assert children() == []


# Where it can't be used


def test_without_it_its_options_are_not_offered_and_the_refusal_says_how_to_get_them() -> None:
    kind, full = vendor.kind(has_package=False), vendor.kind(has_package=True)

    with pytest.raises(e.InvalidRequest, match=r"gpu_ratio needs .*`\./patchbay lmstudio`") as caught:
        check_options(kind, LoadWish(None, {"gpu_ratio": 0.5, "ttl": 60}))

    assert [one.field for one in caught.value.details] == ["gpu_ratio"]
    names = {one.name for one in full.load_options} - {one.name for one in kind.load_options}
    assert names == {"gpu_ratio", "identifier"}
    check_options(full, LoadWish(None, {"gpu_ratio": 0.5, "identifier": "mine"}))


def test_a_server_that_it_can_not_reach_is_refused_before_anything_is_unloaded(
    new_lmstudio: NewLMStudio, at: At
) -> None:
    server = new_lmstudio(loaded=[QWEN])

    with pytest.raises(e.CapabilityNotSupported, match="can't be used here: it uses no proxy"):
        at(server, **NO_PACKAGE).load(QWEN, identifier="mine")

    assert list(server.state.loaded) == [QWEN]


@pytest.mark.parametrize(
    ("base_url", "changes", "allow_private", "words"),
    [
        ("http://box:1234/v1", {}, True, None),
        ("http://box:1234", {}, True, None),
        ("https://box:1234/v1", {}, True, "without TLS"),
        ("http://box/studio/v1", {}, True, "without a path"),
        ("http://box:1234/v1", {"proxy_url": "http://proxy:3128"}, True, "no proxy"),
        ("http://box:1234/v1", {}, False, "every address"),
    ],
)
def test_where_it_can_be_used(base_url: str, changes: dict[str, Any], allow_private: bool, words: str | None) -> None:
    config = config_of("lmstudio", base_url, **changes)

    hindrance = OwnPackage(config, Target.of(config, allow_private=allow_private)).hindrance

    assert hindrance is None if words is None else words in (hindrance or "")


@pytest.mark.parametrize("identifier", ["", " mine", "a\tb", "x" * 101, PHI, "taken"])
def test_a_name_that_would_mislead_is_refused(lmstudio: LMStudio, at: At, identifier: str) -> None:
    somebody = at(lmstudio)
    if identifier == "taken":
        somebody.load(PHI, identifier="taken")

    with pytest.raises(e.InvalidRequest) as caught:
        somebody.load(QWEN, identifier=identifier)

    assert caught.value.param == "identifier"
    assert lmstudio.asked(LOAD) == 0


def test_an_older_server_is_refused(new_lmstudio: NewLMStudio, at: At) -> None:
    with pytest.raises(e.CapabilityNotSupported, match=r"from LM Studio 0\.4\.0 on"):
        at(new_lmstudio("0.3.16")).load(QWEN, gpu_ratio=0.5)
