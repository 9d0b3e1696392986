"""The application of the tests of all routes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.api.callers import Doorstep
from tests.support.fixtures import new_upstream, upstream, upstream_process

__all__ = ["new_upstream", "upstream", "upstream_process"]


@pytest.fixture
def door(app: Flask) -> Iterator[Doorstep]:
    door = Doorstep.of(app)
    yield door
    door.close()
