"""Flask's views of the model calls: a few lines around the data path, and the lists of models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response, g, request

from app.api import current
from app.api.admin.shapes import Success
from app.api.auth import admits_itself
from app.api.edge import GuardedBody, watched_call
from app.api.envelope import ok
from app.api.model_json import (
    anthropic_model,
    anthropic_name,
    detailed_model,
    listing_json,
    may_see,
    native_model,
    openai_model,
    with_own_default,
)
from app.api.model_shapes import (
    ChatBody,
    ChatCompletion,
    CompletionBody,
    DetailedModelOut,
    EmbeddingBody,
    EmbeddingList,
    EmbeddingsOut,
    GeneratedOut,
    ModelListOut,
    ModelPath,
    ModelsQuery,
    NativeChatBody,
    NativeCompletionBody,
    NativeEmbeddingBody,
    OpenAIModel,
    OpenAIModels,
)
from app.api.parsing import MAX_JSON_BYTES, checked, unparsed
from app.api.routes import APIBlueprint, Tag
from app.api.wire import WireReply, WireRequest
from app.domain.catalog import Alias, ModelInfo, ModelState, ModelType, ProviderConfig, Task
from app.domain.errors import ModelNotFound
from app.domain.lifecycle import Act, TimeToLive
from app.gateway.draining import draining
from app.gateway.model_lists import WAIT_S, Listing
from app.gateway.routing import default_names, may_use, may_use_alias, usable_providers

LOOK_S = 1.0
"""How long a list in our own shape waits for providers that were never asked."""

CHAT_TYPES = {"chat": (ModelType.LLM, ModelType.VLM), "vision": (ModelType.VLM,), "embedding": (ModelType.EMBEDDINGS,)}

v1_tag = Tag(name="OpenAI-compatible", description="Existing clients change only the address and the key.")
native_tag = Tag(name="Models", description="Model calls and lists in Patchbay's own shape.")


def flask_reply(handler: Callable[[WireRequest], WireReply], max_bytes: int = MAX_JSON_BYTES) -> Response:
    """The data path's reply to the current request, as Flask's."""
    reply, guard = watched_call(handler, request.environ, g.request_id, draining, max_bytes)
    if isinstance(reply.body, bytes):
        guard.close()
        return Response(reply.body, status=reply.status, headers=reply.headers)
    return Response(GuardedBody(reply.body, guard), status=reply.status, headers=reply.headers, direct_passthrough=True)


def v1_blueprint(prefix: str) -> APIBlueprint:
    """The OpenAI-compatible routes below `prefix`; documented once, at /v1."""
    name = prefix.strip("/").replace("/", "_")
    blueprint = APIBlueprint(name, __name__, url_prefix=prefix, abp_tags=[v1_tag], doc_ui=prefix == "/v1")

    @blueprint.post("/chat/completions", responses={200: ChatCompletion})
    @admits_itself
    @unparsed
    def chat_completions(body: ChatBody) -> Response:
        """Answer a chat; streamed or whole."""
        return flask_reply(current.parts().openai_v1.chat_completions)

    @blueprint.post("/completions", responses={200: ChatCompletion})
    @admits_itself
    @unparsed
    def completions(body: CompletionBody) -> Response:
        """Continue a text; streamed or whole."""
        return flask_reply(current.parts().openai_v1.completions)

    @blueprint.post("/embeddings", responses={200: EmbeddingList})
    @admits_itself
    @unparsed
    def embeddings(body: EmbeddingBody) -> Response:
        """One vector per text."""
        return flask_reply(current.parts().openai_v1.embeddings)

    @blueprint.get("/models", responses={200: OpenAIModels})
    def list_models() -> dict[str, Any]:
        """Every model the caller may use; in Anthropic's shape for who sends `anthropic-version`."""
        found = [model for listing in _listings() for model in _visible(listing)]
        if _speaks_anthropic():
            aliases = [anthropic_name(alias.name, alias.name) for alias in _own_aliases()]
            data = [*(anthropic_model(model) for model in found), *aliases]
            first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
            return {"data": data, "has_more": False, "first_id": first, "last_id": last}
        return {"object": "list", "data": [*(openai_model(model) for model in found), *_aliases()]}

    @blueprint.get("/models/<path:model_id>", responses={200: OpenAIModel})
    @checked
    def one_model(path: ModelPath) -> dict[str, Any]:
        """One model, by its canonical name, an alias, or a bare id."""
        model = _one(path.model_id)
        document = anthropic_model(model) if _speaks_anthropic() else openai_model(model)
        return {**document, "id": path.model_id}

    return blueprint


native = APIBlueprint(
    "native_models",
    __name__,
    url_prefix="/api/v1/llm-providers",
    abp_tags=[native_tag],
)


@native.post("/chat", responses={200: Success[GeneratedOut]})
@admits_itself
@unparsed
def native_chat(body: NativeChatBody) -> Response:
    """Answer a chat; streamed or whole."""
    return flask_reply(current.parts().native.chat)


@native.post("/completions", responses={200: Success[GeneratedOut]})
@admits_itself
@unparsed
def native_completions(body: NativeCompletionBody) -> Response:
    """Continue a text; streamed or whole."""
    return flask_reply(current.parts().native.completions)


@native.post("/embeddings", responses={200: Success[EmbeddingsOut]})
@admits_itself
@unparsed
def native_embeddings(body: NativeEmbeddingBody) -> Response:
    """One vector per text."""
    return flask_reply(current.parts().native.embeddings)


@native.get("/models", responses={200: Success[ModelListOut]})
@checked
def native_models(query: ModelsQuery) -> Response:
    """Every model the caller may use, with the state of each provider's list."""
    parts = current.parts()
    found = _listings(query.provider, refresh=query.refresh, wait_s=_wait_s(query))
    models = [_as_it_stands(model) for listing in found for model in _visible(listing)]
    if query.type is not None:
        models = [model for model in models if model.type in CHAT_TYPES[query.type]]
    return ok(
        {
            "models": _all_detailed(models) if query.detailed else [native_model(model) for model in models],
            "aliases": [{"name": one.name, "model": one.targets[0].model} for one in _own_aliases()],
            "defaults": _default_names(),
            "provider": _default_provider(),
            "providers": [listing_json(one, parts.health.status(one.config.id)) for one in found],
        }
    )


@native.get("/models/<path:model_id>", responses={200: Success[DetailedModelOut]})
@checked
def native_model_detailed(path: ModelPath) -> Response:
    """One model with its parameters."""
    return ok(_all_detailed([_as_it_stands(_one(path.model_id))])[0])


def _speaks_anthropic() -> bool:
    return "anthropic-version" in request.headers


def _providers() -> tuple[ProviderConfig, ...]:
    return usable_providers(current.parts().state.current, current.caller())


def _listings(slug: str | None = None, *, refresh: bool = False, wait_s: float = WAIT_S) -> list[Listing]:
    wanted = _wanted(slug)
    if slug is not None and not wanted:
        # Another worker may have made it a moment ago.
        current.parts().state.look_again()
        wanted = _wanted(slug)
    _know_what_others_did()
    return current.parts().model_lists.listings(wanted, refresh=refresh, wait_s=wait_s)


def _wanted(slug: str | None) -> list[ProviderConfig]:
    return [one for one in _providers() if slug is None or slug in (one.slug, one.id)]


def _know_what_others_did() -> None:
    """So that a list shows a model that another worker has just loaded, unloaded, fetched or deleted as it is."""
    current.parts().lifecycle.running()


def _wait_s(query: ModelsQuery) -> float:
    """Somebody looking at a list would rather see nine of ten at once than ten after the slowest."""
    if not query.wait:
        return 0.0
    return WAIT_S if query.refresh else LOOK_S


def _visible(listing: Listing) -> list[ModelInfo]:
    return [model for model in listing.models if may_see(current.caller(), model)]


def _aliases() -> list[dict[str, Any]]:
    return [{"id": alias.name, "object": "model", "created": 0, "owned_by": "patchbay"} for alias in _own_aliases()]


def _own_aliases() -> list[Alias]:
    caller = current.caller()
    return [alias for alias in current.parts().state.current.aliases.values() if may_use_alias(caller, alias)]


def _default_names() -> dict[str, str | None]:
    """Without those that the caller's list forbids."""
    caller, snapshot = current.caller(), current.parts().state.current
    names = default_names(snapshot, _providers())

    def allowed(name: str | None) -> str | None:
        alias = snapshot.aliases.get(name or "")
        reached = [alias.targets[0].model] if alias else []
        return name if name is not None and caller.may_use_model(name, *reached) else None

    return {"chat": allowed(names.chat), "vision": allowed(names.vision), "embedding": allowed(names.embedding)}


def _one(reference: str) -> ModelInfo:
    """The model that a call naming it would reach, if its provider lists it."""
    caller = current.caller()
    _know_what_others_did()
    try:
        found = current.parts().llm.named(reference, caller)
    except ModelNotFound:
        current.parts().state.look_again()
        found = current.parts().llm.named(reference, caller)
    if not may_use(caller, found):
        raise ModelNotFound(f"There is no model {reference}.", param="model")
    return found.model


def _all_detailed(models: list[ModelInfo]) -> list[dict[str, Any]]:
    ttls = current.parts().lifecycle.times_to_live(models)
    return [_detailed(model, ttls.get(model.canonical)) for model in models]


def _detailed(model: ModelInfo, ttl: TimeToLive | None) -> dict[str, Any]:
    parts = current.parts()
    config = parts.state.current.provider(model.provider)
    assert config is not None
    task = Task.EMBEDDING if model.type is ModelType.EMBEDDINGS else Task.CHAT
    declared = parts.connections.to(config).parameters(model, task)
    operation = parts.lifecycle.running().get(model.canonical)
    return detailed_model(
        model,
        [with_own_default(one, config) for one in declared],
        parts.connections.to(config).acts(model),
        None if operation is None else operation.id,
        ttl,
    )


def _as_it_stands(model: ModelInfo) -> ModelInfo:
    """Some providers do not tell while a model is being loaded."""
    operation = current.parts().lifecycle.running().get(model.canonical)
    if operation is None or operation.order.act is not Act.LOAD or model.state is ModelState.LOADED:
        return model
    return replace(model, state=ModelState.LOADING)


def _default_provider() -> dict[str, Any] | None:
    default = current.parts().state.current.default_provider
    if default is None:
        return None
    shown = default.base_url if current.caller().is_admin else None
    return {"name": default.name, "provider": default.kind, "base_url": shown}
