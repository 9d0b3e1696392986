"""docs/openapi.json is what the routes say."""

from __future__ import annotations

from app.serving.openapi_file import FILE, openapi_text


def test_the_committed_document_is_fresh() -> None:
    assert FILE.read_text(encoding="utf-8") == openapi_text(), "./patchbay generate writes it again"
