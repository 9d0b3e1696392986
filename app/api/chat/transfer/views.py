"""/api/v1/conversations/export and /import: conversations as files."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.api import current
from app.api.admin.shapes import FAILURES, ById, Success
from app.api.chat.attachments import disposition
from app.api.chat.bodies import ExportQuery
from app.api.chat.conversations import tag
from app.api.chat.shapes import ImportedOut
from app.api.chat.transfer import patchbay_format
from app.api.chat.transfer.importing import import_file
from app.api.chat.transfer.markdown import markdown
from app.api.chat.uploads import MEGABYTE, UploadForm, limited, too_large, uploaded
from app.api.envelope import ok
from app.api.parsing import checked, unparsed
from app.api.routes import APIBlueprint
from app.domain.errors import NotJson
from app.gateway.conversations.exports import WholeConversation

MAX_IMPORT_BYTES = 256 * MEGABYTE
_CHUNK_BYTES = 64 * 1024
_TYPES = frozenset({"application/json", "application/zip", "application/x-zip-compressed", "application/octet-stream"})
_FILE = {
    "type": "object",
    "required": ["format", "version", "conversations"],
    "properties": {
        "format": {"const": patchbay_format.FORMAT},
        "version": {"const": patchbay_format.VERSION},
        "conversations": {"type": "array", "items": {"type": "object"}},
    },
}
JSON_FILE = {"description": "A file to save", "content": {"application/json": {"schema": _FILE}}}
EITHER_FILE = {
    "description": "A file to save",
    "content": {"text/markdown": {"schema": {"type": "string"}}, "application/json": {"schema": _FILE}},
}

transfer = APIBlueprint(
    "transfer", __name__, url_prefix="/api/v1/conversations", abp_tags=[tag], abp_responses=FAILURES
)


@transfer.get("/export", responses={200: JSON_FILE})
@checked
def export_all() -> Response:
    """Everything that is kept of one's conversations, with attachments, as one JSON file that can be imported."""
    exports, user_id = current.parts().exports, current.caller().user_id
    return _json_file(exports.all(user_id), f"conversations-{datetime.now(UTC):%Y-%m-%d}.json")


@transfer.get("/<string:id>/export", responses={200: EITHER_FILE})
@checked
def export_one(path: ById, query: ExportQuery) -> Response:
    """One conversation: as Markdown the branch that is shown, as JSON everything."""
    exports = current.parts().exports
    whole = exports.one(current.caller().user_id, path.id)
    name = f"{_file_stem(whole)}.{query.format}"
    if query.format == "json":
        return _json_file(iter([whole]), name)
    text = markdown(whole.conversation, exports.path(whole))
    return Response(text, content_type="text/markdown; charset=utf-8", headers=_as_file(name))


@transfer.post("/import", responses={200: Success[ImportedOut]})
@unparsed
def import_conversations(form: UploadForm) -> Response:
    """Take in an export of Patchbay's, or ChatGPT's conversations.json, packed as ZIP or not. 256 MB at most."""
    with _sent_file() as file:
        result = import_file(file, current.caller().user_id, current.parts().imports, datetime.now(UTC))
    return ok(
        {
            "imported": result.imported,
            "conversation_ids": result.conversation_ids,
            "skipped": [{"title": title, "problem": problem} for title, problem in result.skipped],
        }
    )


def _json_file(conversations: Iterator[WholeConversation], name: str) -> Response:
    exports, user_id = current.parts().exports, current.caller().user_id
    pieces = patchbay_format.pieces(conversations, lambda attachment_id: exports.content(user_id, attachment_id))
    return Response(pieces, content_type="application/json", headers=_as_file(name))


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": disposition("attachment", name), "Cache-Control": "no-store"}


def _file_stem(whole: WholeConversation) -> str:
    words = re.sub(r'[\x00-\x1f/\\:*?"<>|]', " ", whole.conversation.title).split()
    return " ".join(words).strip(" .")[:80] or "conversation"


@contextmanager
def _sent_file() -> Iterator[IO[bytes]]:
    """What is to be imported, on disk. Raises NotJson, TooLarge or InvalidRequest."""
    if request.mimetype == "multipart/form-data":
        yield uploaded(MAX_IMPORT_BYTES).stream
        return
    if request.mimetype not in _TYPES:
        raise NotJson("Send the file as application/json, as application/zip or in a form, as `file`.")
    limited(MAX_IMPORT_BYTES)
    with tempfile.TemporaryFile() as file:
        try:
            while data := request.stream.read(_CHUNK_BYTES):
                file.write(data)
        except RequestEntityTooLarge as error:
            raise too_large(MAX_IMPORT_BYTES) from error
        file.seek(0)
        yield file
