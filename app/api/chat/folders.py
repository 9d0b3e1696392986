"""/api/v1/folders: where conversations are kept."""

from __future__ import annotations

from flask import Response

from app.api import current
from app.api.admin.shapes import FAILURES, ById, Deleted, ListQuery, PageOut, Success
from app.api.chat.bodies import FolderBody, FolderPatch
from app.api.chat.conversations import tag
from app.api.chat.rendering import folder_json
from app.api.chat.shapes import FolderOut
from app.api.envelope import ok
from app.api.parsing import checked
from app.api.routes import APIBlueprint

folders = APIBlueprint("folders", __name__, url_prefix="/api/v1/folders", abp_tags=[tag], abp_responses=FAILURES)


@folders.get("", responses={200: Success[PageOut[FolderOut]]})
@checked
def list_folders(query: ListQuery) -> Response:
    """One's folders, by position."""
    page = current.parts().folders.page(current.caller().user_id, query.window())
    return ok({"items": [folder_json(one) for one in page.items], "next_cursor": page.next_cursor})


@folders.post("", responses={201: Success[FolderOut]})
@checked
def create_folder(body: FolderBody) -> Response:
    """Make a folder."""
    return ok(folder_json(current.parts().folders.create(current.caller().user_id, body.name, body.position)), 201)


@folders.get("/<string:id>", responses={200: Success[FolderOut]})
@checked
def one_folder(path: ById) -> Response:
    """One folder."""
    return ok(folder_json(current.parts().folders.one(current.caller().user_id, path.id)))


@folders.patch("/<string:id>", responses={200: Success[FolderOut]})
@checked
def change_folder(path: ById, body: FolderPatch) -> Response:
    """Rename or move a folder."""
    return ok(folder_json(current.parts().folders.update(current.caller().user_id, path.id, body.given())))


@folders.delete("/<string:id>", responses={200: Success[Deleted]})
@checked
def delete_folder(path: ById) -> Response:
    """Remove a folder; its conversations stay."""
    current.parts().folders.delete(current.caller().user_id, path.id)
    return ok({"id": path.id, "deleted": True})
