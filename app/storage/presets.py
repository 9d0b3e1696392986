"""Presets (system prompt, parameters, model) inside one transaction."""

from __future__ import annotations

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from app.domain.conversations import Preset
from app.storage.paging import Page, Position
from app.storage.storable import storable, storable_json
from app.storage.tables import PresetRow
from app.storage.unit import Window, is_id


class Presets:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, preset: Preset) -> None:
        row = PresetRow(id=preset.id, user_id=preset.user_id, created_at=preset.created_at)
        _fill(row, preset)
        self._session.add(row)

    def one(self, user_id: str, preset_id: str) -> Preset | None:
        row = self._row(preset_id)
        return None if row is None or row.user_id != user_id else _preset(row)

    def page(self, user_id: str, window: Window) -> Page[Preset]:
        """Newest first. Raises InvalidRequest for an unknown cursor."""
        query = select(PresetRow).where(PresetRow.user_id == user_id)
        if window.cursor is not None:
            after = Position.parse(window.cursor)
            query = query.where(tuple_(PresetRow.created_at, PresetRow.id) < (after.at, after.id))
        query = query.order_by(PresetRow.created_at.desc(), PresetRow.id.desc()).limit(window.limit + 1)
        rows = self._session.scalars(query).all()
        shown = [_preset(row) for row in rows[: window.limit]]
        more = Position(shown[-1].created_at, shown[-1].id).cursor() if len(rows) > window.limit else None
        return Page(tuple(shown), more)

    def save(self, preset: Preset) -> None:
        row = self._row(preset.id)
        if row is not None:
            _fill(row, preset)

    def remove(self, preset_id: str) -> None:
        self._session.execute(delete(PresetRow).where(PresetRow.id == preset_id))

    def _row(self, preset_id: str) -> PresetRow | None:
        return self._session.get(PresetRow, preset_id) if is_id(preset_id) else None


def _fill(row: PresetRow, preset: Preset) -> None:
    row.name = storable(preset.name)
    row.system_prompt = storable(preset.system_prompt)
    row.parameters = storable_json(dict(preset.parameters))
    row.model = storable(preset.model)
    row.updated_at = preset.updated_at


def _preset(row: PresetRow) -> Preset:
    return Preset(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        system_prompt=row.system_prompt,
        parameters=row.parameters,
        model=row.model,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
