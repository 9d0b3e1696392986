"""An application that is asked badly, and how its refusals are told."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from sqlalchemy import select
from werkzeug.test import TestResponse

from app.storage.tables import Base
from tests.api.callers import Asker, Doorstep
from tests.api.chat.files import png
from tests.support.upstream import Upstream

NOBODYS_ID = "00000000-0000-4000-8000-000000000000"
JSON = "application/json"
PNG = base64.b64encode(png()).decode()
HELLO = [{"role": "user", "content": "hello"}]
INVALID_JSON, INVALID = (400, "invalid_json"), (400, "invalid_request")
NOT_JSON, TOO_LARGE = (415, "not_json"), (413, "too_large")
OLDER = ("/lmstudio-service/", "/llama-chat/", "/ai-library/")


@dataclass(frozen=True)
class Place:
    """An application with something in it, an administrator who asks, and a provider that must not be asked."""

    door: Doorstep
    admin: Asker
    upstream: Upstream

    def rows(self) -> dict[str, list[str]]:
        """Everything that is stored."""
        with self.door.parts.database.engine.connect() as connection:
            return {
                table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
                for table in Base.metadata.sorted_tables
            }


def in_words_of(path: str, refusal: tuple[int, str]) -> tuple[int, str]:
    """Older faces have no codes, Anthropic's has a type for each status."""
    status, code = refusal
    if path.startswith(OLDER):
        return status, ""
    if path.startswith(("/v1/messages", "/openai/v1/messages")):
        return status, {413: "request_too_large", 404: "not_found_error"}.get(status, "invalid_request_error")
    return status, code


def named(reply: TestResponse) -> str:
    """The field that an error is about."""
    error = reply.json["error"]  # type: ignore[index]
    return str(error["param"] if "param" in error else error["details"][0]["field"])
