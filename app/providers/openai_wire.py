"""OpenAI's format once, as a base class for every compatible vendor.

Source: https://platform.openai.com/docs/api-reference. A body is forwarded as it came, with only `model`, the stream
options and the parameters that the vendor names differently changed; an answer's bytes are kept.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeVar, cast

import msgspec

from app.domain.catalog import ModelInfo, ModelState, ModelType, Parameter, ProviderConfig, Scope, Task
from app.domain.errors import ProviderError, ProviderProtocol, ProviderRejected, StreamCut
from app.domain.events import AnswerBody, Burst, Chunk, Event, Whole
from app.domain.requests import Json, ModelRequest
from app.domain.stopping import Stop
from app.providers import parameters as rules
from app.providers.base import Attempt, Provider, Surroundings
from app.providers.http.client import Head, HttpCall, HttpClient, Patience
from app.providers.http.connection import tls_context
from app.providers.http.target import Target
from app.providers.joining import Joiner
from app.providers.sse import EventCutter, EventTooLarge
from app.providers.wire_errors import from_event, from_reply

MODEL_LIST_S = 5.0
AFTER_DONE_S = 1.0
MAX_REPLY_BYTES = 256 * 1024 * 1024

_encode = msgspec.json.Encoder().encode
_decode_answer = msgspec.json.Decoder(AnswerBody).decode
_decode_any = msgspec.json.Decoder().decode
_TRUE = Json(b"true")
_WITH_USAGE = Json(b'{"include_usage":true}')

T = TypeVar("T")
Pieces = Generator[Head | bytes | None, None, None]

PATHS = {Task.CHAT: "/chat/completions", Task.COMPLETION: "/completions", Task.EMBEDDING: "/embeddings"}


class OpenAIWire(Provider):
    """A server that speaks OpenAI's chat completions. Vendors change what differs."""

    LEARNS_FROM_REFUSALS: ClassVar[bool] = False
    """Whether a parameter that the server names as unsupported is left out and the call made once more."""

    def __init__(self, config: ProviderConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        allow_private = config.scope is Scope.SHARED or around.allow_private
        self._http = HttpClient(Target.of(config, allow_private=allow_private), config.name)
        self._headers = self.request_headers(config.api_key)
        self._plans: dict[tuple[str, Task], dict[str, Parameter]] = {}
        self._refused: dict[str, set[str]] = {}

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

    # Answering.

    def answer(self, request: ModelRequest, model: ModelInfo, attempt: Attempt) -> Iterator[Burst]:
        fields, attempt.dropped = self._prepared(request, model, without=self._refused.get(model.id, frozenset()))
        streamed = request.stream or (self.must_be_streamed(model) and request.task is not Task.EMBEDDING)
        try:
            yield from self._answer_once(request, model, attempt, fields, streamed)
        except ProviderRejected as error:
            if not self._learns(error, request, model):
                raise
            fields, attempt.dropped = self._prepared(request, model, without=self._refused[model.id])
            yield from self._answer_once(request, model, attempt, fields, streamed)

    def _answer_once(
        self, request: ModelRequest, model: ModelInfo, attempt: Attempt, fields: dict[str, Json], streamed: bool
    ) -> Iterator[Burst]:
        body = self._body(fields, request, model, streamed)
        patience = self._first_patience(attempt, streamed)
        call = HttpCall("POST", PATHS[request.task], self._headers, body, patience, attempt)
        pieces = self._http.call(call)
        try:
            head = yield from _head(pieces)
            if head.status >= 300:
                raise from_reply(self.config.name, head.status, head.headers, (yield from self._all(pieces)))
            if _is_page(head):
                raise self._garbage()
            if not streamed or _is_json(head):
                yield (self._whole((yield from self._all(pieces))),)
            elif request.stream:
                yield from self._stream(pieces, call)
            else:
                yield from self._joined(pieces, call)
        finally:
            pieces.close()

    def _stream(self, pieces: Pieces, call: HttpCall) -> Iterator[Burst]:
        """Bursts until the stream's end. Raises StreamCut (from below or here) when it is not complete."""
        cutter, ended, finished = EventCutter(), False, False
        for piece in pieces:
            if piece is None:
                if not ended:
                    yield ()
                continue
            assert isinstance(piece, bytes)
            events, done = self._events(self._cut(cutter, piece))
            ended = ended or done
            if events:
                finished = finished or any(event.finish_reason is not None for event in events)
                self._move_patience(call, events)
                yield tuple(events)
            if ended:
                call.patience.until = min(call.patience.until, time.monotonic() + AFTER_DONE_S)
        events, done = self._events(cutter.rest())
        if events:
            yield tuple(events)
        if not (ended or done or finished or any(event.finish_reason is not None for event in events)):
            raise self._incomplete()

    def _joined(self, pieces: Pieces, call: HttpCall) -> Iterator[Burst]:
        joiner = Joiner()
        for burst in self._stream(pieces, call):
            if not burst:
                yield ()
            for event in burst:
                joiner.add(event.data)
        yield (self._whole(joiner.joined()),)

    def _events(self, datas: list[bytes]) -> tuple[list[Event], bool]:
        """The chunks among `datas`, and whether `[DONE]` was there. Raises the error that an event carries."""
        events: list[Event] = []
        for data in datas:
            if data == b"[DONE]":
                return events, True
            if b'"error"' in data:
                self._raise_error_in(data)
            events.append(Chunk(data, self._decoded(data)))
        return events, False

    def _raise_error_in(self, data: bytes) -> None:
        error = from_event(self.config.name, self._document(data))
        if error is not None:
            raise error

    def _decoded(self, data: bytes) -> AnswerBody:
        try:
            return _decode_answer(data)
        except msgspec.ValidationError:
            return self._decoded_leniently(data)
        except msgspec.DecodeError as error:
            raise self._garbage() from error

    def _decoded_leniently(self, data: bytes) -> AnswerBody:
        """For servers that send numbers as text and the like."""
        try:
            return msgspec.convert(self._document(data), AnswerBody, strict=False)
        except msgspec.ValidationError as error:
            raise self._garbage() from error

    def _document(self, data: bytes) -> Any:
        try:
            return _decode_any(data)
        except msgspec.DecodeError as error:
            raise self._garbage() from error

    def _cut(self, cutter: EventCutter, piece: bytes) -> list[bytes]:
        try:
            return cutter.feed(piece)
        except EventTooLarge as error:
            raise ProviderProtocol(
                f"{self.config.name} sent an event that is too large.", provider=self.config.slug
            ) from error

    def _whole(self, data: bytes) -> Whole:
        """A complete answer. Raises what an error inside a 200 says, and ProviderProtocol for anything unreadable."""
        if b'"error"' in data:
            error = from_event(self.config.name, self._document(data))
            if error is not None:
                # A server that answers 200 and an error would do so again (LM Studio for unknown paths).
                raise error if error.status is not None or error.provider_code else self._failed_in_200(error)
        body = self._decoded(data)
        if body.choices is None and b'"data"' not in data:
            raise self._garbage()
        return Whole(data, body)

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
                raise ProviderProtocol(f"{self.config.name} sent too large an answer.", provider=self.config.slug)
        return b"".join(parts)

    # Requests.

    def _prepared(
        self, request: ModelRequest, model: ModelInfo, *, without: frozenset[str] | set[str]
    ) -> tuple[dict[str, Json], tuple[str, ...]]:
        fields: Mapping[str, Json] = request.fields
        refused = tuple(name for name in without if name in fields)
        if refused:
            fields = {name: value for name, value in fields.items() if name not in without}
        sent, left_out = rules.apply(fields, self._plan(request.task, model), strict=request.strict)
        return self.adjusted(sent), refused + left_out

    def _plan(self, task: Task, model: ModelInfo) -> dict[str, Parameter]:
        plan = self._plans.get((model.id, task))
        if plan is None:
            plan = self._plans[model.id, task] = rules.by_name(self.parameters(model, task))
        return plan

    def _body(self, fields: dict[str, Json], request: ModelRequest, model: ModelInfo, streamed: bool) -> bytes:
        body: dict[str, Any] = {"model": model.id, **fields}
        if request.task is not Task.EMBEDDING:
            self._add_defaults(body, request.task, model)
        if streamed:
            body["stream"] = _TRUE
            options = {**request.stream_options, "include_usage": True} if request.stream_options else _WITH_USAGE
            body["stream_options"] = options
        return _encode(body)

    def _add_defaults(self, body: dict[str, Any], task: Task, model: ModelInfo) -> None:
        """The provider's own limit and temperature, where the request names none."""
        config, plan = self.config, self._plan(task, model)
        if config.max_tokens is not None and not {"max_tokens", "max_completion_tokens"} & body.keys():
            parameter = plan.get("max_tokens")
            body[(parameter and parameter.sent_as) or "max_tokens"] = config.max_tokens
        if config.temperature is not None and "temperature" not in body:
            parameter = plan.get("temperature")
            if parameter is None or parameter.treatment.value == "sent":
                body["temperature"] = config.temperature

    def _learns(self, error: ProviderRejected, request: ModelRequest, model: ModelInfo) -> bool:
        """Whether the refused parameter is remembered, so that the call can be made without it."""
        name = error.param
        learnable = error.provider_code in ("unsupported_parameter", "unsupported_value")
        if not (self.LEARNS_FROM_REFUSALS and learnable and name in request.fields) or request.strict:
            return False
        if name is None or name in ("model", "messages", "input", "prompt", "tools", "stream"):
            return False
        refused = self._refused.setdefault(model.id, set())
        if name in refused:
            return False
        refused.add(name)
        return True

    def _first_patience(self, attempt: Attempt, streamed: bool) -> Patience:
        timeouts = self.config.timeouts
        until = time.monotonic() + timeouts.first_token_s
        if streamed and until < attempt.deadline:
            return Patience(until, f"sent no token within {timeouts.first_token_s:g} s")
        return Patience(attempt.deadline, f"did not finish within {timeouts.total_s:g} s")

    def _move_patience(self, call: HttpCall, events: list[Event]) -> None:
        """From the first content on, the pause between two pieces counts."""
        idle_s = self.config.timeouts.idle_s
        words = f"went silent for {idle_s:g} s"
        if call.patience.words == words or any(event.has_content for event in events):
            call.patience.until = time.monotonic() + idle_s
            call.patience.words = words
            if call.patience.until > call.attempt.deadline:
                call.patience.until = call.attempt.deadline

    # Lists.

    def models(self) -> Sequence[ModelInfo]:
        document = self.get_json("/models", MODEL_LIST_S)
        items = document.get("data") if isinstance(document, dict) else document
        # Ollama says null when it has none (its openai.go).
        if items is None and isinstance(document, dict) and "data" in document:
            items = []
        if not isinstance(items, list):
            raise self._garbage()
        found = (self.model_of(item) for item in items if isinstance(item, dict) and isinstance(item.get("id"), str))
        return [model for model in found if model is not None]

    def get_json(self, path: str, within_s: float, *, from_root: bool = False) -> Any:
        """A decoded GET reply of a path below the base address, or below the server's root.

        Raises ProviderError, also for an error inside a 200.
        """
        deadline = time.monotonic() + within_s
        attempt = Attempt(Stop(), deadline)
        patience = Patience(deadline, f"did not list its models within {within_s:g} s")
        pieces = self._http.call(HttpCall("GET", path, self._headers, b"", patience, attempt, from_root=from_root))
        try:
            head = _drained(_head(pieces))
            data = _drained(self._all(pieces))
        finally:
            pieces.close()
        if head.status >= 300:
            raise from_reply(self.config.name, head.status, head.headers, data)
        document = self._document(data)
        error = from_event(self.config.name, document)
        if error is not None:
            raise error
        return document

    def verification(self) -> ssl.SSLContext:
        """How certificates are verified, for SDKs: as the hot path does it."""
        return tls_context(self.config.ca_pem)

    def close(self) -> None:
        self._http.close()

    def _garbage(self) -> ProviderError:
        return ProviderProtocol(f"{self.config.name} sent something that can't be read.", provider=self.config.slug)

    def _failed_in_200(self, error: ProviderError) -> ProviderError:
        return ProviderProtocol(error.message, provider=self.config.slug)

    def _incomplete(self) -> ProviderError:
        return StreamCut(f"{self.config.name} ended its answer before it was complete.", provider=self.config.slug)


def plain_model(slug: str, item: Mapping[str, Any]) -> ModelInfo:
    """A model of a list that says little: type and abilities are read from what the vendors of today add."""
    identifier = str(item["id"])
    kind = _type_of(identifier, item)
    return ModelInfo(
        id=identifier,
        provider=slug,
        name=str(item.get("name") or identifier),
        type=kind,
        state=ModelState.REMOTE,
        max_context_length=_context_of(item),
        max_output_tokens=_first_int(item, "max_completion_tokens", "max_output_length"),
        owned_by=_text(item.get("owned_by")),
        created=item["created"] if isinstance(item.get("created"), int) else None,
        capabilities=("embedding",) if kind is ModelType.EMBEDDINGS else ("chat", "completion"),
    )


def _type_of(identifier: str, item: Mapping[str, Any]) -> ModelType:
    if "embed" in identifier.lower():
        return ModelType.EMBEDDINGS
    modalities = item.get("input_modalities") or (item.get("architecture") or {}).get("input_modalities") or ()
    return ModelType.VLM if "image" in modalities else ModelType.LLM


def _context_of(item: Mapping[str, Any]) -> int | None:
    """Groq, OpenRouter, vLLM and llama.cpp each have a name of their own for it."""
    found = _first_int(item, "context_window", "context_length", "max_model_len", "max_context_length")
    meta = item.get("meta")
    return found if found is not None or not isinstance(meta, dict) else _first_int(meta, "n_ctx", "n_ctx_train")


def _first_int(item: Mapping[str, Any], *names: str) -> int | None:
    return next((item[name] for name in names if isinstance(item.get(name), int)), None)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _is_json(head: Head) -> bool:
    return head.headers.get("content-type", "").startswith("application/json")


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
