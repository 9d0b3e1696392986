"""Passwords: rules, Argon2id hashes, and one-time passwords that can be read out loud.

Argon2 works for a tenth of a second in C, so under gevent it runs in the hub's thread pool.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Callable
from typing import TypeVar

import gevent
import gevent.monkey
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from app.admin.refusals import invalid

T = TypeVar("T")

MIN_LENGTH = 8
MAX_BYTES = 1024
AT_ONCE = 4
"""How many hashes are computed at the same time: each takes 64 MiB."""

# Characters that are not taken for one another when read from a terminal.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS = 4
_GROUP_LENGTH = 5

# A hash of a password that nobody has, for checking the passwords of users that don't exist.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$AFrWia0ZUkPDb2MwBSqisg$d2fY6m5InlMc6ihq9239ww8GmujvjNvjqNeDALVdnXM"


def one_time_password() -> str:
    """Four groups of five letters and digits: 99 bits."""
    groups = ("".join(secrets.choice(_READABLE) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def check_rules(password: str, *, username: str, field: str = "password") -> None:
    """Raises InvalidRequest, naming `field`, for a password that may not be chosen."""
    too_short = len(password) < MIN_LENGTH
    too_long = len(password.encode()) > MAX_BYTES
    if too_short or too_long or password.strip().casefold() == username.casefold():
        raise invalid(
            field, f"must have at least {MIN_LENGTH} characters, at most {MAX_BYTES} bytes, and not be the username"
        )


class Passwords:
    """Hashes and checks passwords without stopping other requests of the process."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = threading.BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        return self._aside(lambda: self._hasher.hash(_normal(password)))

    def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether `password` is the one behind the hash. Without a hash it takes as long, and is False."""
        if len(password.encode()) > MAX_BYTES:
            return False
        checked = self._aside(lambda: self._verify(password, password_hash or _NOBODY))
        return checked and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password: str, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, _normal(password))
        except VerifyMismatchError:
            return False

    def _aside(self, work: Callable[[], T]) -> T:
        with self._slots:
            if not gevent.monkey.is_module_patched("threading"):
                return work()
            result: T = gevent.get_hub().threadpool.apply(work)
            return result


def _normal(password: str) -> str:
    """One spelling for what keyboards send in several (é as one character or two)."""
    return unicodedata.normalize("NFKC", password)
