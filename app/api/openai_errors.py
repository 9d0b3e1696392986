"""OpenAI's shape of a failure, for every dialect of theirs."""

from __future__ import annotations

from typing import Any

from app.domain import errors as e
from app.domain.errors import GatewayError

_TYPES: tuple[tuple[type[GatewayError], str], ...] = (
    (e.NotAuthenticated, "authentication_error"),
    (e.NotAllowed, "permission_error"),
    (e.RateLimited, "rate_limit_error"),
    (e.BudgetExceeded, "rate_limit_error"),
    (e.ProviderRateLimited, "rate_limit_error"),
    (e.ProviderQuota, "rate_limit_error"),
    (e.ProviderRejected, "invalid_request_error"),
    (e.ProviderError, "api_error"),
    (e.NoProvider, "api_error"),
    (e.Draining, "api_error"),
    (e.Stopped, "api_error"),
    (e.InvalidRequest, "invalid_request_error"),
    (e.NotFound, "invalid_request_error"),
    (e.MethodNotAllowed, "invalid_request_error"),
    (e.NotJson, "invalid_request_error"),
    (e.Conflict, "invalid_request_error"),
    (e.VersionMismatch, "invalid_request_error"),
    (e.TooLarge, "invalid_request_error"),
)


def error_body(error: GatewayError, request_id: str) -> dict[str, Any]:
    """OpenAI's error shape; a provider's own code is kept where it refused the request or limits the rate."""
    kind = next((name for family, name in _TYPES if isinstance(error, family)), "server_error")
    return {"error": {"message": error.message, "type": kind, "param": error.param, "code": error_code(error)}}


def error_code(error: GatewayError) -> str:
    if isinstance(error, e.NotAuthenticated):
        return "invalid_api_key"
    if isinstance(error, (e.ProviderRejected, e.ProviderRateLimited, e.ProviderQuota)) and error.provider_code:
        return error.provider_code
    return error.told_code
