"""Calls for which a vendor's SDK is used: where its knowledge counts and a millisecond does not."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import gevent
from gevent.monkey import is_module_patched

from app.domain.errors import ProviderError, ProviderProtocol, ProviderTimeout, ProviderUnreachable
from app.providers.wire_errors import from_reply


def sdk(name: str) -> ModuleType:
    """The SDK's module, imported when first needed: that takes most of a second, so not on the event loop."""
    if is_module_patched("socket"):
        module: ModuleType = gevent.get_hub().threadpool.apply(importlib.import_module, (name,))
        return module
    return importlib.import_module(name)


def provider_error(module: ModuleType, provider: str, error: Any) -> ProviderError:
    """What an `openai` or `groq` SDK exception means: both have the same tree."""
    if isinstance(error, module.APIStatusError):
        headers = {name.lower(): value for name, value in error.response.headers.items()}
        return from_reply(provider, error.status_code, headers, error.response.content)
    if isinstance(error, module.APITimeoutError):
        return ProviderTimeout(f"{provider} did not list its models in time.", provider=provider)
    if isinstance(error, module.APIConnectionError):
        return ProviderUnreachable(f"{provider} isn't answering.", provider=provider)
    return ProviderProtocol(f"{provider} sent something that can't be read.", provider=provider)
