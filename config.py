"""The environment, read once into a frozen `Config`. Nothing else in the project reads it."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

OLDER_FACES = ("lmstudio-service", "llama-chat", "ai-library")
LOG_LEVELS = ("debug", "info", "warning", "error")
ROOT = Path(__file__).resolve().parent


class ConfigError(Exception):
    """Names every missing or malformed variable at once."""


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting that comes from outside. Secrets never show in its representation."""

    home: Path
    """PATCHBAY_HOME: state (database, secrets, logs, engine socket). Default `var/` in the project."""
    database_url: str = field(repr=False)
    """DATABASE_URL as SQLAlchemy wants it; SQLite in `home` unless set."""
    secret_keys: tuple[str, ...] = field(repr=False)
    """PATCHBAY_SECRET_KEYS: comma-separated Fernet keys; the first encrypts, all decrypt."""
    jwt_secret: str = field(repr=False)
    redis_url: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    public_url: str | None = None
    """PUBLIC_URL: the address people use, with its sub-path, where a proxy stands in front."""
    trusted_proxies: tuple[str, ...] = ()
    """TRUSTED_PROXIES: addresses or networks whose X-Forwarded-* headers are believed."""
    cors_origins: tuple[str, ...] = ()
    models_dir: Path | None = None
    """PATCHBAY_MODELS: folder of GGUF files; default `<home>/models`."""
    local_max_loaded: int = 2
    local_context_length: int | None = None
    local_threads: int | None = None
    local_gpu_layers: int | None = None
    local_engine: bool = True
    """LOCAL_ENGINE=0 leaves the built-in engine out."""
    hub_endpoint: str = "https://huggingface.co"
    """HF_ENDPOINT: the hub that models are downloaded from, or a mirror of it."""
    hub_token: str | None = field(default=None, repr=False)
    """HF_TOKEN: for repositories that are not for everybody."""
    admin_username: str | None = None
    admin_password: str | None = field(default=None, repr=False)
    llm_provider: str | None = None
    lmstudio_api_base: str | None = None
    lmstudio_api_key: str | None = field(default=None, repr=False)
    lmstudio_model: str | None = None
    openai_api_key: str | None = field(default=None, repr=False)
    openai_base_url: str | None = None
    groq_api_key: str | None = field(default=None, repr=False)
    default_regular_model: str | None = None
    default_vision_model: str | None = None
    root_face: str | None = None
    """PATCHBAY_ROOT_FACE: one of OLDER_FACES, served at `/` as well."""
    graceful_timeout_s: int = 30
    """GRACEFUL_TIMEOUT: how long a stopping server lets running answers finish."""
    log_level: str = "info"

    @property
    def engine_socket(self) -> Path:
        return self.home / "engine.sock"

    @property
    def engine_models(self) -> Path:
        return self.models_dir or self.home / "models"

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @staticmethod
    def from_env(environ: Mapping[str, str] | None = None) -> Config:
        """Read `environ` (the process's own unless given), over `.env` and `$PATCHBAY_HOME/secrets.env`.

        Raises ConfigError naming all that is missing or malformed.
        """
        return _Reader(os.environ if environ is None else environ).config()


def read_env_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines; blank lines and `#` comments are left out, one pair of quotes is taken off."""
    if not path.is_file():
        return {}
    pairs = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.strip().removeprefix("export ").partition("=")
        if separator and not name.startswith("#"):
            pairs[name.strip()] = value.strip().strip("\"'")
    return pairs


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


class _Reader:
    """Collects problems while reading, so that one error names them all."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._problems: list[str] = []
        dotenv = read_env_file(ROOT / ".env")
        home = environ.get("PATCHBAY_HOME") or dotenv.get("PATCHBAY_HOME") or str(ROOT / "var")
        self._home = Path(home).expanduser().resolve()
        self._values = {**read_env_file(self._home / "secrets.env"), **dotenv, **environ}

    def config(self) -> Config:
        config = Config(
            home=self._home,
            database_url=self._database_url(),
            secret_keys=self._list("PATCHBAY_SECRET_KEYS"),
            jwt_secret=self._text("PATCHBAY_JWT_SECRET") or "",
            redis_url=self._text("REDIS_URL"),
            host=self._text("HOST") or "127.0.0.1",
            port=self._number("PORT", 8000, minimum=0, maximum=65535),
            workers=self._number("WORKERS", 1, minimum=1, maximum=64),
            public_url=self._text("PUBLIC_URL"),
            trusted_proxies=self._list("TRUSTED_PROXIES"),
            cors_origins=self._list("CORS_ORIGINS"),
            models_dir=self._path("PATCHBAY_MODELS"),
            local_max_loaded=self._number("LOCAL_MAX_LOADED", 2, minimum=1, maximum=64),
            local_context_length=self._optional_number("LOCAL_CONTEXT_LENGTH", minimum=128),
            local_threads=self._optional_number("LOCAL_THREADS", minimum=1),
            local_gpu_layers=self._optional_number("LOCAL_GPU_LAYERS", minimum=0),
            local_engine=self._text("LOCAL_ENGINE") not in ("0", "false", "no", "off"),
            hub_endpoint=(self._text("HF_ENDPOINT") or "https://huggingface.co").rstrip("/"),
            hub_token=self._text("HF_TOKEN"),
            admin_username=self._text("ADMIN_USERNAME"),
            admin_password=self._text("ADMIN_PASSWORD"),
            llm_provider=self._text("LLM_PROVIDER"),
            lmstudio_api_base=self._text("LMSTUDIO_API_BASE"),
            lmstudio_api_key=self._text("LMSTUDIO_API_KEY"),
            lmstudio_model=self._text("LMSTUDIO_MODEL"),
            openai_api_key=self._text("OPENAI_API_KEY"),
            openai_base_url=self._text("OPENAI_BASE_URL"),
            groq_api_key=self._text("GROQ_API_KEY"),
            default_regular_model=self._text("DEFAULT_REGULAR_MODEL"),
            default_vision_model=self._text("DEFAULT_VISION_MODEL"),
            root_face=self._text("PATCHBAY_ROOT_FACE"),
            graceful_timeout_s=self._number("GRACEFUL_TIMEOUT", 30, minimum=1, maximum=3600),
            log_level=(self._text("LOG_LEVEL") or "info").lower(),
        )
        self._check(config)
        if self._problems:
            raise ConfigError("\n".join(self._problems))
        return config

    def _check(self, config: Config) -> None:
        if not config.secret_keys:
            self._problems.append("PATCHBAY_SECRET_KEYS is missing (./patchbay up writes it to secrets.env)")
        if not config.jwt_secret:
            self._problems.append("PATCHBAY_JWT_SECRET is missing (./patchbay up writes it to secrets.env)")
        if config.workers > 1 and (config.is_sqlite or config.redis_url is None):
            self._problems.append(
                f"WORKERS={config.workers} needs DATABASE_URL (PostgreSQL) and REDIS_URL: limits and streams are"
                " shared between workers through them, and SQLite has one writer"
            )
        for network in config.trusted_proxies:
            if not _is_network(network):
                self._problems.append(f"TRUSTED_PROXIES: {network} is no address or network such as 10.0.0.0/8")
        if config.public_url is not None and not config.public_url.startswith(("http://", "https://")):
            self._problems.append(f"PUBLIC_URL={config.public_url} must start with http:// or https://")
        if config.root_face is not None and config.root_face not in OLDER_FACES:
            self._problems.append(f"PATCHBAY_ROOT_FACE={config.root_face} must be one of {', '.join(OLDER_FACES)}")
        if not config.hub_endpoint.startswith(("http://", "https://")):
            self._problems.append(f"HF_ENDPOINT={config.hub_endpoint} must start with http:// or https://")
        if config.log_level not in LOG_LEVELS:
            self._problems.append(f"LOG_LEVEL={config.log_level} must be one of {', '.join(LOG_LEVELS)}")
        if "*" in config.cors_origins and len(config.cors_origins) > 1:
            self._problems.append("CORS_ORIGINS is either * or a list of origins")

    def _text(self, name: str) -> str | None:
        return self._values.get(name, "").strip() or None

    def _list(self, name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in (self._text(name) or "").split(",") if part.strip())

    def _path(self, name: str) -> Path | None:
        text = self._text(name)
        return None if text is None else Path(text).expanduser().resolve()

    def _number(self, name: str, default: int, *, minimum: int, maximum: int = 2**31) -> int:
        number = self._optional_number(name, minimum=minimum, maximum=maximum)
        return default if number is None else number

    def _optional_number(self, name: str, *, minimum: int, maximum: int = 2**31) -> int | None:
        text = self._text(name)
        if text is None:
            return None
        if not text.lstrip("-").isdigit() or not minimum <= int(text) <= maximum:
            self._problems.append(f"{name}={text} must be a whole number from {minimum} to {maximum}")
            return None
        return int(text)

    def _database_url(self) -> str:
        url = self._text("DATABASE_URL") or f"sqlite:///{self._home / 'patchbay.db'}"
        for short in ("postgres://", "postgresql://"):
            if url.startswith(short):
                return "postgresql+psycopg://" + url.removeprefix(short)
        return url
