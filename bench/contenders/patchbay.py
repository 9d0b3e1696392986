"""Patchbay with everything on: an API key with a limit per minute, the registry, and a ledger row for every request."""

import os
import secrets
import shutil
import sqlite3
import subprocess
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bench.children import Child, free_port, spawn
from bench.contenders.base import Contender, LeftOut, Setting
from bench.load import Target
from bench.places import PROJECT, RUN

SCRIPT = PROJECT / "patchbay"
HOME = RUN / "patchbay-home"
PROVIDER = "bench"
FIRST_START_LIMIT_S = 180.0
LEDGER_WAIT_S = 3.0
# A developer's own settings must not reach the server under test.
SETTINGS = ("DATABASE_", "REDIS_", "PUBLIC_", "TRUSTED_", "LLM_", "LMSTUDIO_", "OPENAI_", "GROQ_", "DEFAULT_", "LOCAL_")


class Patchbay(Contender):
    name = "patchbay"
    title = "Patchbay"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.key = ""

    def prepare(self) -> None:
        """A first start sets everything up; then come the key and the provider, as an administrator would do it."""
        if not SCRIPT.is_file():
            raise LeftOut("./patchbay does not exist in this checkout")
        shutil.rmtree(HOME, ignore_errors=True)
        HOME.mkdir(parents=True)
        port = free_port()
        child = spawn(self.command(port), log=RUN / "patchbay-first.log", env=self.environment(port), cwd=PROJECT)
        try:
            _wait_until_ready(port, child)
            self.key = self._admin("create-key", "bench", "--requests-per-minute", "1000000")
            self._admin(
                "providers",
                "add",
                *("--kind", "openai_compatible", "--name", PROVIDER),
                *("--base-url", self.setting.base_url, "--api-key", "bench"),
            )
        finally:
            child.stop()

    def version(self) -> str:
        version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
        described = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=False
        )
        return f"{version} {described.stdout.strip()}".strip()

    def command(self, port: int) -> Sequence[str | Path]:
        return [SCRIPT, "up"]

    def folder(self) -> Path:
        return PROJECT

    def environment(self, port: int) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)},
            "PATCHBAY_HOME": str(HOME),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "WORKERS": "1",
            "ADMIN_USERNAME": "admin",
            "ADMIN_PASSWORD": _password(),
        }

    def target(self, port: int) -> Target:
        return Target(port, headers=(f"Authorization: Bearer {self.key}",), model_prefix=f"{PROVIDER}/")

    def ledger_rows(self) -> int | None:
        """The rows once they have stopped growing: the writer works in batches."""
        before, limit = -1, time.monotonic() + 4 * LEDGER_WAIT_S
        while (rows := _count_rows()) != before and time.monotonic() < limit:
            before = rows
            time.sleep(LEDGER_WAIT_S / 2)
        return rows

    def _admin(self, *arguments: str) -> str:
        done = subprocess.run(
            [SCRIPT, "admin", *arguments],
            cwd=PROJECT,
            env=self.environment(0),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise LeftOut(f"./patchbay admin {' '.join(arguments[:2])} failed: {done.stderr[-2000:]}")
        return done.stdout.strip()


def _password() -> str:
    """One password for all starts of a run, kept where only this user reads."""
    file = HOME / "bench-password"
    if not file.is_file():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(18))
    return file.read_text()


def _count_rows() -> int:
    with closing(sqlite3.connect(f"file:{HOME / 'patchbay.db'}?mode=ro", uri=True)) as database:
        rows: int = database.execute("SELECT count(*) FROM usage_records").fetchone()[0]
        return rows


def _wait_until_ready(port: int, child: Child) -> None:
    limit = time.monotonic() + FIRST_START_LIMIT_S
    while time.monotonic() < limit and child.process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise LeftOut(f"/readyz never answered 200: {child.log_tail()}")
