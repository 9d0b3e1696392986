"""Counting tokens without asking a model, where a provider can."""

from __future__ import annotations

from app.domain.accounts import Caller
from app.domain.errors import CapabilityNotSupported
from app.domain.requests import ModelRequest
from app.domain.stopping import Stop
from app.gateway.connections import Connections
from app.gateway.service import LLMService


class TokenCounts:
    """Counts are exact or refused. They are no model calls: the ledger has none of them, nor do limits count them."""

    def __init__(self, llm: LLMService, connections: Connections) -> None:
        self._llm = llm
        self._connections = connections

    def count(self, request: ModelRequest, caller: Caller, stop: Stop) -> int:
        """How many tokens the model would read. One that its provider loads on use is loaded, as by a chat.

        Raises ModelNotFound, AmbiguousModel, ModelNotAllowed, CapabilityNotSupported, InvalidRequest or ProviderError.
        """
        if request.needs:
            raise CapabilityNotSupported("The tokens of images can't be counted without asking the model.")
        found = self._llm.resolve(request, caller)
        return self._connections.to(found.config).count_tokens(request, found.model, stop)
