"""rotate-secrets, train-demo."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import click

from app.cli.workbench import parts

ROOT = Path(__file__).resolve().parents[2]


@click.command("rotate-secrets", short_help="Encrypt stored provider keys under another key.")
def rotate_secrets() -> None:
    """Encrypt every stored provider key again, under the first of PATCHBAY_SECRET_KEYS.

    \b
    1. Make a key:
         .venv/bin/python -c "from cryptography.fernet import Fernet as F; print(F.generate_key().decode())"
    2. Put it in front of the old one in secrets.env, with a comma between them, and restart the server.
    3. Run this command.
    4. Take the old key away and restart. Backups from before still need it.
    """
    from app.domain.audit import COMMAND_LINE, Change
    from app.storage.audit import record
    from app.storage.secrets import rotate_all

    workbench = parts()
    count = rotate_all(workbench.database, workbench.box)
    change = Change("rotate", "secrets", "providers", "providers", new={"providers": count})
    workbench.database.write(lambda session: record(session, COMMAND_LINE, change))
    click.echo(f"Encrypted the secrets of {count} providers under the first key.")


@click.command(
    "train-demo",
    short_help="Make the demo model again.",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def train_demo(arguments: tuple[str, ...]) -> None:
    """Make the demo model again, in about a minute."""
    missing = [name for name in ("numpy", "gguf") if importlib.util.find_spec(name) is None]
    if missing:
        raise click.ClickException(f"{' and '.join(missing)} must be installed: ./patchbay test brings them.")
    trained = subprocess.run([sys.executable, "-m", "demo.train", *arguments], cwd=ROOT, check=False)
    raise click.exceptions.Exit(trained.returncode)
