"""Taking a configuration out of one installation and into another: providers, aliases, settings, users.

API keys, sessions, personal providers, usage and the audit log stay where they are: for those, copy the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import msgspec

from app.admin.accounts import Accounts, OneTimePassword, UserDraft
from app.admin.aliases import AliasDraft, AliasSettings
from app.admin.clock import utc_now
from app.admin.passwords import one_time_password
from app.admin.provider_documents import SECRETS, configuration
from app.admin.provider_fields import ProviderFields
from app.admin.provider_rules import Editor
from app.admin.provider_settings import ProviderSettings
from app.admin.settings import SettingsAdmin
from app.admin.transfer_document import (
    FORMAT,
    VERSION,
    AliasPart,
    ProviderPart,
    ProviderSecrets,
    SecretPart,
    TargetPart,
    TransferDocument,
    UserPart,
    opened,
    sealed,
)
from app.domain.audit import Actor
from app.domain.catalog import Alias, AliasTarget, ProviderConfig, Scope
from app.domain.errors import GatewayError, InvalidRequest, NotFound
from app.storage.accounts import Users
from app.storage.database import Database


@dataclass(slots=True)
class ImportReport:
    """What an import did, in words for who asked for it."""

    lines: list[str] = field(default_factory=list)
    one_time_passwords: list[OneTimePassword] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Reads and writes transfer documents."""

    database: Database
    accounts: Accounts
    provider_settings: ProviderSettings
    aliases: AliasSettings
    settings: SettingsAdmin
    by: Actor

    def export(self, passphrase: str | None) -> TransferDocument:
        """The configuration; with a passphrase also its secrets, sealed. Raises InvalidRequest."""
        users = self.database.read(lambda session: Users(session).all_with_password_hashes())
        shared = [
            one.config for one in self.provider_settings.visible(self._editor()) if one.config.scope is Scope.SHARED
        ]
        secrets = SecretPart(
            {config.slug: _secrets(config) for config in shared},
            {user.username: password_hash for user, password_hash in users},
        )
        return TransferDocument(
            format=FORMAT,
            version=VERSION,
            exported_at=utc_now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            settings=self.settings.read(),
            aliases=tuple(_alias_part(alias) for alias in self.aliases.all()),
            providers=tuple(_provider_part(config) for config in shared),
            users=tuple(
                UserPart(user.username, user.role, tuple(sorted(user.permissions)), user.enabled) for user, _ in users
            ),
            secrets=None if passphrase is None else sealed(secrets, passphrase),
        )

    def apply(self, document: TransferDocument, passphrase: str | None) -> ImportReport:
        """Bring in what `document` has: providers, aliases and settings replace those of the same name, users who
        exist stay as they are. It can be repeated. Raises GatewayError, saying at which part it stopped.
        """
        secrets = SecretPart({}, {})
        if document.secrets is not None and passphrase is not None:
            secrets = opened(document.secrets, passphrase)
        report = ImportReport()
        for user in document.users:
            self._user(user, secrets.password_hashes.get(user.username), report)
        # The default comes first: the one before it may be disabled by this very document.
        for provider in sorted(document.providers, key=lambda one: not one.is_default):
            self._provider(provider, secrets.providers.get(provider.slug), report)
        known = {alias.name: alias for alias in self.aliases.all()}
        for alias in document.aliases:
            self._alias(alias, known.get(alias.name), report)
        self.settings.update(lambda _: document.settings, self.by)
        report.lines.append("settings: taken over")
        return report

    def _user(self, part: UserPart, password_hash: str | None, report: ImportReport) -> None:
        try:
            self.accounts.named(part.username)
        except NotFound:
            draft = UserDraft(part.username, part.role, frozenset(part.permissions), part.enabled)
            if password_hash is None:
                password = one_time_password()
                self.accounts.create(draft, password, self.by)
                report.one_time_passwords.append(OneTimePassword(part.username, password))
            else:
                self.accounts.restore(draft, password_hash, self.by)
            report.lines.append(f"user {part.username}: added")
        else:
            report.lines.append(f"user {part.username}: is here already, unchanged")

    def _provider(self, part: ProviderPart, secrets: ProviderSecrets | None, report: ImportReport) -> None:
        editor, fields = self._editor(), _fields(part, secrets)
        try:
            try:
                edited = self.provider_settings.update(part.slug, fields, editor)
                done = "replaced"
            except NotFound:
                edited = self.provider_settings.create(fields, editor)
                done = "added"
            if part.is_default:
                self.provider_settings.activate(part.slug, editor)
        except GatewayError as error:
            raise InvalidRequest(f"Stopped at the provider {part.slug}: {error.message}") from error
        without_key = secrets is None and edited.provider.config.api_key is None
        hint = "; it has no key: set one if it needs one" if without_key and done == "added" else ""
        report.lines.append(f"provider {part.slug}: {done}{hint}")
        report.lines += [f"provider {part.slug}: {notice}" for notice in edited.notices]

    def _alias(self, part: AliasPart, known: Alias | None, report: ImportReport) -> None:
        targets = tuple(AliasTarget(target.model, target.weight) for target in part.targets)
        draft = AliasDraft(part.name, targets, part.enabled)
        try:
            if known is None:
                self.aliases.create(draft, self.by)
            else:
                self.aliases.update(known.id, lambda _: draft, self.by)
        except GatewayError as error:
            raise InvalidRequest(f"Stopped at the alias {part.name}: {error.message}") from error
        report.lines.append(f"alias {part.name}: {'added' if known is None else 'replaced'}")

    def _editor(self) -> Editor:
        return Editor.trusted(self.by)


def _alias_part(alias: Alias) -> AliasPart:
    targets = tuple(TargetPart(target.model, target.weight) for target in alias.targets)
    return AliasPart(alias.name, targets, alias.enabled)


def _provider_part(config: ProviderConfig) -> ProviderPart:
    fields = {name: value for name, value in configuration(config).items() if name not in SECRETS}
    return msgspec.convert({**fields, "slug": config.slug, "is_default": config.is_default}, ProviderPart)


def _secrets(config: ProviderConfig) -> ProviderSecrets:
    return ProviderSecrets(config.api_key, dict(config.extra_headers), config.proxy_url)


def _fields(part: ProviderPart, secrets: ProviderSecrets | None) -> ProviderFields:
    fields: Mapping[str, object] = {
        name: value for name, value in msgspec.structs.asdict(part).items() if name != "is_default"
    }
    if secrets is not None:
        fields = {**fields, **msgspec.structs.asdict(secrets)}
    return cast("ProviderFields", fields)
