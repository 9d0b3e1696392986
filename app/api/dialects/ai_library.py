"""The AI Library backend that older clients know, at /ai-library: one prompt at a time, streamed, kept if wanted.

    POST /api/chat/stream {"model": "openai/gpt-oss-120b", "user_prompt": "Explain", "system_prompt": "Be brief.",
                           "hyperparameters": {"temperature": 0.7, "max_tokens": 2048, "stop": ["END"]},
                           "save_conversation": true, "conversation_id": null}
    data: {"conversation_id": "…", "model": "openai/gpt-oss-120b"}
    data: {"content": "Quantum", "finished": false}
    data: {"content": "", "finished": true}

Failures: {"detail"}, and in a stream the last event {"error", "detail"}.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, Field, field_validator

from app.api.admission import admitted
from app.api.credentials import Credentials
from app.api.faces.face import (
    EVENT_STREAM,
    OF_MODEL_CALLS,
    Face,
    Route,
    body_of,
    chat_request,
    earlier_messages,
    failing_with_detail,
    in_client_words,
    json_reply,
    outside_name,
    refuse_when_strict,
    told_headers,
)
from app.api.model_json import may_see
from app.api.parsing import model_name, wrong
from app.api.shape import Shape
from app.api.streaming import SSE_HEADERS, event_stream, sse
from app.api.wire import WireReply, WireRequest
from app.domain.accounts import Caller
from app.domain.catalog import Task, Treatment
from app.domain.errors import GatewayError, InvalidRequest, ModelNotFound, NotFound, ProviderRejected
from app.domain.events import Burst
from app.domain.requests import ModelRequest
from app.gateway.answer import Answer, Call
from app.gateway.connections import Connections
from app.gateway.conversations.named import MAX_NAME, Answered, Exchange, NamedConversations, Place
from app.gateway.model_lists import ModelLists
from app.gateway.routing import usable_providers
from app.gateway.service import LLMService
from app.gateway.state import State

FACE = "ai-library"
MAX_STOPS = 4
NAMED_MODELS = 20
"""How many models a refusal lists."""
GONE = frozenset({"model_not_found", "model_decommissioned"})
"""Groq's codes: https://console.groq.com/docs/deprecations, https://console.groq.com/docs/errors."""
TAKEN = frozenset({Treatment.SENT, Treatment.RENAMED})


class AiLibraryHyperparameters(Shape):
    """Other names are left out, and named in X-Patchbay-Dropped."""

    model_config = ConfigDict(extra="allow")

    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    max_tokens: int | None = Field(None, ge=1, le=32_000)
    stop: list[str] | None = Field(None, max_length=MAX_STOPS)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    top_k: int | None = Field(None, ge=0, description="Left out where the model does not take it")
    repetition_penalty: float | None = Field(None, ge=0, le=2, description="Left out where the model does not take it")

    @field_validator("stop", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    def everywhere(self) -> dict[str, Any]:
        """Those that every model knows."""
        return self.model_dump(include=_EVERYWHERE)

    def ignored(self) -> list[str]:
        return list(self.model_extra or {})


_EVERYWHERE = {"temperature", "top_p", "max_tokens", "stop", "frequency_penalty", "presence_penalty"}
# What local servers call it.
_OTHER_NAMES = {"top_k": ("top_k",), "repetition_penalty": ("repetition_penalty", "repeat_penalty")}
_CLIENT_WORDS = {
    **{name: f"hyperparameters.{name}" for name in (*_EVERYWHERE, *_OTHER_NAMES)},
    "max_completion_tokens": "hyperparameters.max_tokens",
    "repeat_penalty": "hyperparameters.repetition_penalty",
}


class AiLibraryChat(Shape):
    model: str | None = Field(None, description="A name from the list of models, or an alias")
    user_prompt: str
    system_prompt: str | None = None
    hyperparameters: AiLibraryHyperparameters | None = None
    save_conversation: bool = True
    conversation_id: str | None = Field(None, max_length=MAX_NAME)


@dataclass(frozen=True, slots=True)
class AiLibrary:
    llm: LLMService
    credentials: Credentials
    conversations: NamedConversations
    state: State
    lists: ModelLists
    connections: Connections

    def face(self) -> Face:
        return Face(
            slug=FACE,
            title="AI Library Backend",
            version="1.0.0",
            description="Streamed chats with hyperparameters per model and a history, answered by Patchbay.",
            routes=(
                Route(
                    "POST",
                    "/api/chat/stream",
                    failing_with_detail(self.stream),
                    "Stream a chat completion",
                    _EVENTS,
                    body=AiLibraryChat,
                    example=_EXAMPLE,
                    media_type=EVENT_STREAM,
                    failures=OF_MODEL_CALLS,
                ),
                Route(
                    "GET",
                    "/api/conversations/{id}",
                    failing_with_detail(self.conversation),
                    "Retrieve the history of a conversation",
                    {"conversation_id": "abc-123", "messages": [{"role": "user", "content": "Hello"}]},
                    failures=(404,),
                ),
                Route(
                    "DELETE",
                    "/api/conversations/{id}",
                    failing_with_detail(self.delete),
                    "Delete a conversation",
                    {"status": "deleted", "conversation_id": "abc-123"},
                    failures=(404,),
                ),
                Route(
                    "GET",
                    "/health",
                    failing_with_detail(self.health),
                    "Check server status",
                    {"status": "healthy", "conversations_in_memory": 5},
                ),
            ),
        )

    def stream(self, wire: WireRequest) -> WireReply:
        caller = admitted(self.credentials, wire.headers)
        body = body_of(wire, AiLibraryChat)
        if not body.user_prompt.strip():
            raise wrong("user_prompt", "cannot be empty")
        model = model_name(body.model)
        given = body.hyperparameters or AiLibraryHyperparameters()
        special, ignored = self._special(given, model, caller)
        refuse_when_strict(wire, ignored)
        name, place = _name(body), Place(caller.user_id, FACE)
        earlier = self._earlier(place, name)
        messages = [*_system(body), *earlier_messages(earlier), {"role": "user", "content": body.user_prompt}]
        request = chat_request(model, messages, {**given.everywhere(), **special}, wire, stream=True)
        wire.call = Call(caller, wire.request_id, FACE, wire.started, wire.stop)
        answer = self._answer(request, wire.call)
        kept = self.conversations if body.save_conversation else None
        telling = _Telling(kept, place, name or str(uuid.uuid4()), body, answer)
        return WireReply(200, [*SSE_HEADERS, *told_headers(answer, ignored)], telling.events(wire.request_id))

    def _answer(self, request: ModelRequest, call: Call) -> Answer:
        """Whoever asks for a model that is gone hears which there are, whether we know that or its provider does."""
        try:
            return self.llm.answer(request, call)
        except ModelNotFound as error:
            raise ModelNotFound(f"{error.message}{self._choice(call)}", details=error.details) from error
        except ProviderRejected as error:
            if error.provider_code not in GONE:
                raise
            raise ModelNotFound(f"{error.message.rstrip('.')}.{self._choice(call)}", param="model") from error
        except InvalidRequest as error:
            raise in_client_words(error, _CLIENT_WORDS) from error

    def _special(
        self, given: AiLibraryHyperparameters, model: str | None, caller: Caller
    ) -> tuple[dict[str, Any], list[str]]:
        """Hyperparameters that only some models take, by the names that this one knows, and what is left out."""
        wanted = {name: value for name in _OTHER_NAMES if (value := getattr(given, name)) is not None}
        if not wanted:
            return {}, given.ignored()
        try:
            found = self.llm.resolve(ModelRequest(Task.CHAT, model, {}), caller)
        except GatewayError:
            # Asking says the same, and the ledger has it.
            return {}, given.ignored()
        declared = self.connections.to(found.config).parameters(found.model)
        taken = {one.name for one in declared if one.treatment in TAKEN}
        known = {name: [one for one in _OTHER_NAMES[name] if one in taken] for name in wanted}
        special = {known[name][0]: value for name, value in wanted.items() if known[name]}
        return special, [*(name for name in wanted if not known[name]), *given.ignored()]

    def _earlier(self, place: Place, name: str | None) -> Sequence[Exchange]:
        try:
            return () if name is None else self.conversations.exchanges(place, name)
        except NotFound:
            # It is made when there is something to keep.
            return ()

    def _choice(self, call: Call) -> str:
        gone = None if call.answer is None else call.answer.candidate.model
        listings = self.lists.listings(usable_providers(self.state.current, call.caller))
        models = [
            one
            for listing in listings
            for one in listing.models
            if may_see(call.caller, one) and one.can("chat") and one != gone
        ]
        names = [one.canonical for one in models[:NAMED_MODELS]]
        more = f" and {len(models) - len(names)} more" if len(models) > len(names) else ""
        return f" There are: {', '.join(names)}{more}." if names else ""

    # Conversations.

    def conversation(self, wire: WireRequest, id: str) -> WireReply:  # noqa: A002  # the name in the path
        caller = admitted(self.credentials, wire.headers)
        try:
            exchanges = self.conversations.exchanges(Place(caller.user_id, FACE), id)
        except NotFound as error:
            raise NotFound("Conversation not found") from error
        return json_reply({"conversation_id": id, "messages": earlier_messages(exchanges)})

    def delete(self, wire: WireRequest, id: str) -> WireReply:  # noqa: A002  # the name in the path
        caller = admitted(self.credentials, wire.headers)
        try:
            self.conversations.remove(Place(caller.user_id, FACE), id)
        except NotFound as error:
            raise NotFound("Conversation not found") from error
        return json_reply({"status": "deleted", "conversation_id": id})

    def health(self, wire: WireRequest) -> WireReply:
        caller = admitted(self.credentials, wire.headers)
        count = self.conversations.count(Place(caller.user_id, FACE))
        return json_reply({"status": "healthy", "conversations_in_memory": count})


class _Telling:
    """An answer on its way to the client, and into its conversation when it is complete."""

    def __init__(
        self,
        conversations: NamedConversations | None,
        place: Place,
        conversation_id: str,
        body: AiLibraryChat,
        answer: Answer,
    ) -> None:
        """Without `conversations` nothing is kept."""
        self._conversations = conversations
        self._place = place
        self._conversation_id = conversation_id
        self._body = body
        self._answer = answer
        self._text: list[str] = []
        self._has_begun = False

    def events(self, request_id: str) -> Iterator[bytes]:
        return event_stream(self._answer, request_id, piece=self._contents, ending=self._ending, failure=self._failure)

    def _start(self) -> bytes:
        """Nothing the second time."""
        if self._has_begun:
            return b""
        self._has_begun = True
        return sse({"conversation_id": self._conversation_id, "model": self._answer.model})

    def _contents(self, burst: Burst) -> bytes:
        pieces = [text for event in burst if (text := event.text)]
        self._text += pieces
        return self._start() + b"".join([sse({"content": text, "finished": False}) for text in pieces])

    def _ending(self) -> bytes:
        # Kept first: who hears the end may ask for the conversation at once.
        if self._conversations is not None:
            exchange = Exchange(self._body.user_prompt, "".join(self._text))
            answered = Answered(exchange, self._answer, self._answer.canonical, self._body.system_prompt)
            self._conversations.keep(self._place, self._conversation_id, answered)
        return self._start() + sse({"content": "", "finished": True})

    def _failure(self, error: GatewayError) -> bytes:
        return self._start() + sse({"error": error.told_code, "detail": error.message})


def _name(body: AiLibraryChat) -> str | None:
    name = outside_name("conversation_id", body.conversation_id)
    if name is not None and "/" in name:
        # It stands in an address.
        raise wrong("conversation_id", "must not contain a slash")
    return name


def _system(body: AiLibraryChat) -> list[dict[str, Any]]:
    prompt = body.system_prompt
    return [{"role": "system", "content": prompt}] if prompt and prompt.strip() else []


# What the documents show.

_EXAMPLE: Mapping[str, Any] = {
    "model": "openai/gpt-oss-120b",
    "user_prompt": "Explain quantum computing",
    "system_prompt": "You are a helpful AI assistant.",
    "hyperparameters": {"temperature": 0.7, "top_p": 0.9, "max_tokens": 2048, "stop": ["END"]},
    "save_conversation": True,
    "conversation_id": None,
}
_EVENTS = """data: {"conversation_id": "abc-123", "model": "openai/gpt-oss-120b"}

data: {"content": "Quantum", "finished": false}

data: {"content": " computing", "finished": false}

data: {"content": "", "finished": true}

"""
