from __future__ import annotations

from dataclasses import replace

from cryptography.fernet import Fernet
from flask import Flask

from app import create_app
from app.admin.provider_rules import Editor
from app.api.parts import Parts
from app.domain.audit import COMMAND_LINE
from app.storage.audit import AuditFilter
from config import Config
from tests.cli.conftest import Run, refused, run_on, said

EDITOR = Editor.trusted(COMMAND_LINE)


def add_groq(parts: Parts) -> None:
    parts.provider_settings.create({"provider": "groq", "name": "Groq", "api_key": "sk-test"}, EDITOR)


def opened_with(config: Config, *keys: str) -> Flask:
    return create_app(replace(config, secret_keys=keys))


def test_rotated_secrets_need_only_the_first_key(parts: Parts, config: Config) -> None:
    add_groq(parts)
    fresh = Fernet.generate_key().decode()
    both = opened_with(config, fresh, *config.secret_keys)

    text = said(run_on(both, "rotate-secrets"))

    alone = opened_with(config, fresh)
    stored = alone.extensions["patchbay"].provider_settings.get("groq", EDITOR)
    (last,) = both.extensions["patchbay"].audit.entries(AuditFilter(), limit=1).items
    for app in (both, alone):
        app.extensions["patchbay"].database.close()
    assert text == "Encrypted the secrets of 1 providers under the first key.\n"
    assert stored.config.api_key == "sk-test"
    assert (last.actor.name, last.change.action, last.change.object_type) == ("command line", "rotate", "secrets")


def test_without_the_old_key_nothing_is_rotated(parts: Parts, config: Config) -> None:
    add_groq(parts)
    wrong = opened_with(config, Fernet.generate_key().decode())

    words = refused(run_on(wrong, "rotate-secrets"))

    wrong.extensions["patchbay"].database.close()
    assert words.startswith("Error: A stored secret can't be decrypted: check that PATCHBAY_SECRET_KEYS")
    assert parts.provider_settings.get("groq", EDITOR).config.api_key == "sk-test"


def test_the_demo_model_is_trained_by_its_own_program(run: Run) -> None:
    assert run("train-demo", "--no-such-option").exit_code == 2
