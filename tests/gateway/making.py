"""Small values for the tests of the gateway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.accounts import Caller, Role
from app.domain.catalog import Alias, AliasTarget, DefaultModels, ModelInfo, ModelType, ProviderConfig
from app.domain.settings import Settings
from app.domain.snapshot import Snapshot


def provider(slug: str, **fields: Any) -> ProviderConfig:
    values: dict[str, Any] = {"kind": "openai_compatible", "base_url": "http://127.0.0.1:9/v1", **fields}
    return ProviderConfig(id=values.pop("id", f"id-{slug}"), slug=slug, name=slug.title(), **values)


def model(slug: str, identifier: str) -> ModelInfo:
    if "embed" in identifier:
        return ModelInfo(identifier, slug, identifier, type=ModelType.EMBEDDINGS, capabilities=("embedding",))
    return ModelInfo(identifier, slug, identifier, capabilities=("chat", "completion"))


def lists(**ids: Sequence[str]) -> Mapping[str, Sequence[ModelInfo]]:
    return {slug: [model(slug, one) for one in found] for slug, found in ids.items()}


def snapshot(
    *providers: ProviderConfig,
    aliases: Mapping[str, str] | None = None,
    defaults: DefaultModels | None = None,
    version: int = 1,
) -> Snapshot:
    named = {name: Alias(name, name, (AliasTarget(target),)) for name, target in (aliases or {}).items()}
    settings = Settings(default_models=defaults or DefaultModels())
    return Snapshot(version, providers, {}, {}, frozenset(), named, settings)


def caller(user_id: str = "u1", *, models: tuple[str, ...] | None = None, **fields: Any) -> Caller:
    return Caller(user_id, "uri", Role.USER, frozenset(), models=models, **fields)
