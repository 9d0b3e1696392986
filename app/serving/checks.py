"""Addresses and keys among the settings, whose form is checked before anything is started."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from app.domain.secret_keys import is_secret_key
from config import Config, ConfigError

_DATABASES = ("sqlite://", "postgresql+psycopg://")
_REDIS = ("redis://", "rediss://", "unix://")


def check(config: Config) -> None:
    """Raises ConfigError that names every problem."""
    problems = list(_problems(config))
    if problems:
        raise ConfigError("\n".join(problems))


def _problems(config: Config) -> Iterator[str]:
    # No value is repeated that may hold a password.
    if not config.database_url.startswith(_DATABASES):
        yield "DATABASE_URL must begin with sqlite:/// or postgresql://"
    if config.redis_url is not None and not config.redis_url.startswith(_REDIS):
        yield "REDIS_URL must begin with redis://, rediss:// or unix://"
    if not all(is_secret_key(key) for key in config.secret_keys):
        yield "PATCHBAY_SECRET_KEYS must be keys of 32 bytes in URL-safe base64, separated by commas"
    for origin in config.cors_origins:
        if origin != "*" and not _is_origin(origin):
            yield f"CORS_ORIGINS: {origin} must be an origin such as https://app.example.org"


def _is_origin(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.path in ("", "/")
