"""One transaction, as the repositories of several tables share it."""

from __future__ import annotations

import re
from typing import Protocol, TypeVar

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session

from app.domain.audit import Actor, Change
from app.storage import audit, versions
from app.storage.paging import Position

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Listed(Protocol):
    """A row of a list that grows."""

    id: Mapped[str]
    # Every table says when its rows were made; lists are sorted by it.
    created_at: Mapped[object]


Row = TypeVar("Row")


class Unit:
    """What is read and changed through one session is kept together or not at all."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin_change(self) -> None:
        """Count a change that requests must see; do it first, because it also makes such changes take turns."""
        versions.bump_version(self._session)

    def record(self, by: Actor, change: Change) -> None:
        """Note `change` in the audit log."""
        audit.record(self._session, by, change)
