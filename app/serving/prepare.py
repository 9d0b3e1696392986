"""What must be true before the first request: tables of this version, an administrator, the environment's providers.

It runs in the worker, which has imported the application anyway; a process of its own would import it twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from app import create_app
from app.admin.environment import apply_environment
from app.admin.logs import configure_logs
from app.domain.errors import GatewayError
from app.serving import background
from app.serving.locking import home_lock
from app.serving.start_error import StartError
from app.storage.database import Database
from app.storage.migrate import is_current, upgrade
from config import Config, ConfigError

if TYPE_CHECKING:
    from app.admin.accounts import OneTimePassword
    from app.api.parts import Parts


def prepared_application(config: Config) -> Any:
    """The WSGI application with its background work started.

    Raises StartError when something that it needs is not there.
    """
    configure_logs(config.log_level)
    application = create_app(config)
    parts: Parts = application.extensions["patchbay"]
    # Several workers, or several starts at once: one prepares, the others then find everything done.
    with home_lock(config.home):
        prepare(parts)
    background.start(application)
    return application


def prepare(parts: Parts) -> None:
    """Raises StartError."""
    try:
        if not is_current(parts.database):
            migrate(parts.database)
        password = parts.accounts.create_first_admin(parts.config)
        apply_environment(parts.config, parts.database, parts.box)
    except DBAPIError as error:
        raise StartError(f"The database does not answer: {_first_line(error.orig)}") from error
    except ConfigError as error:
        raise StartError(str(error)) from error
    except GatewayError as error:
        raise StartError(f"ADMIN_USERNAME or ADMIN_PASSWORD can't be used: {error.message}") from error
    if password is not None:
        print(first_sign_in(password), flush=True)
    parts.state.reload()


def migrate(database: Database) -> None:
    """Bring the tables to this version. Raises StartError when they are of a later one."""
    # Imported here because a warm start has nothing to migrate.
    from alembic.util import CommandError

    try:
        upgrade(database)
    except CommandError as error:
        raise StartError(
            "The database belongs to a later version of Patchbay. Install that version, or restore a backup."
        ) from error


def first_sign_in(password: OneTimePassword) -> str:
    return (
        "The first administrator was created. This password is shown only once and is to be changed at first sign-in:\n"
        f"  user      {password.username}\n"
        f"  password  {password.password}"
    )


def _first_line(error: BaseException | None) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
