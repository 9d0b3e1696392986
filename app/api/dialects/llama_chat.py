"""The LLaMA chat service that older clients know, at /llama-chat: one model, and sessions that it remembers.

    POST /chat/stream {"message": "Hello", "session_id": "mine", "temperature": 0.7, "max_tokens": 512, "top_p": 0.9}
    data: {"token": "Hi"}
    data: {"done": true, "session_id": "mine"}

POST /chat answers {"response", "session_id", "tokens_used"}. Failures: {"detail"}, and in a stream the last event
{"error", "detail"}. A session is a conversation of its caller; the default chat model answers.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import Field

from app.api.admission import admitted
from app.api.credentials import Credentials
from app.api.errors import http_status
from app.api.faces.face import (
    EVENT_STREAM,
    Face,
    Route,
    body_of,
    chat_request,
    earlier_messages,
    failing_with_detail,
    json_reply,
    outside_name,
    told_headers,
    whole_text,
)
from app.api.shape import Shape
from app.api.streaming import SSE_HEADERS, event_stream, sse
from app.api.wire import WireReply, WireRequest
from app.domain.accounts import Caller
from app.domain.catalog import HealthState, Task
from app.domain.errors import (
    CapabilityNotSupported,
    GatewayError,
    InvalidRequest,
    ModelNotFound,
    NoProvider,
    NotFound,
    Problem,
    ProviderError,
)
from app.domain.events import Burst
from app.domain.requests import ModelRequest
from app.domain.usage import TokenSource
from app.gateway.answer import Answer, Call
from app.gateway.conversations.named import MAX_NAME, Answered, Exchange, NamedConversations, Place
from app.gateway.health import Health
from app.gateway.model_lists import ModelLists
from app.gateway.service import LLMService

FACE = "llama-chat"
REMEMBERED = 5
"""Exchanges before the message that are sent with it."""
LOOKED_S = 15.0
"""How old what is known of the provider may be when somebody asks for its health."""


class LlamaChatBody(Shape):
    message: str
    session_id: str | None = Field(None, max_length=MAX_NAME, description="Made where it is not given, or new")
    temperature: float | None = Field(0.7, ge=0, le=2)
    max_tokens: int | None = Field(512, ge=1)
    top_p: float | None = Field(0.9, ge=0, le=1)


class LlamaChatSession(Shape):
    session_id: str = Field(max_length=MAX_NAME)


@dataclass(frozen=True, slots=True)
class LlamaChat:
    llm: LLMService
    credentials: Credentials
    sessions: NamedConversations
    lists: ModelLists
    health_of: Health

    def face(self) -> Face:
        return Face(
            slug=FACE,
            title="LLaMA Chat API",
            version="1.0.0",
            description="Chats with a memory of five exchanges, answered by Patchbay's default chat model.",
            routes=(
                Route("GET", "/", failing_with_detail(self.info), "Basic service information", _INFO),
                Route(
                    "GET",
                    "/health",
                    failing_with_detail(self.health),
                    "Check if a model can answer",
                    {"status": "healthy", "model_loaded": True},
                    failures=(503,),
                ),
                self._chat_route("/chat", "Send a message and receive a complete response", stream=False),
                self._chat_route("/chat/stream", "Send a message and receive the response in pieces", stream=True),
                Route(
                    "POST",
                    "/chat/clear",
                    failing_with_detail(self.clear),
                    "Clear the history of a session",
                    {"status": "cleared", "session_id": _SESSION},
                    body=LlamaChatSession,
                    example={"session_id": _SESSION},
                    failures=(404,),
                ),
                Route(
                    "GET",
                    "/sessions",
                    failing_with_detail(self.list_sessions),
                    "List all active sessions",
                    {"sessions": [_SESSION], "count": 1},
                ),
            ),
        )

    def _chat_route(self, path: str, summary: str, *, stream: bool) -> Route:
        return Route(
            "POST",
            path,
            failing_with_detail(partial(self._chat, stream=stream), _detail_body, _status),
            summary,
            _EVENTS if stream else {"response": "Hello!", "session_id": _SESSION, "tokens_used": 42},
            body=LlamaChatBody,
            example={"message": "What is Python?", "temperature": 0.7},
            media_type=EVENT_STREAM if stream else "application/json",
            failures=(429, 500, 503),
        )

    # Chats.

    def _chat(self, wire: WireRequest, *, stream: bool) -> WireReply:
        caller = admitted(self.credentials, wire.headers)
        body = body_of(wire, LlamaChatBody)
        if not body.message.strip():
            raise InvalidRequest("Message cannot be empty", details=[Problem("message", "cannot be empty")])
        session_id = outside_name("session_id", body.session_id) or str(uuid.uuid4())
        place = Place(caller.user_id, FACE)
        request = _request(body, self._remembered(place, session_id), wire, stream=stream)
        answer = self._answer(request, wire, caller)
        telling = _Telling(self.sessions, place, session_id, body.message, answer)
        if stream:
            return WireReply(200, [*SSE_HEADERS, *told_headers(answer)], telling.events(wire.request_id))
        telling.text.append(whole_text(answer))
        telling.keep()
        usage = answer.usage
        document = {
            "response": "".join(telling.text),
            "session_id": session_id,
            "tokens_used": None if usage.source is TokenSource.ABSENT else usage.total_tokens,
        }
        return json_reply(document, headers=told_headers(answer))

    def _remembered(self, place: Place, session_id: str) -> Sequence[Exchange]:
        try:
            return self.sessions.exchanges(place, session_id)[-REMEMBERED:]
        except NotFound:
            # It is made when there is something to remember.
            return ()

    def _answer(self, request: ModelRequest, wire: WireRequest, caller: Caller) -> Answer:
        wire.call = Call(caller, wire.request_id, FACE, wire.started, wire.stop)
        try:
            return self.llm.answer(request, wire.call)
        except (CapabilityNotSupported, ModelNotFound) as error:
            words = "Model not loaded: an administrator has to set a default chat model that is there."
            raise NoProvider(words) from error

    # Everything else.

    def info(self, wire: WireRequest) -> WireReply:
        admitted(self.credentials, wire.headers)
        return json_reply(_INFO)

    def health(self, wire: WireRequest) -> WireReply:
        can_answer = self._can_answer(admitted(self.credentials, wire.headers))
        status = "healthy" if can_answer else "unhealthy"
        return json_reply({"status": status, "model_loaded": can_answer}, 200 if can_answer else 503)

    def _can_answer(self, caller: Caller) -> bool:
        """Whether there is a default chat model that the caller may use, and its provider is there."""
        try:
            config = self.llm.resolve(ModelRequest(Task.CHAT, None, {}), caller).config
        except GatewayError:
            return False
        [listing] = self.lists.listings([config])
        age_s = listing.age_s()
        if age_s is None or age_s > LOOKED_S:
            [listing] = self.lists.listings([config], refresh=True)
        return listing.error is None and self.health_of.status(config.id).state is not HealthState.DOWN

    def clear(self, wire: WireRequest) -> WireReply:
        caller = admitted(self.credentials, wire.headers)
        session_id = body_of(wire, LlamaChatSession).session_id
        try:
            self.sessions.remove(Place(caller.user_id, FACE), session_id)
        except NotFound as error:
            raise NotFound("Session not found") from error
        return json_reply({"status": "cleared", "session_id": session_id})

    def list_sessions(self, wire: WireRequest) -> WireReply:
        caller = admitted(self.credentials, wire.headers)
        names = self.sessions.names(Place(caller.user_id, FACE))
        return json_reply({"sessions": list(names), "count": len(names)})


class _Telling:
    """An answer on its way to the client, and into its session when it is complete."""

    def __init__(
        self, sessions: NamedConversations, place: Place, session_id: str, message: str, answer: Answer
    ) -> None:
        self._sessions = sessions
        self._place = place
        self._session_id = session_id
        self._message = message
        self._answer = answer
        self.text: list[str] = []

    def keep(self) -> None:
        exchange = Exchange(self._message, "".join(self.text))
        self._sessions.keep(self._place, self._session_id, Answered(exchange, self._answer))

    def events(self, request_id: str) -> Iterator[bytes]:
        return event_stream(self._answer, request_id, piece=self._tokens, ending=self._ending, failure=_failure)

    def _tokens(self, burst: Burst) -> bytes:
        pieces = [text for event in burst if (text := event.text)]
        self.text += pieces
        return b"".join([sse({"token": text}) for text in pieces])

    def _ending(self) -> bytes:
        # Kept first: who hears the end may go on in the session at once.
        self.keep()
        return sse({"done": True, "session_id": self._session_id})


def _request(body: LlamaChatBody, remembered: Sequence[Exchange], wire: WireRequest, *, stream: bool) -> ModelRequest:
    messages = [*earlier_messages(remembered), {"role": "user", "content": body.message}]
    parameters = {"temperature": body.temperature, "max_tokens": body.max_tokens, "top_p": body.top_p}
    return chat_request(None, messages, parameters, wire, stream=stream)


def _detail(error: GatewayError) -> str:
    return f"Generation error: {error.message}" if isinstance(error, ProviderError) else error.message


def _detail_body(error: GatewayError, request_id: str) -> dict[str, Any]:
    return {"detail": _detail(error)}


def _status(error: GatewayError) -> int:
    """Its clients know 500 for whatever goes wrong while the model is asked."""
    return 500 if isinstance(error, ProviderError) else http_status(error)


def _failure(error: GatewayError) -> bytes:
    return sse({"error": error.told_code, "detail": _detail(error)})


# What the documents show.

_INFO = {"service": "LLaMA Chat API", "version": "1.0.0", "docs": "/docs", "health": "/health"}
_SESSION = "550e8400-e29b-41d4-a716-446655440000"
_EVENTS = f'''data: {{"token": "Hello"}}

data: {{"token": "!"}}

data: {{"done": true, "session_id": "{_SESSION}"}}

'''
