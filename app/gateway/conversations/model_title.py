"""A conversation's title, thought of by a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from app.domain.catalog import Task
from app.domain.conversations import Conversation, Message, MessageRole, TitleSource
from app.domain.errors import Conflict, ProviderProtocol
from app.domain.requests import Json, ModelRequest
from app.gateway.answer import Answer, Call
from app.gateway.conversations.titles import title_of
from app.gateway.conversations.wording import found, utc_now
from app.gateway.service import LLMService
from app.storage import chats
from app.storage.chats import Chats
from app.storage.database import Database

MAX_TOKENS = 24
MAX_TOKENS_WITH_REASONING = 2048
"""A model that thinks does so within the same limit."""
READ_CHARS = 1500
INSTRUCTION = (
    "Write a title of at most six words for the conversation below, in its language."
    " Answer with the title alone: no quotation marks, no full stop, no explanation."
)
_THOUGHT = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
_LABEL = re.compile(r"^\s*(title|titel)\s*:\s*", re.IGNORECASE)
_QUOTES = "\"'`“”„‚‘’«»*_ "


class ModelTitle:
    """Asks for titles and keeps them."""

    def __init__(self, database: Database, llm: LLMService, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._llm = llm
        self._now = now

    def make(self, call: Call, conversation_id: str, model: str | None) -> tuple[Conversation, Answer]:
        """The conversation with its new title, and who thought of it.

        A title that a person wrote meanwhile stays. Raises NotFound, Conflict where nothing was asked yet, what
        LLMService.answer raises, and ProviderProtocol for a model that answers nothing.
        """
        user_id = call.caller.user_id

        def read(stored: Chats) -> tuple[Conversation, Sequence[Message]]:
            conversation = found(stored.conversations.one(user_id, conversation_id), "conversation")
            leaf = conversation.active_message_id
            return conversation, stored.messages.path(conversation_id, leaf) if leaf else ()

        conversation, path = chats.read(self._database, read)
        prompt = _prompt(path)
        if not prompt:
            raise Conflict("There is nothing in this conversation that a title could be made of.")
        title, answer = self._asked(call, model or conversation.model, prompt)
        if not title:
            raise ProviderProtocol(
                f"{answer.canonical} answered without a title.", provider=answer.candidate.config.slug
            )
        return self._kept(conversation, title), answer

    def _asked(self, call: Call, model: str | None, prompt: str) -> tuple[str, Answer]:
        request = _request(model, prompt, MAX_TOKENS)
        answer = self._llm.admit(request, call)
        if answer.candidate.model.can("reasoning"):
            request = _request(model, prompt, MAX_TOKENS_WITH_REASONING)
        bursts = self._llm.begin(request, call, answer)
        text = "".join(event.text for burst in bursts for event in burst)
        answer.overhead_ms = answer.time_inside_ms()
        return cleaned(text), answer

    def _kept(self, before: Conversation, title: str) -> Conversation:
        def write(stored: Chats) -> Conversation:
            now = found(stored.conversations.claim(before.user_id, before.id), "conversation")
            was_written_meanwhile = now.title_source is TitleSource.PERSON and now.title != before.title
            if not was_written_meanwhile:
                now = replace(now, title=title, title_source=TitleSource.MODEL, updated_at=self._now())
                stored.conversations.save(now)
            return now

        return chats.write(self._database, write)


def cleaned(text: str) -> str:
    """A model's answer as a title: one line, at most 60 characters, without quotation marks and the like."""
    lines = [line for line in _THOUGHT.sub("", text).splitlines() if line.strip(_QUOTES + "#")]
    line = _LABEL.sub("", lines[0].strip(_QUOTES + "#")) if lines else ""
    return title_of(line.strip(_QUOTES).rstrip(".").strip(_QUOTES))


def _prompt(path: Sequence[Message]) -> str:
    """The first question and the first answer to it."""
    question = next((one for one in path if one.role is MessageRole.USER and one.content.strip()), None)
    if question is None:
        return ""
    answer = next((one for one in path if one.role is MessageRole.ASSISTANT and one.content.strip()), None)
    said = [f"Question: {question.content[:READ_CHARS]}"]
    if answer is not None:
        said.append(f"Answer: {answer.content[:READ_CHARS]}")
    return "\n\n".join([INSTRUCTION, *said])


def _request(model: str | None, prompt: str, max_tokens: int) -> ModelRequest:
    fields: dict[str, Any] = {"messages": [{"role": "user", "content": prompt}], "max_tokens": max_tokens}
    return ModelRequest(Task.CHAT, model, {name: Json(msgspec.json.encode(value)) for name, value in fields.items()})
