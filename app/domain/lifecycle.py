"""Loading, unloading, fetching and deleting models: what a kind of provider may be able to do besides answering."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Act(StrEnum):
    LOAD = "load"
    UNLOAD = "unload"
    DOWNLOAD = "download"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class LoadWish:
    """How a model is to be loaded; what is None or absent is left to the vendor."""

    context_length: int | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    """By the vendor's names, of those that the kind's `load_options` declares."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready. `context_length` is what it really got, which may be less than was wished."""

    instance_id: str | None = None
    context_length: int | None = None
    was_loaded: bool = False
    """It had been loaded before, as wished: nothing was done."""
    ttl_s: int | None = None
    """It leaves memory after so long without a request, because it was loaded so; None where nobody said."""


@dataclass(frozen=True, slots=True)
class TimeToLive:
    """How long a model stays in memory without a request, as it was ordered here, and when."""

    seconds: int
    since: datetime


@dataclass(frozen=True, slots=True)
class DownloadWish:
    """`model` as the vendor's catalogue names it, or an address where the kind takes one."""

    model: str
    quantization: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an act has come. `fraction` (0–1) only where the vendor says so, never guessed from time."""

    fraction: float | None = None
    done_bytes: int | None = None
    total_bytes: int | None = None
    detail: str = ""
    """The vendor's own word for what it does, such as `pulling manifest`."""
    model: str | None = None
    """Of a download: the id that the model will have, once the vendor says so."""


LOADING, READING_PROMPT = "loading", "reading_prompt"
"""The `detail` of a load, and of what follows it when an answer is waited for."""


Report = Callable[[Progress], None]
