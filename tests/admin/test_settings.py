from __future__ import annotations

from dataclasses import replace

import pytest

from app.admin.settings import SettingsAdmin
from app.domain.catalog import DefaultModels
from app.domain.errors import InvalidRequest
from app.domain.settings import Settings
from app.storage.database import Database
from app.storage.settings import read_settings
from app.storage.versions import read_version
from tests.admin.conftest import TESTER, Clock, changes, entries


@pytest.fixture
def settings(database: Database, clock: Clock) -> SettingsAdmin:
    return SettingsAdmin(database, now=clock)


def test_untouched_settings_have_their_defaults(settings: SettingsAdmin) -> None:
    assert settings.read() == Settings()


def test_a_change_is_kept_audited_and_seen_by_requests(settings: SettingsAdmin, database: Database) -> None:
    version = database.read(read_version)
    wanted = Settings(DefaultModels(chat="groq/fast"), personal_providers_allowed=True, default_requests_per_minute=60)

    settings.update(lambda _: wanted, TESTER)
    settings.update(lambda old: replace(old, default_requests_per_minute=None), TESTER)

    assert settings.read() == replace(wanted, default_requests_per_minute=None) == database.read(read_settings)
    assert [one.change.new for one in entries(database)] == [
        {
            "default_models": {"chat": "groq/fast", "vision": None, "embedding": None},
            "personal_providers_allowed": True,
            "default_requests_per_minute": 60,
        },
        {"default_requests_per_minute": None},
    ]
    assert database.read(read_version) == version + 2


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Settings(DefaultModels(chat="")), "default_models.chat"),
        (Settings(DefaultModels(vision=" x")), "default_models.vision"),
        (Settings(DefaultModels(embedding="x" * 301)), "default_models.embedding"),
        (Settings(default_requests_per_minute=0), "default_requests_per_minute"),
    ],
)
def test_bad_values_are_refused_by_name(
    settings: SettingsAdmin, database: Database, wanted: Settings, field: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        settings.update(lambda _: wanted, TESTER)

    assert refused.value.param == field
    assert settings.read() == Settings()
    assert changes(database) == []
