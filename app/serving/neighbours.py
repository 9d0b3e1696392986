"""Model servers on this machine that are no providers yet, offered in the terminal and never added by themselves."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.domain.catalog import ProviderConfig

if TYPE_CHECKING:
    from app.api.parts import Parts
    from app.providers.discovery import Found


def tell_neighbours(parts: Parts) -> None:
    """One line for each; run it beside the requests, it takes up to 0.3 s."""
    for line in offers(parts.discovery.scan(), parts.state.current.providers):
        print(line, flush=True)


def offers(found: Iterable[Found], providers: Iterable[ProviderConfig]) -> Iterator[str]:
    """What to say of servers that no provider speaks to."""
    known = {_place(provider.base_url) for provider in providers}
    for one in found:
        if _place(one.base_url) in known:
            continue
        models = "" if one.models_count is None else f" with {one.models_count} models"
        command = ["./patchbay", "admin", "providers", "add", "--kind", one.kind, "--name", one.name]
        yield f"Found {one.name}{models}. Use it: {shlex.join([*command, '--base-url', one.base_url])}"


def _place(url: str | None) -> tuple[str, int | None]:
    """Where a server listens; the names of this machine are one place."""
    parts = urlsplit(url or "")
    host = parts.hostname or ""
    return ("localhost" if host in ("127.0.0.1", "::1") else host, parts.port)
