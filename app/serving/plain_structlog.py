"""Imports structlog without rich, which its console renderer would load though it is not used here: three megabytes."""

from __future__ import annotations

import sys


def import_structlog() -> None:
    """Call it before anything else imports structlog."""
    if "rich" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment]  # how an import is made to fail
    try:
        import structlog  # noqa: F401
    finally:
        del sys.modules["rich"]
