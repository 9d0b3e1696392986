"""The file that carries a configuration from one installation to another."""

from __future__ import annotations

import base64
import secrets
from typing import Any

import msgspec
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from app.admin.refusals import invalid
from app.domain.accounts import Permission, Role
from app.domain.errors import InvalidRequest
from app.domain.settings import Settings
from app.storage.secrets import SecretBox, SecretUnreadable

FORMAT = "patchbay export"
VERSION = 1
MIN_PASSPHRASE_LENGTH = 12

_SALT_BYTES = 16
# 64 MiB and a few tenths of a second per guess.
_SCRYPT = {"length": 32, "n": 2**16, "r": 8, "p": 1}


class UserPart(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    username: str
    role: Role
    permissions: tuple[Permission, ...]
    enabled: bool


class TargetPart(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    model: str
    weight: int


class AliasPart(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: str
    targets: tuple[TargetPart, ...]
    enabled: bool


class ProviderPart(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A shared provider without its secrets; fields as docs/api.md names them."""

    slug: str
    is_default: bool
    provider: str
    name: str
    base_url: str
    models: dict[str, str | None]
    preset: str | None
    enabled: bool
    connection_timeout: float
    first_token_timeout: float
    idle_timeout: float
    request_timeout: float
    max_tokens: int | None
    temperature: float | None
    max_concurrency: int | None
    ca_pem: str | None
    options: dict[str, int]
    cable: int


class ProviderSecrets(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    api_key: str | None
    extra_headers: dict[str, str]
    proxy_url: str | None

    def __repr__(self) -> str:
        return "ProviderSecrets(…)"


class SecretPart(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What only a passphrase opens: providers' secrets by slug, password hashes by username."""

    providers: dict[str, ProviderSecrets]
    password_hashes: dict[str, str]

    def __repr__(self) -> str:
        return "SecretPart(…)"


class SealedPart(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    salt: bytes
    sealed: str


class TransferDocument(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    format: str
    version: int
    exported_at: str
    settings: Settings
    aliases: tuple[AliasPart, ...]
    providers: tuple[ProviderPart, ...]
    users: tuple[UserPart, ...]
    secrets: SealedPart | None = None

    def to_json(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    @staticmethod
    def of_json(data: bytes) -> TransferDocument:
        """Raises InvalidRequest, naming the place, for what is not such a file."""
        head = _decoded(data, _Head)
        if head.format != FORMAT:
            raise InvalidRequest("The file is not an export of Patchbay.")
        if head.version != VERSION:
            raise InvalidRequest(f"The file has version {head.version}; this Patchbay reads version {VERSION}.")
        document: TransferDocument = _decoded(data, TransferDocument)
        return document


class _Head(msgspec.Struct):
    format: str = ""
    version: int = 0


def sealed(part: SecretPart, passphrase: str) -> SealedPart:
    """Raises InvalidRequest for a short passphrase."""
    if len(passphrase) < MIN_PASSPHRASE_LENGTH:
        raise invalid("passphrase", f"must have at least {MIN_PASSPHRASE_LENGTH} characters")
    salt = secrets.token_bytes(_SALT_BYTES)
    document: dict[str, Any] = msgspec.to_builtins(part)
    return SealedPart(salt, _box(passphrase, salt).seal(document).decode())


def opened(part: SealedPart, passphrase: str) -> SecretPart:
    """Raises InvalidRequest for another passphrase than the one it was sealed with."""
    try:
        document = _box(passphrase, part.salt).open(part.sealed.encode())
    except SecretUnreadable as error:
        raise InvalidRequest("The passphrase does not open this file's secrets.") from error
    return msgspec.convert(document, SecretPart)


def _box(passphrase: str, salt: bytes) -> SecretBox:
    key = Scrypt(salt=salt, **_SCRYPT).derive(passphrase.encode())
    return SecretBox([base64.urlsafe_b64encode(key).decode()])


def _decoded(data: bytes, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError as error:
        raise InvalidRequest(f"The file can't be read as an export of Patchbay: {error}.") from error
