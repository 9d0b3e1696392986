"""Clients of the LLaMA chat service work unchanged: every call that its document shows, and every failure."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from app.admin.provider_rules import Editor
from app.api import hooks, new_flask, web_ui
from app.api.faces import views as face_views
from config import OLDER_FACES, Config, ConfigError
from tests.api.callers import TESTER, Doorstep
from tests.api.dialects.conftest import Stage
from tests.api.dialects.older import (
    TEXT_MODEL,
    another,
    get,
    old_stage,
    refused,
    sent_messages,
    sse_data,
)
from tests.support.replies import answer_with, openai_error
from tests.support.upstream import UpstreamProcess

PREFIX = "/llama-chat"
CHAT = f"{PREFIX}/chat"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def stage(
    upstream_process: UpstreamProcess, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    with old_stage(upstream_process, migrated_sqlite, tmp_path_factory.mktemp("home")) as stage:
        yield stage


@pytest.fixture(autouse=True)
def _friendly(stage: Stage) -> None:
    stage.upstream.will(answer_with("hello there"))


class LLMChatClient:
    """The client of the document, with a key."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.session_id: str | None = None

    def chat(self, message: str, temperature: float = 0.7) -> str:
        payload: dict[str, Any] = {"message": message, "temperature": temperature}
        if self.session_id:
            payload["session_id"] = self.session_id
        data = answered(self.stage, payload)
        self.session_id = data["session_id"]
        return str(data["response"])

    def clear(self) -> None:
        if self.session_id:
            assert self.stage.call(f"{CHAT}/clear", {"session_id": self.session_id}).status_code == 200
            self.session_id = None


def answered(stage: Stage, body: object) -> dict[str, Any]:
    reply = stage.call(CHAT, body)
    assert reply.status_code == 200, reply.text
    document: dict[str, Any] = reply.json or {}
    return document


def sessions(stage: Stage) -> list[str]:
    document: Any = get(stage, f"{PREFIX}/sessions").json
    assert document["count"] == len(document["sessions"])
    found: list[str] = document["sessions"]
    return found


@pytest.mark.parametrize("path", [PREFIX, f"{PREFIX}/"])
def test_the_service_tells_what_it_is(stage: Stage, path: str) -> None:
    assert get(stage, path).json == {
        "service": "LLaMA Chat API",
        "version": "1.0.0",
        "docs": "/docs",
        "health": "/health",
    }


def test_a_simple_chat_has_the_documented_defaults(stage: Stage) -> None:
    reply = stage.call(CHAT, {"message": "What is Python?", "temperature": 0.7})

    document: Any = reply.json
    assert list(document) == ["response", "session_id", "tokens_used"]
    assert (document["response"], document["tokens_used"]) == ("hello there", 5)
    assert str(uuid.UUID(document["session_id"])) == document["session_id"]
    assert reply.headers["X-Patchbay-Provider"] == "lm-studio"
    assert stage.upstream.last.json == {
        "model": TEXT_MODEL,
        "messages": [{"role": "user", "content": "What is Python?"}],
        "temperature": 0.7,
        "max_tokens": 512,
        "top_p": 0.9,
    }


def test_a_chat_with_parameters_of_its_own(stage: Stage) -> None:
    answered(stage, {"message": "Write a haiku about AI", "temperature": 0.9, "max_tokens": 100, "top_p": 0.5})

    sent = stage.upstream.last.json
    assert (sent["temperature"], sent["max_tokens"], sent["top_p"]) == (0.9, 100, 0.5)


def test_a_session_remembers_a_name(stage: Stage) -> None:
    client = LLMChatClient(stage)

    client.chat("My name is Alice")
    client.chat("What's my name?")

    assert sent_messages(stage) == [
        ("user", "My name is Alice"),
        ("assistant", "hello there"),
        ("user", "What's my name?"),
    ]


def test_the_last_five_exchanges_are_sent(stage: Stage) -> None:
    client = LLMChatClient(stage)
    for number in range(8):
        client.chat(f"Message {number}")

    asked = [content for role, content in sent_messages(stage) if role == "user"]
    assert asked == ["Message 2", "Message 3", "Message 4", "Message 5", "Message 6", "Message 7"]
    assert len(sent_messages(stage)) == 11


def test_a_stream(stage: Stage) -> None:
    reply = stage.call(f"{CHAT}/stream", {"message": "Tell me a short story"})

    *tokens, done = sse_data(reply.text)
    assert reply.content_type.startswith("text/event-stream")
    assert tokens == [{"token": "hello"}, {"token": " there"}]
    assert list(done) == ["done", "session_id"]
    assert done["done"] is True


def test_a_streamed_exchange_is_remembered_as_soon_as_its_end_is_told(stage: Stage) -> None:
    [*_, done] = sse_data(stage.call(f"{CHAT}/stream", {"message": "My name is Bob"}).text)

    [*_, again] = sse_data(stage.call(f"{CHAT}/stream", {"message": "And?", "session_id": done["session_id"]}).text)

    assert again["session_id"] == done["session_id"]
    assert sent_messages(stage)[:2] == [("user", "My name is Bob"), ("assistant", "hello there")]


def test_a_client_chooses_its_session_id_and_shares_it_with_nobody(stage: Stage) -> None:
    eve = another(stage, "Eve")
    answered(stage, {"message": "Mine", "session_id": "my session"})

    theirs = answered(eve, {"message": "Hers", "session_id": "my session"})
    hers = sent_messages(stage)
    answered(stage, {"message": "Still mine", "session_id": "my session"})

    assert theirs["session_id"] == "my session"
    assert hers == [("user", "Hers")]
    assert [content for role, content in sent_messages(stage) if role == "user"] == ["Mine", "Still mine"]
    assert sessions(eve) == ["my session"]
    assert refused(another(stage, "Mallory").call(f"{CHAT}/clear", {"session_id": "my session"}))[0] == 404


def test_sessions_are_listed_and_cleared(stage: Stage) -> None:
    cleaner = another(stage, "Cleo")
    client = LLMChatClient(cleaner)
    client.chat("Hello!")
    first = client.session_id
    answered(cleaner, {"message": "Hello!", "session_id": "second"})
    before = sessions(cleaner)

    reply = cleaner.call(f"{CHAT}/clear", {"session_id": "second"})
    again = cleaner.call(f"{CHAT}/clear", {"session_id": "second"})
    after = sessions(cleaner)
    answered(cleaner, {"message": "What did I just say?", "session_id": "second"})

    assert before == ["second", first]
    assert reply.json == {"status": "cleared", "session_id": "second"}
    assert refused(again) == (404, "Session not found")
    assert after == [first]
    assert sent_messages(stage) == [("user", "What did I just say?")]


def test_a_session_is_a_conversation_of_its_caller(stage: Stage) -> None:
    dora = another(stage, "Dora")
    answered(dora, {"message": "Where is the library?", "session_id": "library"})

    [conversation] = get(dora, "/api/v1/conversations").json["data"]["items"]  # type: ignore[index]
    messages: Any = get(dora, f"/api/v1/conversations/{conversation['id']}/messages").json
    deleted = get(dora, f"/api/v1/conversations/{conversation['id']}", method="DELETE")

    assert (conversation["title"], conversation["message_count"]) == ("Where is the library?", 2)
    assert [(one["role"], one["content"], one["model"]) for one in messages["data"]["items"]] == [
        ("user", "Where is the library?", None),
        ("assistant", "hello there", f"lm-studio/{TEXT_MODEL}"),
    ]
    assert deleted.status_code == 200
    assert sessions(dora) == []
    assert refused(dora.call(f"{CHAT}/clear", {"session_id": "library"})) == (404, "Session not found")
    answered(dora, {"message": "Again", "session_id": "library"})
    assert sent_messages(stage) == [("user", "Again")]


def test_sessions_survive_a_restart(upstream_process: UpstreamProcess, migrated_sqlite: Path, tmp_path: Path) -> None:
    from app import create_app

    with old_stage(upstream_process, migrated_sqlite, tmp_path) as stage:
        answered(stage, {"message": "My name is Alice", "session_id": "kept"})
        restarted = Doorstep.of(create_app(stage.door.parts.config))
        after = Stage(restarted, stage.upstream, restarted.app.test_client(), stage.key)

        found = sessions(after)
        answered(after, {"message": "What's my name?", "session_id": "kept"})
        restarted.close()

        assert found == ["kept"]
        assert sent_messages(stage)[0] == ("user", "My name is Alice")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"message": ""}, "Message cannot be empty"),
        ({"message": " \n"}, "Message cannot be empty"),
        ({}, "message: is required"),
        ({"message": "x", "temperature": 2.5}, "temperature: must be at most 2"),
        ({"message": "x", "max_tokens": 0}, "max_tokens: must be at least 1"),
        ({"message": "x", "top_p": 2}, "top_p: must be at most 1"),
        ({"message": "x", "session_id": "a\u0000b"}, "session_id must be characters that can be seen."),
        ({"message": "x", "session_id": "x" * 201}, "session_id: must have at most 200 entries or characters"),
    ],
)
def test_a_bad_request(stage: Stage, body: object, words: str) -> None:
    assert refused(stage.call(CHAT, body)) == (400, words)
    assert refused(stage.call(f"{CHAT}/stream", body)) == (400, words)


def test_a_failed_generation_says_so_and_leaves_nothing_behind(stage: Stage) -> None:
    stage.upstream.will(openai_error(400, "Out of memory"))
    failed = stage.call(CHAT, {"message": "Hello", "session_id": "failing"})
    stage.upstream.will(answer_with("one two three", ending="close", ending_after=2))
    whole = stage.call(CHAT, {"message": "Hello", "session_id": "failing"})
    [*_, last] = sse_data(stage.call(f"{CHAT}/stream", {"message": "Hello", "session_id": "failing"}).text)

    assert refused(failed) == (500, "Generation error: Out of memory")
    assert refused(whole)[0] == 500
    assert refused(whole)[1].startswith("Generation error: ")
    assert set(last) == {"error", "detail"}
    assert "failing" not in sessions(stage)


@pytest.mark.parametrize("read", [0, 1])
def test_a_client_that_leaves_ends_its_call(stage: Stage, read: int) -> None:
    stage.upstream.forget()
    stage.upstream.will(answer_with("one two three four", every_s=0.05, first_after_s=0.05, ending="stall"))

    reply = stage.call(f"{CHAT}/stream", {"message": "Hello", "session_id": "left"})
    pieces = reply.iter_encoded()
    for _ in range(read):
        next(pieces)
    reply.close()

    stage.upstream.wait_until_left(within_s=10)
    assert "left" not in sessions(stage)


def test_health(stage: Stage) -> None:
    reply = get(stage, f"{PREFIX}/health")

    assert (reply.status_code, reply.json) == (200, {"status": "healthy", "model_loaded": True})


def test_nothing_is_healthy_until_a_model_can_answer(
    upstream_process: UpstreamProcess, migrated_sqlite: Path, tmp_path: Path
) -> None:
    unhealthy = (503, {"status": "unhealthy", "model_loaded": False})
    with old_stage(upstream_process, migrated_sqlite, tmp_path, has_defaults=False) as stage:
        without_default = get(stage, f"{PREFIX}/health")
        refusal = refused(stage.call(CHAT, {"message": "Hello"}))
        stage.upstream.refuse()
        away = stage.door.provider(
            name="Away", provider="lmstudio", base_url=stage.upstream.base_url, models={"chat": TEXT_MODEL}
        )
        stage.door.parts.provider_settings.activate(away.id, Editor(TESTER, is_admin=True))
        stage.door.parts.state.refresh()
        unreachable = get(stage, f"{PREFIX}/health")

        assert (without_default.status_code, without_default.json) == unhealthy
        assert refusal[0] == 503
        assert refusal[1].startswith("Model not loaded")
        assert (unreachable.status_code, unreachable.json) == unhealthy


def test_the_documentation_needs_nobody_and_everything_else_a_key(stage: Stage) -> None:
    document: Any = stage.client.get(f"{PREFIX}/openapi.json").json
    pages = [stage.client.get(f"{PREFIX}/{page}") for page in ("docs", "redoc")]
    others = [stage.client.get(f"{PREFIX}{path}") for path in ("/", "/health", "/sessions")]
    others += [stage.client.post(path, json={"message": "x"}) for path in (CHAT, f"{CHAT}/stream", f"{CHAT}/clear")]

    validate(document)
    assert set(document["paths"]) == {"/", "/health", "/chat", "/chat/stream", "/chat/clear", "/sessions"}
    assert [page.status_code for page in pages] == [200, 200]
    assert [refused(reply)[0] for reply in others] == [401] * 6


# At the root.


@pytest.fixture
def rooted(stage: Stage, tmp_path: Path, request: pytest.FixtureRequest) -> FlaskClient:
    """The application's faces, one of them at the root too, beside a web UI."""
    (tmp_path / "index.html").write_text("<!doctype html><html><head><title>Patchbay</title></head></html>")
    app = new_flask()
    app.extensions["patchbay"] = stage.door.parts
    hooks.register(app)
    face_views.register(app, stage.door.parts.older_faces, request.param, tmp_path)
    web_ui.register(app, tmp_path)
    return app.test_client()


@pytest.mark.parametrize("rooted", ["llama-chat"], indirect=True)
def test_an_old_client_needs_a_key_and_nothing_else(stage: Stage, rooted: FlaskClient) -> None:
    key = {"Authorization": f"Bearer {stage.key}"}

    info = rooted.get("/", headers={**key, "Accept": "*/*"})
    chat = rooted.post("/chat", json={"message": "Hello", "session_id": "at the root"}, headers=key)
    listed = rooted.get("/sessions", headers=key)
    below = rooted.get(f"{PREFIX}/health", headers=key)
    refusals = [refused(rooted.get("/health")), refused(rooted.get("/chat", headers=key))]

    assert info.json == {"service": "LLaMA Chat API", "version": "1.0.0", "docs": "/docs", "health": "/health"}
    assert chat.json["response"] == "hello there"  # type: ignore[index]
    assert "at the root" in listed.json["sessions"]  # type: ignore[index]
    assert below.status_code == 200
    assert [status for status, _ in refusals] == [401, 405]
    assert rooted.get("/chat", headers=key).headers["Allow"] == "POST"


@pytest.mark.parametrize("rooted", ["ai-library"], indirect=True)
def test_what_is_nobodys_is_refused_in_the_shape_of_the_face_at_the_root(stage: Stage, rooted: FlaskClient) -> None:
    key = {"Authorization": f"Bearer {stage.key}"}

    found = [rooted.post(path, json={}, headers=key) for path in ("/nothing", "/api/nothing")]
    wrong = rooted.put("/api/chat/stream", json={}, headers=key)
    ours: Any = rooted.post("/api/v1/nothing", json={}, headers=key).json

    assert [refused(reply)[0] for reply in found] == [404, 404]
    assert refused(wrong)[0] == 405
    assert ours["error"]["code"] == "not_found"


@pytest.mark.parametrize("rooted", OLDER_FACES, indirect=True)
def test_whoever_reads_html_still_gets_the_web_ui(rooted: FlaskClient) -> None:
    for path in ("/", "/chat", "/health", "/models", "/sessions"):
        reply = rooted.get(path, headers=BROWSER)
        assert (path, reply.status_code, reply.mimetype) == (path, 200, "text/html")


def test_every_face_that_can_be_at_the_root_is_one_that_there_is(stage: Stage) -> None:
    assert [face.slug for face in stage.door.parts.older_faces] == list(OLDER_FACES)


def test_without_the_setting_the_root_is_the_web_uis(stage: Stage) -> None:
    assert stage.client.post("/chat", json={"message": "Hello"}).status_code == 404


def test_the_setting_names_a_face_that_there_is() -> None:
    with pytest.raises(ConfigError, match="PATCHBAY_ROOT_FACE=llama must be one of lmstudio-service, llama-chat"):
        Config.from_env({"PATCHBAY_ROOT_FACE": "llama"})


def test_the_setting_puts_a_face_at_the_root(
    upstream_process: UpstreamProcess, migrated_sqlite: Path, tmp_path: Path
) -> None:
    with old_stage(upstream_process, migrated_sqlite, tmp_path, root_face="lmstudio-service") as stage:
        reply = stage.call("/chat/regular", {"messages": [{"role": "user", "content": "Hello"}]})

        assert reply.json["content"] == "hello there"  # type: ignore[index]
