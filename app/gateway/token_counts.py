"""Counting tokens without asking a model, where a provider can."""

from __future__ import annotations

from app.domain.accounts import Caller
from app.domain.errors import CapabilityNotSupported
from app.domain.requests import ModelRequest
from app.domain.stopping import Stop
from app.gateway.connections import Connections
from app.gateway.limits import RequestLimits
from app.gateway.service import LLMService
from app.gateway.state import State


class TokenCounts:
    """Counts are exact or refused. The ledger has none of them, as no model answers; limits per minute count them."""

    def __init__(self, llm: LLMService, connections: Connections, limits: RequestLimits, state: State) -> None:
        self._llm = llm
        self._connections = connections
        self._limits = limits
        self._state = state

    def count(self, request: ModelRequest, caller: Caller, stop: Stop) -> int:
        """How many tokens the model would read. One that its provider loads on use is loaded, as by a chat.

        Raises RateLimited, ModelNotFound, AmbiguousModel, ModelNotAllowed, CapabilityNotSupported, InvalidRequest, or
        ProviderError.
        """
        self._limits.check(caller, self._state.current.settings.default_requests_per_minute)
        if request.needs:
            raise CapabilityNotSupported("The tokens of images can't be counted without asking the model.")
        found = self._llm.resolve(request, caller)
        return self._connections.to(found.config).count_tokens(request, found.model, stop)
