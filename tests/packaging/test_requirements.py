"""The lock files belong to pyproject.toml: told without asking any package index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def name(text: str) -> str:
    """As package indexes compare names."""
    return re.sub(r"[-_.]+", "-", text).lower()


def wanted(entries: list[str]) -> dict[str, str]:
    """Name and version of entries such as `redis[x]==7.4.1 ; …`."""
    pairs = (re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", entry) for entry in entries)
    return {name(pair[1]): pair[2] for pair in pairs if pair is not None}


def locked(file: str) -> dict[str, str]:
    return {name(found[1]): found[2] for found in LOCK.finditer((ROOT / file).read_text())}


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_dependency_is_pinned(project: dict[str, Any]) -> None:
    extra = project["project"]["optional-dependencies"]["lmstudio"]
    entries = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"], *extra]

    # The tests have what is optional.
    assert len(wanted(entries)) == len(entries) - len(extra)


def test_the_locks_hold_what_the_project_asks_for(project: dict[str, Any]) -> None:
    runtime = wanted(project["project"]["dependencies"])
    everything = {**runtime, **wanted(project["dependency-groups"]["dev"])}

    assert runtime.items() <= locked("requirements.txt").items(), "./patchbay lock"
    assert everything.items() <= locked("requirements-dev.txt").items(), "./patchbay lock"
    extra = wanted(project["project"]["optional-dependencies"]["lmstudio"])
    assert extra.items() <= locked("requirements-lmstudio.txt").items(), "./patchbay lock"


def test_tests_run_with_the_versions_that_are_served() -> None:
    for file in ("requirements.txt", "requirements-lmstudio.txt"):
        assert locked(file).items() <= locked("requirements-dev.txt").items()


def test_what_is_optional_changes_nothing_of_the_rest() -> None:
    rest, extra = locked("requirements.txt"), locked("requirements-lmstudio.txt")

    assert {name: extra[name] for name in rest.keys() & extra.keys()}.items() <= rest.items()


@pytest.mark.parametrize(
    "file",
    [
        "requirements.txt",
        "requirements-dev.txt",
        "requirements-lmstudio.txt",
        "requirements-uv.txt",
        "requirements-node.txt",
    ],
)
def test_every_locked_version_has_hashes(file: str) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^#.*\n", "", (ROOT / file).read_text(), flags=re.MULTILINE))

    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
