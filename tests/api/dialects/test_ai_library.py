"""Clients of the AI Library work unchanged: every call that its document shows, and every failure."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from app.domain.accounts import Role
from tests.api.dialects.conftest import Stage
from tests.api.dialects.older import another, get, old_stage, refused, sent_messages, sse_data
from tests.support.replies import answer_with, openai_error
from tests.support.upstream import UpstreamProcess

PREFIX = "/ai-library"
STREAM = f"{PREFIX}/api/chat/stream"
GROQ_MODELS = ("openai/gpt-oss-120b", "qwen/qwen3-32b", "groq/compound", "llama-3.3-70b-versatile")
ASK = {
    "model": "openai/gpt-oss-120b",
    "user_prompt": "Explain quantum computing",
    "system_prompt": "You are a helpful AI assistant.",
    "hyperparameters": {"temperature": 0.7, "top_p": 0.9, "max_tokens": 2048, "stop": ["END"]},
    "save_conversation": True,
    "conversation_id": None,
}


@pytest.fixture(scope="module")
def local(
    upstream_process: UpstreamProcess, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """An LM Studio, which is the default."""
    with old_stage(upstream_process, migrated_sqlite, tmp_path_factory.mktemp("home")) as stage:
        yield stage


@pytest.fixture(scope="module")
def stage(local: Stage, upstream_process: UpstreamProcess) -> Iterator[Stage]:
    """Groq beside it."""
    groq = upstream_process.open()
    groq.imitate("groq", GROQ_MODELS)
    base_url = f"{groq.url}/openai/v1"
    local.door.provider(name="Groq", provider="groq", base_url=base_url, api_key="gsk_0123456789")
    yield Stage(local.door, groq, local.client, local.key)
    groq.close()


@pytest.fixture(autouse=True)
def _friendly(stage: Stage) -> None:
    stage.upstream.will(answer_with("Quantum computing"))


def events(stage: Stage, body: object) -> list[Any]:
    reply = stage.call(STREAM, body)
    assert reply.status_code == 200, reply.text
    return sse_data(reply.text)


def test_a_stream(stage: Stage) -> None:
    reply = stage.call(STREAM, ASK)

    start, *contents = sse_data(reply.text)
    assert reply.content_type.startswith("text/event-stream")
    assert reply.headers["X-Patchbay-Provider"] == "groq"
    assert list(start) == ["conversation_id", "model"]
    assert start["model"] == "openai/gpt-oss-120b"
    assert contents == [
        {"content": "Quantum", "finished": False},
        {"content": " computing", "finished": False},
        {"content": "", "finished": True},
    ]
    sent = stage.upstream.last.json
    assert sent["messages"] == [
        {"role": "system", "content": "You are a helpful AI assistant."},
        {"role": "user", "content": "Explain quantum computing"},
    ]
    assert {name: sent[name] for name in ("model", "temperature", "top_p", "stop")} == {
        "model": "openai/gpt-oss-120b",
        "temperature": 0.7,
        "top_p": 0.9,
        "stop": ["END"],
    }
    assert sent["max_completion_tokens"] == 2048


def test_the_loop_of_the_document_reads_it(stage: Stage) -> None:
    """Line by line; each `data: ` is JSON, `content` is collected until `finished`."""
    body = {
        "model": "groq/compound",
        "user_prompt": "Write a hello world in Python",
        "system_prompt": "You are a coding assistant.",
        "hyperparameters": {"temperature": 0.7, "max_tokens": 1024},
        "save_conversation": False,
    }
    before = kept(stage)

    found = events(stage, body)

    assert "".join(one["content"] for one in found if one.get("content")) == "Quantum computing"
    assert [one for one in found if one.get("finished")] == [found[-1]]
    assert isinstance(found[0]["conversation_id"], str)
    assert kept(stage) == before
    assert refused(get(stage, f"{PREFIX}/api/conversations/{found[0]['conversation_id']}"))[0] == 404


def kept(stage: Stage) -> int:
    document: Any = get(stage, f"{PREFIX}/health").json
    assert document["status"] == "healthy"
    return int(document["conversations_in_memory"])


def test_a_conversation_is_kept_gone_on_with_read_and_deleted(stage: Stage) -> None:
    before = kept(stage)
    [start, *_] = events(stage, {**ASK, "user_prompt": "Hello"})
    identity = start["conversation_id"]
    path = f"{PREFIX}/api/conversations/{identity}"

    [again, *_] = events(stage, {**ASK, "user_prompt": "And then?", "conversation_id": identity})
    sent = sent_messages(stage)
    document = get(stage, path).json
    count = kept(stage)
    deleted = get(stage, path, method="DELETE")

    assert str(uuid.UUID(identity)) == identity
    assert again["conversation_id"] == identity
    assert sent == [
        ("system", "You are a helpful AI assistant."),
        ("user", "Hello"),
        ("assistant", "Quantum computing"),
        ("user", "And then?"),
    ]
    assert document == {
        "conversation_id": identity,
        "messages": [
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Quantum computing"},
            {"role": "user", "content": "And then?"},
            {"role": "assistant", "content": "Quantum computing"},
        ],
    }
    assert count == before + 1
    assert (deleted.status_code, deleted.json) == (200, {"status": "deleted", "conversation_id": identity})
    assert refused(get(stage, path)) == (404, "Conversation not found")
    assert refused(get(stage, path, method="DELETE")) == (404, "Conversation not found")


def test_a_conversation_may_be_named_and_is_its_callers_own(stage: Stage) -> None:
    eve = another(stage, "Eve")
    events(stage, {**ASK, "conversation_id": "abc-123"})

    hers = refused(get(eve, f"{PREFIX}/api/conversations/abc-123"))
    [start, *_] = events(eve, {**ASK, "user_prompt": "Mine", "conversation_id": "abc-123"})
    read: Any = get(eve, f"{PREFIX}/api/conversations/abc-123").json

    assert hers == (404, "Conversation not found")
    assert start["conversation_id"] == "abc-123"
    assert [one["content"] for one in read["messages"]] == ["Mine", "Quantum computing"]
    assert refused(stage.call(STREAM, {**ASK, "conversation_id": "a/b"}))[0] == 400


def test_what_is_not_saved_may_still_go_on_from_what_is(stage: Stage) -> None:
    events(stage, {**ASK, "user_prompt": "Kept", "conversation_id": "half"})

    events(stage, {**ASK, "user_prompt": "Not kept", "conversation_id": "half", "save_conversation": False})

    assert ("user", "Kept") in sent_messages(stage)
    read: Any = get(stage, f"{PREFIX}/api/conversations/half").json
    assert len(read["messages"]) == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"temperature": 2.1}, "temperature: must be at most 2"),
        ({"temperature": -1}, "temperature: must be at least 0"),
        ({"top_p": 1.5}, "top_p: must be at most 1"),
        ({"max_tokens": 0}, "max_tokens: must be at least 1"),
        ({"max_tokens": 32001}, "max_tokens: must be at most 32000"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop: must have at most 4 entries or characters"),
        ({"top_k": -1}, "top_k: must be at least 0"),
        ({"repetition_penalty": 2.5}, "repetition_penalty: must be at most 2"),
        ({"frequency_penalty": 3}, "frequency_penalty: must be at most 2"),
        ({"presence_penalty": -3}, "presence_penalty: must be at least -2"),
    ],
)
def test_a_hyperparameter_out_of_range(stage: Stage, given: dict[str, Any], words: str) -> None:
    refusal = refused(stage.call(STREAM, {**ASK, "hyperparameters": given}))

    assert refusal == (400, f"hyperparameters.{words}")


def test_one_word_may_stop_it_too(stage: Stage) -> None:
    events(stage, {**ASK, "hyperparameters": {"stop": "FINISHED"}})

    assert stage.upstream.last.json["stop"] == ["FINISHED"]


SPECIAL = {"top_k": 40, "repetition_penalty": 1.1, "mood": "good"}


def test_what_a_model_does_not_take_is_left_out_with_notice_or_refused(stage: Stage) -> None:
    body = {**ASK, "hyperparameters": SPECIAL}

    reply = stage.call(STREAM, body)
    strict = stage.call(STREAM, body, headers={"X-Patchbay-Strict": "true"})

    sse_data(reply.text)
    assert reply.headers["X-Patchbay-Dropped"] == "top_k, repetition_penalty, mood"
    assert not SPECIAL.keys() & stage.upstream.last.json.keys()
    assert refused(strict) == (400, "top_k is not supported here.")


def test_what_a_model_takes_is_sent_by_the_name_that_it_knows(local: Stage) -> None:
    # LM Studio's own, without any model named: the default answers.
    reply = local.call(STREAM, {"user_prompt": "Hello", "hyperparameters": SPECIAL, "save_conversation": False})

    assert len(sse_data(reply.text)) > 2
    assert reply.headers["X-Patchbay-Provider"] == "lm-studio"
    assert reply.headers["X-Patchbay-Dropped"] == "mood"
    sent = local.upstream.last.json
    assert (sent["top_k"], sent["repeat_penalty"]) == (40, 1.1)
    assert "repetition_penalty" not in sent


@pytest.mark.parametrize("name", ["llama-3.1-8b-instant", "mixtral-8x7b-32768"])
def test_a_model_that_groq_retired_is_refused_with_what_there_is(stage: Stage, name: str) -> None:
    status, words = refused(stage.call(STREAM, {**ASK, "model": name}))

    assert status == 404
    assert words.startswith(f"There is no model {name}.")
    for model in GROQ_MODELS:
        assert f"groq/{model}" in words
    if name.startswith("llama"):
        assert "Did you mean groq/llama-3.3-70b-versatile" in words


@pytest.mark.parametrize(("status", "code"), [(400, "model_decommissioned"), (404, "model_not_found")])
@pytest.mark.parametrize("name", ["groq/gemma2-9b-it", "groq/llama-3.3-70b-versatile"])
def test_a_model_that_groq_itself_says_is_gone_is_refused_alike(
    stage: Stage, status: int, code: str, name: str
) -> None:
    stage.upstream.will(openai_error(status, "The model has been decommissioned.", code=code))

    found, words = refused(stage.call(STREAM, {**ASK, "model": name}))

    assert found == 404
    assert words.startswith("The model has been decommissioned. There are: ")
    assert "groq/openai/gpt-oss-120b" in words
    assert name not in words


def test_a_retired_name_can_be_an_alias(stage: Stage) -> None:
    boss = stage.door.client(stage.door.token(stage.door.person("Ada", Role.ADMIN)))
    target = [{"model": "groq/llama-3.3-70b-versatile"}]
    made = boss.post("/api/v1/aliases", {"name": "llama-3.1-70b-versatile", "targets": target})
    stage.door.parts.state.refresh()

    [start, *_] = events(stage, {**ASK, "model": "llama-3.1-70b-versatile"})

    assert made.status_code == 201
    assert start["model"] == "llama-3.3-70b-versatile"
    assert stage.upstream.last.json["model"] == "llama-3.3-70b-versatile"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({**ASK, "user_prompt": " "}, "user_prompt cannot be empty."),
        ({"model": "x"}, "user_prompt: is required"),
        ({**ASK, "hyperparameters": {"temperature": "warm"}}, "hyperparameters.temperature: "),
        (b"[]", "The body must be a JSON object."),
    ],
)
def test_a_bad_request(stage: Stage, body: object, words: str) -> None:
    status, detail = refused(stage.call(STREAM, body))

    assert status == 400
    assert detail.startswith(words)


def test_a_failure_of_the_provider_is_a_status_or_the_last_event(stage: Stage) -> None:
    stage.upstream.will(openai_error(401, "Bad key gsk_0123456789"))
    status, words = refused(stage.call(STREAM, ASK))
    stage.upstream.will(answer_with("one two three", ending="close", ending_after=1))
    [start, first, last] = events(stage, {**ASK, "conversation_id": "broken"})

    assert status == 502
    assert "gsk_" not in words
    assert (list(start), first["content"]) == (["conversation_id", "model"], "one")
    assert list(last) == ["error", "detail"]
    assert refused(get(stage, f"{PREFIX}/api/conversations/broken"))[0] == 404


@pytest.mark.parametrize("read", [0, 1])
def test_a_client_that_leaves_ends_its_call(stage: Stage, read: int) -> None:
    stage.upstream.forget()
    stage.upstream.will(answer_with("one two three four", every_s=0.05, first_after_s=0.05, ending="stall"))

    reply = stage.call(STREAM, {**ASK, "conversation_id": "left"})
    pieces = reply.iter_encoded()
    for _ in range(read):
        next(pieces)
    reply.close()

    stage.upstream.wait_until_left(within_s=10)
    assert refused(get(stage, f"{PREFIX}/api/conversations/left"))[0] == 404


def test_the_documentation_needs_nobody_and_everything_else_a_key(stage: Stage) -> None:
    document: Any = stage.client.get(f"{PREFIX}/openapi.json").json
    pages = [stage.client.get(f"{PREFIX}/{page}") for page in ("docs", "redoc")]
    others = [stage.client.get(f"{PREFIX}{path}") for path in ("/health", "/api/conversations/abc-123")]
    others += [stage.client.delete(f"{PREFIX}/api/conversations/abc-123"), stage.client.post(STREAM, json=ASK)]

    validate(document)
    assert set(document["paths"]) == {"/api/chat/stream", "/api/conversations/{id}", "/health"}
    assert [page.status_code for page in pages] == [200, 200]
    assert [refused(reply)[0] for reply in others] == [401] * 4
