"""Which instance answers a request, as LM Studio decides it: loaded, loaded just in time, or another one."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

from tests.support.lmstudio.machine import Instance, Machine
from tests.support.lmstudio.wire import Actions, openai_error, pause
from tests.support.rendering import Action

Choosing = Generator[Action, None, "Instance | Actions"]


def chosen(machine: Machine, body: dict[str, Any]) -> Choosing:
    """Waits while the model is being loaded. Its value is the instance, or the refusal."""
    name = body.get("model")
    found = _loaded(machine, name if isinstance(name, str) else "")
    if found is not None:
        found.used_at = time.monotonic()
        return found
    model = machine.model(name) if isinstance(name, str) else None
    if model is None or not machine.switches.jit:
        return _refusal(machine, name)
    ttl = body.get("ttl")
    instance = machine.load_just_in_time(model, float(ttl) if isinstance(ttl, (int, float)) else None)
    yield from until_ready(instance)
    return instance


def until_ready(instance: Instance) -> Actions:
    while not instance.is_ready:
        yield pause(instance.ready_at - time.monotonic())


def _loaded(machine: Machine, name: str) -> Instance | None:
    found = machine.ready(name)
    will_load = machine.model(name) is not None and machine.switches.jit
    if found is None and not will_load and (machine.switches.serves_another or not name):
        return machine.any_ready()
    return found


def _refusal(machine: Machine, name: object) -> Actions:
    if not machine.any_ready() and (not name or not machine.switches.jit):
        status = 404 if machine.version < (0, 3, 6) else 400
        return openai_error(
            status, "No models loaded. Please load a model in the developer page or use the 'lms load' command."
        )
    return openai_error(404, f'Model "{name}" not found. Please specify a valid model.', "model_not_found")
