"""What must be true before the first request: tables of this version, an administrator, the environment's providers.

It runs in the worker, which has imported the application anyway; a process of its own would import it twice.
"""

from __future__ import annotations

from typing import Any

from app.serving.locking import home_lock
from config import Config


def prepared_application(config: Config) -> Any:
    """The WSGI application. Raises StartError when something that it needs is not there."""
    from app import create_app

    with home_lock(config.home):
        return create_app(config)
