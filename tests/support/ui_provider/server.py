"""The models of this server and what each of them answers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import msgspec

from tests.support.commands import Received, Rule
from tests.support.control import Switchboard, decoded
from tests.support.listener import Listener
from tests.support.replies import Answer, Ending, Reply, ToolCall, openai_error, rate_limited, respond
from tests.support.ui_provider.pictures import look_at
from tests.support.ui_provider.prompt import Prompt
from tests.support.ui_provider.texts import markdown, numbered, pieces
from tests.support.vendors import PERSONAS

EMBEDDER = "text-embedding-numbers"
_CREATED = 1754408224
_HURRY = 40
_ENDINGS: dict[str, Ending] = {"cut": "mid_event", "error": "error_event", "stall": "stall"}


class Pace(msgspec.Struct, frozen=True):
    """Of every model of one port, unless a prompt says otherwise."""

    tokens_per_second: float = 100.0
    first_token_s: float = 0.05


class Server(Listener):
    """One port with all the models. Rules that a test adds go first."""

    pace = Pace()

    def usual(self, request: Received) -> Reply | None:
        match request.method, request.path:
            case "GET", "/v1/models":
                return respond(200, _list([_plain(name) for name in (*MODELS, EMBEDDER)]))
            case "GET", "/api/v0/models":
                return respond(200, _list([_detailed(name) for name in (*MODELS, EMBEDDER)]))
            case "POST", "/v1/chat/completions" | "/v1/completions":
                return _reply(Prompt(request.json), self.pace)
            case "POST", "/v1/embeddings":
                return Answer()
        return None


class Models(Switchboard):
    """The switchboard of such ports; `pace` and `imitate` are two more commands."""

    def __init__(self) -> None:
        super().__init__(Server)

    def tell(self, listener: Listener, command: str, body: bytes) -> None:
        if command == "pace" and isinstance(listener, Server):
            listener.pace = decoded(body, Pace)
        elif command == "imitate":
            for on, reply in reversed(PERSONAS[decoded(body, str)]()):
                listener.add(Rule(on, (reply,)))
        else:
            super().tell(listener, command, body)


def _reply(prompt: Prompt, pace: Pace) -> Reply:
    model = MODELS.get(prompt.model)
    if model is None:
        return openai_error(404, f"The model `{prompt.model}` does not exist", code="model_not_found")
    try:
        reply = model(prompt)
    except (ValueError, msgspec.ValidationError) as error:
        return openai_error(400, f"Not understood: {error}")
    return reply if not isinstance(reply, Answer) else _paced(reply, prompt, pace)


def _paced(answer: Answer, prompt: Prompt, pace: Pace) -> Answer:
    wishes = prompt.wishes
    every_s = 1 / (wishes.rate or pace.tokens_per_second)
    first_s = (answer.first_after_s or pace.first_token_s) if wishes.first is None else wishes.first
    lengths = itertools.accumulate(len(piece) for piece in answer.text)
    hurried = sum(length <= wishes.hurry for length in lengths)
    return msgspec.structs.replace(
        answer,
        every_s=every_s,
        pauses_s=(first_s, *(every_s / _HURRY for _ in range(hurried))),
        usage=(prompt.words, len(answer.reasoning) + len(answer.text)),
    )


# What each of them says


def _steady(prompt: Prompt) -> Answer:
    text = markdown if prompt.wishes.style == "markdown" else numbered
    return Answer(text=pieces(text(prompt.wishes.words)))


def _sees(prompt: Prompt) -> Answer:
    seen = [look_at(image) for image in prompt.images]
    if not seen:
        return Answer(text=pieces("I see no image."))
    described = ", ".join(f"{one.type} of {one.width} × {one.height} pixels" for one in seen)
    return Answer(text=pieces(f"I see {len(seen)} image{'s' if len(seen) > 1 else ''}: {described}."))


def _thinks(prompt: Prompt) -> Answer:
    return Answer(reasoning=pieces(numbered(20, "r")), text=pieces(numbered(prompt.wishes.words)))


def _tools(_prompt: Prompt) -> Answer:
    return Answer(text=(), tool_calls=(ToolCall("look_up", '{"word": "patch bay", "limit": 3}'),))


def _echo(prompt: Prompt) -> Answer:
    return Answer(text=pieces(prompt.to_echo))


def _slow_first(prompt: Prompt) -> Answer:
    return Answer(text=pieces(numbered(prompt.wishes.words)), first_after_s=5.0)


def _liar(prompt: Prompt) -> Answer:
    return Answer(text=pieces(numbered(prompt.wishes.words)), model="quite-another-model")


def _breaks(prompt: Prompt) -> Reply:
    wishes = prompt.wishes
    match wishes.fault:
        case "500":
            return openai_error(500, "The model has crashed", error_type="server_error")
        case "429":
            return rate_limited(30)
        case fault if fault in _ENDINGS:
            text = pieces(numbered(wishes.words))
            return Answer(text=text, ending=_ENDINGS[fault], ending_after=wishes.after)
    raise ValueError(f"no such fault: {wishes.fault}")


MODELS: dict[str, Callable[[Prompt], Reply]] = {
    "steady": _steady,
    "sees": _sees,
    "thinks": _thinks,
    "tools": _tools,
    "echo": _echo,
    "slow-first": _slow_first,
    "liar": _liar,
    "breaks": _breaks,
}


# The lists


def _list(models: list[dict[str, Any]]) -> dict[str, Any]:
    return {"object": "list", "data": models}


def _plain(name: str) -> dict[str, Any]:
    """What an OpenAI-compatible list may say."""
    modalities = ["text", "image"] if name == "sees" else ["text"]
    return {
        "id": name,
        "object": "model",
        "created": _CREATED,
        "owned_by": "journeys",
        "max_model_len": 32768,
        "input_modalities": modalities,
    }


def _detailed(name: str) -> dict[str, Any]:
    """What LM Studio's own list says."""
    sort = "embeddings" if name == EMBEDDER else "vlm" if name == "sees" else "llm"
    loaded = name in ("steady", "sees", EMBEDDER)
    return {
        "id": name,
        "object": "model",
        "type": sort,
        "publisher": "journeys",
        "arch": "numbers",
        "compatibility_type": "gguf",
        "quantization": "Q4_K_M",
        "state": "loaded" if loaded else "not-loaded",
        "max_context_length": 32768,
        "capabilities": ["tool_use"] if name == "tools" else [],
        **({"loaded_context_length": 8192} if loaded else {}),
    }
