"""Demo users, keys, providers and a month of usage: an installation that looks lived in, to try the administration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.admin.accounts import Accounts, UserDraft
from app.admin.api_keys import ApiKeys, KeyDraft
from app.admin.clock import utc_now
from app.admin.demo_usage import DemoCallers, month_until
from app.admin.passwords import one_time_password
from app.admin.provider_fields import ProviderFields
from app.admin.provider_rules import Editor
from app.admin.provider_settings import ProviderSettings
from app.domain.accounts import ApiKey, User
from app.domain.audit import Actor
from app.domain.errors import NotFound
from app.domain.usage import UsageRecord
from app.storage.accounts import Users
from app.storage.api_keys import Keys
from app.storage.database import Database
from app.storage.unit import Window
from app.storage.usage import UsageStore

USERS = ("demo-ada", "demo-grace", "demo-linus")
KEYS = {"demo nightly summaries": "demo-grace", "demo support bot": "demo-linus"}
"""Names of keys, and whose they are."""

BATCH = 500


def _provider(name: str, kind: str, base_url: str, model: str) -> ProviderFields:
    # Disabled: the addresses are reserved names that lead nowhere, and nobody should be offered their models.
    return {
        "provider": kind,
        "name": name,
        "slug": name.lower().replace(" ", "-"),
        "scope": "shared",
        "base_url": base_url,
        "model": model,
        "enabled": False,
    }


PROVIDERS = (
    _provider("Demo LM Studio", "lmstudio", "http://lm-studio.example:1234/v1", "qwen3-8b"),
    _provider("Demo Groq", "groq", "https://groq.example/openai/v1", "openai/gpt-oss-120b"),
    _provider("Demo OpenAI", "openai", "https://openai.example/v1", "gpt-5.6-mini"),
    _provider("Demo Ollama", "ollama", "http://ollama.example:11434/v1", "llama3.2:3b"),
)


@dataclass(frozen=True, slots=True)
class Seeded:
    """What is there now. `password` signs in as the first demo user; None when that user was there before."""

    users: int
    providers: int
    keys: int
    records: int
    username: str
    password: str | None = field(repr=False)


class Demo:
    """Makes what is missing of the demo; a second time only the hours since the first are added."""

    def __init__(
        self,
        accounts: Accounts,
        api_keys: ApiKeys,
        provider_settings: ProviderSettings,
        database: Database,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._accounts = accounts
        self._api_keys = api_keys
        self._provider_settings = provider_settings
        self._database = database
        self._usage = UsageStore(database)
        self._now = now

    def seed(self, by: Actor) -> Seeded:
        """Raises Conflict when one of the names is taken by something else."""
        passwords = {name: one_time_password() for name in USERS}
        known = {name: self._known(name) for name in USERS}
        users = {name: known[name] or self._new(name, passwords[name], by) for name in USERS}
        keys = {name: self._key(name, users[owner], by) for name, owner in KEYS.items()}
        callers = DemoCallers(
            user_ids=tuple(user.id for user in users.values()),
            owner_of_key={key.id: key.user_id for key in keys.values()},
            provider_ids={fields["slug"] or "": self._provider_id(fields, by) for fields in PROVIDERS},
        )
        first = USERS[0]
        password = passwords[first] if known[first] is None else None
        records = self._month(callers)
        self._note_uses(records, keys.values(), [user for name, user in users.items() if known[name] is None])
        return Seeded(len(users), len(PROVIDERS), len(keys), len(records), first, password)

    def _known(self, username: str) -> User | None:
        try:
            return self._accounts.named(username)
        except NotFound:
            return None

    def _new(self, username: str, password: str, by: Actor) -> User:
        return self._accounts.create(UserDraft(username), password, by)

    def _key(self, name: str, owner: User, by: Actor) -> ApiKey:
        for key in self._api_keys.page(owner.id, Window(200)).items:
            if key.name == name:
                return key
        return self._api_keys.create(owner.id, KeyDraft(name), by).key

    def _provider_id(self, fields: ProviderFields, by: Actor) -> str:
        editor = Editor.trusted(by)
        try:
            stored = self._provider_settings.get(fields["slug"] or "", editor)
        except NotFound:
            stored = self._provider_settings.create(fields, editor).provider
        return stored.config.id

    def _month(self, callers: DemoCallers) -> Sequence[UsageRecord]:
        records = list(month_until(self._now(), callers))
        for start in range(0, len(records), BATCH):
            self._usage.insert_many(records[start : start + BATCH])
        return records

    def _note_uses(self, records: Sequence[UsageRecord], keys: Iterable[ApiKey], new: Iterable[User]) -> None:
        """Keys, and people who are new, were last seen when the month says so; what really happened since stays."""
        seen: dict[str | None, datetime] = {}
        for record in records:
            who = record.key_id or record.user_id
            seen[who] = max(record.started_at, seen.get(who, record.started_at))
        uses = {
            key.id: seen[key.id]
            for key in keys
            if key.id in seen and (key.last_used_at is None or key.last_used_at < seen[key.id])
        }
        logins = [(user, seen[user.id]) for user in new if user.id in seen]

        def note(keys: Keys, users: Users) -> None:
            keys.note_uses(uses)
            for user, at in logins:
                users.note_login(user, users.password_hash(user.id) or "", at)

        self._database.write(lambda session: note(Keys(session), Users(session)))
