"""What a worker that only waits does not hold."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tests.serving.running import environment

START = """
import os, sys
from app.serving.plain_imports import import_jwt, import_structlog
import_structlog()
import app.serving.lean
import_jwt()
from app.serving.prepare import prepared_application
from app.serving.secrets_file import config_with_secrets
prepared_application(config_with_secrets(os.environ))
print(list(sys.modules), flush=True)
os._exit(0)
"""
NEEDED_LATER = {
    *("alembic", "cryptography", "flask_openapi", "genai_prices", "groq", "httpx", "openai", "psycopg"),
    *("httpx2", "huggingface_hub", "ijson", "pygments", "pypdf", "rich", "sqlalchemy.dialects.postgresql"),
}


def modules_after_start(home: Path) -> set[str]:
    settings = environment(PATCHBAY_HOME=str(home), ADMIN_PASSWORD="correct-horse-1", LOG_LEVEL="warning")
    started = subprocess.run(
        [sys.executable, "-c", START], env=settings, capture_output=True, text=True, check=True, timeout=60
    )
    return set(ast.literal_eval(started.stdout.splitlines()[-1]))


def test_what_a_warm_start_does_not_need_is_not_imported(tmp_path: Path) -> None:
    assert "alembic" in modules_after_start(tmp_path)

    assert modules_after_start(tmp_path) & NEEDED_LATER == set()
