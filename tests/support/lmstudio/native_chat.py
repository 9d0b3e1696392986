"""`POST /api/v1/chat`: stateful, with events for the load and for reading the prompt; no assistant turns, no tools."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from tests.support.lmstudio.choosing import until_ready
from tests.support.lmstudio.inference import read_prompt
from tests.support.lmstudio.machine import Instance, Machine
from tests.support.lmstudio.wire import Actions, event, missing, native_error, pause, reply, stream_end, stream_head
from tests.support.lmstudio.words import Said, said, words_of
from tests.support.rendering import Action


class NativeChat:
    """One request."""

    def __init__(self, machine: Machine, body: dict[str, Any]) -> None:
        self._machine = machine
        self._body = body
        self._instance: Instance | None = None
        self._load_s: float | None = None

    def answered(self) -> Actions:
        body, machine = self._body, self._machine
        for name in ("model", "input"):
            if name not in body:
                return missing(name)
        warmth = body.get("temperature", 0)
        if not 0 <= warmth <= 1:
            return native_error(400, "invalid_request", "'temperature' must be between 0 and 1", param="temperature")
        self._instance = machine.ready(body["model"])
        loads = machine.switches.jit and machine.model(body["model"]) is not None
        if self._instance is None and machine.switches.serves_another and not loads:
            self._instance = machine.any_ready()
        model = self._instance.model if self._instance is not None else machine.model(body["model"])
        if model is None:
            words = f"Model {body['model']} not found"
            return native_error(404, "invalid_request", words, code="model_not_found")
        wish = body.get("reasoning")
        if wish is not None and wish not in model.reasoning:
            words = f"Model does not support reasoning '{wish}'"
            return native_error(400, "invalid_request", words, param="reasoning")
        if self._instance is None:
            self._load_s = machine.switches.load_s
            self._instance = machine.load_just_in_time(model, None, body.get("context_length"))
        return self._streamed(self._instance) if body.get("stream") is True else self._plain(self._instance)

    def _plain(self, instance: Instance) -> Actions:
        yield from until_ready(instance)
        yield from read_prompt(self._machine)
        words = self._words(instance)
        yield pause(words.tokens * self._machine.switches.token_s)
        yield from reply(200, self._result(instance, words))

    def _streamed(self, instance: Instance) -> Actions:
        yield stream_head()
        yield _named("chat.start", model_instance_id=instance.id)
        yield from self._load_events(instance)
        yield from self._prompt_events()
        error = self._error(instance)
        if error is not None:
            yield _named("error", error=error)
            yield _named("chat.end", result=self._result(instance, Said(())))
        else:
            words = self._words(instance)
            yield from self._pieces("reasoning", words.reasoning)
            yield from self._pieces("message", words.text)
            yield _named("chat.end", result=self._result(instance, words))
        yield from stream_end()

    def _error(self, instance: Instance) -> dict[str, str] | None:
        switches = self._machine.switches
        if switches.crashes:
            return {"type": "internal_error", "message": "The model has crashed without additional information."}
        if switches.overflow != "empty" and words_of({"messages": self._messages()}) > instance.context:
            return {"type": "invalid_request", "message": "Input does not fit in context length."}
        return None

    def _load_events(self, instance: Instance) -> Actions:
        if self._load_s is None:
            return
        started = time.monotonic()
        whole_s = max(instance.ready_at - started, 1e-9)
        yield _named("model_load.start", model_instance_id=instance.id)
        for share in self._steps():
            yield pause(started + whole_s * share - time.monotonic())
            yield _named("model_load.progress", model_instance_id=instance.id, progress=share)
        yield from until_ready(instance)
        yield _named("model_load.end", model_instance_id=instance.id, load_time_seconds=self._load_s)

    def _prompt_events(self) -> Actions:
        yield _named("prompt_processing.start")
        for share in self._steps():
            yield pause(self._machine.switches.prompt_s / self._machine.switches.progress_steps)
            yield _named("prompt_processing.progress", progress=share)
        self._machine.count(prompts=1)
        yield _named("prompt_processing.end")

    def _steps(self) -> Iterator[float]:
        count = self._machine.switches.progress_steps
        return (number / count for number in range(1, count + 1))

    def _pieces(self, kind: str, pieces: tuple[str, ...]) -> Iterator[Action]:
        if not pieces:
            return
        yield _named(f"{kind}.start")
        for piece in pieces:
            yield pause(self._machine.switches.token_s)
            yield _named(f"{kind}.delta", content=piece)
            self._machine.count(tokens=1)
        yield _named(f"{kind}.end")

    def _words(self, instance: Instance) -> Said:
        reasons = self._body.get("reasoning") != "off"
        words = said(instance.model, {"messages": self._messages()}, reasons=reasons)
        most = self._body.get("max_output_tokens")
        if not isinstance(most, int):
            return words
        return Said(words.text[: max(0, most - len(words.reasoning))], words.reasoning[:most])

    def _messages(self) -> list[dict[str, Any]]:
        body = self._body
        before = self._machine.stored.get(str(body.get("previous_response_id")), [])
        system = body.get("system_prompt")
        told = [{"role": "system", "content": system}] if isinstance(system, str) else []
        return [*told, *before, {"role": "user", "content": _parts(body["input"])}]

    def _result(self, instance: Instance, words: Said) -> dict[str, Any]:
        spoken = "".join(words.text)
        stats: dict[str, Any] = {
            "input_tokens": words_of({"messages": self._messages()}),
            "total_output_tokens": words.tokens,
            "reasoning_output_tokens": len(words.reasoning),
            "tokens_per_second": 48.7,
            "time_to_first_token_seconds": self._machine.switches.prompt_s,
        }
        if self._load_s is not None:
            stats["model_load_time_seconds"] = self._load_s
        output = [{"type": "reasoning", "content": "".join(words.reasoning)}] if words.reasoning else []
        output += [{"type": "message", "content": spoken}] if words.text else []
        body: dict[str, Any] = {"model_instance_id": instance.id, "output": output, "stats": stats}
        if self._body.get("store", True):
            identifier = f"resp_{len(self._machine.stored) + 1:08x}"
            self._machine.stored[identifier] = [*self._messages(), {"role": "assistant", "content": spoken}]
            body["response_id"] = identifier
        return body


def _named(kind: str, **payload: object) -> Action:
    return event({"type": kind, **payload}, kind)


def _parts(given: object) -> object:
    """The input in the shape of OpenAI's messages. Text items have been seen under both names."""
    if not isinstance(given, list):
        return given
    return [
        {"type": "image_url", "image_url": {"url": one["data_url"]}}
        if one.get("type") == "image"
        else {"type": "text", "text": one.get("content", "")}
        for one in given
    ]
