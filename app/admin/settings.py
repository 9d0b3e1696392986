"""What administrators set at run time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from app.admin.clock import utc_now
from app.admin.differences import differences
from app.admin.refusals import invalid
from app.domain.audit import Actor, Change
from app.domain.catalog import DefaultModels
from app.domain.settings import Settings
from app.storage.database import Database
from app.storage.settings import StoredSettings

MAX_MODEL_LENGTH = 300
MAX_REQUESTS_PER_MINUTE = 1_000_000


class SettingsAdmin:
    """Reads and changes the settings."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    def read(self) -> Settings:
        return self._database.read(lambda session: StoredSettings(session).read())

    def update(self, change: Callable[[Settings], Settings], by: Actor) -> Settings:
        """Keep `change(settings)`. Raises InvalidRequest."""

        def store(stored: StoredSettings) -> Settings:
            stored.begin_change()
            old = stored.read()
            new = change(old)
            _check(new)
            before, after = differences(asdict(old), asdict(new))
            if after:
                stored.save(after, self._now())
                stored.record(by, Change("update", "settings", "settings", "settings", old=before, new=after))
            return new

        return self._database.write(lambda session: store(StoredSettings(session)))


def _check(settings: Settings) -> None:
    _check_models(settings.default_models)
    rate = settings.default_requests_per_minute
    if rate is not None and not 1 <= rate <= MAX_REQUESTS_PER_MINUTE:
        raise invalid("default_requests_per_minute", f"must be from 1 to {MAX_REQUESTS_PER_MINUTE}, or null for none")


def _check_models(models: DefaultModels) -> None:
    for task, model in asdict(models).items():
        if model is not None and not (model == model.strip() and model.isprintable() and len(model) in _LENGTHS):
            raise invalid(
                f"default_models.{task}",
                f"must have 1 to {MAX_MODEL_LENGTH} printable characters, no space at either end, or be null",
            )


_LENGTHS = range(1, MAX_MODEL_LENGTH + 1)
