"""What can be changed about a simulated LM Studio: its version, its settings, its pace and its quirks."""

from __future__ import annotations

from typing import Literal

import msgspec


class Switches(msgspec.Struct, frozen=True, kw_only=True):
    """`loaded` are models that are in memory from the start, as if loaded by hand in the application."""

    version: str = "0.4.23"
    loaded: tuple[str, ...] = ()

    # Settings of the application.
    token: str | None = None
    """Requests without this API token get 401 (from 0.4.0 on)."""
    jit: bool = True
    """Whether a request for a model that is not loaded loads it; without it, lists have only loaded models."""
    jit_ttl_s: float = 3600.0
    auto_evict: bool = True
    """Whether loading a model just in time unloads the one loaded that way before."""
    separates_reasoning: bool = True
    """Whether reasoning is a field of its own rather than `<think>` in the text."""

    # Pace.
    load_s: float = 0.0
    progress_steps: int = 4
    """How many progress events a load or a prompt has in the native chat."""
    prompt_s: float = 0.0
    """Reading the prompt."""
    token_s: float = 0.0
    """Between two tokens."""
    download_s: float = 0.2

    # Quirks.
    unknown_route: Literal[200, 404] = 200
    """What unknown paths below `/api/v1` answer; all others answer 200 and an error."""
    serves_another: bool = False
    """A model that is not there is answered by one that is loaded, without an error."""
    hides_instances: bool = False
    """The native v1 list shows no instances, while v0 says `loaded`."""
    list_breaks_while_loading: bool = False
    """Lists answer an HTML page with status 500 while a model is being loaded."""
    context_limit: int | None = None
    """A longer context is silently reduced to this when loading."""
    accepts_any_context: bool = False
    """A context above the model's maximum is taken and echoed, not reduced to it."""
    load_answers: Literal["loaded", "error_in_200", "nonsense"] = "loaded"
    load_loses: bool = False
    """Loading says that it worked, and no list shows it."""
    jit_loads_twice: bool = False
    """Two requests at once for a model that is not loaded load it twice."""
    overflow: Literal["error", "keep_words", "empty"] = "error"
    """What a prompt longer than the context leads to: either wording, or an answer that ends empty."""
    crashes: bool = False
    """The engine dies with each request."""
    finishes_prompt_first: bool = False
    """A client that leaves is noticed only when its prompt has been read."""
    download: Literal["works", "fails", "pauses"] = "works"


PACES = {
    "none": Switches(),
    "real": Switches(load_s=6.0, progress_steps=20, prompt_s=1.0, token_s=0.03, download_s=30.0),
}


def parsed(version: str) -> tuple[int, ...]:
    """`0.4.23+1` → (0, 4, 23)."""
    return tuple(int(part) for part in version.partition("+")[0].split("."))
