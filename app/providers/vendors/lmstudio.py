"""LM Studio: OpenAI's format, with a list of its own that knows states, quantization and context lengths.

Source: https://lmstudio.ai/docs/developer/rest (the v0 list, since 0.3.6) and its OpenAI-compatible endpoints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from app.domain.catalog import ModelInfo, ModelState, ModelType, Parameter
from app.domain.errors import ProviderContextLength, ProviderError, ProviderProtocol, ProviderRejected
from app.domain.requests import Json
from app.providers import parameters as rules
from app.providers.base import ProviderKind
from app.providers.openai_wire import MODEL_LIST_S, OpenAIWire
from app.providers.plain_models import first_int, plain_model, text_of

_TYPES = {"llm": ModelType.LLM, "vlm": ModelType.VLM, "embeddings": ModelType.EMBEDDINGS}
_STATES = {"loaded": ModelState.LOADED, "loading": ModelState.LOADING, "not-loaded": ModelState.NOT_LOADED}
_OVERFLOW = ("Trying to keep the first", "greater than the context length", "does not fit in context")
# `json_object` is refused with a 400 (0.4.19); any object at all is what it means.
_ANY_OBJECT = Json(
    msgspec.json.encode(
        {"type": "json_schema", "json_schema": {"name": "object", "schema": {"type": "object"}}},
    )
)


class LMStudio(OpenAIWire):
    KIND = ProviderKind(name="lmstudio", label="LM Studio", default_base_url="http://localhost:1234/v1", is_free=True)

    def chat_parameters(self, model: ModelInfo) -> Sequence[Parameter]:
        return rules.declared(
            rules.CHAT,
            *rules.LOCAL_SAMPLERS.values(),
            Parameter("max_tokens", "integer", -1),
            rules.renamed("max_completion_tokens", "max_tokens"),
            Parameter("ttl", "integer", 0),
        )

    def adjusted(self, fields: dict[str, Json]) -> dict[str, Json]:
        wanted = fields.get("response_format")
        if wanted is None:
            return fields
        match msgspec.json.decode(wanted):
            case {"type": "json_object"}:
                return {**fields, "response_format": _ANY_OBJECT}
        return fields

    def refined(self, error: ProviderError) -> ProviderError:
        """Context overflow has no code here, only these words (0.3 to 0.4.21, seen in replies)."""
        if isinstance(error, ProviderContextLength) or not any(words in error.message for words in _OVERFLOW):
            return error
        return ProviderContextLength(
            error.message, provider=error.provider, status=400, provider_code=ProviderContextLength.code
        )

    def models(self) -> Sequence[ModelInfo]:
        try:
            document = self.get_json("/api/v0/models", MODEL_LIST_S, from_root=True)
        except (ProviderRejected, ProviderProtocol):
            # Before 0.3.6 there is no such list; the server answers an unknown route with 200 and an error, or 404.
            return super().models()
        return self.listed(document)

    def model_of(self, item: Mapping[str, Any]) -> ModelInfo | None:
        """An entry of the v0 list, or of the plain one, which has neither type nor state."""
        plain = plain_model(self.config.slug, item)
        return plain if "state" not in item else self._model(plain, item)

    def _model(self, plain: ModelInfo, item: Mapping[str, Any]) -> ModelInfo:
        kind = _TYPES.get(str(item.get("type")), plain.type)
        return replace(
            plain,
            type=kind,
            state=_STATES.get(str(item["state"]), ModelState.NOT_LOADED),
            arch=text_of(item, "arch"),
            quantization=text_of(item, "quantization"),
            loaded_context_length=first_int(item, "loaded_context_length"),
            owned_by=text_of(item, "publisher"),
            capabilities=_abilities(kind, item.get("capabilities")),
            input_is_told="type" in item,
        )


def _abilities(kind: ModelType, named: object) -> tuple[str, ...]:
    if kind is ModelType.EMBEDDINGS:
        return ("embedding",)
    abilities = ["chat", "completion"]
    if isinstance(named, list) and "tool_use" in named:
        abilities.append("tools")
    if kind is ModelType.VLM:
        abilities.append("vision")
    return tuple(abilities)
