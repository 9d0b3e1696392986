"""A provider in JSON: what a request may say of it, and what an answer shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, model_validator

from app.admin import provider_fields as limits
from app.admin.provider_addresses import MAX_URL_LENGTH, without_credentials
from app.admin.provider_fields import TIMEOUTS, ProviderFields
from app.admin.provider_headers import MAX_HEADERS
from app.admin.provider_rules import Editor
from app.admin.provider_settings import MISSING_SECRETS, Edited
from app.admin.refusals import invalid
from app.api.admin.shapes import Body, left_out
from app.api.model_json import parameter_json
from app.api.model_shapes import ParameterOut
from app.api.shape import Shape
from app.api.times import Time, iso
from app.domain.catalog import CABLES, HealthState, ProviderStatus, Scope
from app.domain.lifecycle import Act
from app.providers.registry import kinds
from app.storage.provider_configs import StoredProvider

_ACTIVATE = "is read-only: POST /api/v1/llm-providers/{id}/activate makes a provider the default"
READ_ONLY = {
    **dict.fromkeys(
        ("id", "has_api_key", "acts", "load_options", "status", "owner_id", "created_at", "updated_at", "notices"),
        "is read-only: leave it out",
    ),
    "is_default": _ACTIVATE,
    "is_active": _ACTIVATE,
    "version": "is read-only: send the version you have read as If-Match",
}


def _names_without_values(headers: Any) -> Any:
    """Headers as an answer shows them, names only, mean the stored values."""
    if isinstance(headers, list) and all(isinstance(name, str) for name in headers):
        return dict.fromkeys(headers)
    return headers


Name = Annotated[str, Field(min_length=1, max_length=limits.MAX_NAME_LENGTH)]
Text = Annotated[str, Field(max_length=limits.MAX_MODEL_LENGTH)]
Seconds = Annotated[float, Field(strict=True, gt=0, le=limits.MAX_TIMEOUT_S)]
Headers = Annotated[
    dict[str, str | None],
    BeforeValidator(_names_without_values),
    Field(max_length=MAX_HEADERS, description="The complete set; a name without a value keeps the stored one"),
]


class ModelsIn(Body):
    """The provider's own names of models."""

    chat: Text | None = left_out()
    vision: Text | None = left_out()
    embedding: Text | None = left_out()


class ProviderBody(Body):
    """What can be set; a field that is left out stays as it is, or takes its default."""

    slug: Annotated[str, Field(max_length=limits.MAX_SLUG_LENGTH)] | None = left_out()
    scope: Scope | None = left_out()
    base_url: Annotated[str, Field(max_length=MAX_URL_LENGTH)] | None = left_out()
    api_key: (
        Annotated[
            str,
            Field(
                max_length=limits.MAX_KEY_LENGTH, description="Write-only. Empty keeps the stored key, null removes it"
            ),
        ]
        | None
    ) = left_out()
    model: Text | None = left_out()
    models: ModelsIn | None = left_out()
    preset: Text | None = left_out()
    enabled: StrictBool = left_out()
    connection_timeout: Seconds | None = left_out()
    first_token_timeout: Seconds | None = left_out()
    idle_timeout: Seconds | None = left_out()
    request_timeout: Seconds | None = left_out()
    max_tokens: Annotated[int, Field(strict=True, ge=1, le=limits.MAX_TOKENS)] | None = left_out()
    temperature: Annotated[float, Field(strict=True, ge=0, le=limits.MAX_TEMPERATURE)] | None = left_out()
    max_concurrency: Annotated[int, Field(strict=True, ge=1, le=limits.MAX_CONCURRENCY)] | None = left_out()
    extra_headers: Headers | None = left_out()
    proxy_url: Annotated[str, Field(max_length=MAX_URL_LENGTH)] | None = left_out()
    ca_pem: Annotated[str, Field(max_length=limits.MAX_CA_LENGTH)] | None = left_out()
    options: dict[str, StrictInt | None] | None = left_out()
    cable: Annotated[int, Field(strict=True, ge=1, le=CABLES)] | None = left_out()

    @model_validator(mode="before")
    @classmethod
    def _no_read_only_fields(cls, values: Any) -> Any:
        for name, problem in READ_ONLY.items():
            if isinstance(values, Mapping) and name in values:
                raise invalid(name, problem)
        return values

    def fields(self) -> ProviderFields:
        """What was said, under the same names."""
        given = self.given()
        if isinstance(given.get("models"), ModelsIn):
            given["models"] = given["models"].given()
        given.pop("completion", None)
        return cast("ProviderFields", given)


class ProviderIn(ProviderBody):
    provider: Annotated[str, Field(min_length=1, max_length=50, description="The kind")]
    name: Name


class ProviderPatch(ProviderBody):
    provider: Annotated[str, Field(min_length=1, max_length=50, description="The kind")] = left_out()
    name: Name = left_out()


class ProviderTest(ProviderPatch):
    """Changes that are not stored yet; `completion` lets a model answer, which may cost tokens."""

    completion: StrictBool = False


class DraftTest(ProviderTest):
    provider: Annotated[str, Field(min_length=1, max_length=50, description="The kind")]
    name: Name = "A provider to test"


class ModelsOut(Shape):
    chat: str | None
    vision: str | None
    embedding: str | None


class StatusOut(Shape):
    state: HealthState
    since: Time | None
    checked_at: Time | None
    latency_ms: float | None
    message: str | None = Field(description="For those who may edit the provider")


class ProviderOut(Shape):
    id: str
    slug: str
    name: str
    provider: str = Field(description="The kind")
    base_url: str | None = Field(description="For those who may edit the provider")
    model: str | None = Field(description="The same as models.chat")
    models: ModelsOut
    preset: str | None
    is_default: bool
    is_active: bool = Field(description="The same as is_default")
    enabled: bool
    has_api_key: bool
    connection_timeout: float
    first_token_timeout: float
    idle_timeout: float
    request_timeout: float
    max_tokens: int | None
    temperature: float | None
    max_concurrency: int | None
    extra_headers: list[str] = Field(description="Names only")
    proxy_url: str | None = Field(description="Without credentials; for those who may edit the provider")
    ca_pem: str | None = Field(description="For those who may edit the provider")
    options: dict[str, int]
    cable: int = Field(description="Its colour, 1 to 8")
    acts: list[Act] = Field(description="What can be done with its models besides asking them")
    load_options: list[ParameterOut] = Field(description="What a load takes besides context_length")
    scope: Scope
    owner_id: str | None
    status: StatusOut
    version: int
    created_at: Time
    updated_at: Time


class EditedOut(ProviderOut):
    notices: list[str] = Field(description="What else the change has done")


def provider_json(stored: StoredProvider, status: ProviderStatus, by: Editor) -> dict[str, Any]:
    """As `by` may see it."""
    config, edits = stored.config, by.may_edit(stored.config)
    return {
        "id": config.id,
        "slug": config.slug,
        "name": config.name,
        "provider": config.kind,
        "base_url": config.base_url if edits else None,
        "model": config.models.chat,
        "models": asdict(config.models),
        "preset": config.preset,
        "is_default": config.is_default,
        "is_active": config.is_default,
        "enabled": config.enabled,
        "has_api_key": config.api_key is not None,
        **{field: getattr(config.timeouts, name) for field, name in TIMEOUTS.items()},
        "max_tokens": config.max_tokens,
        "temperature": config.temperature,
        "max_concurrency": config.max_concurrency,
        "extra_headers": sorted(config.extra_headers),
        "proxy_url": without_credentials(config.proxy_url) if edits and config.proxy_url else None,
        "ca_pem": config.ca_pem if edits else None,
        "options": dict(config.options),
        "cable": config.cable,
        **_lifecycle(config.kind),
        "scope": config.scope,
        "owner_id": config.owner_id,
        "status": _status(stored, status, edits),
        "version": config.version,
        "created_at": None if config.created_at is None else iso(config.created_at),
        "updated_at": None if config.updated_at is None else iso(config.updated_at),
    }


def edited_json(edited: Edited, status: ProviderStatus, by: Editor) -> dict[str, Any]:
    return {**provider_json(edited.provider, status, by), "notices": list(edited.notices)}


def _lifecycle(kind_name: str) -> dict[str, Any]:
    """Of a kind that is no longer installed nothing is known."""
    provider = kinds().get(kind_name)
    if provider is None:
        return {"acts": [], "load_options": []}
    kind = provider.KIND
    return {"acts": sorted(kind.acts), "load_options": [parameter_json(one) for one in kind.load_options]}


def _status(stored: StoredProvider, status: ProviderStatus, edits: bool) -> dict[str, Any]:
    """Messages may name addresses; so only editors see them."""
    message = MISSING_SECRETS if stored.unreadable else status.message
    return {
        "state": status.state,
        "since": None if status.since is None else iso(status.since),
        "checked_at": None if status.checked_at is None else iso(status.checked_at),
        "latency_ms": status.latency_ms,
        "message": message if edits else None,
    }
