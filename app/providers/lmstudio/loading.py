"""How a model gets into LM Studio's memory: by its native API, by a native chat, or just in time.

Source: https://lmstudio.ai/docs/developer/rest. The native load takes options and makes a further instance with each
call, so the lists are read before; what it got is read from them afterwards, because a context length may be reduced
without a word. It says nothing until it is done. A native chat of one token loads too and tells how far it is; a
request with a `ttl` loads just in time, as does any request before 0.4.0, where there is no other way over HTTP. LM
Studio's own package, where it is installed, loads with options that HTTP does not take, and tells how far it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from app.domain.catalog import ModelInfo, ModelState, ModelType, Parameter, Task
from app.domain.errors import (
    CapabilityNotSupported,
    InvalidRequest,
    Problem,
    ProviderFailed,
    ProviderProtocol,
    ProviderRejected,
)
from app.domain.lifecycle import LOADING, Loaded, LoadWish, Progress, Report
from app.domain.stopping import Stop
from app.providers.http.client import Patience
from app.providers.http.waiting import sleep
from app.providers.lmstudio.lists import Family, Listing, Lists
from app.providers.lmstudio.native import LMStudioApi
from app.providers.lmstudio.package import HOW_TO_GET_IT, IDENTIFIER, PACKAGE_OPTIONS, OwnPackage
from app.providers.openai_wire import PATHS

PROGRESS, TTL = "progress", "ttl"
NATIVE_OPTIONS = (
    Parameter("flash_attention", "boolean"),
    Parameter("eval_batch_size", "integer", 1),
    Parameter("num_experts", "integer", 1),
    Parameter("offload_kv_cache_to_gpu", "boolean"),
)
OPTIONS = (*NATIVE_OPTIONS, Parameter(TTL, "integer", 1), Parameter(PROGRESS, "boolean", default=False))
"""`ttl` (seconds) and `progress` are not the native load's own: they choose another way to load."""
FIRST_NATIVE = "0.4.0"
LONGEST_IDENTIFIER = 100
LIST_S = 5.0
LOOK_AGAIN_S = 0.25
LISTS_MAY_BREAK_S = 10.0
"""A list was seen to answer an HTML page with status 500 for a moment while a load begins."""

Unload = Callable[[str, Stop], None]


class Loading:
    """One wish for one model."""

    def __init__(
        self,
        api: LMStudioApi,
        lists: Lists,
        package: OwnPackage | None,
        granted: dict[tuple[str, int], int],
        model: ModelInfo,
        wish: LoadWish,
    ) -> None:
        """`granted` remembers which context length was got for which wish, so that it is not wished again."""
        self._api = api
        self._lists = lists
        self._package = package
        self._granted = granted
        self._model = model
        self._wish = wish
        self._name = api.config.name
        self._slug = api.config.slug
        self._wait_s = api.config.timeouts.first_token_s
        self._patience = Patience(time.monotonic() + self._wait_s, f"did not load {model.id} within {self._wait_s:g} s")

    def done(self, unload: Unload, report: Report, stop: Stop) -> Loaded:
        """Raises ProviderError, InvalidRequest, CapabilityNotSupported, or the stop's reason."""
        listing = self._settled(report, stop)
        package = self._package_for(listing)
        if package is None:
            self._check(listing.family)
        there = self._fitting(listing)
        if there is not None:
            return there
        report(Progress(detail=LOADING))
        if package is None and self._is_just_in_time(listing.family):
            return self._just_in_time(listing, stop)
        # A second instance would take its memory again, and requests would go on to reach the first one.
        for identifier in names_in_memory(listing.model(self._model.id)):
            unload(identifier, stop)
        if package is not None:
            return self._by_package(package, report, stop)
        if self._wish.options.get(PROGRESS) is True:
            return self._by_chat(report, stop)
        return self._natively(stop)

    # What there is.

    def _settled(self, report: Report, stop: Stop) -> Listing:
        """The lists, once nobody else is loading the model."""
        while True:
            listing = self._listed(stop)
            known = listing.model(self._model.id)
            if known is None or known.state is not ModelState.LOADING:
                return listing
            report(Progress(detail=LOADING))
            sleep(LOOK_AGAIN_S, stop)
            self._api.check(self._patience)

    def _listed(self, stop: Stop) -> Listing:
        breaks_until = time.monotonic() + LISTS_MAY_BREAK_S
        while True:
            patience = Patience(time.monotonic() + LIST_S, f"did not list its models within {LIST_S:g} s")
            try:
                return self._lists.read(patience, stop, anew=True)
            except ProviderFailed:
                if time.monotonic() >= breaks_until:
                    raise
            sleep(LOOK_AGAIN_S, stop)

    def _fitting(self, listing: Listing) -> Loaded | None:
        """What is loaded already as wished."""
        known = listing.model(self._model.id)
        if known is None or known.state is not ModelState.LOADED:
            return None
        wished = self._wish.options.get(IDENTIFIER)
        for one in known.instances:
            if (
                wished in (None, one.id)
                and self._fits(one.context_length)
                and self._is_so(listing.configs.get(one.id, {}))
            ):
                return Loaded(one.id, one.context_length, was_loaded=True)
        if known.instances or wished is not None or not self._fits(known.loaded_context_length):
            return None
        return Loaded(None, known.loaded_context_length, was_loaded=True)

    def _fits(self, context_length: int | None) -> bool:
        """Whether this is the context length that was wished, or all that can be had."""
        wished = self._wish.context_length
        if wished is None:
            return True
        most = self._model.max_context_length or wished
        return context_length in (wished, min(wished, most), self._granted.get((self._model.id, wished)))

    def _is_so(self, config: Mapping[str, Any]) -> bool:
        """Whether what the list tells of an instance is what was wished."""
        return all(config.get(name, value) == value for name, value in self._native_options().items())

    # What is possible.

    def _native_options(self) -> dict[str, object]:
        names = {one.name for one in NATIVE_OPTIONS}
        return {name: value for name, value in self._wish.options.items() if name in names and value is not None}

    def _ttl_s(self) -> int | None:
        seconds = self._wish.options.get(TTL)
        return seconds if isinstance(seconds, int) else None

    def _is_just_in_time(self, family: Family) -> bool:
        return family is not Family.V1 or self._ttl_s() is not None

    def _package_for(self, listing: Listing) -> OwnPackage | None:
        """LM Studio's own package where only it can load what is wished, or with a `ttl` as with any other option."""
        package = self._package
        wished = [one.name for one in PACKAGE_OPTIONS if self._wish.options.get(one.name) is not None]
        if not wished:
            usable = package is not None and package.hindrance is None and listing.family is Family.V1
            return package if usable and self._ttl_s() is not None else None
        if package is None:
            raise _impossible(wished[0], HOW_TO_GET_IT)
        if package.hindrance is not None:
            raise _impossible(
                wished[0], f"needs LM Studio's own package, which can't be used here: {package.hindrance}"
            )
        if listing.family is not Family.V1:
            raise _impossible(wished[0], f"is only used from LM Studio {FIRST_NATIVE} on, and {self._name} is older")
        if self._model.type is ModelType.EMBEDDINGS and (options := self._native_options()):
            raise _impossible(next(iter(options)), f"is only for models that chat, and {self._model.id} does not")
        self._check_identifier(listing)
        return package

    def _check_identifier(self, listing: Listing) -> None:
        name = self._wish.options.get(IDENTIFIER)
        if name is None:
            return
        text = str(name)
        if not text.isprintable() or text != text.strip() or not 0 < len(text) <= LONGEST_IDENTIFIER:
            words = f"must have 1 to {LONGEST_IDENTIFIER} printable characters, no space at either end"
            raise _refused(IDENTIFIER, words)
        others = (one for one in listing.models if one.id != self._model.id)
        if any(text == one.id or any(text == instance.id for instance in one.instances) for one in others):
            raise _refused(IDENTIFIER, "is the name of another model")

    def _check(self, family: Family) -> None:
        options, wish = self._native_options(), self._wish
        told, ttl = wish.options.get(PROGRESS) is True, wish.options.get(TTL) is not None
        if family is not Family.V1 and (options or told or wish.context_length is not None):
            raise CapabilityNotSupported(
                f"{self._name} is older than LM Studio {FIRST_NATIVE}: it loads models only just in time, with their"
                f" saved settings. Leave out everything but {TTL}, set it in LM Studio, or update LM Studio."
            )
        if told and ttl:
            raise _not_together(PROGRESS, TTL, "A load is either watched or given a time to live.")
        if ttl and wish.context_length is not None:
            raise _not_together("context_length", TTL, "A model with a time to live is loaded with its saved settings.")
        if options and (told or ttl):
            raise _not_together(
                next(iter(options)), PROGRESS if told else TTL, "Such a load uses the model's saved settings."
            )
        if self._model.type is ModelType.EMBEDDINGS and (told or ttl):
            raise CapabilityNotSupported(
                f"LM Studio takes {PROGRESS if told else TTL} only for models that chat, and {self._model.id} does not."
            )

    # The four ways.

    def _natively(self, stop: Stop) -> Loaded:
        body: dict[str, Any] = {"model": self._model.id, **self._native_options()}
        if self._wish.context_length is not None:
            body["context_length"] = self._wish.context_length
        reply = self._api.post("/api/v1/models/load", body, self._patience, stop)
        match reply:
            case {"status": "loaded", "instance_id": str(identifier)}:
                return self._got(identifier, stop)
        raise self._api.garbage()

    def _by_chat(self, report: Report, stop: Stop) -> Loaded:
        """One token of a native chat that is not kept; its stream tells how far the load is."""
        body: dict[str, Any] = {
            "model": self._model.id,
            "input": "Hi",
            "max_output_tokens": 1,
            "store": False,
            "stream": True,
        }
        if self._wish.context_length is not None:
            body["context_length"] = self._wish.context_length
        identifier: str | None = None
        for event in self._api.events("/api/v1/chat", body, self._patience, stop):
            match event:
                case {"type": "model_load.progress", "progress": float() | int() as fraction}:
                    report(Progress(fraction=min(max(float(fraction), 0.0), 1.0), detail=LOADING))
                case {"type": "model_load.end", "model_instance_id": str(identifier)}:
                    report(Progress(fraction=1.0, detail=LOADING))
        return self._got(identifier, stop)

    def _by_package(self, package: OwnPackage, report: Report, stop: Stop) -> Loaded:
        wished: dict[str, object] = {name: value for name, value in self._wish.options.items() if value is not None}
        if self._wish.context_length is not None:
            wished["context_length"] = self._wish.context_length
        identifier = package.load(self._model, wished, report, self._patience, stop)
        return replace(self._got(identifier, stop), ttl_s=self._ttl_s())

    def _just_in_time(self, listing: Listing, stop: Stop) -> Loaded:
        """The smallest request there is. Another model may answer it, so the lists are asked what really happened."""
        if listing.loads_on_use is False:
            raise CapabilityNotSupported(
                f"{self._name} has just-in-time loading switched off, which a load with {TTL} needs. Switch it on in LM"
                f" Studio, or leave out {TTL}."
            )
        embeds = self._model.type is ModelType.EMBEDDINGS
        body: dict[str, Any] = {"model": self._model.id}
        if embeds:
            body["input"] = "Hi"
        else:
            body |= {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
        if self._ttl_s() is not None:
            body[TTL] = self._ttl_s()
        path = f"{self._api.openai}{PATHS[Task.EMBEDDING if embeds else Task.CHAT]}"
        reply = self._api.post(path, body, self._patience, stop)
        answered_by = reply.get("model") if isinstance(reply, dict) else None
        if listing.family is not Family.OPENAI:
            return replace(self._got(None, stop, answered_by), ttl_s=self._ttl_s())
        # The plain list has no states, so all that tells is the answer's own word.
        if answered_by != self._model.id:
            raise self._answered_by_another(answered_by)
        return Loaded(ttl_s=self._ttl_s())

    # What was got.

    def _got(self, identifier: str | None, stop: Stop, answered_by: object = None) -> Loaded:
        """What the lists tell now of the instance, or of the model."""
        known = self._listed(stop).model(self._model.id)
        if known is None or known.state is not ModelState.LOADED:
            if answered_by not in (None, self._model.id):
                raise self._answered_by_another(answered_by)
            raise ProviderProtocol(
                f"{self._name} said that it loaded {self._model.id}, but lists it as not loaded.", provider=self._slug
            )
        named = [one for one in known.instances if one.id == identifier] or known.instances
        context_length = named[0].context_length if named else known.loaded_context_length
        if self._wish.context_length is not None and context_length is not None:
            self._granted[self._model.id, self._wish.context_length] = context_length
        return Loaded(identifier or (named[0].id if named else None), context_length)

    def _answered_by_another(self, name: object) -> ProviderRejected:
        return ProviderRejected(
            f"{self._name} did not load {self._model.id}: {name} answered instead. Check the model's name, and that"
            " just-in-time loading is on.",
            provider=self._slug,
            status=404,
            provider_code="model_not_found",
            param="model",
        )


def names_in_memory(model: ModelInfo | None) -> tuple[str, ...]:
    """What unloading all of the model takes: its instances' ids, or its own name where the list hides them."""
    if model is None:
        return ()
    if not model.instances and model.state is ModelState.LOADED:
        return (model.id,)
    return tuple(one.id for one in model.instances)


def _impossible(name: str, why: str) -> CapabilityNotSupported:
    return CapabilityNotSupported(f"{name} {why}.", param=name, details=[Problem(name, why)])


def _refused(name: str, problem: str) -> InvalidRequest:
    return InvalidRequest(f"{name} {problem}.", param=name, details=[Problem(name, problem)])


def _not_together(name: str, other: str, why: str) -> InvalidRequest:
    problem = f"can't be given together with {other}"
    return InvalidRequest(f"{name} {problem}. {why}", param=name, details=[Problem(name, problem)])
