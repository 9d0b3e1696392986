"""Finds the files in vendors/ and turns a ProviderConfig into a connected Provider."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from app.domain.catalog import ProviderConfig
from app.domain.errors import InvalidRequest, Problem
from app.providers import vendors
from app.providers.base import Provider, Surroundings


@functools.cache
def kinds() -> Mapping[str, type[Provider]]:
    """Every kind of provider, by name: the one public Provider class that each file in vendors/ defines."""
    found: dict[str, type[Provider]] = {}
    for module in pkgutil.iter_modules(vendors.__path__):
        loaded = importlib.import_module(f"{vendors.__name__}.{module.name}")
        for name, value in vars(loaded).items():
            is_provider = isinstance(value, type) and issubclass(value, Provider)
            if is_provider and value.__module__ == loaded.__name__ and not name.startswith("_"):
                found[value.KIND.name] = value
    return MappingProxyType(found)


def kind_named(name: str) -> type[Provider]:
    """Raises InvalidRequest naming the kinds there are."""
    kind = kinds().get(name)
    if kind is None:
        problem = f"must be one of {', '.join(sorted(kinds()))}"
        raise InvalidRequest(f"provider {problem}.", param="provider", details=[Problem("provider", problem)])
    return kind


def connect(config: ProviderConfig, around: Surroundings) -> Provider:
    """A provider ready to answer; nothing is sent yet."""
    return kind_named(config.kind)(config, around)
