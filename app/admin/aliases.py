"""Names of our own for models."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.admin.clock import utc_now
from app.admin.differences import differences
from app.admin.refusals import invalid
from app.domain.audit import Actor, Change
from app.domain.catalog import Alias, AliasTarget
from app.domain.errors import Conflict, NotFound, Problem
from app.storage.aliases import Aliases
from app.storage.database import Database
from app.storage.paging import Page
from app.storage.unit import Window

MAX_NAME_LENGTH = 200
MAX_MODEL_LENGTH = 300


@dataclass(frozen=True, slots=True)
class AliasDraft:
    """What can be set of an alias."""

    name: str
    targets: tuple[AliasTarget, ...]
    enabled: bool = True


class AliasSettings:
    """Aliases, as administrators see them. An alias leads to a model, never to another alias."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    def create(self, draft: AliasDraft, by: Actor) -> Alias:
        """Raises InvalidRequest or Conflict (the name is taken)."""
        alias = Alias(str(uuid.uuid4()), draft.name, draft.targets, draft.enabled)
        _check(alias)

        def add(aliases: Aliases) -> None:
            aliases.begin_change()
            _check_among(alias, aliases.all())
            aliases.add(alias, self._now())
            aliases.record(by, Change("create", "alias", alias.id, alias.name, new=_audited(alias)))

        self._database.write(lambda session: add(Aliases(session)))
        return alias

    def alias(self, alias_id: str) -> Alias:
        """Raises NotFound."""
        return _found(self._database.read(lambda session: Aliases(session).by_id(alias_id)))

    def all(self) -> tuple[Alias, ...]:
        """Enabled or not, by name."""
        return self._database.read(lambda session: Aliases(session).all())

    def page(self, window: Window) -> Page[Alias]:
        """Newest first. Raises InvalidRequest for an unknown cursor."""
        return self._database.read(lambda session: Aliases(session).page(window))

    def update(self, alias_id: str, change: Callable[[AliasDraft], AliasDraft], by: Actor) -> Alias:
        """Keep `change(settings)`. Raises NotFound, InvalidRequest or Conflict."""

        def store(aliases: Aliases) -> Alias:
            aliases.begin_change()
            old = _found(aliases.by_id(alias_id))
            wanted = change(AliasDraft(old.name, old.targets, old.enabled))
            new = Alias(alias_id, wanted.name, wanted.targets, wanted.enabled)
            _check(new)
            _check_among(new, aliases.all())
            before, after = differences(_audited(old), _audited(new))
            if after:
                aliases.save(new, self._now())
                aliases.record(by, Change("update", "alias", alias_id, new.name, old=before, new=after))
            return new

        return self._database.write(lambda session: store(Aliases(session)))

    def delete(self, alias_id: str, by: Actor) -> None:
        """Raises NotFound."""

        def remove(aliases: Aliases) -> None:
            aliases.begin_change()
            alias = _found(aliases.by_id(alias_id))
            aliases.remove(alias_id)
            aliases.record(by, Change("delete", "alias", alias_id, alias.name, old=_audited(alias)))

        self._database.write(lambda session: remove(Aliases(session)))


def _found(alias: Alias | None) -> Alias:
    if alias is None:
        raise NotFound("There is no such alias.")
    return alias


def _check(alias: Alias) -> None:
    """Raises InvalidRequest for what is wrong with an alias by itself."""
    if not _is_name(alias.name, MAX_NAME_LENGTH):
        raise invalid("name", f"must have 1 to {MAX_NAME_LENGTH} printable characters, no space at either end")
    if len(alias.targets) != 1:
        raise invalid("targets", "must be a list of exactly one {model, weight}")
    if not _is_name(alias.targets[0].model, MAX_MODEL_LENGTH):
        raise invalid(
            "targets.0.model", f"must have 1 to {MAX_MODEL_LENGTH} printable characters, no space at either end"
        )


def _check_among(alias: Alias, known: tuple[Alias, ...]) -> None:
    """Raises Conflict for a name that is taken, InvalidRequest where an alias would lead to an alias."""
    others = [other for other in known if other.id != alias.id]
    if any(other.name == alias.name for other in others):
        raise Conflict(
            f"There is already an alias {alias.name!r}.", param="name", details=[Problem("name", "is already taken")]
        )
    names = {alias.name, *(other.name for other in others)}
    if any(target.model in names for target in alias.targets):
        raise invalid("targets.0.model", "must name a model, not an alias")
    leading_here = next((other for other in others if any(t.model == alias.name for t in other.targets)), None)
    if leading_here is not None:
        raise invalid("name", f"is the model that the alias {leading_here.name!r} leads to")


def _is_name(text: str, max_length: int) -> bool:
    return 1 <= len(text) <= max_length and text == text.strip() and text.isprintable()


def _audited(alias: Alias) -> dict[str, Any]:
    targets = [{"model": target.model, "weight": target.weight} for target in alias.targets]
    return {"name": alias.name, "targets": targets, "enabled": alias.enabled}
