"""OpenAI's format once, as a base class for every compatible vendor.

Source: https://platform.openai.com/docs/api-reference. A body is forwarded as it came, with only `model`, the stream
options and the parameters that the vendor names differently changed; an answer's bytes are kept.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeVar, cast

import msgspec

from app.domain.catalog import ModelInfo, Parameter, ProviderConfig, Scope, Task, Treatment
from app.domain.errors import (
    ProviderContextLength,
    ProviderError,
    ProviderProtocol,
    ProviderRejected,
    ProviderTimeout,
    StreamCut,
)
from app.domain.events import Burst, Event
from app.domain.relays import Relay
from app.domain.requests import Json, ModelRequest
from app.domain.stopping import Stop
from app.providers import parameters as rules
from app.providers import relaying
from app.providers.base import Attempt, Provider, Sent, Surroundings
from app.providers.http.client import Head, HttpCall, HttpClient, Patience
from app.providers.http.target import Target
from app.providers.joining import Joiner
from app.providers.lessons import Lesson, Lessons
from app.providers.plain_models import plain_model
from app.providers.sse import EventCutter, EventTooLarge
from app.providers.wire_answers import AnswerReader

MODEL_LIST_S = 5.0
AFTER_DONE_S = 1.0
WRONG_REQUEST = (400, 422)
MAX_REPLY_BYTES = 256 * 1024 * 1024
MAX_REMEMBERED_PLANS = 1000
"""Callers may ask for models that nobody lists, so their number has no bound of its own."""

_encode = msgspec.json.Encoder().encode
_TRUE = Json(b"true")
_WITH_USAGE = Json(b'{"include_usage":true}')

T = TypeVar("T")

Pieces = Generator[Head | bytes | None, None, None]

PATHS = {Task.CHAT: "/chat/completions", Task.COMPLETION: "/completions", Task.EMBEDDING: "/embeddings"}


class OpenAIWire(Provider):
    """A server that speaks OpenAI's chat completions. Vendors change what differs."""

    LEARNS_FROM_REFUSALS: ClassVar[bool] = False
    """Whether what the server names as unsupported is left out, and the call made once more."""

    def __init__(self, config: ProviderConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        allow_private = config.scope is Scope.SHARED or around.allow_private
        self._http = HttpClient(Target.of(config, allow_private=allow_private), config.name)
        self._headers = self.request_headers(config.api_key)
        self._reader = AnswerReader(config, self.refined)
        self._plans: dict[tuple[ModelInfo, Task], dict[str, Parameter]] = {}
        self.lessons = Lessons(learns=self.LEARNS_FROM_REFUSALS)

    # What vendors change.

    def request_headers(self, api_key: str | None) -> dict[str, str]:
        headers = {"Content-Type": "application/json", **self.config.extra_headers}
        if api_key:
            headers["Authorization"] = f"Bearer {api_key}"
        return headers

    def parameters(self, model: ModelInfo, task: Task = Task.CHAT) -> Sequence[Parameter]:
        match task:
            case Task.CHAT:
                return self.chat_parameters(model)
            case Task.COMPLETION:
                return rules.declared(rules.COMPLETION)
            case Task.EMBEDDING:
                return rules.declared(rules.EMBEDDING)

    def chat_parameters(self, model: ModelInfo) -> Sequence[Parameter]:
        """What `model` takes in a chat. Unknown servers get `max_tokens`, the name that all of them know."""
        return rules.declared(
            rules.CHAT, *rules.LOCAL_SAMPLERS.values(), rules.renamed("max_completion_tokens", "max_tokens")
        )

    def model_of(self, item: Mapping[str, Any]) -> ModelInfo | None:
        """One entry of the server's list; None for what is no language model."""
        return plain_model(self.config.slug, item)

    def must_be_streamed(self, model: ModelInfo) -> bool:
        """Whether a plain call is streamed and joined: llama.cpp's server runs it to its end even if nobody waits."""
        return model.owned_by == "llamacpp"

    def adjusted(self, fields: dict[str, Json]) -> dict[str, Json]:
        """The fields as the server wants them, where a value (not only a name) has to be said differently."""
        return fields

    def refined(self, error: ProviderError) -> ProviderError:
        """The error itself, or a better one where the vendor says by words what others say by codes."""
        return error

    # Answering.

    def answer(self, request: ModelRequest, model: ModelInfo, attempt: Attempt) -> Iterator[Burst]:
        if request.strict or not request.wishes:
            return self._answered(request, model, attempt)
        return self._answered_with_wishes(request, model, attempt)

    def _answered_with_wishes(
        self, request: ModelRequest, model: ModelInfo, attempt: Attempt
    ) -> Generator[Burst, None, None]:
        """Asks once more without the wishes where the request is refused."""
        wishes = request.wishes & (request.fields.keys() - self.lessons.unwanted(model.id))
        begun = False
        bursts = self._answered(request, model, attempt)
        try:
            for burst in bursts:
                begun = begun or bool(burst)
                yield burst
        except ProviderRejected as error:
            if begun or error.status not in WRONG_REQUEST or isinstance(error, ProviderContextLength):
                raise
            if not wishes & self.prepared(request, model)[0].keys():
                raise
        else:
            return
        finally:
            bursts.close()
        # Few servers name what they refuse, and what is only wished for may be it.
        fields = {name: value for name, value in request.fields.items() if name not in wishes}
        yield from self._answered(
            msgspec.structs.replace(request, fields=fields), model, attempt, tuple(sorted(wishes))
        )
        self.lessons.learn_without(model.id, wishes)

    def _answered(
        self, request: ModelRequest, model: ModelInfo, attempt: Attempt, left_out: tuple[str, ...] = ()
    ) -> Generator[Burst, None, None]:
        """`left_out` of what the client sent."""
        learned: set[Lesson | None] = {None}
        while True:
            fields, dropped = self.prepared(request, model)
            attempt.dropped = (*dropped, *left_out)
            streamed = self._is_streamed(request, model)
            try:
                yield from self._answer_once(request, model, attempt, fields, streamed)
            except ProviderRejected as error:
                lesson = self.lessons.learn(error, model.id, fields, streamed=streamed, strict=request.strict)
                if lesson in learned:
                    raise
                learned.add(lesson)
            else:
                return

    def relay(self, request: Relay, model: ModelInfo, attempt: Attempt) -> Iterator[Burst]:
        headers = {**self._headers, "Content-Type": request.content_type}
        body, patience = request.body(model.id), self._last_patience(attempt)
        pieces = self._http.call(HttpCall("POST", request.route.value, headers, body, patience, attempt))
        try:
            head = yield from _head(pieces)
            if head.status >= 300:
                raise self._reader.refusal(head, (yield from self._all(pieces)))
            if _is_page(head):
                raise self._reader.garbage()
            yield from self._relayed(pieces, relaying.type_of(head.headers.get("content-type")))
        finally:
            pieces.close()

    def _relayed(self, pieces: Pieces, content_type: str) -> Iterator[Burst]:
        if relaying.is_json(content_type):
            data = yield from self._all(pieces)
            self.checked_document(data)
            yield (relaying.document(data, content_type),)
            return
        came = False
        for piece in pieces:
            assert not isinstance(piece, Head)
            came = came or piece is not None
            yield () if piece is None else (relaying.piece(piece, content_type),)
        if not came:
            yield (relaying.piece(b"", content_type),)

    def _is_streamed(self, request: ModelRequest, model: ModelInfo) -> bool:
        if request.stream:
            return self.lessons.streams(model.id)
        return self.must_be_streamed(model) and request.task is not Task.EMBEDDING

    def _answer_once(
        self, request: ModelRequest, model: ModelInfo, attempt: Attempt, fields: dict[str, Json], streamed: bool
    ) -> Iterator[Burst]:
        body = self._body(fields, request, model, streamed)
        attempt.sent = Sent(PATHS[request.task], body)
        patience = self._first_patience(attempt, streamed)
        call = HttpCall("POST", PATHS[request.task], self._headers, _encode(body), patience, attempt)
        pieces = self._http.call(call)
        try:
            head = yield from _head(pieces)
            if head.status >= 300:
                raise self._reader.refusal(head, (yield from self._all(pieces)))
            if _is_page(head):
                raise self._reader.garbage()
            if not _is_stream(head, streamed):
                yield (self._reader.whole((yield from self._all(pieces)), request.task),)
            elif request.stream:
                yield from self._stream(pieces, call, _choices_of(request))
            else:
                yield from self._joined(pieces, call, request)
        finally:
            pieces.close()

    def _stream(self, pieces: Pieces, call: HttpCall, choices: int) -> Iterator[Burst]:
        """Bursts until the stream's end. Raises StreamCut (from below or here) when it is not complete.

        It is complete with its end mark, or with a finish reason for each of so many `choices`.
        """
        cutter, ended, finished = EventCutter(), False, set[int]()
        try:
            for piece in pieces:
                if piece is None:
                    if not ended:
                        yield ()
                    continue
                assert isinstance(piece, bytes)
                if ended:
                    continue
                events, end = self._reader.events(self._cut(cutter, piece))
                if events:
                    _note_finished(events, finished)
                    self._move_patience(call, events)
                    yield tuple(events)
                if isinstance(end, ProviderError):
                    raise end
                if end:
                    ended = True
                    call.patience.until = min(call.patience.until, time.monotonic() + AFTER_DONE_S)
        except (StreamCut, ProviderTimeout):
            # A connection that ends badly takes nothing away from an answer that is complete.
            if not ended and len(finished) < choices:
                raise
            return
        if ended:
            return
        events, end = self._reader.events(cutter.rest())
        if events:
            _note_finished(events, finished)
            yield tuple(events)
        if isinstance(end, ProviderError):
            raise end
        if not end and len(finished) < choices:
            raise self._incomplete()

    def _joined(self, pieces: Pieces, call: HttpCall, request: ModelRequest) -> Iterator[Burst]:
        joiner, size_bytes = Joiner(), 0
        for burst in self._stream(pieces, call, _choices_of(request)):
            if not burst:
                yield ()
            for event in burst:
                size_bytes += len(event.data)
                joiner.add(self._reader.document(event.data))
            if size_bytes > MAX_REPLY_BYTES:
                raise self._too_large()
        yield (self._reader.whole(joiner.joined(), request.task),)

    def _cut(self, cutter: EventCutter, piece: bytes) -> list[bytes]:
        try:
            return cutter.feed(piece)
        except EventTooLarge as error:
            raise ProviderProtocol(
                f"{self.config.name} sent an event that is too large.", provider=self.config.slug
            ) from error

    def _all(self, pieces: Pieces) -> Generator[Burst, None, bytes]:
        """Every byte of the body (as the generator's value); empty bursts while the provider is silent."""
        parts: list[bytes] = []
        size_bytes = 0
        for piece in pieces:
            if piece is None:
                yield ()
                continue
            assert isinstance(piece, bytes)
            parts.append(piece)
            size_bytes += len(piece)
            if size_bytes > MAX_REPLY_BYTES:
                raise self._too_large()
        return b"".join(parts)

    # Requests.

    def prepared(self, request: ModelRequest, model: ModelInfo) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The fields to send, defaults included, and the names of those that are left out."""
        plan = self._plan(request.task, model)
        sent, left_out = rules.apply(request.fields, plan, strict=request.strict, wishes=request.wishes)
        refused = self.lessons.refused(model.id) | (self.lessons.unwanted(model.id) & request.wishes)
        for name in refused & sent.keys():
            if request.strict:
                raise rules.not_supported(name)
            del sent[name]
            left_out += (name,)
        if request.task is not Task.EMBEDDING:
            self._add_defaults(sent, plan, refused)
        return self.adjusted(sent), left_out

    def _plan(self, task: Task, model: ModelInfo) -> dict[str, Parameter]:
        plan = self._plans.get((model, task))
        if plan is None:
            if len(self._plans) >= MAX_REMEMBERED_PLANS:
                self._plans.clear()
            plan = self._plans[model, task] = rules.by_name(self.parameters(model, task))
        return plan

    def _body(self, fields: dict[str, Json], request: ModelRequest, model: ModelInfo, streamed: bool) -> dict[str, Any]:
        body: dict[str, Any] = {"model": model.id, **fields}
        if streamed:
            body["stream"] = _TRUE
            options = {**request.stream_options, "include_usage": True} if request.stream_options else _WITH_USAGE
            body["stream_options"] = options
        return body

    def _add_defaults(self, fields: dict[str, Json], plan: Mapping[str, Parameter], refused: frozenset[str]) -> None:
        """The provider's own limit and temperature, where the request names none and the model takes them."""
        config = self.config
        if config.max_tokens is not None and not {"max_tokens", "max_completion_tokens"} & fields.keys():
            limit = plan["max_tokens"]
            name = limit.sent_as or limit.name
            if name not in refused:
                most = config.max_tokens if limit.maximum is None else min(config.max_tokens, int(limit.maximum))
                fields[name] = Json(b"%d" % most)
        if config.temperature is None or {"temperature"} & (fields.keys() | refused):
            return
        if plan["temperature"].treatment is Treatment.SENT:
            fields["temperature"] = Json(_encode(config.temperature))

    def _first_patience(self, attempt: Attempt, streamed: bool) -> Patience:
        first_token_s = self.config.timeouts.first_token_s
        until = time.monotonic() + first_token_s
        if streamed and until < attempt.deadline:
            return Patience(until, f"sent no token within {first_token_s:g} s")
        return self._last_patience(attempt)

    def _last_patience(self, attempt: Attempt) -> Patience:
        return Patience(attempt.deadline, f"did not finish within {self.config.timeouts.total_s:g} s")

    def _move_patience(self, call: HttpCall, events: list[Event]) -> None:
        """From the first content on, the pause between two pieces counts."""
        patience = call.patience
        if not patience.is_idle:
            if not any(event.has_content for event in events):
                return
            call.patience = patience = Patience(0.0, f"went silent for {self.config.timeouts.idle_s:g} s", is_idle=True)
        until = time.monotonic() + self.config.timeouts.idle_s
        if until < call.attempt.deadline:
            patience.until = until
        else:
            call.patience = self._last_patience(call.attempt)

    # Lists.

    def models(self) -> Sequence[ModelInfo]:
        return self.listed(self.get_json("/models", MODEL_LIST_S))

    def listed(self, document: Any) -> Sequence[ModelInfo]:
        """The models of a decoded list. Raises ProviderProtocol for what is none."""
        items = document.get("data") if isinstance(document, dict) else document
        # Ollama says null when it has none (its openai.go).
        if items is None and isinstance(document, dict) and "data" in document:
            items = []
        if not isinstance(items, list):
            raise self._reader.garbage()
        found = (self.model_of(item) for item in items if isinstance(item, dict) and isinstance(item.get("id"), str))
        return [model for model in found if model is not None]

    def get_json(self, path: str, within_s: float, *, from_root: bool = False) -> Any:
        """A decoded GET reply of a path below the base address, or below the server's root.

        Raises ProviderError, also for an error inside a 200.
        """
        head, data = self.get(path, self._headers, within_s, from_root=from_root)
        if head.status >= 300:
            raise self._reader.refusal(head, data)
        return self.checked_document(data)

    def checked_document(self, data: bytes) -> Any:
        """A decoded body that came with a good status. Raises ProviderError for an error in it, or garbage."""
        if b'"error"' in data:
            self._reader.raise_error_in_whole(data)
        return self._reader.document(data)

    def get(self, path: str, headers: Mapping[str, str], within_s: float, *, from_root: bool) -> tuple[Head, bytes]:
        """Head and body, whatever the status. Raises ProviderError."""
        deadline = time.monotonic() + within_s
        attempt = Attempt(Stop(), deadline)
        patience = Patience(deadline, f"did not list its models within {within_s:g} s")
        pieces = self._http.call(HttpCall("GET", path, headers, b"", patience, attempt, from_root=from_root))
        try:
            return _drained(_head(pieces)), _drained(self._all(pieces))
        finally:
            pieces.close()

    def get_for_sdk(self, path: str, headers: Mapping[str, str]) -> tuple[Head, bytes]:
        """What carries the requests of a vendor's SDK."""
        head, data = self.get(path, headers, MODEL_LIST_S, from_root=True)
        return head, self._reader.without_secrets(data)

    def close(self) -> None:
        self._http.close()

    def _too_large(self) -> ProviderError:
        return ProviderProtocol(f"{self.config.name} sent too large an answer.", provider=self.config.slug)

    def _incomplete(self) -> ProviderError:
        return StreamCut(f"{self.config.name} ended its answer before it was complete.", provider=self.config.slug)


def _choices_of(request: ModelRequest) -> int:
    """How many answers were asked for. Servers that can make only one say so, or end with an end mark."""
    return request.value("n") or 1 if "n" in request.fields else 1


def _note_finished(events: list[Event], finished: set[int]) -> None:
    for event in events:
        for choice in event.body.choices or ():
            if choice.finish_reason:
                finished.add(choice.index)


def _is_stream(head: Head, streamed: bool) -> bool:
    """Some servers can't stream though they were asked to, some can't but stream, and some stream under odd types."""
    kind = head.headers.get("content-type", "")
    return kind.startswith("text/event-stream") or (streamed and not kind.startswith("application/json"))


def _is_page(head: Head) -> bool:
    """Some servers stream under odd types, but none of them as a web page."""
    return head.headers.get("content-type", "").startswith("text/html")


def _head(pieces: Pieces) -> Generator[Burst, None, Head]:
    """The response's head (as the generator's value); empty bursts while the provider is silent."""
    for piece in pieces:
        if isinstance(piece, Head):
            return piece
        yield ()
    raise AssertionError("a call yields a head or raises")


def _drained(steps: Generator[Burst, None, T]) -> T:
    """The value of a generator whose pauses don't matter here."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast("T", end.value)
