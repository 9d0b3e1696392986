"""Flask's views of the rest of /v1: a few lines around the dialects."""

from __future__ import annotations

from flask import Response

from app.api import current
from app.api.auth import admits_itself
from app.api.model_views import flask_reply
from app.api.parsing import unparsed
from app.api.routes import APIBlueprint, Tag
from app.api.v1_shapes import MessageOfAnthropic, MessagesBody
from app.domain.errors import CapabilityNotSupported

anthropic_tag = Tag(name="Anthropic-compatible", description="Anthropic's messages, answered by any provider.")


def messages_blueprint(prefix: str) -> APIBlueprint:
    """Anthropic's routes below `prefix`; documented once, at /v1."""
    name = f"{prefix.strip('/').replace('/', '_')}_messages"
    blueprint = APIBlueprint(
        name, __name__, url_prefix=f"{prefix}/messages", abp_tags=[anthropic_tag], doc_ui=prefix == "/v1"
    )

    @blueprint.post("", responses={200: MessageOfAnthropic})
    @admits_itself
    @unparsed
    def messages(body: MessagesBody) -> Response:
        """Answer Anthropic's message request; streamed or whole."""
        return flask_reply(current.parts().anthropic_messages.messages)

    def count_tokens() -> Response:
        raise CapabilityNotSupported(
            "Tokens can't be counted without asking the model: each has its own way. Its answer's usage has the count."
        )

    # Undocumented: a client that asks is told, nobody else has to know.
    blueprint.add_url_rule("/count_tokens", view_func=count_tokens, methods=["POST"])
    return blueprint
