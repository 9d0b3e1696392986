from __future__ import annotations

import threading

from sqlalchemy import delete

from app.storage.database import Database
from app.storage.tables import StateVersionRow
from app.storage.versions import bump_version, read_version


def test_each_change_counts_one_more(database: Database) -> None:
    before = database.read(read_version)

    grown = [database.write(bump_version) for _ in range(3)]

    assert grown == [before + 1, before + 2, before + 3]
    assert database.read(read_version) == before + 3


def test_a_missing_row_is_made(database: Database) -> None:
    database.write(lambda session: session.execute(delete(StateVersionRow)))

    database.write(bump_version)

    assert database.read(read_version) == 1


def test_changes_made_at_once_take_turns(database: Database) -> None:
    before = database.read(read_version)
    threads = [threading.Thread(target=database.write, args=(bump_version,)) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert database.read(read_version) == before + 8
