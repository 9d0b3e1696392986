"""Asking, and the answers that are being made: their events, their end, what was sent for them."""

from __future__ import annotations

import time

from flask import Response, request

from app.api import current
from app.api.admin.shapes import FAILURES, ById, Success
from app.api.auth import asks_model
from app.api.chat.bodies import AskBody, EventsQuery, MessagePath, RegenerateBody, TitleBody
from app.api.chat.conversations import tag
from app.api.chat.rendering import conversation_json, generation_json, message_json
from app.api.chat.shapes import ConversationOut, GenerationOut, SentRequestOut, StartedOut
from app.api.dialects.conversations import EVENTS, asked_headers, event_bytes, last_event_id, question_of
from app.api.edge import Guard, GuardedBody
from app.api.envelope import ok
from app.api.parsing import checked
from app.api.routes import APIBlueprint
from app.api.streaming import SSE_HEADERS
from app.api.wire import Headers, answer_headers
from app.domain.conversations import Generation
from app.domain.stopping import Stop
from app.gateway.answer import Call
from app.gateway.conversations.asking import FACE, Asker, Started, Wanted
from app.gateway.draining import draining

asking = APIBlueprint(
    "asking", __name__, url_prefix="/api/v1/conversations/<string:id>", abp_tags=[tag], abp_responses=FAILURES
)
generations = APIBlueprint(
    "generations", __name__, url_prefix="/api/v1/generations", abp_tags=[tag], abp_responses=FAILURES
)


@asking.post("/messages", responses={200: EVENTS, 201: Success[StartedOut]})
@asks_model
@checked
def ask(path: ById, body: AskBody) -> Response:
    """Ask a question: 200 with the events of the answer, or 201 with what was stored when `stream` is false."""
    question = question_of(body, current.caller().user_id)
    return _reply(current.parts().asking.ask(_asker(), path.id, question), body.stream)


@asking.post("/messages/<string:message_id>/regenerate", responses={200: EVENTS, 201: Success[StartedOut]})
@asks_model
@checked
def regenerate(path: MessagePath, body: RegenerateBody) -> Response:
    """Make another answer beside an answer, or below a question."""
    wanted = Wanted(body.model, body.parameters)
    return _reply(current.parts().asking.again(_asker(), path.id, path.message_id, wanted), body.stream)


@asking.post("/title", responses={200: Success[ConversationOut]})
@asks_model
@checked
def make_title(path: ById, body: TitleBody) -> Response:
    """Have a model think of a title."""
    asker, stop = _asker(), Stop()
    call = Call(asker.caller, asker.request_id, FACE, asker.started, stop)
    guard = Guard(request.environ, stop, draining)
    try:
        conversation, answer = current.parts().model_title.make(call, path.id, body.model)
    finally:
        guard.close()
    response = ok(conversation_json(conversation))
    response.headers.extend(answer_headers(answer))
    return response


@asking.get("/messages/<string:message_id>/request", responses={200: Success[SentRequestOut]})
@checked
def sent_request(path: MessagePath) -> Response:
    """What the provider was sent for an answer, and what became of each attempt."""
    return ok(current.parts().sent_requests.one(current.caller().user_id, path.id, path.message_id))


@generations.get("/<string:id>", responses={200: Success[GenerationOut]})
@checked
def one_generation(path: ById) -> Response:
    """Whether an answer is still being made."""
    return ok(generation_json(_generation(path.id)))


@generations.get("/<string:id>/events", responses={200: EVENTS})
@checked
def events(path: ById, query: EventsQuery) -> Response:
    """The events of an answer from any of them on; ends after the last one."""
    seen = last_event_id(request.headers.get("Last-Event-ID"))
    return _stream(_generation(path.id), query.after if seen is None else seen, [])


@generations.post("/<string:id>/stop", responses={200: Success[GenerationOut]})
@checked
def stop_generation(path: ById) -> Response:
    """End an answer; its text so far is kept. One that has ended stays as it is."""
    return ok(generation_json(current.parts().generations.stop(current.caller().user_id, path.id)))


def _asker() -> Asker:
    strict = request.headers.get("X-Patchbay-Strict", "").lower() in ("true", "1")
    return Asker(current.caller(), current.request_id(), time.monotonic(), strict)


def _generation(generation_id: str) -> Generation:
    return current.parts().generations.one(current.caller().user_id, generation_id)


def _reply(started: Started, stream: bool) -> Response:
    runs = started.runs
    headers = asked_headers(runs[0].answer) if len(runs) == 1 else []
    if stream:
        return _stream(runs[0].generation, 0, headers)
    questions = [message_json(one) for one in started.questions]
    data = {
        "message": questions[0] if questions else None,
        "messages": questions,
        "answers": [message_json(one) for one in started.answers],
        "conversation": conversation_json(started.conversation),
    }
    response = ok(data, 201)
    response.headers.extend(headers)
    return response


def _stream(generation: Generation, after: int, headers: Headers) -> Response:
    """The events as they come. Nothing but the reader ends when the client leaves."""
    stop = Stop()
    pieces = event_bytes(current.parts().following.follow(generation, after, stop), current.request_id())
    body = GuardedBody(pieces, Guard(request.environ, stop, draining))
    return Response(body, headers=[*SSE_HEADERS, *headers], direct_passthrough=True)
