"""Whether a request reaches a model at all: with just-in-time loading switched off it has to be loaded before.

LM Studio itself says only that no model is loaded, that there is no such model, or has another one answer.
"""

from __future__ import annotations

import time

from app.domain.catalog import ModelInfo, ModelState
from app.domain.errors import ProviderError, ProviderRejected
from app.providers.base import Attempt
from app.providers.lmstudio.lists import Lists
from app.providers.lmstudio.native import within

LIST_S = 5.0


def refusal(name: str, lists: Lists, model: ModelInfo, attempt: Attempt) -> ProviderRejected | None:
    """What keeps `model` from answering, by the lists as they are now; None where they do not tell.

    Raises the stop's reason.
    """
    started = time.monotonic()
    try:
        listing = lists.read(within(LIST_S, f"did not list its models within {LIST_S:g} s"), attempt.stop)
    except ProviderError:
        return None
    finally:
        attempt.waited_s += time.monotonic() - started
    known = listing.model(model.id)
    if listing.loads_on_use is not False or known is None or known.state is not ModelState.NOT_LOADED:
        return None
    return ProviderRejected(
        f"{model.name} is not loaded, and {name} has just-in-time loading switched off. Load the model first: on the"
        " models page, over the API, or in LM Studio.",
        provider=model.provider,
        status=400,
        provider_code="model_not_loaded",
        param="model",
    )
