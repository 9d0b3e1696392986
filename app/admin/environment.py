"""What the environment asks for at start: providers, and the overall default models."""

from __future__ import annotations

from dataclasses import replace

from app.admin.environment_providers import EnvironmentProviders
from app.admin.settings import SettingsAdmin
from app.domain.audit import ENVIRONMENT
from app.domain.catalog import DefaultModels
from app.storage.audit import AuditFilter, AuditLog
from app.storage.database import Database
from app.storage.secrets import SecretBox
from config import Config


def apply_environment(config: Config, database: Database, box: SecretBox) -> None:
    """Bring the database to what the environment asks for; nothing is written when it is there already.

    Raises ConfigError naming the variables that can't be used.
    """
    EnvironmentProviders(config).apply(database, box)
    apply_default_models(config, database)


def apply_default_models(config: Config, database: Database) -> None:
    """Set the default models where there is none, or where the last value came from the environment too."""
    settings = SettingsAdmin(database)
    current, written = settings.read().default_models, _last_written(AuditLog(database))
    wanted = DefaultModels(
        chat=_followed(config.default_regular_model, current.chat, written.chat),
        vision=_followed(config.default_vision_model, current.vision, written.vision),
        embedding=current.embedding,
    )
    if wanted != current:
        settings.update(lambda old: replace(old, default_models=wanted), ENVIRONMENT)


def _followed(asked: str | None, current: str | None, written: str | None) -> str | None:
    return asked if asked is not None and current in (None, written) else current


def _last_written(log: AuditLog) -> DefaultModels:
    """What the environment set last; the audit log tells."""
    page = log.entries(AuditFilter(object_type="settings", actor=ENVIRONMENT.name), limit=1)
    values = [(entry.change.new or {}).get("default_models") for entry in page.items]
    return DefaultModels(**values[0]) if values and values[0] else DefaultModels()
