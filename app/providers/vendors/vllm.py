"""vLLM: OpenAI's format with samplers of its own. It serves the model that it was started with, and its adapters.

Source: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.domain.catalog import ModelInfo, ModelState, Parameter, ProviderConfig, Task, Treatment
from app.domain.errors import ProviderContextLength, ProviderError, ProviderFailed, ProviderRejected
from app.domain.relays import Route
from app.providers import parameters as rules
from app.providers.base import ProviderKind, Surroundings
from app.providers.native import NativeApi
from app.providers.openai_wire import MODEL_LIST_S, OpenAIWire
from app.providers.plain_models import first_int, plain_model, text_of

_HEALTH_S = 2.0
_OVERFLOW = "maximum context length"
# What is not named comes from the model's generation_config.json, so none of these has a default that we know.
_SAMPLERS = (
    *(replace(rules.CHAT[name], default=None) for name in ("temperature", "top_p")),
    Parameter("top_k", "integer", -1),
    Parameter("min_p", "number", 0, 1),
    Parameter("repetition_penalty", "number", 0, 10),
    Parameter("repeat_penalty", "number", 0, 10, treatment=Treatment.RENAMED, sent_as="repetition_penalty"),
    Parameter("length_penalty", "number"),
    Parameter("min_tokens", "integer", 0, default=0),
    Parameter("stop_token_ids", "array"),
    Parameter("bad_words", "array"),
    Parameter("ignore_eos", "boolean", default=False),
    Parameter("structured_outputs", "object"),
    Parameter("priority", "integer", default=0),
)
_OF_CHATS = (
    Parameter("chat_template_kwargs", "object"),
    Parameter("include_reasoning", "boolean", default=True),
    Parameter("thinking_token_budget", "integer", 0),
)
# Read by nobody there, with neither effect nor error.
_IGNORED = rules.dropped("user")
# The older name is understood by every version.
_CAP = rules.renamed("max_completion_tokens", "max_tokens")


class VLLM(OpenAIWire):
    KIND = ProviderKind(
        name="vllm",
        label="vLLM",
        default_base_url="http://localhost:8000/v1",
        is_free=True,
        relays=frozenset({Route.TRANSCRIPTIONS, Route.RERANK}),
    )

    def __init__(self, config: ProviderConfig, around: Surroundings) -> None:
        super().__init__(config, around)
        self._native = NativeApi(config, self._http, self._headers, self._reader)

    def parameters(self, model: ModelInfo, task: Task = Task.CHAT) -> Sequence[Parameter]:
        match task:
            case Task.CHAT:
                return self.chat_parameters(model)
            case Task.COMPLETION:
                return rules.declared(rules.COMPLETION, *_SAMPLERS, *_IGNORED)
            case Task.EMBEDDING:
                return rules.declared(rules.EMBEDDING, *_IGNORED)

    def chat_parameters(self, model: ModelInfo) -> Sequence[Parameter]:
        return rules.declared(rules.CHAT, *_SAMPLERS, *_OF_CHATS, _CAP, *_IGNORED)

    def refined(self, error: ProviderError) -> ProviderError:
        """Context overflow is a BadRequestError like any other, told by these words alone (its protocol's errors)."""
        if type(error) is not ProviderRejected or _OVERFLOW not in error.message:
            return error
        return ProviderContextLength(
            error.message, provider=error.provider, status=400, provider_code=ProviderContextLength.code
        )

    def models(self) -> Sequence[ModelInfo]:
        until = time.monotonic() + MODEL_LIST_S
        found = self.listed(self.get_json("/models", MODEL_LIST_S))
        self._check_health(max(0.001, min(_HEALTH_S, until - time.monotonic())))
        # One server has one base model; its adapters have its context, where the list does not tell theirs.
        context = next((one.max_context_length for one in found if one.max_context_length is not None), None)
        return [one if one.max_context_length else _with_context(one, context) for one in found]

    def model_of(self, item: Mapping[str, Any]) -> ModelInfo | None:
        plain, base = plain_model(self.config.slug, item), text_of(item, "parent")
        model = replace(
            plain,
            name=plain.name if base is None else f"{plain.id} (adapter of {base})",
            # What it lists is in memory: it loads nothing later.
            state=ModelState.LOADED,
            owned_by="vllm",
        )
        return _with_context(model, first_int(item, "max_model_len"))

    def _check_health(self, within_s: float) -> None:
        """Its web server may outlive the engine behind it, and lists models still. Raises ProviderFailed.

        A proxy that does not let `/health` through says nothing about it, nor does one that takes too long.
        """
        try:
            self._native.ask("GET", "/health", within_s)
        except ProviderFailed as error:
            if error.status in (500, 503):
                raise ProviderFailed(
                    f"{self.config.name} lists its models, but its engine does not run any more. Start it again.",
                    provider=self.config.slug,
                    status=error.status,
                ) from error
        except ProviderError:
            return


def _with_context(model: ModelInfo, context: int | None) -> ModelInfo:
    return replace(model, max_context_length=context, loaded_context_length=context)
