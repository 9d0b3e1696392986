"""Everything that can go wrong, as classes.

    GatewayError
    ├── InvalidRequest ─ InvalidJson, AmbiguousModel, ContextLengthExceeded, ParameterNotSupported
    │                    CapabilityNotSupported ─ TextOnly
    ├── NotAuthenticated ─ CredentialMissing, CredentialInvalid, CredentialExpired
    ├── NotAllowed ─ KeyNotAllowed, ModelNotAllowed, PasswordChangeRequired
    ├── NotFound ─ ModelNotFound        MethodNotAllowed    NotJson     TooLarge
    ├── Conflict ─ DefaultProvider, ModelBusy               VersionMismatch
    ├── RateLimited, BudgetExceeded
    ├── NoProvider, Draining, Stopped, ClientLeft
    └── ProviderError ─ ProviderRejected ─ ProviderContextLength
                        ProviderRateLimited, ProviderQuota, ProviderAuthFailed, ProviderProtocol,
                        ProviderFailed, StreamCut, ProviderUnreachable, ProviderTimeout

`code` is stable: clients and dashboards rely on it. The message is for people. HTTP statuses live in api/errors.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field of a request."""

    field: str
    problem: str


class GatewayError(Exception):
    """The root: whatever a caller may be told, in words and as a stable code."""

    code: ClassVar[str] = "internal"

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        details: Sequence[Problem] = (),
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.details = tuple(details)
        self.retry_after_s = retry_after_s

    @property
    def told_code(self) -> str:
        """The code that a caller is told."""
        return self.code


class InvalidRequest(GatewayError):
    """The request can't be served as it is; `details` name the fields and their bounds."""

    code = "invalid_request"


class InvalidJson(InvalidRequest):
    code = "invalid_json"


class AmbiguousModel(InvalidRequest):
    code = "ambiguous_model"


class CapabilityNotSupported(InvalidRequest):
    code = "capability_not_supported"


class TextOnly(CapabilityNotSupported):
    """A model that reads no images was sent one."""


class ContextLengthExceeded(InvalidRequest):
    code = "context_length_exceeded"


class ParameterNotSupported(InvalidRequest):
    code = "parameter_not_supported"


class NotAuthenticated(GatewayError):
    """Nobody, or nobody known, is asking."""

    code = "credential_invalid"


class CredentialMissing(NotAuthenticated):
    code = "credential_missing"


class CredentialInvalid(NotAuthenticated):
    code = "credential_invalid"


class CredentialExpired(NotAuthenticated):
    code = "credential_expired"


class NotAllowed(GatewayError):
    """Somebody known is asking for what they may not have."""

    code = "not_allowed"


class KeyNotAllowed(NotAllowed):
    code = "key_not_allowed"


class ModelNotAllowed(NotAllowed):
    code = "model_not_allowed"


class PasswordChangeRequired(NotAllowed):
    code = "password_change_required"


class NotFound(GatewayError):
    code = "not_found"


class ModelNotFound(NotFound):
    code = "model_not_found"


class MethodNotAllowed(GatewayError):
    """`allowed` are the methods that are possible."""

    code = "method_not_allowed"
    allowed: tuple[str, ...] = ()


class NotJson(GatewayError):
    code = "not_json"


class TooLarge(GatewayError):
    code = "too_large"


class Conflict(GatewayError):
    code = "conflict"


class DefaultProvider(Conflict):
    code = "default_provider"


class ModelBusy(Conflict):
    code = "model_busy"


class VersionMismatch(GatewayError):
    code = "version_mismatch"


class RateLimited(GatewayError):
    """A limit of ours is used up; the message names which."""

    code = "rate_limited"


class BudgetExceeded(GatewayError):
    code = "budget_exceeded"


class NoProvider(GatewayError):
    """No candidate could be tried, or several failed differently; `details` has the reason per provider."""

    code = "no_provider"


class Draining(GatewayError):
    """The server is stopping and this answer could not be finished in time."""

    code = "draining"


class Stopped(GatewayError):
    """The caller asked for the end of this answer."""

    code = "stopped"


class ClientLeft(GatewayError):
    """The client closed its connection; nobody is there to read the answer."""

    code = "client_left"


class ProviderError(GatewayError):
    """What a caller hears when a provider fails; two flags say what may be done about it."""

    code = "provider_error"
    retry_same: ClassVar[bool] = False
    """May the same candidate succeed a moment later?"""
    try_next: ClassVar[bool] = True
    """May another candidate succeed where this one failed?"""

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        status: int | None = None,
        provider_code: str | None = None,
        param: str | None = None,
        details: Sequence[Problem] = (),
        retry_after_s: float | None = None,
    ) -> None:
        """`status` and `provider_code` are the provider's own, where it sent some."""
        super().__init__(message, param=param, details=details, retry_after_s=retry_after_s)
        self.provider = provider
        self.status = status
        self.provider_code = provider_code


class ProviderRejected(ProviderError):
    """The provider refused the request itself (400, 404, 413, 422): status, message and code are kept."""

    code = "invalid_request"
    try_next = False

    @property
    def told_code(self) -> str:
        """A provider's 404 or 413 has the code of ours with that meaning."""
        named = type(self) is not ProviderRejected
        return self.code if named else {404: "model_not_found", 413: "too_large"}.get(self.status or 400, self.code)


class ProviderContextLength(ProviderRejected):
    code = "context_length_exceeded"


class ProviderRateLimited(ProviderError):
    code = "provider_rate_limited"
    retry_same = True


class ProviderQuota(ProviderError):
    """Out of credit or over a billing limit: waiting a moment does not help."""

    code = "provider_quota"


class ProviderAuthFailed(ProviderError):
    """The provider refused our key. Its text is never kept: it may echo the key."""

    code = "provider_auth_failed"


class ProviderProtocol(ProviderError):
    """The provider answered something that can't be read as an answer."""

    code = "provider_protocol"


class ProviderFailed(ProviderError):
    """The provider says that it failed (408, 409, 5xx, or an error in a stream)."""

    code = "provider_error"
    retry_same = True


class StreamCut(ProviderError):
    """A stream ended before the answer was complete."""

    code = "stream_cut"
    retry_same = True


class ProviderUnreachable(ProviderError):
    code = "provider_unreachable"
    retry_same = True


class ProviderTimeout(ProviderError):
    """The provider was too slow. Asking again would only take as long again."""

    code = "provider_timeout"
