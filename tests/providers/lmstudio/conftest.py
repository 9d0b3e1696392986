"""A provider connected to a simulated LM Studio, and how its acts are asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.domain.catalog import ModelInfo
from app.domain.lifecycle import DownloadWish, Loaded, LoadWish, Progress
from app.domain.stopping import Stop
from app.providers.base import Provider
from tests.providers.asking import timeouts
from tests.providers.conftest import NewProvider
from tests.support.lmstudio.server import LMStudio

QWEN = "qwen/qwen3-8b"
PHI = "mlx-community/phi-4-mini"
SEES = "google/gemma-3-12b"
GPT = "openai/gpt-oss-20b"
EMBEDS = "text-embedding-nomic-embed-text-v1.5"
NO_PACKAGE: dict[str, Any] = {"extra_headers": {"X-Box": "1"}}
"""What LM Studio's own package can't send, so that loading goes over HTTP alone."""
LIVE_URL = "LMSTUDIO_TEST_URL"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without an address there is no real LM Studio to ask."""
    if LIVE_URL in os.environ:
        return
    gone = [item for item in items if item.path.name == "test_live.py" and item.path.parent == Path(__file__).parent]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item not in gone]


@dataclass
class Person:
    """Somebody who does things with the models of one provider; `told` is what they heard meanwhile."""

    provider: Provider
    told: list[Progress] = field(default_factory=list)

    def models(self) -> dict[str, ModelInfo]:
        return {one.id: one for one in self.provider.models()}

    def load(self, name: str, context_length: int | None = None, **options: object) -> Loaded:
        return self.load_until(Stop(), name, context_length, **options)

    def load_until(self, stop: Stop, name: str, context_length: int | None = None, **options: object) -> Loaded:
        wish = LoadWish(context_length, options)
        return self.provider.load(self.models()[name], wish, self.told.append, stop)

    def unload(self, name: str, instance_id: str | None = None) -> Sequence[str]:
        return self.provider.unload(self.models()[name], instance_id)

    def download(self, model: str, quantization: str | None = None) -> str:
        return self.provider.download(DownloadWish(model, quantization), self.told.append, Stop())

    def fractions(self) -> list[float | None]:
        return [one.fraction for one in self.told]


At = Callable[..., Person]


@pytest.fixture
def at(new_provider: NewProvider) -> At:
    """Somebody at a server; further arguments are fields of the provider's configuration."""

    def person(server: LMStudio, **changes: Any) -> Person:
        return Person(
            new_provider("lmstudio", server.base_url, **{"timeouts": timeouts(first_token_s=10.0), **changes})
        )

    return person
