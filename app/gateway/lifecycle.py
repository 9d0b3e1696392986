"""Loading, unloading, fetching and deleting models: who may, of which provider, and what the lists say meanwhile."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from app.domain.accounts import Caller, Permission
from app.domain.audit import Actor
from app.domain.catalog import ModelInfo, ModelState, ProviderConfig, Scope
from app.domain.errors import (
    CapabilityNotSupported,
    GatewayError,
    InvalidRequest,
    ModelBusy,
    ModelNotAllowed,
    ModelNotFound,
    NotAllowed,
    NotFound,
    Problem,
    ProviderUnreachable,
)
from app.domain.lifecycle import Act, DownloadWish, LoadWish, Report, TimeToLive
from app.domain.operations import Operation, OperationState, Order
from app.domain.stopping import Stop
from app.gateway.connections import Connections
from app.gateway.model_lists import WAIT_S, ModelLists
from app.gateway.operations import OperationRunner, Work, busy
from app.gateway.orders import (
    delete_order,
    download_order,
    fetched_as,
    load_order,
    unload_all_order,
    unload_order,
)
from app.gateway.routing import Candidate, may_use, owner_of, usable_providers
from app.gateway.service import LLMService
from app.gateway.state import State
from app.providers.load_options import check_options
from app.storage.operations import DatabaseAway
from app.storage.paging import Page
from app.storage.unit import Window

log = structlog.get_logger()

LOOK_S = 0.1
"""How old what this process knows of other processes' operations may be."""
LIST_S = 1.0
"""How long who looks at lists waits for one that another process has changed."""
TTL_S = "ttl_s"
"""In the result of a load: how long the model stays without a request."""
SKEW = timedelta(seconds=5)
"""How far clocks of different machines are believed to be apart."""


class Lifecycle:
    """What can be done with models besides asking them.

    Each act returns its operation, which may still run: `wait` waits for it.
    """

    def __init__(
        self,
        state: State,
        llm: LLMService,
        connections: Connections,
        lists: ModelLists,
        runner: OperationRunner,
    ) -> None:
        self._state = state
        self._llm = llm
        self._connections = connections
        self._lists = lists
        self._runner = runner
        self._running: dict[str, Operation] = {}
        self._looked_at = float("-inf")
        self._seen_until = datetime.now(UTC)
        self._ended: set[str] = set()
        self._own: set[str] = set()
        """Those carried out here, which ask for lists themselves."""
        runner.on_end.append(self._look_again)

    def load(
        self,
        caller: Caller,
        reference: str,
        wish: LoadWish,
        exclusive: bool = False,
        *,
        sparing: Collection[str] = (),
        request_id: str | None = None,
    ) -> Operation:
        """Load a model, with `exclusive` after unloading all others of its provider but `sparing`'s (canonical names).

        Joins a load that runs already; one that is loaded as wished is done at once (`was_loaded` in the result).
        Raises NotAllowed, ModelNotFound, AmbiguousModel, ModelNotAllowed, CapabilityNotSupported, InvalidRequest,
        ProviderUnreachable, or ModelBusy while something else is done with it.
        """
        _require(caller, Permission.LOAD_MODELS)
        found = self._found(reference, caller, Act.LOAD)
        config, model = found.config, found.model
        check_options(self._connections.to(config).KIND, wish)
        by = Actor.of(caller, request_id)

        def work(report: Report, stop: Stop) -> Mapping[str, Any]:
            if exclusive:
                self._unload_others(config, {model.canonical, *sparing}, by, stop)
            loaded = self._connections.to(config).load(self._fresh(config, model), wish, report, stop)
            ttl = {} if loaded.ttl_s is None else {TTL_S: loaded.ttl_s}
            return {
                "model": model.canonical,
                "loaded": True,
                "was_loaded": loaded.was_loaded,
                "instance_id": loaded.instance_id,
                "context_length": loaded.context_length,
                **ttl,
            }

        return self._start(config, load_order(found, wish, alone=exclusive), work, by)

    def unload(
        self,
        caller: Caller,
        reference: str | None,
        provider: str | None = None,
        all: bool = False,  # noqa: A002  # as clients say it
        instance_id: str | None = None,
        *,
        request_id: str | None = None,
    ) -> Operation:
        """Unload a model, or one instance of it; with `all` every model of a provider, or of all that can.

        What is not loaded is left as it is. Raises what `load` raises.
        """
        _require(caller, Permission.LOAD_MODELS)
        by = Actor.of(caller, request_id)
        if all:
            return self._unload_all(caller, provider, by)
        if reference is None:
            raise InvalidRequest("Name the model to unload.", param="model", details=[Problem("model", "is required")])
        found = self._found(reference, caller, Act.UNLOAD)
        work = self._unloading(found.config, found.model, instance_id)
        return self._start(found.config, unload_order(found, instance_id), work, by)

    def download(
        self, caller: Caller, provider: str | None, wish: DownloadWish, *, request_id: str | None = None
    ) -> Operation:
        """Fetch a model to where `provider` (slug or id) keeps them; without one, to the only one that can.

        Raises NotAllowed, NotFound, CapabilityNotSupported, InvalidRequest or ModelBusy.
        """
        _require(caller, Permission.MANAGE)
        config, wish = self._downloader(caller, provider, wish)

        def work(report: Report, stop: Stop) -> Mapping[str, Any]:
            made = self._connections.to(config).download(wish, report, stop)
            return {"model": f"{config.slug}/{made}"}

        return self._start(config, download_order(config, wish), work, Actor.of(caller, request_id))

    def delete(self, caller: Caller, reference: str, *, request_id: str | None = None) -> Operation:
        """Remove a model's files. Raises what `load` raises, and ModelBusy while they are being fetched."""
        _require(caller, Permission.MANAGE)
        try:
            found = self._found(reference, caller, Act.DELETE)
        except ModelNotFound:
            # No list has it before all of it is there.
            self._check_not_fetched(caller, reference)
            raise
        config, model = found.config, found.model
        self._check_not_fetched(caller, model.canonical)

        def work(report: Report, stop: Stop) -> Mapping[str, Any]:
            self._connections.to(config).delete(self._fresh(config, model))
            return {"model": model.canonical, "deleted": True}

        return self._start(config, delete_order(found), work, Actor.of(caller, request_id))

    def wait(self, operation: Operation, stop: Stop) -> Operation:
        """How it ended. Raises what it failed with, or the stop's reason: it goes on without who waits."""
        return self._runner.wait(operation, stop)

    def stop(self, caller: Caller, operation_id: str) -> Operation:
        """End it; what a provider does not let us end goes on there unwatched. Raises NotFound or NotAllowed."""
        found = self.operation(caller, operation_id)
        _require(caller, Permission.LOAD_MODELS if found.order.act in (Act.LOAD, Act.UNLOAD) else Permission.MANAGE)
        return self._runner.stop(found, f"The operation was stopped by {caller.username}.")

    def operation(self, caller: Caller, operation_id: str) -> Operation:
        """Raises NotFound, also for what the caller may not see."""
        found = self._runner.one(operation_id)
        if found is not None and not self._may_see(caller, found):
            # Its provider may have been made elsewhere a moment ago.
            self._state.refresh()
        if found is None or not self._may_see(caller, found):
            raise NotFound("There is no such operation.")
        return found

    def operations(
        self, caller: Caller, window: Window, *, provider: str | None = None, state: OperationState | None = None
    ) -> Page[Operation]:
        """Running ones and those of the last 30 days, newest first; of one provider (slug or id) or of all."""
        if provider is not None:
            self._state.refresh()
        ids = {one.id for one in self._visible(caller) if provider is None or provider in (one.slug, one.id)}
        page = self._runner.page(ids, state, window)
        return replace(page, items=tuple(one for one in page.items if self._may_see(caller, one)))

    # What lists show.

    def running(self) -> Mapping[str, Operation]:
        """What is being done with models, by canonical name, in whichever process.

        Where another process has done something since, the list of that provider is asked for again.
        """
        if time.monotonic() - self._looked_at >= LOOK_S:
            self._look()
        return self._running

    def times_to_live(self, models: Collection[ModelInfo]) -> Mapping[str, TimeToLive]:
        """By canonical name, of those in memory: what the last that was done here with a model ordered for it.

        Nobody says when it would be over, nor what other programs have ordered since.
        """
        loaded = {one.canonical: one for one in models if one.state is ModelState.LOADED}
        try:
            done = self._runner.last_done(loaded) if loaded else ()
        except DatabaseAway as error:
            log.error("operations_not_read", error=str(error))
            return {}
        found = {}
        for one in done:
            gone_at = self._lists.seen_unloaded_at(loaded[one.order.model])
            seconds = (one.result or {}).get(TTL_S)
            if seconds is not None and one.finished_at is not None and (gone_at is None or gone_at < one.finished_at):
                found[one.order.model] = TimeToLive(seconds, one.finished_at)
        return found

    def _look_again(self) -> None:
        self._looked_at = float("-inf")

    def _look(self) -> None:
        began, self._looked_at = datetime.now(UTC), time.monotonic()
        try:
            found = self._runner.running_or_ended_since(self._seen_until - SKEW)
        except DatabaseAway as error:
            # Lists come without the database as well; what was known stays.
            log.error("operations_not_read", error=str(error))
            return
        self._running = {one.order.model: one for one in found if one.is_running}
        ended = {one.id: one.order.provider_id for one in found if not one.is_running}
        changed = {ended[identity] for identity in ended.keys() - self._ended - self._own}
        self._own -= ended.keys() & self._ended
        self._ended, self._seen_until = set(ended), began
        for config in self._state.current.providers:
            if config.enabled and config.id in changed:
                self._lists.ask_again(config, LIST_S)

    # Parts of acts.

    def _start(self, config: ProviderConfig, order: Order, work: Work, by: Actor) -> Operation:
        def refreshed(report: Report, stop: Stop) -> Mapping[str, Any]:
            try:
                result: Mapping[str, Any] = work(report, stop)
            finally:
                # Before it is told that it has ended: who then looks at the list sees what came of it. A server that
                # stops has no time to wait for a list.
                self._lists.ask_again(self._as_it_is_now(config), WAIT_S if stop.reason is None else 0.0)
            return result

        return self._begun(order, refreshed, by)

    def _begun(self, order: Order, work: Work, by: Actor) -> Operation:
        operation = self._runner.start(order, work, by)
        if self._runner.is_own(operation.id):
            self._own.add(operation.id)
        self._look_again()
        return operation

    def _unloading(self, config: ProviderConfig, model: ModelInfo, instance_id: str | None) -> Work:
        def work(report: Report, stop: Stop) -> Mapping[str, Any]:
            gone = self._connections.to(config).unload(self._fresh(config, model), instance_id)
            return {"model": model.canonical, "unloaded": list(gone)}

        return work

    def _unload_all(self, caller: Caller, provider: str | None, by: Actor) -> Operation:
        """One operation over all of them, and one for each model."""
        configs = [
            one
            for one in usable_providers(self._state.refresh(), caller)
            if provider is None or provider in (one.slug, one.id)
        ]
        if provider is not None and not configs:
            raise _no_provider(provider)
        able = [one for one in configs if Act.UNLOAD in self._connections.to(one).KIND.acts]
        if not able:
            names = ", ".join(one.name for one in configs) or "No provider"
            raise CapabilityNotSupported(f"{names} can't unload models through its API.", param="provider")

        def work(report: Report, stop: Stop) -> Mapping[str, Any]:
            gone: list[str] = []
            problems: list[GatewayError] = []
            for config in able:
                for model in self._loaded(config):
                    if not may_use(caller, Candidate(config, model)):
                        continue
                    try:
                        self._unload_one(config, model, by, stop)
                    except GatewayError as error:
                        problems.append(error)
                    else:
                        gone.append(model.canonical)
            if problems:
                raise problems[0]
            return {"unloaded": gone}

        several = provider is None and len(able) > 1
        return self._begun(unload_all_order(able[0], of_several=several), work, by)

    def _unload_others(self, config: ProviderConfig, keep: Collection[str], by: Actor, stop: Stop) -> None:
        """Raises ModelBusy while another model of the provider is being loaded."""
        for other in self._runner.running(config.id):
            if other.order.act is Act.LOAD and other.order.model not in keep:
                raise ModelBusy(
                    f"{other.order.model} is just being loaded for {other.started_by}. Wait until that has ended,"
                    " then try again.",
                    param="model",
                )
        for model in self._loaded(config):
            if model.canonical not in keep:
                self._unload_one(config, model, by, stop)

    def _unload_one(self, config: ProviderConfig, model: ModelInfo, by: Actor, stop: Stop) -> None:
        order = unload_order(Candidate(config, model))
        self._runner.wait(self._start(config, order, self._unloading(config, model, None), by), stop)

    def _loaded(self, config: ProviderConfig) -> list[ModelInfo]:
        return [one for one in self._models(config) if one.state is ModelState.LOADED or one.instances]

    def _models(self, config: ProviderConfig) -> Sequence[ModelInfo]:
        """The newest list. Raises ProviderUnreachable where there is none."""
        listing = self._lists.ask_again(self._as_it_is_now(config))
        if listing.error is not None:
            raise ProviderUnreachable(listing.error, provider=config.slug)
        return listing.models

    def _as_it_is_now(self, config: ProviderConfig) -> ProviderConfig:
        """It may have been changed while a model was loaded: the connections of the older version are gone."""
        return self._state.current.provider(config.id) or config

    def _fresh(self, config: ProviderConfig, model: ModelInfo) -> ModelInfo:
        """The model as it is now: whether it is loaded, and which instances there are, may be news."""
        return next((one for one in self._models(config) if one.id == model.id), model)

    # Who and what.

    def _check_not_fetched(self, caller: Caller, reference: str) -> None:
        for config in usable_providers(self._state.current, caller):
            for one in self._runner.running(config.id):
                if reference in fetched_as(one):
                    raise busy(one)

    def _found(self, reference: str, caller: Caller, act: Act) -> Candidate:
        try:
            found = self._llm.named(reference, caller)
        except ModelNotFound:
            # It may have come after the lists were asked for, and its provider after the configuration was read.
            self._state.refresh()
            self._ask_who_can(act, reference, caller)
            found = self._llm.named(reference, caller)
        if not may_use(caller, found):
            raise ModelNotAllowed(f"This key may not use the model {reference}.", param="model")
        provider = self._connections.to(found.config)
        if act not in provider.KIND.acts:
            raise CapabilityNotSupported(
                f"{found.config.name} can't {act.value} models through its API.", param="model"
            )
        if act not in provider.acts(found.model):
            reason = provider.why_not(act, found.model)
            words = f"{found.model.canonical} can't be {_done(act)}. {reason}"
            raise CapabilityNotSupported(words.strip(), param="model")
        return found

    def _ask_who_can(self, act: Act, reference: str, caller: Caller) -> None:
        """Raises ProviderUnreachable where the provider that `reference` names does not tell its models."""
        snapshot = self._state.current
        usable = usable_providers(snapshot, caller)
        able = [one for one in usable if act in self._connections.to(one).KIND.acts]
        listings = self._lists.listings(able, refresh=True)
        owner = owner_of(reference, snapshot, usable)
        for listing in listings:
            if owner is not None and listing.config.id == owner.id and listing.error is not None:
                raise ProviderUnreachable(listing.error, provider=owner.slug)

    def _downloader(
        self, caller: Caller, provider: str | None, wish: DownloadWish
    ) -> tuple[ProviderConfig, DownloadWish]:
        """Who fetches it; a provider's slug in front of the model's name names it as well."""
        usable = usable_providers(self._state.refresh(), caller)
        able = [one for one in usable if Act.DOWNLOAD in self._connections.to(one).KIND.acts]
        if provider is not None:
            named = next((one for one in usable if provider in (one.slug, one.id)), None)
            if named is None:
                raise _no_provider(provider)
            if named not in able:
                raise CapabilityNotSupported(f"{named.name} can't download models through its API.", param="provider")
            return named, wish
        slug, _, rest = wish.model.partition("/")
        for one in able:
            if rest and one.slug == slug:
                return one, replace(wish, model=rest)
        if not able:
            raise CapabilityNotSupported("No provider can download models.", param="provider")
        if len(able) > 1:
            problem = f"must be one of {', '.join(one.slug for one in able)}"
            raise InvalidRequest(
                f"Several providers can download models: provider {problem}.",
                param="provider",
                details=[Problem("provider", problem)],
            )
        return able[0], wish

    def _visible(self, caller: Caller) -> list[ProviderConfig]:
        """Enabled or not: what was done before it was switched off is still of interest."""
        providers = self._state.current.providers
        return [one for one in providers if one.scope is Scope.SHARED or one.owner_id == caller.user_id]

    def _may_see(self, caller: Caller, operation: Operation) -> bool:
        visible = any(one.id == operation.order.provider_id for one in self._visible(caller))
        return visible and caller.may_use_model(operation.order.model)


def _require(caller: Caller, permission: Permission) -> None:
    if not caller.may(permission):
        raise NotAllowed(
            "This needs an administrator."
            if permission is Permission.MANAGE
            else f"This needs the permission {permission.value}."
        )


def _no_provider(reference: str) -> NotFound:
    return NotFound(f"There is no provider {reference}.", param="provider")


def _done(act: Act) -> str:
    return "deleted" if act is Act.DELETE else f"{act.value}ed"
