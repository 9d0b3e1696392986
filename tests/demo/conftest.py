"""The committed demo model, running in the real engine, once for each module."""

from collections.abc import Iterator

import pytest

from app.providers.engine.messages import LoadOptions
from app.providers.engine.process import Child
from app.providers.engine.shelf import Shelf
from tests.demo.toy import DEMO, Toy


@pytest.fixture(scope="module")
def toy() -> Iterator[Toy]:
    """The demo model, loaded."""
    child = Child(Shelf([DEMO.parent]).files()[DEMO.stem], LoadOptions())
    child.wait_until_ready()
    yield Toy(child.address)
    child.stop()
