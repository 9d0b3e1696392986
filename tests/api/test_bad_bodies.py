"""Bodies that are no JSON object, too large or too deep: a clear error on every route, and nothing is changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.api.openapi_document import complete
from app.api.parsing import MAX_JSON_BYTES
from tests.api.bad_input import (
    INVALID,
    INVALID_JSON,
    JSON,
    NOBODYS_ID,
    NOT_JSON,
    TOO_LARGE,
    Place,
    in_words_of,
)
from tests.api.callers import Doorstep, failure


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


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


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


def test_the_whole_table_of_bodies_is_json_where_it_should_be() -> None:
    """The bounds themselves: what is just allowed is read."""
    assert json.loads(nested(64))
    assert len(BODIES["one byte too many"][0]) == MAX_JSON_BYTES + 1
