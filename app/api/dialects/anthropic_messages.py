"""Anthropic's messages at /v1/messages (and /openai/v1/messages), answered by any provider.

    POST /v1/messages {"model": "…", "max_tokens": 100, "messages": [{"role": "user", "content": "hello"}]}
    {"id": "msg_…", "type": "message", "role": "assistant", "content": [{"type": "text", "text": "Hi"}],
     "model": "…", "stop_reason": "end_turn", "stop_sequence": null, "usage": {"input_tokens": 3, "output_tokens": 1}}

Streamed, its events have names: message_start, ping, content_block_start, content_block_delta, content_block_stop,
message_delta, message_stop; error instead of the last two. Source: https://docs.anthropic.com/en/api/messages and
…/messages-streaming. Requests are translated in translation/anthropic_prompt.py.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from app.api.admission import admitted
from app.api.credentials import Credentials
from app.api.errors import http_status
from app.api.parsing import check_depth
from app.api.streaming import SSE_HEADERS, event_stream, read_all, sse
from app.api.translation.answer_parts import AnswerParts, Piece, ToolCall
from app.api.translation.anthropic_prompt import Asked, asked
from app.api.translation.chat import decoded_body, translated_headers
from app.api.wire import JSON, WireReply, WireRequest, guarded
from app.domain import errors as e
from app.domain.accounts import Caller
from app.domain.errors import GatewayError, ProviderProtocol
from app.domain.events import HEARTBEAT_S, Burst, Event
from app.gateway.answer import Answer, Call
from app.gateway.service import LLMService
from app.gateway.token_counts import TokenCounts

FACE = "messages"
PATHS = ("/v1/messages", "/openai/v1/messages")
_STOP_REASONS = {
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
_BLOCKS_OF = {"reasoning": "thinking", "text": "text", "refusal": "text", "call": "tool_use"}
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class AnthropicMessages:
    """The call as a plain function from request to reply."""

    llm: LLMService
    credentials: Credentials
    counts: TokenCounts

    def hot_routes(self) -> Mapping[str, Callable[[WireRequest], WireReply]]:
        """Path → function, for POST."""
        return dict.fromkeys(PATHS, self.messages)

    def messages(self, request: WireRequest) -> WireReply:
        return guarded(self._answer, request, error_body)

    def count_tokens(self, request: WireRequest) -> WireReply:
        return guarded(self._counted, request, error_body)

    def _counted(self, wire: WireRequest) -> WireReply:
        caller = admitted(self.credentials, wire.headers)
        # Who counts names no limit.
        given = asked({**decoded_body(wire), "max_tokens": 1}, strict=wire.strict)
        return WireReply(200, [JSON], _encode({"input_tokens": self.counts.count(given.request, caller, wire.stop)}))

    def _answer(self, wire: WireRequest) -> WireReply:
        caller = admitted(self.credentials, wire.headers)
        given = self._asked(caller, decoded_body(wire), wire.strict)
        wire.call = Call(caller, wire.request_id, FACE, wire.started, wire.stop)
        answer = self.llm.answer(given.request, wire.call)
        headers = translated_headers(answer, given.left_out)
        blocks = Blocks(answer, shows_thinking=given.shows_thinking)
        if given.request.stream:
            return WireReply(200, [*SSE_HEADERS, *headers], _streamed(blocks, wire.request_id))
        read_all(answer, blocks.take)
        return WireReply(200, [JSON, *headers], _encode(blocks.message()))

    def _asked(self, caller: Caller, body: dict[str, Any], strict: bool) -> Asked:
        """Without images that tools brought where the model reads none: agents send them again with every question."""
        given = asked(body, strict=strict)
        if given.brought_images and self.llm.resolve(given.request, caller).model.reads_images is False:
            return asked(body, strict=strict, shows_images=False)
        return given


class Blocks:
    """An answer as blocks of content, one after the other, and the events that tell of them."""

    def __init__(self, answer: Answer, *, shows_thinking: bool) -> None:
        self.answer = answer
        self._shows_thinking = shows_thinking
        self._id = f"msg_{uuid.uuid4().hex}"
        self._parts = AnswerParts(answer)
        self._blocks: list[_Block] = []

    def read(self, event: Event) -> Iterator[dict[str, Any]]:
        """The events for a piece of the answer. Raises ProviderProtocol for more of a call that is over."""
        for piece in self._parts.read(event):
            yield from self._add(piece)

    def take(self, burst: Burst) -> None:
        """For who wants no events. Raises ProviderProtocol for calls without a JSON object for arguments, too."""
        for event in burst:
            for _ in self.read(event):
                pass
            if event.finish_reason is not None:
                self.message()

    def close(self) -> Iterator[dict[str, Any]]:
        """What is still to be told at the end."""
        for piece in self._parts.rest():
            yield from self._add(piece)
        yield from self._stop()

    def _add(self, piece: Piece) -> Iterator[dict[str, Any]]:
        if piece.kind == "reasoning" and not self._shows_thinking:
            return
        kind = _BLOCKS_OF[piece.kind]
        block = self._blocks[-1] if self._blocks else None
        if block is None or block.kind != kind or block.call is not piece.call:
            yield from self._stop()
            block = _Block(kind, piece.call, [])
            self._blocks.append(block)
            yield {"type": "content_block_start", "index": len(self._blocks) - 1, "content_block": block.start()}
        block.pieces.append(piece.text)
        if piece.text:
            yield {"type": "content_block_delta", "index": len(self._blocks) - 1, "delta": block.delta(piece.text)}

    def _stop(self) -> Iterator[dict[str, Any]]:
        if self._blocks:
            yield {"type": "content_block_stop", "index": len(self._blocks) - 1}

    def start(self) -> dict[str, Any]:
        """The message as it begins; how much was read is known at its end."""
        usage = {"input_tokens": 0, "output_tokens": 0}
        return {"type": "message_start", "message": {**self._frame(), "content": [], "usage": usage}}

    def end(self) -> dict[str, Any]:
        return {"type": "message_delta", "delta": self._ending(), "usage": self._usage()}

    def message(self) -> dict[str, Any]:
        """The whole message. Raises ProviderProtocol for a call whose arguments are no JSON object."""
        for piece in self._parts.rest():
            for _ in self._add(piece):
                pass
        cut = self.answer.finish_reason == "length"
        content = [whole for block in self._blocks if (whole := block.whole(self.answer, cut=cut)) is not None]
        return {**self._frame(), "content": content, **self._ending(), "usage": self._usage()}

    def _frame(self) -> dict[str, Any]:
        return {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self.answer.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
        }

    def _ending(self) -> dict[str, Any]:
        """Servers do not say which sequence they stopped at, nor that it was one."""
        reason = _STOP_REASONS.get(self.answer.finish_reason or "", "end_turn")
        if reason == "end_turn" and any(block.call is not None for block in self._blocks):
            reason = "tool_use"
        return {"stop_reason": reason, "stop_sequence": None}

    def _usage(self) -> dict[str, Any]:
        """What came from a cache is not among the input tokens here."""
        usage = self.answer.usage
        counts = {
            "input_tokens": usage.prompt_tokens - usage.cached_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": usage.cached_tokens,
            "output_tokens": usage.completion_tokens,
        }
        if not usage.reasoning_tokens:
            return counts
        return {**counts, "output_tokens_details": {"thinking_tokens": usage.reasoning_tokens}}


@dataclass(slots=True)
class _Block:
    kind: str
    call: ToolCall | None
    pieces: list[str]

    def start(self) -> dict[str, Any]:
        if self.call is not None:
            # Clients answer a call by its id.
            self.call.id = self.call.id or f"toolu_{uuid.uuid4().hex}"
            return {"type": "tool_use", "id": self.call.id, "name": self.call.name, "input": {}}
        return self._said("")

    def delta(self, piece: str) -> dict[str, Any]:
        if self.call is not None:
            return {"type": "input_json_delta", "partial_json": piece}
        return {"type": f"{self.kind}_delta", self.kind: piece}

    def whole(self, answer: Answer, *, cut: bool) -> dict[str, Any] | None:
        """The complete block; None for a call that was `cut` off in the middle."""
        text = "".join(self.pieces)
        if self.call is None:
            return self._said(text)
        data = text.encode() or b"{}"
        try:
            check_depth(data)
            given = _decode(data)
        except (e.InvalidRequest, msgspec.DecodeError) as error:
            if cut:
                return None
            raise _no_object(answer, self.call) from error
        if not isinstance(given, dict):
            raise _no_object(answer, self.call)
        return {**self.start(), "input": given}

    def _said(self, text: str) -> dict[str, Any]:
        block = {"type": self.kind, self.kind: text}
        return block if self.kind == "text" else {**block, "signature": ""}


def _no_object(answer: Answer, call: ToolCall) -> ProviderProtocol:
    return ProviderProtocol(
        f"{answer.model} called {call.name} with arguments that are no JSON object. Ask again.",
        provider=answer.candidate.config.slug,
    )


def _streamed(blocks: Blocks, request_id: str) -> Iterator[bytes]:
    stream = MessageStream(blocks)
    return event_stream(
        blocks.answer,
        request_id,
        piece=stream.piece,
        ending=stream.ending,
        failure=lambda error: _named(error_body(error, request_id)),
    )


class MessageStream:
    """The bytes of a streamed message. While the model goes on with what is not shown, a ping comes now and then."""

    def __init__(self, blocks: Blocks, now: Callable[[], float] = time.monotonic) -> None:
        self._blocks = blocks
        self._now = now
        self._begun = False
        self._told_at = 0.0

    def piece(self, burst: Burst) -> bytes:
        told = [_named(one) for event in burst for one in self._blocks.read(event)]
        if not told and self._begun and self._now() - self._told_at >= HEARTBEAT_S:
            told = [_PING]
        if told or not self._begun:
            self._told_at = self._now()
        return self._beginning() + b"".join(told)

    def _beginning(self) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        return _named(self._blocks.start()) + _PING

    def ending(self) -> bytes:
        last = [*self._blocks.close(), self._blocks.end(), {"type": "message_stop"}]
        return self._beginning() + b"".join(_named(one) for one in last)


def _named(document: dict[str, Any]) -> bytes:
    return sse(document, document["type"])


_PING = _named({"type": "ping"})


# Errors.

_TYPES: tuple[tuple[type[GatewayError], str], ...] = (
    (e.NotAuthenticated, "authentication_error"),
    (e.NotAllowed, "permission_error"),
    (e.TooLarge, "request_too_large"),
    (e.RateLimited, "rate_limit_error"),
    (e.BudgetExceeded, "rate_limit_error"),
    (e.ProviderRateLimited, "rate_limit_error"),
    (e.ProviderQuota, "rate_limit_error"),
    (e.ProviderTimeout, "timeout_error"),
)
_TYPES_OF_STATUSES = {404: "not_found_error", 413: "request_too_large"}


def error_body(error: GatewayError, request_id: str) -> dict[str, Any]:
    """Anthropic's error shape (https://docs.anthropic.com/en/api/errors)."""
    kind = next((name for family, name in _TYPES if isinstance(error, family)), None)
    if kind is None:
        status = http_status(error)
        usual = "invalid_request_error" if 400 <= status < 499 else "api_error"
        kind = _TYPES_OF_STATUSES.get(status, usual)
    message = error.message
    if error.code == e.ContextLengthExceeded.code:
        # Anthropic has no code for it: agents know by these words that they have to shorten the conversation.
        message = f"prompt is too long: {message}"
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id}
