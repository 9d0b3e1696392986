"""A load that an answer waits for, told while it runs.

Source: https://lmstudio.ai/docs/developer/rest. LM Studio tells how far a load is in its native chat alone, which takes
no earlier answers and no tools; so a native chat of one token is begun, left as soon as the model is loaded, and the
question is asked over OpenAI's API as ever. How far it has read the prompt it does not tell there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from app.domain.catalog import ModelInfo, ModelState
from app.domain.errors import ProviderError, ProviderProtocol, ProviderRejected
from app.domain.events import Burst
from app.domain.lifecycle import LOADING, READING_PROMPT, Progress
from app.providers.base import Attempt
from app.providers.http.client import Patience
from app.providers.lmstudio.lists import Family, Lists
from app.providers.lmstudio.native import LMStudioApi, within

LIST_S = 5.0
ONE_TOKEN = {"input": "Hi", "max_output_tokens": 1, "store": False, "stream": True}


def loaded_meanwhile(api: LMStudioApi, lists: Lists, model: ModelInfo, attempt: Attempt) -> Iterator[Burst]:
    """An empty burst whenever `attempt.progress` has news, until `model` is loaded; none where it is already.

    Where LM Studio refuses to be asked this way nothing is lost: the question itself loads the model, or says better
    why not. Raises the ProviderError of a load that fails, or the stop's reason.
    """
    started = time.monotonic()
    try:
        listing = lists.read(within(LIST_S, f"did not list its models within {LIST_S:g} s"), attempt.stop, anew=True)
    except ProviderError:
        return
    finally:
        attempt.waited_s += time.monotonic() - started
    known = listing.model(model.id)
    if listing.family is not Family.V1 or known is None or known.state is not ModelState.NOT_LOADED:
        return
    if listing.loads_on_use is False:
        return
    wait_s = api.config.timeouts.first_token_s
    until = min(attempt.deadline, time.monotonic() + wait_s)
    patience = Patience(until, f"did not load {model.id} within {wait_s:g} s")
    events = api.events("/api/v1/chat", {"model": model.id, **ONE_TOKEN}, patience, attempt.stop)
    try:
        yield from _told(events, attempt)
    except (ProviderRejected, ProviderProtocol):
        return


def _told(events: Iterator[dict[str, Any]], attempt: Attempt) -> Iterator[Burst]:
    with closing(events):  # type: ignore[type-var]  # a generator
        while True:
            started = time.monotonic()
            try:
                event = next(events, {})
            finally:
                attempt.waited_s += time.monotonic() - started
            match event:
                case {"type": "chat.start"}:
                    continue
                case {"type": "model_load.start"}:
                    attempt.progress = Progress(detail=LOADING)
                case {"type": "model_load.progress", "progress": float() | int() as fraction}:
                    attempt.progress = Progress(fraction=min(max(float(fraction), 0.0), 1.0), detail=LOADING)
                case {"type": "model_load.end"}:
                    attempt.progress = Progress(detail=READING_PROMPT)
                case _:
                    # What follows is about the one token, which nobody asked for.
                    return
            yield ()
            attempt.told()
