"""What the supervisor and its clients say to each other: a line of JSON, a request and then its reply.

Named tuples, because both sides read and write them as JSON arrays without a library that weighs more than an idle
supervisor does (dataclasses a megabyte, msgspec four).
"""

from typing import Literal, NamedTuple

Operation = Literal["list", "status", "ensure", "load", "unload"]
State = Literal["loaded", "loading", "not-loaded", "failed"]
ModelType = Literal["llm", "vlm", "embeddings"]


class LoadOptions(NamedTuple):
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


AS_SUITS = LoadOptions()


class EngineModel(NamedTuple):
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
    memory_bytes: int | None = None
    """Weights and cache, as it is loaded, or would be with the options of whoever asks; None where nobody knows."""
    removable: bool = False
    """Whether it lies in a models folder: the demo model does not."""
    files: tuple[str, ...] = ()
    """Every file it is made of: its parts, and what lets it see where no other model needs that."""


class EngineAddress(NamedTuple):
    """Where a loaded model answers, in OpenAI's format. The key is new each time the model is loaded."""

    base_url: str
    """Ends in /v1."""
    api_key: str

    def __repr__(self) -> str:
        return f"EngineAddress(base_url={self.base_url!r})"


class LoadedModel(NamedTuple):
    """A running child process."""

    id: str
    state: State
    pid: int
    loaded_s: float
    """For how long it has been loaded."""
    context_length: int | None
    busy: bool


class EngineStatus(NamedTuple):
    """The supervisor's own state."""

    installed: bool
    """Whether xllamacpp can be imported; without it files are listed but cannot be loaded."""
    pid: int
    max_loaded: int
    folders: tuple[str, ...]
    loaded: tuple[LoadedModel, ...]


class Request(NamedTuple):
    """One line to the supervisor."""

    op: Operation
    model: str | None = None
    options: LoadOptions = AS_SUITS
    wait_s: float = 300.0
    """How long `ensure` and `load` may take, waiting for a busy model to leave included."""
    pinned: bool = False
    """Of a load: whether somebody wanted just these options. Others then take the model as it is."""


class Problem(NamedTuple):
    """A code from `EngineFailed`, and its message."""

    code: str
    message: str


class Reply(NamedTuple):
    """One line from the supervisor: the part that was asked for, or the problem."""

    models: tuple[EngineModel, ...] | None = None
    status: EngineStatus | None = None
    address: EngineAddress | None = None
    problem: Problem | None = None


class ChildSettings(NamedTuple):
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
