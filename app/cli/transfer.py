"""export, import."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.people import show
from app.cli.workbench import line_from_stdin, parts

if TYPE_CHECKING:
    from app.admin.transfer import Transfer

MAX_BYTES = 256 * 1024 * 1024


@click.command("export", short_help="Write the configuration to a file.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--secrets", is_flag=True, help="Include provider keys and password hashes, under a passphrase.")
@click.option("--passphrase-stdin", is_flag=True, help="Take the passphrase from the first line of standard input.")
def export_configuration(file: Path, secrets: bool, passphrase_stdin: bool) -> None:
    """Write shared providers, aliases, settings and users to FILE, as JSON.

    Without --secrets the file holds no provider key, no value of an extra header and no password. API keys of
    services, personal providers, usage and the audit log are not in it: to keep those, back up the database.
    """
    if passphrase_stdin and not secrets:
        raise click.UsageError("--passphrase-stdin goes with --secrets.")
    passphrase = _passphrase(passphrase_stdin, confirm=True) if secrets else None
    document = _transfer().export(passphrase)
    _write_new(file, document.to_json())
    click.echo(
        f"Wrote {len(document.providers)} providers, {len(document.aliases)} aliases, the settings and"
        f" {len(document.users)} users to {file}."
    )


@click.command("import", short_help="Bring in what export wrote.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--passphrase-stdin", is_flag=True, help="Take the passphrase from the first line of standard input.")
@click.option("--without-secrets", is_flag=True, help="Leave the secrets in FILE alone, and ask for no passphrase.")
def import_configuration(file: Path, passphrase_stdin: bool, without_secrets: bool) -> None:
    """Bring in what `export` wrote to FILE. It can be repeated.

    Providers, aliases and settings replace those of the same name; nothing is removed. Users who exist already stay
    as they are. New ones keep their password if FILE has secrets, else each gets a one-time password.
    """
    from app.admin.transfer_document import TransferDocument

    if file.stat().st_size > MAX_BYTES:
        raise click.ClickException(f"{file} is larger than {MAX_BYTES // 1024 // 1024} MB.")
    document = TransferDocument.of_json(file.read_bytes())
    sealed = document.secrets is not None and not without_secrets
    passphrase = _passphrase(passphrase_stdin, confirm=False) if sealed else None
    report = _transfer().apply(document, passphrase)
    for line in report.lines:
        click.echo(line)
    for password in report.one_time_passwords:
        show(password)


def _transfer() -> Transfer:
    from app.admin.transfer import Transfer
    from app.domain.audit import COMMAND_LINE

    workbench = parts()
    return Transfer(
        database=workbench.database,
        accounts=workbench.accounts,
        provider_settings=workbench.provider_settings,
        aliases=workbench.aliases,
        settings=workbench.settings,
        by=COMMAND_LINE,
    )


def _passphrase(from_stdin: bool, *, confirm: bool) -> str:
    if from_stdin:
        return line_from_stdin("passphrase")
    passphrase: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True)
    return passphrase


def _write_new(file: Path, data: bytes) -> None:
    """Readable by the owner only, and never over another file."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise click.ClickException(f"{file} exists already; choose another name.") from error
    except OSError as error:
        raise click.ClickException(f"Can't write {file}: {error.strerror}.") from error
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
