"""Tests with the mark `nginx` are left out, loudly, where nginx is missing; PATCHBAY_TEST_ALL=1 makes that an error."""

from __future__ import annotations

import os

import pytest

from tests.deploy.nginx import PROGRAM
from tests.support.fixtures import new_upstream, upstream, upstream_process

__all__ = ["new_upstream", "upstream", "upstream_process"]

MISSING = "nginx is not installed: install the package nginx"
_left_out = 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    global _left_out  # pytest calls plain functions of this module
    wanting = [item for item in items if item.get_closest_marker("nginx")]
    if PROGRAM is not None or not wanting:
        return
    if os.environ.get("PATCHBAY_TEST_ALL") == "1":
        raise pytest.UsageError(MISSING)
    _left_out = len(wanting)
    config.hook.pytest_deselected(items=wanting)
    items[:] = [item for item in items if item not in set(wanting)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _left_out:
        terminalreporter.write_line(f"LEFT OUT: {_left_out} tests. {MISSING}", red=True, bold=True)
