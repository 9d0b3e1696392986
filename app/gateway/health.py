"""How each provider answered last, as seen by this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from app.domain.catalog import HealthState, ProviderStatus
from app.domain.errors import GatewayError, ProviderError, ProviderRateLimited, ProviderRejected
from app.domain.snapshot import Snapshot


class Health:
    """Remembers states; a provider is `down` when it could not be reached, `degraded` when it answers with errors."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._status: dict[str, ProviderStatus] = {}
        self._ok_in_second: dict[str, int] = {}

    def status(self, provider_id: str) -> ProviderStatus:
        return self._status.get(provider_id, ProviderStatus())

    def note_ok(self, provider_id: str, latency_ms: float) -> None:
        # A busy provider needs no new value per request to tell that it is well.
        second = int(time.monotonic())
        if self._ok_in_second.get(provider_id) != second:
            self._ok_in_second[provider_id] = second
            self._enter(provider_id, HealthState.OK, latency_ms, None)

    def note_failure(self, provider_id: str, error: GatewayError) -> None:
        state = _state_after(error)
        if state is not None:
            self._ok_in_second.pop(provider_id, None)
            self._enter(provider_id, state, None, error.message)

    def on_change(self, snapshot: Snapshot) -> None:
        """Forget providers that are gone."""
        for known in (self._status, self._ok_in_second):
            for identifier in known.keys() - snapshot.provider_ids:
                del known[identifier]

    def _enter(self, provider_id: str, state: HealthState, latency_ms: float | None, message: str | None) -> None:
        now = self._now()
        known = self._status.get(provider_id, ProviderStatus())
        since = known.since if known.state is state else now
        self._status[provider_id] = replace(
            known, state=state, since=since, checked_at=now, latency_ms=latency_ms, message=message
        )


def _state_after(error: GatewayError) -> HealthState | None:
    """None where the failure says nothing about the provider: it refused this request, or it was our side."""
    if isinstance(error, (ProviderRejected, ProviderRateLimited)) or not isinstance(error, ProviderError):
        return None
    return HealthState.DOWN if error.code in ("provider_unreachable", "provider_timeout") else HealthState.DEGRADED
