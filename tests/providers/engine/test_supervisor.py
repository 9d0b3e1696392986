"""The supervisor and its children, all real: what the gateway can rely on."""

import json
import socket
import threading
from pathlib import Path

import pytest

from app.providers.engine.errors import EngineFailed
from app.providers.engine.messages import EngineAddress, EngineModel, LoadOptions
from app.providers.engine.pool import Pool
from app.providers.engine.shelf import Shelf
from tests.providers.engine.conftest import Start
from tests.providers.engine.supervised import DEMO, Supervisor, ask, eventually, said

TOY = "patchbay-toy"
WHO = "I am the toy model that comes with Patchbay. I know a few dozen answers by heart and nothing else."


def test_the_demo_model_is_listed_as_a_toy_before_anything_is_loaded(engine: Supervisor) -> None:
    models = engine.client.models()

    assert models == [
        EngineModel(
            id=TOY,
            path=str(DEMO),
            size_bytes=DEMO.stat().st_size,
            type="llm",
            name="Patchbay toy",
            architecture="llama",
            quantization="F16",
            context_length=4096,
            takes_tools=True,
            toy=True,
            # Four answers at once, each with keys and values of its own for 4096 tokens.
            memory_bytes=DEMO.stat().st_size + 4 * 4096 * 1024,
            files=(str(DEMO),),
        )
    ]


def test_a_model_is_loaded_on_first_use_and_answers_chat_and_embeddings(engine: Supervisor) -> None:
    address = engine.client.ensure(TOY)

    vectors = ask(address, "/embeddings", {"input": ["a", "two words"]})["data"]
    (listed,) = engine.client.models()
    assert said(address, "Who are you?") == WHO
    assert [len(vector["embedding"]) for vector in vectors] == [128, 128]
    assert (listed.state, listed.loaded_context_length) == ("loaded", 4096)


def test_a_child_refuses_whoever_does_not_know_its_key(engine: Supervisor) -> None:
    address = engine.client.ensure(TOY)

    answer = ask(EngineAddress(base_url=address.base_url, api_key="guess"), "/chat/completions", {"messages": []})

    assert answer["error"]["code"] == 401


def test_a_file_dropped_into_the_folder_is_listed_and_loaded_without_a_restart(engine: Supervisor) -> None:
    before = [model.id for model in engine.client.models()]
    engine.put("another.gguf")

    after = [model.id for model in engine.client.models()]

    assert (before, after) == ([TOY], ["another", TOY])
    assert said(engine.client.ensure("another"), "Who are you?") == WHO


def test_a_file_that_is_no_model_is_listed_with_the_reason(engine: Supervisor) -> None:
    engine.put("text.gguf", b"Dear diary")
    engine.put("half.gguf", DEMO.read_bytes()[:200_000])

    errors = {model.id: model.error for model in engine.client.models()}

    assert errors == {
        "text": "it is not a GGUF file",
        "half": "it is cut short; perhaps it is still being copied",
        TOY: None,
    }
    with pytest.raises(EngineFailed) as failure:
        engine.client.ensure("text")
    assert failure.value.code == "bad_file"


def test_a_file_whose_weights_are_missing_fails_with_the_engines_own_reason(engine: Supervisor) -> None:
    engine.put("short.gguf", DEMO.read_bytes()[:-100])

    with pytest.raises(EngineFailed) as failure:
        engine.client.ensure("short")

    states = {model.id: model.state for model in engine.client.models()}
    assert failure.value.code == "load_failed"
    assert "data is not within the file bounds" in failure.value.message
    assert states["short"] == "failed"


def test_an_unknown_model_is_not_found(engine: Supervisor) -> None:
    with pytest.raises(EngineFailed) as failure:
        engine.client.ensure("nothing")

    assert failure.value.code == "model_not_found"


def test_a_missing_models_folder_is_no_failure(start: Start, tmp_path: Path) -> None:
    engine = start("--models", str(tmp_path / "nowhere"))

    assert [model.id for model in engine.client.models()] == [TOY]


def test_all_who_ask_at_once_wait_for_the_same_loading(engine: Supervisor) -> None:
    addresses: list[EngineAddress] = []
    askers = [threading.Thread(target=lambda: addresses.append(engine.client.ensure(TOY))) for _ in range(12)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    log = engine.end()

    assert len(addresses) == 12
    assert len({(address.base_url, address.api_key) for address in addresses}) == 1
    assert log.count("loaded model=") == 1


def test_the_least_recently_used_model_makes_room(start: Start) -> None:
    engine = start("--max-loaded", "2")
    for name in ("one", "two", "three"):
        engine.put(f"{name}.gguf")
    engine.client.ensure("one")
    engine.client.ensure("two")
    engine.client.ensure("one")

    engine.client.ensure("three")

    assert set(engine.pids()) == {"one", "three"}


def test_a_model_that_is_answering_is_not_taken_away(start: Start) -> None:
    engine = start("--max-loaded", "1")
    engine.put("other.gguf")
    address = engine.client.ensure(TOY)
    endless = {"prompt": "Once", "max_tokens": 1500, "ignore_eos": True, "temperature": 0}
    answers: list[int] = []
    talk = threading.Thread(
        target=lambda: answers.append(ask(address, "/completions", endless)["usage"]["completion_tokens"])
    )
    talk.start()
    assert eventually(lambda: engine.client.status().loaded[0].busy)

    engine.client.ensure("other")
    talk.join()

    assert answers == [1500]


def test_when_all_models_stay_busy_the_wait_ends_with_a_clear_failure(start: Start) -> None:
    engine = start("--max-loaded", "1")
    engine.put("other.gguf")
    engine.client.ensure(TOY)

    with pytest.raises(EngineFailed) as failure:
        engine.client.ensure("other", wait_s=0.0)

    assert failure.value.code == "all_busy"


def test_other_options_load_the_model_again(engine: Supervisor) -> None:
    engine.client.ensure(TOY)

    address = engine.client.load(TOY, LoadOptions(context_length=512))

    (listed,) = engine.client.models()
    assert listed.loaded_context_length == 512
    assert engine.client.load(TOY, LoadOptions(context_length=512)) == address
    assert engine.client.ensure(TOY) == address


def test_an_unloaded_model_ends_and_can_be_used_again(engine: Supervisor) -> None:
    engine.client.ensure(TOY)

    engine.client.unload(TOY)
    engine.client.unload(TOY)

    assert engine.pids() == {}
    assert said(engine.client.ensure(TOY), "Who are you?") == WHO


def test_a_model_goes_on_answering_when_its_file_is_taken_away(engine: Supervisor) -> None:
    path = engine.put("fleeting.gguf")
    engine.client.ensure("fleeting")
    path.unlink()

    answer = said(engine.client.ensure("fleeting"), "Who are you?")

    errors = {model.id: model.error for model in engine.client.models()}
    assert answer == WHO
    assert errors == {TOY: None, "fleeting": "its file is gone"}


def test_a_replaced_file_is_loaded_afresh(engine: Supervisor) -> None:
    engine.put("changing.gguf")
    engine.client.ensure("changing")
    before = engine.pids()
    engine.put("changing.gguf")

    engine.client.ensure("changing")

    assert engine.pids() != before


def test_without_xllamacpp_models_are_listed_and_loading_says_why_not(tmp_path: Path) -> None:
    pool = Pool(Shelf([tmp_path], DEMO.parent), max_loaded=2, defaults=LoadOptions(), installed=False)

    with pytest.raises(EngineFailed) as failure:
        pool.ensure(TOY, wait_s=1.0)

    assert failure.value.code == "not_installed"
    assert [model.id for model in pool.models()] == [TOY]


@pytest.mark.parametrize(
    "line", [b"hello", b"{}", b"[]", b'["sing",null,[],1]', b'["load","x",[1,2,3,4,5],1]', b"\xff"]
)
def test_a_line_that_no_client_sends_is_answered_with_a_problem(engine: Supervisor, line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as connection, connection.makefile("rb") as answers:
        connection.connect(str(engine.socket))
        connection.sendall(line + b"\n")

        problem = json.loads(answers.readline())[-1]

    assert problem[0] == "invalid_request"
