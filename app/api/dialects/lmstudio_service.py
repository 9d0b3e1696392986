"""The service around LM Studio that older clients know, at /lmstudio-service.

    POST /chat/stream {"model_key": "qwen3-4b", "messages": [{"role": "user", "content": "hello"}],
                       "config": {"temperature": 0.7, "maxTokens": 100}}
    {"type": "fragment", "content": "Hi"}
    {"type": "done", "model": "qwen3-4b", "predicted_tokens": 1, "stop_reason": "stop"}

Without `stream` in the path: {"model", "content", "stop_reason", "predicted_tokens"}. Failures: {"detail"}, and in a
stream the last line {"type": "error", "detail"}. docs/older-clients.md lists the routes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.api.admission import admitted
from app.api.credentials import Credentials
from app.api.errors import error_headers, http_status
from app.api.faces.face import (
    NDJSON,
    OF_MODEL_CALLS,
    Face,
    Route,
    body_of,
    chat_request,
    failing_with_detail,
    in_client_words,
    json_reply,
    refuse_when_strict,
    told_headers,
    whole_text,
)
from app.api.faces.lmstudio_bodies import (
    ANSWER,
    CLIENT_WORDS,
    EXAMPLES,
    LINES,
    MODEL,
    SUMMARIES,
    Json,
    LMStudioChat,
    LMStudioConfig,
    LMStudioLoad,
    LMStudioUnload,
    Sort,
    openai_message,
)
from app.api.model_json import may_see
from app.api.parsing import model_name, wrong
from app.api.streaming import NDJSON_HEADERS, event_stream, json_line
from app.api.wire import WireReply, WireRequest
from app.domain.accounts import Caller, Permission
from app.domain.catalog import ModelInfo, ModelState
from app.domain.errors import CapabilityNotSupported, GatewayError, InvalidRequest, NoProvider, NotAllowed, TextOnly
from app.domain.events import Burst
from app.domain.lifecycle import LoadWish
from app.domain.pictures import MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS
from app.domain.requests import VISION, ModelRequest
from app.gateway.answer import Answer, Call
from app.gateway.lifecycle import Lifecycle
from app.gateway.model_lists import ModelLists
from app.gateway.routing import default_names, usable_providers
from app.gateway.service import LLMService
from app.gateway.state import State

FACE = "lmstudio-service"
OF_LIFECYCLE = (404, 409, 502, 503, 504)
READY = (ModelState.LOADED, ModelState.REMOTE)


@dataclass(frozen=True, slots=True)
class Defaults:
    """The models of DEFAULT_REGULAR_MODEL and DEFAULT_VISION_MODEL; None: what the settings say."""

    regular: str | None = None
    vision: str | None = None

    def of(self, sort: Sort, *, has_images: bool) -> str | None:
        return self.vision if sort is Sort.VISION or has_images else self.regular


@dataclass(frozen=True, slots=True)
class LMStudioService:
    llm: LLMService
    credentials: Credentials
    state: State
    lists: ModelLists
    lifecycle: Lifecycle
    defaults: Defaults

    def face(self) -> Face:
        return Face(
            slug=FACE,
            title="LM Studio FastAPI Service",
            version="1.0.0",
            description="Models and chats as the service around LM Studio had them, answered by Patchbay.",
            routes=(
                Route("GET", "/health", failing_with_detail(self.health), "Health check", {"status": "healthy"}),
                Route("GET", "/help", failing_with_detail(self.help), "API documentation", {}, is_public=True),
                Route("GET", "/models", failing_with_detail(self.models), "List loaded models", {"models": [MODEL]}),
                Route(
                    "POST",
                    "/models/load",
                    failing_with_detail(self.load),
                    "Load a model",
                    {"loaded": True, "model": "qwen/qwen3-4b-2507"},
                    body=LMStudioLoad,
                    example={"model_key": "qwen/qwen3-4b-2507", "exclusive": True},
                    failures=OF_LIFECYCLE,
                    fails_with={"loaded": False, "error": "Failed to load model: There is no model qwen."},
                ),
                Route(
                    "POST",
                    "/models/unload",
                    failing_with_detail(self.unload),
                    "Unload one model or all",
                    {"unloaded": True, "model": "qwen/qwen3-4b-2507"},
                    body=LMStudioUnload,
                    example={"model_key": "qwen/qwen3-4b-2507"},
                    failures=OF_LIFECYCLE,
                    fails_with={"unloaded": False, "error": "Failed to unload model: There is no model qwen."},
                ),
                *(self._chat_route(sort, stream) for sort in Sort for stream in (False, True)),
            ),
        )

    def _chat_route(self, sort: Sort, stream: bool) -> Route:
        path = "/chat" if sort is Sort.CUSTOM else f"/chat/{sort.value}"
        return Route(
            "POST",
            f"{path}/stream" if stream else path,
            failing_with_detail(partial(self._chat, sort=sort, stream=stream)),
            f"{SUMMARIES[sort]}, {'streamed' if stream else 'whole'}",
            LINES if stream else ANSWER,
            body=LMStudioChat,
            example=EXAMPLES[sort],
            media_type=NDJSON if stream else "application/json",
            failures=OF_MODEL_CALLS,
        )

    # Chats.

    def _chat(self, wire: WireRequest, *, sort: Sort, stream: bool) -> WireReply:
        caller = admitted(self.credentials, wire.headers)
        body = body_of(wire, LMStudioChat)
        config = body.config or LMStudioConfig()
        refuse_when_strict(wire, body.ignored())
        request = self._request(body, config, sort, wire, stream=stream)
        answer = self._answer(request, wire, caller)
        if stream:
            headers = [*NDJSON_HEADERS, *told_headers(answer, body.ignored())]
            return WireReply(200, headers, ndjson(answer, wire.request_id))
        text = whole_text(answer)
        document = {
            "model": answer.model,
            "content": text,
            "stop_reason": answer.finish_reason,
            "predicted_tokens": answer.usage.completion_tokens,
        }
        return json_reply(document, headers=told_headers(answer, body.ignored()))

    def _request(
        self, body: LMStudioChat, config: LMStudioConfig, sort: Sort, wire: WireRequest, *, stream: bool
    ) -> ModelRequest:
        has_images = any(message.images for message in body.messages)
        if has_images and sort is Sort.REGULAR:
            raise wrong("messages.images", "can't be sent to a text-only chat; use /chat/vision")
        messages = [openai_message(position, message) for position, message in enumerate(body.messages)]
        model = model_name(body.model_key) or self.defaults.of(sort, has_images=has_images)
        # What a vision chat needs decides which default answers; a text alone can be read by every model.
        needs_vision = has_images or (sort is Sort.VISION and model is None)
        needs = frozenset({VISION}) if needs_vision else frozenset[str]()
        return chat_request(model, messages, config.parameters(), wire, stream=stream, needs=needs)

    def _answer(self, request: ModelRequest, wire: WireRequest, caller: Caller) -> Answer:
        wire.call = Call(caller, wire.request_id, FACE, wire.started, wire.stop)
        try:
            return self.llm.answer(request, wire.call)
        except TextOnly:
            raise
        except CapabilityNotSupported as error:
            if request.model is None:
                raise NoProvider(_no_model(request)) from error
            raise
        except InvalidRequest as error:
            raise in_client_words(error, CLIENT_WORDS) from error

    # Models in memory.

    def load(self, wire: WireRequest) -> WireReply:
        caller = self._loader(wire)
        body = body_of(wire, LMStudioLoad)

        def act() -> Json:
            reference = model_name(body.model_key) or self._default_name(caller)
            wish = LoadWish(context_length=body.context_length)
            operation = self.lifecycle.load(caller, reference, wish, body.exclusive, request_id=wire.request_id)
            self.lifecycle.wait(operation, wire.stop)
            return {"model": body.model_key or reference}

        return _done("load", act)

    def unload(self, wire: WireRequest) -> WireReply:
        caller = self._loader(wire)
        body = body_of(wire, LMStudioUnload)
        if body.unload_all == (body.model_key is not None):
            raise wrong("model_key", "is required, or unload_all: true in its place")

        def act() -> Json:
            operation = self.lifecycle.unload(caller, body.model_key, all=body.unload_all, request_id=wire.request_id)
            result = self.lifecycle.wait(operation, wire.stop).result or {}
            return {"model": body.model_key} if body.model_key else {"models": list(result.get("unloaded", ()))}

        return _done("unload", act)

    def _loader(self, wire: WireRequest) -> Caller:
        """Raises NotAllowed before the body is looked at."""
        caller = admitted(self.credentials, wire.headers)
        if not caller.may(Permission.LOAD_MODELS):
            raise NotAllowed(f"This needs the permission {Permission.LOAD_MODELS.value}.")
        return caller

    def _default_name(self, caller: Caller) -> str:
        snapshot = self.state.current
        name = self.defaults.regular or default_names(snapshot, usable_providers(snapshot, caller)).chat
        if name is None:
            raise wrong("model_key", "is required: no default model is set")
        return name

    # Everything else.

    def health(self, wire: WireRequest) -> WireReply:
        caller = admitted(self.credentials, wire.headers)
        ready = [model for model in self._models(caller) if model.state in READY]
        return json_reply({"status": "healthy", "models_ready": len(ready)})

    def help(self, wire: WireRequest) -> WireReply:
        face = self.face()
        return json_reply(
            {
                "service": face.title,
                "version": face.version,
                "description": face.description,
                "authentication": "Authorization: Bearer <key>, or X-API-Key: <key>; without: /help, /docs, /redoc",
                "endpoints": [
                    {
                        "method": route.method,
                        "path": route.path,
                        "description": route.summary,
                        **({"example": dict(route.example)} if route.example else {}),
                    }
                    for route in face.routes
                ],
                "config": sorted({name for name in CLIENT_WORDS.values() if name.startswith("config.")}),
                "images": {
                    "types": ["image/jpeg", "image/png", "image/webp"],
                    "max_bytes": MAX_IMAGE_BYTES,
                    "max_pixels": MAX_IMAGE_PIXELS,
                },
            }
        )

    def models(self, wire: WireRequest) -> WireReply:
        caller = admitted(self.credentials, wire.headers)
        ready = [model for model in self._models(caller) if model.state in READY]
        return json_reply({"models": [_model_json(model) for model in ready]})

    def _models(self, caller: Caller) -> list[ModelInfo]:
        """What the caller may use, loaded or not."""
        providers = usable_providers(self.state.current, caller)
        return [
            model for listing in self.lists.listings(providers) for model in listing.models if may_see(caller, model)
        ]


def _done(verb: str, act: Callable[[], Json]) -> WireReply:
    """`{"loaded": true, …}`, or false with the reason and its status; a client looks at the word alone."""
    try:
        return json_reply({f"{verb}ed": True, **act()})
    except GatewayError as error:
        body = {f"{verb}ed": False, "error": f"Failed to {verb} model: {error.message}"}
        return json_reply(body, http_status(error), error_headers(error))


def _no_model(request: ModelRequest) -> str:
    sort = "vision" if VISION in request.needs else "chat"
    return (
        "Chat service unavailable: No model loaded. Name one in model_key, or let an administrator set a default"
        f" {sort} model."
    )


def _model_json(model: ModelInfo) -> dict[str, Any]:
    return {
        "model_key": model.canonical,
        "id": model.id,
        "type": model.type.value,
        "state": model.state.value,
        "context_length": model.loaded_context_length or model.max_context_length,
        "provider": model.provider,
    }


def ndjson(answer: Answer, request_id: str) -> Iterator[bytes]:
    return event_stream(
        answer,
        request_id,
        piece=_fragments,
        ending=lambda: json_line(
            {
                "type": "done",
                "model": answer.model,
                "predicted_tokens": answer.usage.completion_tokens,
                "stop_reason": answer.finish_reason,
            }
        ),
        failure=lambda error: json_line({"type": "error", "detail": error.message}),
        # A client reads every line as JSON with a type that it knows.
        silence=b"",
    )


def _fragments(burst: Burst) -> bytes:
    return b"".join([json_line({"type": "fragment", "content": text}) for event in burst if (text := event.text)])
