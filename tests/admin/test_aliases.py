from __future__ import annotations

from dataclasses import replace

import pytest

from app.admin.aliases import AliasDraft, AliasSettings
from app.domain.catalog import Alias, AliasTarget
from app.domain.errors import Conflict, InvalidRequest, NotFound
from app.storage.aliases import enabled_aliases
from app.storage.database import Database
from app.storage.unit import Window
from app.storage.versions import read_version
from tests.admin.conftest import TESTER, Clock, changes, entries


@pytest.fixture
def aliases(database: Database, clock: Clock) -> AliasSettings:
    return AliasSettings(database, now=clock)


def to(*models: str) -> tuple[AliasTarget, ...]:
    return tuple(AliasTarget(model) for model in models)


def test_an_alias_is_kept_audited_and_seen_by_requests(aliases: AliasSettings, database: Database) -> None:
    version = database.read(read_version)

    alias = aliases.create(AliasDraft("team/fast", to("groq/openai/gpt-oss-20b")), TESTER)

    assert alias == Alias(alias.id, "team/fast", to("groq/openai/gpt-oss-20b"))
    assert aliases.alias(alias.id) == alias
    assert aliases.page(Window()).items == aliases.all() == (alias,)
    assert database.read(enabled_aliases) == {"team/fast": alias}
    assert changes(database) == [("create", "alias", "team/fast")]
    assert database.read(read_version) == version + 1


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (AliasDraft("", to("a/b")), "name"),
        (AliasDraft(" fast", to("a/b")), "name"),
        (AliasDraft("fast ", to("a/b")), "name"),
        (AliasDraft("fa\0st", to("a/b")), "name"),
        (AliasDraft("x" * 201, to("a/b")), "name"),
        (AliasDraft("fast", ()), "targets"),
        (AliasDraft("fast", to("a/b", "a/c")), "targets"),
        (AliasDraft("fast", to("")), "targets.0.model"),
        (AliasDraft("fast", to(" a/b")), "targets.0.model"),
        (AliasDraft("fast", to("fast")), "targets.0.model"),
    ],
)
def test_a_bad_alias_is_refused_by_field(aliases: AliasSettings, draft: AliasDraft, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        aliases.create(draft, TESTER)

    assert refused.value.param == field
    assert aliases.all() == ()


def test_a_name_is_taken_once(aliases: AliasSettings) -> None:
    aliases.create(AliasDraft("fast", to("a/b")), TESTER)
    other = aliases.create(AliasDraft("slow", to("a/b")), TESTER)

    with pytest.raises(Conflict):
        aliases.create(AliasDraft("fast", to("a/c")), TESTER)
    with pytest.raises(Conflict):
        aliases.update(other.id, lambda draft: replace(draft, name="fast"), TESTER)


def test_an_alias_never_leads_to_an_alias(aliases: AliasSettings) -> None:
    aliases.create(AliasDraft("fast", to("a/b"), enabled=False), TESTER)

    with pytest.raises(InvalidRequest) as to_alias:
        aliases.create(AliasDraft("quick", to("fast")), TESTER)
    with pytest.raises(InvalidRequest) as from_alias:
        aliases.create(AliasDraft("a/b", to("c/d")), TESTER)

    assert (to_alias.value.param, from_alias.value.param) == ("targets.0.model", "name")


def test_a_disabled_alias_is_kept_but_not_served(aliases: AliasSettings, database: Database) -> None:
    alias = aliases.create(AliasDraft("fast", to("a/b")), TESTER)

    changed = aliases.update(alias.id, lambda draft: replace(draft, enabled=False, targets=to("a/c")), TESTER)

    assert changed == Alias(alias.id, "fast", to("a/c"), enabled=False) == aliases.alias(alias.id)
    assert database.read(enabled_aliases) == {}
    assert entries(database)[-1].change.old == {"targets": [{"model": "a/b", "weight": 1}], "enabled": True}


def test_a_removed_alias_is_gone(aliases: AliasSettings, database: Database) -> None:
    alias = aliases.create(AliasDraft("fast", to("a/b")), TESTER)

    aliases.delete(alias.id, TESTER)

    for attempt in (lambda: aliases.alias(alias.id), lambda: aliases.delete(alias.id, TESTER)):
        with pytest.raises(NotFound):
            attempt()
    assert changes(database)[-1] == ("delete", "alias", "fast")
