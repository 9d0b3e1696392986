"""LM Studio through the API: a model is loaded alone, watched while it loads, asked, and unloaded again."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import gevent
import pytest

from app.domain.accounts import Role
from tests.api.callers import Asker, Doorstep, failure
from tests.support.fixtures import NewLMStudio
from tests.support.lmstudio.server import LMStudio

MODELS = "/api/v1/llm-providers/models"
CHAT = "/api/v1/llm-providers/chat"
QWEN, SEES, PHI = "qwen/qwen3-8b", "google/gemma-3-12b", "mlx-community/phi-4-mini"
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


def studio(door: Doorstep, server: LMStudio) -> None:
    door.provider(provider="lmstudio", name="Studio", base_url=server.base_url)


def data(reply: Any, status: int = 200) -> Any:
    assert (reply.status_code, reply.json["success"]) == (status, True), reply.text
    return reply.json["data"]


def eventually(look: Callable[[], T], is_so: Callable[[T], bool]) -> T:
    """What is seen once it is so; meanwhile what the server does by itself goes on."""
    deadline = time.monotonic() + 15
    while not is_so(seen := look()):
        assert time.monotonic() < deadline, seen
        gevent.sleep(0.05)
    return seen


def shown(asker: Asker, model: str) -> Any:
    return data(asker.get(f"{MODELS}/studio/{model}"))


def test_a_model_is_loaded_alone_watched_asked_and_unloaded(
    door: Doorstep, boss: Asker, new_lmstudio: NewLMStudio
) -> None:
    server = new_lmstudio(loaded=[SEES], load_s=2.0, progress_steps=8)
    studio(door, server)
    wish = {"model": f"studio/{QWEN}", "exclusive": True, "context_length": 4096, "progress": True}

    begun = boss.post(f"{MODELS}/load", wish, headers={"Prefer": "respond-async"})
    operation = f"{MODELS}/operations/{data(begun, 202)['id']}"
    seen: list[float] = []

    def look() -> str:
        document = data(boss.get(operation))
        seen.append(document["progress"]["fraction"] or 0.0)
        return str(document["state"])

    eventually(look, lambda state: state != "running")
    loaded = data(boss.get(operation))
    during = server.state.loaded
    listed = shown(boss, QWEN)
    answer = boss.post(CHAT, {"model": f"studio/{QWEN}", "messages": [{"role": "user", "content": "What is 6*7?"}]})
    unloaded = data(boss.post(f"{MODELS}/unload", {"model": f"studio/{QWEN}"}))

    assert loaded["state"] == "done", loaded
    assert seen == sorted(seen)
    assert any(0.0 < fraction < 1.0 for fraction in seen)
    assert loaded["result"] == {
        "model": f"studio/{QWEN}",
        "loaded": True,
        "was_loaded": False,
        "instance_id": QWEN,
        "context_length": 4096,
    }
    assert during == {QWEN: 4096}
    assert (listed["state"], listed["instances"]) == ("loaded", [{"id": QWEN, "context_length": 4096}])
    assert data(answer)["content"] == "6*7 is 42."
    assert unloaded["result"]["unloaded"] == [QWEN]
    assert server.state.loaded == {}
    assert shown(boss, QWEN)["state"] == "not-loaded"


def test_a_time_to_live_is_told_as_it_was_ordered_until_something_else_is_seen(
    door: Doorstep, boss: Asker, new_lmstudio: NewLMStudio
) -> None:
    server = new_lmstudio()
    studio(door, server)

    def ttl(model: str) -> Any:
        return shown(boss, model)["time_to_live"]

    loaded = data(boss.post(f"{MODELS}/load", {"model": f"studio/{QWEN}", "ttl": 600}))
    ordered = ttl(QWEN)
    data(boss.post(f"{MODELS}/load", {"model": f"studio/{QWEN}", "ttl": 60}))
    unchanged = ttl(QWEN)
    data(boss.post(f"{MODELS}/load", {"model": f"studio/{PHI}"}))
    data(boss.post(f"{MODELS}/load", {"model": f"studio/{QWEN}", "context_length": 4096}))
    again = ttl(QWEN)
    data(boss.post(f"{MODELS}/load", {"model": f"studio/{SEES}", "ttl": 600}))
    assert ttl(SEES)["seconds"] == 600
    server.ask("/api/v1/models/unload", {"instance_id": SEES})
    data(boss.get(f"{MODELS}?refresh=true"))
    server.ask("/api/v1/models/load", {"model": SEES})
    data(boss.get(f"{MODELS}?refresh=true"))

    assert loaded["result"]["ttl_s"] == 600
    assert ordered == {"seconds": 600, "since": loaded["finished_at"]}
    assert unchanged == ordered
    assert (ttl(PHI), again) == (None, None)
    # It left memory, and came back without us.
    assert (shown(boss, SEES)["state"], ttl(SEES)) == ("loaded", None)


def test_what_no_request_loads_is_told_before_it_is_asked(
    door: Doorstep, boss: Asker, new_lmstudio: NewLMStudio
) -> None:
    server = new_lmstudio(jit=False)
    studio(door, server)
    question = {"model": f"studio/{QWEN}", "messages": [{"role": "user", "content": "What is 6*7?"}]}

    refused: Any = boss.post("/v1/chat/completions", question)
    data(boss.post(f"{MODELS}/load", {"model": f"studio/{QWEN}"}))

    assert (refused.status_code, refused.json["error"]["param"]) == (400, "model"), refused.text
    assert "Load the model first" in refused.json["error"]["message"]
    assert shown(boss, PHI)["loads_on_use"] is False
    assert data(boss.post(CHAT, question))["content"] == "6*7 is 42."


def test_two_who_load_at_once_load_it_once(door: Doorstep, boss: Asker, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(load_s=1.5)
    studio(door, server)
    wish = {"model": f"studio/{QWEN}"}

    begun = [boss.post(f"{MODELS}/load", wish, headers={"Prefer": "respond-async"}) for _ in range(2)]
    ended = data(boss.post(f"{MODELS}/load", wish))

    assert len({data(one, 202)["id"] for one in begun} | {ended["id"]}) == 1
    assert server.asked("/api/v1/models/load") == 1
    assert server.state.loaded == {QWEN: 8192}


@pytest.mark.parametrize("load_answers", ["error_in_200", "nonsense"])
def test_a_200_with_an_error_is_no_success(
    door: Doorstep, boss: Asker, new_lmstudio: NewLMStudio, load_answers: str
) -> None:
    studio(door, new_lmstudio(load_answers=load_answers))

    reply = boss.post(f"{MODELS}/load", {"model": f"studio/{QWEN}"})

    assert failure(reply) == (502, "provider_protocol")


def test_an_older_lm_studio_says_what_it_cannot(door: Doorstep, boss: Asker, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio("0.3.6")
    studio(door, server)
    wish = {"model": f"studio/{PHI}"}

    loaded = data(boss.post(f"{MODELS}/load", wish))
    with_context = boss.post(f"{MODELS}/load", {**wish, "context_length": 4096})
    unloaded = boss.post(f"{MODELS}/unload", wish)

    assert loaded["result"]["context_length"] == 8192
    assert failure(with_context) == (400, "capability_not_supported")
    assert failure(unloaded) == (400, "capability_not_supported")
    assert shown(boss, PHI)["acts"] == ["load"]


def test_a_download_is_a_model_of_the_list_afterwards(door: Doorstep, boss: Asker, new_lmstudio: NewLMStudio) -> None:
    studio(door, new_lmstudio(download_s=0.1))

    fetched = data(boss.post(f"{MODELS}/download", {"model": "qwen/qwen3-4b", "provider": "studio"}))

    assert fetched["result"] == {"model": "studio/qwen/qwen3-4b"}
    assert (fetched["progress"]["fraction"], fetched["progress"]["total_bytes"]) == (1.0, 2_497_280_000)
    assert shown(boss, "qwen/qwen3-4b")["state"] == "not-loaded"


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_that_answers_for_another_is_named(
    door: Doorstep, boss: Asker, new_lmstudio: NewLMStudio, stream: bool
) -> None:
    server = new_lmstudio(loaded=[QWEN])
    studio(door, server)
    shown(boss, PHI)
    server.set(jit=False, serves_another=True)
    body = {"model": f"studio/{PHI}", "messages": [{"role": "user", "content": "hello"}], "stream": stream}

    reply = boss.post("/v1/chat/completions", body)
    text = reply.text
    reply.close()

    assert reply.status_code == 200
    assert reply.headers["X-Patchbay-Model"].endswith(QWEN)
    assert QWEN in text
    assert PHI not in text
