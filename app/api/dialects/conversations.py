"""Asking inside a conversation. The answer belongs to the server; its events are numbered and can be read again.

    POST /api/v1/conversations/{id}/messages {"content": "hello"}
    id: 1
    event: start
    data: {"type": "start", "id": "…", "model": "local/patchbay-toy", "generation_id": "…", "message_id": "…", …}
    id: 2
    event: delta
    data: {"type": "delta", "text": "Hi"}

    GET /api/v1/generations/{id}/events?after=1
    id: 2
    …

The events are those of native.py, and `snapshot {message}` where events are gone. A client that leaves ends nothing.
The routes are in chat/generations.py.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import replace

import msgspec

from app.api.chat.bodies import AskBody, CompareAskBody, ImageIn
from app.api.chat.rendering import message_json
from app.api.streaming import KEEP_ALIVE, cut, guarded_stream
from app.api.wire import Headers, header_safe
from app.domain.conversations import AttachmentContent, Message
from app.gateway.answer import Answer
from app.gateway.conversations.asking import Below, Question, Wanted
from app.gateway.conversations.event_log import Entries, Entry
from app.gateway.conversations.pictures import image_content
from app.gateway.conversations.wording import invalid, utc_now

EVENTS = {
    "description": "The events of one answer, each with its number as `id`: `start`, `delta`, `reasoning`,"
    " `tool_call`, `usage`, then one `done` or one `error`; `snapshot` stands for events that are gone",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}


def question_of(body: AskBody, user_id: str) -> Question:
    """Raises InvalidRequest for what does not go together, and for images that are none."""
    if body.compare is not None and body.stream:
        raise invalid("stream", "must be false where models are compared")
    if body.compare is not None and body.model is not None:
        raise invalid("model", "is named in each entry of compare")
    default = Wanted(body.model, body.parameters, Below(body.parent_id) if "parent_id" in body.given() else None)
    return Question(
        content=body.content,
        answers=(default,) if body.compare is None else tuple(_compared(one, default) for one in body.compare),
        images=tuple(_image(user_id, number, image) for number, image in enumerate(body.images)),
        attachment_ids=tuple(dict.fromkeys(body.attachments)),
        compares=body.compare is not None,
    )


def _compared(entry: CompareAskBody, default: Wanted) -> Wanted:
    given = entry.given()
    wanted = replace(default, model=entry.model)
    if "parent_id" in given:
        wanted = replace(wanted, place=Below(entry.parent_id))
    return replace(wanted, parameters=entry.parameters) if "parameters" in given else wanted


def _image(user_id: str, number: int, image: ImageIn) -> AttachmentContent:
    field = f"images.{number}.data_base64"
    try:
        data = base64.b64decode(image.data_base64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid(field, "is not valid base64") from error
    return image_content(user_id, data, name=image.name, at=utc_now(), mime_type=image.mime_type, field=field)


def last_event_id(header: str | None) -> int | None:
    """The last event that a client has seen which connects again. Raises InvalidRequest."""
    given = (header or "").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 9):
        raise invalid("Last-Event-ID", "must be the number of an event")
    return int(given)


def asked_headers(answer: Answer) -> Headers:
    """Who is asked; nobody has answered yet."""
    return [
        ("X-Patchbay-Provider", answer.candidate.config.slug),
        ("X-Patchbay-Model", header_safe(answer.model)),
        ("X-Patchbay-Config-Version", str(answer.config_version)),
    ]


def event_bytes(found: Iterator[Entries | Message], request_id: str) -> Iterator[bytes]:
    """What Following.follow finds, as server-sent events. It has begun already: closing it closes `found`."""

    def pieces() -> Iterator[bytes]:
        # The headers leave with it, so that the client knows that it is connected.
        yield KEEP_ALIVE
        for news in found:
            yield _bytes(news)

    # The answer itself may be fine, so a failure is no event of it: the connection breaks, and who connects again reads
    # on.
    return guarded_stream(found, pieces(), request_id, cut)


def _bytes(news: Entries | Message) -> bytes:
    if isinstance(news, Message):
        data = msgspec.json.encode({"type": "snapshot", "message": message_json(news)})
        return _event(Entry(news.last_event, "snapshot", data))
    return b"".join([_event(one) for one in news]) or KEEP_ALIVE


def _event(entry: Entry) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (entry.number, entry.name.encode(), entry.data)
