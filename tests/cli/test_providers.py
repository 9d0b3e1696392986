from __future__ import annotations

import socket

import pytest

from app.admin.provider_rules import Editor
from app.api.parts import Parts
from app.domain.audit import COMMAND_LINE
from tests.cli.conftest import Run, refused, said

KEY = "sk-a-key-of-the-tests"


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_providers_are_added_and_listed(run: Run) -> None:
    before = run("providers", "list")
    said(run("providers", "add", "--kind", "lmstudio", "--name", "LM Studio"))
    added = said(
        run("providers", "add", "--kind", "groq", "--name", "Fast", "--slug", "groq", "--model", "gpt", "--default")
    )

    listed = said(run("providers", "list"))

    assert (before.exit_code, before.stdout) == (0, "")
    assert added == "Added Fast as groq (default).\n"
    assert listed.splitlines() == [
        "   SLUG       KIND      ADDRESS                         KEY  MODEL",
        "   lm-studio  lmstudio  http://localhost:1234/v1        no   -",
        "*  groq       groq      https://api.groq.com/openai/v1  no   gpt",
    ]


@pytest.mark.parametrize("way", [("--api-key", KEY), ("--api-key-stdin",)])
def test_a_key_is_stored_and_never_shown(run: Run, parts: Parts, way: tuple[str, ...]) -> None:
    result = run("providers", "add", "--kind", "groq", "--name", "Groq", *way, typed=f"{KEY}\n")

    stored = parts.provider_settings.get("groq", Editor.trusted(COMMAND_LINE))
    assert stored.config.api_key == KEY
    assert KEY not in result.output + run("providers", "list").output
    assert "yes" in run("providers", "list").stdout


def test_a_provider_is_served_after_the_next_look(run: Run, parts: Parts) -> None:
    assert parts.state.current.providers == ()

    said(run("providers", "add", "--kind", "lmstudio", "--name", "LM Studio"))

    assert [one.slug for one in parts.state.refresh().providers] == ["lm-studio"]


def test_a_bad_provider_is_refused_in_one_line(run: Run) -> None:
    said(run("providers", "add", "--kind", "lmstudio", "--name", "LM Studio"))

    assert refused(run("providers", "add", "--kind", "magic", "--name", "Magic")).startswith(
        "Error: provider: must be one of groq, llamacpp, lmstudio"
    )
    assert "base_url" in refused(run("providers", "add", "--kind", "openai_compatible", "--name", "Mine"))
    assert "already" in refused(run("providers", "add", "--kind", "lmstudio", "--name", "LM Studio"))
    assert refused(run("providers", "test", "nothing")) == "Error: There is no provider 'nothing'."
    both = run("providers", "add", "--kind", "groq", "--name", "Groq", "--api-key", "x", "--api-key-stdin")
    assert both.exit_code == 2


def test_a_test_draws_the_ladder_and_says_what_is_wrong(run: Run) -> None:
    port = closed_port()
    address = f"http://127.0.0.1:{port}/v1"
    said(run("providers", "add", "--kind", "openai_compatible", "--name", "Gone", "--base-url", address))

    result = run("providers", "test", "gone")

    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert [line.split()[:2] for line in lines[:2]] == [["ok", "resolve"], ["FAILED", "connect"]]
    assert lines[2].startswith(f"nothing_listening: Nothing is listening at 127.0.0.1:{port}.")
