"""Every diagnosis is made of a server that has the fault, at the right step."""

from __future__ import annotations

import time
from typing import Any

import pytest

from app.domain.catalog import Timeouts
from app.providers.ladder import Diagnosis, Step, run_ladder
from tests.providers.ladder.faults import FAULTS, LIST, climb, listing, provider
from tests.support.fixtures import NewUpstream
from tests.support.replies import (
    Response,
    flat_error,
    hang_up,
    key_refused,
    openai_error,
    raw,
    reset,
    respond,
    string_error,
    truncated,
    web_page,
)
from tests.support.upstream import Upstream
from tests.support.vendors import PERSONAS, openai_models

FAILING_STEP = {
    Diagnosis.DNS_FAILED: "resolve",
    Diagnosis.ADDRESS_NOT_ALLOWED: "resolve",
    Diagnosis.NOTHING_LISTENING: "connect",
    Diagnosis.UNREACHABLE: "connect",
    Diagnosis.CONNECT_TIMEOUT: "connect",
    Diagnosis.TLS_NAME: "tls",
    Diagnosis.TLS_EXPIRED: "tls",
    Diagnosis.TLS_UNTRUSTED: "tls",
    Diagnosis.TLS_ON_PLAIN_PORT: "tls",
    Diagnosis.KEY_MISSING: "auth",
    Diagnosis.KEY_REFUSED: "auth",
    Diagnosis.FORBIDDEN: "auth",
    Diagnosis.NO_MODELS: "models",
    Diagnosis.ONLY_EMBEDDINGS: "models",
    Diagnosis.BAD_JSON: "models",
    Diagnosis.TOO_LARGE: "models",
}


def test_every_diagnosis_has_a_server_with_the_fault() -> None:
    assert set(FAULTS) == set(Diagnosis)


@pytest.mark.parametrize("diagnosis", [one for one in Diagnosis if one is not Diagnosis.OK])
def test_a_fault_is_diagnosed_at_its_step(new_upstream: NewUpstream, diagnosis: Diagnosis) -> None:
    config = FAULTS[diagnosis](new_upstream)

    report = climb(config)

    assert (report.ok, report.diagnosis) == (False, diagnosis)
    assert [step.ok for step in report.steps] == [True] * (len(report.steps) - 1) + [False]
    assert report.steps[-1].step == FAILING_STEP.get(diagnosis, "http")


def test_a_server_that_works_passes_every_step(upstream: Upstream) -> None:
    report = climb(provider(upstream.base_url))

    assert report.ok
    assert report.diagnosis == "ok"
    assert report.repair is None
    assert report.message == f"My server answers at 127.0.0.1:{upstream.port} with 1 model."
    assert [(step.step, step.detail) for step in report.steps] == [
        ("resolve", "127.0.0.1"),
        ("connect", f"127.0.0.1 port {upstream.port}"),
        ("http", "status 200"),
        ("auth", "no key is needed"),
        ("models", "1 model can chat"),
    ]


def test_a_tls_server_has_one_step_more(new_upstream: NewUpstream) -> None:
    upstream = new_upstream(speaks="tls")

    report = climb(provider(upstream.base_url, ca_pem=upstream.ca_pem))

    assert report.ok
    assert [step.step for step in report.steps] == ["resolve", "connect", "tls", "http", "auth", "models"]


def test_steps_are_measured(upstream: Upstream) -> None:
    upstream.will(respond(200, openai_models(), headers_after_s=0.2), on=LIST)

    steps = {step.step: step.ms for step in climb(provider(upstream.base_url)).steps}

    assert 200 <= steps["http"] < 400
    assert steps["connect"] < 100


@pytest.mark.parametrize(
    ("vendor", "root"),
    [(name, {"groq": "/openai/v1", "openrouter": "/api/v1"}.get(name, "/v1")) for name in sorted(PERSONAS)],
)
def test_every_vendors_list_is_understood(upstream: Upstream, vendor: str, root: str) -> None:
    upstream.imitate(vendor)

    assert climb(provider(upstream.url + root)).diagnosis == "ok"


@pytest.mark.parametrize(
    ("reply", "diagnosis"),
    [
        (string_error(200), "error_in_200"),
        (flat_error(200), "error_in_200"),
        (openai_error(200), "error_in_200"),
        (string_error(401, "Unauthorized"), "key_missing"),
        (key_refused(), "key_missing"),
        (respond(402, {"error": {"code": 402}}), "forbidden"),
        (respond(405, b""), "not_found"),
        (respond(418, b""), "not_found"),
        (respond(498, {"error": {"code": "capacity_exceeded"}}), "rate_limited"),
        (respond(503, {"error": {"code": 503, "type": "unavailable_error"}}), "server_error"),
        (web_page(404), "not_found"),
        (web_page(502), "server_error"),
        (respond(200, b"<html></html>"), "web_page"),
        (respond(304, b""), "redirects"),
        (respond(200, []), "no_models"),
        (respond(200, {"object": "list", "data": []}), "no_models"),
        (respond(200, {"object": "list", "data": None}), "no_models"),
        (respond(200, [{"id": "one"}]), "ok"),
        (respond(200, {"models": [{"key": "one"}]}), "bad_json"),
        (respond(200, {"data": ["one"]}), "bad_json"),
        (respond(200, {"data": {"id": "one"}}), "bad_json"),
        (respond(200, {"colour": "blue"}), "bad_json"),
        (respond(200, "hello"), "bad_json"),
        (respond(200, b"\xff\xfe\x00"), "bad_json"),
        (respond(200, b""), "bad_json"),
        (respond(200, 42), "bad_json"),
        (truncated(openai_models()), "bad_json"),
        (respond(200, openai_models(), framing="chunked", then="close"), "bad_json"),
        (respond(200, openai_models(), framing="until_close"), "ok"),
        (respond(200, openai_models(), piece_bytes=7, piece_every_s=0.05), "too_slow"),
        (respond(200, openai_models(), body_after_s=60), "too_slow"),
        (Response(body=b"x" * 65536, repeat=10_000, framing="chunked"), "too_large"),
        (hang_up(), "not_http"),
        (reset(), "not_http"),
        (raw(b"-ERR unknown command 'GET'\r\n"), "not_http"),
        (raw(b"HTTP/1.1 banana\r\n\r\n"), "not_http"),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000), "not_http"),
        (raw(b"\x00" * 1000, then="stall"), "too_slow"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Len", then="stall"), "too_slow"),
    ],
)
def test_answers_of_all_sorts_are_told_apart(new_upstream: NewUpstream, reply: Response, diagnosis: str) -> None:
    config = listing(reply)(new_upstream)

    assert climb(config).diagnosis == diagnosis


def test_a_silent_port_is_too_slow(new_upstream: NewUpstream) -> None:
    assert climb(provider(new_upstream(speaks="silence").base_url)).diagnosis == "too_slow"


def test_a_tls_server_that_refuses_every_handshake_is_not_taken_for_plain(new_upstream: NewUpstream) -> None:
    # An alert (handshake_failure) is TLS all the same.
    upstream = new_upstream(speaks="banner", banner=b"\x15\x03\x03\x00\x02\x02\x28")

    report = climb(provider(f"https://127.0.0.1:{upstream.port}/v1"))

    assert report.diagnosis == "tls_untrusted"
    assert "can't agree on a TLS connection" in report.message


def test_neither_tls_nor_http_is_not_http(new_upstream: NewUpstream) -> None:
    upstream = new_upstream(speaks="banner")

    assert climb(provider(f"https://127.0.0.1:{upstream.port}/v1")).diagnosis == "not_http"


@pytest.mark.parametrize(
    "base_url",
    ["", "localhost:1234/v1", "ftp://localhost/v1", "http://", "http://localhost:99999/v1", "http://[::1/v1"],
)
def test_what_is_no_address_is_said_to_be_none(base_url: str) -> None:
    report = climb(provider(base_url))

    assert report.steps == (Step("resolve", False, 0.0, "no address"),)
    assert report.message == "This is not an address: it needs http:// or https:// and the name of a server."


def test_lmstudios_own_list_tells_embedding_models(upstream: Upstream) -> None:
    upstream.imitate("lmstudio", ["nomic-v1.5"])
    models = {"object": "list", "data": [{"id": "nomic-v1.5", "object": "model", "type": "embeddings"}]}
    upstream.will(respond(200, models), on="GET /api/v0/models")

    assert climb(provider(upstream.base_url, kind="lmstudio")).diagnosis == "only_embeddings"


@pytest.mark.parametrize(
    ("facts", "diagnosis"),
    [
        ({"capabilities": ["embedding"], "details": {"family": "qwen3"}}, "only_embeddings"),
        ({"details": {"family": "bert"}}, "only_embeddings"),
        ({"capabilities": ["completion"], "details": {"family": "bert"}}, "ok"),
        ({"details": {"family": "llama"}}, "ok"),
    ],
)
@pytest.mark.parametrize("path", ["", "/gpu"])
def test_ollamas_own_list_tells_embedding_models(
    facts: dict[str, Any], diagnosis: str, path: str, upstream: Upstream
) -> None:
    upstream.will(respond(200, {"object": "list", "data": [{"id": "bge-m3:latest"}]}), on=f"GET {path}/v1/models")
    upstream.will(respond(200, {"models": [{"name": "bge-m3:latest", **facts}]}), on=f"GET {path}/api/tags")

    assert climb(provider(f"{upstream.url}{path}/v1", kind="ollama")).diagnosis == diagnosis


def test_without_its_own_list_ollamas_models_are_believed_to_chat(upstream: Upstream) -> None:
    upstream.will(respond(200, {"object": "list", "data": [{"id": "bge-m3:latest"}]}), on="GET /v1/models")

    assert climb(provider(upstream.base_url, kind="ollama")).diagnosis == "ok"


def test_a_model_named_after_embeddings_is_believed_to_chat_where_its_type_says_so(upstream: Upstream) -> None:
    upstream.will(respond(200, {"data": [{"id": "embed-chat", "type": "llm"}]}), on=LIST)

    assert climb(provider(upstream.base_url)).ok


@pytest.mark.parametrize(("api_key", "diagnosis"), [(None, "key_missing"), ("sk-wrong", "key_refused")])
def test_a_list_that_is_open_to_all_does_not_hide_a_wrong_key(
    upstream: Upstream, api_key: str | None, diagnosis: str
) -> None:
    upstream.imitate("llamacpp")
    upstream.will(openai_error(401, code=401, error_type="authentication_error"), on="GET /props")

    assert climb(provider(upstream.base_url, api_key=api_key)).diagnosis == diagnosis


def test_openrouter_is_asked_about_the_key_itself(upstream: Upstream) -> None:
    upstream.imitate("openrouter")
    upstream.will(openai_error(401, code=401), on="GET /api/v1/key")

    report = climb(provider(f"{upstream.url}/api/v1", preset="openrouter", api_key="sk-or-old"))

    assert report.diagnosis == "key_refused"
    assert report.message == "OpenRouter refuses this key. Make a key at openrouter.ai/keys."


def test_a_right_key_is_accepted(new_upstream: NewUpstream) -> None:
    report = climb(provider(new_upstream(key="sk-right").base_url, api_key="sk-right"))

    assert report.ok
    assert [step.detail for step in report.steps if step.step == "auth"] == ["the key is accepted"]


@pytest.mark.parametrize("api_key", ["sk-line\nbreak", "sk-“quoted”"])
def test_a_key_that_no_header_can_carry_is_refused(upstream: Upstream, api_key: str) -> None:
    assert climb(provider(upstream.base_url, api_key=api_key)).diagnosis == "key_refused"
    assert upstream.requests == []


def test_headers_of_the_provider_are_sent(upstream: Upstream) -> None:
    headers = {"X-Title": "Patchbay", "authorization": "Basic old"}

    climb(provider(upstream.base_url, api_key="sk-new", extra_headers=headers))

    assert upstream.last.headers["x-title"] == "Patchbay"
    assert [value for name, value in upstream.last.raw_headers if name.lower() == "authorization"] == ["Bearer sk-new"]
    assert upstream.last.headers["host"] == f"127.0.0.1:{upstream.port}"


def test_a_header_may_be_the_key(new_upstream: NewUpstream) -> None:
    upstream = new_upstream(key="sk-right")

    assert climb(provider(upstream.base_url, extra_headers={"Authorization": "Bearer sk-right"})).ok


def test_the_providers_own_patience_with_connections_counts(new_upstream: NewUpstream) -> None:
    config = provider(new_upstream(speaks="deaf").base_url, timeouts=Timeouts(connect_s=0.2))
    started = time.monotonic()

    report = run_ladder(config)

    assert report.diagnosis == "connect_timeout"
    assert time.monotonic() - started < 1
