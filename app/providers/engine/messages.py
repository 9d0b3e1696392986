"""What the supervisor and its clients say to each other: one JSON object a line, a request and then its reply."""

from dataclasses import dataclass
from typing import Literal

import msgspec

Operation = Literal["list", "status", "ensure", "load", "unload"]
State = Literal["loaded", "loading", "not-loaded", "failed"]
ModelType = Literal["llm", "vlm", "embeddings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """How to run a model; None leaves it to the supervisor's own settings, then to what suits the model."""

    context_length: int | None = None
    threads: int | None = None
    gpu_layers: int | None = None
    parallel: int | None = None

    def over(self, defaults: "LoadOptions") -> "LoadOptions":
        """These options, with `defaults` where nothing was said."""

        def first(own: int | None, default: int | None) -> int | None:
            return default if own is None else own

        return LoadOptions(
            context_length=first(self.context_length, defaults.context_length),
            threads=first(self.threads, defaults.threads),
            gpu_layers=first(self.gpu_layers, defaults.gpu_layers),
            parallel=first(self.parallel, defaults.parallel),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineModel:
    """A GGUF file the engine can run, as it stands now."""

    id: str
    path: str
    size_bytes: int
    type: ModelType = "llm"
    name: str | None = None
    architecture: str | None = None
    quantization: str | None = None
    context_length: int | None = None
    """What the model was trained for, in tokens."""
    loaded_context_length: int | None = None
    """What one request can use while the model is loaded."""
    takes_tools: bool = False
    toy: bool = False
    """The demo model: to be labelled as a toy wherever it appears."""
    state: State = "not-loaded"
    error: str | None = None
    """Why the file cannot be run, or why it failed the last time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineAddress:
    """Where a loaded model answers, in OpenAI's format. The key is new each time the model is loaded."""

    base_url: str
    """Ends in /v1."""
    api_key: str

    def __repr__(self) -> str:
        return f"EngineAddress(base_url={self.base_url!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """A running child process."""

    id: str
    state: State
    pid: int
    loaded_s: float
    """For how long it has been loaded."""
    context_length: int | None
    busy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """The supervisor's own state."""

    installed: bool
    """Whether xllamacpp can be imported; without it files are listed but cannot be loaded."""
    pid: int
    max_loaded: int
    folders: tuple[str, ...]
    loaded: tuple[LoadedModel, ...]


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line to the supervisor."""

    op: Operation
    model: str | None = None
    options: LoadOptions = LoadOptions()
    wait_s: float = 300.0
    """How long `ensure` and `load` may take, waiting for a busy model to leave included."""


class Problem(msgspec.Struct, frozen=True):
    """A code from `EngineFailed`, and its message."""

    code: str
    message: str


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line from the supervisor: the part that was asked for, or the problem."""

    models: tuple[EngineModel, ...] | None = None
    status: EngineStatus | None = None
    address: EngineAddress | None = None
    problem: Problem | None = None


class ChildSettings(msgspec.Struct, frozen=True):
    """First line on a child's stdin."""

    path: str
    alias: str
    api_key: str
    context_tokens: int
    """What all slots have together."""
    shared_context: bool
    """Whether one request may take it all, or each slot has its equal part."""
    batch_tokens: int
    parallel: int
    own_pooling: bool
    """Whether the file says how to pool embeddings; the last token's vector is taken otherwise."""
    threads: int | None = None
    gpu_layers: int | None = None
    projector: str | None = None
    """The file with the vision part, if there is one."""


class ChildReport(msgspec.Struct, frozen=True):
    """The one line on a child's stdout: where it listens."""

    address: str
