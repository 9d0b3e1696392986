"""The command line of administrators (`./patchbay admin …`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Offer the commands as `flask --app wsgi admin …` too."""
    from app.cli.commands import admin

    app.cli.add_command(admin, "admin")
