"""Pure: a model's name and the providers a caller may use → who answers."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.accounts import Caller
from app.domain.catalog import Alias, DefaultModels, ModelInfo, ModelState, ProviderConfig, Scope, Task
from app.domain.errors import AmbiguousModel, CapabilityNotSupported, ModelNotAllowed, ModelNotFound, Problem
from app.domain.requests import VISION
from app.domain.snapshot import Snapshot

NEAR_MATCHES = 3
MAX_COMPARED = 100


@dataclass(frozen=True, slots=True)
class Candidate:
    """A provider that may answer, with the model it is asked for."""

    config: ProviderConfig
    model: ModelInfo
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    """What there is to choose from: enabled providers the caller may use, and their lists by slug."""

    providers: tuple[ProviderConfig, ...]
    lists: Mapping[str, Sequence[ModelInfo]]

    def listed(self, slug: str, identifier: str) -> ModelInfo | None:
        return next((model for model in self.lists.get(slug, ()) if model.id == identifier), None)


def usable_providers(snapshot: Snapshot, caller: Caller) -> tuple[ProviderConfig, ...]:
    """Enabled shared providers, and the caller's own personal ones."""
    return tuple(
        config
        for config in snapshot.providers
        if config.enabled and (config.scope is Scope.SHARED or config.owner_id == caller.user_id)
    )


def candidate(
    asked: str | None, task: Task, needs: frozenset[str], *, snapshot: Snapshot, catalog: Catalog, caller: Caller
) -> Candidate:
    """Raises ModelNotFound, AmbiguousModel, CapabilityNotSupported or ModelNotAllowed."""
    name = asked or default_name(task, needs, snapshot, catalog.providers)
    found = find(name, snapshot, catalog, caller)
    if not may_use(caller, found):
        raise ModelNotAllowed(f"This key may not use the model {name}.", param="model")
    _check_ability(found, task)
    return found


def find(name: str, snapshot: Snapshot, catalog: Catalog, caller: Caller) -> Candidate:
    """By alias, canonical name or bare id. Raises ModelNotFound or AmbiguousModel."""
    alias = snapshot.aliases.get(name)
    if alias is not None:
        target = _by_name(alias.targets[0].model, snapshot, catalog, caller)
        return Candidate(target.config, target.model, alias.name)
    return _by_name(name, snapshot, catalog, caller)


def may_use(caller: Caller, found: Candidate) -> bool:
    """Whether a key's list has the model: by canonical name, by its alias, or by its id.

    What the caller wrote does not count: `openai/*` on a list means the provider openai, not a model of another
    provider whose id begins with `openai/`.
    """
    names = [found.model.canonical, *own_names(found.model)]
    return caller.may_use_model(*names, *([found.alias] if found.alias else []))


def own_names(model: ModelInfo) -> list[str]:
    """The model's id, where it can't be taken for the name of something else."""
    return [] if "/" in model.id else [model.id]


def owner_of(name: str, snapshot: Snapshot, providers: Sequence[ProviderConfig]) -> ProviderConfig | None:
    """The provider whose list alone may settle what `name` means: the one it names, else the default one."""
    alias = snapshot.aliases.get(name)
    slug = (name if alias is None else alias.targets[0].model).partition("/")[0]
    default = snapshot.default_provider
    named = next((config for config in providers if config.slug == slug), None)
    return named or next((config for config in providers if default is not None and config.id == default.id), None)


def settles(name: str, snapshot: Snapshot, owner: ProviderConfig, models: Sequence[ModelInfo]) -> bool:
    """Whether `owner` lists what `name` says, so that no other list can change the answer."""
    alias = snapshot.aliases.get(name)
    name = name if alias is None else alias.targets[0].model
    slug, _, rest = name.partition("/")
    wanted = rest if slug == owner.slug and rest else name
    return any(model.id == wanted for model in models)


def _by_name(name: str, snapshot: Snapshot, catalog: Catalog, caller: Caller) -> Candidate:
    owner, _, rest = name.partition("/")
    named = next((config for config in catalog.providers if config.slug == owner), None) if rest else None
    if named is not None:
        listed = catalog.listed(named.slug, rest)
        if listed is not None:
            return Candidate(named, listed)
    bare = _bare(name, snapshot, catalog, caller)
    if bare is not None:
        return bare
    if named is not None:
        return Candidate(named, unlisted(named.slug, rest))
    raise unknown_model(name, snapshot, catalog, caller)


def _bare(name: str, snapshot: Snapshot, catalog: Catalog, caller: Caller) -> Candidate | None:
    """The default provider's model of this id, else that of the only provider that lists it.

    What the caller may not use does not count, unless there is nothing else: then they hear that they may not.
    """
    listing = [
        Candidate(config, model)
        for config in catalog.providers
        if (model := catalog.listed(config.slug, name)) is not None
    ]
    listing = [one for one in listing if may_use(caller, one)] or listing
    default = snapshot.default_provider
    if default is not None:
        preferred = next((one for one in listing if one.config.id == default.id), None)
        if preferred is not None:
            return preferred
    if len(listing) > 1:
        names = [one.model.canonical for one in listing]
        raise AmbiguousModel(
            f"Several providers have {name}. Name one of {', '.join(names)}.",
            param="model",
            details=[Problem("model", f"could be {one}") for one in names],
        )
    return listing[0] if listing else None


def may_use_alias(caller: Caller, alias: Alias) -> bool:
    return caller.may_use_model(alias.name, alias.targets[0].model)


def unlisted(slug: str, identifier: str) -> ModelInfo:
    """A model that its provider does not list, taken at its name."""
    return ModelInfo(id=identifier, provider=slug, name=identifier, capabilities=("chat", "completion", "embedding"))


def default_name(task: Task, needs: frozenset[str], snapshot: Snapshot, providers: Sequence[ProviderConfig]) -> str:
    """What a request that names no model means. Raises CapabilityNotSupported where nothing is set."""
    name = _default_name(task, needs, snapshot, providers)
    if name is not None:
        return name
    what = "reading images" if VISION in needs else {Task.EMBEDDING: "embeddings"}.get(task, "chat")
    raise CapabilityNotSupported(
        f"No model is named, and no default model is set for {what}. Name one in `model`, or set a default.",
        param="model",
    )


def default_names(snapshot: Snapshot, providers: Sequence[ProviderConfig]) -> DefaultModels:
    """What requests that name no model mean, as names that can be asked for; None where nothing is set."""
    return DefaultModels(
        chat=_default_name(Task.CHAT, frozenset(), snapshot, providers),
        vision=_default_name(Task.CHAT, frozenset({VISION}), snapshot, providers),
        embedding=_default_name(Task.EMBEDDING, frozenset(), snapshot, providers),
    )


def reader_of_images(beside: ProviderConfig, snapshot: Snapshot, catalog: Catalog, caller: Caller) -> str | None:
    """A model that the caller may send images: the default one, else of the provider `beside`, else any.

    One that would have to be loaded first comes after those that answer at once.
    """
    name = _default_name(Task.CHAT, frozenset({VISION}), snapshot, catalog.providers)
    preferred = None if name is None else _found_or_none(name, snapshot, catalog, caller)
    if name is not None and preferred is not None and preferred.model.reads_images and may_use(caller, preferred):
        return name
    seeing = [
        one
        for config in catalog.providers
        for model in catalog.lists.get(config.slug, ())
        if model.reads_images and may_use(caller, one := Candidate(config, model))
    ]
    waits = (ModelState.NOT_LOADED, ModelState.LOADING)
    best = min(seeing, key=lambda one: (one.config.id != beside.id, one.model.state in waits), default=None)
    return None if best is None else best.model.canonical


def _found_or_none(name: str, snapshot: Snapshot, catalog: Catalog, caller: Caller) -> Candidate | None:
    try:
        return find(name, snapshot, catalog, caller)
    except (ModelNotFound, AmbiguousModel):
        return None


def _default_name(
    task: Task, needs: frozenset[str], snapshot: Snapshot, providers: Sequence[ProviderConfig]
) -> str | None:
    overall = _for_task(snapshot.settings.default_models, task, needs)
    if overall is not None:
        return overall
    default = snapshot.default_provider
    if default is None or default not in providers:
        return None
    own = _for_task(default.models, task, needs)
    return None if own is None else f"{default.slug}/{own}"


def _for_task(models: DefaultModels, task: Task, needs: frozenset[str]) -> str | None:
    if task is Task.EMBEDDING:
        return models.embedding
    return models.vision if VISION in needs else models.chat


def _check_ability(found: Candidate, task: Task) -> None:
    wanted = {Task.CHAT: "chat", Task.EMBEDDING: "embedding"}.get(task)
    if wanted is None or found.model.can(wanted):
        return
    does = "makes embeddings and can't chat" if task is Task.CHAT else "makes no embeddings"
    raise CapabilityNotSupported(f"{found.model.canonical} {does}.", param="model")


def _similar(name: str, known: Sequence[str]) -> list[str]:
    """The names worth comparing: comparing all of a large list takes too long for a mistyped one."""
    if len(known) <= MAX_COMPARED:
        return list(known)
    wanted = _pieces(name)
    ranked = sorted(known, key=lambda one: len(wanted & _pieces(one)), reverse=True)
    return ranked[:MAX_COMPARED]


def _pieces(name: str) -> set[str]:
    """Every three letters in a row."""
    text = name.lower()
    return {text[start : start + 3] for start in range(len(text) - 2)}


def unknown_model(name: str, snapshot: Snapshot, catalog: Catalog, caller: Caller) -> ModelNotFound:
    """With the names of models that are spelled alike, of those that the caller may use."""
    known = [alias.name for alias in snapshot.aliases.values() if may_use_alias(caller, alias)]
    for config in catalog.providers:
        models = catalog.lists.get(config.slug, ())
        known += [model.canonical for model in models if may_use(caller, Candidate(config, model))]
    known = _similar(name, known)
    by_tail = {one.rpartition("/")[2].lower(): one for one in reversed(known)}
    near = difflib.get_close_matches(name.lower(), [one.lower() for one in known], NEAR_MATCHES, 0.5)
    near += difflib.get_close_matches(name.rpartition("/")[2].lower(), list(by_tail), NEAR_MATCHES, 0.5)
    spelled = {one.lower(): one for one in known} | by_tail
    suggestions = list(dict.fromkeys(spelled[one] for one in near))[:NEAR_MATCHES]
    hint = f" Did you mean {' or '.join(suggestions)}?" if suggestions else ""
    return ModelNotFound(
        f"There is no model {name}.{hint}",
        param="model",
        details=[Problem("model", f"near match: {one}") for one in suggestions],
    )
