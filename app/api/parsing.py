"""Request body, query and path → validated objects, or an error naming the field and its bounds.

flask-openapi documents views from their annotations; its own validation would run before the caller is known, accept
a wrong content type and answer 422, so `checked` does that part, and flask-openapi only documents.
"""

from __future__ import annotations

import functools
import inspect
import re
import time
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from flask import request
from pydantic import BaseModel, ValidationError

from app.domain.errors import InvalidJson, InvalidRequest, NotJson, Problem, TooLarge

Body = TypeVar("Body", bound=BaseModel)

MAX_JSON_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64
MAX_MODEL_LENGTH = 300

_decode = msgspec.json.Decoder().decode
# Strings are matched whole, so that brackets inside them do not count. Nothing is ever taken back (`*+`), and a string
# may lack its end: else 100 KB of escaped quotes would take minutes, and 10 MB of them a gigabyte.
_TOKENS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_TURN_TOKENS = 10_000
"""After so many the other requests have their turn: a body can hold millions."""


def checked(view: Callable[..., Any]) -> Callable[..., Any]:
    """Fill a view's `body`, `query` and `path` arguments from the request, by their annotated classes.

    Put it innermost, so that rights are checked first.
    """
    wanted = {
        name: annotation
        for name, annotation in typing.get_type_hints(view).items()
        if name in ("body", "query", "path") and inspect.isclass(annotation) and issubclass(annotation, BaseModel)
    }

    @functools.wraps(view)
    def wrapper(**path_values: Any) -> Any:
        arguments: dict[str, Any] = {}
        if "path" in wanted:
            arguments["path"] = validated(wanted["path"], path_values)
        else:
            arguments.update(path_values)
        if "query" in wanted:
            arguments["query"] = validated(wanted["query"], request.args.to_dict())
        if "body" in wanted:
            arguments["body"] = parsed(wanted["body"])
        return view(**arguments)

    return wrapper


def unparsed(view: Callable[..., Any]) -> Callable[..., Any]:
    """For a view that reads the request's bytes by itself: `body` and `form` are there for the documentation only."""
    documented = {name: None for name in ("body", "form") if name in inspect.signature(view).parameters}

    @functools.wraps(view)
    def wrapper(**path_values: Any) -> Any:
        return view(**path_values, **documented)

    return wrapper


def parsed(model: type[Body]) -> Body:
    """The request's JSON body as `model`. Raises NotJson, InvalidJson, TooLarge or InvalidRequest."""
    check_json_type(request.headers.get("Content-Type", ""))
    if request.content_length is not None and request.content_length > MAX_JSON_BYTES:
        raise too_large()
    data = request.get_data(cache=False)
    if len(data) > MAX_JSON_BYTES:
        raise too_large()
    return validated(model, decoded_object(data))


def check_json_type(content_type: str) -> None:
    """Raises NotJson unless the type is JSON's (`application/json`, `…+json`)."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise NotJson("Send the body as JSON with the header Content-Type: application/json.")


def decoded_object(data: bytes) -> dict[str, Any]:
    """A JSON object of bounded depth. Raises InvalidJson or InvalidRequest."""
    check_depth(data)
    try:
        document = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidJson(f"The body is not valid JSON: {error}.") from error
    if not isinstance(document, dict):
        raise InvalidRequest("The body must be a JSON object.")
    return document


def check_depth(data: bytes) -> None:
    """Raises InvalidRequest for JSON nested deeper than MAX_DEPTH levels."""
    # Cheap for what is normal: a text with few opening brackets cannot nest deeply.
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH and _nests_too_deep(data):
        raise InvalidRequest(f"The body is nested more than {MAX_DEPTH} levels deep.")


def _nests_too_deep(data: bytes) -> bool:
    """Whether brackets outside of strings are more than MAX_DEPTH levels deep."""
    level = 0
    for number, token in enumerate(_TOKENS.finditer(data), 1):
        if number % _TURN_TOKENS == 0:
            time.sleep(0)
        mark = token.group()
        if mark in (b"[", b"{"):
            level += 1
            if level > MAX_DEPTH:
                return True
        elif mark in (b"]", b"}"):
            level -= 1
    return False


def wrong(field: str, problem: str) -> InvalidRequest:
    """The error for one field: `problem` says what it must be."""
    return InvalidRequest(f"{field} {problem}.", param=field, details=[Problem(field, problem)])


def model_name(value: Any) -> str | None:
    """The `model` of a call; None stands for the default. Raises InvalidRequest."""
    if value is not None and (not isinstance(value, str) or not value.strip() or len(value) > MAX_MODEL_LENGTH):
        raise wrong("model", f"must be a string of 1 to {MAX_MODEL_LENGTH} characters")
    return value


def flag(field: str, value: Any) -> bool:
    """A boolean that may be left out, or null, for false. Raises InvalidRequest."""
    if value is not None and not isinstance(value, bool):
        raise wrong(field, "must be true or false")
    return bool(value)


def too_large() -> TooLarge:
    return TooLarge(f"The body is larger than {MAX_JSON_BYTES // 1024 // 1024} MB.")


def validated(model: type[Body], values: Mapping[str, Any]) -> Body:
    """`values` as `model`. Raises InvalidRequest with one detail per field."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = [Problem(_path(one["loc"]), _words(one)) for one in error.errors()]
        first = problems[0]
        raise InvalidRequest(f"{first.field}: {first.problem}", param=first.field, details=problems) from error


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "body"


_TYPES = {
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "string_type": "a string",
    "list_type": "an array",
    "set_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


def _plain(bound: Any) -> Any:
    """A whole number without `.0`."""
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def _words(problem: Any) -> str:
    """What to do about it, naming the bound; pydantic's own words where none is ours."""
    bounds = problem.get("ctx", {})
    match problem["type"]:
        case "extra_forbidden":
            return "is not a known field"
        case "missing":
            return "is required"
        case "greater_than_equal":
            return f"must be at least {_plain(bounds['ge'])}"
        case "less_than_equal":
            return f"must be at most {_plain(bounds['le'])}"
        case "greater_than":
            return f"must be greater than {bounds['gt']}"
        case "less_than":
            return f"must be less than {bounds['lt']}"
        case "string_too_long" | "too_long":
            return f"must have at most {bounds['max_length']} entries or characters"
        case "string_too_short" | "too_short":
            return f"must have at least {bounds['min_length']} entries or characters"
        case "value_error":
            return str(bounds["error"])
        case "enum" | "literal_error":
            return f"must be {bounds['expected']}"
        case kind if kind in _TYPES:
            return f"must be {_TYPES[kind]}"
        case _:
            words = str(problem["msg"])
            return words[:1].lower() + words[1:]
