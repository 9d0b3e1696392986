"""What can be set of a provider, and what is wrong with it: pure functions from fields to a configuration.

The fields have the names of docs/api.md and arrive with the right types; here their values are checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, TypedDict

from app.admin import provider_addresses as addresses
from app.admin import provider_headers as headers
from app.admin.provider_addresses import AddressProblem
from app.domain.catalog import CABLES, RESERVED_SLUGS, DefaultModels, ProviderConfig, Timeouts, slug_of
from app.domain.errors import InvalidRequest, Problem
from app.providers.base import ProviderKind
from app.providers.presets import PRESET_IDS

MAX_NAME_LENGTH = 200
MAX_MODEL_LENGTH = 300
MAX_SLUG_LENGTH = 100
MAX_KEY_LENGTH = 8192
MAX_CA_LENGTH = 256 * 1024
MAX_TIMEOUT_S = 3600
MAX_TEMPERATURE = 2
MAX_TOKENS = 10_000_000
MAX_CONCURRENCY = 10_000

TIMEOUTS = {
    "connection_timeout": "connect_s",
    "first_token_timeout": "first_token_s",
    "idle_timeout": "idle_s",
    "request_timeout": "total_s",
}
"""Fields, and what they are called in Timeouts."""

LOCAL_OPTIONS = {
    "context_length": (128, 10_000_000),
    "threads": (1, 1024),
    "gpu_layers": (0, 10_000),
    "parallel": (1, 64),
}
"""Options of kinds that run on this machine, with their bounds."""

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class ModelFields(TypedDict, total=False):
    chat: str | None
    vision: str | None
    embedding: str | None


class ProviderFields(TypedDict, total=False):
    """The fields that a request names; a field that is absent was not named."""

    provider: str
    name: str
    slug: str | None
    scope: str | None
    base_url: str | None
    api_key: str | None
    model: str | None
    models: ModelFields | None
    preset: str | None
    enabled: bool
    connection_timeout: float | None
    first_token_timeout: float | None
    idle_timeout: float | None
    request_timeout: float | None
    max_tokens: int | None
    temperature: float | None
    max_concurrency: int | None
    extra_headers: Mapping[str, str | None] | Sequence[str] | None
    proxy_url: str | None
    ca_pem: str | None
    options: Mapping[str, int | None] | None
    cable: int | None


def applied(start: ProviderConfig, fields: ProviderFields, kinds: Mapping[str, ProviderKind]) -> ProviderConfig:
    """`start` with `fields` over it. Raises InvalidRequest with one detail per field that is wrong."""
    form = _Form(start, fields)
    changes: dict[str, Any] = {
        "kind": form.checked("provider", start.kind, lambda kind: _kind(kind, kinds)),
        "name": form.checked("name", start.name, _name),
        "models": form.models(),
        "preset": form.checked("preset", start.preset, _preset),
        "enabled": fields.get("enabled", start.enabled),
        "timeouts": form.timeouts(),
        "max_tokens": form.number("max_tokens", start.max_tokens, 1, MAX_TOKENS),
        "temperature": form.number("temperature", start.temperature, 0, MAX_TEMPERATURE),
        "max_concurrency": form.number("max_concurrency", start.max_concurrency, 1, MAX_CONCURRENCY),
        "ca_pem": form.checked("ca_pem", start.ca_pem, _ca_pem),
        "cable": form.number("cable", start.cable, 1, CABLES) or start.cable,
        "api_key": form.checked("api_key", start.api_key, _api_key, empty_keeps=True),
        "proxy_url": form.checked("proxy_url", start.proxy_url, lambda url: _proxy_url(url, start.proxy_url)),
        "extra_headers": form.headers(),
    }
    kind = kinds.get(changes["kind"])
    if kind is not None:
        changes["base_url"] = form.base_url(kind)
        changes["options"] = form.options(kind)
    form.raise_problems()
    return replace(start, **changes)


def without_foreign_secrets(
    old: ProviderConfig, new: ProviderConfig, fields: ProviderFields
) -> tuple[ProviderConfig, tuple[str, ...]]:
    """`new`, without secrets that were given for another server, and what the operator must be told about it.

    A key is write-only: whoever may change the address must not be able to send it to a server of their own.
    """
    if addresses.origin(old.base_url) == addresses.origin(new.base_url):
        return new, ()
    notices = []
    if old.api_key is not None and not fields.get("api_key"):
        new = replace(new, api_key=None)
        notices.append("The stored api_key was removed, because base_url points to another server: set it again.")
    kept = sorted(name for name, value in new.extra_headers.items() if value == old.extra_headers.get(name))
    resent = fields.get("extra_headers")
    given = resent if isinstance(resent, Mapping) else {}
    foreign = [name for name in kept if not given.get(name)]
    if foreign:
        rest = {name: value for name, value in new.extra_headers.items() if name not in foreign}
        new = replace(new, extra_headers=rest)
        notices.append(
            f"The stored values of the headers {', '.join(foreign)} were removed, because base_url points to another"
            " server: set them again."
        )
    return new, tuple(notices)


def derived_slug(name: str) -> str:
    """The slug a provider gets from its name; empty when the name has no letter or digit of ASCII."""
    return slug_of(name)[:MAX_SLUG_LENGTH].strip("-")


def slug_problem(slug: str) -> str | None:
    """What is wrong with a slug, if anything."""
    if not _SLUG.fullmatch(slug) or len(slug) > MAX_SLUG_LENGTH:
        return f"must have 1 to {MAX_SLUG_LENGTH} lowercase letters and digits, with single hyphens between them"
    if slug in RESERVED_SLUGS:
        return f"must not be one of the reserved words {', '.join(sorted(RESERVED_SLUGS))}"
    if _UUID.fullmatch(slug):
        return "must not look like an id"
    return None


class _FieldProblem(Exception):
    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class _Form:
    """Reads one field after the other and collects what is wrong, so that one error names it all."""

    def __init__(self, start: ProviderConfig, fields: ProviderFields) -> None:
        self._start = start
        self._fields: Mapping[str, Any] = fields
        self._problems: list[Problem] = []

    def raise_problems(self) -> None:
        if self._problems:
            first = self._problems[0]
            raise InvalidRequest(f"{first.field}: {first.problem}", param=first.field, details=self._problems)

    def wrong(self, field: str, problem: str) -> None:
        self._problems.append(Problem(field, problem))

    def checked(
        self, field: str, current: str | None, check: Callable[[str], str | None], *, empty_keeps: bool = False
    ) -> str | None:
        """The field's text as `check` returns it; `current` where the field is absent or wrong."""
        if field not in self._fields:
            return current
        value = self._fields[field]
        if value is None and field not in ("name", "provider"):
            return None
        text = (value or "").strip() if field != "ca_pem" else value
        if not text and empty_keeps:
            return current
        try:
            return check(text)
        except (AddressProblem, _FieldProblem) as error:
            self.wrong(field, error.problem)
            return current

    def number(self, field: str, current: float | None, low: float, high: float) -> float | None:
        """null takes the number away."""
        value: float | None = self._fields.get(field, current)
        if value is None or low <= value <= high:
            return value
        self.wrong(field, f"must be from {low} to {high}")
        return current

    def timeouts(self) -> Timeouts:
        """null is the default."""
        values = asdict(self._start.timeouts)
        for field, name in TIMEOUTS.items():
            if field not in self._fields:
                continue
            value = self._fields[field]
            if value is not None and not 0 < value <= MAX_TIMEOUT_S:
                self.wrong(field, f"must be greater than 0 and at most {MAX_TIMEOUT_S} seconds")
                continue
            values[name] = getattr(Timeouts(), name) if value is None else float(value)
        return Timeouts(**values)

    def models(self) -> DefaultModels:
        """`model` is the older name of `models.chat`; null takes a default away."""
        given: dict[str, str | None] = dict(self._fields.get("models") or {})
        if "models" in self._fields and self._fields["models"] is None:
            given = {"chat": None, "vision": None, "embedding": None}
        if "model" in self._fields:
            if given.get("chat", self._fields["model"]) != self._fields["model"]:
                self.wrong("model", "must be the same as models.chat, or leave one of them out")
            given["chat"] = self._fields["model"]
        for task, model in given.items():
            if model is not None and not (model.isprintable() and len(model) <= MAX_MODEL_LENGTH):
                self.wrong(f"models.{task}", f"must have at most {MAX_MODEL_LENGTH} printable characters")
        return replace(self._start.models, **{task: (model or "").strip() or None for task, model in given.items()})

    def headers(self) -> Mapping[str, str]:
        if "extra_headers" not in self._fields:
            return self._start.extra_headers
        try:
            return headers.merged(self._fields["extra_headers"] or {}, self._start.extra_headers)
        except headers.HeaderProblem as error:
            self.wrong(f"extra_headers.{error.name}" if error.name else "extra_headers", error.problem)
            return self._start.extra_headers

    def base_url(self, kind: ProviderKind) -> str:
        """An absent address stays as it is; an empty one is the kind's own."""
        current = self._start.base_url or kind.default_base_url or ""
        url = self._fields.get("base_url", current) or kind.default_base_url or ""
        if kind.local:
            if self._fields.get("base_url"):
                self.wrong("base_url", f"must be left out: {kind.label} runs on this machine and has no address")
            return ""
        if not url:
            self.wrong("base_url", f"is required: {kind.label} has no address of its own")
            return current
        try:
            return addresses.base_url(url.strip())
        except AddressProblem as error:
            self.wrong("base_url", error.problem)
            return current

    def options(self, kind: ProviderKind) -> Mapping[str, object]:
        """The complete set; null leaves one out."""
        if "options" not in self._fields:
            return self._start.options
        known = LOCAL_OPTIONS if kind.local else {}
        options = {name: value for name, value in (self._fields["options"] or {}).items() if value is not None}
        for name, value in options.items():
            low, high = known.get(name, (0, 0))
            if name not in known:
                self.wrong(f"options.{name}", f"is not an option of {kind.label}")
            elif not low <= value <= high:
                self.wrong(f"options.{name}", f"must be from {low} to {high}")
        return options


def _kind(name: str, kinds: Mapping[str, ProviderKind]) -> str:
    if name not in kinds:
        raise _FieldProblem(f"must be one of {', '.join(sorted(kinds))}")
    return name


def _name(name: str) -> str:
    if not name or len(name) > MAX_NAME_LENGTH or not name.isprintable():
        raise _FieldProblem(f"must have 1 to {MAX_NAME_LENGTH} printable characters")
    return name


def _preset(preset: str) -> str | None:
    if preset and preset not in PRESET_IDS:
        raise _FieldProblem(f"must be one of {', '.join(sorted(PRESET_IDS))}")
    return preset or None


def _api_key(key: str) -> str:
    if not (key.isascii() and key.isprintable()) or " " in key or len(key) > MAX_KEY_LENGTH:
        raise _FieldProblem(f"must have at most {MAX_KEY_LENGTH} printable ASCII characters and no spaces")
    return key


def _proxy_url(url: str, current: str | None) -> str | None:
    """The address as it is shown, without credentials, keeps the stored one."""
    if not url:
        return None
    proxy = addresses.proxy_url(url)
    return current if current is not None and proxy == addresses.without_credentials(current) else proxy


def _ca_pem(pem: str) -> str | None:
    if not pem.strip():
        return None
    if len(pem) > MAX_CA_LENGTH:
        raise _FieldProblem(f"must have at most {MAX_CA_LENGTH} characters")
    # Imported here because few providers have a CA of their own, and it is three megabytes.
    from cryptography import x509

    try:
        x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise _FieldProblem("must be one or more certificates in PEM form (-----BEGIN CERTIFICATE----- …)") from error
    return pem
