"""One process of this machine at a time, per state folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def home_lock(home: Path) -> Iterator[None]:
    """Wait until no other process holds the lock of `home`. It ends with the process, however that ends."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
