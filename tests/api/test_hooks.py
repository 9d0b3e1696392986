"""How failures look: every class in both faces, and what happens around each request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.api.dialects import native, openai_v1
from app.api.errors import error_headers, http_status
from app.api.hooks import error_response
from app.domain import errors as e
from app.domain.errors import GatewayError, Problem
from tests.api.callers import Doorstep, failure

INVALID, AUTHENTICATION, PERMISSION = "invalid_request_error", "authentication_error", "permission_error"
RATE, API, SERVER = "rate_limit_error", "api_error", "server_error"

# Class → status, native code, OpenAI's type and code.
TABLE: dict[type[GatewayError], tuple[int, str, str, str]] = {
    GatewayError: (500, "internal", SERVER, "internal"),
    e.InvalidRequest: (400, "invalid_request", INVALID, "invalid_request"),
    e.InvalidJson: (400, "invalid_json", INVALID, "invalid_json"),
    e.AmbiguousModel: (400, "ambiguous_model", INVALID, "ambiguous_model"),
    e.CapabilityNotSupported: (400, "capability_not_supported", INVALID, "capability_not_supported"),
    e.TextOnly: (400, "capability_not_supported", INVALID, "capability_not_supported"),
    e.ContextLengthExceeded: (400, "context_length_exceeded", INVALID, "context_length_exceeded"),
    e.ParameterNotSupported: (400, "parameter_not_supported", INVALID, "parameter_not_supported"),
    e.NotAuthenticated: (401, "credential_invalid", AUTHENTICATION, "invalid_api_key"),
    e.CredentialMissing: (401, "credential_missing", AUTHENTICATION, "invalid_api_key"),
    e.CredentialInvalid: (401, "credential_invalid", AUTHENTICATION, "invalid_api_key"),
    e.CredentialExpired: (401, "credential_expired", AUTHENTICATION, "invalid_api_key"),
    e.NotAllowed: (403, "not_allowed", PERMISSION, "not_allowed"),
    e.KeyNotAllowed: (403, "key_not_allowed", PERMISSION, "key_not_allowed"),
    e.ModelNotAllowed: (403, "model_not_allowed", PERMISSION, "model_not_allowed"),
    e.PasswordChangeRequired: (403, "password_change_required", PERMISSION, "password_change_required"),
    e.NotFound: (404, "not_found", INVALID, "not_found"),
    e.ModelNotFound: (404, "model_not_found", INVALID, "model_not_found"),
    e.MethodNotAllowed: (405, "method_not_allowed", INVALID, "method_not_allowed"),
    e.NotJson: (415, "not_json", INVALID, "not_json"),
    e.Conflict: (409, "conflict", INVALID, "conflict"),
    e.DefaultProvider: (409, "default_provider", INVALID, "default_provider"),
    e.ModelBusy: (409, "model_busy", INVALID, "model_busy"),
    e.VersionMismatch: (412, "version_mismatch", INVALID, "version_mismatch"),
    e.TooLarge: (413, "too_large", INVALID, "too_large"),
    e.RateLimited: (429, "rate_limited", RATE, "rate_limited"),
    e.BudgetExceeded: (429, "budget_exceeded", RATE, "budget_exceeded"),
    e.ClientLeft: (499, "client_left", SERVER, "client_left"),
    e.Stopped: (499, "stopped", API, "stopped"),
    e.NoProvider: (503, "no_provider", API, "no_provider"),
    e.Draining: (503, "draining", API, "draining"),
    e.ProviderError: (502, "provider_error", API, "provider_error"),
    e.ProviderRejected: (400, "invalid_request", INVALID, "invalid_request"),
    e.ProviderContextLength: (400, "context_length_exceeded", INVALID, "context_length_exceeded"),
    e.ProviderRateLimited: (429, "provider_rate_limited", RATE, "provider_rate_limited"),
    e.ProviderQuota: (429, "provider_quota", RATE, "provider_quota"),
    e.ProviderAuthFailed: (502, "provider_auth_failed", API, "provider_auth_failed"),
    e.ProviderProtocol: (502, "provider_protocol", API, "provider_protocol"),
    e.ProviderFailed: (502, "provider_error", API, "provider_error"),
    e.StreamCut: (502, "stream_cut", API, "stream_cut"),
    e.ProviderUnreachable: (503, "provider_unreachable", API, "provider_unreachable"),
    e.ProviderTimeout: (504, "provider_timeout", API, "provider_timeout"),
}


def test_every_failure_has_its_status_and_code_in_both_faces() -> None:
    found = {}
    for kind in kinds_of(GatewayError):
        error = kind("words")
        v1 = openai_v1.error_body(error, "id")["error"]
        found[kind] = http_status(error), native.failure_body(error, "id")["error"]["code"], v1["type"], v1["code"]

    assert found == TABLE


def kinds_of(root: type[GatewayError]) -> Iterator[type[GatewayError]]:
    yield root
    for kind in root.__subclasses__():
        if kind.__module__ == "app.domain.errors":
            yield from kinds_of(kind)


def test_a_failure_has_its_whole_shape_in_each_face() -> None:
    problem = Problem("temperature", "must be at most 2")
    error = e.InvalidRequest("temperature must be at most 2.", param="temperature", details=[problem])

    assert native.failure_body(error, "an-id") == {
        "success": False,
        "error": {
            "code": "invalid_request",
            "message": "temperature must be at most 2.",
            "request_id": "an-id",
            "details": [{"field": "temperature", "problem": "must be at most 2"}],
        },
    }
    assert openai_v1.error_body(error, "an-id") == {
        "error": {
            "message": "temperature must be at most 2.",
            "type": "invalid_request_error",
            "param": "temperature",
            "code": "invalid_request",
        }
    }


@pytest.mark.parametrize(
    ("status", "native_code"),
    [(400, "invalid_request"), (404, "model_not_found"), (413, "too_large"), (422, "invalid_request")],
)
def test_a_providers_refusal_keeps_status_message_and_code(status: int, native_code: str) -> None:
    error = e.ProviderRejected("Its own words.", provider="one", status=status, provider_code="its_code", param="n")

    assert http_status(error) == status
    assert native.failure_body(error, "id")["error"]["code"] == native_code
    assert openai_v1.error_body(error, "id")["error"] == {
        "message": "Its own words.",
        "type": "invalid_request_error",
        "param": "n",
        "code": "its_code",
    }


@pytest.mark.parametrize("kind", [e.ProviderRateLimited, e.ProviderQuota])
def test_a_providers_limit_keeps_its_code_towards_openai_clients(kind: type[e.ProviderError]) -> None:
    error = kind("Slow down.", provider_code="tokens_per_min")

    assert openai_v1.error_body(error, "id")["error"]["code"] == "tokens_per_min"
    assert native.failure_body(error, "id")["error"]["code"] == kind.code


def test_a_providers_own_fault_does_not_show_its_code() -> None:
    error = e.ProviderAuthFailed("The provider refused our key.", provider_code="invalid_api_key")

    assert openai_v1.error_body(error, "id")["error"]["code"] == "provider_auth_failed"


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (e.RateLimited("", retry_after_s=0.2), {"Retry-After": "1"}),
        (e.RateLimited("", retry_after_s=7.1), {"Retry-After": "8"}),
        (e.ProviderQuota(""), {"Retry-After": "60"}),
        (e.Draining("", retry_after_s=5), {"Retry-After": "5"}),
        (e.CredentialMissing(""), {"WWW-Authenticate": "Bearer"}),
        (e.InvalidRequest(""), {}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_headers_tell_what_to_do_about_it(error: GatewayError, headers: dict[str, str]) -> None:
    assert dict(error_headers(error)) == headers


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/v1/x", {"error"}),
        ("/openai/v1/x", {"error"}),
        ("/api/v1/x", {"success", "error"}),
        ("/x", {"success", "error"}),
    ],
)
def test_a_failure_speaks_as_the_face_that_was_asked(app: Flask, path: str, names: set[str]) -> None:
    with app.test_request_context(path):
        reply = error_response(e.Conflict("words"))

    assert (reply.status_code, reply.content_type, set(reply.json or {})) == (409, "application/json", names)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/llm-providers", "GET, HEAD, OPTIONS, POST"),
        ("GET", "/api/v1/llm-providers/chat", "OPTIONS, POST"),
        ("PUT", "/api/v1/llm-providers/active", "GET, HEAD, OPTIONS"),
        ("GET", "/v1/chat/completions", "OPTIONS, POST"),
        ("POST", "/healthz", "GET, HEAD, OPTIONS"),
        ("POST", "/docs", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_wrong_method_is_405_and_names_the_right_ones(door: Doorstep, method: str, path: str, allowed: str) -> None:
    asker = door.client(door.key(door.person("Uri")))

    reply = asker.ask(method, path, json={})

    assert failure(reply) == (405, "method_not_allowed")
    assert reply.headers["Allow"] == allowed


@pytest.mark.parametrize("face", ["/v1/models", "/api/v1/llm-providers"])
def test_a_fault_of_ours_says_nothing_but_its_request(door: Doorstep, face: str) -> None:
    asker = door.client(door.key(door.person("Uri")))
    door.parts.model_lists = door.parts.provider_settings = BROKEN

    reply = asker.get(face, headers={"X-Request-Id": "an-id"})

    document: Any = reply.json
    assert failure(reply) == (500, "internal")
    assert document["error"]["message"] == "Something went wrong in the gateway. The log has it under an-id."
    assert "secret-part" not in reply.text


class Broken:
    """A part with a mistake in it, as a bug would be."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"secret-part: {name}")


BROKEN: Any = Broken()


@pytest.mark.parametrize("given", ["a", "A-z.0_9", "x" * 128])
def test_a_clients_request_id_is_kept(door: Doorstep, given: str) -> None:
    reply = door.client().get("/api/v1/users", headers={"X-Request-Id": given})

    document: Any = reply.json
    assert reply.headers.getlist("X-Request-Id") == [given]
    assert document["error"]["request_id"] == given


@pytest.mark.parametrize("given", ["", "x" * 129, "with space", "ünïcode", "a/b", "a;b"])
def test_another_request_id_is_replaced(door: Doorstep, given: str) -> None:
    reply = door.client().get("/healthz", headers={"X-Request-Id": given})

    made = reply.headers.getlist("X-Request-Id")
    assert len(made) == 1
    assert len(made[0]) == 32
    assert made[0] != given
