"""Reading what is only passed on: which model answered, and what it counted, where it says so."""

from __future__ import annotations

import msgspec

from app.domain.events import AnswerBody, Relayed, UsageBody

MAX_TYPE_LENGTH = 200


class _Usage(msgspec.Struct):
    """OpenAI's newer routes say input and output, vLLM's ranking only the total; speech may be counted in seconds."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None

    def body(self) -> UsageBody | None:
        given = self.prompt_tokens if self.input_tokens is None else self.input_tokens
        made = self.completion_tokens if self.output_tokens is None else self.output_tokens
        if given is None and made is None:
            given = self.total_tokens
        return None if given is None and made is None else UsageBody(given, made)


class _Body(msgspec.Struct):
    model: str | None = None
    usage: _Usage | None = None


_decode = msgspec.json.Decoder(_Body).decode


def document(data: bytes, content_type: str) -> Relayed:
    """A whole JSON answer."""
    try:
        body = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Not every server's is of this shape; then nothing is counted.
        body = _Body()
    counted = None if body.usage is None else body.usage.body()
    return Relayed(data, AnswerBody(model=body.model, usage=counted), content_type, is_everything=True)


def piece(data: bytes, content_type: str) -> Relayed:
    """Some bytes of any other answer."""
    return Relayed(data, AnswerBody(), content_type)


def type_of(header: str | None) -> str:
    """A content type that may be told to a caller."""
    kind = (header or "").strip()
    plain = kind.isascii() and kind.isprintable() and 0 < len(kind) <= MAX_TYPE_LENGTH
    return kind if plain else "application/octet-stream"


def is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")
