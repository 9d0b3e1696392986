"""The recipes of docs/clients.md, run as they are printed, as far as their programs are here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.gateway import Gateway
from tests.e2e.node_sdk import FOLDER, OWN_NODE
from tests.e2e.questions import GREETING
from tests.serving.running import ROOT

TEXT = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
WITH = {"sh": ["sh", "-eu"], "python": [sys.executable, "-"], "js": ["node", "--input-type=module", "-"]}


def recipe(title: str, language: str) -> str:
    section = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)
    assert section is not None, title
    block = re.search(rf"^```{language}\n(.*?)^```$", section[1], re.DOTALL | re.MULTILINE)
    assert block is not None, (title, language)
    return block[1]


def run(gateway: Gateway, program: str, language: str, folder: Path) -> str:
    path = os.pathsep.join((str(OWN_NODE), os.environ["PATH"]))
    environment = {**os.environ, "PATH": path, "PATCHBAY_URL": gateway.url, "PATCHBAY_KEY": gateway.key}
    command = WITH[language]
    command = [shutil.which(command[0], path=path) or command[0], *command[1:]]
    ended = subprocess.run(
        command, cwd=folder, input=program, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize(
    ("title", "language", "greetings"),
    [
        ("curl", "sh", 3),
        ("OpenAI's SDK for Python", "python", 1),
        ("OpenAI's SDK for JavaScript", "js", 1),
        ("Anthropic's SDK", "python", 1),
        ("Groq's SDK", "python", 1),
    ],
)
def test_a_recipe_brings_what_it_promises(gateway: Gateway, title: str, language: str, greetings: int) -> None:
    told = run(gateway, recipe(title, language), language, FOLDER)

    assert told.count(GREETING) == greetings
