"""Any server that speaks OpenAI's format and needs no code of its own: OpenRouter, LiteLLM, a cloud's own …"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.catalog import ModelInfo, Parameter
from app.domain.relays import EVERY_ROUTE
from app.providers import parameters as rules
from app.providers.base import ProviderKind
from app.providers.openai_wire import OpenAIWire


class OpenAICompatible(OpenAIWire):
    KIND = ProviderKind(name="openai_compatible", label="OpenAI-compatible", default_base_url=None, relays=EVERY_ROUTE)

    def chat_parameters(self, model: ModelInfo) -> Sequence[Parameter]:
        return rules.declared(
            rules.CHAT,
            *rules.LOCAL_SAMPLERS.values(),
            Parameter("repetition_penalty", "number", 0, 10, default=1),
            # Ollama ignores the newer name without a word; the older one is understood everywhere.
            rules.renamed("max_completion_tokens", "max_tokens"),
        )
