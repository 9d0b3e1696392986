"""LLMService: the one front door to models. Route, limit, try, retry, meter."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.domain.accounts import Caller
from app.domain.catalog import Task
from app.domain.errors import ClientLeft, GatewayError, ModelNotFound, ProviderError
from app.domain.events import HEARTBEAT_S, Burst
from app.domain.requests import ModelRequest
from app.domain.snapshot import Snapshot
from app.domain.stopping import Stop
from app.domain.usage import TokenSource, Usage, UsageRecord
from app.gateway.connections import Connections
from app.gateway.health import Health
from app.gateway.ledger import Ledger
from app.gateway.limits import RequestLimits
from app.gateway.model_lists import ModelLists
from app.gateway.prices import Prices
from app.gateway.routing import Candidate, Catalog, candidate, find, usable_providers
from app.gateway.slots import Slots
from app.gateway.state import State
from app.providers.base import Attempt
from app.providers.http.waiting import sleep
from app.providers.tokens import estimated_tokens, prompt_characters

MAX_ATTEMPTS = 3
FIRST_PAUSE_S = 0.5
MAX_PAUSE_S = 8.0
MAX_REMEMBERED_ROUTES = 10_000


@dataclass(slots=True)
class Call:
    """A request on its way through the gateway: who asks, through which face, since when, and how it is ended."""

    caller: Caller
    request_id: str
    face: str
    started: float
    """Monotonic clock, when the request's bytes were complete."""
    stop: Stop


@dataclass(slots=True)
class Answer:
    """What `answer` returns: facts for headers, and the events. `facts` go on changing while events are read."""

    candidate: Candidate
    config_version: int
    started: float
    attempts: int = 0
    dropped: tuple[str, ...] = ()
    model: str = ""
    """The vendor's name of the model that really answered."""
    overhead_ms: float = 0.0
    first_token_ms: float | None = None
    usage: Usage = field(default_factory=Usage)
    finish_reason: str | None = None
    content_sent: bool = False
    waited_s: float = 0.0
    cost_usd: float | None = None
    """Known when the last event was read; None where no price is."""
    events: Iterator[Burst] = iter(())

    @property
    def total_ms(self) -> float:
        return (time.monotonic() - self.started) * 1000


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
        self._routes: dict[tuple[object, ...], Candidate] = {}

    def answer(self, request: ModelRequest, call: Call) -> Answer:
        """Answer `request` from the provider that has its model.

        When this returns, the first event with content has arrived, or 10 s have passed: an error raised here can
        still become an HTTP status. Later failures raise while iterating `events`. Whoever iterates reads to the end or
        closes the iterator.

        Raises RateLimited, ModelNotFound, AmbiguousModel, CapabilityNotSupported, ModelNotAllowed, InvalidRequest,
        or the ProviderError of the last attempt.
        """
        try:
            answer = self._admitted(request, call)
        except GatewayError as error:
            self._record_refusal(request, call, error)
            raise
        events = self._attempts(request, call, answer)
        first = next(events, ())
        answer.overhead_ms = max(0.0, (time.monotonic() - call.started - answer.waited_s) * 1000)
        answer.events = _then(first, events)
        return answer

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
        known = self._routes.get(key)
        if known is None:
            catalog = self._catalog(snapshot, caller)
            known = candidate(
                request.model, request.task, request.needs, snapshot=snapshot, catalog=catalog, caller=caller
            )
            # Asking for lists may have changed them.
            key = (snapshot.version, self._lists.generation, *key[2:])
            if len(self._routes) >= MAX_REMEMBERED_ROUTES:
                self._routes.clear()
            self._routes[key] = known
        return known

    def named(self, reference: str, caller: Caller) -> Candidate:
        """Who a call naming `reference` would reach, if it is listed. Raises ModelNotFound or AmbiguousModel."""
        snapshot = self._state.current
        catalog = self._catalog(snapshot, caller)
        found = find(reference, snapshot, catalog)
        if catalog.listed(found.config.slug, found.model.id) is None:
            raise ModelNotFound(f"There is no model {reference}.", param="model")
        return found

    def _catalog(self, snapshot: Snapshot, caller: Caller) -> Catalog:
        providers = usable_providers(snapshot, caller)
        found = self._lists.listings(providers)
        return Catalog(providers, {listing.config.slug: listing.models for listing in found})

    def _admitted(self, request: ModelRequest, call: Call) -> Answer:
        snapshot = self._state.current
        self._limits.check(call.caller, snapshot.settings.default_requests_per_minute)
        found = self.resolve(request, call.caller)
        return Answer(found, snapshot.version, call.started, model=found.model.id)

    def _attempts(self, request: ModelRequest, call: Call, answer: Answer) -> Generator[Burst, None, None]:
        """One attempt after the other, until one gave content, or trying again makes no sense."""
        deadline = call.started + answer.candidate.config.timeouts.total_s
        while True:
            answer.attempts += 1
            attempt = Attempt(call.stop, deadline)
            try:
                yield from self._attempt(request, call, answer, attempt)
            except ProviderError as error:
                pause_s = _pause_s(error, answer, deadline)
                if pause_s is None:
                    raise
                yield from _pause(pause_s, call.stop, answer)
            else:
                return

    def _attempt(
        self, request: ModelRequest, call: Call, answer: Answer, attempt: Attempt
    ) -> Generator[Burst, None, None]:
        """One call to the provider, recorded once however it ends."""
        meter = _Meter(answer, request)
        config = answer.candidate.config
        outcome = "ok"
        release = None
        try:
            release = yield from self._slots.take(config, attempt)
            meter.begin()
            bursts = self._connections.to(config).answer(request, answer.candidate.model, attempt)
            yield from self._from_first_content(bursts, answer, attempt, meter)
            self._health.note_ok(config.id, meter.total_ms)
        except GatewayError as error:
            outcome = error.code
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
            answer.waited_s += attempt.waited_s
            answer.dropped = attempt.dropped
            answer.cost_usd = self._prices.cost_usd(self._connections.to(config).KIND, answer.model, meter.usage())
            self._ledger.record(meter.record(request, call, attempt, outcome))

    def _from_first_content(
        self, bursts: Iterator[Burst], answer: Answer, attempt: Attempt, meter: _Meter
    ) -> Generator[Burst, None, None]:
        """The provider's bursts; those before the first content are held and come with it."""
        held: Burst = ()
        for burst in bursts:
            if not burst:
                yield ()
                continue
            meter.read(burst)
            if answer.content_sent:
                yield burst
                continue
            held += burst
            if meter.has_content:
                answer.content_sent = True
                answer.dropped = attempt.dropped
                waited_s, attempt.waited_s = attempt.waited_s, 0.0
                answer.waited_s += waited_s
                yield held
                held = ()
        if held:
            answer.dropped = attempt.dropped
            yield held

    def _record_refusal(self, request: ModelRequest, call: Call, error: GatewayError) -> None:
        """A request that reached no provider has a row too, so that errors can be counted."""
        total_ms = (time.monotonic() - call.started) * 1000
        self._ledger.record(
            UsageRecord(
                id=str(uuid.uuid4()),
                request_id=call.request_id,
                started_at=datetime.now(UTC),
                attempt=0,
                user_id=call.caller.user_id,
                key_id=call.caller.key_id,
                face=call.face,
                task=request.task.value,
                provider_id=None,
                provider="",
                model_asked=(request.model or "")[:300],
                model="",
                streamed=request.stream,
                prompt_tokens=0,
                completion_tokens=0,
                reasoning_tokens=0,
                cached_tokens=0,
                token_source=TokenSource.ABSENT.value,
                first_token_ms=None,
                total_ms=total_ms,
                overhead_ms=total_ms,
                outcome=error.code,
            )
        )


class _Meter:
    """What one attempt brought; also keeps the answer's own figures."""

    __slots__ = (
        "_answer",
        "_begun",
        "_characters",
        "_first_ms",
        "_request",
        "_started_at",
        "_usage",
        "has_content",
    )

    def __init__(self, answer: Answer, request: ModelRequest) -> None:
        self._answer = answer
        self._request = request
        self._started_at = datetime.now(UTC)
        self._begun = time.monotonic()
        self._first_ms: float | None = None
        self._usage: Usage | None = None
        self._characters = 0
        self.has_content = False

    def begin(self) -> None:
        """The attempt's own time starts when it has its place at the provider."""
        self._begun = time.monotonic()

    @property
    def total_ms(self) -> float:
        return (time.monotonic() - self._begun) * 1000

    def read(self, burst: Burst) -> None:
        answer = self._answer
        for event in burst:
            body = event.body
            if body.choices:
                if not self.has_content and event.has_content:
                    self._note_first_content()
                self._characters += len(event.text) + len(event.reasoning)
                finish = event.finish_reason
                if finish is not None:
                    answer.finish_reason = finish
            elif body.choices is None:
                # Embeddings: the whole answer is one event without choices.
                self._note_first_content()
            if body.model:
                answer.model = body.model
            if body.usage is not None or body.x_groq is not None:
                usage = event.usage
                if usage is not None:
                    self._usage = usage
                    answer.usage = usage

    def _note_first_content(self) -> None:
        self.has_content = True
        now = time.monotonic()
        if self._first_ms is None:
            self._first_ms = (now - self._begun) * 1000
            self._answer.first_token_ms = (now - self._answer.started) * 1000

    def usage(self) -> Usage:
        """The provider's count, else an estimate where something was generated, else nothing."""
        if self._usage is not None and (self._usage.total_tokens or self._request.task is not Task.EMBEDDING):
            return self._usage
        if not self.has_content:
            return self._usage or Usage()
        return Usage(
            prompt_tokens=estimated_tokens(prompt_characters(self._request)),
            completion_tokens=estimated_tokens(self._characters),
            source=TokenSource.ESTIMATED,
        )

    def record(self, request: ModelRequest, call: Call, attempt: Attempt, outcome: str) -> UsageRecord:
        usage = self.usage()
        answer = self._answer
        answer.usage = usage
        config = answer.candidate.config
        return UsageRecord(
            id=str(uuid.uuid4()),
            request_id=call.request_id,
            started_at=self._started_at,
            attempt=answer.attempts,
            user_id=call.caller.user_id,
            key_id=call.caller.key_id,
            face=call.face,
            task=request.task.value,
            provider_id=config.id,
            provider=config.slug,
            model_asked=(request.model or "")[:300],
            model=answer.model[:300],
            streamed=request.stream,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            reasoning_tokens=usage.reasoning_tokens,
            cached_tokens=usage.cached_tokens,
            token_source=usage.source.value,
            first_token_ms=self._first_ms,
            total_ms=self.total_ms,
            overhead_ms=answer.overhead_ms or max(0.0, (time.monotonic() - call.started - answer.waited_s) * 1000),
            outcome=outcome,
            cost_usd=answer.cost_usd,
        )


def _pause_s(error: ProviderError, answer: Answer, deadline: float) -> float | None:
    """How long to wait before the same provider is asked again; None: it is not."""
    if not error.retry_same or answer.content_sent or answer.attempts >= MAX_ATTEMPTS:
        return None
    backoff_s = min(FIRST_PAUSE_S * 2 ** (answer.attempts - 1), MAX_PAUSE_S)
    pause_s = error.retry_after_s if error.retry_after_s is not None else backoff_s * random.uniform(0.75, 1.25)
    return pause_s if time.monotonic() + pause_s < deadline else None


def _pause(seconds: float, stop: Stop, answer: Answer) -> Generator[Burst, None, None]:
    """Waits, with an empty burst after each HEARTBEAT_S. Raises the stop's reason."""
    answer.waited_s += seconds
    while seconds > HEARTBEAT_S:
        sleep(HEARTBEAT_S, stop)
        seconds -= HEARTBEAT_S
        yield ()
    sleep(seconds, stop)


def _then(first: Burst, rest: Generator[Burst, None, None]) -> Generator[Burst, None, None]:
    """`first`, then the rest; closing it closes the rest, also when nothing was read yet."""
    try:
        yield first
        yield from rest
    finally:
        rest.close()
