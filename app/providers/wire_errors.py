"""A server's error reply → the right ProviderError, by status, `code` and `type`, never by words.

Sources: OpenAI's and Groq's error references, LM Studio's, Ollama's, llama.cpp's and vLLM's servers. `error` may be an
object or a plain string, `code` may be text, a number or null, and vLLM's older form has no `error` object at all.
"""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import msgspec

from app.domain.errors import (
    ProviderAuthFailed,
    ProviderContextLength,
    ProviderError,
    ProviderFailed,
    ProviderProtocol,
    ProviderQuota,
    ProviderRateLimited,
    ProviderRejected,
)

_decode = msgspec.json.Decoder().decode

QUOTA_CODES = frozenset({"insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached"})
CONTEXT_CODES = frozenset({"context_length_exceeded", "exceed_context_size_error"})
RATE_CODES = frozenset({"rate_limit_exceeded", "slow_down", "capacity_exceeded"})
REFUSALS = frozenset({400, 404, 413, 422})
"""Statuses that refuse the request itself; a caller sees them with the provider's own words and code."""
MAX_RETRY_AFTER_S = 3600.0


class TooManyTokensAtOnce(ProviderRateLimited):
    """Groq's 413: one request asks for more than a whole minute's tokens, so no waiting helps."""

    retry_same = False


@dataclass(frozen=True, slots=True)
class WireError:
    """What an error body says, in one shape."""

    message: str
    type: str | None = None
    code: str | None = None
    param: str | None = None
    status: int | None = None


def wire_error(document: Any) -> WireError | None:
    """The error inside a decoded body or event, None where there is none."""
    if not isinstance(document, dict):
        return None
    error = document.get("error")
    if not error and isinstance(document.get("x_groq"), dict):
        # Groq's mark of a stream that had to stop early (the `groq` SDK's types).
        error = document["x_groq"].get("error")
    if isinstance(error, str) and error:
        return WireError(error)
    if isinstance(error, dict):
        return _from_object(error)
    if document.get("object") == "error":
        return _from_object(document)
    return None


def _from_object(error: Mapping[str, Any]) -> WireError:
    code = error.get("code")
    number = code if isinstance(code, int) and not isinstance(code, bool) else error.get("status_code")
    return WireError(
        message=_text(error.get("message")) or "no message",
        type=_text(error.get("type")),
        code=code if isinstance(code, str) else None,
        param=_text(error.get("param")),
        status=number if isinstance(number, int) else None,
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def from_reply(provider: str, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
    """The error that a reply with a status of 300 or more stands for."""
    try:
        error = wire_error(_decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        error = None
    if error is None:
        return _without_words(provider, status, headers)
    return _classified(provider, status, error, retry_after_s(headers))


def from_event(provider: str, document: Any) -> ProviderError | None:
    """The error inside a 200 body or a stream's event, by what it says about itself; None where there is none."""
    error = wire_error(document)
    if error is None:
        return None
    if error.status is None and error.code is None and error.type in (None, "api_error", "server_error"):
        return ProviderFailed(f"{provider} failed: {_short(error.message)}", provider=provider)
    return _classified(provider, error.status or _STATUS_OF_TYPE.get(error.type or "", 500), error, None)


# What the types that vendors send inside a stream mean as a status.
_STATUS_OF_TYPE = {
    "invalid_request": 400,
    "invalid_request_error": 400,
    "exceed_context_size_error": 400,
    "BadRequestError": 400,
    "not_found_error": 404,
    "NotFoundError": 404,
    "rate_limit_error": 429,
    "unavailable_error": 503,
}


def _classified(provider: str, status: int, error: WireError, wait_s: float | None) -> ProviderError:
    said = _short(error.message)
    if status in (401, 403):
        return _refused_key(provider, status)
    if status == 402 or error.code in QUOTA_CODES or error.type in QUOTA_CODES:
        return ProviderQuota(said, provider=provider, status=status, provider_code=error.code, retry_after_s=wait_s)
    if status == 413 and error.code in RATE_CODES:
        return TooManyTokensAtOnce(
            said, provider=provider, status=status, provider_code=error.code, retry_after_s=wait_s
        )
    if status in (429, 498):
        return ProviderRateLimited(
            said, provider=provider, status=status, provider_code=error.code, retry_after_s=wait_s
        )
    if error.code in CONTEXT_CODES or error.type in CONTEXT_CODES:
        return ProviderContextLength(
            said, provider=provider, status=400, provider_code="context_length_exceeded", param=error.param
        )
    if status in REFUSALS:
        return ProviderRejected(
            said, provider=provider, status=status, provider_code=error.code or error.type, param=error.param
        )
    return _failed(f"{provider}: {said}", provider, status, error.code, wait_s)


def _failed(
    said: str, provider: str, status: int, code: str | None, wait_s: float | None
) -> ProviderFailed | ProviderProtocol:
    if status >= 500 or status in (408, 409):
        return ProviderFailed(said, provider=provider, status=status, provider_code=code, retry_after_s=wait_s)
    return ProviderProtocol(said, provider=provider, status=status, provider_code=code)


def _without_words(provider: str, status: int, headers: Mapping[str, str]) -> ProviderError:
    """For bodies that are no JSON error, such as a proxy's HTML page: nothing of them reaches a caller."""
    said = f"{provider} answered with status {status}."
    wait_s = retry_after_s(headers)
    if status in (401, 403):
        return _refused_key(provider, status)
    if status == 402:
        return ProviderQuota(said, provider=provider, status=status)
    if status in (429, 498):
        return ProviderRateLimited(said, provider=provider, status=status, retry_after_s=wait_s)
    if status in REFUSALS:
        return ProviderRejected(said, provider=provider, status=status)
    return _failed(said, provider, status, None, wait_s)


def _refused_key(provider: str, status: int) -> ProviderError:
    return ProviderAuthFailed(
        f"{provider} refused the gateway's key. An administrator can replace it.", provider=provider, status=status
    )


def _short(message: str) -> str:
    return message if len(message) <= 2000 else message[:2000] + "…"


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait: `retry-after-ms`, then `retry-after` as seconds or as a date (RFC 9110, 10.2.3)."""
    milliseconds = headers.get("retry-after-ms", "")
    if re.fullmatch(r"\d+(\.\d+)?", milliseconds):
        return min(float(milliseconds) / 1000, MAX_RETRY_AFTER_S)
    text = headers.get("retry-after", "")
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return min(float(text), MAX_RETRY_AFTER_S)
    try:
        date = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    at = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return min(max(0.0, at.timestamp() - time.time()), MAX_RETRY_AFTER_S)
