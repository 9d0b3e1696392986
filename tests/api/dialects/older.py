"""The stage of the faces for older clients: LM Studio as the default provider, with the clients' own helpers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from werkzeug.test import TestResponse

from config import Config
from tests.api.callers import Doorstep
from tests.api.dialects.conftest import Stage
from tests.support.replies import respond
from tests.support.upstream import Upstream, UpstreamProcess

TEXT_MODEL = "qwen/qwen3-4b-2507"
VISION_MODEL = "qwen3-vl-4b-instruct"


@contextmanager
def old_stage(
    process: UpstreamProcess, migrated: Path, home: Path, *, has_defaults: bool = True, **settings: Any
) -> Iterator[Stage]:
    """An application whose only provider is an LM Studio with a text model and a vision model, slug `lm-studio`."""
    # Imported here, so that tests of single parts do not pay for the whole application.
    from app import create_app

    shutil.copy(migrated, home / "patchbay.db")
    door = Doorstep.of(create_app(old_config(home, **settings)))
    upstream = process.open()
    serve_old_models(upstream)
    models = {"chat": TEXT_MODEL, "vision": VISION_MODEL} if has_defaults else {}
    door.provider(name="LM Studio", provider="lmstudio", base_url=upstream.base_url, models=models)
    try:
        yield Stage(door, upstream, door.app.test_client(), door.key(door.person("Uri")))
    finally:
        door.close()
        upstream.close()


def old_config(home: Path, **settings: Any) -> Config:
    return Config(
        home=home,
        database_url=f"sqlite:///{home / 'patchbay.db'}",
        secret_keys=(Fernet.generate_key().decode(),),
        jwt_secret="a secret of the tests, long enough for HS256",
        local_engine=False,
        **settings,
    )


def serve_old_models(upstream: Upstream) -> None:
    upstream.imitate("lmstudio", [TEXT_MODEL, VISION_MODEL])
    listed = [_listed(TEXT_MODEL, loaded=True, vision=False), _listed(VISION_MODEL, loaded=False, vision=True)]
    upstream.will(respond(200, {"models": listed}), on="GET /api/v1/models")


def _listed(key: str, *, loaded: bool, vision: bool) -> dict[str, Any]:
    """As LM Studio 0.4 lists a model."""
    return {
        "type": "llm",
        "publisher": "qwen",
        "key": key,
        "display_name": key,
        "quantization": {"name": "Q4_K_M", "bits_per_weight": 4},
        "size_bytes": 2_500_000_000,
        "params_string": "4B",
        "loaded_instances": [{"id": key, "config": {"context_length": 8192}}] if loaded else [],
        "max_context_length": 40960,
        "format": "gguf",
        "architecture": "qwen3",
        "capabilities": {"vision": vision, "trained_for_tool_use": True},
    }


def get(stage: Stage, path: str, method: str = "GET", **headers: str) -> TestResponse:
    given = {"Authorization": f"Bearer {stage.key}", **headers}
    reply: TestResponse = stage.client.open(path, method=method, headers=given)
    return reply


def another(stage: Stage, name: str) -> Stage:
    """The same with somebody else's key."""
    return Stage(stage.door, stage.upstream, stage.client, stage.door.key(stage.door.person(name)))


def refused(reply: TestResponse) -> tuple[int, str]:
    """Status and words; nothing else may be in the body."""
    document: Any = reply.json
    assert list(document) == ["detail"]
    assert reply.content_type == "application/json"
    return reply.status_code, document["detail"]


def sse_data(text: str) -> list[Any]:
    """As the clients of the documents read a stream: only lines that begin with `data: `."""
    return [json.loads(line[6:]) for line in text.split("\n") if line.startswith("data: ")]


def sent_messages(stage: Stage) -> list[tuple[str, Any]]:
    return [(one["role"], one["content"]) for one in stage.upstream.last.json["messages"]]
