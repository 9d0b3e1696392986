"""A person's presets: a system prompt, parameters and a model under one name."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.domain.conversations import Preset
from app.gateway.conversations.prompt import check_names
from app.gateway.conversations.wording import found, utc_now
from app.storage import chats
from app.storage.chats import Chats
from app.storage.database import Database
from app.storage.paging import Page
from app.storage.unit import Window


@dataclass(frozen=True, slots=True)
class PresetDraft:
    """What can be set of a preset."""

    name: str
    system_prompt: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None


class PresetShelf:
    """Every function asks for the person, and raises NotFound for a preset that isn't theirs."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    def create(self, user_id: str, draft: PresetDraft) -> Preset:
        """Raises InvalidRequest for what is no parameter."""
        check_names(draft.parameters)
        at = self._now()
        preset = Preset(
            id=str(uuid.uuid4()),
            user_id=user_id,
            name=draft.name,
            system_prompt=draft.system_prompt,
            parameters=draft.parameters,
            model=draft.model,
            created_at=at,
            updated_at=at,
        )
        chats.write(self._database, lambda stored: stored.presets.add(preset))
        return preset

    def one(self, user_id: str, preset_id: str) -> Preset:
        return chats.read(self._database, lambda stored: found(stored.presets.one(user_id, preset_id), "preset"))

    def page(self, user_id: str, window: Window) -> Page[Preset]:
        """Newest first. Raises InvalidRequest for an unknown cursor."""
        return chats.read(self._database, lambda stored: stored.presets.page(user_id, window))

    def update(self, user_id: str, preset_id: str, changes: Mapping[str, Any]) -> Preset:
        """Raises InvalidRequest for what is no parameter."""

        def change(stored: Chats) -> Preset:
            old = found(stored.presets.one(user_id, preset_id), "preset")
            new = replace(old, **changes)
            check_names(new.parameters)
            if new != old:
                new = replace(new, updated_at=self._now())
                stored.presets.save(new)
            return new

        return chats.write(self._database, change)

    def delete(self, user_id: str, preset_id: str) -> None:
        def remove(stored: Chats) -> None:
            stored.presets.remove(found(stored.presets.one(user_id, preset_id), "preset").id)

        chats.write(self._database, remove)
