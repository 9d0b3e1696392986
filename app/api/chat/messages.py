"""/api/v1/conversations/{id}/messages: reading and removing messages. Asking is in generations.py."""

from __future__ import annotations

from flask import Response

from app.api import current
from app.api.admin.shapes import FAILURES, ById, ListQuery, PageOut, Success
from app.api.chat.bodies import MessagePatch, MessagePath
from app.api.chat.conversations import tag
from app.api.chat.rendering import message_json
from app.api.chat.shapes import MessageOut, RemovedMessagesOut, RestoredMessagesOut
from app.api.envelope import ok
from app.api.parsing import checked
from app.api.routes import APIBlueprint
from app.domain.conversations import Feedback

messages = APIBlueprint(
    "messages",
    __name__,
    url_prefix="/api/v1/conversations/<string:id>/messages",
    abp_tags=[tag],
    abp_responses=FAILURES,
)


@messages.get("", responses={200: Success[PageOut[MessageOut]]})
@checked
def list_messages(path: ById, query: ListQuery) -> Response:
    """Messages of all branches, oldest first: a message comes after the one it answers."""
    page = current.parts().branches.page(current.caller().user_id, path.id, query.window())
    return ok({"items": [message_json(one) for one in page.items], "next_cursor": page.next_cursor})


@messages.get("/<string:message_id>", responses={200: Success[MessageOut]})
@checked
def one_message(path: MessagePath) -> Response:
    """One message."""
    return ok(message_json(current.parts().branches.one(current.caller().user_id, path.id, path.message_id)))


@messages.patch("/<string:message_id>", responses={200: Success[MessageOut]})
@checked
def rate_message(path: MessagePath, body: MessagePatch) -> Response:
    """Say what one thinks of a message; null takes it back."""
    feedback = None if body.feedback is None else Feedback(body.feedback)
    message = current.parts().branches.rate(current.caller().user_id, path.id, path.message_id, feedback)
    return ok(message_json(message))


@messages.delete("/<string:message_id>", responses={200: Success[RemovedMessagesOut]})
@checked
def delete_message(path: MessagePath) -> Response:
    """Delete a message and everything below it; they can be restored for 30 days."""
    ids = current.parts().branches.delete(current.caller().user_id, path.id, path.message_id)
    return ok({"id": path.message_id, "deleted": True, "ids": list(ids)})


@messages.post("/<string:message_id>/restore", responses={200: Success[RestoredMessagesOut]})
@checked
def restore_message(path: MessagePath) -> Response:
    """Bring back a deleted message with what was deleted along with it."""
    ids = current.parts().branches.restore(current.caller().user_id, path.id, path.message_id)
    return ok({"ids": list(ids)})
