"""What the rest of /v1 takes and answers, as the OpenAPI document shows it: the dialects read bodies themselves."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, StrictBool, StrictInt

from app.api.messages import MAX_MESSAGES
from app.api.model_shapes import HELLO, MODEL, Loose, example
from app.api.shape import Shape

# Anthropic's messages.


class AnthropicTurnBody(Loose):
    role: Literal["user", "assistant", "system"]
    content: str | list[dict[str, Any]] = Field(
        description="Text, or blocks (text, image, document, tool_use, tool_result, thinking)"
    )


class MessagesBody(Loose):
    """Anthropic's message request."""

    model_config = ConfigDict(extra="allow", json_schema_extra=example(max_tokens=100, messages=HELLO))

    model: str | None = Field(None, min_length=1, max_length=300, description=MODEL)
    max_tokens: StrictInt = Field(ge=1)
    messages: list[AnthropicTurnBody] = Field(min_length=1, max_length=MAX_MESSAGES)
    system: str | list[dict[str, Any]] | None = Field(None, description="Text, or blocks of text")
    stream: StrictBool | None = Field(None, description="Answer with server-sent events")
    temperature: float | None = Field(None, strict=True, ge=0, le=2)
    top_p: float | None = Field(None, strict=True, ge=0, le=1)
    top_k: StrictInt | None = Field(None, ge=1)
    stop_sequences: list[str] | None = None
    tools: list[dict[str, Any]] | None = Field(None, description="Tools with an `input_schema`")
    tool_choice: dict[str, Any] | None = None
    thinking: dict[str, Any] | None = None
    output_config: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None


class AnthropicUsageOut(Loose):
    input_tokens: int = Field(description="Without those that came from a cache")
    output_tokens: int
    cache_read_input_tokens: int


class MessageOfAnthropic(Loose):
    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: list[dict[str, Any]] = Field(description="Blocks: text, thinking, tool_use")
    stop_reason: Literal["end_turn", "max_tokens", "tool_use", "refusal"]
    stop_sequence: str | None
    usage: AnthropicUsageOut


class AnthropicError(Shape):
    type: str
    message: str


class AnthropicFailure(Shape):
    type: Literal["error"]
    error: AnthropicError
    request_id: str
