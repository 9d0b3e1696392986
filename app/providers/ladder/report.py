"""What a connection test found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Diagnosis(StrEnum):
    """What is wrong, as docs/api.md lists it."""

    OK = "ok"
    DNS_FAILED = "dns_failed"
    NOTHING_LISTENING = "nothing_listening"
    UNREACHABLE = "unreachable"
    CONNECT_TIMEOUT = "connect_timeout"
    TLS_NAME = "tls_name"
    TLS_EXPIRED = "tls_expired"
    TLS_UNTRUSTED = "tls_untrusted"
    TLS_ON_PLAIN_PORT = "tls_on_plain_port"
    PLAIN_ON_TLS_PORT = "plain_on_tls_port"
    NOT_HTTP = "not_http"
    WEB_PAGE = "web_page"
    MISSING_V1 = "missing_v1"
    DOUBLED_V1 = "doubled_v1"
    DOUBLE_SLASH = "double_slash"
    ENDPOINT_IN_URL = "endpoint_in_url"
    REDIRECTS = "redirects"
    ERROR_IN_200 = "error_in_200"
    KEY_MISSING = "key_missing"
    KEY_REFUSED = "key_refused"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    NO_MODELS = "no_models"
    ONLY_EMBEDDINGS = "only_embeddings"
    BAD_JSON = "bad_json"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"


@dataclass(frozen=True, slots=True)
class Step:
    """One rung: `resolve`, `connect`, `tls`, `http`, `auth`, `models` or `completion`."""

    step: str
    ok: bool
    ms: float
    detail: str


@dataclass(frozen=True, slots=True)
class LadderReport:
    """The steps up to the first that failed, what that means, and fields of the provider that would mend it."""

    ok: bool
    steps: tuple[Step, ...]
    diagnosis: Diagnosis
    message: str
    repair: Mapping[str, str] | None = None


class Fault(Exception):
    """A step failed. `detail` goes beside the step, the other fields into the message."""

    def __init__(
        self, diagnosis: Diagnosis, detail: str, *, status: int | None = None, location: str | None = None
    ) -> None:
        super().__init__(detail)
        self.diagnosis = diagnosis
        self.detail = detail
        self.status = status
        self.location = location
        """Where a redirect leads, as the server wrote it."""


class HandshakeFailed(Fault):
    """No TLS connection, though not because of the certificate: maybe the port does not speak TLS."""
