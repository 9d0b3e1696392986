"""A model's name → who answers: every rule, in its order."""

from __future__ import annotations

import pytest

from app.domain.accounts import Caller
from app.domain.catalog import DefaultModels, Scope, Task
from app.domain.errors import AmbiguousModel, CapabilityNotSupported, GatewayError, ModelNotAllowed, ModelNotFound
from app.domain.snapshot import Snapshot
from app.gateway.routing import Catalog, candidate, default_name, owner_of, settles, usable_providers
from tests.gateway.making import caller, lists, provider, snapshot

LOCAL = provider("local", is_default=True, models=DefaultModels(chat="toy", vision="toy-eyes"))
GROQ = provider("groq")
OPENAI = provider("openai")
OFF = provider("off", enabled=False)
MINE = provider("mine", scope=Scope.PERSONAL, owner_id="u1")
THEIRS = provider("theirs", scope=Scope.PERSONAL, owner_id="u2")
ALIASES = {"quick": "groq/openai/gpt-oss-120b", "groq/fast": "local/toy", "lost": "gone/nothing", "bare": "gpt-4o"}
ALL = snapshot(LOCAL, GROQ, OPENAI, OFF, MINE, THEIRS, aliases=ALIASES)
LISTS = lists(
    local=["toy", "shared-1", "embed-small"],
    groq=["openai/gpt-oss-120b", "groq/compound", "both", "shared-1"],
    openai=["gpt-4o", "both", "text-embedding-3"],
    off=["hidden"],
    mine=["own-model"],
    theirs=["secret-model"],
)


def found(
    name: str | None,
    task: Task = Task.CHAT,
    *,
    by: Caller | None = None,
    of: Snapshot = ALL,
    needs: frozenset[str] = frozenset(),
) -> str:
    """The canonical name of the model that answers, and the alias it was found by."""
    who = by or caller()
    usable = usable_providers(of, who)
    catalog = Catalog(usable, {one.slug: LISTS[one.slug] for one in usable})
    chosen = candidate(name, task, needs, snapshot=of, catalog=catalog, caller=who)
    assert chosen.config.slug == chosen.model.provider
    return chosen.model.canonical if chosen.alias is None else f"{chosen.model.canonical} ({chosen.alias})"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        # An alias goes before everything else, also one that looks like a canonical name.
        ("quick", "groq/openai/gpt-oss-120b (quick)"),
        ("groq/fast", "local/toy (groq/fast)"),
        ("bare", "openai/gpt-4o (bare)"),
        # <slug>/<id> that the provider lists; ids may have slashes, and begin with a slug.
        ("groq/openai/gpt-oss-120b", "groq/openai/gpt-oss-120b"),
        ("groq/groq/compound", "groq/groq/compound"),
        ("local/toy", "local/toy"),
        # A bare id that one provider lists, though it begins with the slug of another or its own.
        ("openai/gpt-oss-120b", "groq/openai/gpt-oss-120b"),
        ("groq/compound", "groq/groq/compound"),
        ("gpt-4o", "openai/gpt-4o"),
        # The default provider's goes first.
        ("shared-1", "local/shared-1"),
        # A personal provider's.
        ("own-model", "mine/own-model"),
        ("mine/own-model", "mine/own-model"),
        # Unlisted, but named with its provider.
        ("openai/gpt-9", "openai/gpt-9"),
        ("groq/whatever/it/is", "groq/whatever/it/is"),
    ],
)
def test_names(name: str, wanted: str) -> None:
    assert found(name) == wanted


def refusal(error: type[GatewayError], name: str | None, task: Task = Task.CHAT, **rest: object) -> GatewayError:
    with pytest.raises(error) as raised:
        found(name, task, **rest)  # type: ignore[arg-type]  # a test's own
    assert type(raised.value) is error
    assert raised.value.param == "model"
    return raised.value


def test_two_providers_have_it() -> None:
    error = refusal(AmbiguousModel, "both")

    assert error.message == "Several providers have both. Name one of groq/both, openai/both."
    assert [one.problem for one in error.details] == ["could be groq/both", "could be openai/both"]


@pytest.mark.parametrize(
    "name", ["secret-model", "theirs/secret-model", "hidden", "off/hidden", "off/anything", "nothing"]
)
def test_what_is_not_there_for_a_caller(name: str) -> None:
    error = refusal(ModelNotFound, name)

    assert error.message.startswith(f"There is no model {name}.")
    assert "secret" not in error.message.removeprefix(f"There is no model {name}.")


def test_up_to_three_near_matches() -> None:
    assert refusal(ModelNotFound, "gpt-4").message == "There is no model gpt-4. Did you mean openai/gpt-4o?"
    assert [one.problem for one in refusal(ModelNotFound, "GPT-OSS-120B").details][:1] == [
        "near match: groq/openai/gpt-oss-120b"
    ]
    assert len(refusal(ModelNotFound, "o").details) <= 3


def test_an_alias_whose_target_is_gone() -> None:
    refusal(ModelNotFound, "lost")


# No name


def test_the_overall_default_goes_first() -> None:
    overall = snapshot(LOCAL, GROQ, OPENAI, defaults=DefaultModels(chat="gpt-4o", embedding="openai/text-embedding-3"))

    assert found(None, of=overall) == "openai/gpt-4o"
    assert found(None, Task.COMPLETION, of=overall) == "openai/gpt-4o"
    assert found(None, Task.EMBEDDING, of=overall) == "openai/text-embedding-3"
    assert found(None, needs=frozenset({"vision"}), of=overall) == "local/toy-eyes"


def test_then_the_default_providers() -> None:
    assert found(None) == "local/toy"
    assert found(None, needs=frozenset({"vision"})) == "local/toy-eyes"


@pytest.mark.parametrize(
    ("task", "needs", "what"),
    [
        (Task.EMBEDDING, frozenset[str](), "embeddings"),
        (Task.CHAT, frozenset({"vision"}), "reading images"),
        (Task.CHAT, frozenset[str](), "chat"),
        (Task.COMPLETION, frozenset[str](), "chat"),
    ],
)
def test_then_nothing(task: Task, needs: frozenset[str], what: str) -> None:
    bare = snapshot(provider("local", is_default=True), GROQ)

    assert (
        f"no default model is set for {what}"
        in refusal(CapabilityNotSupported, None, task, needs=needs, of=bare).message
    )


def test_a_default_provider_that_the_caller_may_not_use() -> None:
    refusal(
        CapabilityNotSupported,
        None,
        of=snapshot(provider("off", enabled=False, is_default=True, models=DefaultModels("x"))),
    )


# What a model can do


def test_a_model_that_can_not_do_it() -> None:
    assert "can't chat" in refusal(CapabilityNotSupported, "embed-small").message
    assert "makes no embeddings" in refusal(CapabilityNotSupported, "gpt-4o", Task.EMBEDDING).message
    assert found("embed-small", Task.EMBEDDING) == "local/embed-small"
    assert found("openai/unknown", Task.EMBEDDING) == "openai/unknown"


# A key's list of models


@pytest.mark.parametrize(
    ("listed", "name", "wanted"),
    [
        (("groq/*",), "groq/openai/gpt-oss-120b", "groq/openai/gpt-oss-120b"),
        (("groq/*",), "openai/gpt-oss-120b", "groq/openai/gpt-oss-120b"),
        (("groq/*",), "quick", "groq/openai/gpt-oss-120b (quick)"),
        (("quick",), "quick", "groq/openai/gpt-oss-120b (quick)"),
        (("gpt-4o",), "openai/gpt-4o", "openai/gpt-4o"),
        (("gpt-*",), "gpt-4o", "openai/gpt-4o"),
        (("openai/both",), "both", "openai/both"),
        (("groq/shared-1",), "shared-1", "groq/shared-1"),
    ],
)
def test_what_a_key_may_use(listed: tuple[str, ...], name: str, wanted: str) -> None:
    assert found(name, by=caller(models=listed)) == wanted


@pytest.mark.parametrize(
    ("listed", "name"),
    [
        (("groq/*",), "gpt-4o"),
        (("groq/*",), None),
        (("quick",), "groq/openai/gpt-oss-120b"),
        # The pattern means the provider openai, not groq's models of that maker.
        (("openai/*",), "openai/gpt-oss-120b"),
        (("openai/*",), "groq/openai/gpt-oss-120b"),
        (("openai/*",), "quick"),
        ((), "local/toy"),
    ],
)
def test_what_a_key_may_not_use(listed: tuple[str, ...], name: str | None) -> None:
    refusal(ModelNotAllowed, name, by=caller(models=listed))


def test_near_matches_are_only_those_that_a_key_may_use() -> None:
    error = refusal(ModelNotFound, "gpt-4", by=caller(models=("groq/*",)))

    assert "openai/gpt-4o" not in error.message


# Which list settles a name


@pytest.mark.parametrize("name", ["quick", "groq/fast", "local/toy", "groq/openai/gpt-oss-120b", "toy", "shared-1"])
def test_a_list_that_settles_a_name_gives_the_same_as_all(name: str) -> None:
    usable = usable_providers(ALL, caller())
    owner = owner_of(name, ALL, usable)
    assert owner is not None
    assert settles(name, ALL, owner, LISTS[owner.slug])

    alone = Catalog(usable, {owner.slug: LISTS[owner.slug]})
    chosen = candidate(name, Task.CHAT, frozenset(), snapshot=ALL, catalog=alone, caller=caller())

    assert found(name).split(" ")[0] == chosen.model.canonical


@pytest.mark.parametrize("name", ["openai/gpt-oss-120b", "groq/compound", "gpt-4o", "both", "openai/gpt-9"])
def test_other_names_need_all_lists(name: str) -> None:
    owner = owner_of(name, ALL, usable_providers(ALL, caller()))

    assert owner is not None
    assert not settles(name, ALL, owner, LISTS[owner.slug])


def test_the_name_of_no_name() -> None:
    assert default_name(Task.CHAT, frozenset(), ALL, usable_providers(ALL, caller())) == "local/toy"
