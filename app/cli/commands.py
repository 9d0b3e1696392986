"""Every command, on one screen."""

from __future__ import annotations

import click

from app.cli import demo, people, providers, transfer, upkeep
from app.cli.group import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def admin() -> None:
    """Administer this Patchbay from the machine it runs on.

    The commands work on the database directly, whether the server runs or not; a running server serves every change
    within two seconds. Every change is in the audit log, under "command line".
    """


for command in (
    people.create_admin,
    people.reset_password,
    people.create_key,
    demo.seed_demo,
    providers.providers,
    transfer.export_configuration,
    transfer.import_configuration,
    upkeep.rotate_secrets,
    upkeep.train_demo,
):
    admin.add_command(command)
