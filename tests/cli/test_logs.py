"""What a command logs is for eyes and files: no values of variables, and nothing on standard output."""

from __future__ import annotations

import click
import structlog
from click.testing import CliRunner

from app.cli.group import Commands


@click.group(cls=Commands)
def tools() -> None:
    pass


@tools.command()
def stumble() -> None:
    api_key = "sk-" + "very-secret"
    try:
        raise LookupError(len(api_key))
    except LookupError:
        structlog.get_logger().exception("it_failed")
    click.echo("done")


def test_a_trace_in_a_commands_log_shows_no_variables() -> None:
    result = CliRunner().invoke(tools, ["stumble"])

    assert result.stdout == "done\n"
    assert "event=it_failed" in result.stderr
    assert "LookupError: 14" in result.stderr
    assert "sk-very-secret" not in result.stderr
    assert "locals" not in result.stderr
