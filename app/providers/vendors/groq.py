"""Groq: OpenAI's format, strict about unknown properties; streams report usage under `x_groq`.

Source: https://console.groq.com/docs/openai and https://console.groq.com/docs/reasoning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import msgspec

from app.domain.catalog import ModelInfo, ModelType, Parameter
from app.domain.relays import Route
from app.domain.requests import Json
from app.providers import parameters as rules
from app.providers.base import ProviderKind
from app.providers.openai_wire import OpenAIWire
from app.providers.plain_models import plain_model
from app.providers.sdk import http_client, provider_error, sdk

NO_LANGUAGE_MODEL = re.compile(r"whisper|orpheus|prompt-guard|tts")
SDK_PATH = "/openai/v1"
MESSAGE_KEYS = frozenset({"role", "content", "tool_calls", "tool_call_id"})
# Where none of these is in the text, the messages need not be taken apart.
_FOREIGN_KEYS = (
    b'"name"',
    b'"reasoning"',
    b'"reasoning_content"',
    b'"reasoning_details"',
    b'"refusal"',
    b'"annotations"',
    b'"audio"',
    b'"function_call"',
)
_decode_messages = msgspec.json.Decoder(list[dict[str, Json]]).decode


class Groq(OpenAIWire):
    KIND = ProviderKind(
        name="groq",
        label="Groq",
        default_base_url=f"https://api.groq.com{SDK_PATH}",
        needs_key=True,
        price_list="groq",
        relays=frozenset({Route.TRANSCRIPTIONS, Route.SPEECH}),
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
            return super().models()
        groq = sdk("groq")
        config = self.config
        with http_client(sdk("httpx"), self.get_for_sdk) as http:
            client = groq.Groq(
                api_key=config.api_key or "none",
                base_url=config.base_url.rstrip("/").removesuffix(SDK_PATH),
                max_retries=0,
                default_headers=dict(config.extra_headers),
                http_client=http,
            )
            try:
                reply = client.models.with_raw_response.list()
            except groq.GroqError as error:
                raise provider_error(groq, config.name, error) from error
        return self.listed(self.checked_document(reply.http_response.content))

    def adjusted(self, fields: dict[str, Json]) -> dict[str, Json]:
        """Without what Groq refuses inside of messages: names, and the reasoning of other vendors in a history."""
        raw = fields.get("messages")
        if raw is None or not any(name in bytes(raw) for name in _FOREIGN_KEYS):
            return fields
        messages = [_plain_message(message) for message in _decode_messages(raw)]
        return {**fields, "messages": Json(msgspec.json.encode(messages))}

    def model_of(self, item: Mapping[str, Any]) -> ModelInfo | None:
        model = plain_model(self.config.slug, item)
        if item.get("active") is False or NO_LANGUAGE_MODEL.search(model.id):
            return None
        abilities: tuple[str, ...] = ("chat",) if "compound" in model.id else ("chat", "tools")
        if "gpt-oss" in model.id or "qwen" in model.id:
            abilities += ("reasoning",)
        if "qwen3.6" in model.id or "qwen3.8" in model.id or model.type is ModelType.VLM:
            return replace(model, type=ModelType.VLM, capabilities=(*abilities, "vision"))
        return replace(model, capabilities=abilities)


def _plain_message(message: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in message.items() if name in MESSAGE_KEYS}
