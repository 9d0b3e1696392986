"""An entry of an OpenAI-compatible model list, read as far as the vendors of today say something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.catalog import ModelInfo, ModelState, ModelType

# Ids such as `bge-m3` or `all-minilm` do not say what they are for, and the list does not either.
_ABILITIES: Mapping[ModelType, tuple[str, ...]] = {
    ModelType.EMBEDDINGS: ("embedding",),
    ModelType.LLM: ("chat", "completion", "embedding"),
    ModelType.VLM: ("chat", "completion", "embedding", "vision"),
}


def plain_model(slug: str, item: Mapping[str, Any]) -> ModelInfo:
    """A model of a list that says little: type and abilities are read from what the vendors of today add."""
    identifier = str(item["id"])
    modalities = _modalities(item)
    kind = _type_of(identifier, modalities)
    return ModelInfo(
        id=identifier,
        provider=slug,
        name=str(item.get("name") or identifier),
        type=kind,
        state=ModelState.REMOTE,
        max_context_length=_context_of(item),
        max_output_tokens=first_int(item, "max_completion_tokens", "max_output_length"),
        owned_by=text_of(item, "owned_by"),
        created=first_int(item, "created"),
        capabilities=_ABILITIES[kind],
        input_is_told=isinstance(modalities, list),
    )


def _type_of(identifier: str, modalities: object) -> ModelType:
    if "embed" in identifier.lower():
        return ModelType.EMBEDDINGS
    return ModelType.VLM if isinstance(modalities, list) and "image" in modalities else ModelType.LLM


def _modalities(item: Mapping[str, Any]) -> object:
    """What the model reads, where the list says so."""
    architecture = item.get("architecture")
    # OpenRouter has it one level deeper.
    described = architecture if isinstance(architecture, dict) and "input_modalities" not in item else item
    return described.get("input_modalities")


def _context_of(item: Mapping[str, Any]) -> int | None:
    """Groq, OpenRouter, vLLM and llama.cpp each have a name of their own for it."""
    found = first_int(item, "context_window", "context_length", "max_model_len", "max_context_length")
    meta = item.get("meta")
    return found if found is not None or not isinstance(meta, dict) else first_int(meta, "n_ctx", "n_ctx_train")


def first_int(item: Mapping[str, Any], *names: str) -> int | None:
    """The first of these members that is a whole number."""
    return next((item[name] for name in names if type(item.get(name)) is int), None)


def text_of(item: Mapping[str, Any], name: str) -> str | None:
    value = item.get(name)
    return value if isinstance(value, str) else None
