"""Loading and unloading through the API, with the real engine and its demo model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import gevent
import pytest

from app.domain.accounts import Permission, Role
from app.storage.audit import AuditFilter
from config import Config
from tests.api.callers import Asker, Doorstep, failure
from tests.providers.engine.supervised import DEMO, Supervisor
from tests.support.hub import Hub
from tests.support.upstream import Upstream

MODELS = "/api/v1/llm-providers/models"
TOY, COPY = "local/patchbay-toy", "local/copy"


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What is kept where is the matter of test_operations.py."""
    path = tmp_path / "patchbay.db"
    path.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    yield hub
    hub.close()


@pytest.fixture
def config(config: Config, hub: Hub) -> Config:
    return replace(config, local_engine=True, hub_endpoint=hub.url)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path, "--threads", "1")
    supervisor.put("copy.gguf")
    yield supervisor
    supervisor.end()


@pytest.fixture
def boss(door: Doorstep, engine: Supervisor) -> Asker:
    """An administrator, where the engine is a provider."""
    door.provider(provider="local_gguf", name="Local", base_url="")
    return door.client(door.token(door.person("Ada", Role.ADMIN)))


def data(reply: Any, status: int = 200) -> Any:
    assert (reply.status_code, reply.json["success"]) == (status, True), reply.text
    return reply.json["data"]


def eventually(claim: Callable[[], bool]) -> bool:
    """Whether it comes true; meanwhile what the server does by itself goes on."""
    deadline = time.monotonic() + 15
    while not claim() and time.monotonic() < deadline:
        gevent.sleep(0.05)
    return claim()


def shown(asker: Asker, model: str) -> Any:
    return data(asker.get(f"{MODELS}/{model}"))


def test_a_model_is_loaded_as_wished_used_and_unloaded(boss: Asker) -> None:
    before = shown(boss, TOY)

    loaded = data(boss.post(f"{MODELS}/load", {"model": "patchbay-toy", "context_length": 512, "parallel": 1}))
    again = data(boss.post(f"{MODELS}/load", {"model": TOY}))
    after = shown(boss, TOY)
    asked = {"model": TOY, "messages": [{"role": "user", "content": "hello"}]}
    answered = boss.post("/api/v1/llm-providers/chat", asked)
    still = shown(boss, TOY)
    unloaded = data(boss.post(f"{MODELS}/unload", {"model": TOY}))
    once_more = data(boss.post(f"{MODELS}/unload", {"model": TOY}))

    assert (before["state"], before["instances"], before["acts"]) == ("not-loaded", [], ["load", "unload"])
    assert before["memory_estimate_bytes"] == before["size_bytes"] + 4 * 4096 * 1024
    result = {"model": TOY, "loaded": True, "was_loaded": False, "instance_id": "patchbay-toy", "context_length": 512}
    assert loaded["result"] == result
    assert again["result"] == {**result, "was_loaded": True}
    assert (loaded["act"], loaded["provider"], loaded["model"], loaded["state"]) == ("load", "local", TOY, "done")
    assert after["instances"] == [{"id": "patchbay-toy", "context_length": 512}]
    assert (after["state"], after["loaded_context_length"]) == ("loaded", 512)
    assert after["memory_estimate_bytes"] == after["size_bytes"] + 512 * 1024
    # Asking does not load it again with the provider's own options.
    assert answered.status_code == 200
    assert still["loaded_context_length"] == 512
    assert unloaded["result"] == {"model": TOY, "unloaded": ["patchbay-toy"]}
    assert once_more["result"] == {"model": TOY, "unloaded": []}
    assert shown(boss, TOY)["state"] == "not-loaded"


def test_other_wishes_load_it_again_and_exclusive_unloads_the_others(boss: Asker) -> None:
    first = data(boss.post(f"{MODELS}/load", {"model": TOY, "context_length": 512, "parallel": 1.0}))
    other = data(boss.post(f"{MODELS}/load", {"model": TOY, "context_length": 1024, "parallel": 1}))

    alone = data(boss.post(f"{MODELS}/load", {"model": COPY, "exclusive": True}))

    assert [one["result"]["context_length"] for one in (first, other)] == [512, 1024]
    assert not other["result"]["was_loaded"]
    assert alone["result"]["loaded"]
    assert [shown(boss, one)["state"] for one in (TOY, COPY)] == ["not-loaded", "loaded"]
    acts = [(one["act"], one["model"]) for one in data(boss.get(f"{MODELS}/operations"))["items"]]
    assert acts == [("unload", TOY), ("load", COPY), ("load", TOY), ("load", TOY)]


def test_everything_is_unloaded_at_once(boss: Asker) -> None:
    for model in (TOY, COPY):
        boss.post(f"{MODELS}/load", {"model": model})

    unloaded = data(boss.post(f"{MODELS}/unload", {"unload_all": True}))
    nothing = data(boss.post(f"{MODELS}/unload", {"unload_all": True, "provider": "local"}))

    assert (unloaded["model"], unloaded["provider"]) == ("local/*", "local")
    assert sorted(unloaded["result"]["unloaded"]) == [COPY, TOY]
    assert nothing["result"] == {"unloaded": []}


def test_who_does_not_want_to_wait_looks_at_the_operation(boss: Asker) -> None:
    reply = boss.post(f"{MODELS}/load", {"model": TOY}, headers={"Prefer": "wait=5, respond-async"})
    operation = data(reply, 202)
    where = reply.headers["Location"]
    listed = data(boss.get(f"{MODELS}?detailed=true"))["models"]
    plain = data(boss.get(MODELS))["models"]
    running = data(boss.get(f"{MODELS}/operations?state=running"))["items"]
    busy = boss.post(f"{MODELS}/unload", {"model": TOY})

    assert where == f"{MODELS}/operations/{operation['id']}"
    assert reply.headers["Preference-Applied"] == "respond-async"
    assert (operation["state"], operation["result"], operation["finished_at"]) == ("running", None, None)
    [toy] = [one for one in listed if one["id"] == TOY]
    assert (toy["state"], toy["operation"]) == ("loading", operation["id"])
    assert [one["state"] for one in plain if one["id"] == TOY] == ["loading"]
    assert [one["id"] for one in running] == [operation["id"]]
    assert failure(busy) == (409, "model_busy")
    assert eventually(lambda: data(boss.get(where))["state"] == "done")
    ended = data(boss.get(where))
    assert ended["result"]["loaded"]
    assert ended["started_by"] == "Ada"
    assert ended["elapsed_s"] >= 0
    assert shown(boss, TOY)["operation"] is None


def test_a_model_is_downloaded_with_progress_and_can_be_asked_at_once(boss: Asker, hub: Hub) -> None:
    content = DEMO.read_bytes()
    hub.put("someone/toy-GGUF", "toy-F16.gguf", content)
    hub.stall_after = len(content) // 2
    wish = {"model": "someone/toy-GGUF", "quantization": "F16"}
    started = data(boss.post(f"{MODELS}/download", wish, headers={"Prefer": "respond-async"}), 202)
    where = f"{MODELS}/operations/{started['id']}"

    def progress() -> Any:
        return data(boss.get(where))["progress"]

    assert eventually(lambda: progress()["detail"] == "downloading")
    halfway = progress()
    hub.stall_after = None
    hub.go.set()
    assert eventually(lambda: data(boss.get(where))["state"] != "running")
    ended = data(boss.get(where))
    again = data(boss.post(f"{MODELS}/download", {**wish, "provider": "local"}))
    asked = {"model": "local/toy-F16", "messages": [{"role": "user", "content": "hello"}]}

    assert (started["act"], started["model"]) == ("download", "local/someone/toy-GGUF")
    assert halfway["total_bytes"] == len(content)
    assert 0 <= halfway["fraction"] < 1
    assert (ended["state"], ended["result"]) == ("done", {"model": "local/toy-F16"})
    assert again["result"] == ended["result"]
    assert boss.post("/api/v1/llm-providers/chat", asked).status_code == 200
    assert shown(boss, "local/toy-F16")["size_bytes"] == len(content)


def test_a_signed_address_is_neither_shown_nor_kept(door: Doorstep, boss: Asker) -> None:
    address = "https://ada:hidden@127.0.0.1:9/toy.gguf?signature=hidden"

    reply = boss.post(f"{MODELS}/download", {"model": address})

    [operation] = data(boss.get(f"{MODELS}/operations"))["items"]
    assert failure(reply) == (503, "provider_unreachable")
    assert operation["model"] == "local/https://127.0.0.1:9/toy.gguf"
    shown = [reply.text, str(operation), boss.get("/api/v1/llm-providers/audit-logs?object_type=model").text]
    assert not any("hidden" in one for one in shown)
    with door.parts.database.engine.connect() as connection:
        assert "hidden" not in str(connection.exec_driver_sql("SELECT * FROM operations").all())


def test_a_download_can_be_stopped_by_an_administrator(door: Doorstep, boss: Asker, hub: Hub) -> None:
    hub.put("someone/toy-GGUF", "toy-F16.gguf", DEMO.read_bytes())
    hub.stall_after = 1000
    loader = door.client(door.token(door.person("Gil", Role.USER, Permission.LOAD_MODELS)))
    wish = {"model": "someone/toy-GGUF", "provider": "local"}
    started = data(boss.post(f"{MODELS}/download", wish, headers={"Prefer": "respond-async"}), 202)
    where = f"{MODELS}/operations/{started['id']}"
    assert eventually(lambda: data(boss.get(where))["progress"]["detail"] == "downloading")

    refused = loader.post(f"{where}/stop")
    stopped = data(boss.post(f"{where}/stop"))
    again = data(boss.post(f"{where}/stop"))

    assert failure(refused) == (403, "not_allowed")
    assert (stopped["state"], stopped["error"]["code"]) == ("failed", "stopped")
    assert stopped["error"]["message"] == "The operation was stopped by Ada."
    assert again == stopped
    assert failure(boss.post(f"{MODELS}/operations/{'0' * 8}/stop")) == (404, "not_found")


def test_what_is_being_downloaded_is_not_deleted(boss: Asker, hub: Hub, engine: Supervisor) -> None:
    hub.put("someone/copy-GGUF", "copy.gguf", DEMO.read_bytes())
    hub.put("someone/toy-GGUF", "toy-F16.gguf", DEMO.read_bytes())
    hub.stall_after = 1000
    running = []
    for repository in ("someone/copy-GGUF", "someone/toy-GGUF"):
        wish = {"model": repository, "provider": "local"}
        started = data(boss.post(f"{MODELS}/download", wish, headers={"Prefer": "respond-async"}), 202)
        running.append(f"{MODELS}/operations/{started['id']}")
    assert eventually(lambda: all(data(boss.get(one))["progress"]["model"] for one in running))

    names = ("toy-F16", "local/toy-F16", "local/someone/toy-GGUF", COPY)
    refused = [boss.ask("DELETE", f"{MODELS}/{name}") for name in names]
    unknown = boss.ask("DELETE", f"{MODELS}/local/toy")
    for one in running:
        data(boss.post(f"{one}/stop"))
    stopped = boss.ask("DELETE", f"{MODELS}/local/toy-F16")

    assert [failure(one) for one in refused] == [(409, "model_busy")] * 4
    assert started["id"] in refused[0].text
    assert failure(unknown) == failure(stopped) == (404, "model_not_found")
    assert (engine.models / "copy.gguf").exists()


def test_a_file_is_deleted_and_the_demo_model_never(boss: Asker, engine: Supervisor) -> None:
    boss.post(f"{MODELS}/load", {"model": COPY})

    deletable = shown(boss, COPY)["acts"]
    deleted = data(boss.ask("DELETE", f"{MODELS}/{COPY}"))
    gone = boss.get(f"{MODELS}/{COPY}")
    refused = boss.ask("DELETE", f"{MODELS}/{TOY}")

    assert deletable == ["delete", "load", "unload"]
    assert deleted == {"id": COPY, "deleted": True}
    assert not (engine.models / "copy.gguf").exists()
    assert engine.pids() == {}
    assert failure(gone) == (404, "model_not_found")
    assert failure(refused) == (400, "capability_not_supported")
    assert shown(boss, TOY)["state"] == "not-loaded"


def test_what_can_not_be_loaded_says_why(boss: Asker, engine: Supervisor) -> None:
    engine.put("broken.gguf", b"GGUF, but not really")

    broken = boss.post(f"{MODELS}/load", {"model": "local/broken"})
    [operation] = data(boss.get(f"{MODELS}/operations"))["items"]

    assert failure(broken) == (502, "provider_error")
    assert "broken.gguf cannot be used" in broken.json["error"]["message"]  # type: ignore[index]
    assert (operation["state"], operation["error"]["code"]) == ("failed", "provider_error")


WRONG: list[tuple[str, dict[str, Any], tuple[int, str], str | None]] = [
    ("load", {"model": "local/nothing"}, (404, "model_not_found"), None),
    ("load", {"model": TOY, "colour": 1}, (400, "invalid_request"), "colour"),
    ("load", {"model": TOY, "threads": 0}, (400, "invalid_request"), "threads"),
    ("load", {"model": TOY, "context_length": 0}, (400, "invalid_request"), "context_length"),
    ("load", {"model": " "}, (400, "invalid_request"), "model"),
    ("load", {"model": "far/one"}, (400, "capability_not_supported"), None),
    ("unload", {}, (400, "invalid_request"), "model"),
    ("unload", {"model": TOY, "unload_all": True}, (400, "invalid_request"), "model"),
    ("unload", {"unload_all": True, "instance_id": "1"}, (400, "invalid_request"), "instance_id"),
    ("unload", {"model": TOY, "provider": "local"}, (400, "invalid_request"), "provider"),
    ("unload", {"unload_all": True, "provider": "nobody"}, (404, "not_found"), None),
    ("unload", {"unload_all": True, "provider": "far"}, (400, "capability_not_supported"), None),
    ("download", {"model": "x/y", "provider": "far"}, (400, "capability_not_supported"), None),
    ("download", {"model": "x/y", "provider": "nobody"}, (404, "not_found"), None),
]


def test_what_is_asked_wrongly_is_refused_at_once(door: Doorstep, boss: Asker, upstream: Upstream) -> None:
    upstream.will_list("one")
    door.provider(name="Far", base_url=upstream.base_url)

    replies = [boss.post(f"{MODELS}/{path}", body, headers={"Prefer": "respond-async"}) for path, body, _, _ in WRONG]

    assert [failure(one) for one in replies] == [expected for _, _, expected, _ in WRONG]
    named = [{one["field"] for one in cast("Any", reply.json)["error"]["details"]} for reply in replies]
    assert [fields for fields, (_, _, _, field) in zip(named, WRONG, strict=True) if field not in {None, *fields}] == []
    assert data(boss.get(f"{MODELS}/operations"))["items"] == []


def test_an_engine_that_is_switched_off_is_unreachable(door: Doorstep, boss: Asker, engine: Supervisor) -> None:
    engine.end()

    reply = boss.post(f"{MODELS}/load", {"model": TOY})

    assert failure(reply) == (503, "provider_unreachable")


def test_loading_needs_the_permission_and_a_key_only_reaches_its_models(door: Doorstep, boss: Asker) -> None:
    granted = door.person("Gil", Role.USER, Permission.LOAD_MODELS)
    user = door.client(door.token(door.person("Uri")))
    loader, key = door.client(door.token(granted)), door.client(door.key(granted, models=(COPY,)))

    refused = [user.post(f"{MODELS}/{act}", {"model": TOY}) for act in ("load", "unload", "download")]
    loaded = loader.post(f"{MODELS}/load", {"model": TOY})
    only_admins = [
        loader.post(f"{MODELS}/download", {"model": "x/y"}),
        loader.ask("DELETE", f"{MODELS}/{COPY}"),
    ]
    foreign = key.post(f"{MODELS}/load", {"model": TOY})
    all_of_its_own = data(key.post(f"{MODELS}/unload", {"unload_all": True}))
    operation = data(loaded)["id"]

    assert [failure(one) for one in refused] == [(403, "not_allowed")] * 3
    assert [failure(one) for one in only_admins] == [(403, "not_allowed")] * 2
    assert failure(foreign) == (403, "model_not_allowed")
    assert all_of_its_own["result"] == {"unloaded": []}
    assert failure(key.get(f"{MODELS}/operations/{operation}")) == (404, "not_found")
    assert data(loader.get(f"{MODELS}/operations/{operation}"))["started_by"] == "Gil"
    assert failure(user.get(f"{MODELS}/operations/{operation}")) == (403, "not_allowed")


def test_what_was_done_is_in_the_audit_log(door: Doorstep, boss: Asker) -> None:
    operation = data(boss.post(f"{MODELS}/load", {"model": TOY, "context_length": 512}))

    reply = boss.get("/api/v1/llm-providers/audit-logs?object_type=model")

    [entry] = data(reply)["items"]
    assert (entry["actor"]["name"], entry["action"], entry["object_name"]) == ("Ada", "load", TOY)
    assert entry["new"] == {"operation": operation["id"], "model": TOY, "context_length": 512}
    assert entry["request_id"]
    assert door.parts.audit.entries(AuditFilter(object_id=entry["object_id"], object_type="model")).items


def test_a_provider_tells_what_its_kind_can_do(boss: Asker) -> None:
    [provider] = data(boss.get("/api/v1/llm-providers"))["items"]

    assert provider["acts"] == ["delete", "download", "load", "unload"]
    assert [one["name"] for one in provider["load_options"]] == ["threads", "gpu_layers", "parallel"]
