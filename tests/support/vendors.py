"""How each vendor's server looks from outside: its model list in its own shape, its own addresses and refusals.

A persona is a list of (`METHOD path`, reply); the first reply that matches a request is given. Shapes follow the
vendors' documentation and sources (LM Studio 0.3–0.4, Ollama, llama.cpp, vLLM, OpenAI, Groq, OpenRouter).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.support.replies import Answer, Reply, openai_error, respond, unexpected_endpoint

Persona = list[tuple[str, Reply]]
CHAT_MODEL = "hello-1"
EMBEDDING_MODEL = "text-embedding-hello"
MODELS = (CHAT_MODEL, EMBEDDING_MODEL)
_CREATED = 1754408224


def openai_models(ids: Sequence[str] = MODELS) -> dict[str, Any]:
    return _list([{"id": one, "object": "model", "created": _CREATED, "owned_by": "openai"} for one in ids])


def groq_models(ids: Sequence[str] = MODELS) -> dict[str, Any]:
    return _list(
        [
            {
                "id": one,
                "object": "model",
                "created": _CREATED,
                "owned_by": "OpenAI",
                "active": True,
                "context_window": 131072,
                "public_apps": None,
                "max_completion_tokens": 65536,
            }
            for one in ids
        ]
    )


def lmstudio_models(ids: Sequence[str] = MODELS) -> dict[str, Any]:
    """`/v1/models`: ids and little else."""
    return _list([{"id": one, "object": "model", "owned_by": "organization_owner"} for one in ids])


def lmstudio_v0_models(ids: Sequence[str] = MODELS) -> dict[str, Any]:
    """`/api/v0/models`: the first is loaded."""
    models = []
    for number, one in enumerate(ids):
        is_embedding = "embed" in one
        model: dict[str, Any] = {
            "id": one,
            "object": "model",
            "type": "embeddings" if is_embedding else "llm",
            "publisher": "hello-lab",
            "arch": "bert" if is_embedding else "llama",
            "compatibility_type": "gguf",
            "quantization": "Q4_K_M",
            "state": "not-loaded" if number else "loaded",
            "max_context_length": 40960,
        }
        if not is_embedding:
            model["capabilities"] = ["tool_use"]
        if number == 0:
            model["loaded_context_length"] = 8192
        models.append(model)
    return _list(models)


def lmstudio_v1_models(ids: Sequence[str] = MODELS) -> dict[str, Any]:
    """`/api/v1/models`, since 0.4.0: the first is loaded."""
    return {"models": [_lmstudio_v1_model(one, loaded=number == 0) for number, one in enumerate(ids)]}


def ollama_models(ids: Sequence[str] = MODELS) -> dict[str, Any]:
    """`/v1/models`: `data` is null when there are none."""
    models = [{"id": f"{one}:latest", "object": "model", "created": _CREATED, "owned_by": "library"} for one in ids]
    return {"object": "list", "data": models or None}


def ollama_tags(ids: Sequence[str] = MODELS) -> dict[str, Any]:
    """`/api/tags` of a version that tells what models can."""
    return {
        "models": [
            {
                "name": f"{one}:latest",
                "model": f"{one}:latest",
                "modified_at": "2026-08-21T10:00:00Z",
                "size": 4_683_075_271,
                "digest": "0" * 64,
                "details": {
                    "format": "gguf",
                    "family": "llama",
                    "parameter_size": "8B",
                    "quantization_level": "Q4_0",
                    "context_length": 131072,
                },
                "capabilities": ["embedding"] if "embed" in one else ["completion", "tools"],
            }
            for one in ids
        ]
    }


def llamacpp_models(ids: Sequence[str] = (CHAT_MODEL,)) -> dict[str, Any]:
    meta = {"vocab_type": 2, "n_vocab": 128256, "n_ctx_train": 131072, "n_embd": 4096, "n_params": 8_030_261_312}
    return _list(
        [
            {"id": one, "object": "model", "created": _CREATED, "owned_by": "llamacpp", "meta": meta | {"size": 4_920}}
            for one in ids
        ]
    )


def vllm_models(ids: Sequence[str] = (CHAT_MODEL,)) -> dict[str, Any]:
    return _list(
        [
            {
                "id": one,
                "object": "model",
                "created": _CREATED,
                "owned_by": "vllm",
                "root": one,
                "parent": None,
                "max_model_len": 32768,
                "permission": [],
            }
            for one in ids
        ]
    )


def openrouter_models(ids: Sequence[str] = MODELS) -> dict[str, Any]:
    return {
        "data": [
            {
                "id": one,
                "canonical_slug": one,
                "name": one.title(),
                "created": _CREATED,
                "description": "",
                "context_length": 65536,
                "architecture": {
                    "modality": "text+image->text",
                    "input_modalities": ["text", "image"],
                    "output_modalities": ["text"],
                    "tokenizer": "Other",
                    "instruct_type": None,
                },
                "pricing": {"prompt": "0.0000001", "completion": "0.0000004"},
                "top_provider": {"context_length": 65536, "max_completion_tokens": 8192, "is_moderated": False},
                "per_request_limits": None,
                "supported_parameters": ["max_tokens", "temperature", "tools", "reasoning"],
            }
            for one in ids
        ]
    }


def openai(ids: Sequence[str] = MODELS) -> Persona:
    return _model_calls("/v1") + _lists("/v1", openai_models(ids))


def groq(ids: Sequence[str] = MODELS) -> Persona:
    return _model_calls("/openai/v1") + _lists("/openai/v1", groq_models(ids))


def openrouter(ids: Sequence[str] = MODELS) -> Persona:
    page = respond(200, "<!doctype html><title>OpenRouter</title>", headers={"Content-Type": "text/html"})
    return [*_model_calls("/api/v1"), *_lists("/api/v1", openrouter_models(ids)), ("GET *", page)]


def lmstudio(ids: Sequence[str] = MODELS) -> Persona:
    """0.4: every route it does not know answers 200 with an error."""
    return [
        ("GET /lmstudio-greeting", respond(200, {"lmstudio": True})),
        ("GET /api/v1/models", respond(200, lmstudio_v1_models(ids))),
        ("GET /api/v0/models", respond(200, lmstudio_v0_models(ids))),
        *_model_calls("/v1"),
        *_lists("/v1", lmstudio_models(ids)),
        ("* *", unexpected_endpoint()),
    ]


def lmstudio_03(ids: Sequence[str] = MODELS) -> Persona:
    """Before 0.4.0: no `/api/v1`."""
    return [rule for rule in lmstudio(ids) if rule[0] != "GET /api/v1/models"]


def ollama(ids: Sequence[str] = MODELS) -> Persona:
    return [
        ("GET /", respond(200, "Ollama is running")),
        ("GET /api/version", respond(200, {"version": "0.14.2"})),
        ("GET /api/tags", respond(200, ollama_tags(ids))),
        ("GET /api/ps", respond(200, {"models": []})),
        *_model_calls("/v1"),
        *_lists("/v1", ollama_models(ids)),
        ("* *", respond(404, "404 page not found")),
    ]


def llamacpp(ids: Sequence[str] = (CHAT_MODEL,)) -> Persona:
    props = {
        "default_generation_settings": {"n_ctx": 4096},
        "total_slots": 1,
        "model_path": "/models/hello-1.gguf",
        "chat_template": "",
        "modalities": {"vision": False, "audio": False},
        "is_sleeping": False,
    }
    return [
        ("GET /health", respond(200, {"status": "ok"})),
        ("GET /props", respond(200, props)),
        *_model_calls("/v1"),
        *_lists("/v1", llamacpp_models(ids)),
        ("GET /models", respond(200, llamacpp_models(ids))),
        ("* *", openai_error(404, "File Not Found", error_type="not_found_error", code=404)),
    ]


def vllm(ids: Sequence[str] = (CHAT_MODEL,)) -> Persona:
    return [
        ("GET /health", respond(200, b"")),
        ("GET /version", respond(200, {"version": "0.19.1"})),
        *_model_calls("/v1"),
        *_lists("/v1", vllm_models(ids)),
        ("* *", respond(404, {"detail": "Not Found"})),
    ]


def _model_calls(root: str) -> Persona:
    answer = Answer()
    return [
        (f"POST {root}/chat/completions", answer),
        (f"POST {root}/completions", answer),
        (f"POST {root}/embeddings", answer),
    ]


def _lists(root: str, models: dict[str, Any]) -> Persona:
    each = [(f"GET {root}/models/{one['id']}", respond(200, one)) for one in models["data"] or ()]
    return [(f"GET {root}/models", respond(200, models)), *each]


def _list(models: list[dict[str, Any]]) -> dict[str, Any]:
    return {"object": "list", "data": models}


def _lmstudio_v1_model(model: str, *, loaded: bool) -> dict[str, Any]:
    is_embedding = "embed" in model
    body: dict[str, Any] = {
        "type": "embedding" if is_embedding else "llm",
        "publisher": "hello-lab",
        "key": model,
        "display_name": model.title(),
        "quantization": {"name": "Q4_K_M", "bits_per_weight": 4},
        "size_bytes": 5_027_783_488,
        "params_string": "8B",
        "loaded_instances": [{"id": model, "config": {"context_length": 8192}}] if loaded else [],
        "max_context_length": 40960,
        "format": "gguf",
    }
    if not is_embedding:
        body["architecture"] = "llama"
        body["capabilities"] = {"vision": False, "trained_for_tool_use": True}
    return body


USUAL: Persona = openai()
"""What a port does that was told nothing else."""

PERSONAS: dict[str, Callable[..., Persona]] = {
    "openai": openai,
    "groq": groq,
    "openrouter": openrouter,
    "lmstudio": lmstudio,
    "lmstudio-0.3": lmstudio_03,
    "ollama": ollama,
    "llamacpp": llamacpp,
    "vllm": vllm,
}
