"""What a provider was sent for an answer, as it is kept and shown. Messages are not kept: they are in the tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from app.domain.conversations import Message
from app.domain.single_turn import single_turn
from app.gateway.answer import Answer, Try
from app.gateway.conversations.prompt import Contents, elided_image_url, sent_messages
from app.gateway.conversations.wording import found
from app.providers.base import Sent
from app.storage import chats
from app.storage.chats import Chats
from app.storage.database import Database


def request_fields(answer: Answer) -> dict[str, Any] | None:
    """The body's members but the messages, and the names of what was left out; None: nothing was sent."""
    sent = answer.sent
    if sent is None:
        return None
    fields: dict[str, Any] = msgspec.json.decode(_without_messages(sent))
    return {**fields, "dropped": list(answer.dropped)}


def sent_document(answer: Answer, system_prompt: str | None) -> dict[str, Any] | None:
    """What `shown` needs to show it again; None: nothing was sent."""
    sent = answer.sent
    if sent is None:
        return None
    base_path = urlsplit(answer.candidate.config.base_url).path.rstrip("/")
    return {
        "url": sent.path if sent.from_root else base_path + sent.path,
        "sent_at": _iso(datetime.fromtimestamp(sent.at, UTC)),
        # As text: PostgreSQL would change the order of its members.
        "body": _without_messages(sent).decode(),
        "said": sent.said,
        "dropped": list(answer.dropped),
        "system_prompt": system_prompt,
        "attempts": [_attempt(one) for one in answer.tries],
    }


class SentRequests:
    """What was sent for stored answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def one(self, user_id: str, conversation_id: str, message_id: str) -> dict[str, Any]:
        """Raises NotFound, also for a message that no provider was asked for."""

        def read(stored: Chats) -> tuple[Mapping[str, Any], Sequence[Message], Contents]:
            found(stored.conversations.one(user_id, conversation_id), "conversation")
            message = found(stored.messages.one(conversation_id, message_id), "message")
            generation = found(stored.turns.generation_of(message_id), "request")
            path = stored.messages.path(conversation_id, str(message.parent_id))
            ids = [one.id for earlier in path for one in earlier.attachments]
            return found(generation.sent, "request"), path, stored.attachments.contents(user_id, ids)

        return shown(*chats.read(self._database, read))


def shown(sent: Mapping[str, Any], path: Sequence[Message], contents: Contents) -> dict[str, Any]:
    """The exact body that was sent for the answer to `path`, images shortened, and what became of each attempt."""
    messages = sent_messages(path, contents, sent["system_prompt"], elided_image_url)
    rest: dict[str, Any] = msgspec.json.decode(sent["body"])
    body = {"model": rest["model"], **_said(messages, sent.get("said", ["messages"])), **rest}
    return {
        "url": sent["url"],
        "body": body,
        "dropped": sent["dropped"],
        "sent_at": sent["sent_at"],
        "attempts": sent["attempts"],
    }


def _without_messages(sent: Sent) -> bytes:
    return msgspec.json.encode({name: value for name, value in sent.body.items() if name not in sent.said})


def _said(messages: Sequence[dict[str, Any]], names: Sequence[str]) -> dict[str, Any]:
    """`messages` as the vendor takes them, under these names."""
    turn = single_turn(messages) if "input" in names else None
    if turn is None:
        return {"messages": messages}
    told = {} if turn.system_prompt is None else {"system_prompt": turn.system_prompt}
    return {**told, "input": turn.question}


def _attempt(one: Try) -> dict[str, Any]:
    record = one.record
    return {
        "attempt": record.attempt,
        "provider": record.provider,
        "model": record.model,
        "started_at": _iso(record.started_at),
        "first_token_ms": None if record.first_token_ms is None else round(record.first_token_ms, 1),
        "total_ms": round(record.total_ms, 1),
        "outcome": record.outcome,
        "problem": one.problem,
    }


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
