"""What create_app connects, by name, for the views."""

from __future__ import annotations

from dataclasses import dataclass

from app.gateway.state import State
from app.storage.database import Database
from config import Config


@dataclass(slots=True)
class Parts:
    """One per process."""

    config: Config
    database: Database
    state: State
