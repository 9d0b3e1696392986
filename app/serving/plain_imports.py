"""Imports libraries without optional parts that are installed but not used here: eight megabytes of a worker.

Call each before anything else imports the library.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


def import_structlog() -> None:
    """Without rich, which is for its console renderer."""
    with _without("rich"):
        import structlog  # noqa: F401


def import_jwt() -> None:
    """Without cryptography, which is for signatures by key pairs; our tokens are signed with one secret.

    To be called after gevent has patched what it imports as well.
    """
    with _without("cryptography"):
        import jwt  # noqa: F401


@contextmanager
def _without(name: str) -> Iterator[None]:
    """Let an import of this package fail, as if it were not installed."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # how an import is made to fail
    try:
        yield
    finally:
        del sys.modules[name]
