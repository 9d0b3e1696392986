"""The number that says whether the configuration changed; every worker polls it."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.storage.tables import StateVersionRow

CONFIGURATION = "configuration"


def bump_version(session: Session) -> int:
    """Count one more change of what requests must see; the new number.

    Call it before reading what you are about to change: the row it locks makes all changes of the configuration take
    turns, so what you read afterwards stays true until you commit.
    """
    grown = session.execute(
        update(StateVersionRow)
        .where(StateVersionRow.name == CONFIGURATION)
        .values(version=StateVersionRow.version + 1)
        .returning(StateVersionRow.version)
        .execution_options(synchronize_session=False)
    ).scalar()
    if grown is None:
        session.add(StateVersionRow(name=CONFIGURATION, version=1))
        session.flush()
        return 1
    return grown


def read_version(session: Session) -> int:
    """How many changes there were; 0 before the first."""
    return session.scalar(select(StateVersionRow.version).where(StateVersionRow.name == CONFIGURATION)) or 0
