"""The test of a provider that runs under our care: it has no address, so it is asked through its own class."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import msgspec

from app.domain.catalog import ModelInfo, Task
from app.domain.errors import ProviderError, ProviderTimeout, ProviderUnreachable
from app.domain.requests import Json, ModelRequest
from app.domain.stopping import Stop
from app.providers.base import Attempt, Provider
from app.providers.ladder.report import Diagnosis, LadderReport, Step

_QUESTION = Json(msgspec.json.encode([{"role": "user", "content": "Say hello."}]))
_ANSWER_TOKENS = Json(b"8")
_ADD_MODELS = "It has no model yet. Put a .gguf file into its models folder."

T = TypeVar("T")


def local_report(provider: Provider, *, completion: bool, within_s: float) -> LadderReport:
    """`models` and, if asked for, `completion`."""
    steps: list[Step] = []
    try:
        models = _timed(steps, "models", provider.models, lambda found: f"{len(found)} found")
        chatting = [model for model in models if model.can("chat")]
        if not chatting:
            diagnosis = Diagnosis.ONLY_EMBEDDINGS if models else Diagnosis.NO_MODELS
            return LadderReport(False, _failed(steps), diagnosis, f"The built-in engine answers. {_ADD_MODELS}")
        if completion:
            model = next((one for one in chatting if one.id == provider.config.models.chat), chatting[0])
            _timed(steps, "completion", lambda: _ask(provider, model, within_s), lambda _: f"{model.id} answers")
    except ProviderError as error:
        return LadderReport(False, tuple(steps), _diagnosis(error), error.message)
    count = f"{len(chatting)} {'model' if len(chatting) == 1 else 'models'}"
    return LadderReport(True, tuple(steps), Diagnosis.OK, f"The built-in engine answers with {count}.")


def _ask(provider: Provider, model: ModelInfo, within_s: float) -> None:
    request = ModelRequest(Task.CHAT, model.id, {"messages": _QUESTION, "max_tokens": _ANSWER_TOKENS})
    for _ in provider.answer(request, model, Attempt(Stop(), time.monotonic() + within_s)):
        pass  # What it says does not matter, only that it gets to its end.


def _timed(steps: list[Step], name: str, act: Callable[[], T], says: Callable[[T], str]) -> T:
    started = time.monotonic()
    try:
        value = act()
    except ProviderError as error:
        steps.append(Step(name, False, _ms_since(started), error.message))
        raise
    steps.append(Step(name, True, _ms_since(started), says(value)))
    return value


def _failed(steps: list[Step]) -> tuple[Step, ...]:
    last = steps[-1]
    return (*steps[:-1], Step(last.step, False, last.ms, last.detail))


def _diagnosis(error: ProviderError) -> Diagnosis:
    if isinstance(error, ProviderUnreachable):
        return Diagnosis.NOTHING_LISTENING
    return Diagnosis.TOO_SLOW if isinstance(error, ProviderTimeout) else Diagnosis.SERVER_ERROR


def _ms_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)
