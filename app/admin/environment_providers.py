"""Providers and default models that the environment asks for.

They are made where their slug is absent. Later starts update only what nobody has edited since: each provider
remembers what the environment wrote last.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

import structlog

from app.admin import provider_changes as changes
from app.admin.clock import utc_now
from app.admin.provider_changes import Occasion
from app.admin.provider_fields import LOCAL_OPTIONS, ProviderFields, applied, without_foreign_secrets
from app.admin.provider_settings import known_kinds
from app.domain.audit import ENVIRONMENT
from app.domain.catalog import ProviderConfig, Scope
from app.domain.errors import InvalidRequest
from app.domain.settings import Settings
from app.providers.base import ProviderKind
from app.storage.database import Database
from app.storage.provider_configs import Providers, StoredProvider, changing_providers, with_providers
from app.storage.secrets import SecretBox
from config import Config, ConfigError

log = structlog.get_logger()

OPENAI_HOST = "api.openai.com"
TOY_MODEL = "patchbay-toy"
LOCAL_SLUG = "local"
VENDORS = ("lmstudio", "openai", "groq")
"""Values of LLM_PROVIDER that make a provider by themselves."""


@dataclass(frozen=True, slots=True)
class EnvironmentProvider:
    """What the environment says about one provider. `variables` names where each field came from."""

    slug: str
    name: str
    kind: str
    preset: str | None
    chosen_by: frozenset[str]
    """Values of LLM_PROVIDER that mean this one."""
    fields: Mapping[str, Any]
    """Fields that the environment manages, the key apart; a dot leads into a nested one."""
    api_key: str | None = field(default=None, repr=False)
    variables: Mapping[str, str] = field(default_factory=dict)


def wanted_providers(config: Config) -> tuple[EnvironmentProvider, ...]:
    """The built-in engine comes last: the first that is made becomes the default where none is chosen."""
    asked = (config.llm_provider or "").lower()
    return tuple(
        one
        for one in (_lmstudio(config, asked), _openai(config, asked), _groq(config, asked), _local(config))
        if one is not None
    )


class EnvironmentProviders:
    """Brings the database to what the environment asks for."""

    def __init__(
        self,
        config: Config,
        *,
        kinds: Callable[[], Mapping[str, ProviderKind]] = known_kinds,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._config = config
        self._kinds = kinds
        self._now = now
        self._wanted = wanted_providers(config)

    def apply(self, database: Database, box: SecretBox) -> bool:
        """Whether anything changed. Raises ConfigError for values that can't be used, naming the variables."""

        def missing(providers: Providers, _: Settings) -> bool:
            stored = {one.config.slug: one for one in providers.all()}
            self._check_choice(stored)
            return any(self._plan(one, stored.get(one.slug)) is not None for one in self._wanted)

        if not with_providers(database, box, missing):
            return False
        return changing_providers(database, box, lambda providers, _: self._store(providers))

    def _store(self, providers: Providers) -> bool:
        occasion = Occasion(ENVIRONMENT, self._now())
        for wanted in self._wanted:
            stored = {one.config.slug: one for one in providers.all()}
            plan = self._plan(wanted, stored.get(wanted.slug))
            if plan is None:
                continue
            if wanted.slug in stored:
                changes.save(providers, replace(plan, config=stored[wanted.slug].config), plan.config, occasion)
            else:
                self._add(providers, wanted, plan, list(stored.values()))
        return True

    def _add(
        self, providers: Providers, wanted: EnvironmentProvider, plan: StoredProvider, others: list[StoredProvider]
    ) -> None:
        cable = changes.free_cable(one.config for one in others)
        first = not any(one.config.is_default for one in others)
        made = replace(plan, config=replace(plan.config, cable=cable, is_default=first))
        changes.add(providers, made, Occasion(ENVIRONMENT, self._now()))
        if not first and (self._config.llm_provider or "").lower() in wanted.chosen_by:
            changes.make_default(providers, made.config, ENVIRONMENT)

    def _plan(self, wanted: EnvironmentProvider, stored: StoredProvider | None) -> StoredProvider | None:
        """The provider as it should be; None when there is nothing to do."""
        if stored is None:
            config = self._checked(wanted, self._blank(wanted), wanted.api_key)
            return StoredProvider(config, from_env=_managed(config), env_api_key=wanted.api_key)
        if stored.from_env is None:
            # Somebody has made a provider of this name; it is theirs.
            return None
        return self._updated(wanted, stored, stored.from_env)

    def _updated(
        self, wanted: EnvironmentProvider, stored: StoredProvider, written: Mapping[str, Any]
    ) -> StoredProvider | None:
        """Fields that still hold what the environment wrote follow it; None when all of them do already."""
        old = stored.config
        has, asked = _managed(old), _managed(self._checked(wanted, old, None))
        follow = {
            name: asked[name] for name in wanted.fields if has[name] == written[name] and asked[name] != has[name]
        }
        key_is_ours = not stored.unreadable and old.api_key == stored.env_api_key
        new_key = wanted.api_key if key_is_ours and wanted.api_key != old.api_key else None
        if not follow and new_key is None:
            return None
        config = self._checked(replace(wanted, fields=follow), old, new_key)
        fields = ProviderFields() if new_key is None else ProviderFields(api_key=new_key)
        config, notices = without_foreign_secrets(old, config, fields)
        for notice in notices:
            log.warning("environment_provider", provider=wanted.slug, notice=notice)
        return replace(
            stored,
            config=config,
            from_env={**written, **follow},
            env_api_key=new_key or stored.env_api_key,
            sealed=stored.sealed if stored.unreadable else None,
        )

    def _blank(self, wanted: EnvironmentProvider) -> ProviderConfig:
        now = self._now()
        return ProviderConfig(
            id=str(uuid.uuid4()),
            slug=wanted.slug,
            name=wanted.name,
            kind=wanted.kind,
            base_url="",
            preset=wanted.preset,
            scope=Scope.SHARED,
            created_at=now,
            updated_at=now,
        )

    def _checked(self, wanted: EnvironmentProvider, start: ProviderConfig, api_key: str | None) -> ProviderConfig:
        """Raises ConfigError naming the variables whose values can't be used."""
        fields: dict[str, Any] = {"options": dict(start.options), "api_key": api_key or ""}
        for name, value in wanted.fields.items():
            outer, _, inner = name.partition(".")
            if inner:
                fields.setdefault(outer, {})[inner] = value
            else:
                fields[outer] = value
        try:
            return applied(start, cast("ProviderFields", fields), self._kinds())
        except InvalidRequest as error:
            lines = [f"{wanted.variables.get(one.field, one.field)} {one.problem}" for one in error.details]
            raise ConfigError("\n".join(lines)) from error

    def _check_choice(self, stored: Mapping[str, StoredProvider]) -> None:
        """Raises ConfigError for an LLM_PROVIDER that means nothing."""
        asked = (self._config.llm_provider or "").lower()
        if asked and asked not in stored and not any(asked in one.chosen_by for one in self._wanted):
            known = sorted({*stored, *VENDORS, *(name for one in self._wanted for name in one.chosen_by)})
            raise ConfigError(f"LLM_PROVIDER={asked} must be one of {', '.join(known)}")


def _lmstudio(config: Config, asked: str) -> EnvironmentProvider | None:
    if not (config.lmstudio_api_base or config.lmstudio_api_key or config.lmstudio_model or asked == "lmstudio"):
        return None
    fields = _given(models__chat=config.lmstudio_model)
    if config.lmstudio_api_base:
        base, parts = _address("LMSTUDIO_API_BASE", config.lmstudio_api_base)
        # LM Studio prints its address without the path under which it speaks OpenAI's format.
        fields["base_url"] = base if parts.path.strip("/") else base.rstrip("/") + "/v1"
    return EnvironmentProvider(
        slug="lmstudio",
        name="LM Studio",
        kind="lmstudio",
        preset="lmstudio",
        chosen_by=frozenset({"lmstudio"}),
        fields=fields,
        api_key=config.lmstudio_api_key,
        variables={
            "base_url": "LMSTUDIO_API_BASE",
            "api_key": "LMSTUDIO_API_KEY",
            "models.chat": "LMSTUDIO_MODEL",
        },
    )


def _openai(config: Config, asked: str) -> EnvironmentProvider | None:
    """Another host than OpenAI's is some other server that speaks the format."""
    if not (config.openai_api_key or config.openai_base_url or asked == "openai"):
        return None
    base, parts = _address("OPENAI_BASE_URL", config.openai_base_url or f"https://{OPENAI_HOST}/v1")
    host = parts.hostname or ""
    own = host == OPENAI_HOST or host.endswith(f".{OPENAI_HOST}")
    kind = "openai" if own else "openai_compatible"
    return EnvironmentProvider(
        slug=kind.replace("_", "-"),
        name="OpenAI" if own else "OpenAI-compatible",
        kind=kind,
        preset="openai" if own else "custom",
        chosen_by=frozenset({"openai", kind, kind.replace("_", "-")}),
        fields={"base_url": base},
        api_key=config.openai_api_key,
        variables={"base_url": "OPENAI_BASE_URL", "api_key": "OPENAI_API_KEY"},
    )


def _groq(config: Config, asked: str) -> EnvironmentProvider | None:
    if not (config.groq_api_key or asked == "groq"):
        return None
    return EnvironmentProvider(
        slug="groq",
        name="Groq",
        kind="groq",
        preset="groq",
        chosen_by=frozenset({"groq"}),
        fields={},
        api_key=config.groq_api_key,
        variables={"api_key": "GROQ_API_KEY"},
    )


def _local(config: Config) -> EnvironmentProvider | None:
    if not config.local_engine:
        return None
    return EnvironmentProvider(
        slug=LOCAL_SLUG,
        name="This machine",
        kind="local_gguf",
        preset=None,
        chosen_by=frozenset({LOCAL_SLUG, "local_gguf"}),
        fields=_given(
            models__chat=TOY_MODEL,
            models__embedding=TOY_MODEL,
            options__context_length=config.local_context_length,
            options__threads=config.local_threads,
            options__gpu_layers=config.local_gpu_layers,
        ),
        variables={
            "options.context_length": "LOCAL_CONTEXT_LENGTH",
            "options.threads": "LOCAL_THREADS",
            "options.gpu_layers": "LOCAL_GPU_LAYERS",
        },
    )


def _address(variable: str, text: str) -> tuple[str, SplitResult]:
    """An address, with http:// where it has no scheme, and its parts. Raises ConfigError."""
    address = text if "://" in text else f"http://{text}"
    try:
        return address, urlsplit(address)
    except ValueError as error:
        raise ConfigError(f"{variable} must be an address such as http://localhost:1234/v1") from error


def _managed(config: ProviderConfig) -> dict[str, Any]:
    """The fields that the environment can set, and their values."""
    return {
        "base_url": config.base_url,
        "models.chat": config.models.chat,
        "models.embedding": config.models.embedding,
        **{f"options.{name}": config.options.get(name) for name in LOCAL_OPTIONS},
    }


def _given(**fields: Any) -> dict[str, Any]:
    """A variable that is not set changes nothing."""
    return {name.replace("__", "."): value for name, value in fields.items() if value is not None}
