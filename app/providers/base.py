"""What a vendor file must offer."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec

from app.domain.catalog import ModelInfo, Parameter, ProviderConfig, Task
from app.domain.errors import CapabilityNotSupported
from app.domain.events import HEARTBEAT_S, Burst
from app.domain.lifecycle import Act, DownloadWish, Loaded, LoadWish, Progress, Report
from app.domain.relays import Relay, Route
from app.domain.requests import ModelRequest
from app.domain.stopping import Stop
from app.providers.engine.client import EngineClient
from app.providers.engine.fetcher import HubAccess


@dataclass(frozen=True, slots=True)
class ProviderKind:
    """A sort of vendor. `needs_key` says whether a connection without a key makes no sense."""

    name: str
    label: str
    default_base_url: str | None
    needs_key: bool = False
    local: bool = False
    """Runs on this machine, under our care; has no address of its own."""
    is_free: bool = False
    """Whether its answers cost nothing but electricity."""
    price_list: str | None = None
    """The provider's name in genai-prices."""
    acts: frozenset[Act] = frozenset()
    """What can be done with its models besides asking them."""
    load_options: tuple[Parameter, ...] = ()
    """What a load takes besides the context length, by the vendor's names."""
    missing_options: Mapping[str, str] = field(default_factory=dict)
    """What a load could take besides, and what it needs for that, in words that follow the option's name."""
    relays: frozenset[Route] = frozenset()
    """What it has beyond text, to be passed on."""
    fetches_images: bool = True
    """Whether an image may be given by its http(s) address, from which the vendor fetches it. We never do."""


class Sent(msgspec.Struct, frozen=True):
    """What went over the wire: the path below the base address, and the body's members, as values or JSON text."""

    path: str
    body: Mapping[str, Any]
    at: float = msgspec.field(default_factory=time.time)
    from_root: bool = False
    """Whether `path` is the whole one."""
    said: tuple[str, ...] = ("messages",)
    """The members that hold what was said: `messages`, or a `system_prompt` and an `input`."""


@dataclass(slots=True)
class Attempt:
    """One call to a provider: how it can be ended, and what it spent, filled while it runs."""

    stop: Stop
    deadline: float
    """When all attempts together have had their time (monotonic clock)."""
    told_at: float = field(default_factory=time.monotonic)
    """When who waits for the answer last heard something, if only an empty burst (monotonic clock)."""
    waited_s: float = 0.0
    """Blocked on the provider: connecting, sending, receiving."""
    dropped: tuple[str, ...] = ()
    """Names of parameters that were left out because the model does not take them."""
    sent: Sent | None = None
    watches: bool = False
    """Whether who waits wants to hear how far the vendor is before it answers."""
    progress: Progress | None = None
    """How far that is; for who watches there is an empty burst with each news of it."""

    @property
    def heartbeat_at(self) -> float:
        """When an empty burst is due, whatever is being waited for: one clock for all stages of a call."""
        return self.told_at + HEARTBEAT_S

    def told(self) -> None:
        """To be called after each yield that reaches who waits."""
        self.told_at = time.monotonic()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a connection needs beyond its own configuration."""

    allow_private: bool = False
    """Whether personal providers may reach private addresses; shared ones always may."""
    engine: EngineClient | None = None
    """The built-in engine's supervisor, where it runs."""
    hub: HubAccess = HubAccess()
    """Where the built-in engine's models are fetched from."""


class Provider(ABC):
    """One configured connection, ready to answer. Instances are shared by all requests of a process."""

    KIND: ClassVar[ProviderKind]

    def __init__(self, config: ProviderConfig, around: Surroundings) -> None:
        self.config = config

    @abstractmethod
    def answer(self, request: ModelRequest, model: ModelInfo, attempt: Attempt) -> Iterator[Burst]:
        """Ask `model` (the request's own `model` is ignored) and yield what arrives.

        Nothing is sent before the first `next()`. A streamed answer ends after its finish reason; a plain one is a
        single `Whole`. An empty burst is yielded whenever the attempt's heartbeat is due. Raises `ProviderError` for
        everything the vendor does wrong, `InvalidRequest` for parameters out of bounds, and the
        stop's reason when stopped. Closing the iterator closes the connection.
        """

    def relay(self, request: Relay, model: ModelInfo, attempt: Attempt) -> Iterator[Burst]:
        """Pass `request` on and yield what arrives as `Relayed`: a JSON answer whole, any other piece by piece.

        Only for what the kind has (`relays`); else as `answer`. There is at least one event.
        """
        raise CapabilityNotSupported(f"{self.KIND.label} can't {request.route.words}.")

    def count_tokens(self, request: ModelRequest, model: ModelInfo, stop: Stop) -> int:
        """How many tokens `model` would read for a chat without images: never an estimate.

        Raises CapabilityNotSupported where the vendor can't tell without answering, ProviderError, or the stop's
        reason.
        """
        raise CapabilityNotSupported(
            f"Tokens can't be counted: {self.KIND.label} does not tell without answering. The answer's usage has the"
            " count."
        )

    @abstractmethod
    def models(self) -> Sequence[ModelInfo]:
        """The vendor's list, freshly asked, in at most 5 s. Raises `ProviderError`."""

    @abstractmethod
    def parameters(self, model: ModelInfo, task: Task = Task.CHAT) -> Sequence[Parameter]:
        """What `model` takes for `task`: name, bounds, default, and what happens to it."""

    def acts(self, model: ModelInfo) -> frozenset[Act]:
        """What can be done with `model`: of what the kind can, all but fetching it."""
        return self.KIND.acts - {Act.DOWNLOAD}

    def why_not(self, act: Act, model: ModelInfo) -> str:
        """Why `act` is not among what can be done with `model`, in sentences; empty where there is no more to say."""
        return ""

    def load(self, model: ModelInfo, wish: LoadWish, report: Report, stop: Stop) -> Loaded:
        """Load `model` and wait until it can answer; where it is loaded as wished, nothing is done.

        Calls `report` whenever the vendor tells how far it is. Raises `ProviderError`, or the stop's reason.
        """
        raise self._unable(Act.LOAD)

    def unload(self, model: ModelInfo, instance_id: str | None = None) -> Sequence[str]:
        """Unload one instance, or every one of the model; the ids of those that went. Raises `ProviderError`."""
        raise self._unable(Act.UNLOAD)

    def download(self, wish: DownloadWish, report: Report, stop: Stop) -> str:
        """Fetch a model to the provider's machine; its id in the list. Raises `ProviderError`, or the stop's reason."""
        raise self._unable(Act.DOWNLOAD)

    def delete(self, model: ModelInfo) -> None:
        """Remove the model's files. Raises `ProviderError`."""
        raise self._unable(Act.DELETE)

    def _unable(self, act: Act) -> CapabilityNotSupported:
        return CapabilityNotSupported(f"{self.KIND.label} can't {act.value} models through its API.")

    def close(self) -> None:
        """Drop pooled connections; requests that run finish on theirs."""
