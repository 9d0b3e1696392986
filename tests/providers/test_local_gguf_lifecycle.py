"""Fetching, loading, unloading and deleting with the real engine, and a stand-in for the hub."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import gevent
import pytest

from app.domain.catalog import ModelInfo, ModelState
from app.domain.errors import (
    GatewayError,
    InvalidRequest,
    ProviderFailed,
    ProviderRejected,
    ProviderUnreachable,
    Stopped,
)
from app.domain.lifecycle import Act, DownloadWish, LoadWish, Progress
from app.domain.stopping import Stop
from app.providers.base import Provider, Surroundings
from app.providers.engine.fetcher import HubAccess
from app.providers.engine.messages import EngineModel
from app.providers.engine.removing import remove_model
from app.providers.registry import connect
from tests.providers.asking import config_of
from tests.providers.engine.supervised import DEMO, Supervisor
from tests.support.certificates import Certificates
from tests.support.hub import Hub

TOY = DEMO.read_bytes()
REPOSITORY = "someone/toy-GGUF"
HALF = len(TOY) // 2


class Machine:
    """This machine as a provider, with an engine of its own, and what was reported."""

    def __init__(self, engine: Supervisor, hub: HubAccess) -> None:
        self.engine = engine
        self.models = engine.models
        self.provider: Provider = connect(config_of("local_gguf", ""), Surroundings(engine=engine.client, hub=hub))
        self.progress: list[Progress] = []

    def download(self, model: str, quantization: str | None = None, stop: Stop | None = None) -> str:
        return self.provider.download(DownloadWish(model, quantization), self.progress.append, stop or Stop())

    def load(self, model: ModelInfo, **wish: int) -> tuple[int | None, bool]:
        context = wish.pop("context_length", None)
        loaded = self.provider.load(model, LoadWish(context, wish), self.progress.append, Stop())
        return loaded.context_length, loaded.was_loaded

    def listed(self, identifier: str) -> ModelInfo:
        return next(one for one in self.provider.models() if one.id == identifier)

    def files(self) -> list[str]:
        return sorted(str(one.relative_to(self.models)) for one in self.models.rglob("*") if one.is_file())


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    yield hub
    hub.close()


@pytest.fixture
def machine(tmp_path: Path, hub: Hub) -> Iterator[Machine]:
    supervisor = Supervisor(tmp_path, "--threads", "1")
    machine = Machine(supervisor, HubAccess(hub.url, "hf_secret"))
    yield machine
    machine.provider.close()
    supervisor.end()


def eventually(claim: Callable[[], bool], within_s: float = 15) -> bool:
    deadline = time.monotonic() + within_s
    while not claim() and time.monotonic() < deadline:
        gevent.sleep(0.02)
    return claim()


def test_a_model_is_fetched_loaded_and_deleted(machine: Machine, hub: Hub) -> None:
    hub.put(REPOSITORY, "README.md", b"# Toy")
    hub.put(REPOSITORY, "toy-Q8_0.gguf", TOY + b"!")
    hub.put(REPOSITORY, "toy-F16.gguf", TOY)

    made = machine.download(REPOSITORY, "f16")
    again = machine.download(f"{REPOSITORY}:toy-F16.gguf")
    listed = machine.listed(made)
    loaded = machine.load(listed, context_length=256, parallel=1)

    assert made == again == "toy-F16"
    assert machine.files() == ["someone/toy-GGUF/toy-F16.gguf"]
    assert (machine.models / "someone/toy-GGUF/toy-F16.gguf").read_bytes() == TOY
    assert machine.progress[0] == Progress(None, None, None, "looking")
    assert Progress(1.0, len(TOY), len(TOY), "checking", "toy-F16") in machine.progress
    assert loaded == (256, False)
    assert hub.ranges() == [None]

    machine.provider.delete(machine.listed(made))

    assert machine.files() == []
    assert list(machine.models.iterdir()) == []
    assert machine.engine.pids() == {}


def test_the_token_is_for_the_hub_and_not_for_where_it_sends_us(machine: Machine, hub: Hub) -> None:
    hub.put(REPOSITORY, "toy.gguf", TOY)

    machine.download(REPOSITORY)

    sent = [(path.split("/")[1], headers.get("Authorization")) for _, path, headers in hub.requests]
    agents = {headers["User-Agent"].split(";")[0] for _, _, headers in hub.requests}
    assert sent == [("api", "Bearer hf_secret"), ("someone", "Bearer hf_secret"), ("store", None)]
    assert agents == {"patchbay"}


def test_a_repository_with_many_files_is_listed_to_its_end(machine: Machine, hub: Hub) -> None:
    hub.page_length = 2
    for number in range(4):
        hub.put(REPOSITORY, f"other/file-{number}.txt", b"-")
    hub.put(REPOSITORY, "toy.gguf", TOY)

    assert machine.download(REPOSITORY) == "toy"
    assert [path for _, path, _ in hub.requests].count(f"/api/models/{REPOSITORY}/tree/main") == 3


def test_a_model_in_several_files_is_found_when_all_of_it_is_there(machine: Machine, hub: Hub) -> None:
    """The engine would list it by its first part, and fail to load it."""
    first, second = "big-00001-of-00002.gguf", "big-00002-of-00002.gguf"
    for name in (first, second):
        hub.put(REPOSITORY, name, TOY)
    hub.cut_after = [len(TOY), *[0] * 10]
    with pytest.raises(ProviderUnreachable, match="the connection broke"):
        machine.download(REPOSITORY)
    half = [one.id for one in machine.provider.models()]
    hub.cut_after = []

    made = machine.download(REPOSITORY)

    assert (half, made) == (["patchbay-toy"], "big")
    assert machine.files() == [f"{REPOSITORY}/{first}", f"{REPOSITORY}/{second}"]
    assert hub.ranges()[-1:] == [None]
    assert len([path for method, path, _ in hub.requests if path.endswith(f"/store/{REPOSITORY}/{first}")]) == 1


def test_what_two_downloads_have_in_common_is_fetched_by_one_at_a_time(machine: Machine, hub: Hub) -> None:
    names = ["mmproj-F16.gguf", "toy-Q4_K_M.gguf", "toy-Q8_0.gguf"]
    for name in names:
        hub.put(REPOSITORY, name, TOY)
    sees = b"GGUF" + bytes(40_000_000)
    hub.put(REPOSITORY, names[0], sees)

    both = [gevent.spawn(machine.download, REPOSITORY, one) for one in ("Q4_K_M", "Q8_0")]
    gevent.joinall(both, raise_error=True)

    assert [one.value for one in both] == ["toy-Q4_K_M", "toy-Q8_0"]
    assert machine.files() == [f"{REPOSITORY}/{name}" for name in names]
    assert (machine.models / REPOSITORY / names[0]).read_bytes() == sees


def test_a_server_that_is_busy_for_a_moment_is_asked_again(machine: Machine, hub: Hub) -> None:
    hub.put(REPOSITORY, "toy.gguf", TOY)
    hub.busy = 2

    assert machine.download(REPOSITORY) == "toy"


def test_a_broken_connection_is_taken_up_where_it_broke(machine: Machine, hub: Hub) -> None:
    hub.put(REPOSITORY, "toy.gguf", TOY)
    hub.cut_after = [HALF]

    made = machine.download(REPOSITORY)

    assert hub.ranges() == [None, f"bytes={HALF}-"]
    assert machine.listed(made).state is ModelState.NOT_LOADED
    assert machine.files() == ["someone/toy-GGUF/toy.gguf"]


def test_no_more_is_fetched_than_the_file_has(machine: Machine, hub: Hub) -> None:
    hub.put(REPOSITORY, "toy.gguf", TOY)
    hub.trees[REPOSITORY] = [{"type": "file", "oid": "f", "size": 10, "path": "toy.gguf"}]
    hub.stall_after = HALF

    with gevent.Timeout(15), pytest.raises(ProviderFailed, match="another size"):
        machine.download(REPOSITORY)

    assert machine.files() == []


def test_what_was_stopped_goes_on_with_the_next_order(machine: Machine, hub: Hub) -> None:
    hub.put(REPOSITORY, "toy.gguf", TOY)
    hub.stall_after = HALF
    stop = Stop()
    running = gevent.spawn(machine.download, REPOSITORY, stop=stop)
    assert eventually(lambda: _part(machine) == HALF)
    stop.stop(Stopped("The download was stopped."))
    running.join()
    hub.go.set()
    hub.stall_after = None
    before = [one.id for one in machine.provider.models()]

    machine.download(REPOSITORY)

    assert isinstance(running.exception, Stopped)
    assert before == ["patchbay-toy"]
    assert hub.ranges() == [None, f"bytes={HALF}-"]
    assert machine.files() == ["someone/toy-GGUF/toy.gguf"]


def _part(machine: Machine) -> int:
    return sum(one.stat().st_size for one in machine.models.rglob("*.part"))


def test_a_file_at_any_https_address_is_fetched(
    tmp_path: Path, machine: Machine, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = Certificates()
    (tmp_path / "ca.pem").write_text(certificates.ca_pem)
    elsewhere = Hub(certificates.context("good"))
    try:
        elsewhere.put(REPOSITORY, "file.gguf", TOY)
        elsewhere.cut_after = [HALF]
        address = f"{elsewhere.url}/{REPOSITORY}/resolve/main/file.gguf"
        with pytest.raises(ProviderUnreachable, match="certificate"):
            machine.download(address)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        made = machine.download(address)
    finally:
        elsewhere.close()

    assert (made, machine.files()) == ("file", ["file.gguf"])
    content = [headers for method, path, headers in elsewhere.requests if path.startswith("/store") and method == "GET"]
    assert [one.get("Range") for one in content] == [None, f"bytes={HALF}-"]
    assert {one.get("Authorization") for one in content} == {None}
    assert content[1]["If-Range"]


def test_nobody_is_sent_from_https_to_http(
    tmp_path: Path, machine: Machine, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = Certificates()
    (tmp_path / "ca.pem").write_text(certificates.ca_pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    elsewhere = Hub(certificates.context("good"))
    try:
        elsewhere.put(REPOSITORY, "file.gguf", TOY)
        elsewhere.store = hub.store
        with pytest.raises(ProviderFailed, match="without https"):
            machine.download(f"{elsewhere.url}/{REPOSITORY}/resolve/main/file.gguf")
    finally:
        elsewhere.close()

    assert hub.requests == []


@pytest.mark.parametrize(
    ("wish", "error", "words"),
    [
        ("someone/nothing", ProviderRejected, "There is no someone/nothing, or it is not for everybody"),
        ("someone/no--name", InvalidRequest, "no name that a repository can have"),
        ("someone/strange", ProviderFailed, "can't be read"),
        ("someone/huge", ProviderFailed, "It needs 1000000.0 GB in the models folder"),
        ("someone/odd", InvalidRequest, "someone/odd has no GGUF files"),
        ("https://huggingface.co/someone/page/blob/v2/toy.gguf", ProviderRejected, "no such revision"),
        ("someone/damaged", ProviderFailed, "arrived damaged"),
        ("someone/page", ProviderFailed, "no GGUF file"),
        ("someone/broken", ProviderUnreachable, "the connection broke"),
        ("someone/several", InvalidRequest, "There are Q5_K_M, Q8_0"),
        ("nonsense", InvalidRequest, "neither owner/repository"),
        ("http://127.0.0.1/file.gguf", InvalidRequest, "must begin with https"),
    ],
)
def test_what_can_not_be_fetched_says_why_and_leaves_nothing(
    machine: Machine, hub: Hub, wish: str, error: type[GatewayError], words: str
) -> None:
    hub.trees["someone/strange"] = {"error": "not today"}
    hub.trees["someone/huge"] = [{"type": "file", "oid": "f", "size": 10**15, "path": "huge.gguf"}]
    hub.trees["someone/odd"] = [{"type": "file", "oid": "f", "size": "5", "path": "odd.gguf"}]
    hub.put("someone/damaged", "toy.gguf", TOY, digest_is_wrong=True)
    hub.put("someone/page", "toy.gguf", b"<html>sign in</html>")
    hub.put("someone/several", "toy-Q8_0.gguf", TOY)
    hub.put("someone/several", "toy-Q5_K_M.gguf", TOY)
    hub.put("someone/broken", "toy.gguf", TOY)
    if wish == "someone/broken":
        hub.cut_after = [0] * 10

    with pytest.raises(error, match=words):
        machine.download(wish)

    assert machine.files() == [] or wish == "someone/broken"
    assert [one.id for one in machine.provider.models()] == ["patchbay-toy"]


@pytest.mark.parametrize(
    ("token", "repository", "words"),
    [
        (None, "someone/gated", "accept its conditions at http://127.0.0.1:.*/someone/gated, and set HF_TOKEN"),
        ("hf_secret", "someone/gated", "whoever HF_TOKEN belongs to may not: ask at http://127.0.0.1:"),
        (None, "someone/private", "There is no someone/private, or it is not for everybody: set HF_TOKEN"),
        ("hf_expired", "someone/private", "The hub does not know HF_TOKEN"),
    ],
)
def test_what_is_not_for_everybody_says_what_is_missing(
    machine: Machine, hub: Hub, token: str | None, repository: str, words: str
) -> None:
    for one in ("someone/gated", "someone/private"):
        hub.put(one, "toy.gguf", TOY)
    hub.gated.add("someone/gated")
    hub.private.add("someone/private")
    around = Surroundings(engine=machine.engine.client, hub=HubAccess(hub.url, token))
    provider = connect(config_of("local_gguf", ""), around)

    with pytest.raises(ProviderRejected, match=words) as refused:
        provider.download(DownloadWish(repository), machine.progress.append, Stop())
    provider.close()

    assert refused.value.status == 404
    assert "hf_" not in str(refused.value)
    assert list(machine.models.iterdir()) == []


def test_what_is_private_is_fetched_with_the_token(machine: Machine, hub: Hub) -> None:
    hub.put("someone/private", "toy.gguf", TOY)
    hub.private.add("someone/private")

    assert machine.download("someone/private") == "toy"


def test_a_hub_that_is_not_there_is_unreachable(machine: Machine) -> None:
    provider = connect(
        config_of("local_gguf", ""), Surroundings(engine=machine.engine.client, hub=HubAccess("http://127.0.0.1:9"))
    )

    with pytest.raises(ProviderUnreachable):
        provider.download(DownloadWish(REPOSITORY), machine.progress.append, Stop())
    provider.close()


def test_a_hub_whose_name_is_unknown_is_named(machine: Machine) -> None:
    nowhere = Surroundings(engine=machine.engine.client, hub=HubAccess("https://hub.invalid"))
    provider = connect(config_of("local_gguf", ""), nowhere)

    with pytest.raises(ProviderUnreachable, match=f"hub.invalid, where {REPOSITORY} is, can't be found"):
        provider.download(DownloadWish(REPOSITORY), machine.progress.append, Stop())
    provider.close()


def test_a_load_keeps_its_wishes_until_another_or_the_end(machine: Machine) -> None:
    toy = machine.listed("patchbay-toy")

    wished = machine.load(toy, context_length=256, parallel=1)
    same = machine.load(toy, context_length=256, parallel=1)
    any_way = machine.load(toy)
    other = machine.load(toy, context_length=512, parallel=1)
    gone = machine.provider.unload(toy)
    nothing = machine.provider.unload(toy)
    usual = machine.load(toy)
    elsewhere = machine.provider.unload(toy, "another instance")

    assert [wished, same, any_way, other, usual] == [
        (256, False),
        (256, True),
        (256, True),
        (512, False),
        (4096, False),
    ]
    assert (gone, nothing, elsewhere) == (["patchbay-toy"], [], [])
    assert machine.listed("patchbay-toy").instances[0].id == "patchbay-toy"


def test_a_context_beyond_what_the_model_was_trained_for_is_refused(machine: Machine) -> None:
    with pytest.raises(InvalidRequest, match="context_length must be at most 4096"):
        machine.load(machine.listed("patchbay-toy"), context_length=10_000_000)

    assert machine.engine.pids() == {}


def test_the_demo_model_is_never_deleted(machine: Machine) -> None:
    machine.engine.put("mine.gguf")

    with pytest.raises(ProviderRejected, match="not in the models folder"):
        machine.provider.delete(machine.listed("patchbay-toy"))

    assert DEMO.read_bytes() == TOY
    acts = {one.id: machine.provider.acts(one) for one in machine.provider.models()}
    assert acts == {"patchbay-toy": {Act.LOAD, Act.UNLOAD}, "mine": {Act.LOAD, Act.UNLOAD, Act.DELETE}}


def test_all_parts_go_and_what_else_lies_there_stays(machine: Machine) -> None:
    for name in ("big-00001-of-00002.gguf", "big-00002-of-00002.gguf", "other.gguf"):
        machine.engine.put(f"folder/{name}")

    machine.provider.delete(machine.listed("big"))

    assert machine.files() == ["folder/other.gguf"]


def test_nothing_outside_the_models_folders_is_deleted(tmp_path: Path) -> None:
    models, outside = tmp_path / "models", tmp_path / "outside"
    for folder in (models, outside):
        folder.mkdir()
        (folder / "file.gguf").touch()
    (models / "link.gguf").symlink_to(outside / "file.gguf")
    (models / "folder").symlink_to(outside)
    names = ("../outside/file.gguf", "folder/file.gguf", "link.gguf", "file.gguf")
    paths = [models / name for name in names]

    for path in paths:
        remove_model(EngineModel("file", str(path), 0, removable=True, files=(str(path),)), [models])

    assert (outside / "file.gguf").exists()
    assert sorted(one.name for one in models.iterdir()) == ["folder"]
