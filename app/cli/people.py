"""create-admin, reset-password, create-key."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from app.cli.workbench import line_from_stdin, parts

if TYPE_CHECKING:
    from app.admin.accounts import OneTimePassword

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Duration(click.ParamType[timedelta]):
    """`30d` and the like."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        match = re.fullmatch(r"([1-9][0-9]{0,3})([mhdw])", str(value))
        if match is None:
            self.fail(f"{value!r} is not a duration such as 30d, 12h, 45m or 2w.", param, ctx)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


@click.command("create-admin", short_help="Make another administrator.")
@click.option("--username", default="admin", show_default=True, help="Name to sign in with.")
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Take the password from the first line of standard input instead of making a one-time password.",
)
def create_admin(username: str, password_stdin: bool) -> None:
    """Make another administrator.

    Prints a one-time password, which is to be changed at the first sign-in.
    """
    from app.admin.accounts import OneTimePassword, UserDraft
    from app.admin.passwords import one_time_password
    from app.domain.accounts import Role
    from app.domain.audit import COMMAND_LINE

    chosen = line_from_stdin("password") if password_stdin else None
    password = chosen or one_time_password()
    user = parts().accounts.create(
        UserDraft(username, Role.ADMIN), password, COMMAND_LINE, must_change_password=chosen is None
    )
    if chosen is None:
        show(OneTimePassword(user.username, password))
    else:
        click.echo(f"The administrator {user.username} can sign in.")


@click.command("reset-password", short_help="Give a user a one-time password.")
@click.argument("username")
def reset_password(username: str) -> None:
    """Give USERNAME a one-time password and end all sessions of that user.

    API keys of the user go on working.
    """
    from app.domain.audit import COMMAND_LINE

    accounts = parts().accounts
    show(accounts.reset_password(accounts.named(username).id, COMMAND_LINE))


def show(password: OneTimePassword) -> None:
    click.echo(f"user      {password.username}")
    click.echo(f"password  {password.password}")
    click.echo("The password is shown only now and is to be changed at the first sign-in.", err=True)


@click.command("create-key", short_help="Make an API key and print it.")
@click.argument("name")
@click.option("--user", "username", help="Whose rights the key has; without it, those of the first administrator.")
@click.option(
    "--models",
    multiple=True,
    metavar="NAME",
    help="Allow only these models: names or patterns such as 'groq/*'. Repeat it, or separate them with commas.",
)
@click.option("--requests-per-minute", type=click.IntRange(min=1), help="Refuse more requests than this a minute.")
@click.option("--expires-in", type=Duration(), help="End after 45m, 12h, 30d or 2w.")
def create_key(
    name: str,
    username: str | None,
    models: tuple[str, ...],
    requests_per_minute: int | None,
    expires_in: timedelta | None,
) -> None:
    """Make an API key called NAME.

    Prints nothing but the key, which nobody can see again:

    \b
        export PATCHBAY_KEY=$(./patchbay admin create-key my-service)
    """
    from app.admin.api_keys import KeyDraft
    from app.admin.clock import utc_now
    from app.domain.audit import COMMAND_LINE

    workbench = parts()
    accounts = workbench.accounts
    owner = accounts.first_admin() if username is None else accounts.named(username)
    names = tuple(part.strip() for entry in models for part in entry.split(",") if part.strip())
    draft = KeyDraft(
        name,
        models=names if models else None,
        requests_per_minute=requests_per_minute,
        expires_at=None if expires_in is None else utc_now() + expires_in,
    )
    click.echo(workbench.api_keys.create(owner.id, draft, COMMAND_LINE).secret)
