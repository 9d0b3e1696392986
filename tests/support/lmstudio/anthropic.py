"""`POST /v1/messages` in Anthropic's shape, since 0.4.1: text, streamed or not."""

from __future__ import annotations

from typing import Any

from tests.support.lmstudio.choosing import chosen
from tests.support.lmstudio.inference import read_prompt
from tests.support.lmstudio.machine import Instance, Machine
from tests.support.lmstudio.wire import Actions, event, pause, reply, stream_end, stream_head
from tests.support.lmstudio.words import Said, said, words_of
from tests.support.rendering import Action


def messages(machine: Machine, body: dict[str, Any]) -> Actions:
    instance = yield from chosen(machine, body)
    if not isinstance(instance, Instance):
        yield from instance
        return
    yield from read_prompt(machine)
    words = said(instance.model, _as_openai(body), reasons=False)
    message: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": instance.id,
        "content": [{"type": "text", "text": "".join(words.text)}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": words_of(_as_openai(body)), "output_tokens": words.tokens},
    }
    if body.get("stream") is True:
        yield from _streamed(machine, message, words)
    else:
        yield from reply(200, message)


def _streamed(machine: Machine, message: dict[str, Any], words: Said) -> Actions:
    yield stream_head()
    yield _named("message_start", message={**message, "content": [], "stop_reason": None})
    yield _named("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for piece in words.text:
        yield pause(machine.switches.token_s)
        yield _named("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    yield _named("content_block_stop", index=0)
    ending = {"stop_reason": "end_turn", "stop_sequence": None}
    yield _named("message_delta", delta=ending, usage={"output_tokens": words.tokens})
    yield _named("message_stop")
    yield from stream_end()


def _named(kind: str, **payload: object) -> Action:
    return event({"type": kind, **payload}, kind)


def _as_openai(body: dict[str, Any]) -> dict[str, Any]:
    system = body.get("system")
    told = [{"role": "system", "content": system}] if isinstance(system, str) else []
    return {"messages": [*told, *body.get("messages", ())], "max_tokens": body.get("max_tokens")}
