"""Counting a chat's tokens with llama.cpp's server: what its template makes of the chat, cut into tokens.

Source: llama.cpp's tools/server/README.md, `/apply-template` and `/tokenize`. Both need the model in memory.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from app.domain.catalog import ProviderConfig
from app.domain.errors import CapabilityNotSupported, ProviderProtocol, ProviderRejected
from app.domain.stopping import Stop
from app.providers.native import NativeApi


class _Prompt(msgspec.Struct):
    prompt: str


class _Tokens(msgspec.Struct):
    tokens: list[Any]


def count_tokens(native: NativeApi, config: ProviderConfig, chat: Mapping[str, Any], stop: Stop) -> int:
    """As how many tokens `chat`, the body of a chat completion, would be read.

    Raises CapabilityNotSupported where the server has no such routes, ProviderError, or the stop's reason.
    """
    # Where the model has to be loaded first, that may take as long as before an answer.
    within_s = config.timeouts.first_token_s
    until = time.monotonic() + within_s
    try:
        prompt = native.ask("POST", "/apply-template", within_s, chat, stop)
        # As a chat is read: with the model's own first token, and with the template's marks as single tokens.
        text = {
            "model": chat["model"],
            "content": msgspec.convert(prompt, _Prompt).prompt,
            "add_special": True,
            "parse_special": True,
        }
        told = native.ask("POST", "/tokenize", max(0.001, until - time.monotonic()), text, stop)
        return len(msgspec.convert(told, _Tokens).tokens)
    except ProviderRejected as error:
        if error.status != 404:
            raise
        raise CapabilityNotSupported(f"{config.name} can't count tokens: {error.message}") from error
    except msgspec.ValidationError as error:
        raise ProviderProtocol(f"{config.name} sent something that can't be read.", provider=config.slug) from error
