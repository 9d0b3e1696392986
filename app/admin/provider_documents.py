"""A provider's configuration as versions and the audit log keep it: without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

from app.admin import provider_addresses as addresses
from app.admin.provider_fields import TIMEOUTS, ProviderFields
from app.domain.catalog import ProviderConfig


def configuration(config: ProviderConfig) -> dict[str, Any]:
    """What versions and the audit log keep: every field that can be set, of secrets only that they are there."""
    return {
        "provider": config.kind,
        "name": config.name,
        "base_url": config.base_url,
        "models": asdict(config.models),
        "preset": config.preset,
        "enabled": config.enabled,
        **{field: getattr(config.timeouts, name) for field, name in TIMEOUTS.items()},
        "max_tokens": config.max_tokens,
        "temperature": config.temperature,
        "max_concurrency": config.max_concurrency,
        "ca_pem": config.ca_pem,
        "options": dict(config.options),
        "cable": config.cable,
        "has_api_key": config.api_key is not None,
        "extra_headers": sorted(config.extra_headers),
        "proxy_url": None if config.proxy_url is None else addresses.without_credentials(config.proxy_url),
    }


SECRETS = ("has_api_key", "extra_headers", "proxy_url")
"""What a rollback leaves as it is."""


def fields_of(document: Mapping[str, Any]) -> ProviderFields:
    """The fields that a rollback to `document` sets."""
    return cast("ProviderFields", {name: value for name, value in document.items() if name not in SECRETS})


def replaced_secrets(old: ProviderConfig, new: ProviderConfig) -> dict[str, Any]:
    """Secrets whose value changed though `configuration` looks the same, for the audit log."""
    replaced: dict[str, Any] = {}
    if old.api_key and new.api_key and old.api_key != new.api_key:
        replaced["api_key"] = "replaced"
    values = [name for name, value in new.extra_headers.items() if old.extra_headers.get(name, value) != value]
    if values:
        replaced["extra_headers_replaced"] = sorted(values)
    if old.proxy_url and new.proxy_url and old.proxy_url != new.proxy_url:
        replaced["proxy_credentials"] = "replaced"
    return replaced
