"""The pieces an answer is made of, and folding them into a whole.

An answer is an iterator of bursts: what one read from the provider brought, as a tuple of events. An event keeps the
provider's bytes, so a dialect that speaks the same format relays them, and others read the decoded fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec

from app.domain.usage import TokenSource, Usage


class FunctionPart(msgspec.Struct):
    name: str | None = None
    arguments: Any = None
    """JSON text; a few servers send the object itself."""


class ToolCallPart(msgspec.Struct):
    """A tool call or a fragment of one: `arguments` may arrive in pieces, `id` and `name` once."""

    index: int | None = None
    id: str | None = None
    type: str | None = None
    function: FunctionPart | None = None

    @property
    def arguments_text(self) -> str:
        """This piece of the arguments, as JSON text."""
        arguments = None if self.function is None else self.function.arguments
        if arguments is None:
            return ""
        return arguments if isinstance(arguments, str) else msgspec.json.encode(arguments).decode()


class Message(msgspec.Struct):
    """The `message` of a whole answer or the `delta` of a chunk."""

    role: str | None = None
    content: Any = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: list[ToolCallPart] | None = None


class Choice(msgspec.Struct):
    index: int = 0
    delta: Message | None = None
    message: Message | None = None
    text: str | None = None
    finish_reason: str | None = None


class CompletionDetails(msgspec.Struct):
    reasoning_tokens: int | None = None


class PromptDetails(msgspec.Struct):
    cached_tokens: int | None = None


class UsageBody(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    completion_tokens_details: CompletionDetails | None = None
    prompt_tokens_details: PromptDetails | None = None

    def usage(self) -> Usage:
        """As the provider counted, as far as that can be: nothing below zero, no more cached than there was."""
        details, prompt = self.completion_tokens_details, self.prompt_tokens_details
        prompt_tokens = max(0, self.prompt_tokens or 0)
        cached_tokens = max(0, prompt.cached_tokens or 0) if prompt else 0
        return Usage(
            prompt_tokens=prompt_tokens,
            completion_tokens=max(0, self.completion_tokens or 0),
            reasoning_tokens=max(0, details.reasoning_tokens or 0) if details else 0,
            cached_tokens=min(cached_tokens, prompt_tokens),
            source=TokenSource.PROVIDER,
        )


class XGroq(msgspec.Struct):
    usage: UsageBody | None = None


class AnswerBody(msgspec.Struct):
    """What is read of a chunk or a whole answer; every other field stays in the bytes."""

    id: str | None = None
    model: str | None = None
    choices: list[Choice] | None = None
    usage: UsageBody | None = None
    x_groq: XGroq | None = None


class Event:
    """A piece of an answer in OpenAI's format: `data` is its JSON text, `body` what was decoded of it."""

    __slots__ = ("body", "data")
    is_whole: ClassVar[bool] = False

    def __init__(self, data: bytes, body: AnswerBody) -> None:
        self.data = data
        self.body = body

    @property
    def parts(self) -> Iterable[Message]:
        for choice in self.body.choices or ():
            part = choice.delta or choice.message
            if part is not None:
                yield part

    @property
    def text(self) -> str:
        """The answer's text in this piece, of the first choice."""
        for choice in self.body.choices or ():
            if choice.index == 0:
                part = choice.delta or choice.message
                content = choice.text if part is None else part.content
                return content if isinstance(content, str) else ""
        return ""

    @property
    def reasoning(self) -> str:
        for choice in self.body.choices or ():
            part = choice.delta or choice.message
            if choice.index == 0 and part is not None:
                return part.reasoning_content or part.reasoning or ""
        return ""

    @property
    def tool_calls(self) -> list[ToolCallPart]:
        for choice in self.body.choices or ():
            part = choice.delta or choice.message
            if choice.index == 0 and part is not None:
                return part.tool_calls or []
        return []

    @property
    def has_content(self) -> bool:
        """Whether a reader would see something: text, reasoning, a refusal or a tool call, of any choice."""
        for choice in self.body.choices or ():
            if choice.text:
                return True
            part = choice.delta or choice.message
            if part is not None and (
                part.content or part.tool_calls or part.reasoning_content or part.reasoning or part.refusal
            ):
                return True
        return False

    @property
    def finish_reason(self) -> str | None:
        """Of the first choice that has one; some servers send an empty text until then."""
        for choice in self.body.choices or ():
            if choice.finish_reason:
                return choice.finish_reason
        return None

    @property
    def usage(self) -> Usage | None:
        body = self.body.usage
        if body is None and self.body.x_groq is not None:
            body = self.body.x_groq.usage
        return None if body is None else body.usage()

    @property
    def is_usage_only(self) -> bool:
        return self.body.usage is not None and not self.body.choices


class Chunk(Event):
    """One event of a stream."""

    __slots__ = ()


class Whole(Event):
    """A complete answer in one piece: chat completion, completion or list of embeddings."""

    __slots__ = ()
    is_whole = True


class Relayed(Whole):
    """What is passed on as it comes: some bytes of an answer of any type, or everything at once."""

    __slots__ = ("content_type", "is_everything")

    def __init__(self, data: bytes, body: AnswerBody, content_type: str, *, is_everything: bool = False) -> None:
        super().__init__(data, body)
        self.content_type = content_type
        self.is_everything = is_everything


Burst = tuple[Event, ...]
"""What one read brought. An empty burst says that the provider has been silent for HEARTBEAT_S seconds."""

HEARTBEAT_S = 10.0
