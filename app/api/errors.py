"""The only table from GatewayError to HTTP status, and the native shape of a failure."""

from __future__ import annotations

import math
from typing import Any

from app.domain import errors as e
from app.domain.errors import GatewayError

# The most specific class wins: looked up along the class's own ancestry.
_STATUS: dict[type[GatewayError], int] = {
    GatewayError: 500,
    e.InvalidRequest: 400,
    e.NotAuthenticated: 401,
    e.NotAllowed: 403,
    e.NotFound: 404,
    e.MethodNotAllowed: 405,
    e.NotJson: 415,
    e.Conflict: 409,
    e.VersionMismatch: 412,
    e.TooLarge: 413,
    e.RateLimited: 429,
    e.BudgetExceeded: 429,
    e.ClientLeft: 499,
    e.Stopped: 499,
    e.NoProvider: 503,
    e.Draining: 503,
    e.ProviderError: 502,
    e.ProviderRejected: 400,
    e.ProviderRateLimited: 429,
    e.ProviderQuota: 429,
    e.ProviderUnreachable: 503,
    e.ProviderTimeout: 504,
}


def http_status(error: GatewayError) -> int:
    """A provider's refusal of the request itself keeps its own status; everything else is in the table."""
    if isinstance(error, e.ProviderRejected) and error.status is not None:
        return error.status
    return status_of(type(error))


def status_of(kind: type[GatewayError]) -> int:
    return next(_STATUS[one] for one in kind.__mro__ if one in _STATUS)


def error_headers(error: GatewayError) -> list[tuple[str, str]]:
    """`Retry-After` in whole seconds where waiting helps, and the challenge of a 401."""
    headers = []
    if error.retry_after_s is not None:
        headers.append(("Retry-After", str(max(1, math.ceil(error.retry_after_s)))))
    elif http_status(error) == 429:
        headers.append(("Retry-After", "60"))
    if isinstance(error, e.NotAuthenticated):
        headers.append(("WWW-Authenticate", "Bearer"))
    if isinstance(error, e.MethodNotAllowed):
        headers.append(("Allow", ", ".join(error.allowed)))
    return headers


def error_body(error: GatewayError, request_id: str) -> dict[str, Any]:
    """The `error` object of the native face."""
    details: list[dict[str, Any]] = [{"field": one.field, "problem": one.problem} for one in error.details]
    return {
        "code": error.told_code,
        "message": error.message,
        "request_id": request_id,
        "details": details,
    }
