"""Ollama: OpenAI's format for answers, an API of its own for everything else.

Source: https://docs.ollama.com/api, its `server/routes.go`, `server/sched.go` and `openai/openai.go`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gevent.pool import Pool

from app.domain.catalog import Instance, ModelInfo, ModelState, ModelType, Parameter, ProviderConfig, Task, Treatment
from app.domain.errors import (
    CapabilityNotSupported,
    InvalidRequest,
    Problem,
    ProviderAuthFailed,
    ProviderError,
    ProviderProtocol,
    ProviderRejected,
    ProviderTimeout,
    StreamCut,
)
from app.domain.lifecycle import Act, DownloadWish, Loaded, LoadWish, Progress, Report
from app.domain.stopping import Stop
from app.providers import parameters as rules
from app.providers.base import ProviderKind, Surroundings
from app.providers.http.waiting import sleep
from app.providers.native import NativeApi
from app.providers.openai_wire import MODEL_LIST_S, OpenAIWire
from app.providers.plain_models import first_int, plain_model, text_of

UNLOAD_S = 15.0
PULL_SILENCE_S = 300.0
"""A large file is verified for minutes without a word."""
_SHOWN_AT_ONCE = 8
_LOOK_AGAIN_S = 0.1
_KEEP_ALIVE = Parameter("keep_alive", "string", default="5m")

# Its OpenAI routes read none of these (openai.go); those of its own API belong to `options` there.
_IGNORED = rules.dropped(
    "tool_choice",
    "parallel_tool_calls",
    "logit_bias",
    "user",
    "top_k",
    "min_p",
    "repeat_penalty",
    "repetition_penalty",
    "num_ctx",
    "num_predict",
    "keep_alive",
    "options",
)
_ONE_ANSWER = Parameter("n", "integer", 1, 1, default=1)
_EFFORT = replace(
    rules.CHAT["reasoning_effort"], choices=("none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra")
)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What `/api/show` says about a file, which never changes for the same digest."""

    abilities: frozenset[str] | None
    """None before 0.6.4, which does not tell them."""
    arch: str | None
    max_context_length: int | None


class Ollama(OpenAIWire):
    KIND = ProviderKind(
        name="ollama",
        label="Ollama",
        default_base_url="http://localhost:11434/v1",
        is_free=True,
        acts=frozenset(Act),
        load_options=(_KEEP_ALIVE,),
        # "invalid image input" for everything but a data URL (openai.go).
        fetches_images=False,
    )

    def __init__(self, config: ProviderConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        self._native = NativeApi(config, self._http, self._headers, self._reader)
        self._shown: dict[str, _Shown] = {}

    # Parameters.

    def parameters(self, model: ModelInfo, task: Task = Task.CHAT) -> Sequence[Parameter]:
        match task:
            case Task.CHAT:
                return self.chat_parameters(model)
            case Task.COMPLETION:
                unread = rules.dropped("logit_bias", "user", "echo", "best_of", "num_ctx", "keep_alive", "options")
                return rules.declared(rules.COMPLETION, *unread, _ONE_ANSWER)
            case Task.EMBEDDING:
                return rules.declared(rules.EMBEDDING, *rules.dropped("user", "num_ctx", "keep_alive", "options"))

    def chat_parameters(self, model: ModelInfo) -> Sequence[Parameter]:
        thinks = model.can("reasoning") or not model.input_is_told
        effort = _EFFORT if thinks else replace(_EFFORT, treatment=Treatment.DROPPED)
        capped = rules.renamed("max_completion_tokens", "max_tokens")
        return rules.declared(rules.CHAT, *_IGNORED, _ONE_ANSWER, effort, capped)

    # The list.

    def models(self) -> Sequence[ModelInfo]:
        until = time.monotonic() + MODEL_LIST_S
        try:
            tags = self._tags(MODEL_LIST_S)
            running = self._running(max(0.001, until - time.monotonic()))
        except (ProviderRejected, ProviderProtocol, ProviderAuthFailed):
            # A proxy in front of it may let nothing but OpenAI's routes through.
            return super().models()
        self._show_new(tags, until)
        return [self._model(tag, running.get(tag["name"])) for tag in tags]

    def _tags(self, within_s: float = MODEL_LIST_S) -> list[dict[str, Any]]:
        return self._named(self._native.ask("GET", "/api/tags", within_s))

    def _running(self, within_s: float = MODEL_LIST_S) -> dict[str, dict[str, Any]]:
        """What is in memory, by name."""
        return {one["name"]: one for one in self._named(self._native.ask("GET", "/api/ps", within_s))}

    def _named(self, document: Any) -> list[dict[str, Any]]:
        models = document.get("models") if isinstance(document, dict) else None
        if models is None and isinstance(document, dict) and "models" in document:
            models = []
        if not isinstance(models, list):
            raise self._reader.garbage()
        return [one for one in models if isinstance(one, dict) and isinstance(one.get("name"), str)]

    def _show_new(self, tags: Sequence[Mapping[str, Any]], until: float) -> None:
        """Ask for the details of files that were not seen before, as far as there is time."""
        names = {_file_of(tag): tag["name"] for tag in tags if not _tells_all(tag)}
        self._shown = {file: shown for file, shown in self._shown.items() if file in names}
        new = [(file, name, until) for file, name in names.items() if file not in self._shown]
        for (file, _, _), shown in zip(new, Pool(_SHOWN_AT_ONCE).map(self._show, new), strict=True):
            if shown is not None:
                self._shown[file] = shown

    def _show(self, asked: tuple[str, str, float]) -> _Shown | None:
        """None where it does not tell this time: the model is listed with what its tag says, and asked for again."""
        _, name, until = asked
        within_s = until - time.monotonic()
        if within_s <= 0:
            return None
        try:
            document = self._native.ask("POST", "/api/show", within_s, {"model": name})
        except ProviderError:
            return None
        return _shown(document) if isinstance(document, dict) else None

    def _model(self, tag: Mapping[str, Any], running: Mapping[str, Any] | None) -> ModelInfo:
        plain = plain_model(self.config.slug, {"id": tag["name"], "owned_by": "library"})
        details = _dict(tag.get("details"))
        shown = self._shown.get(_file_of(tag)) or _Shown(None, None, None)
        named = tag.get("capabilities")
        told = frozenset(map(str, named)) if isinstance(named, list) and named else shown.abilities
        loaded = None if running is None else first_int(running, "context_length")
        model = replace(
            plain,
            state=_state(tag, running),
            arch=shown.arch or text_of(details, "family"),
            quantization=text_of(details, "quantization_level") or None,
            size_bytes=None if _is_elsewhere(tag) else first_int(tag, "size"),
            max_context_length=first_int(details, "context_length") or shown.max_context_length,
            loaded_context_length=loaded,
            memory_bytes=None if running is None else first_int(running, "size"),
            instances=() if running is None else (Instance(tag["name"], loaded),),
        )
        return model if told is None else replace(model, **_abilities(told))

    # What can be done with models.

    def acts(self, model: ModelInfo) -> frozenset[Act]:
        """Of a model that runs on ollama.com only a name is kept here."""
        acts = super().acts(model)
        return acts - {Act.LOAD, Act.UNLOAD} if model.state is ModelState.REMOTE else acts

    def why_not(self, act: Act, model: ModelInfo) -> str:
        return "It runs on ollama.com."

    def load(self, model: ModelInfo, wish: LoadWish, report: Report, stop: Stop) -> Loaded:
        """Nothing tells how far it is; `keep_alive` is how long it stays after its last answer."""
        name, keep_alive = _full(model.id), _keep_alive(wish)
        before = self._running().get(name)
        if not _has_context(before, wish.context_length):
            raise _no_context_length(self.config.name)
        if before is None:
            if any(tag["name"] == name and _is_elsewhere(tag) for tag in self._tags()):
                raise CapabilityNotSupported(
                    f"{name} does not run on {self.config.name} itself: there is nothing to load."
                )
            report(Progress(detail="loading"))
        # Asked for also where it is listed: it may still be loading, or with a context that no answer would keep.
        self._wake(model, name, keep_alive, stop)
        after = self._running().get(name)
        if after is None:
            raise ProviderProtocol(
                f"{self.config.name} says that it loaded {name}, but it is not among its loaded models.",
                provider=self.config.slug,
            )
        if not _has_context(after, wish.context_length):
            raise _no_context_length(self.config.name)
        context = first_int(after, "context_length")
        was_loaded = before is not None and first_int(before, "context_length") == context
        return Loaded(name, context, was_loaded=was_loaded)

    def _wake(self, model: ModelInfo, name: str, keep_alive: object, stop: Stop) -> None:
        """A question without a prompt; models for embeddings take none of the usual ones (routes.go)."""
        body = {"model": name} if keep_alive is None else {"model": name, "keep_alive": keep_alive}
        within_s = self.config.timeouts.total_s
        if model.type is not ModelType.EMBEDDINGS:
            try:
                reply = self._native.act("POST", "/api/generate", within_s, {**body, "stream": False}, stop)
            except ProviderRejected as error:
                # Where nobody says what a model is for, a refusal may mean that it is for embeddings.
                if error.status != 400 or model.input_is_told:
                    raise
            else:
                if not isinstance(reply, dict) or reply.get("done") is not True:
                    raise self._reader.garbage()
                return
        self._native.act("POST", "/api/embed", within_s, {**body, "input": []}, stop)

    def unload(self, model: ModelInfo, instance_id: str | None = None) -> Sequence[str]:
        name = _full(model.id)
        if instance_id is not None and _full(instance_id) != name:
            raise ProviderRejected(
                f"{name} has no instance {instance_id}.", provider=self.config.slug, status=404, param="instance_id"
            )
        if name not in self._running():
            return ()
        within_s = min(UNLOAD_S, self.config.timeouts.total_s)
        until = time.monotonic() + within_s
        self._native.act("POST", "/api/generate", UNLOAD_S, {"model": name, "keep_alive": 0, "stream": False})
        while name in self._running():
            if time.monotonic() >= until:
                raise ProviderTimeout(
                    f"{name} is still in memory after {within_s:g} s: it leaves when its answers are done.",
                    provider=self.config.slug,
                )
            sleep(_LOOK_AGAIN_S, Stop())
        return (name,)

    def download(self, wish: DownloadWish, report: Report, stop: Stop) -> str:
        """`model` is a name of ollama.com, or of Hugging Face with `hf.co/` before it; a quantization is its tag."""
        name = _full(_wanted(wish), tag=None)
        layers: dict[str, tuple[int, int]] = {}
        last: Mapping[str, Any] = {}
        body = {"model": name, "stream": True}
        for line in self._native.lines("POST", "/api/pull", PULL_SILENCE_S, body, stop):
            last = _dict(line)
            total = first_int(last, "total")
            if total:
                layers[str(last.get("digest"))] = (min(first_int(last, "completed") or 0, total), total)
            report(replace(_progress(layers, text_of(last, "status") or ""), model=_full(name)))
        if last.get("status") != "success":
            raise StreamCut(f"{self.config.name} stopped fetching {name} halfway.", provider=self.config.slug)
        wanted = {name.lower(), _full(name).lower()}
        return next((tag["name"] for tag in self._tags() if tag["name"].lower() in wanted), _full(name))

    def delete(self, model: ModelInfo) -> None:
        self._native.act("DELETE", "/api/delete", UNLOAD_S, {"model": _full(model.id)})


def _shown(document: Mapping[str, Any]) -> _Shown:
    facts = _dict(document.get("model_info"))
    arch = text_of(facts, "general.architecture")
    named = document.get("capabilities")
    return _Shown(
        frozenset(map(str, named)) if isinstance(named, list) else None,
        arch,
        first_int(facts, f"{arch}.context_length"),
    )


def _file_of(tag: Mapping[str, Any]) -> str:
    """Several names may stand for one file."""
    return text_of(tag, "digest") or str(tag["name"])


def _tells_all(tag: Mapping[str, Any]) -> bool:
    """The newest versions say in the list what others have to be asked for."""
    return bool(tag.get("capabilities")) and first_int(_dict(tag.get("details")), "context_length") is not None


def _is_elsewhere(tag: Mapping[str, Any]) -> bool:
    """Of a cloud model there is only a name on this server."""
    return bool(tag.get("remote_model") or tag.get("remote_host"))


def _state(tag: Mapping[str, Any], running: Mapping[str, Any] | None) -> ModelState:
    if _is_elsewhere(tag):
        return ModelState.REMOTE
    return ModelState.NOT_LOADED if running is None else ModelState.LOADED


def _abilities(told: frozenset[str]) -> dict[str, Any]:
    """Type and capabilities by Ollama's words for them; any model makes vectors (routes.go: EmbedHandler)."""
    if "embedding" in told and "completion" not in told:
        return {"type": ModelType.EMBEDDINGS, "capabilities": ("embedding",), "input_is_told": True}
    names = ["chat", "completion", "embedding"]
    names += [ours for theirs, ours in _WORDS.items() if theirs in told]
    kind = ModelType.VLM if "vision" in told else ModelType.LLM
    return {"type": kind, "capabilities": tuple(names), "input_is_told": True}


_WORDS = {"tools": "tools", "vision": "vision", "thinking": "reasoning"}


def _has_context(running: Mapping[str, Any] | None, wished: int | None) -> bool:
    return wished is None or (running is not None and (first_int(running, "context_length") or 0) >= wished)


def _no_context_length(provider: str) -> InvalidRequest:
    """An answer over the OpenAI route names no context: sched.go would load the model again with its own for it."""
    problem = (
        f"can't be chosen for {provider}: Ollama would load the model again with its own context for the next answer. "
        "Set OLLAMA_CONTEXT_LENGTH there, or num_ctx in the model's Modelfile, and leave this out"
    )
    return InvalidRequest(
        f"context_length {problem}.", param="context_length", details=[Problem("context_length", problem)]
    )


def _progress(layers: Mapping[str, tuple[int, int]], status: str) -> Progress:
    """Over the layers that it has named so far; the first is the largest by far."""
    if not layers:
        return Progress(detail=status)
    done, total = (sum(sizes) for sizes in zip(*layers.values(), strict=True))
    return Progress(done / total, done, total, status)


def _wanted(wish: DownloadWish) -> str:
    """Raises InvalidRequest for a quantization beside a tag."""
    name = wish.model.strip().removeprefix("https://").removeprefix("http://").removeprefix("ollama.com/library/")
    if wish.quantization is None:
        return name
    if _has_tag(name):
        problem = "is part of the model's name already: leave one of them out"
        raise InvalidRequest(
            f"quantization {problem}.", param="quantization", details=[Problem("quantization", problem)]
        )
    return f"{name}:{wish.quantization}"


def _has_tag(name: str) -> bool:
    return ":" in name.rpartition("/")[2]


def _full(name: str, tag: str | None = "latest") -> str:
    """With the tag that Ollama takes where none is named."""
    return name if _has_tag(name) or tag is None else f"{name}:{tag}"


def _keep_alive(wish: LoadWish) -> object:
    """None where it is Ollama's own. `30m` stays; a number without a unit is seconds, but only as a number.

    Raises InvalidRequest for zero, which means unloading there.
    """
    value = wish.options.get("keep_alive")
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"-?[0.]+[a-zµ]*", value):
        problem = "must not be 0, which would unload the model"
        raise InvalidRequest(f"keep_alive {problem}.", param="keep_alive", details=[Problem("keep_alive", problem)])
    return int(value) if re.fullmatch(r"-?\d+", value) else value


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
