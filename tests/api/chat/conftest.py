from __future__ import annotations

import pytest

from tests.api.callers import Doorstep
from tests.api.chat.people import Person


@pytest.fixture
def ada(door: Doorstep) -> Person:
    return Person.named("Ada", door)


@pytest.fixture
def eve(door: Doorstep) -> Person:
    return Person.named("Eve", door)
