"""What the rest of /v1 takes and answers, as the OpenAPI document shows it: the dialects read bodies themselves."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, StrictBool, StrictInt

from app.api.messages import MAX_MESSAGES
from app.api.model_shapes import HELLO, MODEL, Loose, example
from app.api.shape import Shape

RELAYED_MODEL = "`<provider slug>/<model id>`, or an alias: such models are on no list"

# OpenAI's responses.


class ResponsesBody(Loose):
    """OpenAI's response request."""

    model_config = ConfigDict(extra="allow", json_schema_extra=example(input="Hello!"))

    model: str | None = Field(None, min_length=1, max_length=300, description=MODEL)
    input: str | list[dict[str, Any]] = Field(
        description="A text, or items (message, function_call, function_call_output, reasoning, item_reference)"
    )
    instructions: str | None = None
    previous_response_id: str | None = Field(None, description="A kept response that the input follows")
    store: StrictBool | None = Field(None, description="false: keep nothing; else 30 days")
    stream: StrictBool | None = Field(None, description="Answer with server-sent events")
    max_output_tokens: StrictInt | None = Field(None, ge=1)
    temperature: float | None = Field(None, strict=True, ge=0, le=2)
    top_p: float | None = Field(None, strict=True, ge=0, le=1)
    tools: list[dict[str, Any]] | None = Field(
        None, description="Functions, custom tools, a tool search that the client executes, and namespaces of them"
    )
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: StrictBool | None = None
    text: dict[str, Any] | None = Field(None, description="`format`: text, json_object or json_schema")
    reasoning: dict[str, Any] | None = Field(None, description="`effort`")
    metadata: dict[str, Any] | None = None


class ResponseDocument(Loose):
    id: str
    object: Literal["response"]
    created_at: int
    status: Literal["completed", "incomplete"]
    model: str
    output: list[dict[str, Any]] = Field(
        description="Items: reasoning, message, function_call, custom_tool_call, tool_search_call"
    )
    usage: dict[str, Any]


class DeletedResponse(Shape):
    id: str
    object: Literal["response"]
    deleted: bool


# Anthropic's messages.


class AnthropicTurnBody(Loose):
    role: Literal["user", "assistant", "system"]
    content: str | list[dict[str, Any]] = Field(
        description="Text, or blocks (text, image, document, tool_use, tool_result, thinking)"
    )


class CountTokensBody(Loose):
    """What is counted of a message request."""

    model_config = ConfigDict(extra="allow", json_schema_extra=example(messages=HELLO))

    model: str | None = Field(None, min_length=1, max_length=300, description=MODEL)
    messages: list[AnthropicTurnBody] = Field(min_length=1, max_length=MAX_MESSAGES)
    system: str | list[dict[str, Any]] | None = Field(None, description="Text, or blocks of text")
    tools: list[dict[str, Any]] | None = Field(None, description="Tools with an `input_schema`")
    tool_choice: dict[str, Any] | None = None
    thinking: dict[str, Any] | None = None
    output_config: dict[str, Any] | None = None


class TokensOfAnthropic(Loose):
    input_tokens: int = Field(description="Exactly as many as the model would read")


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


# What is passed on.


class RelayBody(Loose):
    """What else there is depends on the provider."""

    model: str = Field(min_length=1, max_length=300, description=RELAYED_MODEL)


class SpeechBody(RelayBody):
    model_config = ConfigDict(
        extra="allow", json_schema_extra=example(model="openai/tts-1", input="Hello!", voice="alloy")
    )

    input: str
    voice: str | dict[str, Any]


class ImagesBody(RelayBody):
    model_config = ConfigDict(extra="allow", json_schema_extra=example(model="openai/gpt-image-1", prompt="A cable"))

    prompt: str


class ModerationsBody(RelayBody):
    model_config = ConfigDict(
        extra="allow", json_schema_extra=example(model="openai/omni-moderation-latest", input="Hello!")
    )

    input: str | list[Any]


class RerankBody(RelayBody):
    model_config = ConfigDict(
        extra="allow", json_schema_extra=example(model="vllm/reranker", query="cable", documents=["a cable", "a fish"])
    )

    query: str
    documents: list[Any]


class TranscriptionForm(Loose):
    """A form of at most 32 MB."""

    model: str = Field(min_length=1, max_length=300, description=RELAYED_MODEL)
    file: str = Field(json_schema_extra={"format": "binary"})
