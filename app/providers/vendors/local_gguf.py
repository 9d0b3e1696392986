"""llama.cpp on this machine, under our care: any GGUF file in the models folder, loaded when first asked for.

The supervisor beside gunicorn owns the processes; each speaks OpenAI's format on a loopback port with a key of its own.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import gevent
from gevent.lock import Semaphore

from app.domain.catalog import Instance, ModelInfo, ModelState, ModelType, Parameter, ProviderConfig, Task
from app.domain.errors import (
    GatewayError,
    InvalidRequest,
    Problem,
    ProviderError,
    ProviderFailed,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnreachable,
)
from app.domain.events import Burst
from app.domain.lifecycle import Act, DownloadWish, Loaded, LoadWish, Report
from app.domain.requests import ModelRequest
from app.domain.stopping import Stop
from app.providers import parameters as rules
from app.providers.base import Attempt, Provider, ProviderKind, Surroundings
from app.providers.engine.client import EngineClient
from app.providers.engine.errors import EngineFailed, EngineUnavailable
from app.providers.engine.fetcher import FetchFailed, fetch
from app.providers.engine.messages import AS_SUITS, EngineAddress, EngineModel, LoadOptions
from app.providers.engine.removing import remove_model
from app.providers.http.waiting import acquire, stoppable
from app.providers.llama_tokens import count_tokens
from app.providers.native import NativeApi
from app.providers.openai_wire import OpenAIWire
from app.providers.prompt_progress import told_while_it_reads

_STATES = {
    "loaded": ModelState.LOADED,
    "loading": ModelState.LOADING,
    "not-loaded": ModelState.NOT_LOADED,
    "failed": ModelState.NOT_LOADED,
}


LOAD_S = 900.0
"""How long a load that somebody ordered may take, waiting for a busy model to leave included."""


class LocalGGUF(Provider):
    KIND = ProviderKind(
        name="local_gguf",
        label="This machine",
        default_base_url="",
        local=True,
        is_free=True,
        acts=frozenset(Act),
        load_options=(
            Parameter("threads", "integer", 1, 1024),
            Parameter("gpu_layers", "integer", 0, 10_000),
            Parameter("parallel", "integer", 1, 64),
        ),
        # llama.cpp would: but here it runs on this machine, and reaches what its callers can't.
        fetches_images=False,
    )

    def __init__(self, config: ProviderConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        self._engine = around.engine
        self._around = around
        self._children: dict[str, _Child] = {}
        self._removable: frozenset[str] = frozenset()

    def answer(self, request: ModelRequest, model: ModelInfo, attempt: Attempt) -> Iterator[Burst]:
        address = yield from self._loaded(model, attempt)
        yield from self._child(model.id, address).answer(request, model, attempt)

    def count_tokens(self, request: ModelRequest, model: ModelInfo, stop: Stop) -> int:
        attempt = Attempt(stop, time.monotonic() + self.config.timeouts.total_s)
        return self._child(model.id, _end_of(self._loaded(model, attempt))).count_tokens(request, model, stop)

    def models(self) -> Sequence[ModelInfo]:
        with self._told_problems():
            found = self._client().models(self._options())
        self._removable = frozenset(one.id for one in found if one.removable)
        return [self._model(one) for one in found]

    def parameters(self, model: ModelInfo, task: Task = Task.CHAT) -> Sequence[Parameter]:
        match task:
            case Task.CHAT:
                return _chat_parameters(model)
            case Task.COMPLETION:
                return rules.declared(rules.COMPLETION, *rules.LOCAL_SAMPLERS.values())
            case Task.EMBEDDING:
                return rules.declared(rules.EMBEDDING)

    def acts(self, model: ModelInfo) -> frozenset[Act]:
        """The demo model stays: it belongs to the project."""
        acts = super().acts(model)
        return acts if model.id in self._removable else acts - {Act.DELETE}

    def why_not(self, act: Act, model: ModelInfo) -> str:
        return "It came with Patchbay, or its file is gone."

    def load(self, model: ModelInfo, wish: LoadWish, report: Report, stop: Stop) -> Loaded:
        """The engine loads on, though whoever ordered it is stopped; its port and key are the engine's own matter."""
        client = self._client()
        _check_context(model, wish.context_length)
        options = LoadOptions(
            context_length=wish.context_length,
            threads=_whole_number(wish.options.get("threads")),
            gpu_layers=_whole_number(wish.options.get("gpu_layers")),
            parallel=_whole_number(wish.options.get("parallel")),
        )
        with self._told_problems(), stoppable(stop):
            before = {one.id: one.pid for one in client.status().loaded if one.state == "loaded"}
            client.load(model.id, options.over(self._options()), wait_s=LOAD_S, pinned=options != AS_SUITS)
            now = next((one for one in client.status().loaded if one.id == model.id), None)
        if now is None:
            raise ProviderFailed(
                f"{model.id} was loaded and has left again, because another model needed its place.",
                provider=self.config.slug,
            )
        return Loaded(model.id, now.context_length, was_loaded=before.get(model.id) == now.pid)

    def unload(self, model: ModelInfo, instance_id: str | None = None) -> Sequence[str]:
        """Ends the model's process, also while it answers."""
        client = self._client()
        with self._told_problems():
            gone = [one.id for one in client.status().loaded if one.id == model.id]
            if instance_id in (None, model.id):
                client.unload(model.id)
        return gone if instance_id in (None, model.id) else []

    def download(self, wish: DownloadWish, report: Report, stop: Stop) -> str:
        """From a hub or any https address into the models folder; goes on where an earlier one stopped."""
        client = self._client()
        with self._told_problems():
            folder = Path(client.status().folders[0])
        try:
            path = fetch(wish, self._around.hub, folder, report, stop)
        except FetchFailed as error:
            raise self._not_fetched(error) from error
        with self._told_problems():
            found = client.models()
        return next((one.id for one in found if Path(one.path) == path), path.stem)

    def delete(self, model: ModelInfo) -> None:
        """Unloads it first. A vision part goes along where no other model lies beside it."""
        client = self._client()
        with self._told_problems():
            found = next((one for one in client.models() if one.id == model.id and one.removable), None)
            if found is None:
                raise ProviderRejected(
                    f"{model.id} is not in the models folder, so it can't be deleted.",
                    provider=self.config.slug,
                    status=404,
                )
            client.unload(model.id)
            folders = [Path(one) for one in client.status().folders]
        try:
            remove_model(found, folders)
        except OSError as error:
            raise ProviderFailed(
                f"{model.id} can't be deleted: {error.strerror}. Look at the rights of the models folder.",
                provider=self.config.slug,
            ) from error

    def close(self) -> None:
        for child in self._children.values():
            child.close()

    def _client(self) -> EngineClient:
        if self._engine is None:
            raise ProviderUnreachable(
                "The built-in engine is switched off (LOCAL_ENGINE=0).", provider=self.config.slug
            )
        return self._engine

    @contextmanager
    def _told_problems(self) -> Iterator[None]:
        try:
            yield
        except (EngineUnavailable, EngineFailed) as error:
            raise self._problem(error) from error

    def _loaded(self, model: ModelInfo, attempt: Attempt) -> Generator[Burst, None, EngineAddress]:
        """Where the model answers; an empty burst whenever a heartbeat is due while it is being loaded."""
        client = self._client()
        started = time.monotonic()
        until = min(attempt.deadline, started + self.config.timeouts.first_token_s)
        done = Semaphore(0)
        loading = gevent.spawn(self._load, client, model.id, until - started)
        loading.link(lambda _: done.release())
        try:
            while not acquire(done, min(until, attempt.heartbeat_at), attempt.stop):
                if time.monotonic() >= until:
                    raise ProviderTimeout(
                        f"{model.id} was not loaded within {until - started:.0f} s.", provider=self.config.slug
                    )
                yield ()
                attempt.told()
        finally:
            attempt.waited_s += time.monotonic() - started
        outcome = loading.value
        if isinstance(outcome, ProviderError):
            raise outcome
        assert isinstance(outcome, EngineAddress)
        return outcome

    def _load(self, client: EngineClient, model_id: str, wait_s: float) -> EngineAddress | ProviderError:
        """Runs in a greenlet of its own, which must not die of an expected failure: that is its value."""
        try:
            return client.load(model_id, self._options(), wait_s=wait_s)
        except (EngineUnavailable, EngineFailed) as error:
            return self._problem(error)

    def _options(self) -> LoadOptions:
        options = self.config.options
        return LoadOptions(
            context_length=_whole_number(options.get("context_length")),
            threads=_whole_number(options.get("threads")),
            gpu_layers=_whole_number(options.get("gpu_layers")),
            parallel=_whole_number(options.get("parallel")),
        )

    def _child(self, model_id: str, address: EngineAddress) -> _Child:
        child = self._children.get(model_id)
        if child is None or child.config.api_key != address.api_key:
            # Each load makes a process with a port and a key of its own: what is left of the earlier one goes.
            if child is not None:
                child.close()
            config = replace(self.config, base_url=address.base_url, api_key=address.api_key)
            child = self._children[model_id] = _Child(config, self._around)
        return child

    def _problem(self, error: EngineUnavailable | EngineFailed) -> ProviderError:
        slug = self.config.slug
        if isinstance(error, EngineUnavailable):
            return ProviderUnreachable("The built-in engine isn't running.", provider=slug)
        if error.code == "model_not_found":
            return ProviderRejected(
                error.message, provider=slug, status=404, provider_code="model_not_found", param="model"
            )
        if error.code == "load_timeout":
            return ProviderTimeout(error.message, provider=slug)
        if error.code == "all_busy":
            return _Busy(error.message, provider=slug, status=503)
        return _NotLoadable(error.message, provider=slug, provider_code=error.code)

    def _not_fetched(self, error: FetchFailed) -> GatewayError:
        slug = self.config.slug
        match error.code:
            case "wrong_wish":
                return InvalidRequest(error.message, param="model", details=[Problem("model", error.message)])
            case "not_found" | "refused":
                return ProviderRejected(error.message, provider=slug, status=404, param="model")
            case "unreachable":
                return ProviderUnreachable(error.message, provider=slug)
            case _:
                return ProviderFailed(error.message, provider=slug, provider_code=error.code)

    def _model(self, found: EngineModel) -> ModelInfo:
        kind = ModelType(found.type)
        abilities = ["embedding"] if kind is ModelType.EMBEDDINGS else ["chat", "completion", "embedding"]
        if found.takes_tools:
            abilities.append("tools")
        if kind is ModelType.VLM:
            abilities.append("vision")
        if found.toy:
            abilities.append("toy")
        return ModelInfo(
            id=found.id,
            provider=self.config.slug,
            name=found.name or found.id,
            type=kind,
            state=_STATES[found.state],
            arch=found.architecture,
            quantization=found.quantization,
            max_context_length=found.context_length,
            loaded_context_length=found.loaded_context_length,
            size_bytes=found.size_bytes,
            memory_bytes=found.memory_bytes,
            instances=(Instance(found.id, found.loaded_context_length),) if found.state == "loaded" else (),
            owned_by="llamacpp",
            capabilities=tuple(abilities),
            input_is_told=True,
        )


class _Busy(ProviderFailed):
    """Every loaded model is answering and none can leave: a moment later one may."""


class _NotLoadable(ProviderError):
    """The file can't be run here; trying again would fail in the same way."""


class _Child(OpenAIWire):
    """One running model."""

    KIND = LocalGGUF.KIND

    def answer(self, request: ModelRequest, model: ModelInfo, attempt: Attempt) -> Iterator[Burst]:
        return told_while_it_reads(super().answer, request, model, attempt)

    def count_tokens(self, request: ModelRequest, model: ModelInfo, stop: Stop) -> int:
        native = NativeApi(self.config, self._http, self._headers, self._reader)
        fields, _ = self.prepared(request, model)
        return count_tokens(native, self.config, {"model": model.id, **fields}, stop)

    def chat_parameters(self, model: ModelInfo) -> Sequence[Parameter]:
        return _chat_parameters(model)


def _end_of(steps: Generator[Burst, None, EngineAddress]) -> EngineAddress:
    """The value of a generator whose pauses don't matter here."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            address: EngineAddress = end.value
            return address


def _chat_parameters(model: ModelInfo) -> Sequence[Parameter]:
    """Of a file nobody can tell whether it reasons, except of the toy that comes with us."""
    without = rules.dropped("reasoning_effort") if model.can("toy") else ()
    return rules.declared(
        rules.CHAT,
        *rules.LOCAL_SAMPLERS.values(),
        rules.renamed("max_completion_tokens", "max_tokens"),
        *without,
    )


def _check_context(model: ModelInfo, wanted: int | None) -> None:
    """Beyond what it was trained for a model writes nonsense, and the cache could take the machine's whole memory."""
    most = model.max_context_length
    if wanted is not None and most is not None and wanted > most:
        problem = f"must be at most {most}, which {model.id} was trained for"
        raise InvalidRequest(
            f"context_length {problem}.", param="context_length", details=[Problem("context_length", problem)]
        )


def _whole_number(value: object) -> int | None:
    """JSON has no whole numbers of its own: 2.0 is one."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None
