"""Calls for which a vendor's SDK is used: where its knowledge counts and a millisecond does not.

The SDK builds the request and judges the reply. What carries both is the provider's own connection, so that proxy,
certificates, address rules and time limits are the same as everywhere.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import gevent
from gevent.monkey import is_module_patched

from app.domain.errors import ProviderError, ProviderProtocol
from app.providers.http.client import Head
from app.providers.wire_errors import from_reply

Get = Callable[[str, Mapping[str, str]], tuple[Head, bytes]]
"""A path from the server's root and headers → the reply's head and body."""

# What the connection says by itself.
_OWN_HEADERS = frozenset({"host", "accept-encoding", "connection"})


def sdk(name: str) -> ModuleType:
    """The SDK's module, imported when first needed: that takes most of a second, so not on the event loop."""
    if is_module_patched("socket"):
        module: ModuleType = gevent.get_hub().threadpool.apply(importlib.import_module, (name,))
        return module
    return importlib.import_module(name)


def http_client(httpx: ModuleType, get: Get) -> Any:
    """A client of `httpx` (or `httpx2`) whose GET requests are made by `get`."""

    class Carrier(httpx.BaseTransport):  # type: ignore[misc, name-defined]  # loaded at run time
        def handle_request(self, request: Any) -> Any:
            headers = {name: value for name, value in request.headers.items() if name not in _OWN_HEADERS}
            head, body = get(request.url.raw_path.decode("ascii"), headers)
            return httpx.Response(head.status, headers=dict(head.headers), content=body)

    return httpx.Client(transport=Carrier())


def provider_error(module: ModuleType, provider: str, error: Any) -> ProviderError:
    """What an `openai` or `groq` SDK exception means: both have the same tree."""
    if isinstance(error, module.APIStatusError):
        headers = {name.lower(): value for name, value in error.response.headers.items()}
        return from_reply(provider, error.status_code, headers, error.response.content)
    if isinstance(error.__cause__, ProviderError):
        return error.__cause__
    return ProviderProtocol(f"{provider} sent something that can't be read.", provider=provider)
