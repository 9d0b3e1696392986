from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.admin.environment import apply_environment
from app.admin.provider_fields import ProviderFields
from app.admin.provider_rules import Editor
from app.admin.provider_settings import ProviderSettings
from app.admin.settings import SettingsAdmin
from app.domain.audit import COMMAND_LINE, Actor
from app.domain.catalog import DefaultModels, ProviderConfig
from app.storage.audit import AuditFilter, AuditLog
from app.storage.database import Database
from app.storage.secrets import SecretBox
from app.storage.snapshot import load_snapshot, load_version
from config import Config, ConfigError

ADMIN = Editor.trusted(Actor(None, "admin"))


@pytest.fixture
def box(config: Config) -> SecretBox:
    return SecretBox(config.secret_keys)


@pytest.fixture
def start(config: Config, database: Database, box: SecretBox) -> Any:
    """Start with these settings, like a process does."""

    def start(**changes: Any) -> None:
        apply_environment(replace(config, **changes), database, box)

    return start


@pytest.fixture
def settings(database: Database, box: SecretBox) -> ProviderSettings:
    return ProviderSettings(database, box)


def providers(settings: ProviderSettings) -> dict[str, ProviderConfig]:
    return {one.config.slug: one.config for one in settings.visible(ADMIN)}


def default(settings: ProviderSettings) -> str:
    return settings.default(ADMIN).config.slug


def test_without_any_variable_the_built_in_engine_is_there_and_the_default(
    start: Any, settings: ProviderSettings
) -> None:
    start(local_engine=True, local_threads=2)

    (local,) = providers(settings).values()

    assert (local.slug, local.name, local.kind, local.base_url) == ("local", "This machine", "local_gguf", "")
    assert (local.models, local.options) == (DefaultModels("patchbay-toy", None, "patchbay-toy"), {"threads": 2})
    assert local.is_default


def test_nothing_is_made_where_nothing_is_asked_for(start: Any, settings: ProviderSettings) -> None:
    start()

    assert providers(settings) == {}


def test_variables_make_their_providers(start: Any, settings: ProviderSettings) -> None:
    start(
        local_engine=True,
        lmstudio_api_base="localhost:1234",
        lmstudio_api_key="lm-1",
        lmstudio_model="qwen3-8b",
        openai_api_key="sk-1",
        groq_api_key="gsk-1",
    )

    made = providers(settings)

    assert {slug: (one.kind, one.base_url, one.api_key, one.models.chat) for slug, one in made.items()} == {
        "lmstudio": ("lmstudio", "http://localhost:1234/v1", "lm-1", "qwen3-8b"),
        "openai": ("openai", "https://api.openai.com/v1", "sk-1", None),
        "groq": ("groq", "https://api.groq.com/openai/v1", "gsk-1", None),
        "local": ("local_gguf", "", None, "patchbay-toy"),
    }
    assert default(settings) == "lmstudio"
    assert sorted(one.cable for one in made.values()) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("address", "slug", "kind"),
    [
        ("https://api.openai.com/v1", "openai", "openai"),
        ("https://eu.api.openai.com/v1", "openai", "openai"),
        ("http://10.0.0.5:8000/v1", "openai-compatible", "openai_compatible"),
        ("https://api.openai.com.evil.example/v1", "openai-compatible", "openai_compatible"),
    ],
)
def test_another_host_than_openais_is_openai_compatible(
    start: Any, settings: ProviderSettings, address: str, slug: str, kind: str
) -> None:
    start(openai_api_key="sk-1", openai_base_url=address)

    made = providers(settings)[slug]

    assert (made.kind, made.base_url, made.api_key) == (kind, address, "sk-1")


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("groq", "groq"), ("OpenAI", "openai"), ("local", "local"), ("lmstudio", "lmstudio"), (None, "openai")],
)
def test_llm_provider_chooses_the_default(
    start: Any, settings: ProviderSettings, choice: str | None, expected: str
) -> None:
    start(local_engine=True, openai_api_key="sk-1", groq_api_key="gsk-1", llm_provider=choice)

    assert default(settings) == expected


def test_llm_provider_does_not_undo_a_later_choice(start: Any, settings: ProviderSettings) -> None:
    start(openai_api_key="sk-1", groq_api_key="gsk-1", llm_provider="groq")
    settings.activate("openai", ADMIN)

    start(openai_api_key="sk-1", groq_api_key="gsk-1", llm_provider="groq")

    assert default(settings) == "openai"


def test_starting_again_changes_nothing(
    start: Any, settings: ProviderSettings, database: Database, box: SecretBox
) -> None:
    variables = {
        "local_engine": True,
        "lmstudio_api_base": "http://localhost:1234/",
        "openai_api_key": "sk-1",
        "default_regular_model": "qwen3-8b",
    }
    start(**variables)
    before = load_snapshot(database, box)

    start(**variables)

    assert load_snapshot(database, box) == before
    assert load_version(database) == before.version


def test_changed_variables_are_followed_where_nobody_has_edited(start: Any, settings: ProviderSettings) -> None:
    start(lmstudio_api_base="http://a:1/v1", lmstudio_model="m1", lmstudio_api_key="k1")
    settings.update("lmstudio", ProviderFields(model="mine", name="Mine"), ADMIN)

    start(lmstudio_api_base="http://b:1/v1", lmstudio_model="m2", lmstudio_api_key="k2")

    followed = providers(settings)["lmstudio"]
    assert (followed.base_url, followed.api_key) == ("http://b:1/v1", "k2")
    assert (followed.models.chat, followed.name) == ("mine", "Mine")


def test_a_key_that_somebody_has_set_or_removed_stays_that_way(start: Any, settings: ProviderSettings) -> None:
    start(openai_api_key="sk-1", groq_api_key="gsk-1")
    settings.update("openai", ProviderFields(api_key="mine"), ADMIN)
    settings.update("groq", ProviderFields(api_key=None), ADMIN)

    start(openai_api_key="sk-2", groq_api_key="gsk-2")

    made = providers(settings)
    assert (made["openai"].api_key, made["groq"].api_key) == ("mine", None)


def test_a_key_of_somebody_else_is_not_sent_to_an_address_of_the_environment(
    start: Any, settings: ProviderSettings
) -> None:
    start(lmstudio_api_base="http://a:1/v1")
    settings.update("lmstudio", ProviderFields(api_key="mine"), ADMIN)

    start(lmstudio_api_base="http://b:1/v1")

    followed = providers(settings)["lmstudio"]
    assert (followed.base_url, followed.api_key) == ("http://b:1/v1", None)


def test_a_variable_that_is_gone_changes_nothing(start: Any, settings: ProviderSettings) -> None:
    start(lmstudio_api_base="http://a:1/v1", lmstudio_model="m1", lmstudio_api_key="k1")
    before = providers(settings)

    start()
    start(lmstudio_api_base="http://a:1/v1")

    assert providers(settings) == before


def test_a_provider_that_somebody_has_made_is_left_alone(start: Any, settings: ProviderSettings) -> None:
    settings.create(ProviderFields(provider="openai_compatible", name="Groq", base_url="http://x/v1"), ADMIN)
    before = providers(settings)

    start(groq_api_key="gsk-1")

    assert providers(settings) == before


def test_changes_of_the_environment_are_audited_as_its_own(start: Any, database: Database) -> None:
    start(openai_api_key="sk-1")
    start(openai_api_key="sk-2")

    entries = AuditLog(database).entries(AuditFilter(object_type="provider")).items

    assert [(one.actor.name, one.change.action) for one in entries] == [
        ("environment", "update"),
        ("environment", "create"),
    ]
    assert "sk-" not in repr(entries)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"lmstudio_api_base": "ftp://x"}, "LMSTUDIO_API_BASE must start with http"),
        ({"lmstudio_api_base": "http://["}, "LMSTUDIO_API_BASE must be an address"),
        ({"openai_base_url": "http://h:99999/v1"}, "OPENAI_BASE_URL must have a valid host"),
        ({"openai_api_key": "two words"}, "OPENAI_API_KEY must have at most"),
        ({"llm_provider": "nonsense"}, "LLM_PROVIDER=nonsense must be one of groq, lmstudio, openai"),
        ({"local_engine": True, "local_threads": 100_000}, "LOCAL_THREADS must be from 1 to 1024"),
    ],
)
def test_values_that_can_not_be_used_are_named_by_their_variable(
    start: Any, settings: ProviderSettings, variables: dict[str, Any], named: str
) -> None:
    with pytest.raises(ConfigError) as error:
        start(**variables)

    assert str(error.value).startswith(named)
    assert providers(settings) == {}


def test_default_models_are_set_and_followed_until_somebody_chooses(start: Any, database: Database) -> None:
    settings = SettingsAdmin(database)

    start(default_regular_model="m1", default_vision_model="v1")
    assert settings.read().default_models == DefaultModels("m1", "v1", None)

    start(default_regular_model="m2", default_vision_model="v1")
    assert settings.read().default_models == DefaultModels("m2", "v1", None)

    settings.update(lambda old: replace(old, default_models=DefaultModels("mine", None, "e")), COMMAND_LINE)
    start(default_regular_model="m3", default_vision_model="v2")
    assert settings.read().default_models == DefaultModels("mine", "v2", "e")
