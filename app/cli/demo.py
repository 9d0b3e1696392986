"""seed-demo."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.workbench import parts

if TYPE_CHECKING:
    from app.api.parts import Parts

CONVERSATIONS = Path(__file__).resolve().parents[2] / "demo" / "conversations.json"


@click.command("seed-demo", short_help="Add demo users, providers and a month of usage.")
def seed_demo() -> None:
    """Add demo users, keys, conversations, disabled providers and a month of made-up usage, to try things with.

    Everything is named "demo". Running it again adds only what is missing. Not for an installation whose figures count.
    """
    from app.admin.demo import Demo
    from app.domain.audit import COMMAND_LINE

    workbench = parts()
    demo = Demo(workbench.accounts, workbench.api_keys, workbench.provider_settings, workbench.database)
    seeded = demo.seed(COMMAND_LINE)
    click.echo(
        f"There are {seeded.users} demo users, {seeded.providers} providers, {seeded.keys} keys"
        f" and a month of {seeded.records} requests."
    )
    if seeded.password is not None:
        _converse(workbench, seeded.username)
        click.echo(f"user      {seeded.username}")
        click.echo(f"password  {seeded.password}")
        click.echo("The password is shown only now and is to be changed at the first sign-in.", err=True)


def _converse(workbench: Parts, username: str) -> None:
    """Conversations for a person who has none yet."""
    from app.api.chat.transfer.importing import import_file

    user = workbench.accounts.named(username)
    with CONVERSATIONS.open("rb") as file:
        import_file(file, user.id, workbench.imports, datetime.now(UTC))
