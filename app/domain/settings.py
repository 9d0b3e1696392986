"""What administrators can set at run time, with its defaults."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.catalog import DefaultModels


@dataclass(frozen=True, slots=True)
class Settings:
    """Overall defaults per task (canonical model names) and what ordinary users may do."""

    default_models: DefaultModels = DefaultModels()
    personal_providers_allowed: bool = False
    """Whether users may add providers of their own (each needs the permission too)."""
    personal_private_addresses_allowed: bool = False
    """Whether those may point into private networks."""
    default_requests_per_minute: int | None = None
    """For callers without a limit of their own; None: none."""
