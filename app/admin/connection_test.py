"""Testing a provider's connection, saved or not."""

from __future__ import annotations

from app.domain.catalog import ProviderConfig
from app.providers.base import Surroundings
from app.providers.engine.client import EngineClient
from app.providers.ladder import LadderReport, run_ladder
from app.providers.registry import connect, kind_named


class ConnectionTest:
    """Climbs the ladder; a kind that runs on this machine is asked through its provider."""

    def __init__(self, engine: EngineClient | None) -> None:
        self._around = Surroundings(allow_private=True, engine=engine)

    def __call__(self, config: ProviderConfig, *, completion: bool = False, allow_private: bool = True) -> LadderReport:
        """Spends no tokens unless `completion`. Raises InvalidRequest for an unknown kind."""
        probe = connect(config, self._around) if kind_named(config.kind).KIND.local else None
        return run_ladder(config, completion=completion, allow_private=allow_private, probe=probe)
