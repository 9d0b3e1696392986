"""Rights of Flask views: deny by default, then by permission."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from app.api import current
from app.domain.accounts import Permission
from app.domain.errors import KeyNotAllowed, NotAllowed


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that needs no caller."""
    view.is_public = True  # type: ignore[attr-defined]  # read by the check before each request
    return view


def admits_itself(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a model call: the data path admits the caller, in the same way, before it looks at the body."""
    view.admits_itself = True  # type: ignore[attr-defined]  # read by the check before each request
    return view


def asks_model(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that asks a model after the caller was admitted as everywhere: it fails as model calls do."""
    view.asks_model = True  # type: ignore[attr-defined]  # read by the OpenAPI document
    return view


def during_password_change(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that stays open to a caller who has to change the password first."""
    view.is_open_during_password_change = True  # type: ignore[attr-defined]  # read by the check before each request
    return view


def needs(permission: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let only callers with `permission` through. Raises NotAllowed."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if not current.caller().may(permission):
                raise NotAllowed(
                    "This needs an administrator."
                    if permission is Permission.MANAGE
                    else f"This needs the permission {permission.value}."
                )
            return view(*args, **kwargs)

        wrapper.permission = permission  # type: ignore[attr-defined]  # read by the OpenAPI document
        return wrapper

    return decorate


def people_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse API keys. Raises KeyNotAllowed."""

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if current.caller().key_id is not None:
            raise KeyNotAllowed("An API key can't be used here; sign in instead.")
        return view(*args, **kwargs)

    wrapper.is_people_only = True  # type: ignore[attr-defined]  # read by the OpenAPI document
    return wrapper
