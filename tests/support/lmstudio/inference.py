"""Chat completions, completions and embeddings, below `/v1` and (with statistics) below `/api/v0`."""

from __future__ import annotations

import time
from typing import Any

from tests.support.commands import Received
from tests.support.lmstudio.choosing import chosen
from tests.support.lmstudio.machine import Instance, Machine
from tests.support.lmstudio.wire import EXPRESS, Actions, event, openai_error, pause, reply, stream_end, stream_head
from tests.support.lmstudio.words import Said, said, words_of
from tests.support.rendering import Send, render
from tests.support.replies import Answer

_TOO_LONG = "Input does not fit in context length. Please use a shorter input or a longer context."


def answered(machine: Machine, request: Received, body: dict[str, Any]) -> Actions:
    """What a model answers to one of OpenAI's bodies."""
    wanted = body.get("response_format")
    if isinstance(wanted, dict) and wanted.get("type") not in (None, "text", "json_schema"):
        yield from reply(400, {"error": "'response_format.type' must be 'json_schema' or 'text'"})
        return
    instance = yield from chosen(machine, body)
    if not isinstance(instance, Instance):
        yield from instance
    elif machine.switches.crashes:
        words = "The model has crashed without additional information. (Exit code: 6)"
        yield from reply(400, {"error": words})
    elif request.path.endswith("/embeddings"):
        # Its usage is always zero.
        yield from render(Answer(model=instance.id, usage=(0, 0), headers=EXPRESS), request.path, body, "")
    elif instance.model.embeds:
        yield from openai_error(400, f'Model "{instance.id}" is an embedding model and cannot chat.')
    elif words_of(body) > instance.context and machine.switches.overflow != "empty":
        yield from _too_long(machine, body, instance)
    else:
        yield from _said(machine, request, body, instance)


def read_prompt(machine: Machine) -> Actions:
    """The time that reading takes; a client that leaves meanwhile may be noticed only afterwards."""
    if machine.switches.finishes_prompt_first:
        time.sleep(machine.switches.prompt_s)
    else:
        yield pause(machine.switches.prompt_s)
    machine.count(prompts=1)


def _said(machine: Machine, request: Received, body: dict[str, Any], instance: Instance) -> Actions:
    yield from read_prompt(machine)
    try:
        words = said(instance.model, body, reasons=body.get("reasoning_effort") != "none")
    except ValueError as error:
        yield from reply(400, {"error": str(error)})
        return
    if words_of(body) > instance.context:
        words = Said(())
    started = time.monotonic()
    is_first = True
    for action in render(_answer(machine, request, body, instance, words), request.path, body, ""):
        yield action
        # What came before is on its way: the first bytes are the head.
        if isinstance(action, Send):
            machine.count(tokens=0 if is_first else 1)
            is_first = False
    instance.used_at = max(time.monotonic(), started)


def _answer(machine: Machine, request: Received, body: dict[str, Any], instance: Instance, words: Said) -> Answer:
    switches = machine.switches
    extra: dict[str, Any] = {"system_fingerprint": instance.id}
    if body.get("stream") is not True:
        extra["stats"] = {}
    if request.path.startswith("/api/v0/"):
        extra |= _statistics(machine, instance, words)
    return Answer(
        text=words.text,
        reasoning=words.reasoning,
        reasoning_in=_field(machine, instance),
        tool_calls=words.tool_calls,
        finish_reason="length" if len(words.text) == body.get("max_tokens") else None,
        model=instance.id,
        usage=(words_of(body), words.tokens),
        extra=extra,
        headers=EXPRESS,
        every_s=switches.token_s,
        first_after_s=switches.token_s,
    )


def _field(machine: Machine, instance: Instance) -> Any:
    if instance.model.reasons_in == "reasoning" and machine.version >= (0, 3, 23):
        return "reasoning"
    separate = machine.switches.separates_reasoning and machine.version >= (0, 3, 9)
    return "reasoning_content" if separate else "think"


def _statistics(machine: Machine, instance: Instance, words: Said) -> dict[str, Any]:
    model = instance.model
    return {
        "stats": {
            "tokens_per_second": 51.4,
            "time_to_first_token": machine.switches.prompt_s,
            "generation_time": words.tokens * machine.switches.token_s,
            "stop_reason": "eosFound",
        },
        "model_info": {
            "arch": model.arch,
            "quant": model.quantization,
            "format": model.format,
            "context_length": instance.context,
        },
        "runtime": {"name": "llama.cpp-linux-x86_64", "version": "1.52.0", "supported_formats": ["gguf"]},
    }


def _too_long(machine: Machine, body: dict[str, Any], instance: Instance) -> Actions:
    if body.get("stream") is True:
        yield stream_head()
        yield event({"error": {"message": _TOO_LONG}, "message": _TOO_LONG}, "error")
        yield from stream_end()
        return
    words, context = words_of(body), instance.context
    if machine.switches.overflow == "keep_words":
        said = f"The number of tokens to keep from the initial prompt is greater than the context length ({words})."
    else:
        said = (
            f"Trying to keep the first {words} tokens when context the overflows. However, the model is loaded with"
            f" context length of only {context} tokens, which is not enough."
        )
    yield from reply(400, {"error": said})
