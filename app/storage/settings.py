"""What administrators set at run time: one row per setting that differs from its default or once did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.catalog import DefaultModels
from app.domain.settings import Settings
from app.storage.tables import SettingRow
from app.storage.unit import Unit

DEFAULT_MODELS = "default_models"


def read_settings(session: Session) -> Settings:
    """The stored settings over the defaults."""
    stored = {row.name: row.value["value"] for row in session.scalars(select(SettingRow))}
    if DEFAULT_MODELS in stored:
        stored[DEFAULT_MODELS] = DefaultModels(**stored[DEFAULT_MODELS])
    return Settings(**stored)


class StoredSettings(Unit):
    """Settings inside one transaction."""

    def read(self) -> Settings:
        return read_settings(self._session)

    def save(self, values: Mapping[str, Any], at: datetime) -> None:
        """Keep `values`, JSON by the name of the setting."""
        for name, value in values.items():
            self._session.merge(SettingRow(name=name, value={"value": value}, updated_at=at))
