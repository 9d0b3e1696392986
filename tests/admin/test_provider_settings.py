from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.admin.provider_fields import ProviderFields
from app.admin.provider_rules import Editor
from app.admin.provider_settings import ProviderSettings
from app.admin.settings import SettingsAdmin
from app.domain.audit import COMMAND_LINE, Actor
from app.domain.catalog import DefaultModels, Timeouts
from app.domain.errors import (
    Conflict,
    DefaultProvider,
    InvalidRequest,
    NotAllowed,
    NotFound,
    VersionMismatch,
)
from app.storage.audit import AuditFilter, AuditLog
from app.storage.database import Database
from app.storage.provider_configs import StoredProvider
from app.storage.secrets import SecretBox, rotate_all
from app.storage.snapshot import load_snapshot
from app.storage.tables import UserRow
from app.storage.unit import Window

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ADMIN = Editor(Actor("11111111-1111-4111-8111-111111111111", "admin", "request-1"), is_admin=True)
ADA = Editor(Actor("22222222-2222-4222-8222-222222222222", "ada"), is_admin=False, may_have_personal=True)
BOB = Editor(Actor("33333333-3333-4333-8333-333333333333", "bob"), is_admin=False)

SERVER = ProviderFields(provider="openai_compatible", name="My Server", base_url="http://10.0.0.5:8000/v1")


@pytest.fixture
def keys() -> list[str]:
    return [Fernet.generate_key().decode()]


@pytest.fixture
def box(keys: list[str]) -> SecretBox:
    return SecretBox(keys)


@pytest.fixture
def settings(database: Database, box: SecretBox) -> ProviderSettings:
    database.write(lambda session: session.add_all([user(editor) for editor in (ADMIN, ADA, BOB)]))
    return ProviderSettings(database, box)


def user(editor: Editor) -> UserRow:
    return UserRow(
        id=editor.actor.id,
        username=editor.actor.name,
        username_folded=editor.actor.name,
        password_hash="",
        role="admin" if editor.is_admin else "user",
        permissions=[],
        created_at=NOON,
        updated_at=NOON,
    )


def fields(**changes: Any) -> ProviderFields:
    return cast("ProviderFields", {**SERVER, **changes})


def allow_personal(database: Database, *, private: bool = False) -> None:
    SettingsAdmin(database).update(
        lambda old: replace(old, personal_providers_allowed=True, personal_private_addresses_allowed=private),
        COMMAND_LINE,
    )


def problems(error: pytest.ExceptionInfo[InvalidRequest]) -> dict[str, str]:
    return {one.field: one.problem for one in error.value.details}


def audited(database: Database) -> list[tuple[str, str, Any, Any]]:
    """Newest first: action, slug, old, new."""
    entries = AuditLog(database).entries(AuditFilter(object_type="provider")).items
    return [(one.change.action, one.change.object_name, one.change.old, one.change.new) for one in entries]


def test_a_provider_has_the_slug_of_its_name_and_sensible_defaults(settings: ProviderSettings) -> None:
    made = settings.create(fields(name="  My Server! "), ADMIN).provider.config

    assert (made.slug, made.name, made.kind) == ("my-server", "My Server!", "openai_compatible")
    assert (made.enabled, made.version, made.cable) == (True, 1, 1)
    assert (made.timeouts, made.models) == (Timeouts(), DefaultModels())
    assert settings.get("my-server", ADMIN).config == settings.get(made.id, ADMIN).config == made


def test_a_kind_with_an_address_of_its_own_needs_none(settings: ProviderSettings) -> None:
    made = settings.create(ProviderFields(provider="groq", name="Groq", api_key="gsk_1"), ADMIN).provider.config

    assert (made.base_url, made.api_key) == ("https://api.groq.com/openai/v1", "gsk_1")


def test_secrets_are_encrypted_in_the_database(settings: ProviderSettings, database: Database, tmp_path: Path) -> None:
    settings.create(
        fields(api_key="sk-secret", extra_headers={"X-Team": "blue-secret"}, proxy_url="http://u:pw-secret@proxy:3128"),
        ADMIN,
    )

    with database.engine.connect() as connection:
        tables = ("providers", "provider_versions", "audit_log")
        rows = [repr(list(connection.exec_driver_sql(f"SELECT * FROM {table}"))) for table in tables]
    assert "secret" not in "".join(rows)


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"provider": "nonsense"}, "provider", "must be one of groq, llamacpp, lmstudio, local_gguf, ollama, openai"),
        ({"name": "   "}, "name", "must have 1 to 200 printable characters"),
        ({"name": "a\nb"}, "name", "must have 1 to 200 printable characters"),
        ({"name": "Models"}, "name", "would make the slug 'models', which must not be one of the reserved words"),
        ({"slug": "audit-logs"}, "slug", "must not be one of the reserved words"),
        ({"slug": "Big_Slug"}, "slug", "must have 1 to 100 lowercase letters and digits"),
        ({"slug": "11111111-1111-4111-8111-111111111111"}, "slug", "must not look like an id"),
        ({"base_url": None}, "base_url", "is required: OpenAI-compatible has no address of its own"),
        ({"base_url": "localhost:1234"}, "base_url", "must be a full address, such as http://localhost:1234/v1"),
        ({"base_url": "ftp://h/v1"}, "base_url", "must start with http:// or https://"),
        ({"base_url": "http://u:p@h/v1"}, "base_url", "must not contain a user or password"),
        ({"base_url": "http://h/v1?key=1"}, "base_url", "must not have a query (?…) or a fragment (#…)"),
        ({"base_url": "http://h:70000"}, "base_url", "must have a valid host and a port from 1 to 65535"),
        ({"base_url": "http://h:0"}, "base_url", "must have a port from 1 to 65535"),
        ({"base_url": "http://256.0.0.1"}, "base_url", "must have a valid host"),
        ({"base_url": "http://[::g]/v1"}, "base_url", "must have a valid host"),
        ({"base_url": "http://a b/v1"}, "base_url", "must not contain spaces or control characters"),
        ({"base_url": "http:///v1"}, "base_url", "must name a host"),
        ({"base_url": "http://169.254.169.254/v1"}, "base_url", "must not point to a link-local"),
        ({"base_url": "http://2852039166/v1"}, "base_url", "must not point to a link-local"),
        ({"base_url": "http://[fe80::1]/v1"}, "base_url", "must not point to a link-local"),
        ({"base_url": "http://[::ffff:169.254.169.254]/v1"}, "base_url", "must not point to a link-local"),
        ({"api_key": "a\nb"}, "api_key", "must have at most 8192 printable ASCII characters and no spaces"),
        ({"preset": "nonsense"}, "preset", "must be one of custom, groq, llamacpp"),
        ({"model": "a", "models": {"chat": "b"}}, "model", "must be the same as models.chat"),
        ({"connection_timeout": 0}, "connection_timeout", "must be greater than 0 and at most 3600 seconds"),
        ({"request_timeout": 3601}, "request_timeout", "must be greater than 0 and at most 3600 seconds"),
        ({"idle_timeout": float("nan")}, "idle_timeout", "must be greater than 0 and at most 3600 seconds"),
        ({"max_tokens": 0}, "max_tokens", "must be from 1 to 10000000"),
        ({"temperature": 2.1}, "temperature", "must be from 0 to 2"),
        ({"max_concurrency": 0}, "max_concurrency", "must be from 1 to 10000"),
        ({"cable": 9}, "cable", "must be from 1 to 8"),
        ({"extra_headers": {"Authorization": "x"}}, "extra_headers.Authorization", "is made from api_key"),
        ({"extra_headers": {"host": "x"}}, "extra_headers.host", "is made from base_url"),
        ({"extra_headers": {"Content-Length": "1"}}, "extra_headers.Content-Length", "is set by the gateway itself"),
        ({"extra_headers": {"Connection": "x"}}, "extra_headers.Connection", "belongs to the connection"),
        ({"extra_headers": {"X A": "x"}}, "extra_headers.X A", "is not a valid header name"),
        ({"extra_headers": {"X-A": "a\r\nX-B: c"}}, "extra_headers.X-A", "must be printable ASCII without line breaks"),
        ({"extra_headers": {"X-A": "1", "x-a": "2"}}, "extra_headers", "must not name the same header twice"),
        ({"extra_headers": {"X-A": None}}, "extra_headers.X-A", "needs a value: none is stored"),
        ({"proxy_url": "socks5://p:1080"}, "proxy_url", "must start with http://"),
        ({"proxy_url": "http://p:3128/path"}, "proxy_url", "must be just host and port"),
        ({"proxy_url": "http://169.254.1.1:3128"}, "proxy_url", "must not point to a link-local"),
        ({"ca_pem": "nonsense"}, "ca_pem", "must be one or more certificates in PEM form"),
        ({"options": {"threads": 4}}, "options.threads", "is not an option of OpenAI-compatible"),
        ({"scope": "everybody"}, "scope", "must be shared or personal"),
    ],
)
def test_what_can_not_be_is_refused_by_field(
    settings: ProviderSettings, changes: dict[str, Any], field: str, problem: str
) -> None:
    with pytest.raises(InvalidRequest) as error:
        settings.create(fields(**changes), ADMIN)

    assert list(problems(error)) == [field]
    assert problems(error)[field].startswith(problem)
    assert settings.visible(ADMIN) == ()


def test_one_error_names_everything_that_is_wrong(settings: ProviderSettings) -> None:
    with pytest.raises(InvalidRequest) as error:
        settings.create(fields(name="", temperature=9, base_url="x", idle_timeout=-1), ADMIN)

    assert set(problems(error)) == {"name", "temperature", "base_url", "idle_timeout"}


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("HTTP://LocalHost:1234/v1/", "http://localhost:1234/v1"),
        ("http://127.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("https://bücher.example/v1", "https://xn--bcher-kva.example/v1"),
        ("http://[::1]:8080//v1", "http://[::1]:8080//v1"),
    ],
)
def test_addresses_are_kept_in_one_form(settings: ProviderSettings, given: str, stored: str) -> None:
    assert settings.create(fields(base_url=given), ADMIN).provider.config.base_url == stored


def test_a_certificate_is_kept(settings: ProviderSettings) -> None:
    made = settings.create(fields(ca_pem=certificate()), ADMIN).provider.config

    assert settings.get(made.id, ADMIN).config.ca_pem == certificate()


def test_local_engine_options_have_bounds_and_no_address(settings: ProviderSettings) -> None:
    engine = ProviderFields(provider="local_gguf", name="Engine", options={"context_length": 4096, "threads": None})

    made = settings.create(engine, ADMIN).provider.config

    assert (made.base_url, made.options) == ("", {"context_length": 4096})
    for wrong, field in (({"options": {"threads": 0}}, "options.threads"), ({"base_url": "http://h"}, "base_url")):
        with pytest.raises(InvalidRequest) as error:
            settings.update(made.slug, ProviderFields(**wrong), ADMIN)  # type: ignore[typeddict-item]
        assert list(problems(error)) == [field]


def test_names_and_slugs_are_unique(settings: ProviderSettings) -> None:
    settings.create(fields(), ADMIN)
    other = settings.create(fields(name="Other"), ADMIN).provider.config

    for taken, field in ((fields(), "name"), (fields(name="x", slug="my-server"), "slug")):
        with pytest.raises(Conflict) as error:
            settings.create(taken, ADMIN)
        assert [one.field for one in error.value.details] == [field]
    with pytest.raises(Conflict, match="named 'My Server'"):
        settings.update(other.id, ProviderFields(name="my server"), ADMIN)


def test_a_name_without_letters_still_gets_a_slug(settings: ProviderSettings) -> None:
    slugs = [settings.create(fields(name=name), ADMIN).provider.config.slug for name in ("日本語", "한국어")]

    assert slugs == ["openai-compatible-1", "openai-compatible-2"]


def test_cables_are_given_to_whoever_has_the_fewest(settings: ProviderSettings) -> None:
    chosen = settings.create(fields(name="first", cable=2), ADMIN).provider.config.cable
    given = [settings.create(fields(name=f"p{number}"), ADMIN).provider.config.cable for number in range(9)]

    assert (chosen, given) == (2, [1, 3, 4, 5, 6, 7, 8, 1, 2])


def test_changing_some_fields_leaves_the_others(settings: ProviderSettings) -> None:
    made = settings.create(fields(api_key="sk-1", model="m", models={"vision": "v"}, max_tokens=5), ADMIN)

    changed = settings.update(
        "my-server", ProviderFields(models={"embedding": "e"}, max_tokens=None, idle_timeout=9), ADMIN
    ).provider.config

    before = made.provider.config
    assert changed == replace(
        before,
        models=DefaultModels("m", "v", "e"),
        max_tokens=None,
        timeouts=replace(before.timeouts, idle_s=9.0),
        version=2,
        updated_at=changed.updated_at,
    )
    assert settings.get("my-server", ADMIN).config == changed


def test_replacing_resets_what_is_left_out_but_no_secret(settings: ProviderSettings) -> None:
    settings.create(
        fields(api_key="sk-1", model="m", temperature=1, extra_headers={"X-A": "1"}, cable=4, preset="vllm"), ADMIN
    )

    changed = settings.update("my-server", fields(name="Renamed"), ADMIN, whole=True).provider.config

    assert (changed.name, changed.slug, changed.models, changed.temperature, changed.preset) == (
        "Renamed",
        "my-server",
        DefaultModels(),
        None,
        None,
    )
    assert (changed.api_key, changed.extra_headers, changed.cable) == ("sk-1", {"X-A": "1"}, 4)


@pytest.mark.parametrize(("given", "kept"), [({}, "sk-1"), ({"api_key": ""}, "sk-1"), ({"api_key": None}, None)])
def test_an_empty_key_keeps_the_stored_one_and_null_removes_it(
    settings: ProviderSettings, given: dict[str, Any], kept: str | None
) -> None:
    settings.create(fields(api_key="sk-1"), ADMIN)

    settings.update("my-server", ProviderFields(name="x", **given), ADMIN)  # type: ignore[typeddict-item]

    assert settings.get("my-server", ADMIN).config.api_key == kept


def test_headers_are_the_complete_set_and_keep_stored_values(settings: ProviderSettings) -> None:
    settings.create(fields(extra_headers={"X-A": "1", "X-B": "2"}), ADMIN)

    for given, expected in (
        ({"X-A": "", "X-C": "3"}, {"X-A": "1", "X-C": "3"}),
        (["x-a"], {"x-a": "1"}),
        (None, {}),
    ):
        settings.update("my-server", ProviderFields(extra_headers=given), ADMIN)
        assert settings.get("my-server", ADMIN).config.extra_headers == expected


def test_a_proxy_sent_back_as_it_is_shown_keeps_its_password(settings: ProviderSettings) -> None:
    settings.create(fields(proxy_url="http://u:pw@proxy:3128"), ADMIN)

    settings.update("my-server", ProviderFields(proxy_url="http://proxy:3128", name="x"), ADMIN)

    assert settings.get("my-server", ADMIN).config.proxy_url == "http://u:pw@proxy:3128"


@pytest.mark.parametrize("address", ["https://10.0.0.5:8000/v1", "http://10.0.0.6:8000/v1", "http://10.0.0.5:8001/v1"])
def test_another_server_does_not_get_the_stored_key(settings: ProviderSettings, address: str) -> None:
    settings.create(fields(api_key="sk-1", extra_headers={"X-Key": "1", "X-New": "1"}), ADMIN)

    edited = settings.update(
        "my-server",
        ProviderFields(base_url=address, extra_headers={"X-Key": "", "X-New": "2"}),
        ADMIN,
    )

    assert (edited.provider.config.api_key, edited.provider.config.extra_headers) == (None, {"X-New": "2"})
    assert [notice.partition(",")[0] for notice in edited.notices] == [
        "The stored api_key was removed",
        "The stored values of the headers X-Key were removed",
    ]


def test_another_path_or_a_new_key_is_no_reason_to_drop_one(settings: ProviderSettings) -> None:
    settings.create(fields(api_key="sk-1"), ADMIN)

    path = settings.update("my-server", ProviderFields(base_url="http://10.0.0.5:8000/openai/v1"), ADMIN)
    server = settings.update("my-server", ProviderFields(base_url="http://other/v1", api_key="sk-2"), ADMIN)

    assert (path.provider.config.api_key, path.notices) == ("sk-1", ())
    assert (server.provider.config.api_key, server.notices) == ("sk-2", ())


def test_slug_scope_and_place_are_fixed(settings: ProviderSettings) -> None:
    settings.create(fields(), ADMIN)

    for wrong, field in (
        ({"slug": "other"}, "slug"),
        ({"scope": "personal"}, "scope"),
        ({"provider": "local_gguf", "base_url": ""}, "provider"),
    ):
        with pytest.raises(InvalidRequest) as error:
            settings.update("my-server", ProviderFields(**wrong), ADMIN)  # type: ignore[typeddict-item]
        assert list(problems(error)) == [field]


def test_a_change_of_what_somebody_else_has_changed_is_refused(settings: ProviderSettings) -> None:
    settings.create(fields(), ADMIN)
    settings.update("my-server", ProviderFields(name="First"), ADMIN, version=1)

    with pytest.raises(VersionMismatch, match="at version 2, not 1"):
        settings.update("my-server", ProviderFields(name="Second"), ADMIN, version=1)
    with pytest.raises(VersionMismatch):
        settings.delete("my-server", ADMIN, version=1)

    assert settings.get("my-server", ADMIN).config.name == "First"


def test_a_change_that_changes_nothing_leaves_no_trace(settings: ProviderSettings, database: Database) -> None:
    settings.create(fields(api_key="sk-1"), ADMIN)

    edited = settings.update("my-server", fields(api_key="sk-1"), ADMIN)

    assert edited.provider.config.version == 1
    assert len(audited(database)) == 1


def test_the_first_shared_provider_becomes_the_default_and_there_is_always_one(settings: ProviderSettings) -> None:
    off = settings.create(fields(name="off", enabled=False), ADMIN).provider.config
    first = settings.create(fields(name="first"), ADMIN).provider.config
    second = settings.create(fields(name="second"), ADMIN).provider.config
    assert [one.is_default for one in (off, first, second)] == [False, True, False]

    settings.activate("second", ADMIN)

    assert defaults(settings) == ["second"]
    for refused in (
        lambda: settings.delete("second", ADMIN),
        lambda: settings.update("second", ProviderFields(enabled=False), ADMIN),
        lambda: settings.activate("off", ADMIN),
    ):
        with pytest.raises(Conflict):
            refused()
    assert defaults(settings) == ["second"]
    settings.update("first", ProviderFields(enabled=False), ADMIN)
    settings.delete("first", ADMIN)
    assert [one.config.slug for one in settings.visible(ADMIN)] == ["off", "second"]


def test_the_default_can_be_neither_disabled_nor_deleted(settings: ProviderSettings) -> None:
    settings.create(fields(), ADMIN)

    with pytest.raises(DefaultProvider):
        settings.delete("my-server", ADMIN)
    with pytest.raises(DefaultProvider):
        settings.update("my-server", ProviderFields(enabled=False), ADMIN)


def test_enabling_a_provider_where_none_is_the_default_makes_it_one(settings: ProviderSettings) -> None:
    settings.create(fields(enabled=False), ADMIN)

    enabled = settings.update("my-server", ProviderFields(enabled=True), ADMIN).provider.config

    assert enabled.is_default
    assert defaults(settings) == ["my-server"]


def test_administrators_who_activate_at_once_leave_exactly_one_default(settings: ProviderSettings) -> None:
    for number in range(4):
        settings.create(fields(name=f"p{number}"), ADMIN)
    threads = [threading.Thread(target=settings.activate, args=(f"p{number}", ADMIN)) for number in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(defaults(settings)) == 1


def test_administrators_who_create_the_same_at_once_get_one_and_a_conflict(settings: ProviderSettings) -> None:
    outcomes: list[str] = []

    def create() -> None:
        try:
            outcomes.append(settings.create(fields(), ADMIN).provider.config.slug)
        except Conflict as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["conflict", "conflict", "conflict", "my-server"]


def test_every_change_is_audited_without_secrets(settings: ProviderSettings, database: Database) -> None:
    settings.create(fields(api_key="sk-1", extra_headers={"X-A": "1"}), ADMIN)
    settings.create(fields(name="Other"), ADMIN)
    settings.update("my-server", ProviderFields(name="Renamed", api_key="sk-2", extra_headers={"X-A": "2"}), ADMIN)
    settings.update("my-server", ProviderFields(api_key=None), ADMIN)
    settings.activate("other", ADMIN)
    settings.delete("my-server", ADMIN)

    entries = audited(database)

    assert [(action, slug) for action, slug, _, _ in entries] == [
        ("delete", "my-server"),
        ("activate", "other"),
        ("update", "my-server"),
        ("update", "my-server"),
        ("create", "other"),
        ("create", "my-server"),
    ]
    assert entries[1][2:] == ({"default": "my-server"}, {"default": "other"})
    assert entries[2][2:] == ({"has_api_key": True}, {"has_api_key": False})
    assert entries[3][2:] == (
        {"name": "My Server"},
        {"name": "Renamed", "api_key": "replaced", "extra_headers_replaced": ["X-A"]},
    )
    created = entries[5][3]
    assert (created["has_api_key"], created["extra_headers"], created["is_default"]) == (True, ["X-A"], True)


def test_an_earlier_configuration_comes_back_and_the_key_stays(settings: ProviderSettings) -> None:
    first = settings.create(fields(api_key="sk-1", model="m1", temperature=1), ADMIN).provider.config
    settings.update("my-server", ProviderFields(name="Renamed", model="m2", api_key="sk-2", cable=5), ADMIN)

    rolled = settings.rollback("my-server", 1, ADMIN).provider.config

    assert rolled == replace(first, api_key="sk-2", version=3, updated_at=rolled.updated_at)
    versions = settings.versions("my-server", ADMIN, Window()).items
    assert [(one.version, one.changed_by, one.configuration["name"]) for one in versions] == [
        (3, "admin", "My Server"),
        (2, "admin", "Renamed"),
        (1, "admin", "My Server"),
    ]
    with pytest.raises(NotFound, match="no version 9"):
        settings.rollback("my-server", 9, ADMIN)


def test_a_rollback_to_another_server_does_not_take_the_key_along(settings: ProviderSettings) -> None:
    settings.create(fields(), ADMIN)
    settings.update("my-server", ProviderFields(base_url="http://other/v1", api_key="sk-1"), ADMIN)

    rolled = settings.rollback("my-server", 1, ADMIN)

    assert rolled.provider.config.api_key is None
    assert len(rolled.notices) == 1


def test_versions_come_in_pages(settings: ProviderSettings) -> None:
    settings.create(fields(), ADMIN)
    for number in range(3):
        settings.update("my-server", ProviderFields(name=f"n{number}"), ADMIN)

    first = settings.versions("my-server", ADMIN, Window(3))
    rest = settings.versions("my-server", ADMIN, Window(3, first.next_cursor))

    assert [one.version for one in (*first.items, *rest.items)] == [4, 3, 2, 1]
    assert rest.next_cursor is None
    with pytest.raises(InvalidRequest, match="cursor"):
        settings.versions("my-server", ADMIN, Window(3, "x"))


def test_users_see_enabled_shared_providers_and_change_none(settings: ProviderSettings) -> None:
    settings.create(fields(name="on"), ADMIN)
    settings.create(fields(name="off", enabled=False), ADMIN)

    assert [one.config.slug for one in settings.visible(BOB)] == ["on"]
    for refused in (
        lambda: settings.get("on", BOB),
        lambda: settings.update("on", ProviderFields(name="x"), BOB),
        lambda: settings.delete("on", BOB),
        lambda: settings.activate("on", BOB),
        lambda: settings.create(fields(scope="shared"), BOB),
    ):
        with pytest.raises(NotAllowed):
            refused()
    with pytest.raises(NotFound):
        settings.get("off", BOB)


def test_personal_providers_need_the_setting_and_the_permission(settings: ProviderSettings, database: Database) -> None:
    own = fields(base_url="https://api.example.com/v1")

    with pytest.raises(NotAllowed, match="switched off"):
        settings.create(own, ADA)
    allow_personal(database)
    with pytest.raises(NotAllowed, match="personal_providers"):
        settings.create(own, BOB)
    made = settings.create(own, ADA).provider.config

    assert (made.scope, made.owner_id, made.is_default) == ("personal", ADA.actor.id, False)
    assert [one.config.slug for one in settings.visible(ADA)] == ["my-server"]
    assert settings.visible(BOB) == settings.visible(ADMIN) == ()
    assert [one.config.slug for one in settings.visible(ADMIN, all_personal=True)] == ["my-server"]
    assert settings.get("my-server", ADMIN).config.id == made.id
    with pytest.raises(NotFound):
        settings.get("my-server", BOB)
    with pytest.raises(Conflict):
        settings.activate("my-server", ADMIN)
    settings.update("my-server", ProviderFields(name="Mine"), ADA)
    settings.delete("my-server", ADA)


def test_a_personal_provider_may_be_named_like_a_shared_one(settings: ProviderSettings, database: Database) -> None:
    allow_personal(database)
    settings.create(fields(), ADMIN)

    own = settings.create(fields(slug="mine", base_url="https://api.example.com/v1"), ADA).provider.config

    assert (own.name, own.slug) == ("My Server", "mine")


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:1234/v1",
        "http://box.localhost/v1",
        "http://127.0.0.1/v1",
        "http://0x7f.1/v1",
        "http://10.1.2.3/v1",
        "http://192.168.1.1/v1",
        "http://[::1]/v1",
        "http://[fd00::1]/v1",
        "http://0.0.0.0/v1",
        "http://[::ffff:10.0.0.1]/v1",
    ],
)
def test_personal_providers_stay_out_of_private_networks(
    settings: ProviderSettings, database: Database, address: str
) -> None:
    allow_personal(database)

    with pytest.raises(InvalidRequest, match="private network"):
        settings.create(fields(base_url=address), ADA)
    allow_personal(database, private=True)

    assert settings.create(fields(base_url=address), ADA).provider.config.owner_id == ADA.actor.id


@pytest.mark.parametrize("private", [False, True])
def test_nobody_reaches_the_machines_own_credentials(
    settings: ProviderSettings, database: Database, private: bool
) -> None:
    allow_personal(database, private=private)

    for editor in (ADMIN, ADA):
        for address in ("http://169.254.169.254/latest", "http://[fe80::1]/", "http://[fd00:ec2::254]/"):
            with pytest.raises(InvalidRequest, match="metadata"):
                settings.create(fields(base_url=address), editor)


def test_personal_providers_do_not_run_on_this_machine(settings: ProviderSettings, database: Database) -> None:
    allow_personal(database)

    with pytest.raises(InvalidRequest, match="only shared providers run on this machine"):
        settings.create(ProviderFields(provider="local_gguf", name="Engine"), ADA)


def test_a_draft_is_checked_like_a_new_provider_and_not_stored(settings: ProviderSettings) -> None:
    draft = settings.draft(fields(api_key="sk-1"), ADMIN)

    assert (draft.base_url, draft.api_key) == ("http://10.0.0.5:8000/v1", "sk-1")
    assert settings.visible(ADMIN) == ()
    with pytest.raises(InvalidRequest):
        settings.draft(fields(base_url="x"), ADMIN)
    with pytest.raises(NotAllowed):
        settings.draft(fields(), BOB)


def test_changes_can_be_tried_without_storing_them_and_without_the_key_elsewhere(settings: ProviderSettings) -> None:
    settings.create(fields(api_key="sk-1"), ADMIN)

    tried = settings.changed("my-server", ProviderFields(name="x"), ADMIN).provider.config
    elsewhere = settings.changed("my-server", ProviderFields(base_url="http://evil/v1"), ADMIN).provider.config

    assert (tried.name, tried.api_key) == ("x", "sk-1")
    assert (elsewhere.base_url, elsewhere.api_key) == ("http://evil/v1", None)
    assert settings.get("my-server", ADMIN).config.name == "My Server"


def test_every_change_grows_the_version_that_workers_poll(
    settings: ProviderSettings, database: Database, box: SecretBox
) -> None:
    before = load_snapshot(database, box)

    settings.create(fields(api_key="sk-1"), ADMIN)
    after = load_snapshot(database, box)

    assert after.version > before.version
    assert [(one.slug, one.api_key, one.is_default) for one in after.providers] == [("my-server", "sk-1", True)]


def test_a_secret_that_can_not_be_read_stops_one_provider_only(settings: ProviderSettings, database: Database) -> None:
    settings.create(fields(api_key="sk-1"), ADMIN)
    settings.create(fields(name="Open"), ADMIN)
    other_box = SecretBox([Fernet.generate_key().decode()])

    snapshot = load_snapshot(database, other_box)
    listed = ProviderSettings(database, other_box).visible(ADMIN)

    assert [(one.slug, one.api_key) for one in snapshot.providers] == [("my-server", None), ("open", None)]
    assert [one.unreadable for one in listed] == [True, False]


def test_a_secret_that_can_not_be_read_survives_other_changes(
    settings: ProviderSettings, database: Database, box: SecretBox
) -> None:
    settings.create(fields(api_key="sk-1"), ADMIN)
    blind = ProviderSettings(database, SecretBox([Fernet.generate_key().decode()]))

    blind.update("my-server", ProviderFields(name="Renamed"), ADMIN)

    assert stored(settings).config.api_key == "sk-1"
    for given, left in (({"base_url": "http://evil/v1"}, None), ({"api_key": "sk-2"}, "sk-2")):
        settings.update("my-server", fields(api_key="sk-1"), ADMIN)
        blind.update("my-server", ProviderFields(**given), ADMIN)  # type: ignore[typeddict-item]
        assert (stored(blind).unreadable, stored(blind).config.api_key) == (False, left)


def test_rotation_puts_every_secret_under_the_new_key(
    settings: ProviderSettings, database: Database, keys: list[str]
) -> None:
    settings.create(fields(api_key="sk-1"), ADMIN)
    settings.create(fields(name="Without"), ADMIN)
    new = Fernet.generate_key().decode()

    rotated = rotate_all(database, SecretBox([new, *keys]))

    assert rotated == 1
    assert stored(ProviderSettings(database, SecretBox([new]))).config.api_key == "sk-1"


def defaults(settings: ProviderSettings) -> list[str]:
    return [one.config.slug for one in settings.visible(ADMIN) if one.config.is_default]


def stored(settings: ProviderSettings) -> StoredProvider:
    return settings.get("my-server", ADMIN)


_KEY = ec.derive_private_key(7, ec.SECP256R1())


def certificate() -> str:
    """Always the same self-signed one."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_KEY.public_key())
        .serial_number(1)
        .not_valid_before(NOON)
        .not_valid_after(NOON + timedelta(days=1))
        .sign(_KEY, hashes.SHA256(), ecdsa_deterministic=True)
    )
    return built.public_bytes(serialization.Encoding.PEM).decode()
