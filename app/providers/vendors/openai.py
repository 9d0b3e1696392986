"""OpenAI itself: reasoning models refuse sampling parameters, and every chat model takes `max_completion_tokens`.

Source: https://platform.openai.com/docs/guides/reasoning and the `openai` SDK's types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from app.domain.catalog import ModelInfo, ModelType, Parameter
from app.domain.relays import EVERY_ROUTE, Route
from app.domain.requests import Json, ModelRequest
from app.providers import parameters as rules
from app.providers.base import ProviderKind
from app.providers.openai_wire import OpenAIWire
from app.providers.plain_models import plain_model
from app.providers.sdk import http_client, provider_error, sdk

HOST = "api.openai.com"
# The first prefix that matches decides. True: sampling parameters are refused, because the model reasons unless told
# otherwise.
REASONS_BY_DEFAULT: tuple[tuple[str, bool], ...] = (
    ("gpt-6", True),
    ("gpt-5.6", True),
    ("gpt-5.5", True),
    ("gpt-5.4-pro", True),
    ("gpt-5.2-pro", True),
    ("gpt-5.3-chat", True),
    ("gpt-5.2-chat", True),
    ("gpt-5.1-chat", True),
    ("gpt-5.1-codex", True),
    ("gpt-5.4", False),
    ("gpt-5.3", False),
    ("gpt-5.2", False),
    ("gpt-5.1", False),
    ("gpt-5-chat", False),
    ("gpt-5", True),
    ("o1", True),
    ("o3", True),
    ("o4", True),
)
# In chat completions these take function tools only if they do not reason, and that has to be said.
TOOLS_NEED_NO_EFFORT = re.compile(r"gpt-5\.6|gpt-6(?!-astra|\.1-sol)")
# These do not reason unless told to, and refuse the word itself beside tools.
TOOLS_REFUSE_EFFORT = re.compile(r"gpt-5\.[1-4](?!-pro|-chat|-codex)")
_NO_EFFORT = Json(b'"none"')
_NO_TOOLS = b"[]"
SAMPLING = (
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
)
NO_LANGUAGE_MODEL = re.compile(
    r"whisper|tts|dall-e|image|moderation|realtime|audio|transcribe|sora|search-api|davinci-002"
)


class OpenAI(OpenAIWire):
    KIND = ProviderKind(
        name="openai",
        label="OpenAI",
        default_base_url=f"https://{HOST}/v1",
        needs_key=True,
        price_list="openai",
        relays=EVERY_ROUTE - {Route.RERANK},
    )
    LEARNS_FROM_REFUSALS = True

    def chat_parameters(self, model: ModelInfo) -> Sequence[Parameter]:
        changes = [
            rules.renamed("max_tokens", "max_completion_tokens"),
            replace(rules.CHAT["stop"], maximum=4),
            *rules.dropped("top_k", "min_p", "repeat_penalty", "repetition_penalty"),
        ]
        if self._reasons(model.id):
            changes += rules.dropped(*SAMPLING)
            if model.id.startswith(("o3", "o4-mini")):
                changes += rules.dropped("stop")
        elif not model.id.startswith(("gpt-5", "gpt-6")):
            changes += rules.dropped("reasoning_effort")
        return rules.declared(rules.CHAT, *changes)

    def prepared(self, request: ModelRequest, model: ModelInfo) -> tuple[dict[str, Json], tuple[str, ...]]:
        fields, left_out = super().prepared(request, model)
        if not self._is_openai or bytes(fields.get("tools", _NO_TOOLS)) == _NO_TOOLS:
            return fields, left_out
        if TOOLS_NEED_NO_EFFORT.match(model.id) and "reasoning_effort" not in self.lessons.refused(model.id):
            wished = "reasoning_effort" in request.wishes and not request.strict
            if wished and bytes(fields.get("reasoning_effort", _NO_EFFORT)) != bytes(_NO_EFFORT):
                del fields["reasoning_effort"]
                left_out += ("reasoning_effort",)
            fields.setdefault("reasoning_effort", _NO_EFFORT)
        elif TOOLS_REFUSE_EFFORT.match(model.id) and "reasoning_effort" in fields:
            if request.strict:
                raise rules.not_supported("reasoning_effort")
            del fields["reasoning_effort"]
            left_out += ("reasoning_effort",)
        return fields, left_out

    @property
    def _is_openai(self) -> bool:
        """What is known of OpenAI's models says nothing about those of others who speak its format."""
        return urlsplit(self.config.base_url).hostname == HOST

    def _reasons(self, identifier: str) -> bool:
        if not self._is_openai:
            return False
        return next((reasons for prefix, reasons in REASONS_BY_DEFAULT if identifier.startswith(prefix)), False)

    def models(self) -> Sequence[ModelInfo]:
        openai = sdk("openai")
        config = self.config
        with http_client(sdk("httpx2"), self.get_for_sdk) as http:
            client = openai.OpenAI(
                api_key=config.api_key or "none",
                base_url=config.base_url,
                max_retries=0,
                default_headers=dict(config.extra_headers),
                http_client=http,
            )
            try:
                reply = client.models.with_raw_response.list()
            except openai.OpenAIError as error:
                raise provider_error(openai, config.name, error) from error
        return self.listed(self.checked_document(reply.http_response.content))

    def model_of(self, item: Mapping[str, Any]) -> ModelInfo | None:
        model = plain_model(self.config.slug, item)
        if NO_LANGUAGE_MODEL.search(model.id):
            return None
        if model.type is ModelType.EMBEDDINGS:
            return model
        abilities = ("chat", "tools", "vision") + (("reasoning",) if self._reasons(model.id) else ())
        if model.id.startswith(("gpt-3.5", "gpt-4-")) or "instruct" in model.id:
            return replace(model, capabilities=("chat", "completion", "tools"))
        return replace(model, type=ModelType.VLM, capabilities=abilities)
