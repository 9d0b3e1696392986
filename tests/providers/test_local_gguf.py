"""Processes of the built-in engine come and go; what was kept of one goes with it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from app.domain.catalog import ModelInfo, Treatment
from app.providers import parameters as rules
from app.providers.base import Surroundings
from app.providers.engine.client import EngineClient
from app.providers.engine.messages import EngineAddress, LoadOptions
from app.providers.registry import connect
from tests.providers.asking import asked, config_of, events_of, folded
from tests.support.fixtures import NewUpstream
from tests.support.upstream import Upstream


class ReloadingEngine(EngineClient):
    """Its one model is somewhere else each time it is asked for."""

    def __init__(self, *places: Upstream) -> None:
        super().__init__(Path("nowhere.sock"))
        self._places: Iterator[Upstream] = iter(places)

    def load(
        self, model: str, options: LoadOptions | None = None, *, wait_s: float = 300.0, pinned: bool = False
    ) -> EngineAddress:
        place = next(self._places)
        return EngineAddress(base_url=place.base_url, api_key=f"key of {place.port}")


def test_connections_to_an_earlier_process_of_a_model_are_closed(new_upstream: NewUpstream) -> None:
    first, second = new_upstream(), new_upstream()
    provider = connect(config_of("local_gguf", ""), Surroundings(engine=ReloadingEngine(first, second)))

    answers = [folded(events_of(provider, asked())).text for _ in range(2)]

    assert answers == ["hello there", "hello there"]
    _wait_until_closed(first)
    provider.close()


def test_the_toy_takes_no_reasoning_effort_and_other_files_may() -> None:
    provider = connect(config_of("local_gguf", ""), Surroundings())

    treatments = {
        abilities: rules.by_name(
            provider.parameters(ModelInfo(id="file", provider="local", name="file", capabilities=abilities))
        )["reasoning_effort"].treatment
        for abilities in (("chat",), ("chat", "toy"))
    }

    assert treatments == {("chat",): Treatment.SENT, ("chat", "toy"): Treatment.DROPPED}


def _wait_until_closed(upstream: Upstream) -> None:
    deadline = time.monotonic() + 2
    while upstream.log.open_connections:
        assert time.monotonic() < deadline, "still connected"
        time.sleep(0.01)
