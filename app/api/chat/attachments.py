"""/api/v1/attachments: images and files for questions."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response

from app.api import current
from app.api.admin.shapes import FAILURES, ById, Deleted, Success
from app.api.chat.conversations import tag
from app.api.chat.rendering import attachment_json
from app.api.chat.shapes import AttachmentOut, AttachmentTextOut
from app.api.chat.uploads import MAX_UPLOAD_BYTES, UploadForm, uploaded
from app.api.envelope import ok
from app.api.parsing import checked, unparsed
from app.api.routes import APIBlueprint
from app.domain.conversations import AttachmentKind
from app.domain.errors import NotFound

attachments = APIBlueprint(
    "attachments", __name__, url_prefix="/api/v1/attachments", abp_tags=[tag], abp_responses=FAILURES
)

BYTES = {
    "description": "The bytes, as they were sent",
    "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
}


@attachments.post("", responses={201: Success[AttachmentOut]})
@unparsed
def create_attachment(form: UploadForm) -> Response:
    """Keep an image (JPEG, PNG, WebP), a PDF or a text file, to be named in a question. 32 MB at most."""
    file = uploaded(MAX_UPLOAD_BYTES)
    attachment = current.parts().attachments.add(
        current.caller().user_id, file.stream.read(), name=file.filename, media_type=file.mimetype
    )
    return ok(attachment_json(attachment), 201)


@attachments.get("/<string:id>", responses={200: BYTES})
@checked
def one_attachment(path: ById) -> Response:
    """The bytes of an attachment: an image to show, any other file to save."""
    content = current.parts().attachments.content(current.caller().user_id, path.id)
    attachment = content.attachment
    is_image = attachment.kind is AttachmentKind.IMAGE
    return Response(
        content.data,
        content_type=attachment.media_type,
        headers={
            "Content-Disposition": disposition("inline" if is_image else "attachment", attachment.name),
            # It is somebody else's content: no browser may take it for a page of ours.
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=31536000, immutable",
        },
    )


@attachments.get("/<string:id>/text", responses={200: Success[AttachmentTextOut]})
@checked
def attachment_text(path: ById) -> Response:
    """The text of a file, as a model is sent it."""
    text = current.parts().attachments.content(current.caller().user_id, path.id).text
    if text is None:
        raise NotFound("An image has no text.")
    return ok({"text": text})


@attachments.delete("/<string:id>", responses={200: Success[Deleted]})
@checked
def delete_attachment(path: ById) -> Response:
    """Remove an attachment that no message has."""
    current.parts().attachments.delete(current.caller().user_id, path.id)
    return ok({"id": path.id, "deleted": True})


def disposition(kind: str, name: str) -> str:
    """A Content-Disposition that old and new clients read (RFC 6266)."""
    plain = "".join(one if one.isascii() and one.isprintable() and one not in '"\\%' else "_" for one in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
