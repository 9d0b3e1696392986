"""Ollama, llama.cpp's server and vLLM through the API: what can be done with their models, and what can't."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import gevent
import pytest

from app.domain.accounts import Role
from tests.api.callers import Asker, Doorstep, failure
from tests.support.llama_router import LlamaRouter
from tests.support.ollama import DEFAULT_CONTEXT, File, Ollama
from tests.support.upstream import Upstream

MODELS = "/api/v1/llm-providers/models"
LLAMA = "llama3.2:latest"
HELLO = [{"role": "user", "content": "hello"}]
EVERY_ACT = ["delete", "download", "load", "unload"]
T = TypeVar("T")


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What is kept where is the matter of test_operations.py."""
    path = tmp_path / "patchbay.db"
    path.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def boss(door: Doorstep) -> Asker:
    return door.client(door.token(door.person("Ada", Role.ADMIN)))


@pytest.fixture
def ollama(door: Doorstep) -> Iterator[Ollama]:
    with Ollama(files={LLAMA: File()}) as server:
        door.provider(provider="ollama", name="Ollama", base_url=server.base_url)
        yield server


@pytest.fixture
def router(door: Doorstep) -> Iterator[LlamaRouter]:
    with LlamaRouter() as server:
        door.provider(provider="llamacpp", name="Router", base_url=server.base_url)
        yield server


def data(reply: Any, status: int = 200) -> Any:
    assert (reply.status_code, reply.json["success"]) == (status, True), reply.text
    return reply.json["data"]


def eventually(look: Callable[[], T], is_so: Callable[[T], bool]) -> T:
    """What is seen once it is so; meanwhile what the server does by itself goes on."""
    deadline = time.monotonic() + 15
    while not is_so(seen := look()):
        assert time.monotonic() < deadline, seen
        gevent.sleep(0.02)
    return seen


def listed(asker: Asker) -> dict[str, Any]:
    """All models with their details, by canonical name."""
    answer = eventually(
        lambda: data(asker.get(f"{MODELS}?detailed=true")),
        lambda one: all(provider["age_s"] is not None for provider in one["providers"]),
    )
    return {one["id"]: one for one in answer["models"]}


def test_a_model_of_ollama_is_loaded_and_unloaded(boss: Asker, ollama: Ollama) -> None:
    model = f"ollama/{LLAMA}"

    before = listed(boss)[model]
    loaded = data(boss.post(f"{MODELS}/load", {"model": model, "keep_alive": "30m"}))
    during = listed(boss)[model]
    unloaded = data(boss.post(f"{MODELS}/unload", {"model": model}))

    assert (before["state"], before["size_bytes"], sorted(before["acts"])) == (
        "not-loaded",
        4_683_075_271,
        ["delete", "load", "unload"],
    )
    assert (loaded["state"], loaded["result"]["context_length"]) == ("done", DEFAULT_CONTEXT)
    assert (during["state"], during["memory_estimate_bytes"]) == ("loaded", 5_000_000_000)
    assert during["instances"] == [{"id": LLAMA, "context_length": DEFAULT_CONTEXT}]
    assert ollama.asked("/api/generate")[0].body["keep_alive"] == "30m"
    assert unloaded["result"]["unloaded"] == [LLAMA]
    assert listed(boss)[model]["state"] == "not-loaded"


def test_what_ollama_can_not_do_is_said_to_who_asks_for_it(boss: Asker, ollama: Ollama) -> None:
    refused = boss.post(f"{MODELS}/load", {"model": f"ollama/{LLAMA}", "context_length": 16384})
    unknown = boss.post(f"{MODELS}/load", {"model": f"ollama/{LLAMA}", "num_ctx": 16384})

    assert failure(refused) == (400, "invalid_request")
    assert "OLLAMA_CONTEXT_LENGTH" in refused.text
    assert failure(unknown) == (400, "invalid_request")
    assert "context_length, keep_alive" in unknown.text
    assert ollama.loaded == {}


def test_a_model_is_fetched_by_ollama_and_deleted_again(boss: Asker, ollama: Ollama) -> None:
    begun = boss.post(
        f"{MODELS}/download", {"model": "qwen3:8b", "provider": "ollama"}, headers={"Prefer": "respond-async"}
    )
    address = f"{MODELS}/operations/{data(begun, 202)['id']}"
    ended = eventually(lambda: data(boss.get(address)), lambda one: one["state"] != "running")

    assert (ended["state"], ended["result"]) == ("done", {"model": "ollama/qwen3:8b"})
    assert (ended["progress"]["done_bytes"], ended["progress"]["total_bytes"]) == (4000, 4000)
    assert "ollama/qwen3:8b" in listed(boss)

    assert data(boss.ask("DELETE", f"{MODELS}/ollama/qwen3:8b"))["deleted"] is True
    assert "ollama/qwen3:8b" not in listed(boss)
    assert list(ollama.files) == [LLAMA]


def test_an_error_in_the_middle_of_a_download_is_its_end(boss: Asker, ollama: Ollama) -> None:
    ollama.habits.pull_error = "pull model manifest: file does not exist"

    reply = boss.post(f"{MODELS}/download", {"model": "nothing", "provider": "ollama"})

    assert failure(reply) == (502, "provider_error")
    assert "file does not exist" in reply.text


def test_a_model_of_a_llama_router_is_loaded_alone(boss: Asker, router: LlamaRouter) -> None:
    loaded = data(boss.post(f"{MODELS}/load", {"model": "router/qwen3", "exclusive": True}))

    assert loaded["result"]["loaded"] is True
    assert router.statuses == {"qwen3": "loaded", "gemma3": "unloaded"}
    assert {name: one["state"] for name, one in listed(boss).items()} == {
        "router/qwen3": "loaded",
        "router/gemma3": "not-loaded",
    }
    assert router.loaded_by_accident == []


def test_a_server_with_one_model_keeps_it(door: Doorstep, boss: Asker, upstream: Upstream) -> None:
    upstream.imitate("llamacpp")
    door.provider(provider="llamacpp", name="Single", base_url=upstream.base_url)

    found = listed(boss)["single/hello-1"]
    refused = boss.post(f"{MODELS}/load", {"model": "single/hello-1"})

    assert (found["state"], found["acts"], found["loaded_context_length"]) == ("loaded", [], 4096)
    assert failure(refused) == (400, "capability_not_supported")
    assert refused.json["error"]["message"] == (  # type: ignore[index]
        "single/hello-1 can't be loaded. Single was started with one model and can't load models. "
        "Start `llama-server` without a model (router mode) for that."
    )


def test_vllm_has_nothing_to_load(door: Doorstep, boss: Asker, upstream: Upstream) -> None:
    upstream.imitate("vllm")
    door.provider(provider="vllm", name="vLLM", base_url=upstream.base_url)

    found = listed(boss)["vllm/hello-1"]

    assert (found["state"], found["acts"], found["max_context_length"]) == ("loaded", [], 32768)
    assert failure(boss.post(f"{MODELS}/load", {"model": "vllm/hello-1"})) == (400, "capability_not_supported")
    answer = boss.post("/api/v1/llm-providers/chat", {"model": "vllm/hello-1", "messages": HELLO})
    assert data(answer)["content"] == "hello there"


def test_providers_say_what_can_be_done(boss: Asker, ollama: Ollama, router: LlamaRouter) -> None:
    providers = {one["slug"]: one for one in data(boss.get("/api/v1/llm-providers"))["items"]}

    assert {slug: sorted(one["acts"]) for slug, one in providers.items()} == {"ollama": EVERY_ACT, "router": EVERY_ACT}
    assert [one["name"] for one in providers["ollama"]["load_options"]] == ["keep_alive"]
    assert providers["router"]["load_options"] == []
