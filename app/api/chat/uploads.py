"""Files that come as multipart forms, as browsers send them."""

from __future__ import annotations

from flask import request
from pydantic import Field
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from app.api.admin.shapes import Body
from app.domain.errors import InvalidRequest, Problem, TooLarge

MEGABYTE = 1024 * 1024
MAX_UPLOAD_BYTES = 32 * MEGABYTE


class UploadForm(Body):
    file: str = Field(json_schema_extra={"format": "binary"})


def uploaded(max_bytes: int) -> FileStorage:
    """The form's one field, `file`; large ones are on disk. Raises TooLarge or InvalidRequest."""
    if request.mimetype != "multipart/form-data":
        raise _wrong("is required, in a form of the type multipart/form-data")
    limited(max_bytes)
    try:
        files, texts = request.files, request.form
    except RequestEntityTooLarge as error:
        raise too_large(max_bytes) from error
    unknown = sorted({*files, *texts} - {"file"})
    if unknown:
        raise InvalidRequest(
            f"{unknown[0]}: is not a known field",
            param=unknown[0],
            details=[Problem(one, "is not a known field") for one in unknown],
        )
    found = files.getlist("file")
    if len(found) != 1:
        raise _wrong("must be one file" if found or "file" in texts else "is required")
    return found[0]


def limited(max_bytes: int) -> None:
    """Let the request's body have at most so many bytes. Raises TooLarge for one that says it has more."""
    request.max_content_length = max_bytes
    if request.content_length is not None and request.content_length > max_bytes:
        raise too_large(max_bytes)


def too_large(max_bytes: int) -> TooLarge:
    return TooLarge(f"The upload is larger than {max_bytes // MEGABYTE} MB.")


def _wrong(problem: str) -> InvalidRequest:
    return InvalidRequest(f"file: {problem}", param="file", details=[Problem("file", problem)])
