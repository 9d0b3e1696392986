"""What one worker makes, another one is asked for before it has looked at the configuration again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.domain.accounts import Role
from tests.api.callers import Asker, Doorstep, failure
from tests.support.llama_router import LlamaRouter
from tests.support.ollama import File, Ollama
from tests.support.upstream import Upstream

MODELS = "/api/v1/llm-providers/models"
LLAMA = "llama3.2:latest"


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What is kept where is the matter of test_operations.py."""
    path = tmp_path / "patchbay.db"
    path.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def other(door: Doorstep) -> Iterator[Asker]:
    """An administrator at another worker, which has read the configuration just now."""
    # Imported here, so that tests of single parts do not pay for the whole application.
    from app import create_app

    token = door.token(door.person("Ada", Role.ADMIN))
    app: Flask = create_app(door.parts.config)
    elsewhere = Doorstep.of(app)
    elsewhere.parts.state.refresh()
    yield elsewhere.client(token)
    elsewhere.close()


@pytest.fixture
def router(door: Doorstep, other: Asker) -> Iterator[LlamaRouter]:
    with LlamaRouter() as server:
        door.provider(provider="llamacpp", name="Router", base_url=server.base_url)
        yield server


def result(reply: Any) -> Any:
    assert reply.status_code == 200, reply.text
    return reply.json["data"]["result"]


def test_a_model_of_a_new_provider_is_loaded(router: LlamaRouter, other: Asker) -> None:
    assert result(other.post(f"{MODELS}/load", {"model": "router/qwen3"}))["loaded"] is True


def test_everything_of_a_new_provider_is_unloaded(router: LlamaRouter, other: Asker) -> None:
    assert result(other.post(f"{MODELS}/unload", {"unload_all": True, "provider": "router"})) == {
        "unloaded": ["router/gemma3"]
    }


def test_a_model_is_fetched_by_a_new_provider(door: Doorstep, other: Asker) -> None:
    with Ollama(files={LLAMA: File()}) as server:
        door.provider(provider="ollama", name="Ollama", base_url=server.base_url)

        assert result(other.post(f"{MODELS}/download", {"model": "smollm:135m", "provider": "ollama"}))["model"]


def test_an_operation_with_a_new_provider_is_watched(door: Doorstep, router: LlamaRouter, other: Asker) -> None:
    boss = door.client(other.headers["Authorization"].removeprefix("Bearer "))
    operation = boss.post(f"{MODELS}/load", {"model": "router/qwen3"}).json["data"]  # type: ignore[index]

    assert other.get(f"{MODELS}/operations/{operation['id']}").status_code == 200


def test_operations_of_a_new_provider_are_listed(door: Doorstep, router: LlamaRouter, other: Asker) -> None:
    boss = door.client(other.headers["Authorization"].removeprefix("Bearer "))
    boss.post(f"{MODELS}/load", {"model": "router/qwen3"})

    [listed] = other.get(f"{MODELS}/operations?provider=router").json["data"]["items"]  # type: ignore[index]
    assert listed["model"] == "router/qwen3"


def test_a_model_of_a_new_provider_is_told(router: LlamaRouter, other: Asker) -> None:
    assert other.get(f"{MODELS}/router/qwen3").status_code == 200


def test_the_list_of_a_new_provider_is_told(router: LlamaRouter, other: Asker) -> None:
    listed = other.get(f"{MODELS}?provider=router").json["data"]["models"]  # type: ignore[index]

    assert sorted(one["id"] for one in listed) == ["router/gemma3", "router/qwen3"]


def test_a_model_of_a_new_provider_answers(door: Doorstep, upstream: Upstream, other: Asker) -> None:
    upstream.will_list("qwen3")
    door.provider(name="Next", base_url=upstream.base_url)
    question = {"model": "next/qwen3", "messages": [{"role": "user", "content": "Hello"}]}

    assert other.post("/v1/chat/completions", question).status_code == 200


def test_what_is_nowhere_stays_unknown(other: Asker) -> None:
    assert failure(other.post(f"{MODELS}/load", {"model": "nobody/qwen3"})) == (404, "model_not_found")
    assert failure(other.post(f"{MODELS}/unload", {"unload_all": True, "provider": "nobody"})) == (404, "not_found")
