"""docs/openapi.json is what the routes say, and what a server serves."""

from __future__ import annotations

import pytest
from flask import Flask

from app.api.docs_pages import DOCUMENT
from app.api.openapi_document import complete
from app.serving.openapi_file import openapi_text


def test_the_committed_document_is_fresh() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == openapi_text(), "./patchbay generate writes it again"


@pytest.mark.parametrize("prefix", ["", "/patchbay"], ids=["root", "sub-path"])
def test_a_server_serves_the_document_that_its_routes_make(app: Flask, prefix: str) -> None:
    with app.test_client() as client:
        served = client.get("/openapi.json", environ_overrides={"SCRIPT_NAME": prefix})

    assert served.json == complete(app, prefix or "/")
