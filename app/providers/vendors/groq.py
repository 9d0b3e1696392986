"""Groq: OpenAI's format, strict about unknown properties; streams report usage under `x_groq`.

Source: https://console.groq.com/docs/openai and https://console.groq.com/docs/reasoning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from app.domain.catalog import ModelInfo, ModelType, Parameter
from app.providers import parameters as rules
from app.providers.base import ProviderKind
from app.providers.openai_wire import OpenAIWire, plain_model
from app.providers.sdk import provider_error, sdk

NO_LANGUAGE_MODEL = re.compile(r"whisper|orpheus|prompt-guard|tts")
SDK_PATH = "/openai/v1"


class Groq(OpenAIWire):
    KIND = ProviderKind(
        name="groq", label="Groq", default_base_url=f"https://api.groq.com{SDK_PATH}", needs_key=True, price_list="groq"
    )

    def chat_parameters(self, model: ModelInfo) -> Sequence[Parameter]:
        limit = model.max_output_tokens
        changes = [
            replace(rules.renamed("max_tokens", "max_completion_tokens"), maximum=limit),
            replace(rules.CHAT["max_completion_tokens"], maximum=limit),
            replace(rules.CHAT["stop"], maximum=4),
            replace(rules.CHAT["n"], maximum=1),
            *rules.dropped("logprobs", "top_logprobs", "logit_bias", "top_k", "min_p", "repeat_penalty"),
            *rules.dropped("repetition_penalty", "metadata", "store", "ttl"),
        ]
        if "gpt-oss" in model.id:
            changes.append(replace(rules.CHAT["reasoning_effort"], choices=("low", "medium", "high"), default="medium"))
            changes += rules.dropped("reasoning_format")
        elif "qwen3.6" in model.id:
            changes.append(replace(rules.CHAT["reasoning_effort"], choices=("none", "default"), default="default"))
        elif "qwen" not in model.id:
            changes += rules.dropped("reasoning_effort", "reasoning_format", "include_reasoning")
        return rules.declared(rules.CHAT, *changes)

    def models(self) -> Sequence[ModelInfo]:
        if not urlsplit(self.config.base_url).path.rstrip("/").endswith(SDK_PATH):
            # The SDK adds this path by itself, so it can't list from an address that has another.
            return [model for model in super().models() if not NO_LANGUAGE_MODEL.search(model.id)]
        groq = sdk("groq")
        config = self.config
        http = sdk("httpx").Client(proxy=config.proxy_url, verify=self.verification())
        with (
            http,
            groq.Groq(
                api_key=config.api_key or "none",
                base_url=config.base_url.rstrip("/").removesuffix(SDK_PATH),
                max_retries=0,
                timeout=5.0,
                default_headers=dict(config.extra_headers),
                http_client=http,
            ) as client,
        ):
            try:
                listed = [item.model_dump() for item in client.models.list().data]
            except groq.GroqError as error:
                raise provider_error(groq, config.name, error) from error
        found = (self.model_of(item) for item in listed)
        return [model for model in found if model is not None and not NO_LANGUAGE_MODEL.search(model.id)]

    def model_of(self, item: Mapping[str, Any]) -> ModelInfo | None:
        if item.get("active") is False:
            return None
        model = plain_model(self.config.slug, item)
        abilities: tuple[str, ...] = ("chat",) if "compound" in model.id else ("chat", "tools")
        if "gpt-oss" in model.id or "qwen" in model.id:
            abilities += ("reasoning",)
        if "qwen3.6" in model.id or "qwen3.8" in model.id or model.type is ModelType.VLM:
            return replace(model, type=ModelType.VLM, capabilities=(*abilities, "vision"))
        return replace(model, capabilities=abilities)
