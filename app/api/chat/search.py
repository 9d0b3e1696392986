"""/api/v1/conversations/search: finding messages and titles by their words."""

from __future__ import annotations

from flask import Response

from app.api import current
from app.api.admin.shapes import FAILURES, PageOut, Success
from app.api.chat.bodies import SearchQuery
from app.api.chat.conversations import tag
from app.api.chat.rendering import hit_json
from app.api.chat.shapes import SearchHitOut
from app.api.envelope import ok
from app.api.parsing import checked
from app.api.routes import APIBlueprint

search = APIBlueprint(
    "search", __name__, url_prefix="/api/v1/conversations/search", abp_tags=[tag], abp_responses=FAILURES
)


@search.get("", responses={200: Success[PageOut[SearchHitOut]]})
@checked
def search_conversations(query: SearchQuery) -> Response:
    """Messages and titles that have every word, or a word that begins with it; the newest first."""
    page = current.parts().search.page(current.caller().user_id, query.q, query.window())
    return ok({"items": [hit_json(one) for one in page.items], "next_cursor": page.next_cursor})
