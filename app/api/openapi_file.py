"""Write docs/openapi.json, or with --check say whether it is what the application would write."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import cast

from cryptography.fernet import Fernet
from flask_openapi import OpenAPI

from app import create_app
from app.api.openapi_document import complete
from config import ROOT, Config

FILE = ROOT / "docs" / "openapi.json"


def document() -> str:
    """The document as the file has it. No server is needed: the application is built, but never asked."""
    with tempfile.TemporaryDirectory() as home:
        app = create_app(
            Config(
                home=Path(home),
                database_url="sqlite://",
                secret_keys=(Fernet.generate_key().decode(),),
                jwt_secret=Fernet.generate_key().decode(),
                local_engine=False,
            )
        )
        found = json.dumps(complete(cast("OpenAPI", app)), indent=2, ensure_ascii=False) + "\n"
        app.extensions["patchbay"].database.close()
    return found


def is_fresh(file: Path = FILE) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == document()


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        if is_fresh():
            return 0
        sys.stderr.write("docs/openapi.json is out of date: python -m app.api.openapi_file writes it.\n")
        return 1
    FILE.write_text(document(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
