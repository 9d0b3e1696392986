"""The simulated LM Studio does what LM Studio was seen to do, each version with the routes it has."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, TypeVar

import anthropic
import openai
import pytest

from tests.support.fixtures import NewLMStudio
from tests.support.lmstudio.server import LMStudio

QWEN = "qwen/qwen3-8b"
PHI = "mlx-community/phi-4-mini"
SEES = "google/gemma-3-12b"
EMBEDS = "text-embedding-nomic-embed-text-v1.5"
HELLO: Any = [{"role": "user", "content": "hello"}]
T = TypeVar("T")


@contextmanager
def opened(server: LMStudio, path: str, body: object = None, **headers: str) -> Iterator[HTTPResponse]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        connection.request("GET" if body is None else "POST", path, b"" if body is None else content, headers)
        yield connection.getresponse()
    finally:
        connection.close()


def ask(server: LMStudio, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
    """GET, or POST where there is a body."""
    with opened(server, path, body, **headers) as response:
        return response.status, json.loads(response.read())


def told(server: LMStudio, path: str, body: object = None) -> Any:
    status, document = ask(server, path, body)
    assert status == 200, document
    return document


def events(server: LMStudio, path: str, body: object) -> list[tuple[str, Any]]:
    """Names and decoded data of a stream's events."""
    with opened(server, path, body) as response:
        blocks = response.read().decode().strip().split("\n\n")
    found = []
    for block in blocks:
        name, _, data = block.rpartition("data: ")
        found.append((name.strip().removeprefix("event: "), data if data == "[DONE]" else json.loads(data)))
    return found


def eventually(look: Callable[[], T], is_so: Callable[[T], bool], within_s: float = 10.0) -> T:
    deadline = time.monotonic() + within_s
    while not is_so(seen := look()):
        assert time.monotonic() < deadline, seen
        time.sleep(0.01)
    return seen


def is_known(answer: tuple[int, Any]) -> bool:
    status, document = answer
    return status != 404 and not (isinstance(document.get("error"), str) and "Unexpected" in document["error"])


# Versions


@pytest.mark.parametrize(
    ("version", "families"),
    [
        ("0.3.5", {"OpenAI"}),
        ("0.3.6", {"OpenAI", "v0"}),
        ("0.4.0", {"OpenAI", "v0", "v1"}),
        ("0.4.23", {"OpenAI", "v0", "v1", "Anthropic"}),
        ("1.1.7", {"OpenAI", "v0", "v1", "Anthropic"}),
    ],
)
def test_each_version_has_its_families(new_lmstudio: NewLMStudio, version: str, families: set[str]) -> None:
    server = new_lmstudio(version)

    found = {
        "OpenAI": ask(server, "/v1/models"),
        "v0": ask(server, "/api/v0/models"),
        "v1": ask(server, "/api/v1/models"),
        "Anthropic": ask(server, "/v1/messages", {"model": PHI, "max_tokens": 5, "messages": HELLO}),
    }

    assert {name for name, answer in found.items() if is_known(answer)} == families
    assert told(server, "/lmstudio-greeting") == {"lmstudio": True}


def test_unknown_routes_answer_200_and_an_error(lmstudio: LMStudio) -> None:
    answers = [ask(lmstudio, "/nothing"), ask(lmstudio, "/api/v1/nothing")]
    lmstudio.set(unknown_route=404)
    changed = [ask(lmstudio, "/nothing"), ask(lmstudio, "/api/v1/nothing", {})]

    assert answers == [
        (200, {"error": "Unexpected endpoint or method. (GET /nothing)"}),
        (200, {"error": "Unexpected endpoint or method. (GET /api/v1/nothing)"}),
    ]
    assert changed == [
        (200, {"error": "Unexpected endpoint or method. (GET /nothing)"}),
        (404, {"error": "Unexpected endpoint or method. (POST /api/v1/nothing)"}),
    ]


def test_idle_connections_are_closed_after_five_seconds_and_say_so(lmstudio: LMStudio) -> None:
    with opened(lmstudio, "/v1/models") as response:
        said = response.headers["Keep-Alive"]
    lmstudio.behave(idle_close_s=0.05)
    connection = HTTPConnection("127.0.0.1", lmstudio.port, timeout=10)
    connection.request("GET", "/v1/models")
    connection.getresponse().read()
    assert connection.sock is not None

    rest = connection.sock.recv(1)

    connection.close()
    assert (said, rest) == ("timeout=5", b"")


# Lists


def test_the_native_list_tells_sizes_abilities_and_instances(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(loaded=[QWEN])

    by_key = {one["key"]: one for one in told(server, "/api/v1/models")["models"]}

    qwen, embeds = by_key[QWEN], by_key[EMBEDS]
    assert qwen["capabilities"] == {
        "vision": False,
        "trained_for_tool_use": True,
        "reasoning": {"allowed_options": ["off", "on"], "default": "on"},
    }
    assert qwen["loaded_instances"] == [{"id": QWEN, "config": {"context_length": 8192}}]
    assert by_key[SEES]["capabilities"]["vision"] is True
    assert (embeds["type"], "capabilities" in embeds, "architecture" in embeds) == ("embedding", False, False)


def test_v0_tells_states_and_a_context_only_of_what_is_loaded(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio("0.3.16", loaded=[QWEN])

    by_id = {one["id"]: one for one in told(server, "/api/v0/models")["data"]}

    assert (by_id[QWEN]["state"], by_id[QWEN]["loaded_context_length"], by_id[QWEN]["capabilities"]) == (
        "loaded",
        8192,
        ["tool_use"],
    )
    assert (by_id[SEES]["state"], by_id[SEES]["type"], "loaded_context_length" in by_id[SEES]) == (
        "not-loaded",
        "vlm",
        False,
    )
    assert told(server, f"/api/v0/models/{QWEN.replace('/', '%2F')}") == by_id[QWEN]
    server.set(version="0.3.6")
    assert "capabilities" not in told(server, "/api/v0/models")["data"][0]


def test_openais_list_has_ids_and_little_else(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(loaded=[QWEN])

    all_of_them = told(server, "/v1/models")["data"]
    server.set(jit=False)
    loaded = told(server, "/v1/models")["data"]

    assert all_of_them[0] == {"id": QWEN, "object": "model", "owned_by": "organization_owner"}
    assert (len(all_of_them), loaded) == (5, all_of_them[:1])
    assert [one["id"] for one in told(server, "/api/v0/models")["data"]] == [QWEN]


def test_v1_can_hide_instances_of_what_v0_calls_loaded(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio("0.4.21", loaded=[QWEN], hides_instances=True)

    assert told(server, "/api/v1/models")["models"][0]["loaded_instances"] == []
    assert told(server, "/api/v0/models")["data"][0]["state"] == "loaded"


def test_while_a_model_is_being_loaded_v0_says_so_or_breaks(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(load_s=3600.0)

    _in_background(server, "/api/v1/models/load", {"model": QWEN})

    eventually(lambda: told(server, "/api/v0/models")["data"][0]["state"], lambda state: state == "loading")
    assert told(server, "/api/v1/models")["models"][0]["loaded_instances"] == []
    server.set(list_breaks_while_loading=True)
    with opened(server, "/api/v0/models") as response:
        assert (response.status, response.headers["Content-Type"]) == (500, "text/html")


def _in_background(server: LMStudio, path: str, body: object) -> None:
    """Asks for what will not be answered before the server is gone."""

    def asking() -> None:
        try:
            ask(server, path, body)
        except (OSError, HTTPException):
            return

    threading.Thread(target=asking, daemon=True).start()


# Loading and unloading


def test_each_load_makes_one_more_instance(lmstudio: LMStudio) -> None:
    replies = [told(lmstudio, "/api/v1/models/load", {"model": QWEN}) for _ in range(3)]

    assert [one["instance_id"] for one in replies] == [QWEN, f"{QWEN}:2", f"{QWEN}:3"]
    assert replies[0] == {"type": "llm", "instance_id": QWEN, "load_time_seconds": 0.0, "status": "loaded"}
    assert lmstudio.state.loaded == {QWEN: 8192, f"{QWEN}:2": 8192, f"{QWEN}:3": 8192}


def test_a_load_answers_when_the_model_is_ready(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(load_s=0.3)
    started = time.monotonic()

    told(server, "/api/v1/models/load", {"model": QWEN})

    assert time.monotonic() - started >= 0.3
    assert server.state.loaded == {QWEN: 8192}


def test_a_load_takes_its_options_and_no_others(lmstudio: LMStudio) -> None:
    wish = {"model": QWEN, "context_length": 4096, "flash_attention": False, "echo_load_config": True}

    reply = told(lmstudio, "/api/v1/models/load", wish)
    refused = ask(lmstudio, "/api/v1/models/load", {"model": QWEN, "ttl": 60, "gpu": 1})

    assert (reply["load_config"]["context_length"], reply["load_config"]["flash_attention"]) == (4096, False)
    assert (refused[0], refused[1]["error"]["code"]) == (400, "unrecognized_keys")
    assert refused[1]["error"]["message"].endswith("'gpu', 'ttl'")


@pytest.mark.parametrize(
    ("switches", "wished", "got"),
    [
        ({}, 100_000, 40960),
        ({"accepts_any_context": True}, 100_000, 100_000),
        ({"context_limit": 2048}, 4096, 2048),
    ],
    ids=["reduced to the maximum", "taken and echoed", "reduced below it"],
)
def test_a_context_may_be_reduced_without_a_word(
    lmstudio: LMStudio, switches: dict[str, Any], wished: int, got: int
) -> None:
    lmstudio.set(**switches)

    told(lmstudio, "/api/v1/models/load", {"model": QWEN, "context_length": wished})

    assert lmstudio.state.loaded == {QWEN: got}


def test_unloading_takes_an_instance(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(loaded=[QWEN])
    told(server, "/api/v1/models/load", {"model": QWEN})

    reply = told(server, "/api/v1/models/unload", {"instance_id": f"{QWEN}:2"})
    again = ask(server, "/api/v1/models/unload", {"instance_id": f"{QWEN}:2"})

    assert reply == {"instance_id": f"{QWEN}:2"}
    assert again[0] == 404
    assert again[1]["error"] == {
        "type": "model_not_found",
        "message": f"Model with instance identifier '{QWEN}:2' is not loaded.",
    }
    assert server.state.loaded == {QWEN: 8192}


@pytest.mark.parametrize(
    ("path", "body", "status", "kind", "code"),
    [
        ("/api/v1/models/load", b"{", 400, "invalid_request", "invalid_json"),
        ("/api/v1/models/load", {}, 400, "invalid_request", "missing_required_parameter"),
        ("/api/v1/models/load", {"model": "x"}, 404, "model_not_found", None),
        ("/api/v1/models/load", {"model": f"{QWEN}@q4_k_m"}, 404, "model_not_found", None),
        ("/api/v1/models/unload", {}, 400, "invalid_request", "missing_required_parameter"),
        ("/api/v1/models/download", {}, 400, "invalid_request", "missing_required_parameter"),
        ("/api/v1/models/download/status/job_x", None, 404, "job_not_found", None),
        ("/api/v1/chat", {"model": QWEN}, 400, "invalid_request", "missing_required_parameter"),
        ("/api/v1/chat", {"model": PHI, "input": "a", "reasoning": "on"}, 400, "invalid_request", None),
    ],
)
def test_native_errors(lmstudio: LMStudio, path: str, body: object, status: int, kind: str, code: str | None) -> None:
    answer = ask(lmstudio, path, body)

    assert (answer[0], answer[1]["error"]["type"], answer[1]["error"].get("code")) == (status, kind, code)


def test_a_token_is_asked_for_since_0_4_0(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(token="sk-lm-a:b")

    without = ask(server, "/api/v1/models")
    answers = [
        ask(server, "/v1/models", Authorization="Bearer sk-lm-a:b")[0],
        ask(server, "/v1/models", **{"x-api-key": "sk-lm-a:b"})[0],
        ask(server, "/v1/models", Authorization="Bearer wrong")[0],
    ]
    server.set(version="0.3.6")

    assert (without[0], without[1]["error"]["code"]) == (401, "invalid_api_key")
    assert answers == [200, 200, 401]
    assert ask(server, "/v1/models")[0] == 200


# Downloads


def test_a_download_is_a_job_that_tells_how_far_it_is(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(download_s=0.3)

    begun = told(server, "/api/v1/models/download", {"model": "qwen/qwen3-4b"})
    path = f"/api/v1/models/download/status/{begun['job_id']}"
    seen = [begun]

    def look() -> str:
        seen.append(told(server, path))
        return str(seen[-1]["status"])

    eventually(look, lambda status: status == "completed")
    bytes_done = [one["downloaded_bytes"] for one in seen]
    assert begun["status"] == "downloading"
    assert {"bytes_per_second", "estimated_completion"} <= begun.keys()
    assert bytes_done == sorted(bytes_done)
    assert bytes_done[-1] == begun["total_size_bytes"]
    assert told(server, "/api/v1/models/download", {"model": "qwen/qwen3-4b"}) == {"status": "already_downloaded"}
    assert "qwen/qwen3-4b" in [one["id"] for one in told(server, "/v1/models")["data"]]


# Answering


def test_openais_sdk_is_answered_streamed_or_not(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(loaded=[QWEN])
    sdk = openai.OpenAI(base_url=server.base_url, api_key="none", max_retries=0)

    plain = sdk.chat.completions.create(model=QWEN, messages=HELLO)
    chunks = list(sdk.chat.completions.create(model=QWEN, messages=HELLO, stream=True))
    vectors = sdk.embeddings.create(model=EMBEDS, input=["a", "bb"])
    text = sdk.completions.create(model=QWEN, prompt="What is 17 * 3?")

    streamed = "".join(one.choices[0].delta.content or "" for one in chunks)
    assert (plain.choices[0].message.content, streamed) == ("Qwen3 8B here. You said: hello",) * 2
    assert plain.choices[0].message.model_extra is not None
    assert plain.choices[0].message.model_extra["reasoning_content"]
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert (len(vectors.data), vectors.usage.total_tokens) == (2, 0)
    assert text.choices[0].text == "17 * 3 is 51."
    sdk.close()


def test_usage_is_streamed_only_when_asked_for(lmstudio: LMStudio) -> None:
    body = {"model": PHI, "messages": HELLO, "stream": True}

    without = [data for _, data in events(lmstudio, "/v1/chat/completions", body)]
    wanted = {**body, "stream_options": {"include_usage": True}}
    with_usage = [data for _, data in events(lmstudio, "/v1/chat/completions", wanted)]

    assert (without[-1], with_usage[-1]) == ("[DONE]", "[DONE]")
    assert not any("usage" in one for one in without[:-1])
    assert (with_usage[-2]["choices"], with_usage[-2]["usage"]["prompt_tokens"]) == ([], 1)


def test_v0_answers_with_statistics(lmstudio: LMStudio) -> None:
    answer = told(lmstudio, "/api/v0/chat/completions", {"model": PHI, "messages": HELLO})

    assert answer["stats"]["stop_reason"] == "eosFound"
    assert answer["model_info"] == {"arch": "phi3", "quant": "4bit", "format": "mlx", "context_length": 8192}
    assert answer["runtime"]["supported_formats"] == ["gguf"]


def test_anthropics_sdk_is_answered(lmstudio: LMStudio) -> None:
    sdk = anthropic.Anthropic(base_url=lmstudio.url, api_key="none", max_retries=0)

    plain = sdk.messages.create(model=PHI, max_tokens=50, messages=[{"role": "user", "content": "What is 2+2?"}])
    with sdk.messages.stream(
        model=PHI, max_tokens=50, messages=[{"role": "user", "content": "What is 2+2?"}]
    ) as stream:
        streamed = "".join(stream.text_stream)

    assert plain.content[0].type == "text"
    assert (plain.content[0].text, streamed) == ("2+2 is 4.", "2+2 is 4.")
    sdk.close()


def test_models_remember_see_and_call(lmstudio: LMStudio) -> None:
    png = (
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9Q"
        "DwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    shown = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": png}}]
    history = [{"role": "user", "content": "My name is Ada."}, {"role": "user", "content": "What is my name?"}]
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {}}}]

    def say(model: str, messages: object, **more: object) -> Any:
        body = {"model": model, "messages": messages, **more}
        return told(lmstudio, "/v1/chat/completions", body)["choices"][0]

    called = say(QWEN, [{"role": "user", "content": "Ask weather."}], tools=tools)
    assert say(PHI, history)["message"]["content"] == "Your name is Ada."
    assert say(SEES, [{"role": "user", "content": shown}])["message"]["content"] == "I see a PNG of 1 × 1 pixels."
    assert (
        ask(lmstudio, "/v1/chat/completions", {"model": PHI, "messages": [{"role": "user", "content": shown}]})[0]
        == 400
    )
    assert called["finish_reason"] == "tool_calls"
    assert called["message"]["tool_calls"][0]["function"]["name"] == "weather"


def test_a_developer_is_the_system(lmstudio: LMStudio) -> None:
    messages = [{"role": "developer", "content": "Be brief."}, *HELLO]

    answer = told(lmstudio, "/v1/chat/completions", {"model": PHI, "messages": messages})

    assert answer["choices"][0]["message"]["content"].endswith("I was told: Be brief.")


def test_any_json_object_is_refused(lmstudio: LMStudio) -> None:
    body = {"model": PHI, "messages": HELLO, "response_format": {"type": "json_object"}}

    assert ask(lmstudio, "/v1/chat/completions", body) == (
        400,
        {"error": "'response_format.type' must be 'json_schema' or 'text'"},
    )


@pytest.mark.parametrize(
    ("version", "model", "separates", "field"),
    [
        ("0.4.23", QWEN, True, "reasoning_content"),
        ("0.4.23", QWEN, False, None),
        ("0.3.6", QWEN, True, None),
        ("0.4.23", "openai/gpt-oss-20b", True, "reasoning"),
    ],
)
def test_reasoning_is_in_one_of_three_places(
    new_lmstudio: NewLMStudio, version: str, model: str, separates: bool, field: str | None
) -> None:
    server = new_lmstudio(version, separates_reasoning=separates)

    message = told(server, "/v1/chat/completions", {"model": model, "messages": HELLO})["choices"][0]["message"]

    assert [name for name in ("reasoning_content", "reasoning") if name in message] == ([field] if field else [])
    assert message["content"].startswith("<think>") is (field is None)


def test_a_crash_and_a_prompt_that_is_too_long(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(loaded=[PHI])
    body = {"model": PHI, "messages": [{"role": "user", "content": "word " * 9000}]}
    path = "/v1/chat/completions"

    too_long = ask(server, path, body)
    streamed = events(server, path, {**body, "stream": True})
    server.set(overflow="keep_words")
    other_words = ask(server, path, body)
    server.set(overflow="empty")
    empty = told(server, path, body)
    server.set(crashes=True)
    crashed = ask(server, path, {"model": PHI, "messages": HELLO})

    assert (too_long[0], too_long[1]["error"][:25]) == (400, "Trying to keep the first ")
    assert [name for name, _ in streamed] == ["error"]
    assert streamed[0][1]["message"] == streamed[0][1]["error"]["message"]
    assert (other_words[0], "greater than the context length" in other_words[1]["error"]) == (400, True)
    assert empty["choices"][0]["message"]["content"] is None
    assert (crashed[0], crashed[1]["error"][:21]) == (400, "The model has crashed")


# Just in time


def test_a_request_loads_its_model_for_a_time_to_live(lmstudio: LMStudio) -> None:
    answer = told(lmstudio, "/v1/chat/completions", {"model": PHI, "messages": HELLO, "ttl": 600})
    loaded = lmstudio.state.instances
    told(lmstudio, "/v1/chat/completions", {"model": QWEN, "messages": HELLO, "ttl": 0.05})

    assert answer["model"] == PHI
    assert [(one.id, one.jit, one.ttl_s) for one in loaded] == [(PHI, True, 600.0)]
    eventually(lambda: lmstudio.state.loaded, lambda loaded: loaded == {})


def test_only_one_model_stays_that_was_loaded_just_in_time(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(loaded=[SEES])

    for model in (PHI, QWEN):
        told(server, "/v1/chat/completions", {"model": model, "messages": HELLO})

    assert server.state.loaded == {SEES: 8192, QWEN: 8192}


@pytest.mark.parametrize(("twice", "instances"), [(False, 1), (True, 2)])
def test_two_first_requests_may_load_twice(new_lmstudio: NewLMStudio, twice: bool, instances: int) -> None:
    server = new_lmstudio(load_s=3600.0, jit_loads_twice=twice)

    for _ in range(2):
        _in_background(server, "/v1/chat/completions", {"model": PHI, "messages": HELLO})
    server.wait_for(2, within_s=10)

    assert len(eventually(lambda: server.state.instances, lambda found: len(found) >= instances)) == instances


@pytest.mark.parametrize(("version", "status"), [("0.3.5", 404), ("0.4.23", 400)])
def test_without_just_in_time_loading_something_must_be_loaded(
    new_lmstudio: NewLMStudio, version: str, status: int
) -> None:
    server = new_lmstudio(version, jit=False)

    answer = ask(server, "/v1/chat/completions", {"model": PHI, "messages": HELLO})

    assert (answer[0], answer[1]["error"]["message"][:17], answer[1]["error"]["code"]) == (
        status,
        "No models loaded.",
        None,
    )


def test_a_model_that_is_not_there_is_refused_or_answered_by_another(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(loaded=[QWEN])
    body = {"model": "nobody/has-this", "messages": HELLO}

    refused = ask(server, "/v1/chat/completions", body)
    server.set(serves_another=True)
    answered = told(server, "/v1/chat/completions", body)

    assert (refused[0], refused[1]["error"]["code"]) == (404, "model_not_found")
    assert answered["model"] == QWEN


# The native chat


def test_the_native_chat_tells_of_the_load_and_of_reading_the_prompt(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(load_s=0.2, progress_steps=4)

    seen = events(server, "/api/v1/chat", {"model": QWEN, "input": "2+2", "stream": True, "context_length": 4096})

    names = [name for name, _ in seen]
    loads = [data["progress"] for name, data in seen if name == "model_load.progress"]
    assert names[:2] == ["chat.start", "model_load.start"]
    assert loads == [0.25, 0.5, 0.75, 1.0]
    assert [data["progress"] for name, data in seen if name == "prompt_processing.progress"] == loads
    assert all(data["type"] == name for name, data in seen)
    assert names[-1] == "chat.end"
    assert seen[-1][1]["result"]["output"][-1] == {"type": "message", "content": "2+2 is 4."}
    assert server.state.loaded == {QWEN: 4096}


def test_the_native_chat_keeps_what_was_said(lmstudio: LMStudio) -> None:
    first = told(lmstudio, "/api/v1/chat", {"model": PHI, "input": "My name is Ada."})
    follow = {"model": PHI, "input": "What is my name?", "previous_response_id": first["response_id"], "store": False}
    second = told(lmstudio, "/api/v1/chat", follow)

    assert second["output"] == [{"type": "message", "content": "Your name is Ada."}]
    assert "model_load_time_seconds" in first["stats"]
    assert not {"response_id", "model_load_time_seconds"} & (second.keys() | second["stats"].keys())


def test_an_error_in_a_native_stream_is_followed_by_its_end(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(loaded=[PHI], crashes=True)

    seen = events(server, "/api/v1/chat", {"model": PHI, "input": "a", "stream": True})

    assert [name for name, _ in seen[-2:]] == ["error", "chat.end"]


# Leaving


def test_leaving_ends_the_generation(new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(loaded=[PHI], token_s=0.05)
    body = {"model": PHI, "messages": [{"role": "user", "content": "long"}], "stream": True}

    with opened(server, "/v1/chat/completions", body) as response:
        response.read(10)
    server.wait_until_left(within_s=10)

    assert server.state.tokens_made < 100


def test_a_prompt_may_be_read_to_its_end_first(new_lmstudio: NewLMStudio) -> None:
    body = {"model": PHI, "messages": HELLO, "stream": True}
    patient = new_lmstudio(loaded=[PHI], prompt_s=0.4, finishes_prompt_first=True)
    quick = new_lmstudio(loaded=[PHI], prompt_s=3600.0)

    for server in (patient, quick):
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("POST", "/v1/chat/completions", json.dumps(body))
        server.wait_for(1)
        connection.close()
        server.wait_until_left(within_s=10)

    assert (patient.state.prompts_read, quick.state.prompts_read) == (1, 0)


# Changing it


def test_switches_are_told_and_changed_on_the_port_itself(lmstudio: LMStudio) -> None:
    changed = told(lmstudio, "/_control", {"version": "0.3.6", "loaded": [QWEN]})
    wrong = ask(lmstudio, "/_control", {"colour": "blue"})

    assert (changed["switches"]["version"], [one["id"] for one in changed["instances"]]) == ("0.3.6", [QWEN])
    assert wrong == (400, {"error": "no such switches: colour"})
    assert not is_known(ask(lmstudio, "/api/v1/models"))


def test_it_can_be_started_by_hand() -> None:
    command = [sys.executable, "-m", "tests.support.lmstudio", "--version", "0.4.0", "--token", "sk", "--pace", "real"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        connection = HTTPConnection("127.0.0.1", json.loads(process.stdout.readline())["port"], timeout=10)
        connection.request("GET", "/_control")
        switches = json.loads(connection.getresponse().read())["switches"]
        connection.close()
        process.stdin.close()
        ended = process.wait(timeout=10)

    assert (switches["version"], switches["token"], switches["load_s"], ended) == ("0.4.0", "sk", 6.0, 0)
