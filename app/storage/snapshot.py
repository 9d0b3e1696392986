"""Everything requests need to know, read in one go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from app.domain.snapshot import Snapshot
from app.storage.accounts import all_users
from app.storage.aliases import enabled_aliases
from app.storage.api_keys import all_keys
from app.storage.database import Database
from app.storage.provider_configs import all_providers
from app.storage.secrets import SecretBox
from app.storage.sessions import revoked_since
from app.storage.settings import read_settings
from app.storage.versions import read_version

REVOKED_FOR = timedelta(hours=1)
"""How long an ended session is remembered: well beyond the 15 minutes that an access token lives."""


def load_snapshot(database: Database, box: SecretBox, *, now: datetime | None = None) -> Snapshot:
    """One query per table. A provider whose secrets can't be decrypted comes without them."""
    since = (now or datetime.now(UTC)) - REVOKED_FOR

    def load(session: Session) -> Snapshot:
        # The number comes first: what changes while the rest is read is then read once more under the next number.
        version = read_version(session)
        return Snapshot(
            version=version,
            providers=tuple(stored.config for stored in all_providers(session, box)),
            users=all_users(session),
            keys=all_keys(session),
            revoked_sessions=revoked_since(session, since),
            aliases=enabled_aliases(session),
            settings=read_settings(session),
        )

    return database.read(load)


def load_version(database: Database) -> int:
    """Which version a snapshot read at this moment would have."""
    return database.read(read_version)
