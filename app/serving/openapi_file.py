"""`python -m app.serving.openapi_file`: docs/openapi.json, made from the routes."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from app import create_app
from app.api.docs_pages import DOCUMENT
from app.api.openapi_document import complete
from app.serving.secrets_file import config_with_secrets


def openapi_text() -> str:
    """The document of an installation with every default, one line per value so that changes can be read."""
    with tempfile.TemporaryDirectory() as home:
        application = create_app(config_with_secrets({"PATCHBAY_HOME": home, "DATABASE_URL": f"sqlite:///{home}/none"}))
        document = complete(application)
        application.extensions["patchbay"].database.close()
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def write(file: Path = DOCUMENT) -> None:
    file.write_text(openapi_text(), encoding="utf-8")


if __name__ == "__main__":
    write()
