"""Providers, the models they list, and what those models accept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

RESERVED_SLUGS = frozenset(
    {"models", "active", "presets", "test", "chat", "completions", "embeddings", "discover", "audit-logs"}
)
CABLES = 8
"""How many cable colours there are (docs/ui: one per provider, 1…8)."""


class Task(StrEnum):
    CHAT = "chat"
    COMPLETION = "completion"
    EMBEDDING = "embedding"


class Scope(StrEnum):
    SHARED = "shared"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class DefaultModels:
    """The vendor's model ids that a provider (or the settings) answers with when none is named."""

    chat: str | None = None
    vision: str | None = None
    embedding: str | None = None


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `first_token_s` ends with the first event, `idle_s` is between two, `total_s` covers all attempts."""

    connect_s: float = 5.0
    first_token_s: float = 300.0
    idle_s: float = 60.0
    total_s: float = 600.0


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """One configured connection, as the database has it; `version` grows with every change."""

    id: str
    slug: str
    name: str
    kind: str
    base_url: str
    models: DefaultModels = DefaultModels()
    api_key: str | None = field(default=None, repr=False)
    preset: str | None = None
    is_default: bool = False
    enabled: bool = True
    timeouts: Timeouts = Timeouts()
    max_tokens: int | None = None
    """Sent where a request names no limit."""
    temperature: float | None = None
    max_concurrency: int | None = None
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy_url: str | None = field(default=None, repr=False)
    ca_pem: str | None = field(default=None, repr=False)
    options: Mapping[str, object] = field(default_factory=dict)
    """Settings of the kind itself, such as the local engine's context length and threads."""
    cable: int = 1
    scope: Scope = Scope.SHARED
    owner_id: str | None = None
    version: int = 1
    created_at: datetime | None = None
    updated_at: datetime | None = None


class ModelType(StrEnum):
    LLM = "llm"
    VLM = "vlm"
    EMBEDDINGS = "embeddings"


class ModelState(StrEnum):
    LOADED = "loaded"
    LOADING = "loading"
    NOT_LOADED = "not-loaded"
    REMOTE = "remote"


class Treatment(StrEnum):
    """What happens to a parameter on its way to a provider."""

    SENT = "sent"
    RENAMED = "renamed"
    DROPPED = "dropped"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing a model accepts. `minimum`/`maximum` are inclusive; `choices` are the allowed strings."""

    name: str
    type: str
    """`number`, `integer`, `boolean`, `string`, `array` or `object`."""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    default: object = None
    treatment: Treatment = Treatment.SENT
    sent_as: str | None = None
    """The name on the wire when `treatment` is `renamed`."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A model in memory, under the name that unloading takes."""

    id: str
    context_length: int | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as one provider lists it. `id` is the vendor's; the canonical name is `<slug>/<id>`."""

    id: str
    provider: str
    """The provider's slug."""
    name: str
    type: ModelType = ModelType.LLM
    state: ModelState = ModelState.REMOTE
    arch: str | None = None
    quantization: str | None = None
    max_context_length: int | None = None
    loaded_context_length: int | None = None
    max_output_tokens: int | None = None
    size_bytes: int | None = None
    owned_by: str | None = None
    created: int | None = None
    capabilities: tuple[str, ...] = ()
    """Of `chat`, `completion`, `embedding`, `vision`, `tools`, `reasoning`, `toy`."""
    memory_bytes: int | None = None
    """What it takes, or would take when loaded as its provider would: weights and cache. None where nobody knows."""
    instances: tuple[Instance, ...] = ()
    """Of a model in memory, where the vendor counts them."""
    input_is_told: bool = False
    """Whether the list says what the model reads, so that one that is not said to read images does not."""
    reasoning_efforts: tuple[str, ...] | None = None
    """What `reasoning_effort` may be; empty for a model that does not reason, None where nobody says."""
    loads_on_use: bool | None = None
    """Whether a request loads it where it is not in memory; None where nobody says."""

    @property
    def canonical(self) -> str:
        return f"{self.provider}/{self.id}"

    @property
    def reads_images(self) -> bool | None:
        """None where nobody says."""
        if self.type is ModelType.VLM:
            return True
        return False if self.input_is_told else None

    def can(self, capability: str) -> bool:
        return capability in self.capabilities


class HealthState(StrEnum):
    UNKNOWN = "unknown"
    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """How a provider answered last."""

    state: HealthState = HealthState.UNKNOWN
    since: datetime | None = None
    checked_at: datetime | None = None
    latency_ms: float | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class AliasTarget:
    model: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Alias:
    """A name of our own for a model; `targets` has one entry."""

    id: str
    name: str
    targets: tuple[AliasTarget, ...]
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Preset:
    """A template for a new provider."""

    id: str
    label: str
    kind: str
    base_url: str
    needs_key: bool
    help: str = ""
    docs_url: str = ""


def slug_of(name: str) -> str:
    """`My LM Studio!` → `my-lm-studio`; empty when the name has no letter or digit."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
