"""Whatever is wrong with a request: a clear error that names field and bounds, and nothing is lost or changed."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.api.openapi_document import complete
from app.api.parsing import MAX_JSON_BYTES
from app.domain.accounts import Role
from app.storage.tables import Base
from tests.api.callers import Asker, Doorstep, failure
from tests.api.chat.files import png
from tests.support.upstream import Upstream

NOBODYS_ID = "00000000-0000-4000-8000-000000000000"
JSON = "application/json"
PNG = base64.b64encode(png()).decode()
HELLO = [{"role": "user", "content": "hello"}]


@dataclass(frozen=True)
class Place:
    """An application with something in it, an administrator who asks, and a provider that must not be asked."""

    door: Doorstep
    admin: Asker
    upstream: Upstream

    def rows(self) -> dict[str, list[str]]:
        """Everything that is stored."""
        with self.door.parts.database.engine.connect() as connection:
            return {
                table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
                for table in Base.metadata.sorted_tables
            }


@pytest.fixture
def place(door: Doorstep, upstream: Upstream) -> Place:
    upstream.will_list("hello-1", "hello-2", "text-embedding-hello")
    door.provider(base_url=upstream.base_url, models={"chat": "hello-1", "embedding": "text-embedding-hello"})
    door.provider(name="Second")
    ada = door.person("Ada", Role.ADMIN)
    admin = door.client(door.token(ada))
    assert admin.post("/api/v1/aliases", {"name": "quick", "targets": [{"model": "shared/hello-1"}]}).status_code == 201
    assert admin.post("/api/v1/api-keys", {"name": "first"}).status_code == 201
    assert admin.get("/v1/models").status_code == 200
    return Place(door, admin, upstream)


def body_routes(door: Doorstep) -> list[tuple[str, str]]:
    """Every route that takes JSON and nothing else; those of the model calls at each of their addresses."""
    document = complete(door.app)
    found = [
        (method.upper(), path.replace("{id}", "shared" if "/llm-providers/" in path else NOBODYS_ID))
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if set(operation.get("requestBody", {}).get("content", ())) == {"application/json"}
    ]
    found += [(method, f"/openai{path}") for method, path in found if path.startswith("/v1/")]
    return found + [
        (route.method, f"{face.prefix}{route.path}")
        for face in door.parts.older_faces
        for route in face.routes
        if route.body is not None
    ]


def in_words_of(path: str, refusal: tuple[int, str]) -> tuple[int, str]:
    """Older faces have no codes, Anthropic's has a type for each status."""
    status, code = refusal
    if path.startswith(OLDER):
        return status, ""
    if path.startswith(("/v1/messages", "/openai/v1/messages")):
        return status, {413: "request_too_large", 404: "not_found_error"}.get(status, "invalid_request_error")
    return status, code


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


OLDER = ("/lmstudio-service/", "/llama-chat/", "/ai-library/")
INVALID_JSON, INVALID = (400, "invalid_json"), (400, "invalid_request")
NOT_JSON, TOO_LARGE = (415, "not_json"), (413, "too_large")
LARGE = b'{"a": "' + b"x" * MAX_JSON_BYTES + b'"}'

BODIES: dict[str, tuple[bytes, str, tuple[int, str]]] = {
    "cut off": (b'{"a": ', JSON, INVALID_JSON),
    "trailing comma": (b'{"a": 1,}', JSON, INVALID_JSON),
    "two documents": (b"{} {}", JSON, INVALID_JSON),
    "single quotes": (b"{'a': 1}", JSON, INVALID_JSON),
    "NaN": (b'{"temperature": NaN}', JSON, INVALID_JSON),
    "Infinity": (b'{"temperature": Infinity}', JSON, INVALID_JSON),
    "invalid UTF-8": (b'{"a": "\xff\xfe"}', JSON, INVALID_JSON),
    "invalid UTF-8 deep inside": (b'{"messages": [{"role": "user", "content": "\xc3("}]}', JSON, INVALID_JSON),
    "half a surrogate pair": (b'{"messages": [{"role": "user", "content": "\\ud800"}]}', JSON, INVALID_JSON),
    "control character": (b'{"a": "\x00"}', JSON, INVALID_JSON),
    "a web form": (b"a=1", "application/x-www-form-urlencoded", NOT_JSON),
    "plain text": (b"{}", "text/plain", NOT_JSON),
    "no type": (b"{}", "", NOT_JSON),
    "an array": (b"[]", JSON, INVALID),
    "a string": (b'"a"', JSON, INVALID),
    "null": (b"null", JSON, INVALID),
    "a number": (b"1", JSON, INVALID),
    "65 levels": (nested(65), JSON, INVALID),
    "100,000 open brackets": (b"[" * 100_000, JSON, INVALID),
    "20 MB": (LARGE + b" " * 4 * 1024 * 1024, JSON, TOO_LARGE),
    "one byte too many": (LARGE[: MAX_JSON_BYTES + 1], JSON, TOO_LARGE),
}


def test_bodies_that_are_no_json_object_are_refused_on_every_route(place: Place) -> None:
    before, expected, found = place.rows(), {}, {}

    for method, path in body_routes(place.door):
        for name, (body, content_type, refusal) in BODIES.items():
            reply = place.admin.ask(method, path, data=body, content_type=content_type)
            document: Any = reply.json
            found[method, path, name] = failure(reply)
            expected[method, path, name] = in_words_of(path, refusal)
            assert document["detail"] if "detail" in document else document["error"]["message"], (method, path, name)

    assert found == expected
    assert place.rows() == before
    assert [one for one in place.upstream.requests if one.method == "POST"] == []


def test_the_message_names_the_bound(place: Place) -> None:
    words = {
        name: place.admin.ask("POST", "/v1/chat/completions", data=body, content_type=kind).json["error"]["message"]  # type: ignore[index]
        for name, (body, kind, _) in BODIES.items()
        if name in ("20 MB", "65 levels", "plain text", "an array")
    }

    assert words == {
        "20 MB": "The body is larger than 16 MB.",
        "65 levels": "The body is nested more than 64 levels deep.",
        "plain text": "Send the body as JSON with the header Content-Type: application/json.",
        "an array": "The body must be a JSON object.",
    }


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/ld+json"])
def test_other_ways_to_say_json_are_fine(place: Place, content_type: str) -> None:
    reply = place.admin.ask("POST", "/api/v1/api-keys", data=b'{"name": "k"}', content_type=content_type)

    assert reply.status_code == 201


def test_of_a_key_that_comes_twice_the_last_counts(place: Place) -> None:
    body = b'{"name": "first", "name": "last"}'

    reply = place.admin.ask("POST", "/api/v1/api-keys", data=body, content_type=JSON)

    assert reply.json["data"]["name"] == "last"  # type: ignore[index]


CHATS = ["/v1/chat/completions", "/openai/v1/chat/completions", "/api/v1/llm-providers/chat"]
COMPLETIONS = ["/v1/completions", "/api/v1/llm-providers/completions"]
EMBEDDINGS = ["/v1/embeddings", "/api/v1/llm-providers/embeddings"]

# What is wrong → the field, and words of the message.
CHAT_FIELDS: list[tuple[dict[str, Any], str, str]] = [
    ({"temperature": False}, "temperature", "must be a number"),
    ({"temperature": "1"}, "temperature", "must be a number"),
    ({"temperature": 2.1}, "temperature", "at most 2"),
    ({"temperature": -1}, "temperature", "at least 0"),
    ({"temperature": [1]}, "temperature", "must be a number"),
    ({"max_tokens": "5"}, "max_tokens", "must be a whole number"),
    ({"max_tokens": 1.5}, "max_tokens", "must be a whole number"),
    ({"max_tokens": 0}, "max_tokens", "at least 1"),
    ({"max_tokens": True}, "max_tokens", "must be a whole number"),
    ({"top_p": 1.5}, "top_p", "at most 1"),
    ({"n": 129}, "n", "at most 128"),
    ({"stop": 5}, "stop", "must be a string or an array of strings"),
    ({"seed": "x"}, "seed", "must be a whole number"),
    ({"presence_penalty": 3}, "presence_penalty", "at most 2"),
    ({"tools": {}}, "tools", "must be an array"),
    ({"tools": [{}] * 129}, "tools", "at most 128"),
    ({"response_format": "json"}, "response_format", "must be an object"),
    ({"logprobs": 1}, "logprobs", "must be true or false"),
    ({"stream": "yes"}, "stream", "must be true or false"),
    ({"stream": 1}, "stream", "must be true or false"),
    ({"model": 5}, "model", "string of 1 to 300 characters"),
    ({"model": ""}, "model", "string of 1 to 300 characters"),
    ({"model": "x" * 301}, "model", "string of 1 to 300 characters"),
    ({"messages": None}, "messages", "array"),
    ({"messages": "hello"}, "messages", "array"),
    ({"messages": []}, "messages", "1 to 10000 entries"),
    ({"messages": HELLO * 10_001}, "messages", "1 to 10000 entries, not 10001"),
    ({"messages": ["hello"]}, "messages", "objects"),
    ({"messages": [{"content": "hello"}]}, "messages", "role"),
    ({"messages": [{"role": "boss", "content": "hello"}]}, "messages[0].role", "one of assistant, developer"),
    ({"messages": [*HELLO, {"role": "user", "content": 5}]}, "messages[1].content", "must be a string"),
    ({"messages": [{"role": "user", "content": {"text": "x"}}]}, "messages[0].content", "must be a string"),
]


@pytest.mark.parametrize("path", CHATS)
def test_a_wrong_field_of_a_chat_is_named_with_its_bounds(place: Place, path: str) -> None:
    before = place.rows()
    for fields, field, words in CHAT_FIELDS:
        reply = place.admin.post(path, {"model": "shared/hello-1", "messages": HELLO, **fields})

        assert (fields, failure(reply), named(reply)) == (fields, INVALID, field)
        assert words in reply.json["error"]["message"]  # type: ignore[index]
    assert place.rows() == before
    assert [one for one in place.upstream.requests if one.method == "POST"] == []


NUMBERS = ["1e400", "-1e400", "9" * 400]


@pytest.mark.parametrize("path", CHATS)
@pytest.mark.parametrize("number", NUMBERS, ids=["large", "small", "long"])
def test_a_number_beyond_all_bounds_is_refused(place: Place, path: str, number: str) -> None:
    field: str
    for field in ("temperature", "max_tokens", "top_p", "n", "seed", "stream", "model", "stop", "messages"):
        fields = {"model": "shared/hello-1", "messages": HELLO, field: 0}
        body = json.dumps(fields).replace(f'"{field}": 0', f'"{field}": {number}')

        reply = place.admin.ask("POST", path, data=body.encode(), content_type=JSON)

        assert (field, reply.status_code) == (field, 400)
    assert [one for one in place.upstream.requests if one.method == "POST"] == []


def named(reply: TestResponse) -> str:
    """The field that an error is about."""
    error = reply.json["error"]  # type: ignore[index]
    return str(error["param"] if "param" in error else error["details"][0]["field"])


@pytest.mark.parametrize("path", COMPLETIONS)
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        *[({}, "prompt"), ({"prompt": 5}, "prompt"), ({"prompt": None}, "prompt"), ({"prompt": {}}, "prompt")],
        *[({"prompt": "x", "temperature": False}, "temperature"), ({"prompt": "x", "max_tokens": "5"}, "max_tokens")],
    ],
)
def test_a_wrong_field_of_a_completion_is_named(place: Place, path: str, fields: dict[str, Any], field: str) -> None:
    reply = place.admin.post(path, {"model": "shared/hello-1", **fields})

    assert (failure(reply), named(reply)) == (INVALID, field)


NO_TEXTS: list[Any] = [5, None, "", [], [""], [True], {}, ["x", 1], [[]]]


@pytest.mark.parametrize("path", EMBEDDINGS)
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "input"),
        *(({"input": one}, "input") for one in NO_TEXTS),
        *[({"input": "x", "dimensions": 0}, "dimensions"), ({"input": "x", "dimensions": "5"}, "dimensions")],
    ],
)
def test_a_wrong_field_of_an_embedding_is_named(place: Place, path: str, fields: dict[str, Any], field: str) -> None:
    reply = place.admin.post(path, {"model": "shared/text-embedding-hello", **fields})

    assert (failure(reply), named(reply)) == (INVALID, field)


NATIVE_IMAGES: list[tuple[Any, str, str]] = [
    ("x", "images", "must be an array"),
    (["x"], "images[0]", "must be an object"),
    ([{"mime_type": "image/png"}], "images[0].data_base64", "is required"),
    ([{"data_base64": PNG}], "images[0].mime_type", "is required"),
    ([{"data_base64": "not base64!", "mime_type": "image/png"}], "images[0].data_base64", "not valid base64"),
    ([{"data_base64": PNG[:-3], "mime_type": "image/png"}], "images[0].data_base64", "not valid base64"),
    ([{"data_base64": PNG, "mime_type": "image/gif"}], "images[0].mime_type", "one of image/jpeg, image/png"),
    ([{"data_base64": PNG, "mime_type": "image/jpeg"}], "images[0].data_base64", "is image/png, not image/jpeg"),
    ([{"data_base64": "aGVsbG8=", "mime_type": "image/png"}], "images[0].data_base64", "not a JPEG, PNG or WebP"),
]


def test_a_wrong_image_is_named(place: Place) -> None:
    for images, field, words in NATIVE_IMAGES:
        body = {"messages": [{"role": "user", "content": "what is it?", "images": images}]}
        reply = place.admin.post("/api/v1/llm-providers/chat", body)

        assert (images, failure(reply), named(reply)) == (images, INVALID, f"messages[0].{field}")
        assert words in reply.json["error"]["message"]  # type: ignore[index]


@pytest.mark.parametrize("path", CHATS)
@pytest.mark.parametrize(
    ("image", "words"),
    [
        ({"url": f"data:image/png;base64,{PNG[:-3]}"}, "not valid base64"),
        ({"url": f"data:image/tiff;base64,{PNG}"}, "must be one of"),
        ({"url": f"data:image/webp;base64,{PNG}"}, "is image/png, not image/webp"),
        ({"url": "data:image/png,plain"}, "data URL with base64"),
        ({"url": "file:///etc/passwd"}, "http(s) address or a data URL"),
        ({"url": ""}, "must have a url"),
        ({}, "must have a url"),
        (None, "must have a url"),
    ],
)
def test_a_wrong_image_part_is_named(place: Place, path: str, image: Any, words: str) -> None:
    parts = [{"type": "text", "text": "what is it?"}, {"type": "image_url", "image_url": image}]

    reply = place.admin.post(path, {"messages": [{"role": "user", "content": parts}]})

    assert (failure(reply), named(reply)) == (INVALID, "messages[0].content[1].image_url")
    assert words in reply.json["error"]["message"]  # type: ignore[index]


@pytest.mark.parametrize("path", CHATS)
def test_an_unknown_model_comes_with_near_ones(place: Place, path: str) -> None:
    reply = place.admin.post(path, {"model": "helo-1", "messages": HELLO})

    assert failure(reply) == (404, "model_not_found")
    message = reply.json["error"]["message"]  # type: ignore[index]
    assert "helo-1" in message
    assert "shared/hello-1" in message
    assert [one for one in place.upstream.requests if one.method == "POST"] == []


@pytest.mark.parametrize("model", ["nothing\0", "x" * 300, "ünïcode/模型", "../../etc", "shared", "/", "none/x"])
@pytest.mark.parametrize("face", ["/v1/models", "/api/v1/llm-providers/models"])
def test_an_odd_name_of_a_model_is_not_found(place: Place, face: str, model: str) -> None:
    listed = place.admin.get(f"{face}/{model.replace(chr(0), '%00')}")
    called = place.admin.post("/v1/chat/completions", {"model": model, "messages": HELLO})

    assert listed.status_code in (404, 308)
    assert failure(called) == (404, "model_not_found")


IDS = ["x", "%00", "a%00b", "x" * 5000, "ünïcode", "%F0%9F%98%80", NOBODYS_ID, NOBODYS_ID.upper(), "'--", "-1", "1e9"]
VALID: dict[str, object] = {
    "PATCH": {},
    "PUT": {"provider": "openai_compatible", "name": "N", "base_url": "http://x/v1"},
}
BY_END: dict[tuple[str, str], object] = {
    ("POST", "rollback"): {"version": 1},
    ("PATCH", "<string:message_id>"): {"feedback": None},
    ("POST", "messages"): {"content": "hello"},
    ("POST", "regenerate"): {},
    ("POST", "title"): {},
}
"""Where another body is valid: by method and the end of the route."""


def test_unknown_ids_are_not_found_on_every_route(place: Place) -> None:
    rules = sorted(place.door.app.url_map.iter_rules(), key=lambda rule: rule.rule)
    with_id = [(method, rule.rule) for rule in rules if ":id>" in rule.rule for method in sorted(rule.methods or ())]
    before, found = place.rows(), {}

    for method, rule in with_id:
        if method not in ("HEAD", "OPTIONS"):
            body = BY_END.get((method, rule.rpartition("/")[2]), VALID.get(method))
            for identity in IDS:
                path = re.sub("<[a-z]+:(message_)?id>", identity, rule)
                found[method, rule, identity] = failure(place.admin.ask(method, path, json=body))

    assert found == {place: in_words_of(place[1], (404, "not_found")) for place in found}
    assert len(found) > 15 * len(IDS)
    assert place.rows() == before


FIELDS: list[tuple[str, str, object, str, str]] = [
    # Providers.
    ("POST", "/api/v1/llm-providers", {"name": "N"}, "provider", "is required"),
    ("POST", "/api/v1/llm-providers", {"provider": "openai"}, "name", "is required"),
    ("POST", "/api/v1/llm-providers", {"provider": "telepathy", "name": "N"}, "provider", "must be one of"),
    ("POST", "/api/v1/llm-providers", {"provider": "openai_compatible", "name": "N"}, "base_url", "is required"),
    ("POST", "/api/v1/llm-providers", {"provider": "openai", "name": "N", "colour": 1}, "colour", "not a known field"),
    ("POST", "/api/v1/llm-providers", {"provider": "openai", "name": "x" * 201}, "name", "at most"),
    ("POST", "/api/v1/llm-providers", {"provider": "openai", "name": "N\0"}, "name", ""),
    ("POST", "/api/v1/llm-providers", {"provider": "openai", "name": "N", "slug": "models"}, "slug", "reserved"),
    ("POST", "/api/v1/llm-providers", {"provider": "openai", "name": "N", "slug": "Bad Slug"}, "slug", ""),
    ("PATCH", "/api/v1/llm-providers/shared", {"id": NOBODYS_ID}, "id", "read-only"),
    ("PATCH", "/api/v1/llm-providers/shared", {"slug": "other"}, "slug", "is fixed"),
    ("PATCH", "/api/v1/llm-providers/shared", {"enabled": "yes"}, "enabled", "true or false"),
    ("PATCH", "/api/v1/llm-providers/shared", {"enabled": 0}, "enabled", "true or false"),
    ("PATCH", "/api/v1/llm-providers/shared", {"temperature": False}, "temperature", "number"),
    ("PATCH", "/api/v1/llm-providers/shared", {"temperature": 3}, "temperature", "at most 2"),
    ("PATCH", "/api/v1/llm-providers/shared", {"max_tokens": "5"}, "max_tokens", ""),
    ("PATCH", "/api/v1/llm-providers/shared", {"request_timeout": 0}, "request_timeout", "greater than 0"),
    ("PATCH", "/api/v1/llm-providers/shared", {"max_concurrency": 0}, "max_concurrency", "at least 1"),
    ("PATCH", "/api/v1/llm-providers/shared", {"models": {"chta": "x"}}, "models.chta", "not a known field"),
    ("POST", "/api/v1/llm-providers/shared/rollback", {"version": 0}, "version", "at least 1"),
    ("POST", "/api/v1/llm-providers/shared/rollback", {"version": "1"}, "version", "a whole number"),
    # People.
    ("POST", "/api/v1/users", {}, "username", "is required"),
    ("POST", "/api/v1/users", {"username": "x" * 151}, "username", "at most"),
    ("POST", "/api/v1/users", {"username": "N\0"}, "username", ""),
    ("POST", "/api/v1/users", {"username": "N", "role": "king"}, "role", ""),
    ("POST", "/api/v1/users", {"username": "N", "enabled": 1}, "enabled", "true or false"),
    ("POST", "/api/v1/users", {"username": "N", "is_admin": True}, "is_admin", "not a known field"),
    ("POST", "/api/v1/users", {"username": "N", "password": "short"}, "password", "at least"),
    ("POST", "/api/v1/users", {"username": "N", "password": "x" * 1025}, "password", "at most 1024"),
    ("POST", "/api/v1/auth/login", {"username": "Ada"}, "password", "is required"),
    ("POST", "/api/v1/auth/login", {"username": ["Ada"], "password": "x"}, "username", "string"),
    ("POST", "/api/v1/auth/change-password", {"current_password": "x"}, "new_password", "is required"),
    # Keys.
    ("POST", "/api/v1/api-keys", {}, "name", "is required"),
    ("POST", "/api/v1/api-keys", {"name": ""}, "name", "at least 1"),
    ("POST", "/api/v1/api-keys", {"name": "x" * 201}, "name", "at most 200"),
    ("POST", "/api/v1/api-keys", {"name": "k", "models": []}, "models", "at least 1"),
    ("POST", "/api/v1/api-keys", {"name": "k", "models": [5]}, "models.0", "string"),
    ("POST", "/api/v1/api-keys", {"name": "k", "requests_per_minute": 0}, "requests_per_minute", "at least 1"),
    ("POST", "/api/v1/api-keys", {"name": "k", "requests_per_minute": "9"}, "requests_per_minute", "whole number"),
    ("POST", "/api/v1/api-keys", {"name": "k", "expires_at": 5}, "expires_at", "such as 2026-12-31T23:59:59Z"),
    ("POST", "/api/v1/api-keys", {"name": "k", "expires_at": "0.5"}, "expires_at", "such as 2026-12-31T23:59:59Z"),
    ("POST", "/api/v1/api-keys", {"name": "k", "expires_at": "2026-12-31T23:59:59"}, "expires_at", ""),
    ("POST", "/api/v1/api-keys", {"name": "k", "expires_at": "2001-01-01T00:00:00Z"}, "expires_at", ""),
    # Aliases and settings.
    ("POST", "/api/v1/aliases", {"name": "n", "targets": []}, "targets", "at least 1"),
    ("POST", "/api/v1/aliases", {"name": "n", "targets": [{"model": "a"}] * 2}, "targets", "at most 1"),
    (
        "POST",
        "/api/v1/aliases",
        {"name": "n", "targets": [{"model": "a", "weight": 0}]},
        "targets.0.weight",
        "at least 1",
    ),
    ("POST", "/api/v1/aliases", {"name": "n", "targets": [{}]}, "targets.0.model", "is required"),
    ("PATCH", "/api/v1/settings", {"colour": 1}, "colour", "not a known field"),
    ("PATCH", "/api/v1/settings", {"default_models": {"chat": 5}}, "default_models.chat", "string"),
    ("PATCH", "/api/v1/settings", {"personal_providers_allowed": "no"}, "personal_providers_allowed", "true or false"),
    ("PATCH", "/api/v1/settings", {"default_requests_per_minute": 0}, "default_requests_per_minute", "at least 1"),
]


def test_a_wrong_field_is_named_with_its_bounds(place: Place) -> None:
    before = place.rows()
    for method, path, body, field, words in FIELDS:
        reply = place.admin.ask(method, path, json=body)

        assert (method, path, body, failure(reply)) == (method, path, body, INVALID)
        error: Any = reply.json["error"]  # type: ignore[index]
        problems = {detail["field"]: detail["problem"] for detail in error["details"]}
        assert field in problems, (body, error)
        assert words in problems[field], (body, error)
    assert place.rows() == before


ADDRESSES = [
    "", "localhost:1234", "ftp://host/v1", "http://", "http://host:99999/v1", "http://host:0/v1", "http://ho st/v1",
    "http://user:pass@host/v1", "http://256.1.1.1/v1", "http://[::1/v1", "http://host/v1?key=1", "http://host/v1#x",
    "http://host\n/v1", "http://" + "x" * 2100, "javascript:alert(1)", "http://169.254.169.254/latest", "//host/v1",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_bad_address_is_refused(place: Place, address: str) -> None:
    before = place.rows()
    body = {"provider": "openai_compatible", "name": "New", "base_url": address}

    made = place.admin.post("/api/v1/llm-providers", body)
    tested = place.admin.post("/api/v1/llm-providers/test", body)

    assert [(failure(reply), named(reply)) for reply in (made, tested)] == [(INVALID, "base_url")] * 2
    assert place.rows() == before


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/v1/users", {"username": "ada"}, "username"),
        ("/api/v1/aliases", {"name": "quick", "targets": [{"model": "shared/hello-1"}]}, "name"),
        ("/api/v1/llm-providers", {"provider": "openai", "name": "shared", "slug": "another"}, "name"),
        ("/api/v1/llm-providers", {"provider": "openai", "name": "Another", "slug": "shared"}, "slug"),
    ],
)
def test_a_name_can_be_had_once(place: Place, path: str, body: object, field: str) -> None:
    before = place.rows()

    reply = place.admin.post(path, body)

    assert (failure(reply), named(reply)) == ((409, "conflict"), field)
    assert place.rows() == before


LISTS = [
    "/api/v1/llm-providers", "/api/v1/llm-providers/audit-logs", "/api/v1/llm-providers/shared/versions",
    "/api/v1/users", "/api/v1/api-keys", "/api/v1/aliases", "/api/v1/auth/sessions", "/api/v1/usage/requests",
]  # fmt: skip
WRONG_QUERIES = [
    ("limit=0", "limit", "at least 1"),
    ("limit=201", "limit", "at most 200"),
    ("limit=abc", "limit", "a whole number"),
    ("limit=-1", "limit", "at least 1"),
    ("limit=1.5", "limit", "a whole number"),
    ("limit=", "limit", "a whole number"),
    ("cursor=nothing", "cursor", "take it from next_cursor"),
    ("cursor=%00", "cursor", "take it from next_cursor"),
    ("cursor=", "cursor", "take it from next_cursor"),
    ("cursor=MjAyNi0wMS0wMVQwMDowMDowMA", "cursor", "take it from next_cursor"),
    ("cursor=" + "x" * 201, "cursor", "at most 200"),
    ("lmit=5", "lmit", "not a known field"),
]


@pytest.mark.parametrize("path", LISTS)
def test_a_wrong_part_of_a_list_is_named(place: Place, path: str) -> None:
    for query, field, words in WRONG_QUERIES:
        reply = place.admin.get(f"{path}?{query}")

        assert (query, failure(reply)) == (query, INVALID)
        assert named(reply) == field
        assert words in reply.json["error"]["message"]  # type: ignore[index]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_comes_in_parts_of_the_size_asked_for(place: Place, path: str) -> None:
    reply = place.admin.get(f"{path}?limit=1")

    assert reply.status_code == 200
    data: Any = reply.json["data"]  # type: ignore[index]
    assert set(data) == {"items", "next_cursor"}
    assert len(data["items"]) <= 1
    if data["next_cursor"] is not None:
        assert place.admin.get(f"{path}?limit=200&cursor={data['next_cursor']}").status_code == 200


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/llm-providers/models?type=audio", "type"),
        ("/api/v1/llm-providers/models?detailed=maybe", "detailed"),
        ("/api/v1/llm-providers/models?colour=1", "colour"),
        ("/api/v1/llm-providers/discover?network=8.8.8.0/24", "network"),
        ("/api/v1/llm-providers/discover?network=10.0.0.0/8", "network"),
        ("/api/v1/llm-providers/discover?network=x", "network"),
        ("/api/v1/usage/summary?from=yesterday", "from"),
        ("/api/v1/usage/summary?to=0.5", "to"),
        ("/api/v1/usage/summary?group_by=colour", "group_by"),
        ("/api/v1/usage/series?interval=year", "interval"),
        ("/api/v1/usage/requests?model=%00", "model"),
    ],
)
def test_a_wrong_part_of_a_query_is_named(place: Place, path: str, field: str) -> None:
    reply = place.admin.get(path)

    assert (failure(reply), named(reply)) == (INVALID, field)


def test_a_version_that_is_none_is_refused_and_an_old_one_too(place: Place) -> None:
    before = place.rows()
    replies = [
        place.admin.ask("PATCH", "/api/v1/llm-providers/shared", json={"name": "N"}, headers={"If-Match": version})
        for version in ("x", '"0.5"', '"99"')
    ]

    assert [failure(reply) for reply in replies] == [INVALID, INVALID, (412, "version_mismatch")]
    assert place.rows() == before


def test_the_whole_table_of_bodies_is_json_where_it_should_be() -> None:
    """The bounds themselves: what is just allowed is read."""
    assert json.loads(nested(64))
    assert len(BODIES["one byte too many"][0]) == MAX_JSON_BYTES + 1
