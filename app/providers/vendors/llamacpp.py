"""llama.cpp's `llama-server`, started with one model or, without any, as a router that loads and unloads many.

Source: its `tools/server/README.md`. Router mode is marked as experimental there.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from app.domain.catalog import Instance, ModelInfo, ModelState, ModelType, Parameter, ProviderConfig, Task, Treatment
from app.domain.errors import (
    CapabilityNotSupported,
    GatewayError,
    InvalidRequest,
    Problem,
    ProviderError,
    ProviderFailed,
    ProviderRejected,
    ProviderTimeout,
)
from app.domain.events import Burst
from app.domain.lifecycle import Act, DownloadWish, Loaded, LoadWish, Progress, Report
from app.domain.relays import Route
from app.domain.requests import ModelRequest
from app.domain.stopping import Stop
from app.providers import parameters as rules
from app.providers.base import Attempt, ProviderKind, Surroundings
from app.providers.http.waiting import sleep
from app.providers.llama_tokens import count_tokens
from app.providers.native import LONGEST_S, NativeApi
from app.providers.openai_wire import MODEL_LIST_S, OpenAIWire
from app.providers.plain_models import first_int, plain_model, text_of
from app.providers.prompt_progress import told_while_it_reads

UNLOAD_S = 30.0
"""A router gives a model 10 s to end (`stop-timeout`) before it ends it itself."""
_LOOK_AGAIN_S = 0.1
_APPEARS_S = 15.0
"""A download that was accepted is in the list by then, or will never be."""

_STATES = {"loaded": ModelState.LOADED, "loading": ModelState.LOADING}
# The encoding in the name of a file (ggml's docs/gguf.md), or the tag of a repository.
_ENCODING = re.compile(
    r"[-.:]((?:UD-)?(?:I?Q\d\w*|TQ\d\w*|MXFP4\w*|BF16|F16|F32))(?:-\d{5}-of-\d{5})?(?:\.gguf)?$", re.I
)

_SAMPLERS = (
    *rules.LOCAL_SAMPLERS.values(),
    Parameter("repetition_penalty", "number", 0, 10, treatment=Treatment.RENAMED, sent_as="repeat_penalty"),
    Parameter("typical_p", "number", 0, 1, default=1),
    Parameter("repeat_last_n", "integer", -1, default=64),
    Parameter("top_n_sigma", "number", default=-1),
    Parameter("xtc_probability", "number", 0, 1, default=0),
    Parameter("xtc_threshold", "number", 0, 1, default=0.1),
    Parameter("dynatemp_range", "number", 0, default=0),
    Parameter("dynatemp_exponent", "number", default=1),
    Parameter("dry_multiplier", "number", 0, default=0),
    Parameter("dry_base", "number", default=1.75),
    Parameter("dry_allowed_length", "integer", 0, default=2),
    Parameter("dry_penalty_last_n", "integer", -1, default=64),
    Parameter("mirostat", "integer", 0, 2, default=0),
    Parameter("mirostat_tau", "number", 0, default=5),
    Parameter("mirostat_eta", "number", 0, default=0.1),
    Parameter("grammar", "string"),
    Parameter("json_schema", "object"),
    Parameter("cache_prompt", "boolean", default=True),
)
_CAP = rules.renamed("max_completion_tokens", "max_tokens")


class LlamaCpp(OpenAIWire):
    KIND = ProviderKind(
        name="llamacpp",
        label="llama.cpp server",
        default_base_url="http://localhost:8080/v1",
        is_free=True,
        # Of a router; a server with one model has none of them and says so.
        acts=frozenset(Act),
        # Where the server was started with --reranking.
        relays=frozenset({Route.RERANK}),
    )

    def __init__(self, config: ProviderConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        self._native = NativeApi(config, self._http, self._headers, self._reader)
        self._is_router: bool | None = None
        """None until a list has told."""

    def acts(self, model: ModelInfo) -> frozenset[Act]:
        return frozenset() if self._is_router is False else super().acts(model)

    def why_not(self, act: Act, model: ModelInfo) -> str:
        return _has_one_model(self.config.name, act)

    def answer(self, request: ModelRequest, model: ModelInfo, attempt: Attempt) -> Iterator[Burst]:
        return told_while_it_reads(super().answer, request, model, attempt)

    def count_tokens(self, request: ModelRequest, model: ModelInfo, stop: Stop) -> int:
        fields, _ = self.prepared(request, model)
        return count_tokens(self._native, self.config, {"model": model.id, **fields}, stop)

    def must_be_streamed(self, model: ModelInfo) -> bool:
        return True

    def parameters(self, model: ModelInfo, task: Task = Task.CHAT) -> Sequence[Parameter]:
        if task is Task.COMPLETION:
            return rules.declared(rules.COMPLETION, *_SAMPLERS, *rules.dropped("user"))
        return super().parameters(model, task)

    def chat_parameters(self, model: ModelInfo) -> Sequence[Parameter]:
        return rules.declared(
            rules.CHAT,
            *_SAMPLERS,
            Parameter("reasoning_format", "string", choices=("none", "auto", "deepseek", "deepseek-legacy")),
            Parameter("chat_template_kwargs", "object"),
            Parameter("id_slot", "integer", -1, default=-1),
            _CAP,
            *rules.dropped("user"),
        )

    # The list.

    def models(self) -> Sequence[ModelInfo]:
        until = time.monotonic() + MODEL_LIST_S
        found = self.listed(self.get_json("/models", MODEL_LIST_S))
        self._is_router = all(model.state is not ModelState.REMOTE for model in found)
        return [self._completed(model, until) for model in found]

    def model_of(self, item: Mapping[str, Any]) -> ModelInfo | None:
        """What the list says by itself; a router adds a status, and to what is loaded what its server says."""
        meta = _dict(item.get("meta"))
        plain = plain_model(self.config.slug, item)
        status = text_of(_dict(item.get("status")), "value")
        return replace(
            plain,
            name=_name_of(plain.id),
            type=_type_of(item, plain),
            state=ModelState.REMOTE if status is None else _STATES.get(status, ModelState.NOT_LOADED),
            quantization=text_of(meta, "ftype") or _encoding_in(text_of(item, "path") or plain.id),
            size_bytes=first_int(meta, "size"),
            max_context_length=first_int(meta, "n_ctx_train", "n_ctx"),
            loaded_context_length=first_int(meta, "n_ctx"),
            owned_by="llamacpp",
        )

    def _completed(self, model: ModelInfo, until: float) -> ModelInfo:
        """With what only the running model tells. One that is not in memory is not asked: that would load it."""
        if not self._is_router:
            return self._with_props(replace(model, state=self._health(until)), "", until)
        if model.state is not ModelState.LOADED:
            return model
        return self._with_props(model, f"?model={quote(model.id, safe='')}&autoload=false", until)

    def _health(self, until: float) -> ModelState:
        """A server has its one model for as long as it runs, and answers 503 until it has read it."""
        try:
            self._native.ask("GET", "/health", _left(until))
        except ProviderError as error:
            return ModelState.LOADING if error.status == 503 else ModelState.LOADED
        return ModelState.LOADED

    def _with_props(self, model: ModelInfo, query: str, until: float) -> ModelInfo:
        props = _dict(self._told(f"/props{query}", until)) if model.state is ModelState.LOADED else {}
        settings = _dict(props.get("default_generation_settings"))
        context = first_int(settings, "n_ctx") or model.loaded_context_length
        if props and context is None:
            context = self._context_of_slot(query, until)
        if props.get("is_sleeping") is True:
            # Its memory is free until somebody asks.
            return replace(model, state=ModelState.NOT_LOADED)
        return replace(
            model,
            **_abilities(model, props),
            quantization=text_of(props, "model_ftype")
            or model.quantization
            or _encoding_in(text_of(props, "model_path")),
            max_context_length=model.max_context_length or context,
            loaded_context_length=context,
            instances=(Instance(model.id, context),) if model.state is ModelState.LOADED else (),
        )

    def _context_of_slot(self, query: str, until: float) -> int | None:
        slots = self._told(f"/slots{query}", until)
        return first_int(_dict(slots[0]), "n_ctx") if isinstance(slots, list) and slots else None

    def _told(self, path: str, until: float) -> Any:
        """None where the server, or a proxy in front of it, does not tell, or not in time.

        Raises ProviderAuthFailed for a bad key: the list itself is open to everyone in most versions.
        """
        try:
            return self._native.ask("GET", path, _left(until))
        except ProviderError as error:
            if error.status == 401:
                raise
            return None

    # What a router can do with models.

    def load(self, model: ModelInfo, wish: LoadWish, report: Report, stop: Stop) -> Loaded:
        status = self._status(model.id, Act.LOAD)
        was_loaded = status.get("value") == "loaded"
        context = self._context_now(model) if was_loaded else None
        if wish.context_length is not None and (context or 0) < wish.context_length:
            raise _no_context_length(self.config.name)
        if was_loaded:
            return Loaded(model.id, context, was_loaded=True)
        if status.get("value") == "sleeping":
            # It counts as running, so it can't be loaded; only a question would wake it.
            self.unload(model)
        if status.get("value") != "loading":
            self._post("/models/load", model.id)
        self._wait_until_loaded(model.id, report, stop)
        return Loaded(model.id, self._context_now(model))

    def _wait_until_loaded(self, model_id: str, report: Report, stop: Stop) -> None:
        within_s = self.config.timeouts.total_s
        until = time.monotonic() + within_s
        began = False
        while True:
            status = self._status(model_id, Act.LOAD)
            value = text_of(status, "value")
            if value == "loaded":
                return
            if value == "unloaded" and (began or status.get("failed") is True):
                raise self._not_loaded(model_id, status)
            began = began or value == "loading"
            if time.monotonic() >= until:
                raise ProviderTimeout(
                    f"{self.config.name} did not load {model_id} within {within_s:g} s.", provider=self.config.slug
                )
            report(Progress(_fraction(status), detail=value or ""))
            sleep(_LOOK_AGAIN_S, stop)

    def unload(self, model: ModelInfo, instance_id: str | None = None) -> Sequence[str]:
        if instance_id not in (None, model.id):
            raise ProviderRejected(
                f"{model.id} has no instance {instance_id}.",
                provider=self.config.slug,
                status=404,
                param="instance_id",
            )
        if self._status(model.id, Act.UNLOAD).get("value") == "unloaded":
            return ()
        self._post("/models/unload", model.id)
        within_s = min(UNLOAD_S, self.config.timeouts.total_s)
        until = time.monotonic() + within_s
        while self._status(model.id, Act.UNLOAD).get("value") != "unloaded":
            if time.monotonic() >= until:
                raise ProviderTimeout(f"{model.id} is still in memory after {within_s:g} s.", provider=self.config.slug)
            sleep(_LOOK_AGAIN_S, Stop())
        return (model.id,)

    def download(self, wish: DownloadWish, report: Report, stop: Stop) -> str:
        """`model` is a repository of Hugging Face, `user/name`; a quantization is what follows its colon."""
        self._router_list(Act.DOWNLOAD)
        name = wish.model.strip().removeprefix("https://huggingface.co/").removeprefix("https://hf.co/").rstrip("/")
        name = name if wish.quantization is None else f"{name}:{wish.quantization}"
        self._post("/models", name)
        try:
            return self._wait_until_fetched(name, report, stop)
        except GatewayError:
            if stop.reason is not None:
                # This is how a download is given up. Who gave it up hears that, also where the server can't be told.
                with suppress(ProviderError):
                    self._post("/models/unload", name)
            raise

    def _wait_until_fetched(self, name: str, report: Report, stop: Stop) -> str:
        """It is in the list as `downloading`, then as a model like the others; a failed one just vanishes."""
        started = time.monotonic()
        was_seen = False
        while time.monotonic() < started + LONGEST_S:
            entry = _entry_of(self._router_list(Act.DOWNLOAD), name)
            status = _dict(entry.get("status"))
            if entry and status.get("value") != "downloading":
                return str(entry["id"])
            if not entry and (was_seen or time.monotonic() > started + _APPEARS_S):
                break
            if entry:
                was_seen = True
                report(replace(_fetched(status), model=str(entry["id"])))
            sleep(_LOOK_AGAIN_S, stop)
        raise ProviderFailed(f"{self.config.name} could not fetch {name}; its log says why.", provider=self.config.slug)

    def delete(self, model: ModelInfo) -> None:
        self._status(model.id, Act.DELETE)
        self._native.act("DELETE", f"/models?model={quote(model.id, safe='')}", UNLOAD_S)

    def _post(self, path: str, model_id: str) -> None:
        self._native.act("POST", path, UNLOAD_S, {"model": model_id})

    def _status(self, model_id: str, act: Act) -> Mapping[str, Any]:
        """A router's word on one model. Raises ProviderRejected where it has no such model."""
        entry = _entry_of(self._router_list(act), model_id)
        if not entry:
            raise ProviderRejected(
                f"{self.config.name} has no model {model_id}.",
                provider=self.config.slug,
                status=404,
                provider_code="model_not_found",
                param="model",
            )
        return _dict(entry["status"])

    def _router_list(self, act: Act) -> Sequence[Mapping[str, Any]]:
        """Raises CapabilityNotSupported for a server with one model, which has no status in its list."""
        document = _dict(self._native.ask("GET", "/models", MODEL_LIST_S))
        items = document.get("data")
        if not isinstance(items, list):
            raise self._reader.garbage()
        entries = [one for one in items if isinstance(one, dict) and isinstance(one.get("id"), str)]
        if entries and not any(isinstance(one.get("status"), dict) for one in entries):
            raise CapabilityNotSupported(_has_one_model(self.config.name, act))
        return entries

    def _context_now(self, model: ModelInfo) -> int | None:
        loaded = replace(model, state=ModelState.LOADED)
        return self._completed(loaded, time.monotonic() + MODEL_LIST_S).loaded_context_length

    def _not_loaded(self, model_id: str, status: Mapping[str, Any]) -> ProviderError:
        code = first_int(status, "exit_code")
        ended = "it was unloaded again" if code is None else f"its process ended with code {code}"
        return ProviderFailed(
            f"{self.config.name} could not load {model_id}: {ended}. The server's log says why.",
            provider=self.config.slug,
        )


def _entry_of(entries: Sequence[Mapping[str, Any]], model_id: str) -> Mapping[str, Any]:
    """Empty where there is none. A repository without a colon is listed with the one that was chosen for it."""
    exact = (one for one in entries if one["id"] == model_id)
    chosen = (one for one in entries if one["id"].startswith(f"{model_id}:"))
    return next(exact, None) or next(chosen, {})


def _has_one_model(provider: str, act: Act) -> str:
    return (
        f"{provider} was started with one model and can't {act.value} models. "
        "Start `llama-server` without a model (router mode) for that."
    )


def _fraction(status: Mapping[str, Any]) -> float | None:
    value = _dict(status.get("progress")).get("value")
    return float(value) if isinstance(value, (int, float)) and 0 <= value <= 1 else None


def _fetched(status: Mapping[str, Any]) -> Progress:
    """`progress` has an entry for each file."""
    files = [one for one in _dict(status.get("progress")).values() if isinstance(one, dict)]
    done = sum(first_int(one, "done") or 0 for one in files)
    total = sum(first_int(one, "total") or 0 for one in files)
    return Progress(done / total, done, total, "downloading") if total else Progress(detail="downloading")


def _no_context_length(provider: str) -> InvalidRequest:
    problem = (
        f"can't be chosen for {provider}: llama.cpp's router takes it from its own --ctx-size or from `c` in its "
        "--models-preset file. Set it there, or leave this out"
    )
    return InvalidRequest(
        f"context_length {problem}.", param="context_length", details=[Problem("context_length", problem)]
    )


def _type_of(item: Mapping[str, Any], plain: ModelInfo) -> ModelType:
    outputs = _dict(item.get("architecture")).get("output_modalities")
    makes_vectors = isinstance(outputs, list) and "embeddings" in outputs and "text" not in outputs
    return ModelType.EMBEDDINGS if makes_vectors else plain.type


def _abilities(model: ModelInfo, props: Mapping[str, Any]) -> dict[str, Any]:
    """By what the server reads, and by whether the chat template has a place for tools."""
    modalities = props.get("modalities")
    reads_images = isinstance(modalities, dict) and modalities.get("vision") is True
    kind = ModelType.VLM if reads_images else model.type
    if kind is ModelType.EMBEDDINGS:
        return {"type": kind, "capabilities": ("embedding",)}
    abilities = ["chat", "completion", "embedding"]
    if "tools" in (text_of(props, "chat_template") or ""):
        abilities.append("tools")
    if kind is ModelType.VLM:
        abilities.append("vision")
    is_told = model.input_is_told or isinstance(modalities, dict)
    return {"type": kind, "capabilities": tuple(abilities), "input_is_told": is_told}


def _encoding_in(path: str | None) -> str | None:
    found = _ENCODING.search(path or "")
    return None if found is None else found[1].upper()


def _name_of(model_id: str) -> str:
    """A server without --alias lists the whole path of its file."""
    is_path = model_id.endswith(".gguf")
    return re.split(r"[/\\]", model_id)[-1].removesuffix(".gguf") if is_path else model_id


def _left(until: float) -> float:
    return max(0.001, until - time.monotonic())


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
