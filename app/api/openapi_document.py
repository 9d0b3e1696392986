"""The OpenAPI document: what flask-openapi reads from the views, completed with what holds for all of them.

It is made by `./patchbay generate` and by tests; a server serves the committed file. Who may call comes from the marks
on the views (auth.py), statuses and codes from the table in docs/api.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from flask import Flask
from flask_openapi import Info, OpenAPI

from app.api.admin.shapes import FailureOut
from app.api.converters import ProviderReference
from app.api.model_shapes import OpenAIFailure
from app.api.shape import Shape
from app.api.v1_shapes import AnthropicFailure
from app.domain.accounts import Permission
from app.domain.relays import EVERY_ROUTE

Json = dict[str, Any]

DESCRIPTION = """One door to every language model.

Send an API key (`pb-…`) or an access token as `Authorization: Bearer …`, or a key as `X-API-Key`. Every answer has an
`X-Request-Id`; a client may send its own (1 to 128 characters of `A-Z a-z 0-9 . _ -`). JSON bodies may have 16 MB.
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """A status: what it means, the codes it comes with, and those that only model calls have."""

    meaning: str
    codes: tuple[str, ...] = ()
    of_models: tuple[str, ...] = ()


FAILURES: dict[int, Failure] = {
    400: Failure(
        "The request can't be served as it is; `details` name the fields",
        ("invalid_json", "invalid_request"),
        ("ambiguous_model", "capability_not_supported", "context_length_exceeded", "parameter_not_supported"),
    ),
    401: Failure("Nobody known is asking", ("credential_missing", "credential_invalid", "credential_expired")),
    403: Failure(
        "The caller may not do this",
        ("not_allowed", "key_not_allowed", "password_change_required"),
        ("model_not_allowed",),
    ),
    404: Failure("There is no such thing, or it is somebody else's", ("not_found",), ("model_not_found",)),
    409: Failure("It does not fit what is there", ("conflict", "default_provider"), ("model_busy",)),
    412: Failure("Somebody else was faster: read again and repeat the change", ("version_mismatch",)),
    413: Failure("The body is too large", ("too_large",)),
    415: Failure("The body is not declared as JSON", ("not_json",)),
    422: Failure("The provider refused the request with this status; ours never have it", (), ("invalid_request",)),
    429: Failure(
        "Too much at once; Retry-After says how long to wait",
        ("rate_limited",),
        ("budget_exceeded", "provider_rate_limited", "provider_quota"),
    ),
    500: Failure("A fault of the gateway; the log has it under the request's id", ("internal",)),
    502: Failure(
        "The provider failed", (), ("provider_auth_failed", "provider_protocol", "provider_error", "stream_cut")
    ),
    503: Failure("No provider can answer now", (), ("no_provider", "provider_unreachable", "draining")),
    504: Failure("The provider was too slow", (), ("provider_timeout",)),
}
OF_MODEL_CALLS = (400, 404, 413, 415, 422, 429, 502, 503, 504)

PROVIDER = "/api/v1/llm-providers/{id}"
MODELS = "/api/v1/llm-providers/models"
CONVERSATION = "/api/v1/conversations/{id}"
COUNT_TOKENS = "/count_tokens"
EVENTS = "/api/v1/generations/{id}/events"
# What can't be read from a view: lookups without an id in the path, the refresh cookie, counted failures.
MORE: dict[tuple[str, str], tuple[int, ...]] = {
    ("get", "/api/v1/llm-providers/active"): (404,),
    ("get", "/api/v1/api-keys"): (404,),
    ("patch", "/api/v1/settings"): (404,),
    ("post", "/api/v1/auth/login"): (401, 429),
    ("post", "/api/v1/auth/refresh"): (401, 403, 429),
    ("post", "/api/v1/auth/logout"): (403, 429),
    ("post", "/api/v1/auth/change-password"): (429,),
    ("put", PROVIDER): (412,),
    ("patch", PROVIDER): (412,),
    ("delete", PROVIDER): (412,),
    ("post", f"{CONVERSATION}/messages"): (429,),
    ("post", f"{CONVERSATION}/messages/{{message_id}}/regenerate"): (429,),
    ("post", f"{CONVERSATION}/title"): (422, 429, 502, 503, 504),
    **{("post", f"{MODELS}/{act}"): (404, 422, 429, 502, 503, 504) for act in ("load", "unload", "download")},
    ("delete", f"{MODELS}/{{model_id}}"): (400, 422, 429, 502, 503, 504),
}
BODY_OPTIONAL = {("post", f"{PROVIDER}/test")}

_FILE: Json = {"schema": {"type": "string", "format": "binary"}}
# Bodies that may also come without a form around them.
MORE_TYPES: dict[tuple[str, str], Json] = {
    ("post", "/api/v1/conversations/import"): {"application/json": {"schema": {}}, "application/zip": _FILE},
}

IF_MATCH: Json = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The version that was read (the ETag of GET): the change is refused when there is another by now",
    "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,9}"|[0-9]{1,9})$'},
}
STRICT: Json = {
    "name": "X-Patchbay-Strict",
    "in": "header",
    "required": False,
    "description": "`true`: refuse parameters that would be dropped",
    "schema": {"type": "string", "enum": ["true", "false"]},
}
LAST_EVENT_ID: Json = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "The number of the last event that was seen; goes before `after`",
    "schema": {"type": "string", "pattern": "^[0-9]{1,9}$"},
}
V1_STREAM = '`data: {…}` chunks, then `data: [DONE]`, or one `data: {"error": …}` and no `[DONE]`'
MESSAGES_STREAM = (
    "Events `message_start`, `content_block_start`, `content_block_delta`, `content_block_stop`, `message_delta` and"
    " `message_stop`, or one `error`"
)
RESPONSES_STREAM = "Events `response.…` with numbers; the last is `response.completed`, `.incomplete` or `.failed`"
NATIVE_STREAM = "Events `start`, `delta`, `reasoning`, `tool_call`, `usage`, then one `done` or one `error`"
_FAILURE_SHAPES: dict[str, type[Shape]] = {"OpenAI": OpenAIFailure, "Anthropic": AnthropicFailure, "Native": FailureOut}
_STREAMS = {"OpenAI": V1_STREAM, "Anthropic": MESSAGES_STREAM, "Native": NATIVE_STREAM}

HEADERS: dict[str, Json] = {
    name: {"description": description, "schema": {"type": "string"}}
    for name, description in (
        ("X-Request-Id", "The client's own, or one that was made"),
        ("Retry-After", "Seconds"),
        ("X-Patchbay-Provider", "The provider's slug"),
        ("X-Patchbay-Model", "The vendor's name of the model that really answered"),
        ("X-Patchbay-Attempts", "How many times a provider was asked"),
        ("X-Patchbay-Overhead-Ms", "Time inside the gateway, without waiting for the provider"),
        ("X-Patchbay-Config-Version", "Grows with every change of the configuration"),
        ("X-Patchbay-Dropped", "Parameters that this model does not take"),
    )
}
OF_ANSWERS = [name for name in HEADERS if name.startswith("X-Patchbay-")]


@dataclass(frozen=True, slots=True)
class Operation:
    """One documented route and method, with its view."""

    method: str
    path: str
    view: Callable[..., Any]
    document: Json

    @property
    def is_model_call(self) -> bool:
        return bool(getattr(self.view, "admits_itself", False))

    @property
    def asks_model(self) -> bool:
        return self.is_model_call or bool(getattr(self.view, "asks_model", False))

    @property
    def is_public(self) -> bool:
        return bool(getattr(self.view, "is_public", False))

    @property
    def face(self) -> str:
        if self.path.startswith("/v1/messages"):
            return "Anthropic"
        return "OpenAI" if self.path.startswith("/v1/") else "Native"

    @property
    def sort(self) -> str:
        """Which failures it shares with others."""
        about_models = self.asks_model or "/models" in self.path
        return f"{self.face}Model" if about_models and self.face == "Native" else self.face

    def statuses(self) -> set[int]:
        found = {500, *MORE.get((self.method, self.path), ())}
        has_body = "requestBody" in self.document
        has_path = "{" in self.path
        if has_body or self.document.get("parameters"):
            found.add(400)
        if has_body:
            found |= {413, 415}
        if has_path:
            found.add(404)
        if not self.is_public:
            found |= {401, 403}
        if self.is_model_call:
            found |= {*OF_MODEL_CALLS}
        elif self.method != "get" and (has_body or has_path) and "/auth/" not in self.path:
            found.add(409)
        return found


def complete(app: Flask, server: str = "/") -> Json:
    """The whole document, for clients that reach it under `server`."""
    document: Json = _described(app).api_doc
    document["info"] = {**document["info"], "description": DESCRIPTION}
    document["servers"] = [{"url": server}]
    document["security"] = [{"bearer": []}, {"x_api_key": []}]
    document["tags"] = [*document["tags"], {"name": "Health", "description": "For whoever runs this server."}]
    components = {**document["components"], "headers": HEADERS}
    components["schemas"] = {
        name: schema for name, schema in components["schemas"].items() if name != "ValidationErrorModel"
    }
    components["schemas"] |= _schemas()
    responses: Json = {}
    for operation in _operations(app, document):
        document["paths"][operation.path][operation.method] = _completed(operation, responses)
    components["responses"] = dict(sorted(responses.items()))
    document["components"] = components
    return document


def _described(app: Flask) -> OpenAPI:
    """flask-openapi's application with every route of ours that has words for the document (routes.py)."""
    described = OpenAPI(
        "patchbay",
        info=Info(title="Patchbay", version="0.1.0"),
        security_schemes={
            "bearer": {"type": "http", "scheme": "bearer", "description": "An API key (pb-…) or an access token"},
            "x_api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            "refresh_cookie": {"type": "apiKey", "in": "cookie", "name": "pb_refresh"},
        },
        doc_ui=False,
        static_folder=None,
    )
    described.openapi_version = "3.1.1"
    described.url_map.converters["provider"] = ProviderReference
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        words = getattr(view, "words", None)
        if words is not None:
            (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            tags = [asdict(tag) for tag in words.get("tags", ())]
            document = getattr(described, method.lower())
            document(rule.rule, **{**words, "tags": tags}, endpoint=rule.endpoint)(view)
    return described


def _operations(app: Flask, document: Json) -> Iterator[Operation]:
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        for method in sorted(rule.methods or ()):
            found = document["paths"].get(path, {}).get(method.lower())
            if found is not None:
                view = app.view_functions[rule.endpoint]
                found = {**found, "operationId": rule.endpoint.replace(".", "_"), "tags": found["tags"]}
                yield Operation(method.lower(), path, view, found)


def _completed(operation: Operation, shared: Json) -> Json:
    document = operation.document
    answers = {status: answer for status, answer in document["responses"].items() if status.startswith("2")}
    if "503" in document["responses"] and not operation.is_model_call:
        answers["503"] = document["responses"]["503"]
    for status in sorted(operation.statuses()):
        name = f"{operation.sort}{status}"
        shared.setdefault(name, _failure(status, operation))
        answers[str(status)] = {"$ref": f"#/components/responses/{name}"}
    document["responses"] = {status: _with_headers(answer, operation) for status, answer in answers.items()}
    document.pop("deprecated", None)
    if document["tags"] == ["default"]:
        document["tags"] = ["Health"]
    if operation.is_public:
        document.setdefault("security", [])
    document["description"] = _rights(operation)
    if operation.asks_model and not operation.path.endswith("/title"):
        document["parameters"] = [*document.get("parameters", []), STRICT]
    if operation.is_model_call:
        _add_stream(operation)
    if (operation.method, operation.path) == ("get", EVENTS):
        document["parameters"] = [*document["parameters"], LAST_EVENT_ID]
    if (operation.method, operation.path) in BODY_OPTIONAL:
        document["requestBody"] = {**document["requestBody"], "required": False}
    more_types = MORE_TYPES.get((operation.method, operation.path))
    if more_types is not None:
        body = document["requestBody"]
        document["requestBody"] = {**body, "content": {**body["content"], **more_types}}
    if 412 in MORE.get((operation.method, operation.path), ()):
        document["parameters"] = [*document["parameters"], IF_MATCH]
    return document


def _rights(operation: Operation) -> str:
    people = "People only, no API keys. " if getattr(operation.view, "is_people_only", False) else ""
    permission = getattr(operation.view, "permission", None)
    if operation.is_public:
        return "Needs no credential."
    if permission is Permission.MANAGE:
        return f"{people}Needs an administrator."
    if permission is not None:
        return f"{people}Needs an administrator, or the permission {permission.value}."
    return people.strip() or "Any caller, within their rights."


def _failure(status: int, operation: Operation) -> Json:
    failure = FAILURES[status]
    about_models = operation.face != "Native" or operation.sort != "Native"
    codes = failure.codes + (failure.of_models if about_models else ())
    if operation.face == "OpenAI" and status == 401:
        codes = ("invalid_api_key",)
    shape = _FAILURE_SHAPES[operation.face]
    headers = ["X-Request-Id", *(["Retry-After"] if status in (429, 503) else [])]
    return {
        "description": failure.meaning if operation.face == "Anthropic" else f"{failure.meaning}: {', '.join(codes)}",
        "headers": _header_references(headers),
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}},
    }


def _with_headers(answer: Json, operation: Operation) -> Json:
    if "$ref" in answer:
        return answer
    tells_who = operation.asks_model and not operation.path.endswith(COUNT_TOKENS)
    names = ["X-Request-Id", *(OF_ANSWERS if tells_who else [])]
    return {**answer, "headers": _header_references(names)}


def _header_references(names: list[str]) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _add_stream(operation: Operation) -> None:
    """Calls with `stream` answer in two ways."""
    if operation.path.endswith(("/embeddings", COUNT_TOKENS, *EVERY_ROUTE)):
        return
    words = RESPONSES_STREAM if operation.path == "/v1/responses" else _STREAMS[operation.face]
    answer = operation.document["responses"]["200"]
    content = {**answer["content"], "text/event-stream": {"schema": {"type": "string", "description": words}}}
    operation.document["responses"]["200"] = {
        **answer,
        "description": "One JSON document, or events when `stream` is true",
        "content": content,
    }


def _schemas() -> Json:
    """The shapes of a failure, with what they are made of."""
    found: Json = {}
    for shape in _FAILURE_SHAPES.values():
        schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs")
        found[shape.__name__] = schema
    return found
