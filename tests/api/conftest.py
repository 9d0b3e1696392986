"""The application of the tests of all routes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.domain.accounts import Role
from tests.api.bad_input import Place
from tests.api.callers import Doorstep
from tests.support.fixtures import new_upstream, upstream, upstream_process
from tests.support.upstream import Upstream

__all__ = ["new_upstream", "upstream", "upstream_process"]


@pytest.fixture
def door(app: Flask) -> Iterator[Doorstep]:
    door = Doorstep.of(app)
    yield door
    door.close()


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
