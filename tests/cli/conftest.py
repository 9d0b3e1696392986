"""Commands run on a real application and its database."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo

from app.api.parts import Parts
from app.cli.commands import admin

Run = Callable[..., Result]


@pytest.fixture
def parts(app: Flask) -> Parts:
    return cast("Parts", app.extensions["patchbay"])


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a command line; `typed` is what comes on standard input."""
    return lambda *arguments, typed=None: run_on(app, *arguments, typed=typed)


def run_on(app: Flask, *arguments: str, typed: str | bytes | None = None) -> Result:
    return CliRunner().invoke(admin, arguments, input=typed, obj=ScriptInfo(create_app=lambda: app))


def said(result: Result) -> str:
    """The output of a command that succeeded."""
    assert (result.exit_code, result.stderr) == (0, result.stderr), result.output
    return result.stdout


def refused(result: Result) -> str:
    """The one line of a command that failed, which printed nothing else."""
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    (line,) = result.stderr.splitlines()
    return line
