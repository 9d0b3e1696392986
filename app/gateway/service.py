"""LLMService: the one front door to models. Route, limit, try, retry, meter."""

from __future__ import annotations

import random
import time
from collections.abc import Generator, Iterator

from app.domain.accounts import Caller
from app.domain.catalog import ProviderConfig
from app.domain.errors import (
    CapabilityNotSupported,
    ClientLeft,
    GatewayError,
    ModelNotAllowed,
    ModelNotFound,
    ProviderError,
    TextOnly,
)
from app.domain.events import Burst
from app.domain.relays import Relay
from app.domain.requests import IMAGE_ADDRESS, VISION, ModelRequest
from app.domain.snapshot import Snapshot
from app.gateway.answer import Answer, Call, Try
from app.gateway.connections import Connections
from app.gateway.health import Health
from app.gateway.ledger import Ledger
from app.gateway.limits import RequestLimits
from app.gateway.metering import Meter, refusal_record
from app.gateway.model_lists import ModelLists
from app.gateway.prices import Prices
from app.gateway.routing import (
    Candidate,
    Catalog,
    candidate,
    default_name,
    find,
    owner_of,
    reader_of_images,
    settles,
    unknown_model,
    usable_providers,
)
from app.gateway.slots import Slots
from app.gateway.state import State
from app.providers.base import Attempt, ProviderKind
from app.providers.http.waiting import sleep
from app.providers.parameters import apply, by_name

MAX_ATTEMPTS = 3
FIRST_PAUSE_S = 0.5
MAX_PAUSE_S = 5.0
"""A provider that asks for more patience is believed, and so is the client: it gets the failure with Retry-After."""
MAX_REMEMBERED_ROUTES = 10_000
ROUTE_S = 15.0
"""How long a route is remembered: then the lists are looked at again, which has them refreshed when they are due."""


class LLMService:
    """Chat, completions and embeddings from whichever provider has the model."""

    def __init__(
        self,
        *,
        state: State,
        connections: Connections,
        lists: ModelLists,
        limits: RequestLimits,
        health: Health,
        ledger: Ledger,
        prices: Prices,
        slots: Slots,
    ) -> None:
        self._state = state
        self._connections = connections
        self._lists = lists
        self._limits = limits
        self._health = health
        self._ledger = ledger
        self._prices = prices
        self._slots = slots
        self._routes: dict[tuple[object, ...], tuple[Candidate, float]] = {}
        for remembering in (lists, health, slots):
            state.on_change(remembering.on_change)

    def answer(self, request: ModelRequest, call: Call, *, completely: bool = False) -> Answer:
        """Answer `request` from the provider that has its model.

        When this returns, the first event with content has arrived, or 10 s have passed: an error raised here can
        still become an HTTP status. Later failures raise while iterating `events`. Whoever iterates reads to the end or
        closes the iterator. `completely`: as in `admit`; what is only passed on (Relay) needs it.

        Raises RateLimited, ModelNotFound, AmbiguousModel, CapabilityNotSupported, ModelNotAllowed, InvalidRequest,
        or the ProviderError of the last attempt.
        """
        answer = self.admit(request, call, completely=completely)
        events = self.begin(request, call, answer)
        try:
            first = next(events, ())
        finally:
            answer.overhead_ms = answer.time_inside_ms()
        answer.events = _then(first, events)
        return answer

    def admit(self, request: ModelRequest, call: Call, *, completely: bool = False) -> Answer:
        """Count the request and find who answers it; nothing is sent yet.

        `completely`: whatever is known to be refused later is refused now, for answers whose failure can't be a status.

        Raises what `answer` raises, but for the ProviderError.
        """
        try:
            answer = self._admitted(request, call)
            if completely:
                self._check(request, answer)
        except GatewayError as error:
            self._ledger.record(refusal_record(request, call, error))
            raise
        call.answer = answer
        return answer

    def begin(self, request: ModelRequest, call: Call, answer: Answer) -> Generator[Burst, None, None]:
        """The events of an admitted answer; nothing is sent before the first `next`.

        Raises the ProviderError of the last attempt, or the stop's reason. Whoever iterates reads to the end or closes.
        """
        return self._attempts(request, call, answer)

    def resolve(self, request: ModelRequest, caller: Caller) -> Candidate:
        """Who would answer. Raises ModelNotFound, AmbiguousModel, CapabilityNotSupported or ModelNotAllowed."""
        snapshot = self._state.current
        key = (
            snapshot.version,
            self._lists.generation,
            caller.user_id,
            caller.models,
            request.model,
            request.task,
            request.needs,
        )
        known, until = self._routes.get(key, (None, 0.0))
        now = time.monotonic()
        if known is None or now >= until:
            try:
                known = self._found(request, snapshot, caller)
            except ModelNotFound:
                # It may be of a provider, or an alias, that another worker has just been given.
                newer = self._state.look_again()
                if newer is snapshot:
                    raise
                snapshot, known = newer, self._found(request, newer, caller)
            # Asking for lists may have changed them.
            key = (snapshot.version, self._lists.generation, *key[2:])
            if len(self._routes) >= MAX_REMEMBERED_ROUTES:
                self._routes.clear()
            self._routes[key] = (known, now + ROUTE_S)
        return known

    def named(self, reference: str, caller: Caller) -> Candidate:
        """Who a call naming `reference` would reach, if it is listed. Raises ModelNotFound or AmbiguousModel."""
        snapshot = self._state.current
        catalog = self._catalog(usable_providers(snapshot, caller))
        found = find(reference, snapshot, catalog, caller)
        if catalog.listed(found.config.slug, found.model.id) is None:
            raise unknown_model(reference, snapshot, catalog, caller)
        return found

    def _found(self, request: ModelRequest, snapshot: Snapshot, caller: Caller) -> Candidate:
        """From the one list that settles it, if there is one; only else all lists are waited for."""
        providers = usable_providers(snapshot, caller)
        self._lists.ask_all(providers)
        name = request.model or default_name(request.task, request.needs, snapshot, providers)

        def among(catalog: Catalog) -> Candidate:
            return candidate(name, request.task, request.needs, snapshot=snapshot, catalog=catalog, caller=caller)

        owner = owner_of(name, snapshot, providers)
        if owner is not None:
            [listing] = self._lists.listings([owner])
            if settles(name, snapshot, owner, listing.models):
                try:
                    return among(Catalog(providers, {owner.slug: listing.models}))
                except ModelNotAllowed:
                    # Another provider may have a model of this name that the caller may use.
                    pass
        return among(self._catalog(providers))

    def _catalog(self, providers: tuple[ProviderConfig, ...]) -> Catalog:
        found = self._lists.listings(providers)
        return Catalog(providers, {listing.config.slug: listing.models for listing in found})

    def _admitted(self, request: ModelRequest, call: Call) -> Answer:
        snapshot = self._state.current
        self._limits.check(call.caller, snapshot.settings.default_requests_per_minute)
        found = self.resolve(request, call.caller)
        if request.needs:
            self._check_images(request, found, snapshot, call.caller)
        return Answer(found, snapshot.version, call.started, model=found.model.id)

    def _check(self, request: ModelRequest, answer: Answer) -> None:
        """Raises InvalidRequest, ParameterNotSupported or CapabilityNotSupported."""
        found = answer.candidate
        provider = self._connections.to(found.config)
        if isinstance(request, Relay):
            _check_route(request, found, provider.KIND)
            return
        parameters = by_name(provider.parameters(found.model, request.task))
        apply(request.fields, parameters, strict=request.strict, wishes=request.wishes)

    def _check_images(self, request: ModelRequest, found: Candidate, snapshot: Snapshot, caller: Caller) -> None:
        """Raises TextOnly, naming a model that reads them, or CapabilityNotSupported."""
        if VISION in request.needs and found.model.reads_images is False:
            catalog = self._catalog(usable_providers(snapshot, caller))
            other = reader_of_images(found.config, snapshot, catalog, caller)
            hint = f"Use {other} instead." if other else "Load a vision model, or add a provider that has one."
            raise TextOnly(f"{found.model.canonical} reads text only, no images. {hint}", param="model")
        if IMAGE_ADDRESS in request.needs and not self._connections.to(found.config).KIND.fetches_images:
            raise CapabilityNotSupported(
                f"{found.config.name} can't load an image from an address. Send the image itself, in base64.",
                param="messages",
            )

    def _attempts(self, request: ModelRequest, call: Call, answer: Answer) -> Generator[Burst, None, None]:
        """One attempt after the other, until one gave content, or trying again makes no sense."""
        deadline = call.started + answer.candidate.config.timeouts.total_s
        told_at = call.started
        while True:
            answer.attempts += 1
            attempt = answer.attempt = Attempt(call.stop, deadline, told_at, watches=call.watches)
            try:
                yield from self._attempt(request, call, answer, attempt)
            except ProviderError as error:
                pause_s = _pause_s(error, answer, deadline)
                if pause_s is None:
                    raise
                yield from _pause(pause_s, attempt, answer)
                told_at = attempt.told_at
            else:
                return

    def _attempt(
        self, request: ModelRequest, call: Call, answer: Answer, attempt: Attempt
    ) -> Generator[Burst, None, None]:
        """One call to the provider, recorded once however it ends."""
        meter = Meter(answer, request)
        config = answer.candidate.config
        outcome, provider, release, problem = "ok", None, None, ""
        try:
            release = yield from self._slots.take(config, attempt)
            meter.begin()
            provider = self._connections.to(config)
            ask = provider.relay if isinstance(request, Relay) else provider.answer
            bursts = ask(request, answer.candidate.model, attempt)  # type: ignore[arg-type]  # as just looked at
            yield from self._from_first_content(bursts, answer, meter, attempt)
            self._health.note_ok(config.id, meter.total_ms)
        except GatewayError as error:
            outcome, problem = error.code, error.message
            if provider is not None:
                # A full house says nothing about the provider's health.
                self._health.note_failure(config.id, error)
            raise
        except GeneratorExit:
            outcome = ClientLeft.code if call.stop.reason is None else call.stop.reason.code
            raise
        except BaseException:
            outcome = GatewayError.code
            raise
        finally:
            if release is not None:
                release()
            if provider is not None:
                answer.cost_usd = self._prices.cost_usd(provider.KIND, answer.model, meter.usage())
            record = meter.record(request, call, outcome)
            self._ledger.record(record)
            answer.tries += (Try(record, problem),)
            answer.waited_s += attempt.waited_s
            attempt.waited_s = 0.0

    def _from_first_content(
        self, bursts: Iterator[Burst], answer: Answer, meter: Meter, attempt: Attempt
    ) -> Generator[Burst, None, None]:
        """The provider's bursts; those before the first content are held and come with it."""
        held: Burst = ()
        try:
            for burst in bursts:
                meter.read(burst)
                if answer.content_sent:
                    yield burst
                    attempt.told_at = time.monotonic()
                    continue
                held += burst
                if meter.has_content:
                    answer.content_sent = True
                    yield held
                    attempt.told()
                    held = ()
                elif not burst:
                    yield ()
        finally:
            bursts.close()  # type: ignore[attr-defined]  # a generator
        if held:
            yield held


def _check_route(request: Relay, found: Candidate, kind: ProviderKind) -> None:
    if request.route not in kind.relays:
        raise CapabilityNotSupported(
            f"{found.config.name} ({kind.label}) can't {request.route.words}. Name a model of a provider that can.",
            param="model",
        )


def _pause_s(error: ProviderError, answer: Answer, deadline: float) -> float | None:
    """How long to wait before the same provider is asked again; None: it is not."""
    if not error.retry_same or answer.content_sent or answer.attempts >= MAX_ATTEMPTS:
        return None
    backoff_s = FIRST_PAUSE_S * 2 ** (answer.attempts - 1)
    pause_s = error.retry_after_s if error.retry_after_s is not None else backoff_s * random.uniform(0.75, 1.25)
    return pause_s if pause_s <= MAX_PAUSE_S and time.monotonic() + pause_s < deadline else None


def _pause(seconds: float, attempt: Attempt, answer: Answer) -> Generator[Burst, None, None]:
    """Waits, with an empty burst where a heartbeat is due. Raises the stop's reason."""
    answer.waited_s += seconds
    until = time.monotonic() + seconds
    while (now := time.monotonic()) < until:
        sleep(min(until, attempt.heartbeat_at) - now, attempt.stop)
        if time.monotonic() >= attempt.heartbeat_at:
            yield ()
            attempt.told()


def _then(first: Burst, rest: Generator[Burst, None, None]) -> Generator[Burst, None, None]:
    """`first`, then the rest; closing it closes the rest, also when nothing was read yet."""

    def steps() -> Generator[Burst, None, None]:
        try:
            yield ()
            yield first
            yield from rest
        finally:
            rest.close()

    begun = steps()
    # Python runs no `finally` of a generator that was closed before its first step.
    next(begun)
    return begun
