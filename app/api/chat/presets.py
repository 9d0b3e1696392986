"""/api/v1/presets: a system prompt, parameters and a model under one name."""

from __future__ import annotations

from flask import Response

from app.api import current
from app.api.admin.shapes import FAILURES, ById, Deleted, ListQuery, PageOut, Success
from app.api.chat.bodies import PresetBody, PresetPatch
from app.api.chat.conversations import tag
from app.api.chat.rendering import preset_json
from app.api.chat.shapes import ChatPresetOut
from app.api.envelope import ok
from app.api.parsing import checked
from app.api.routes import APIBlueprint
from app.gateway.conversations.presets import PresetDraft

presets = APIBlueprint("presets", __name__, url_prefix="/api/v1/presets", abp_tags=[tag], abp_responses=FAILURES)


@presets.get("", responses={200: Success[PageOut[ChatPresetOut]]})
@checked
def list_presets(query: ListQuery) -> Response:
    """One's presets, newest first."""
    page = current.parts().presets.page(current.caller().user_id, query.window())
    return ok({"items": [preset_json(one) for one in page.items], "next_cursor": page.next_cursor})


@presets.post("", responses={201: Success[ChatPresetOut]})
@checked
def create_preset(body: PresetBody) -> Response:
    """Keep a preset."""
    draft = PresetDraft(body.name, body.system_prompt, body.parameters, body.model)
    return ok(preset_json(current.parts().presets.create(current.caller().user_id, draft)), 201)


@presets.get("/<string:id>", responses={200: Success[ChatPresetOut]})
@checked
def one_preset(path: ById) -> Response:
    """One preset."""
    return ok(preset_json(current.parts().presets.one(current.caller().user_id, path.id)))


@presets.patch("/<string:id>", responses={200: Success[ChatPresetOut]})
@checked
def change_preset(path: ById, body: PresetPatch) -> Response:
    """Change a preset; what is left out stays."""
    return ok(preset_json(current.parts().presets.update(current.caller().user_id, path.id, body.given())))


@presets.delete("/<string:id>", responses={200: Success[Deleted]})
@checked
def delete_preset(path: ById) -> Response:
    """Remove a preset."""
    current.parts().presets.delete(current.caller().user_id, path.id)
    return ok({"id": path.id, "deleted": True})
