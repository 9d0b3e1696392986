"""Vendor keys are encrypted at rest: small JSON documents under a list of Fernet keys.

The first key encrypts, all decrypt; so a key is replaced by putting another in front, rotating, and taking the old
one away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.secret_keys import is_secret_key
from app.storage.database import Database
from app.storage.tables import ProviderRow
from app.storage.versions import bump_version

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class SecretUnreadable(Exception):
    """What was encrypted can't be read with the keys at hand."""

    def __init__(self) -> None:
        super().__init__(
            "A stored secret can't be decrypted: check that PATCHBAY_SECRET_KEYS (secrets.env) holds the key it was"
            " encrypted with."
        )


class SecretKeysMalformed(Exception):
    """PATCHBAY_SECRET_KEYS holds something that is no Fernet key."""

    def __init__(self) -> None:
        super().__init__(
            "PATCHBAY_SECRET_KEYS must hold Fernet keys (32 bytes as 44 URL-safe base64 characters), comma separated."
        )


class SecretBox:
    """Seals and opens JSON documents.

    `cryptography` is imported with the first of them: its six megabytes are nothing for who has no keys to keep.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys`: the first encrypts, all decrypt. Raises SecretKeysMalformed."""
        if not keys or not all(is_secret_key(key) for key in keys):
            raise SecretKeysMalformed
        self._keys = tuple(keys)

    @cached_property
    def _fernet(self) -> MultiFernet:
        from cryptography.fernet import Fernet, MultiFernet

        return MultiFernet([Fernet(key) for key in self._keys])

    def seal(self, document: Mapping[str, Any]) -> bytes:
        return self._fernet.encrypt(msgspec.json.encode(document))

    def open(self, sealed: bytes) -> dict[str, Any]:
        """Raises SecretUnreadable."""
        from cryptography.fernet import InvalidToken

        try:
            return msgspec.json.decode(self._fernet.decrypt(sealed), type=dict[str, Any])
        except InvalidToken as error:
            raise SecretUnreadable from error

    def rotate(self, sealed: bytes) -> bytes:
        """The same document under the first key. Raises SecretUnreadable."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.rotate(sealed)
        except InvalidToken as error:
            raise SecretUnreadable from error


def rotate_all(database: Database, box: SecretBox) -> int:
    """Encrypt every stored secret under the first key; how many there were.

    All or nothing. Raises SecretUnreadable when one of them opens with none of the keys.
    """

    def rotate(session: Session) -> int:
        # Takes turns with changes of providers, which would write back what they read before.
        bump_version(session)
        rows = session.execute(select(ProviderRow, ProviderRow.secret)).all()
        sealed = [(row, secret) for row, secret in rows if secret is not None]
        for row, secret in sealed:
            row.secret = box.rotate(secret)
        return len(sealed)

    return database.write(rotate)
