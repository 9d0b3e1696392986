"""How models and their parameters look in JSON: native, OpenAI's and Anthropic's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.api.times import iso
from app.domain.accounts import Caller
from app.domain.catalog import HealthState, ModelInfo, Parameter, ProviderConfig, ProviderStatus, Treatment
from app.domain.lifecycle import Act, TimeToLive
from app.gateway.model_lists import Listing
from app.gateway.routing import own_names

_LATEST_S = 253_370_764_800
"""The beginning of the year 9999, since that of 1970."""


def may_see(caller: Caller, model: ModelInfo) -> bool:
    return caller.may_use_model(model.canonical, *own_names(model))


def native_model(model: ModelInfo) -> dict[str, Any]:
    return {
        "id": model.canonical,
        "model_id": model.id,
        "name": model.name,
        "provider": model.provider,
        "type": model.type.value,
        "arch": model.arch,
        "quantization": model.quantization,
        "state": model.state.value,
        "max_context_length": model.max_context_length,
        "loaded_context_length": model.loaded_context_length,
        "capabilities": list(model.capabilities),
        "reads_images": model.reads_images,
        "loads_on_use": model.loads_on_use,
    }


def detailed_model(
    model: ModelInfo,
    parameters: list[Parameter],
    acts: frozenset[Act],
    operation_id: str | None,
    ttl: TimeToLive | None,
) -> dict[str, Any]:
    return {
        **native_model(model),
        "max_output_tokens": model.max_output_tokens,
        "size_bytes": model.size_bytes,
        "memory_estimate_bytes": model.memory_bytes,
        "owned_by": model.owned_by,
        "acts": sorted(acts),
        "instances": [{"id": one.id, "context_length": one.context_length} for one in model.instances],
        "time_to_live": None if ttl is None else {"seconds": ttl.seconds, "since": iso(ttl.since)},
        "operation": operation_id,
        "parameters": [parameter_json(one) for one in parameters],
    }


def with_own_default(parameter: Parameter, config: ProviderConfig) -> Parameter:
    """What the provider's configuration sends where a request says nothing is the default that a caller meets."""
    own = {"temperature": config.temperature, "max_tokens": config.max_tokens}.get(parameter.name)
    taken = parameter.treatment in (Treatment.SENT, Treatment.RENAMED)
    if own is None or not taken:
        return parameter
    return replace(parameter, default=own if parameter.maximum is None else min(own, parameter.maximum))


def parameter_json(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": parameter.type,
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
        "choices": list(parameter.choices) or None,
        "default": parameter.default,
        "treatment": parameter.treatment.value,
        "sent_as": parameter.sent_as,
    }


def listing_json(listing: Listing, status: ProviderStatus) -> dict[str, Any]:
    """The provider as far as everybody may know it. `age_s` is how old the list is; `error` why it could not be
    refreshed."""
    config, age_s = listing.config, listing.age_s()
    return {
        "slug": config.slug,
        "name": config.name,
        "provider": config.kind,
        "cable": config.cable,
        "is_default": config.is_default,
        "state": (HealthState.DOWN if listing.error and status.state is HealthState.UNKNOWN else status.state).value,
        "since": None if status.since is None else iso(status.since),
        "age_s": None if age_s is None else round(age_s, 1),
        "error": listing.error,
    }


def openai_model(model: ModelInfo) -> dict[str, Any]:
    """OpenAI's shape, with the figures that Groq and vLLM add to it."""
    document: dict[str, Any] = {
        "id": model.canonical,
        "object": "model",
        "created": model.created or 0,
        "owned_by": model.owned_by or model.provider,
    }
    if model.max_context_length is not None:
        document["context_window"] = model.loaded_context_length or model.max_context_length
    return document


def anthropic_model(model: ModelInfo) -> dict[str, Any]:
    """Anthropic's shape (https://docs.anthropic.com/en/api/models-list)."""
    document = anthropic_name(model.canonical, model.name, model.created)
    most = model.loaded_context_length or model.max_context_length
    return {**document, "max_input_tokens": most, "max_tokens": model.max_output_tokens}


def anthropic_name(name: str, display_name: str, created: int | None = None) -> dict[str, Any]:
    """As there, a time that nobody knows is the beginning of 1970; a few servers count in milliseconds."""
    known_s = created if created is not None and 0 <= created < _LATEST_S else 0
    created_at = iso(datetime.fromtimestamp(known_s, UTC))
    return {"type": "model", "id": name, "display_name": display_name, "created_at": created_at}
