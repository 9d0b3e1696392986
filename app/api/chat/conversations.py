"""/api/v1/conversations: a person's chats."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.api import current
from app.api.admin.shapes import FAILURES, ById, Deleted, PageOut, Success
from app.api.chat.bodies import CompareBody, ConversationBody, ConversationPatch, ConversationsQuery, DeleteQuery
from app.api.chat.rendering import conversation_json
from app.api.chat.shapes import ConversationOut
from app.api.envelope import ok
from app.api.parsing import checked
from app.api.routes import APIBlueprint, Tag
from app.domain.conversations import CompareColumn
from app.gateway.conversations.library import ConversationDraft
from app.storage.conversations import ConversationFilter

tag = Tag(
    name="Conversations", description="Chats that are kept, as a tree of messages. Everybody sees only their own."
)

conversations = APIBlueprint(
    "conversations",
    __name__,
    url_prefix="/api/v1/conversations",
    abp_tags=[tag],
    abp_responses=FAILURES,
)


@conversations.get("", responses={200: Success[PageOut[ConversationOut]]})
@checked
def list_conversations(query: ConversationsQuery) -> Response:
    """One's conversations, changed last first; temporary ones are never listed."""
    wanted = ConversationFilter(query.archived, query.pinned, query.folder_id, query.deleted)
    page = current.parts().library.page(current.caller().user_id, wanted, query.window())
    return ok({"items": [conversation_json(one) for one in page.items], "next_cursor": page.next_cursor})


@conversations.post("", responses={201: Success[ConversationOut]})
@checked
def create_conversation(body: ConversationBody) -> Response:
    """Begin a conversation; questions follow at `/messages`."""
    draft = ConversationDraft(
        title=" ".join((body.title or "").split()),
        model=body.model,
        parameters=body.parameters,
        system_prompt=body.system_prompt,
        folder_id=body.folder_id,
        temporary=body.temporary,
        pinned=body.pinned,
        compare=_columns(body.compare),
    )
    return ok(conversation_json(current.parts().library.create(current.caller().user_id, draft)), 201)


@conversations.get("/<string:id>", responses={200: Success[ConversationOut]})
@checked
def one_conversation(path: ById) -> Response:
    """One conversation, also a deleted one."""
    return ok(conversation_json(current.parts().library.one(current.caller().user_id, path.id)))


@conversations.patch("/<string:id>", responses={200: Success[ConversationOut]})
@checked
def change_conversation(path: ById, body: ConversationPatch) -> Response:
    """Change a conversation; what is left out stays."""
    changes: dict[str, Any] = body.given()
    if "compare" in changes:
        changes["compare"] = _columns(body.compare)
    return ok(conversation_json(current.parts().library.update(current.caller().user_id, path.id, changes)))


@conversations.delete("/<string:id>", responses={200: Success[Deleted]})
@checked
def delete_conversation(path: ById, query: DeleteQuery) -> Response:
    """Delete a conversation and end what runs in it; it can be restored for 30 days unless it is removed for good."""
    current.parts().library.delete(current.caller().user_id, path.id, permanent=query.permanent)
    return ok({"id": path.id, "deleted": True})


@conversations.post("/<string:id>/restore", responses={200: Success[ConversationOut]})
@checked
def restore_conversation(path: ById) -> Response:
    """Bring a deleted conversation back."""
    return ok(conversation_json(current.parts().library.restore(current.caller().user_id, path.id)))


def _columns(compare: CompareBody | None) -> tuple[CompareColumn, ...] | None:
    return None if compare is None else compare.to_columns()
