"""The three model lists: native v1, native v0, OpenAI's."""

from __future__ import annotations

from typing import Any

from tests.support.lmstudio.machine import Instance, Machine
from tests.support.lmstudio.shelf import Model


def v1(machine: Machine) -> dict[str, Any]:
    return {"models": [_v1_model(machine, model) for model in machine.models()]}


def v0(machine: Machine) -> dict[str, Any]:
    return {"object": "list", "data": [_v0_model(machine, model) for model in _listed(machine)]}


def v0_one(machine: Machine, key: str) -> dict[str, Any] | None:
    return next((_v0_model(machine, model) for model in _listed(machine) if model.key == key), None)


def openai(machine: Machine) -> dict[str, Any]:
    """Ids and nothing else: no `created`, no context, no state, no type."""
    data = [{"id": model.key, "object": "model", "owned_by": "organization_owner"} for model in _listed(machine)]
    return {"object": "list", "data": data}


def _listed(machine: Machine) -> list[Model]:
    """With just-in-time loading off, only what is in memory."""
    models = machine.models()
    return models if machine.switches.jit else [model for model in models if machine.instances(model)]


def _v1_model(machine: Machine, model: Model) -> dict[str, Any]:
    ready = [one for one in machine.instances(model) if one.is_ready and not machine.switches.hides_instances]
    body: dict[str, Any] = {
        "type": "embedding" if model.embeds else "llm",
        "publisher": model.publisher,
        "key": model.key,
        "display_name": model.name,
        "quantization": {"name": model.quantization, "bits_per_weight": model.bits},
        "size_bytes": model.size_bytes,
        "params_string": model.params,
        "loaded_instances": [{"id": one.id, "config": one.config} for one in ready],
        "max_context_length": model.max_context,
        "format": model.format,
    }
    if not model.embeds:
        body |= {
            "architecture": model.arch,
            "capabilities": _abilities(model),
            "description": None,
            "variants": [f"{model.key}@{model.quantization.lower()}"],
            "selected_variant": f"{model.key}@{model.quantization.lower()}",
        }
    return body


def _abilities(model: Model) -> dict[str, Any]:
    abilities: dict[str, Any] = {"vision": model.sees, "trained_for_tool_use": model.tools}
    if model.reasoning:
        abilities["reasoning"] = {"allowed_options": sorted(model.reasoning), "default": model.reasoning[0]}
    return abilities


def _v0_model(machine: Machine, model: Model) -> dict[str, Any]:
    instances = machine.instances(model)
    ready = [one for one in instances if one.is_ready]
    body: dict[str, Any] = {
        "id": model.key,
        "object": "model",
        "type": "embeddings" if model.embeds else "vlm" if model.sees else "llm",
        "publisher": model.publisher,
        "arch": model.arch,
        "compatibility_type": model.format,
        "quantization": model.quantization,
        "state": _state(instances, ready),
        "max_context_length": model.max_context,
    }
    if machine.version >= (0, 3, 16) and model.tools:
        body["capabilities"] = ["tool_use"]
    if ready:
        body["loaded_context_length"] = ready[0].context
    return body


def _state(instances: list[Instance], ready: list[Instance]) -> str:
    if ready:
        return "loaded"
    return "loading" if instances else "not-loaded"
