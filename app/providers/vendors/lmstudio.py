"""LM Studio: OpenAI's format, with a list of its own that knows states, quantization and context lengths.

Source: https://lmstudio.ai/docs/developer/rest (the v0 list, since 0.3.6) and its OpenAI-compatible endpoints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.domain.catalog import ModelInfo, ModelState, ModelType, Parameter
from app.domain.errors import ProviderProtocol, ProviderRejected
from app.domain.requests import Json
from app.providers import parameters as rules
from app.providers.base import ProviderKind
from app.providers.openai_wire import MODEL_LIST_S, OpenAIWire, plain_model

_TYPES = {"llm": ModelType.LLM, "vlm": ModelType.VLM, "embeddings": ModelType.EMBEDDINGS}
_STATES = {"loaded": ModelState.LOADED, "loading": ModelState.LOADING, "not-loaded": ModelState.NOT_LOADED}
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
        if wanted is not None and msgspec.json.decode(wanted).get("type") == "json_object":
            return {**fields, "response_format": _ANY_OBJECT}
        return fields

    def models(self) -> Sequence[ModelInfo]:
        try:
            document = self._list_v0()
        except (ProviderRejected, ProviderProtocol):
            # Before 0.3.6 there is no such list; the server answers an unknown route with 200 and an error, or 404.
            return super().models()
        return [self._model(item) for item in document["data"]]

    def _list_v0(self) -> dict[str, Any]:
        document = self.get_json("/api/v0/models", MODEL_LIST_S, from_root=True)
        if not isinstance(document, dict) or not isinstance(document.get("data"), list):
            raise ProviderProtocol(f"{self.config.name} has no list of this kind.", provider=self.config.slug)
        return document

    def _model(self, item: Mapping[str, Any]) -> ModelInfo:
        plain = plain_model(self.config.slug, item)
        kind = _TYPES.get(item.get("type", ""), plain.type)
        return ModelInfo(
            id=plain.id,
            provider=plain.provider,
            name=plain.name,
            type=kind,
            state=_STATES.get(item.get("state", ""), ModelState.NOT_LOADED),
            arch=item.get("arch"),
            quantization=item.get("quantization"),
            max_context_length=item.get("max_context_length"),
            loaded_context_length=item.get("loaded_context_length"),
            owned_by=item.get("publisher"),
            capabilities=_abilities(kind, item.get("capabilities") or ()),
        )


def _abilities(kind: ModelType, named: Sequence[str]) -> tuple[str, ...]:
    if kind is ModelType.EMBEDDINGS:
        return ("embedding",)
    abilities = ["chat", "completion"]
    if "tool_use" in named:
        abilities.append("tools")
    if kind is ModelType.VLM:
        abilities.append("vision")
    return tuple(abilities)
