"""Keeping other web sites from using a browser's cookie.

The cookie is SameSite=Strict already; this also stops neighbours on the same site (another port or subdomain) and
browsers that do not know the attribute.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import request

from app.api import current
from app.domain.errors import NotAllowed


def same_site_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse what a page of another origin sent. Raises NotAllowed."""

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if not _is_our_own():
            raise NotAllowed("This request came from a page of another site.")
        return view(*args, **kwargs)

    return wrapper


def _is_our_own() -> bool:
    """Programs send neither header. Browsers leave Sec-Fetch-Site out on plain http, but not Origin."""
    config = current.parts().config
    origin = request.headers.get("Origin")
    if origin is not None and origin in config.cors_origins:
        return True
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site in ("same-origin", "none")
    if origin is None:
        return True
    own = {request.host} if config.public_url is None else {request.host, urlsplit(config.public_url).netloc}
    return urlsplit(origin).netloc in own
