"""The native v1 API except its chat: load, unload, download."""

from __future__ import annotations

from typing import Any

from tests.support.lmstudio.choosing import until_ready
from tests.support.lmstudio.machine import Instance, Machine
from tests.support.lmstudio.shelf import HUB
from tests.support.lmstudio.wire import Actions, missing, native_error, reply

_LOAD_KEYS = {
    "model",
    "context_length",
    "eval_batch_size",
    "flash_attention",
    "num_experts",
    "offload_kv_cache_to_gpu",
    "echo_load_config",
}


def load(machine: Machine, body: dict[str, Any]) -> Actions:
    """Answers when the model is ready. Each call makes one more instance; what is not in the schema is refused."""
    unknown = sorted(body.keys() - _LOAD_KEYS)
    if unknown:
        words = f"Unrecognized key(s) in object: {', '.join(repr(name) for name in unknown)}"
        return native_error(400, "invalid_request", words, code="unrecognized_keys")
    if not isinstance(body.get("model"), str):
        return missing("model")
    model = machine.model(body["model"])
    if model is None:
        return native_error(404, "model_not_found", f"Model {body['model']} not found in downloaded models")
    echo = body.get("echo_load_config") is True
    config = {name: value for name, value in body.items() if name not in ("model", "echo_load_config")}
    return _loading(machine, machine.load(model, config), echo=echo)


def _loading(machine: Machine, instance: Instance, *, echo: bool) -> Actions:
    yield from until_ready(instance)
    match machine.switches.load_answers:
        case "error_in_200":
            yield from reply(200, {"error": "Failed to load model."})
            return
        case "nonsense":
            yield from reply(200, {"colour": "blue"})
            return
    body: dict[str, Any] = {
        "type": "embedding" if instance.model.embeds else "llm",
        "instance_id": instance.id,
        "load_time_seconds": machine.switches.load_s,
        "status": "loaded",
    }
    if echo:
        body["load_config"] = instance.config
    yield from reply(200, body)


def unload(machine: Machine, body: dict[str, Any]) -> Actions:
    """Takes the id of an instance, not the key of a model."""
    identifier = body.get("instance_id")
    if not isinstance(identifier, str):
        return missing("instance_id")
    if not machine.unload(identifier):
        words = f"Model with instance identifier '{identifier}' is not loaded."
        return native_error(404, "model_not_found", words)
    return reply(200, {"instance_id": identifier})


def download(machine: Machine, body: dict[str, Any]) -> Actions:
    name, quantization = body.get("model"), body.get("quantization")
    if not isinstance(name, str):
        return missing("model")
    if quantization is not None and not name.startswith(HUB):
        words = "'quantization' is only supported with a Hugging Face URL"
        return native_error(400, "invalid_request", words, param="quantization")
    model = machine.find(name, quantization)
    if model is None:
        return native_error(404, "model_not_found", f"Model {name} not found")
    if machine.model(model.key) is not None:
        return reply(200, {"status": "already_downloaded"})
    return reply(200, machine.download(model).status())


def download_status(machine: Machine, identifier: str) -> Actions:
    job = machine.job(identifier)
    if job is None:
        return native_error(404, "job_not_found", f"Download job '{identifier}' not found")
    return reply(200, job.status())
