"""Flask's views of the rest of /v1: a few lines around the dialects."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response

from app.api import current
from app.api.admin.shapes import ById
from app.api.auth import admits_itself
from app.api.dialects.openai_pass_through import MAX_FORM_BYTES
from app.api.dialects.openai_responses import row_id
from app.api.model_views import flask_reply, v1_tag
from app.api.parsing import checked, unparsed
from app.api.routes import APIBlueprint, Tag
from app.api.v1_shapes import (
    CountTokensBody,
    DeletedResponse,
    ImagesBody,
    MessageOfAnthropic,
    MessagesBody,
    ModerationsBody,
    RerankBody,
    ResponseDocument,
    ResponsesBody,
    SpeechBody,
    TokensOfAnthropic,
    TranscriptionForm,
)
from app.domain.relays import Route

anthropic_tag = Tag(name="Anthropic-compatible", description="Anthropic's messages, answered by any provider.")


def responses_blueprint(prefix: str) -> APIBlueprint:
    """OpenAI's responses below `prefix`; documented once, at /v1."""
    name = f"{prefix.strip('/').replace('/', '_')}_responses"
    blueprint = APIBlueprint(
        name, __name__, url_prefix=f"{prefix}/responses", abp_tags=[v1_tag], doc_ui=prefix == "/v1"
    )

    @blueprint.post("", responses={200: ResponseDocument})
    @admits_itself
    @unparsed
    def create_response(body: ResponsesBody) -> Response:
        """Answer OpenAI's response request; streamed or whole."""
        return flask_reply(current.parts().openai_responses.create)

    @blueprint.get("/<string:id>", responses={200: ResponseDocument})
    @checked
    def one_response(path: ById) -> Response:
        """A kept response of the caller's own."""
        kept = current.parts().responses.one(current.caller().user_id, row_id(path.id) or "")
        return _json(kept.document)

    @blueprint.delete("/<string:id>", responses={200: DeletedResponse})
    @checked
    def delete_response(path: ById) -> Response:
        """Forget a kept response; nothing can build on it any more."""
        current.parts().responses.delete(current.caller().user_id, row_id(path.id) or "")
        return _json({"id": path.id, "object": "response", "deleted": True})

    return blueprint


def _json(document: Any) -> Response:
    return Response(msgspec.json.encode(document), content_type="application/json")


ANY_JSON: dict[str, Any] = {
    "description": "The provider's answer",
    "content": {"application/json": {"schema": {"type": "object"}}},
}
ANY_BYTES: dict[str, Any] = {
    "description": "The provider's answer, of the type that was asked for",
    "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
}


def relays_blueprint(prefix: str) -> APIBlueprint:
    """What is passed on below `prefix`; documented once, at /v1."""
    name = f"{prefix.strip('/').replace('/', '_')}_relays"
    blueprint = APIBlueprint(name, __name__, url_prefix=prefix, abp_tags=[v1_tag], doc_ui=prefix == "/v1")

    @blueprint.post(Route.TRANSCRIPTIONS.value, responses={200: ANY_BYTES})
    @admits_itself
    @unparsed
    def transcriptions(form: TranscriptionForm) -> Response:
        """Turn speech into text, where the model's provider can."""
        return flask_reply(current.parts().openai_pass_through.relay(Route.TRANSCRIPTIONS), MAX_FORM_BYTES)

    @blueprint.post(Route.SPEECH.value, responses={200: ANY_BYTES})
    @admits_itself
    @unparsed
    def speech(body: SpeechBody) -> Response:
        """Turn text into speech, where the model's provider can."""
        return flask_reply(current.parts().openai_pass_through.relay(Route.SPEECH))

    @blueprint.post(Route.IMAGES.value, responses={200: ANY_BYTES})
    @admits_itself
    @unparsed
    def images(body: ImagesBody) -> Response:
        """Make images, where the model's provider can."""
        return flask_reply(current.parts().openai_pass_through.relay(Route.IMAGES))

    @blueprint.post(Route.MODERATIONS.value, responses={200: ANY_JSON})
    @admits_itself
    @unparsed
    def moderations(body: ModerationsBody) -> Response:
        """Judge texts, where the model's provider can."""
        return flask_reply(current.parts().openai_pass_through.relay(Route.MODERATIONS))

    @blueprint.post(Route.RERANK.value, responses={200: ANY_JSON})
    @admits_itself
    @unparsed
    def rerank(body: RerankBody) -> Response:
        """Rank documents by a question, where the model's provider can."""
        return flask_reply(current.parts().openai_pass_through.relay(Route.RERANK))

    return blueprint


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

    @blueprint.post("/count_tokens", responses={200: TokensOfAnthropic})
    @admits_itself
    @unparsed
    def count_tokens(body: CountTokensBody) -> Response:
        """Count a request's input tokens, where the model's provider can tell without answering."""
        return flask_reply(current.parts().anthropic_messages.count_tokens)

    return blueprint
