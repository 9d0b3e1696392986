"""What commands work with: the application's own objects, built when a command needs them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

import click

if TYPE_CHECKING:
    from app.api.parts import Parts


def parts() -> Parts:
    """The parts of the application, on a database that can be used. Raises click.ClickException or ConfigError."""
    from app.storage.probe import probe_database

    found = _parts()
    reachable, tables = probe_database(found.database)
    if not reachable.ok:
        raise click.ClickException(
            "The database does not answer: check DATABASE_URL. Before the first ./patchbay up there is none."
        )
    if not tables.ok:
        raise click.ClickException("The database is not set up for this version yet: run ./patchbay up once.")
    return found


def _parts() -> Parts:
    from flask.cli import ScriptInfo

    from app import create_app
    from config import Config

    # Below `flask --app wsgi`, Flask has an application already.
    flask = click.get_current_context().find_object(ScriptInfo)
    app = create_app(Config.from_env()) if flask is None else flask.load_app()
    return cast("Parts", app.extensions["patchbay"])


def line_from_stdin(what: str) -> str:
    """The first line of standard input. Raises click.ClickException when there is none."""
    data = sys.stdin.buffer.readline()
    try:
        text = data.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"The {what} on standard input is not UTF-8.") from error
    if not text:
        raise click.ClickException(f"There is no {what} on standard input.")
    return text
