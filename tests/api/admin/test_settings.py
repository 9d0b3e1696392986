from __future__ import annotations

from typing import Any

import pytest

from app.api.parts import Parts
from tests.api.admin.conftest import Person, data, failure, fields

SETTINGS = "/api/v1/settings"
DEFAULTS = {
    "default_models": {"chat": None, "vision": None, "embedding": None},
    "personal_providers_allowed": False,
    "personal_private_addresses_allowed": False,
    "default_requests_per_minute": None,
}


def test_settings_begin_with_their_defaults(admin: Person) -> None:
    assert data(admin.get(SETTINGS)) == DEFAULTS


def test_a_change_touches_only_what_is_named(admin: Person, parts: Parts) -> None:
    data(admin.patch(SETTINGS, {"default_models": {"chat": "groq/fast", "vision": "groq/eyes"}}))
    data(admin.patch(SETTINGS, {"default_requests_per_minute": 60}))

    changed = data(admin.patch(SETTINGS, {"default_models": {"vision": None}}))

    assert changed == {
        **DEFAULTS,
        "default_models": {"chat": "groq/fast", "vision": None, "embedding": None},
        "default_requests_per_minute": 60,
    }
    assert data(admin.get(SETTINGS)) == changed
    assert parts.state.current.settings.default_models.chat == "groq/fast"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"colour": "red"}, ["colour"]),
        ({"default_models": {"audio": "x"}}, ["default_models.audio"]),
        ({"default_models": None}, ["default_models"]),
        ({"default_models": {"chat": ""}}, ["default_models.chat"]),
        ({"default_models": {"chat": " x"}}, ["default_models.chat"]),
        ({"default_models": {"chat": "a\0"}}, ["default_models.chat"]),
        ({"personal_providers_allowed": 1}, ["personal_providers_allowed"]),
        ({"personal_providers_allowed": None}, ["personal_providers_allowed"]),
        ({"default_requests_per_minute": 0}, ["default_requests_per_minute"]),
        ({"default_requests_per_minute": "60"}, ["default_requests_per_minute"]),
    ],
)
def test_a_bad_change_is_refused_by_field(admin: Person, wrong: dict[str, Any], named: list[str]) -> None:
    assert fields(admin.patch(SETTINGS, wrong)) == named
    assert data(admin.get(SETTINGS)) == DEFAULTS


def test_only_administrators(user: Person) -> None:
    assert failure(user.get(SETTINGS)) == (403, "not_allowed")
    assert failure(user.patch(SETTINGS, {})) == (403, "not_allowed")
