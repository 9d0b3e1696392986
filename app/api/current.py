"""Reaching what create_app built, from inside a view."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app, g

from app.domain.accounts import Caller

if TYPE_CHECKING:
    from app.api.parts import Parts


def parts() -> Parts:
    """Every object that create_app connected."""
    return cast("Parts", current_app.extensions["patchbay"])


def caller() -> Caller:
    """Who asks; the outermost check has put it there before any view that is not public."""
    return cast("Caller", g.caller)


def request_id() -> str:
    return cast("str", g.request_id)
