"""A Patchbay that really runs, as its administrator sees it: keys, providers, ledger, log."""

from __future__ import annotations

import itertools
import json
import socket
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self

from sqlalchemy import create_engine, text

from app.providers.engine.client import EngineClient
from app.providers.engine.messages import LoadedModel
from tests.e2e.call import Call, Reply
from tests.serving.running import Running, eventually, free_port
from tests.support.upstream import Upstream

TOY = "local/patchbay-toy"
PASSWORD = "correct horse battery"
SIGNED_IN_S = 600.0
# A developer's .env must not reach into the tests; an empty value is the same as none.
_NOTHING = dict.fromkeys(
    (
        *("HOST", "WORKERS", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "TRUSTED_PROXIES", "CORS_ORIGINS"),
        *("PATCHBAY_MODELS", "LLM_PROVIDER", "LMSTUDIO_API_BASE", "LMSTUDIO_API_KEY", "LMSTUDIO_MODEL"),
        *("OPENAI_API_KEY", "OPENAI_BASE_URL", "GROQ_API_KEY", "DEFAULT_REGULAR_MODEL", "DEFAULT_VISION_MODEL"),
        "PATCHBAY_ROOT_FACE",
    ),
    "",
)


class Gateway:
    """Started with `settings` over the usual ones, in a `home` of its own."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self._numbers = itertools.count(1)
        self._signed_in_at = 0.0
        self._token = ""
        everything = {
            **_NOTHING,
            "PATCHBAY_HOME": str(home),
            "PORT": str(free_port()),
            "ADMIN_USERNAME": "admin",
            "ADMIN_PASSWORD": PASSWORD,
            **settings,
        }
        self._database_url = settings.get("DATABASE_URL") or f"sqlite:///{home / 'patchbay.db'}"
        self.server = Running([sys.executable, "-m", "app.serving.launch"], everything, home / "log")
        self.url = self.server.url
        self.port = self.server.port

    def __enter__(self) -> Self:
        self.server.__enter__()
        try:
            self.server.wait_until_ready()
            self.key = self.new_key()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.server.__exit__(None, None, None)

    # Administration

    @property
    def token(self) -> str:
        """An administrator's access token."""
        if time.monotonic() - self._signed_in_at > SIGNED_IN_S or not self._token:
            signed_in = self.ask("POST", "/api/v1/auth/login", {"username": "admin", "password": PASSWORD}, key="")
            self._token = signed_in.json["data"]["access_token"]
            self._signed_in_at = time.monotonic()
        return self._token

    def admin(self, method: str, path: str, body: object = None) -> Any:
        """The data of a successful answer of the native face."""
        reply = self.ask(method, path, body, key=self.token)
        assert reply.json["success"], reply.body
        return reply.json["data"]

    def new_key(self, **limits: object) -> str:
        made = self.admin("POST", "/api/v1/api-keys", {"name": f"key {next(self._numbers)}", **limits})
        return str(made["key"])

    def add_provider(self, upstream: Upstream, **fields: object) -> str:
        """The slug of a provider that leads to `upstream`."""
        name = f"upstream-{next(self._numbers)}"
        body = {
            "provider": "openai_compatible",
            "name": name,
            "base_url": upstream.base_url,
            "api_key": f"sk-{name}",
            **fields,
        }
        return str(self.admin("POST", "/api/v1/llm-providers", body)["slug"])

    def remove_provider(self, slug: str) -> None:
        self.admin("DELETE", f"/api/v1/llm-providers/{slug}")

    # Calls

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """A complete answer to a request with a JSON body."""
        with self.call(path, body, method=method, key=key, headers=headers) as call:
            return call.reply()

    def call(
        self,
        path: str,
        body: object = None,
        *,
        method: str = "POST",
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Call:
        """A request on its way, on a connection of its own."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if key != "":
            sent["Authorization"] = f"Bearer {self.key if key is None else key}"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, None if body is None else json.dumps(body), sent)
        return Call(connection)

    def accepts_connections(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except ConnectionRefusedError:
            return False
        return True

    # What is left behind

    @property
    def log(self) -> str:
        return self.server.output

    def rows(self, request_id: str, count: int = 1, *, within_s: float = 1.0) -> list[dict[str, Any]]:
        """The ledger's rows of one request, in the order of attempts, as soon as there are `count`."""
        found: list[dict[str, Any]] = []

        def complete() -> bool:
            found[:] = self._rows(request_id)
            return len(found) >= count

        assert eventually(complete, within_s), f"{len(found)} of {count} rows within {within_s} s: {found}"
        return found

    def _rows(self, request_id: str) -> list[dict[str, Any]]:
        engine = create_engine(self._database_url)
        try:
            with engine.connect() as connection:
                query = text("SELECT * FROM usage_records WHERE request_id = :id ORDER BY attempt")
                return [dict(row) for row in connection.execute(query, {"id": request_id}).mappings()]
        finally:
            engine.dispose()

    def files(self) -> list[Path]:
        """Everything that was written to disk, but what only its owner may know."""
        found = [path for path in self.home.rglob("*") if path.is_file()]
        return [path for path in found if path.name != "secrets.env"]

    # The engine

    def loaded_models(self) -> list[LoadedModel]:
        return list(EngineClient(self.home / "engine.sock").status().loaded)

    @property
    def engine_is_busy(self) -> bool:
        return any(model.busy for model in self.loaded_models())
