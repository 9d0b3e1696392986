"""The service around LM Studio that older clients know, at /lmstudio-service.

    POST /chat/stream {"model_key": "qwen3-4b", "messages": [{"role": "user", "content": "hello"}],
                       "config": {"temperature": 0.7, "maxTokens": 100}}
    {"type": "fragment", "content": "Hi"}
    {"type": "done", "model": "qwen3-4b", "predicted_tokens": 1, "stop_reason": "stop"}

Without `stream` in the path: {"model", "content", "stop_reason", "predicted_tokens"}. Failures: {"detail"}, and in a
stream the last line {"type": "error", "detail"}. docs/older-clients.md lists the routes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Literal

from pydantic import ConfigDict, Field

from app.api.admission import admitted
from app.api.credentials import Credentials
from app.api.errors import error_headers, http_status
from app.api.messages import MAX_MESSAGES
from app.api.model_json import may_see
from app.api.older_faces import (
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
from app.api.parsing import model_name, wrong
from app.api.shape import Shape
from app.api.streaming import NDJSON_HEADERS, event_stream, json_line
from app.api.wire import WireReply, WireRequest
from app.domain.accounts import Caller, Permission
from app.domain.catalog import ModelInfo, ModelState
from app.domain.errors import CapabilityNotSupported, GatewayError, InvalidRequest, NoProvider, NotAllowed
from app.domain.events import Burst
from app.domain.lifecycle import LoadWish
from app.domain.requests import ModelRequest
from app.gateway.answer import Answer, Call
from app.gateway.conversations.pictures import picture_of
from app.gateway.lifecycle import Lifecycle
from app.gateway.model_lists import ModelLists
from app.gateway.routing import default_names, usable_providers
from app.gateway.service import LLMService
from app.gateway.state import State

FACE = "lmstudio-service"
MAX_IMAGE_BYTES = 10_000_000
MAX_IMAGE_PIXELS = 50_000_000
Json = dict[str, Any]
OF_LIFECYCLE = (404, 409, 502, 503, 504)
READY = (ModelState.LOADED, ModelState.REMOTE)


class Sort(StrEnum):
    """Which model answers where none is named, and whether images may come."""

    CUSTOM = "custom"
    REGULAR = "regular"
    VISION = "vision"


class LMStudioImage(Shape):
    data_base64: str = Field(min_length=1, description="Base64, or a whole data URL")
    mime_type: str | None = Field(None, description="image/jpeg, image/png or image/webp; the content decides")


class LMStudioMessage(Shape):
    role: Literal["system", "user", "assistant"]
    content: str = ""
    images: list[LMStudioImage] | None = None


class LMStudioConfig(Shape):
    """Other names are left out, and named in X-Patchbay-Dropped."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    temperature: float | None = Field(None, ge=0, le=2)
    max_tokens: int | None = Field(None, alias="maxTokens", ge=-1, description="-1: as many as the model likes")
    top_p: float | None = Field(None, alias="topP", ge=0, le=1)
    presence_penalty: float | None = Field(None, alias="presencePenalty", ge=-2, le=2)
    frequency_penalty: float | None = Field(None, alias="frequencyPenalty", ge=-2, le=2)

    def parameters(self) -> dict[str, Any]:
        return {
            "temperature": self.temperature,
            "max_tokens": None if self.max_tokens == -1 else self.max_tokens,
            "top_p": self.top_p,
            "presence_penalty": self.presence_penalty,
            "frequency_penalty": self.frequency_penalty,
        }

    def ignored(self) -> list[str]:
        return list(self.model_extra or {})


class LMStudioLoad(Shape):
    model_key: str | None = Field(None, description="Unless given, the default for text-only chats")
    exclusive: bool = Field(False, description="Unload every other model of its provider first")
    context_length: int | None = Field(None, ge=1)


class LMStudioUnload(Shape):
    model_key: str | None = None
    unload_all: bool = Field(False, description="Every model of every provider that can unload, in place of one")


class LMStudioChat(Shape):
    model_key: str | None = Field(None, description="Unless given, the default for this sort of chat")
    messages: list[LMStudioMessage] = Field(min_length=1, max_length=MAX_MESSAGES)
    config: LMStudioConfig | None = None


_CLIENT_WORDS = {
    "temperature": "config.temperature",
    "max_tokens": "config.maxTokens",
    "max_completion_tokens": "config.maxTokens",
    "top_p": "config.topP",
    "presence_penalty": "config.presencePenalty",
    "frequency_penalty": "config.frequencyPenalty",
}


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
                Route("GET", "/models", failing_with_detail(self.models), "List loaded models", {"models": [_MODEL]}),
                Route(
                    "POST",
                    "/models/load",
                    failing_with_detail(self.load),
                    "Load a model",
                    {"loaded": True, "model": "qwen/qwen3-4b-2507"},
                    body=LMStudioLoad,
                    example={"model_key": "qwen/qwen3-4b-2507", "exclusive": True},
                    failures=OF_LIFECYCLE,
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
            f"{_SUMMARIES[sort]}, {'streamed' if stream else 'whole'}",
            _LINES if stream else _ANSWER,
            body=LMStudioChat,
            example=_EXAMPLES[sort],
            media_type=NDJSON if stream else "application/json",
            failures=OF_MODEL_CALLS,
        )

    # Chats.

    def _chat(self, wire: WireRequest, *, sort: Sort, stream: bool) -> WireReply:
        caller = admitted(self.credentials, wire.headers)
        body = body_of(wire, LMStudioChat)
        config = body.config or LMStudioConfig()
        refuse_when_strict(wire, config.ignored())
        request = self._request(body, config, sort, wire, stream=stream)
        self._check_reads_images(request, caller)
        answer = self._answer(request, wire, caller)
        if stream:
            headers = [*NDJSON_HEADERS, *told_headers(answer, config.ignored())]
            return WireReply(200, headers, ndjson(answer, wire.request_id))
        text = whole_text(answer)
        document = {
            "model": answer.model,
            "content": text,
            "stop_reason": answer.finish_reason,
            "predicted_tokens": answer.usage.completion_tokens,
        }
        return json_reply(document, headers=told_headers(answer, config.ignored()))

    def _request(
        self, body: LMStudioChat, config: LMStudioConfig, sort: Sort, wire: WireRequest, *, stream: bool
    ) -> ModelRequest:
        has_images = any(message.images for message in body.messages)
        if has_images and sort is Sort.REGULAR:
            raise wrong("messages.images", "can't be sent to a text-only chat; use /chat/vision")
        messages = [_openai_message(position, message) for position, message in enumerate(body.messages)]
        model = model_name(body.model_key) or self.defaults.of(sort, has_images=has_images)
        # What a vision chat needs decides which default answers; a text alone can be read by every model.
        needs_vision = has_images or (sort is Sort.VISION and model is None)
        needs = frozenset({"vision"}) if needs_vision else frozenset[str]()
        return chat_request(model, messages, config.parameters(), wire, stream=stream, needs=needs)

    def _answer(self, request: ModelRequest, wire: WireRequest, caller: Caller) -> Answer:
        wire.call = Call(caller, wire.request_id, FACE, wire.started, wire.stop)
        try:
            return self.llm.answer(request, wire.call)
        except CapabilityNotSupported as error:
            if request.model is None:
                raise NoProvider(_no_model(request)) from error
            raise
        except InvalidRequest as error:
            raise in_client_words(error, _CLIENT_WORDS) from error

    def _check_reads_images(self, request: ModelRequest, caller: Caller) -> None:
        """Raises CapabilityNotSupported, naming a model that does."""
        if "vision" not in request.needs:
            return
        try:
            model = self.llm.resolve(request, caller).model
        except GatewayError:
            # Asking says the same, and the ledger has it.
            return
        if model.reads_images is False:
            other = self._model_that_sees(caller)
            hint = f"Use {other} instead." if other else "Load a vision model, or add a provider that has one."
            raise CapabilityNotSupported(f"{model.canonical} reads text only, no images. {hint}", param="model_key")

    def _model_that_sees(self, caller: Caller) -> str | None:
        snapshot = self.state.current
        seeing = [model for model in self._models(caller) if model.reads_images]
        wanted = self.defaults.vision or default_names(snapshot, usable_providers(snapshot, caller)).vision
        names = [model.canonical for model in seeing if wanted in (model.id, model.canonical)]
        names += [model.canonical for model in seeing if model.state in READY]
        names += [model.canonical for model in seeing]
        return names[0] if names else None

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
                "config": sorted({name for name in _CLIENT_WORDS.values() if name.startswith("config.")}),
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
    sort = "vision" if "vision" in request.needs else "chat"
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


def _openai_message(position: int, message: LMStudioMessage) -> dict[str, Any]:
    if not message.images:
        return {"role": message.role, "content": message.content}
    parts: list[dict[str, Any]] = [{"type": "text", "text": message.content}] if message.content else []
    for number, image in enumerate(message.images):
        parts.append(_image_part(f"messages.{position}.images.{number}", image))
    return {"role": message.role, "content": parts}


def _image_part(where: str, image: LMStudioImage) -> dict[str, Any]:
    """Raises InvalidRequest for what is no image, not the one it is said to be, or too large."""
    text = image.data_base64
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise wrong(f"{where}.data_base64", "is not valid base64") from error
    if len(data) > MAX_IMAGE_BYTES:
        raise wrong(f"{where}.data_base64", f"has {len(data)} bytes and may have {MAX_IMAGE_BYTES}")
    picture = picture_of(data)
    if picture is None:
        raise wrong(f"{where}.data_base64", "is not a JPEG, PNG or WebP image")
    if picture.width * picture.height > MAX_IMAGE_PIXELS:
        size = f"{picture.width} x {picture.height}"
        raise wrong(f"{where}.data_base64", f"has {size} pixels; at most {MAX_IMAGE_PIXELS} may be sent")
    said = (image.mime_type or picture.media_type).lower().replace("image/jpg", "image/jpeg")
    if said != picture.media_type:
        raise wrong(f"{where}.mime_type", f"is {image.mime_type}, but the image is {picture.media_type}")
    return {"type": "image_url", "image_url": {"url": f"data:{picture.media_type};base64,{text}"}}


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


# What the documents show.

_SUMMARIES = {
    Sort.CUSTOM: "Chat with the model that is named",
    Sort.REGULAR: "Text-only chat with the default model",
    Sort.VISION: "Chat about images with the default vision model",
}
_ANSWER = {"model": "model-name", "content": "response text", "stop_reason": "stop", "predicted_tokens": 42}
_LINES = (
    '{"type": "fragment", "content": "Hello"}\n'
    '{"type": "fragment", "content": " world"}\n'
    '{"type": "done", "model": "model-name", "predicted_tokens": 2, "stop_reason": "stop"}\n'
)
_MODEL = {
    "model_key": "lmstudio/qwen3-4b",
    "id": "qwen3-4b",
    "type": "llm",
    "state": "loaded",
    "context_length": 8192,
    "provider": "lmstudio",
}
_CUSTOM: Json = {"model_key": "my-custom-model", "messages": [{"role": "user", "content": "Hello!"}]}
_REGULAR: Json = {
    "messages": [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "What is 2+2?"},
    ],
    "config": {"temperature": 0.7, "maxTokens": 100},
}
_VISION: Json = {
    "messages": [
        {
            "role": "user",
            "content": "What is in this image?",
            "images": [{"data_base64": "<BASE64_ENCODED_IMAGE>", "mime_type": "image/jpeg"}],
        }
    ],
    "config": {"temperature": 0.6, "maxTokens": 200},
}
_EXAMPLES = {Sort.CUSTOM: _CUSTOM, Sort.REGULAR: _REGULAR, Sort.VISION: _VISION}
