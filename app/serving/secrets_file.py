"""`$PATCHBAY_HOME/secrets.env`: what encrypts the providers' keys and signs sign-ins, written at the first start."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from app.serving.checks import check
from app.serving.locking import home_lock
from app.serving.start_error import StartError
from config import Config, read_env_file

_HEADER = """\
# Patchbay wrote these secrets at its first start. Back this file up together with the database: without
# PATCHBAY_SECRET_KEYS the stored provider keys can't be read.
"""


def config_with_secrets(environ: Mapping[str, str]) -> Config:
    """The configuration, after writing the secrets that nobody has set yet.

    Raises ConfigError, and StartError when the state folder can't be written.
    """
    # Everything but the secrets is checked first, so that a wrong setting leaves nothing behind on the disk.
    placeholders = {name: make() for name, make in _SECRETS.items()}
    probe = Config.from_env({**placeholders, **environ})
    check(probe)
    home = probe.home
    ensure_secrets_file(home, given=frozenset(name for name in _SECRETS if environ.get(name)))
    config = Config.from_env(environ)
    check(config)
    return config


def ensure_secrets_file(home: Path, *, given: frozenset[str] = frozenset()) -> None:
    """Write the secrets that are neither in the file nor `given` otherwise. Raises StartError."""
    path = home / "secrets.env"
    try:
        if _missing(path, given):
            with home_lock(home):
                _add_missing(path, given)
    except OSError as error:
        raise StartError(f"Can't write {path}: {error.strerror}. Set PATCHBAY_HOME to a folder you own.") from error


def _missing(path: Path, given: frozenset[str]) -> set[str]:
    return _SECRETS.keys() - read_env_file(path).keys() - given


def _add_missing(path: Path, given: frozenset[str]) -> None:
    fresh = {name: _SECRETS[name]() for name in sorted(_missing(path, given))}
    if fresh:
        _write_private(path, {**read_env_file(path), **fresh})


def _write_private(path: Path, pairs: Mapping[str, str]) -> None:
    """Complete or not at all, and never readable by others, not even for a moment."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(_HEADER + "".join(f"{name}={value}\n" for name, value in pairs.items()))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


_SECRETS: dict[str, Callable[[], str]] = {
    "PATCHBAY_SECRET_KEYS": _fernet_key,
    "PATCHBAY_JWT_SECRET": lambda: secrets.token_urlsafe(48),
}
