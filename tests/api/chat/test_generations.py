"""Asking over HTTP: bodies, streams, statuses, headers, and whose answer it is."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gevent
import pytest
from werkzeug.test import TestResponse

from app.domain.events import HEARTBEAT_S
from tests.api.callers import failure
from tests.api.chat.people import CONVERSATIONS, Person
from tests.api.dialects.conftest import steady
from tests.support.replies import ToolCall, answer_with, openai_error, out_of_quota, stall
from tests.support.upstream import Upstream

MODEL = "box/hello-1"
NOBODYS_ID = "00000000-0000-4000-8000-000000000000"
ANSWER_SSE = Path(__file__).parents[2] / "fixtures" / "native" / "generation.sse"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0\0\0\1" * 2 + b"\x08\6\0\0\0").decode()
_IDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Pieces of one kind are joined as they come, so there is one of each.
RICH = answer_with(
    ["Grüße aus Riga"],
    reasoning=("Someone greets.",),
    tool_calls=(ToolCall("weather", '{"city": "Riga"}'),),
    usage=(12, 34),
    model="hello-1-2026",
    every_s=0.02,
)


@dataclass(frozen=True)
class Chat:
    """Ada's conversation, with a provider at `upstream`."""

    ada: Person
    upstream: Upstream
    conversation: Any

    @property
    def messages(self) -> str:
        return f"{CONVERSATIONS}/{self.conversation['id']}/messages"

    def post(self, body: object, path: str | None = None, **headers: str) -> TestResponse:
        return self.ada.asker.post(path or self.messages, body, headers=headers)

    def asks(self, content: str = "Hello?", **fields: Any) -> Any:
        """What was stored; the answer is being made."""
        reply = self.post({"content": content, "model": MODEL, "stream": False, **fields})
        assert reply.status_code == 201, reply.text
        return reply.json["data"]  # type: ignore[index]

    def answered(self, content: str = "Hello?", **fields: Any) -> Any:
        """The stored answer, at its end."""
        started = self.asks(content, **fields)
        return self.finished(started["answers"][0])

    def finished(self, answer: Any) -> Any:
        self.ada.asker.get(f"/api/v1/generations/{answer['generation_id']}/events").get_data()
        return self.ada.get(f"{self.messages}/{answer['id']}")


@pytest.fixture
def chat(ada: Person, upstream: Upstream) -> Iterator[Chat]:
    ada.door.provider(name="Box", base_url=upstream.base_url)
    yield Chat(ada, upstream, ada.conversation())
    generations = ada.door.parts.generations
    runs = list(generations.runs.values())
    generations.stop_quietly(generations.runs)
    gevent.joinall([run.greenlet for run in runs], timeout=5)


def events(reply: TestResponse) -> list[tuple[int, Any]]:
    """Number and data of every event; each says its name twice."""
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8"), reply.text
    found = []
    for event in reply.text.split("\n\n")[:-1]:
        if event == ": keep-alive":
            continue
        number, name, content = event.split("\n")
        document = json.loads(content.removeprefix("data: "))
        assert name == f"event: {document['type']}"
        found.append((int(number.removeprefix("id: ")), document))
    return found


def test_a_stream_is_the_one_that_the_web_app_is_tested_with(chat: Chat) -> None:
    """The file is what the web app's own test reads: both halves agree or both fail. Delete it to have it written."""
    chat.upstream.will(RICH)

    reply = chat.post({"content": "Hello?", "model": MODEL}, **{"X-Request-Id": "test-1"})

    seen = _IDS.sub(NOBODYS_ID, steady(reply.text))
    if not ANSWER_SSE.exists():
        ANSWER_SSE.write_text(seen, encoding="utf-8")
    assert seen == ANSWER_SSE.read_text(encoding="utf-8")
    headers = {name: reply.headers.get(name) for name in ("Cache-Control", "X-Accel-Buffering", "X-Request-Id")}
    assert headers == {"Cache-Control": "no-cache", "X-Accel-Buffering": "no", "X-Request-Id": "test-1"}
    assert (reply.headers["X-Patchbay-Provider"], reply.headers["X-Patchbay-Model"]) == ("box", "hello-1")


def test_a_stream_event_by_event(chat: Chat) -> None:
    chat.upstream.will(RICH)

    found = events(chat.post({"content": "Hello?", "model": MODEL}))

    assert [number for number, _ in found] == list(range(1, len(found) + 1))
    start, done = found[0][1], found[-1][1]
    answer = chat.ada.get(f"{chat.messages}/{start['message_id']}")
    assert (start["model"], start["provider"], start["conversation_id"]) == (MODEL, "box", chat.conversation["id"])
    assert start["generation_id"] == answer["generation_id"]
    assert "".join(one["text"] for _, one in found if one["type"] == "delta") == "Grüße aus Riga" == answer["content"]
    assert done == {
        "type": "done",
        "finish_reason": "tool_calls",
        "usage": answer["usage"],
        "timings": answer["timings"],
        "cost_usd": None,
        "model": "box/hello-1-2026",
        "provider": "box",
    }
    assert (answer["model_asked"], answer["model"], answer["status"]) == (MODEL, "box/hello-1-2026", "done")
    assert answer["tool_calls"] == [{"index": 0, "id": "call_1", "name": "weather", "arguments": '{"city": "Riga"}'}]
    assert answer["last_event"] == found[-1][0]


def test_without_a_stream_what_was_stored_is_told_at_once(chat: Chat) -> None:
    chat.upstream.will(stall())

    started = chat.asks("Why **not**?")

    answer = started["answers"][0]
    assert started["message"] == started["messages"][0]
    assert (started["message"]["role"], started["message"]["content"]) == ("user", "Why **not**?")
    assert (answer["status"], answer["content"], answer["parent_id"]) == ("streaming", "", started["message"]["id"])
    conversation = started["conversation"]
    assert (conversation["title"], conversation["running"]) == ("Why not?", [answer["generation_id"]])
    assert conversation["active_message_id"] == answer["id"]
    generation = chat.ada.get(f"/api/v1/generations/{answer['generation_id']}")
    assert generation == {
        "id": answer["generation_id"],
        "conversation_id": chat.conversation["id"],
        "message_id": answer["id"],
        "state": "running",
        "model_asked": MODEL,
        "started_at": answer["created_at"],
        "ended_at": None,
        "last_event": 0,
    }


@pytest.mark.parametrize("by_header", [False, True])
def test_events_are_read_again_from_any_of_them_on(chat: Chat, by_header: bool) -> None:
    answer = chat.answered()
    path = f"/api/v1/generations/{answer['generation_id']}/events"
    everything = events(chat.ada.asker.get(path))

    after = chat.ada.asker.get(
        path if by_header else f"{path}?after=2", headers={"Last-Event-ID": "2"} if by_header else {}
    )

    assert events(after) == everything[2:]


def test_the_last_event_id_goes_before_after(chat: Chat) -> None:
    answer = chat.answered()
    path = f"/api/v1/generations/{answer['generation_id']}/events?after=1"

    found = events(chat.ada.asker.get(path, headers={"Last-Event-ID": "3"}))

    assert found[0][0] == 4


@pytest.mark.parametrize(("query", "headers"), [("?after=-1", {}), ("?after=x", {}), ("", {"Last-Event-ID": "one"})])
def test_what_is_no_number_of_an_event_is_refused(chat: Chat, query: str, headers: dict[str, str]) -> None:
    answer = chat.answered()

    reply = chat.ada.asker.get(f"/api/v1/generations/{answer['generation_id']}/events{query}", headers=headers)

    assert failure(reply) == (400, "invalid_request")


def test_where_events_are_gone_the_message_is_told(chat: Chat) -> None:
    answer = chat.answered()
    log = chat.ada.door.parts.following._events
    log.tidy(float("inf"))

    reply = chat.ada.asker.get(f"/api/v1/generations/{answer['generation_id']}/events?after=2")

    assert events(reply) == [(answer["last_event"], {"type": "snapshot", "message": answer})]


def test_a_silence_is_filled_with_comments(chat: Chat) -> None:
    chat.upstream.will(answer_with("at last", first_after_s=HEARTBEAT_S + 0.6))

    reply = chat.post({"content": "Hello?", "model": MODEL})

    assert reply.text.count(": keep-alive\n\n") == 2
    assert events(reply)[-1][1]["type"] == "done"


def test_a_failure_of_the_provider_is_an_event_and_a_failed_message(chat: Chat) -> None:
    chat.upstream.will(out_of_quota())

    found = events(chat.post({"content": "Hello?", "model": MODEL}, **{"X-Request-Id": "test-1"}))

    answer = chat.ada.get(f"{chat.messages}/{found[0][1]['message_id']}")
    assert found[-1][1] == {"type": "error", **answer["error"]}
    assert answer["error"] == {
        "code": "provider_quota",
        "message": "You exceeded your current quota",
        "request_id": "test-1",
        "details": [],
        "provider": "box",
    }
    assert answer["status"] == "failed"


def test_a_stop_ends_the_answer(chat: Chat) -> None:
    chat.upstream.will(answer_with("one two", ending="stall"))
    answer = chat.asks()["answers"][0]
    gevent.sleep(0.2)

    generation = chat.ada.ask("POST", f"/api/v1/generations/{answer['generation_id']}/stop")
    again = chat.ada.ask("POST", f"/api/v1/generations/{answer['generation_id']}/stop")

    kept = chat.ada.get(f"{chat.messages}/{answer['id']}")
    assert (generation["state"], again) == ("stopped", generation)
    assert (kept["content"], kept["status"], kept["finish_reason"]) == ("one two", "stopped", "stopped")
    chat.upstream.wait_until_left(within_s=1)


@pytest.mark.parametrize("read", [0, 1, 2, 3])
def test_a_reader_who_leaves_ends_nothing(chat: Chat, read: int) -> None:
    chat.upstream.will(answer_with("one two three four", every_s=0.05))

    reply = chat.post({"content": "Hello?", "model": MODEL})
    pieces = reply.iter_encoded()
    for _ in range(read):
        next(pieces)
    reply.close()
    (answer,) = [one for one in chat.ada.get(chat.messages)["items"] if one["role"] == "assistant"]

    assert chat.finished(answer)["content"] == "one two three four"


def test_deleting_a_conversation_ends_what_runs_in_it(chat: Chat) -> None:
    chat.upstream.will(answer_with("one", ending="stall"))
    chat.asks()
    gevent.sleep(0.2)

    chat.ada.ask("DELETE", f"{CONVERSATIONS}/{chat.conversation['id']}?permanent=true")
    gevent.sleep(0.2)

    chat.upstream.wait_until_left(within_s=1)


def test_an_answer_is_made_again(chat: Chat) -> None:
    first = chat.answered()
    chat.upstream.will(answer_with("another"))

    reply = chat.post({"model": MODEL, "stream": False}, f"{chat.messages}/{first['id']}/regenerate")

    started: Any = reply.json
    assert (reply.status_code, started["data"]["message"], started["data"]["messages"]) == (201, None, [])
    again = chat.finished(started["data"]["answers"][0])
    assert (again["parent_id"], again["content"]) == (first["parent_id"], "another")
    streamed = events(chat.post({"model": MODEL}, f"{chat.messages}/{first['parent_id']}/regenerate"))
    assert streamed[-1][1]["type"] == "done"


def test_models_are_compared(chat: Chat) -> None:
    chat.upstream.will_list("hello-1", "other-1")
    entries = [{"model": MODEL}, {"model": "box/other-1", "parameters": {"temperature": 0.5}}]

    started = chat.asks(model=None, compare=entries, parameters={"top_p": 0.5})
    answers = [chat.finished(one) for one in started["answers"]]

    assert [one["model_asked"] for one in answers] == [MODEL, "box/other-1"]
    assert [one["content"] for one in answers] == ["hello there"] * 2
    columns = started["conversation"]["compare"]["columns"]
    assert columns == [{"model": one["model_asked"], "message_id": one["id"]} for one in answers]
    asked = {one.json["model"]: one.json for one in chat.upstream.requests if one.method == "POST"}
    assert (asked["hello-1"].get("top_p"), asked["other-1"].get("top_p")) == (0.5, None)
    assert asked["other-1"]["temperature"] == 0.5


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"compare": [{"model": MODEL}, {"model": MODEL}]}, "stream"),
        ({"compare": [{"model": MODEL}], "stream": False}, "compare"),
        ({"compare": [{"model": MODEL}] * 5, "stream": False}, "compare"),
        ({"compare": [{"model": MODEL}] * 2, "model": MODEL, "stream": False}, "model"),
        ({"content": ""}, "content"),
        ({"content": None}, "content"),
        ({"model": MODEL, "parameters": {"temperature": 9}}, "parameters.temperature"),
        ({"model": MODEL, "parameters": []}, "parameters"),
        ({"model": MODEL, "parent_id": NOBODYS_ID}, "parent_id"),
        ({"model": MODEL, "attachments": [NOBODYS_ID]}, "attachments.0"),
        ({"model": MODEL, "images": [{"data_base64": "!", "mime_type": "image/png"}]}, "images.0.data_base64"),
        ({"model": MODEL, "images": [{"data_base64": "aGVsbG8=", "mime_type": "image/png"}]}, "images.0.data_base64"),
        ({"model": MODEL, "images": [{"data_base64": PNG, "mime_type": "image/webp"}]}, "images.0.data_base64"),
        ({"model": MODEL, "unknown": 1}, "unknown"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(chat: Chat, body: dict[str, Any], field: str) -> None:
    reply = chat.post({"content": "Hello?", **body})

    document: Any = reply.json
    assert failure(reply) == (400, "invalid_request")
    assert [one["field"] for one in document["error"]["details"]] == [field]
    assert chat.ada.get(chat.messages)["items"] == []


def test_an_unknown_model_is_a_status_and_nothing_is_stored(chat: Chat) -> None:
    reply = chat.post({"content": "Hello?", "model": "nobody/one-1"})

    assert failure(reply) == (404, "model_not_found")
    assert chat.ada.get(chat.messages)["items"] == []


def test_an_image_travels_with_its_question(chat: Chat) -> None:
    answer = chat.answered("What?", images=[{"data_base64": PNG, "mime_type": "image/png", "name": "dot.png"}])

    (question, _) = chat.ada.get(chat.messages)["items"]
    sent = chat.ada.get(f"{chat.messages}/{answer['id']}/request")
    assert [(one["name"], one["width"], one["height"]) for one in question["images"]] == [("dot.png", 1, 1)]
    assert chat.upstream.last.json["messages"][0]["content"][1]["image_url"]["url"] == f"data:image/png;base64,{PNG}"
    shown = sent["body"]["messages"][0]["content"][1]["image_url"]["url"]
    assert shown == "data:image/png;base64,… (1 KB)"


def test_what_was_sent_can_be_looked_at(chat: Chat) -> None:
    answer = chat.answered(parameters={"temperature": 0.5})

    sent = chat.ada.get(f"{chat.messages}/{answer['id']}/request")

    assert (sent["url"], sent["body"], sent["dropped"]) == ("/v1/chat/completions", chat.upstream.last.json, [])
    assert [(one["attempt"], one["outcome"]) for one in sent["attempts"]] == [(1, "ok")]
    question = chat.ada.asker.get(f"{chat.messages}/{answer['parent_id']}/request")
    assert failure(question) == (404, "not_found")


def test_a_parameter_is_refused_where_it_would_be_dropped_and_that_is_not_wanted(
    ada: Person, upstream: Upstream
) -> None:
    ada.door.provider(provider="openai", name="Open", base_url=upstream.base_url, api_key="sk-upstream-0123456789")
    chat = Chat(ada, upstream, ada.conversation())
    body = {"content": "Hello?", "model": "open/hello-1", "parameters": {"top_k": 3}}

    refused = chat.post(body, **{"X-Patchbay-Strict": "true"})

    assert failure(refused) == (400, "parameter_not_supported")


# Titles.


def test_a_model_thinks_of_a_title(chat: Chat) -> None:
    chat.answered("How do I bake bread?")
    chat.upstream.will(answer_with('"Baking bread."'))

    reply = chat.post({"model": MODEL}, f"{CONVERSATIONS}/{chat.conversation['id']}/title")

    conversation: Any = reply.json
    assert (conversation["data"]["title"], conversation["data"]["title_source"]) == ("Baking bread", "model")
    asked = chat.upstream.last.json
    assert asked["max_tokens"] == 24
    assert "How do I bake bread?" in asked["messages"][0]["content"]
    assert (reply.headers["X-Patchbay-Provider"], reply.headers["X-Patchbay-Attempts"]) == ("box", "1")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (openai_error(400, "No."), (400, "invalid_request")),
        (out_of_quota(), (429, "provider_quota")),
        (answer_with(["\n"]), (502, "provider_protocol")),
    ],
)
def test_a_model_that_thinks_of_none_is_a_failure(chat: Chat, reply: Any, expected: tuple[int, str]) -> None:
    chat.answered("How do I bake bread?")
    chat.upstream.will(reply)

    refused = chat.post({"model": MODEL}, f"{CONVERSATIONS}/{chat.conversation['id']}/title")

    assert failure(refused) == expected
    assert chat.ada.get(f"{CONVERSATIONS}/{chat.conversation['id']}")["title"] == "How do I bake bread?"


def test_an_empty_conversation_has_nothing_to_be_titled_by(chat: Chat) -> None:
    reply = chat.post({"model": MODEL}, f"{CONVERSATIONS}/{chat.conversation['id']}/title")

    assert failure(reply) == (409, "conflict")


# Whose.


def test_somebody_elses_answers_do_not_exist(chat: Chat, eve: Person) -> None:
    chat.upstream.will(answer_with("secret", ending="stall"))
    started = chat.asks("secret?")
    answer = started["answers"][0]
    generation = f"/api/v1/generations/{answer['generation_id']}"
    calls = [
        ("GET", generation, None),
        ("GET", f"{generation}/events", None),
        ("POST", f"{generation}/stop", None),
        ("POST", chat.messages, {"content": "Hello?", "model": MODEL}),
        ("POST", f"{chat.messages}/{answer['id']}/regenerate", {"model": MODEL}),
        ("GET", f"{chat.messages}/{answer['id']}/request", None),
        ("POST", f"{CONVERSATIONS}/{chat.conversation['id']}/title", {"model": MODEL}),
    ]

    found = {path: failure(eve.asker.ask(method, path, json=body)) for method, path, body in calls}

    assert found == {path: (404, "not_found") for _, path, _ in calls}
    assert chat.ada.get(generation)["state"] == "running"


def test_a_key_asks_as_its_owner_and_is_narrowed_by_its_list(chat: Chat) -> None:
    door = chat.ada.door
    key = door.client(door.key(chat.ada.user))
    narrow = door.client(door.key(chat.ada.user, models=("other/*",)))
    body = {"content": "Hello?", "model": MODEL}

    found = events(key.post(chat.messages, body))
    refused = narrow.post(chat.messages, body)

    assert found[-1][1]["type"] == "done"
    assert failure(refused) == (403, "model_not_allowed")


def test_a_limit_is_a_status_and_stores_nothing(chat: Chat) -> None:
    door = chat.ada.door
    key = door.client(door.key(chat.ada.user, requests_per_minute=1))
    body = {"content": "Hello?", "model": MODEL}
    events(key.post(chat.messages, {**body, "parent_id": None}))

    refused = key.post(chat.messages, {**body, "parent_id": None})

    assert failure(refused) == (429, "rate_limited")
    assert "Retry-After" in refused.headers
    assert len(chat.ada.get(chat.messages)["items"]) == 2
