"""What an answer tells about itself, and what of the provider must never reach anybody."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.e2e.conftest import Provide
from tests.e2e.gateway import TOY, Gateway
from tests.e2e.questions import HELLO
from tests.support.fixtures import NewUpstream
from tests.support.replies import answer_with, key_refused, openai_error
from tests.support.upstream import Upstream

V1 = "/v1/chat/completions"
NATIVE = "/api/v1/llm-providers/chat"
CHAT = {"messages": HELLO}
CALLS: list[tuple[str, dict[str, Any]]] = [
    (V1, CHAT),
    (V1, {**CHAT, "stream": True}),
    ("/openai/v1/chat/completions", CHAT),
    ("/v1/completions", {"prompt": "Hello"}),
    ("/v1/completions", {"prompt": "Hello", "stream": True}),
    ("/v1/embeddings", {"input": "Hello"}),
    (NATIVE, CHAT),
    (NATIVE, {**CHAT, "stream": True}),
    ("/api/v1/llm-providers/completions", {"prompt": "Hello"}),
    ("/api/v1/llm-providers/embeddings", {"input": "Hello"}),
]
ABOUT_ITSELF = {
    *("x-request-id", "x-patchbay-provider", "x-patchbay-model", "x-patchbay-attempts"),
    *("x-patchbay-overhead-ms", "x-patchbay-config-version"),
}
OF_HTTP = {
    *("server", "date", "connection", "content-type", "content-length", "transfer-encoding"),
    *("cache-control", "x-accel-buffering"),
}
UPSTREAMS_OWN = (
    ("Set-Cookie", "session=of-the-provider"),
    ("Server", "provider-server/1.0"),
    ("X-Request-Id", "the-providers-own"),
    ("X-Ratelimit-Remaining-Requests", "3"),
    ("Openai-Organization", "of-the-provider"),
    ("X-Upstream-Address", "10.1.2.3"),
)


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_every_answer_tells_who_gave_it_and_nothing_else_of_the_provider(
    gateway: Gateway, upstream: Upstream, provide: Provide, path: str, body: dict[str, Any]
) -> None:
    slug = provide(upstream)
    asked = "text-embedding-hello" if "input" in body else "hello-1"
    upstream.will(answer_with("hello there", model="another-model", headers=UPSTREAMS_OWN))

    reply = gateway.ask("POST", path, {**body, "model": f"{slug}/{asked}"}, headers={"X-Request-Id": "my.own_id-1"})

    assert reply.status == 200
    assert reply.headers.keys() >= ABOUT_ITSELF
    assert reply.headers.keys() <= ABOUT_ITSELF | OF_HTTP
    assert reply.headers["x-request-id"] == "my.own_id-1"
    assert reply.headers["x-patchbay-provider"] == slug
    assert reply.headers["x-patchbay-model"] == "another-model"
    assert reply.headers["x-patchbay-attempts"] == "1"
    assert 0 < float(reply.headers["x-patchbay-overhead-ms"]) < 1000
    assert reply.headers["x-patchbay-config-version"].isdigit()
    assert "of-the-provider" not in str(reply)
    assert "provider-server" not in str(reply)


@pytest.mark.parametrize("path", [V1, NATIVE])
@pytest.mark.parametrize("stream", [False, True])
def test_a_failure_tells_who_was_tried_and_how_often(
    gateway: Gateway, upstream: Upstream, provide: Provide, path: str, stream: bool
) -> None:
    slug = provide(upstream)
    upstream.will(openai_error(500, headers={"retry-after-ms": "1", **dict(UPSTREAMS_OWN)}))

    reply = gateway.ask("POST", path, {**CHAT, "model": f"{slug}/hello-1", "stream": stream})

    told = {name: reply.headers[f"x-patchbay-{name}"] for name in ("provider", "model", "attempts")}
    assert reply.status == 502
    assert reply.headers.keys() >= ABOUT_ITSELF
    assert reply.headers.keys() <= ABOUT_ITSELF | OF_HTTP | {"retry-after"}
    assert told == {"provider": slug, "model": "hello-1", "attempts": "3"}
    assert 0 < float(reply.headers["x-patchbay-overhead-ms"]) < 1000


def test_a_failure_that_reached_no_provider_names_none(gateway: Gateway) -> None:
    reply = gateway.ask("POST", V1, {**CHAT, "model": "no-such-model"})

    assert [name for name in reply.headers if name.startswith("x-patchbay")] == []


@pytest.mark.parametrize("given", ["", "two words", "x" * 129, "dröhn"])
def test_a_request_id_that_is_none_is_replaced(gateway: Gateway, given: str) -> None:
    headers = {"X-Request-Id": given.encode("latin-1").decode("latin-1")}

    made = [gateway.ask("GET", "/v1/models", headers=headers).headers["x-request-id"] for _ in range(2)]

    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in made)
    assert made[0] != made[1]


def test_a_streamed_answer_is_not_to_be_kept_or_collected(gateway: Gateway) -> None:
    reply = gateway.ask("POST", V1, {**CHAT, "model": TOY, "stream": True, "max_tokens": 1})

    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert (reply.headers["cache-control"], reply.headers["x-accel-buffering"]) == ("no-cache", "no")


def test_an_errors_request_id_is_the_answers(gateway: Gateway) -> None:
    reply = gateway.ask("POST", NATIVE, {**CHAT, "model": "no-such-model"})

    assert reply.json["error"]["request_id"] == reply.headers["x-request-id"]


def test_a_key_that_a_provider_repeats_is_seen_by_nobody(
    gateway: Gateway, new_upstream: NewUpstream, provide: Provide
) -> None:
    key = "sk-that-nobody-may-ever-see-1234567890"
    upstream = new_upstream()
    slug = provide(upstream, api_key=key)
    upstream.will(key_refused(), on="* *")

    replies = [gateway.ask("POST", path, {**body, "model": f"{slug}/hello-1"}) for path, body in CALLS]
    replies += [
        gateway.ask("GET", f"/api/v1/llm-providers/models?provider={slug}&refresh=true", key=gateway.token),
        gateway.ask("GET", f"/api/v1/llm-providers/{slug}", key=gateway.token),
        gateway.ask("GET", f"/api/v1/llm-providers/{slug}/versions", key=gateway.token),
        gateway.ask("GET", "/api/v1/llm-providers/audit-logs?limit=200", key=gateway.token),
        gateway.ask("POST", f"/api/v1/llm-providers/{slug}/test", {"completion": True}, key=gateway.token),
        gateway.ask("GET", "/api/v1/usage/requests", key=gateway.token),
        gateway.ask("GET", "/metrics", key=gateway.token),
    ]
    gateway.ask("GET", "/healthz")

    assert {request.key for request in upstream.requests} == {key}
    assert {reply.status for reply in replies[: len(CALLS)]} == {502}
    # The provider's words around it are not passed on either.
    told = ("nobody-may-ever-see", "Incorrect API key")
    assert [reply.body for reply in replies if any(words in str(reply) for words in told)] == []
    assert "nobody-may-ever-see" not in gateway.log
    assert [file.name for file in gateway.files() if b"nobody-may-ever-see" in file.read_bytes()] == []


def test_neither_questions_nor_keys_are_logged_or_kept(gateway: Gateway, upstream: Upstream, model: str) -> None:
    secret_question = [{"role": "user", "content": "is anybody-reading-this?"}]
    upstream.will(answer_with(["nobody-writes-this-down"]))
    key = gateway.new_key()

    gateway.ask("POST", V1, {"model": model, "messages": secret_question}, key=key, headers={"X-Request-Id": "quiet"})
    gateway.rows("quiet")

    written = gateway.log.encode() + b"".join(file.read_bytes() for file in gateway.files())
    assert b"quiet" in written
    assert [words for words in (b"anybody-reading", b"nobody-writes", key.encode()) if words in written] == []
