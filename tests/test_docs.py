"""What the documents must not forget."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest

from app.cli.commands import admin
from app.domain.settings import Settings
from app.providers.ladder import Diagnosis
from app.providers.presets import PRESETS
from app.providers.registry import kinds

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").glob("**/*.md")
)
EVERYTHING = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_kind_of_provider_is_documented(kind: str) -> None:
    assert f"`{kind}`" in (ROOT / "docs" / "providers.md").read_text()


@pytest.mark.parametrize("diagnosis", [one.value for one in Diagnosis if one is not Diagnosis.OK])
def test_every_diagnosis_is_documented(diagnosis: str) -> None:
    assert f"`{diagnosis}`" in (ROOT / "docs" / "providers.md").read_text()


@pytest.mark.parametrize("label", [preset.label for preset in PRESETS if preset.id != "custom"])
def test_every_preset_is_documented(label: str) -> None:
    assert label in EVERYTHING


def commands(group: click.Group, prefix: str) -> list[str]:
    found = []
    for name, command in group.commands.items():
        found += commands(command, f"{prefix} {name}") if isinstance(command, click.Group) else [f"{prefix} {name}"]
    return found


@pytest.mark.parametrize("command", commands(admin, "./patchbay admin"))
def test_every_command_is_documented(command: str) -> None:
    assert command in EVERYTHING


def words() -> list[str]:
    """The words of the `patchbay` script."""
    return re.findall(r"^word_(\w+)\(\)", (ROOT / "patchbay").read_text(), re.MULTILINE)


@pytest.mark.parametrize("word", [word for word in words() if word != "help"])
def test_every_word_of_the_script_is_documented(word: str) -> None:
    assert f"./patchbay {word}" in EVERYTHING


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Settings)])
def test_every_setting_for_administrators_is_documented(name: str) -> None:
    assert name in EVERYTHING


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    targets = [urlsplit(link).path for link in LINK.findall(document.read_text()) if not urlsplit(link).scheme]

    missing = [target for target in targets if target and not (document.parent / target).exists()]

    assert missing == []
