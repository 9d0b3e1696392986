"""A load that an answer waits for, told while it runs.

Source: https://lmstudio.ai/docs/developer/rest. LM Studio tells how far a load is in its native chat alone. For a
question that this chat can't take, one of one token is begun, left as soon as the model is loaded, and the question is
asked over OpenAI's API as ever; how far it has read the prompt it does not tell there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from app.domain.catalog import ModelInfo
from app.domain.errors import ProviderError, ProviderProtocol, ProviderRejected
from app.domain.events import Burst
from app.domain.lifecycle import LOADING, READING_PROMPT, Progress
from app.providers.base import Attempt
from app.providers.http.client import Patience
from app.providers.lmstudio.lists import Family, Lists
from app.providers.lmstudio.native import LMStudioApi, within

CHAT = "/api/v1/chat"
LIST_S = 5.0
ONE_TOKEN = {"input": "Hi", "max_output_tokens": 1, "store": False, "stream": True}


def listed_now(lists: Lists, model: ModelInfo, attempt: Attempt) -> ModelInfo | None:
    """`model` as the newest list has it; None where LM Studio has no native chat or does not tell."""
    started = time.monotonic()
    try:
        listing = lists.read(within(LIST_S, f"did not list its models within {LIST_S:g} s"), attempt.stop, anew=True)
    except ProviderError:
        return None
    finally:
        attempt.waited_s += time.monotonic() - started
    return listing.model(model.id) if listing.family is Family.V1 else None


def loaded_meanwhile(api: LMStudioApi, model: ModelInfo, attempt: Attempt) -> Iterator[Burst]:
    """An empty burst whenever `attempt.progress` has news, until `model` is loaded.

    Where LM Studio refuses to be asked this way nothing is lost: the question itself loads the model, or says better
    why not. Raises the ProviderError of a load that fails, or the stop's reason.
    """
    wait_s = api.config.timeouts.first_token_s
    until = min(attempt.deadline, time.monotonic() + wait_s)
    patience = Patience(until, f"did not load {model.id} within {wait_s:g} s")
    events = api.events(CHAT, {"model": model.id, **ONE_TOKEN}, patience, attempt.stop)
    try:
        yield from _told(events, attempt)
    except (ProviderRejected, ProviderProtocol):
        return


def progress_in(event: Mapping[str, Any]) -> Progress | None:
    """What an event of the native chat tells of the load, or of reading the prompt."""
    match event:
        case {"type": "model_load.start"}:
            return Progress(detail=LOADING)
        case {"type": "model_load.progress", "progress": float() | int() as fraction}:
            return Progress(fraction=min(max(float(fraction), 0.0), 1.0), detail=LOADING)
        case {"type": "model_load.end" | "prompt_processing.start"}:
            return Progress(detail=READING_PROMPT)
        case {"type": "prompt_processing.progress", "progress": float() | int() as fraction}:
            return Progress(fraction=min(max(float(fraction), 0.0), 1.0), detail=READING_PROMPT)
    return None


def _told(events: Iterator[dict[str, Any]], attempt: Attempt) -> Iterator[Burst]:
    with closing(events):  # type: ignore[type-var]  # a generator
        while True:
            started = time.monotonic()
            try:
                event = next(events, {})
            finally:
                attempt.waited_s += time.monotonic() - started
            kind = str(event.get("type"))
            if kind == "chat.start":
                continue
            progress = progress_in(event) if kind.startswith("model_load.") else None
            if progress is None:
                # What follows is about the one token, which nobody asked for.
                return
            attempt.progress = progress
            yield ()
            attempt.told()
