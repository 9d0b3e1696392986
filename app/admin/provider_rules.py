"""Who may do what to a provider, and what keeps providers consistent with each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.admin import provider_addresses as addresses
from app.admin.provider_fields import ProviderFields, derived_slug, slug_problem
from app.admin.refusals import invalid
from app.domain.accounts import Caller, Permission
from app.domain.audit import Actor
from app.domain.catalog import ProviderConfig, Scope
from app.domain.errors import Conflict, DefaultProvider, NotAllowed, NotFound, Problem, VersionMismatch
from app.domain.settings import Settings
from app.providers.base import ProviderKind
from app.storage.provider_configs import Providers, StoredProvider


@dataclass(frozen=True, slots=True)
class Editor:
    """Who looks at providers or changes them."""

    actor: Actor
    is_admin: bool
    may_have_personal: bool = False

    @staticmethod
    def of(caller: Caller, request_id: str | None = None) -> Editor:
        return Editor(Actor.of(caller, request_id), caller.is_admin, caller.may(Permission.PERSONAL_PROVIDERS))

    @staticmethod
    def trusted(actor: Actor) -> Editor:
        """The command line: whoever runs this installation."""
        return Editor(actor, is_admin=True)

    def sees(self, config: ProviderConfig) -> bool:
        return self.may_edit(config) or (config.scope is Scope.SHARED and config.enabled)

    def may_edit(self, config: ProviderConfig) -> bool:
        return self.is_admin or self.owns(config)

    def owns(self, config: ProviderConfig) -> bool:
        return config.scope is Scope.PERSONAL and config.owner_id is not None and config.owner_id == self.actor.id


def editable(providers: Providers, reference: str, by: Editor) -> StoredProvider:
    """Raises NotFound for what `by` does not even see, NotAllowed for what others manage."""
    stored = providers.find(reference)
    if stored is None or not by.sees(stored.config):
        raise NotFound(f"There is no provider {reference!r}.")
    if not by.may_edit(stored.config):
        raise NotAllowed("This needs an administrator.")
    return stored


def scope_of(fields: ProviderFields, by: Editor) -> Scope:
    """Where a new provider belongs. Raises InvalidRequest or NotAllowed."""
    wanted = fields.get("scope") or (Scope.SHARED if by.is_admin else Scope.PERSONAL)
    if wanted not in list(Scope):
        raise invalid("scope", "must be shared or personal")
    if wanted == Scope.SHARED and not by.is_admin:
        raise NotAllowed("Shared providers need an administrator; leave scope out to add one of your own.")
    if wanted == Scope.PERSONAL and by.actor.id is None:
        raise invalid("scope", "must be shared: a personal provider belongs to somebody who is signed in")
    return Scope(wanted)


def check_personal(scope: Scope, by: Editor, settings: Settings) -> None:
    """Raises NotAllowed where users may not have providers of their own."""
    if scope is Scope.SHARED or by.is_admin:
        return
    if not settings.personal_providers_allowed:
        raise NotAllowed("Personal providers are switched off; an administrator can allow them in the settings.")
    if not by.may_have_personal:
        raise NotAllowed("This needs the permission personal_providers; an administrator can grant it.")


def check_version(config: ProviderConfig, version: int | None) -> None:
    """Raises VersionMismatch when somebody else was faster."""
    if version is not None and version != config.version:
        raise VersionMismatch(
            f"{config.name} is at version {config.version}, not {version}: read it again and repeat your change."
        )


def check_fixed(config: ProviderConfig, fields: ProviderFields) -> None:
    """Raises InvalidRequest for a change of what is chosen once."""
    if fields.get("slug", config.slug) != config.slug:
        raise invalid("slug", f"is fixed: this provider is {config.slug!r} for good, only its name can change")
    if fields.get("scope", config.scope) != config.scope:
        raise invalid("scope", f"is fixed: this provider is {config.scope}; make another one instead")


def check_kind(old: ProviderConfig, new: ProviderConfig, kinds: Mapping[str, ProviderKind]) -> None:
    """Raises InvalidRequest for a change between this machine and elsewhere."""
    if old.kind in kinds and kinds[old.kind].local != kinds[new.kind].local:
        raise invalid("provider", f"can't become {new.kind}: make another provider instead")


def check_reach(config: ProviderConfig, kind: ProviderKind, settings: Settings) -> None:
    """Raises InvalidRequest for an address that a provider of this scope must not have."""
    personal = config.scope is Scope.PERSONAL
    if kind.local and personal:
        raise invalid("provider", f"must not be {kind.name}: only shared providers run on this machine")
    allow_private = not personal or settings.personal_private_addresses_allowed
    for field, url in (("base_url", config.base_url), ("proxy_url", config.proxy_url)):
        if url:
            try:
                addresses.check_reach(url, allow_private=allow_private)
            except addresses.AddressProblem as error:
                raise invalid(field, error.problem) from error


def check_can_go(config: ProviderConfig) -> None:
    """Raises DefaultProvider."""
    if config.is_default:
        raise DefaultProvider(f"{config.name} is the default provider: activate another one, then delete it.")


def check_stays_enabled(old: ProviderConfig, new: ProviderConfig) -> None:
    """Raises DefaultProvider."""
    if old.is_default and not new.enabled:
        raise DefaultProvider(f"{old.name} is the default provider: activate another one, then disable it.")


def check_can_be_default(config: ProviderConfig, by: Editor) -> None:
    """Raises NotAllowed or Conflict."""
    if not by.is_admin:
        raise NotAllowed("This needs an administrator.")
    if config.scope is Scope.PERSONAL:
        raise Conflict(f"{config.name} is personal; only a shared provider can be the default.")
    if not config.enabled:
        raise Conflict(f"{config.name} is disabled: enable it, then activate it.")


def check_name(config: ProviderConfig, others: Sequence[ProviderConfig]) -> None:
    """Raises Conflict when somebody who sees both could not tell them apart."""
    name = config.name.casefold()
    for other in others:
        if other.id != config.id and other.name.casefold() == name and other.owner_id == config.owner_id:
            raise _taken("name", f"There is already a provider named {other.name!r}.")


def new_slug(fields: ProviderFields, config: ProviderConfig, others: Sequence[ProviderConfig]) -> str:
    """The slug asked for, else one made from the name. Raises InvalidRequest or Conflict."""
    taken = {other.slug for other in others}
    given = fields.get("slug")
    if given:
        field, slug = "slug", given
    else:
        field, slug = "name", derived_slug(config.name) or _numbered(derived_slug(config.kind), taken)
    problem = slug_problem(slug)
    if problem is not None:
        raise invalid(field, problem if given else f"would make the slug {slug!r}, which {problem}; give a slug too")
    if slug in taken:
        raise _taken(field, f"There is already a provider with the slug {slug!r}; choose another name or give a slug.")
    return slug


def _numbered(stem: str, taken: set[str]) -> str:
    return next(slug for number in range(1, len(taken) + 2) if (slug := f"{stem}-{number}") not in taken)


def _taken(field: str, message: str) -> Conflict:
    return Conflict(message, param=field, details=[Problem(field, "is already taken")])
