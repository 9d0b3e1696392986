"""The OpenAPI document of an older face, made from its routes whenever somebody looks at it."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel

from app.api.faces.face import EVENT_STREAM, Face, Route

Json = dict[str, Any]

_REFERENCES = "#/components/schemas/{model}"
_FAILURES = {
    400: "The request can't be served as it is",
    401: "Nobody known is asking",
    403: "The caller may not do this",
    404: "There is no such thing, or it is somebody else's",
    409: "It does not fit what is there",
    413: "The body is too large",
    415: "The body is not declared as JSON",
    429: "Too much at once; Retry-After says how long to wait",
    500: "A fault of the gateway; the log has it under the request's id",
    502: "The provider failed",
    503: "No model can answer now",
    504: "The provider was too slow",
}


def face_document(face: Face, server: str) -> Json:
    """The whole document, for clients that reach the face under `server`."""
    paths: Json = {}
    schemas: Json = {"Failure": _FAILURE}
    for route in face.routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.1",
        "info": {"title": face.title, "version": face.version, "description": face.description},
        "servers": [{"url": server}],
        "security": [{"bearer": []}, {"x_api_key": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "An API key (pb-…) or an access token"},
                "x_api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


_FAILURE: Json = {
    "title": "Failure",
    "type": "object",
    "required": ["detail"],
    "properties": {"detail": {"type": "string", "description": "What happened, and what to do about it"}},
}


def _operation(route: Route, schemas: Json) -> Json:
    operation: Json = {
        "summary": route.summary,
        "operationId": "_".join([route.method.lower(), *re.findall(r"\w+", route.path)]),
        "responses": {"200": _success(route), **{str(status): _failure(status, route) for status in _statuses(route)}},
    }
    if route.is_public:
        operation["security"] = []
    names = re.findall(r"{(\w+)}", route.path)
    if names:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
        ]
    if route.body is not None:
        content = {"schema": _schema(route.body, schemas), "example": dict(route.example)}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _success(route: Route) -> Json:
    kind = "string" if isinstance(route.reply, str) else "object"
    description = {EVENT_STREAM: "Events until the answer is complete"}.get(route.media_type, "The answer")
    return {
        "description": description,
        "content": {route.media_type: {"schema": {"type": kind}, "example": route.reply}},
    }


def _statuses(route: Route) -> list[int]:
    always = {500} if route.is_public else {401, 403, 500}
    of_bodies = {400, 413, 415} if route.body is not None else set()
    return sorted({*always, *of_bodies, *route.failures})


def _failure(status: int, route: Route) -> Json:
    schema: Json = {"$ref": "#/components/schemas/Failure"}
    if route.fails_with:
        other = {"type": "object", "required": list(route.fails_with), "examples": [dict(route.fails_with)]}
        schema = {"anyOf": [schema, other]}
    return {"description": _FAILURES[status], "content": {"application/json": {"schema": schema}}}


def _schema(shape: type[BaseModel], schemas: Json) -> Json:
    schema = shape.model_json_schema(ref_template=_REFERENCES)
    schemas.update(schema.pop("$defs", {}))
    schemas[shape.__name__] = schema
    return {"$ref": f"#/components/schemas/{shape.__name__}"}
