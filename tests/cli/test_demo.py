from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.admin.demo import KEYS, PROVIDERS, USERS
from app.admin.provider_rules import Editor
from app.admin.sign_in import Device
from app.api.parts import Parts
from app.domain.audit import COMMAND_LINE
from app.domain.usage import UsageRecord
from app.storage.conversations import ConversationFilter
from app.storage.unit import Window
from app.storage.usage import UsageFilter, UsageStore
from tests.cli.conftest import Run, said


def month(parts: Parts) -> list[UsageRecord]:
    now = datetime.now(UTC)
    wanted = UsageFilter(now - timedelta(days=40), now + timedelta(days=1))
    batches: list[Sequence[UsageRecord]] = list(UsageStore(parts.database).batches(wanted))
    return [record for batch in batches for record in batch]


def test_the_demo_brings_people_keys_providers_and_a_month_of_usage(run: Run, parts: Parts) -> None:
    text = said(run("seed-demo"))

    records = month(parts)
    assert [user.username for user in reversed(parts.accounts.page(Window()).items)] == list(USERS)
    assert {key.name for key in parts.api_keys.page(None, Window()).items} == set(KEYS)
    providers = [one.config for one in parts.provider_settings.visible(Editor.trusted(COMMAND_LINE))]
    assert [(one.slug, one.enabled, one.is_default) for one in providers] == [
        (fields["slug"], False, False) for fields in PROVIDERS
    ]
    assert {record.provider for record in records} == {fields["slug"] for fields in PROVIDERS}
    assert {record.user_id for record in records} == {user.id for user in parts.accounts.page(Window()).items}
    assert {record.face for record in records} == {"chat", "v1"}
    assert records[-1].started_at - records[0].started_at > timedelta(days=29)
    assert f"a month of {len(records)} requests" in text


def test_keys_and_people_were_last_seen_when_their_usage_says_so(run: Run, parts: Parts) -> None:
    said(run("seed-demo"))

    last = {record.key_id or record.user_id: record.started_at for record in month(parts)}
    keys, people = parts.api_keys.page(None, Window()).items, parts.accounts.page(Window()).items
    assert {key.name: key.last_used_at for key in keys} == {key.name: last[key.id] for key in keys}
    assert {one.username: one.last_login_at for one in people} == {one.username: last[one.id] for one in people}


def test_the_printed_password_signs_in(run: Run, parts: Parts) -> None:
    found = re.search(r"^user      (\S+)\npassword  (\S+)$", said(run("seed-demo")), re.MULTILINE)

    assert found is not None
    assert parts.sign_in.login(found[1], found[2], Device("", "")).user.must_change_password


def test_running_it_again_adds_only_what_happened_since(run: Run, parts: Parts) -> None:
    said(run("seed-demo"))
    before = month(parts)

    text = said(run("seed-demo"))

    after = month(parts)
    assert after[: len(before)] == before
    assert all(record.started_at >= before[-1].started_at for record in after[len(before) :])
    assert len(parts.accounts.page(Window()).items) == len(USERS)
    assert "password" not in text


def test_the_first_demo_user_has_conversations_once(run: Run, parts: Parts) -> None:
    for _ in range(2):
        said(run("seed-demo"))

    ada = parts.accounts.named(USERS[0])
    found = parts.library.page(ada.id, ConversationFilter(), Window())
    assert [one.title for one in found.items] == [
        "Retry a call without a stampede",
        "Why divide by n − 1?",
        "Release notes for version 2",
    ]
