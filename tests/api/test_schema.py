"""The OpenAPI document is good, true and kept: what it says is what the application does with whatever comes."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import schemathesis.engine
from cryptography.fernet import Fernet
from openapi_spec_validator import validate
from pydantic import BaseModel
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events
from schemathesis.engine.recorder import ScenarioRecorder

from app.api.docs_pages import DOCUMENT as FILE
from app.api.errors import status_of
from app.api.openapi_document import FAILURES, complete
from app.domain.accounts import Role
from app.domain.errors import GatewayError, NotAuthenticated
from config import Config
from tests.api.callers import Doorstep
from tests.support.fixtures import NewUpstream

DOCUMENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
OPERATIONS = {
    (method, path): operation for path, item in DOCUMENT["paths"].items() for method, operation in item.items()
}
MODELS = "/api/v1/llm-providers/models"
LIFECYCLE = {
    *(("post", f"{MODELS}/{act}") for act in ("load", "unload", "download")),
    ("delete", f"{MODELS}/{{model_id}}"),
}
MODEL_CALLS = {place for place, operation in OPERATIONS.items() if "502" in operation["responses"]} - LIFECYCLE
RELAYED = {place for place in MODEL_CALLS if place[1].startswith(("/v1/audio", "/v1/images", "/v1/mod", "/v1/rerank"))}
PUBLIC = {("get", "/healthz"), ("get", "/readyz"), ("post", "/api/v1/auth/login"), ("post", "/api/v1/auth/logout")}


def test_the_document_is_valid() -> None:
    validate(DOCUMENT)

    assert DOCUMENT["openapi"] == "3.1.1"


def test_every_operation_says_what_it_is_and_who_may_call_it() -> None:
    known_tags = {tag["name"] for tag in DOCUMENT["tags"]}
    for place, operation in OPERATIONS.items():
        assert operation["summary"], place
        assert operation["description"], place
        assert set(operation["tags"]) <= known_tags, place
        assert ("security" in operation and operation["security"] == []) == (place in PUBLIC), place
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)


def test_every_failure_is_documented_in_the_shape_of_its_face() -> None:
    for place, operation in OPERATIONS.items():
        shape = "OpenAIFailure" if place[1].startswith("/v1/") else "FailureOut"
        shape = "AnthropicFailure" if place[1].startswith("/v1/messages") else shape
        for status, answer in operation["responses"].items():
            if status < "400" or place == ("get", "/readyz"):
                continue
            shared = DOCUMENT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
            schema = shared["content"]["application/json"]["schema"]["$ref"]
            assert (place, status, schema) == (place, status, f"#/components/schemas/{shape}")
            assert "X-Request-Id" in shared["headers"]


def test_only_model_calls_pass_on_a_422() -> None:
    passing_on = {place for place, operation in OPERATIONS.items() if "422" in operation["responses"]}
    assert passing_on == MODEL_CALLS | LIFECYCLE
    assert len(MODEL_CALLS) == 15


def test_calls_that_can_stream_declare_both_forms_of_the_answer() -> None:
    for _, path in MODEL_CALLS - RELAYED:
        types = set(OPERATIONS["post", path]["responses"]["200"]["content"])
        streams = not path.endswith(("/embeddings", "/title", "/count_tokens"))
        assert (path, types) == (path, {"application/json", *(["text/event-stream"] if streams else [])})


def test_every_text_and_number_that_is_not_passed_on_has_bounds() -> None:
    """Bodies of our own format; of the formats we imitate the provider knows the bounds."""
    unbounded = {
        f"{name}.{field}"
        for name, schema in DOCUMENT["components"]["schemas"].items()
        if schema.get("additionalProperties") is False
        for field, content in schema["properties"].items()
        for one in content.get("anyOf", [content])
        if (one.get("type") == "string" and not {"maxLength", "enum", "format", "const"} & set(one))
        or (one.get("type") in ("integer", "number") and not {"maximum", "enum"} & set(one))
    }

    # The data path itself bounds what it passes on: the size of the body, and what the model takes.
    assert unbounded == {"NativeEmbeddingBody.input", "NativeEmbeddingBody.dimensions", "NativeEmbeddingBody.user"}


def test_every_code_stands_under_its_status() -> None:
    documented = {(status, code) for status, failure in FAILURES.items() for code in failure.codes + failure.of_models}

    known = {(status_of(kind), kind.code) for kind in kinds_of(GatewayError)}
    # Nobody is there to read the first two; a wrong method has no operation to stand under.
    unseen = {(499, "client_left"), (499, "stopped"), (405, "method_not_allowed")}
    assert documented == known - unseen | {(422, "invalid_request")}


def kinds_of(root: type[GatewayError]) -> Iterator[type[GatewayError]]:
    yield root
    for kind in root.__subclasses__():
        if kind.__module__ == "app.domain.errors":
            yield from kinds_of(kind)


@pytest.mark.usefixtures("sqlite_door")
def test_no_two_shapes_share_a_name() -> None:
    """flask-openapi keeps schemas by the name of their class: of two with the same name only one would show."""
    shapes = {kind for kind in shapes_of(BaseModel) if kind.__module__.startswith("app.api")}
    names = sorted(kind.__name__ for kind in shapes)

    assert len(names) > 50
    assert names == sorted(set(names))


def shapes_of(root: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for kind in root.__subclasses__():
        yield kind
        yield from shapes_of(kind)


SETTINGS: dict[str, Any] = {
    "generation": {"max-examples": 15, "deterministic": True, "no-shrink": True, "database": "none"},
    "phases": {"stateful": {"enabled": False}, "coverage": {"unexpected-methods": ["PUT", "TRACE"]}},
    "checks": {
        # Some rules can't be written in a schema: that an address is one, that a cursor comes from a list.
        "positive_data_acceptance": {"enabled": False},
        # test_rights.py asks every route with every sort of credential.
        "ignored_auth": {"enabled": False},
        # These two compare several requests, which needs the phase that is left out.
        "use_after_free": {"enabled": False},
        "ensure_resource_availability": {"enabled": False},
    },
}


@pytest.fixture
def sqlite_door(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Doorstep]:
    from app import create_app

    shutil.copy(migrated_sqlite, tmp_path / "patchbay.db")
    app = create_app(
        Config(
            home=tmp_path,
            database_url=f"sqlite:///{tmp_path / 'patchbay.db'}",
            secret_keys=(Fernet.generate_key().decode(),),
            jwt_secret="a secret of the tests, long enough for HS256",
            local_engine=False,
        )
    )
    door = Doorstep.of(app)
    yield door
    door.close()


class Admins:
    """Somebody who is signed in, whoever was signed out, disabled or deleted by the requests before."""

    def __init__(self, door: Doorstep) -> None:
        self._door = door
        self._token = ""

    def token(self) -> str:
        if not self._is_admins():
            self._token = self._door.token(self._door.person(f"Ada {uuid.uuid4()}", Role.ADMIN))
        return self._token

    def _is_admins(self) -> bool:
        try:
            caller = self._door.parts.credentials.caller(f"Bearer {self._token}", None)
        except NotAuthenticated:
            return False
        return caller.is_admin and not caller.must_change_password


class Whole:
    """Reads a body to its end and closes it, as a server does and schemathesis does not."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = self._app(environ, start_response)
        try:
            return [b"".join(body)]
        finally:
            if hasattr(body, "close"):
                body.close()


@pytest.fixture
def live_schema(sqlite_door: Doorstep, new_upstream: NewUpstream) -> Any:
    """The document of a running application with a provider that answers, asked by an administrator."""
    # The cases run in several threads, which can't share a connection as a worker's greenlets do.
    upstream = new_upstream(requests_per_connection=1)
    sqlite_door.provider(base_url=upstream.base_url, models={"chat": "hello-1", "embedding": "text-embedding-hello"})
    document = complete(sqlite_door.app)
    # Where there are examples, hardly anything else would be asked.
    schemas = {
        name: {key: value for key, value in schema.items() if key != "examples"}
        for name, schema in document["components"]["schemas"].items()
    }
    schema = schemathesis.openapi.from_dict(
        {**document, "components": {**document["components"], "schemas": schemas}},
        config=SchemathesisConfig.from_dict(SETTINGS),
    )
    schema.app = Whole(sqlite_door.app.wsgi_app)
    admins = Admins(sqlite_door)

    @schema.auth(refresh_interval=None)
    class SignedIn:
        def get(self, case: Any, context: Any) -> str:
            return admins.token()

        def set(self, case: Any, data: str, context: Any) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

    return schema


# It asks every route hundreds of questions: a minute on two idle cores, several beside other work.
@pytest.mark.timeout(300)
def test_answers_are_what_the_document_says(live_schema: Any) -> None:
    problems, asked = set(), 0
    for event in schemathesis.engine.from_schema(live_schema).execute():
        if isinstance(event, events.NonFatalError):
            problems.add(f"{event.label}: {event.info.format()}")
        if isinstance(event, events.ScenarioFinished):
            asked += len(event.recorder.cases)
            problems |= set(problems_in(event.recorder))

    assert sorted(problems) == []
    assert asked > 2000


def problems_in(recorder: ScenarioRecorder) -> Iterator[str]:
    for nodes in recorder.checks.values():
        for node in nodes:
            if node.failure_info is not None:
                failure, command = node.failure_info.failure, node.failure_info.code_sample
                yield f"{recorder.label}: {node.name}: {failure.title}: {failure.message}\n{command}"
