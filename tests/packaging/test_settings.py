"""Every setting is in `.env.example` and in docs/configuration.md, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Read by the script before there is a Config.
OF_THE_SCRIPT = {"PYTHON_FOR_PATCHBAY"}


def settings() -> set[str]:
    """The variables that config.py reads."""
    return set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', (ROOT / "config.py").read_text()))


def test_the_example_has_every_setting_with_a_line_of_explanation_somewhere_above() -> None:
    text = (ROOT / ".env.example").read_text()

    assert set(re.findall(r"^# ([A-Z_]+)=", text, re.MULTILINE)) == settings()


def test_nothing_in_the_example_is_set() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == []


def test_the_document_explains_every_setting_once() -> None:
    explained = re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "configuration.md").read_text(), re.MULTILINE)

    assert sorted(explained) == sorted(settings() | OF_THE_SCRIPT)
