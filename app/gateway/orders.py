"""Orders as they are claimed, shown and kept. Pure."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from app.domain.catalog import ProviderConfig
from app.domain.lifecycle import Act, DownloadWish, LoadWish
from app.domain.operations import Operation, Order
from app.gateway.routing import Candidate

EVERYTHING = "*"
"""The subject of unloading all models of a provider."""


def load_order(found: Candidate, wish: LoadWish, *, alone: bool = False) -> Order:
    """What was wished, and nothing of what was not: whoever wishes nothing takes any load."""
    context = {} if wish.context_length is None else {"context_length": wish.context_length}
    return _order(found, Act.LOAD, {**context, **wish.options}, alone=alone)


def unload_order(found: Candidate, instance_id: str | None = None) -> Order:
    return _order(found, Act.UNLOAD, {} if instance_id is None else {"instance_id": instance_id})


def delete_order(found: Candidate) -> Order:
    return _order(found, Act.DELETE, {})


def download_order(config: ProviderConfig, wish: DownloadWish) -> Order:
    """Different quantizations of one model may be fetched at once."""
    asked = f"{Act.DOWNLOAD.value} {wish.model} {wish.quantization or ''}"
    return Order(
        act=Act.DOWNLOAD,
        provider_id=config.id,
        provider=config.slug,
        subject=hashlib.sha256(asked.encode()).hexdigest(),
        model=f"{config.slug}/{_without_secrets(wish.model)}",
        wish={} if wish.quantization is None else {"quantization": wish.quantization},
    )


def fetched_as(operation: Operation) -> frozenset[str]:
    """What people may call the model that a running download makes; nothing for other acts."""
    order, made = operation.order, operation.progress.model
    if order.act is not Act.DOWNLOAD:
        return frozenset()
    return frozenset({order.model} if made is None else {order.model, made, f"{order.provider}/{made}"})


def unload_all_order(config: ProviderConfig, *, of_several: bool) -> Order:
    """Of several providers the first stands for all: there is one such order at a time."""
    slug = EVERYTHING if of_several else config.slug
    return Order(
        act=Act.UNLOAD,
        provider_id=config.id,
        provider=slug,
        subject=f"{EVERYTHING}/{EVERYTHING}" if of_several else EVERYTHING,
        model=f"{slug}/{EVERYTHING}",
        alone=True,
    )


def _order(found: Candidate, act: Act, wish: dict[str, Any], *, alone: bool = False) -> Order:
    return Order(
        act=act,
        provider_id=found.config.id,
        provider=found.config.slug,
        subject=found.model.id,
        model=found.model.canonical,
        wish=wish,
        alone=alone,
    )


def _without_secrets(model: str) -> str:
    """An address may be signed, or name somebody with a password; operations are shown and kept."""
    if "://" not in model:
        return model
    parts = urlsplit(model)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
