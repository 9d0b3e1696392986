"""LM Studio: OpenAI's format, with lists of its own, and loading, unloading and fetching models.

Source: https://lmstudio.ai/docs/developer/rest and its OpenAI-compatible endpoints. What is beyond those is in
app/providers/lmstudio.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from app.domain.catalog import ModelInfo, ModelState, Parameter, ProviderConfig, Task
from app.domain.errors import CapabilityNotSupported, ProviderContextLength, ProviderError, ProviderRejected
from app.domain.events import Burst
from app.domain.lifecycle import Act, DownloadWish, Loaded, LoadWish, Report
from app.domain.requests import Json, ModelRequest
from app.domain.stopping import Stop
from app.providers import parameters as rules
from app.providers.base import Attempt, ProviderKind, Surroundings
from app.providers.http.client import Patience
from app.providers.lmstudio.downloading import Downloading
from app.providers.lmstudio.lists import Family, Listing, Lists, reached_by
from app.providers.lmstudio.loading import FIRST_NATIVE, OPTIONS, TTL, Loading, names_in_memory
from app.providers.lmstudio.native import LMStudioApi, within
from app.providers.lmstudio.native_answer import Pace, answered_natively
from app.providers.lmstudio.native_body import native_body
from app.providers.lmstudio.package import HOW_TO_GET_IT, PACKAGE_OPTIONS, OwnPackage, is_installed
from app.providers.lmstudio.reaching import refusal
from app.providers.lmstudio.watching import listed_now, loaded_meanwhile
from app.providers.openai_wire import MODEL_LIST_S, OpenAIWire

UNLOAD_S = 60.0
_NO_SUCH_MODEL = (400, 404)
_OVERFLOW = ("Trying to keep the first", "greater than the context length", "does not fit in context")
# `json_object` is refused with a 400 (0.4.19); any object at all is what it means.
_ANY_OBJECT = Json(
    msgspec.json.encode(
        {"type": "json_schema", "json_schema": {"name": "object", "schema": {"type": "object"}}},
    )
)


def kind(*, has_package: bool) -> ProviderKind:
    return ProviderKind(
        name="lmstudio",
        label="LM Studio",
        default_base_url="http://localhost:1234/v1",
        is_free=True,
        acts=frozenset({Act.LOAD, Act.UNLOAD, Act.DOWNLOAD}),
        load_options=(*OPTIONS, *PACKAGE_OPTIONS) if has_package else OPTIONS,
        missing_options={} if has_package else {one.name: HOW_TO_GET_IT for one in PACKAGE_OPTIONS},
    )


class LMStudio(OpenAIWire):
    KIND = kind(has_package=is_installed())

    def __init__(self, config: ProviderConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        self._native = LMStudioApi(config, self._http, self._headers, self._reader)
        self._lists = Lists(self._native)
        self._package = OwnPackage(config, self._http.target) if is_installed() else None
        self._granted: dict[tuple[str, int], int] = {}

    def answer(self, request: ModelRequest, model: ModelInfo, attempt: Attempt) -> Iterator[Burst]:
        """Who watches is told of the load, and of reading the prompt where the native chat can take the question.

        A load that is to end by itself is left to the request that says so. Where nothing loads a model that is not
        loaded, that is said instead of what LM Studio makes of it. The list that `model` comes from may be old: it is
        read again before anything is refused.
        """
        model = reached_by(model)
        is_unloaded = model.state is ModelState.NOT_LOADED
        if is_unloaded and model.loads_on_use is False:
            self._refuse_unreached(model, attempt)
        is_watched = attempt.watches and request.task is Task.CHAT and TTL not in request.fields
        can_tell = is_watched and self._lists.family in (None, Family.V1)
        if can_tell and (yield from self._watched(request, model, attempt)):
            return
        try:
            yield from super().answer(request, model, attempt)
        except ProviderRejected as error:
            if is_unloaded and error.status in _NO_SUCH_MODEL:
                self._refuse_unreached(model, attempt)
            raise

    def _watched(self, request: ModelRequest, model: ModelInfo, attempt: Attempt) -> Generator[Burst, None, bool]:
        """What the native chat tells; whether it was the whole answer."""
        body = self._native_body(request, model, attempt)
        known: ModelInfo | None = model
        if model.state is ModelState.NOT_LOADED or (body is not None and self._lists.family is None):
            known = listed_now(self._lists, model, attempt)
        if known is None:
            return False
        is_unloaded = known.state is ModelState.NOT_LOADED
        if is_unloaded and known.loads_on_use is False:
            return False
        if body is not None:
            pace = Pace(lambda: self._first_patience(attempt, streamed=True), self._move_patience)
            return (yield from answered_natively(self._native, body, known, attempt, pace))
        if is_unloaded:
            yield from loaded_meanwhile(self._native, known, attempt)
        return False

    def _native_body(self, request: ModelRequest, model: ModelInfo, attempt: Attempt) -> dict[str, Any] | None:
        """None where the question is one for OpenAI's API."""
        if not request.stream or request.needs or request.wishes or request.stream_options:
            return None
        fields, attempt.dropped = self.prepared(request, model)
        return native_body(fields, model)

    def _refuse_unreached(self, model: ModelInfo, attempt: Attempt) -> None:
        refused = refusal(self.config.name, self._lists, model, attempt)
        if refused is not None:
            raise refused

    def chat_parameters(self, model: ModelInfo) -> Sequence[Parameter]:
        return rules.declared(
            rules.CHAT,
            *rules.LOCAL_SAMPLERS.values(),
            Parameter("max_tokens", "integer", -1),
            rules.renamed("max_completion_tokens", "max_tokens"),
            Parameter("ttl", "integer", 0),
            *_reasoning(model.reasoning_efforts),
        )

    def adjusted(self, fields: dict[str, Json]) -> dict[str, Json]:
        wanted = fields.get("response_format")
        if wanted is None:
            return fields
        match msgspec.json.decode(wanted):
            case {"type": "json_object"}:
                return {**fields, "response_format": _ANY_OBJECT}
        return fields

    def refined(self, error: ProviderError) -> ProviderError:
        """Context overflow has no code here, only these words (0.3 to 0.4.21, seen in replies)."""
        if isinstance(error, ProviderContextLength) or not any(words in error.message for words in _OVERFLOW):
            return error
        return ProviderContextLength(
            error.message, provider=error.provider, status=400, provider_code=ProviderContextLength.code
        )

    def models(self) -> Sequence[ModelInfo]:
        return self._lists.read(_listing_patience(), Stop()).models

    def acts(self, model: ModelInfo) -> frozenset[Act]:
        """Before 0.4.0 a model is loaded just in time, and no request unloads it."""
        known = super().acts(model)
        return known if self._lists.family in (None, Family.V1) else known - {Act.UNLOAD}

    def why_not(self, act: Act, model: ModelInfo) -> str:
        return f"{self.config.name} is older than LM Studio 0.4.0, where only its own window unloads models."

    def load(self, model: ModelInfo, wish: LoadWish, report: Report, stop: Stop) -> Loaded:
        loading = Loading(self._native, self._lists, self._package, self._granted, model, wish)
        return loading.done(self._unload, report, stop)

    def unload(self, model: ModelInfo, instance_id: str | None = None) -> Sequence[str]:
        listing = self._listing_since_v1("unloads models", Stop())
        if instance_id is not None:
            self._unload(instance_id, Stop())
            return (instance_id,)
        return [one for one in names_in_memory(listing.model(model.id)) if self._unload_if_there(one)]

    def download(self, wish: DownloadWish, report: Report, stop: Stop) -> str:
        before = self._listing_since_v1("downloads models", stop)
        return Downloading(self._native, self._lists, wish).done(before, report, stop)

    def _listing_since_v1(self, does: str, stop: Stop) -> Listing:
        listing = self._lists.read(_listing_patience(), stop, anew=True)
        if listing.family is not Family.V1:
            raise CapabilityNotSupported(
                f"{self.config.name} is older than LM Studio {FIRST_NATIVE}, which is the first that {does} over HTTP."
                " Update LM Studio, or use its own window or `lms`."
            )
        return listing

    def _unload_if_there(self, instance_id: str) -> bool:
        """Not there any more: somebody else unloaded it, or its time to live has passed."""
        try:
            self._unload(instance_id, Stop())
        except ProviderRejected as error:
            if error.provider_code != "model_not_found":
                raise
            return False
        return True

    def _unload(self, instance_id: str, stop: Stop) -> None:
        patience = within(UNLOAD_S, f"did not unload {instance_id} within {UNLOAD_S:g} s")
        reply = self._native.post("/api/v1/models/unload", {"instance_id": instance_id}, patience, stop)
        if not isinstance(reply, dict) or reply.get("instance_id") != instance_id:
            raise self._native.garbage()


def _listing_patience() -> Patience:
    return within(MODEL_LIST_S, f"did not list its models within {MODEL_LIST_S:g} s")


def _reasoning(efforts: tuple[str, ...] | None) -> Sequence[Parameter]:
    """The parameter as the model takes it; as it is where no list says."""
    if efforts is None:
        return ()
    if not efforts:
        return rules.dropped("reasoning_effort")
    return (replace(rules.CHAT["reasoning_effort"], choices=efforts),)
