"""What model calls and model lists take and answer, as the OpenAPI document shows it.

The data path (dialects/) reads bodies itself, without these classes; a provider's kind declares further parameters.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, StrictBool, StrictInt

from app.api.messages import MAX_MESSAGES
from app.api.shape import Shape
from app.api.times import Time
from app.domain.catalog import HealthState, ModelState, ModelType, Treatment
from app.domain.lifecycle import Act
from app.domain.usage import TokenSource

MODEL = "`<provider slug>/<model id>`, an alias, or a bare id that one provider has; unless given, the default"


def example(**fields: Any) -> dict[str, Any]:
    """What the documentation pages show, and send when somebody tries it out."""
    return {"examples": [fields]}


HELLO = [{"role": "user", "content": "Hello!"}]


class Loose(Shape):
    """Of a format that we imitate: what is not named here is passed on."""

    model_config = ConfigDict(extra="allow")


class Strict(Shape):
    """Of our own format: unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid")


# Requests.


class MessageBody(Loose):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = Field(None, description="Text, or parts (text, image_url)")


class Sampling(Loose):
    """Every kind of provider declares per model what it takes: `models?detailed=true` lists it with its bounds."""

    model: str | None = Field(None, min_length=1, max_length=300, description=MODEL)
    stream: StrictBool | None = Field(None, description="Answer with server-sent events")
    temperature: float | None = Field(None, strict=True, ge=0, le=2)
    max_tokens: StrictInt | None = Field(None, ge=1)
    top_p: float | None = Field(None, strict=True, ge=0, le=1)
    stop: str | list[str] | None = None


class ChatBody(Sampling):
    """OpenAI's chat completion request."""

    model_config = ConfigDict(extra="allow", json_schema_extra=example(messages=HELLO))

    messages: list[MessageBody] = Field(min_length=1, max_length=MAX_MESSAGES)
    stream_options: dict[str, Any] | None = Field(None, description="`include_usage` adds a chunk with the usage")


class CompletionBody(Sampling):
    """OpenAI's completion request."""

    model_config = ConfigDict(extra="allow", json_schema_extra=example(prompt="Once upon a time", max_tokens=50))

    prompt: str | list[Any] = Field(description="A text, several, or tokens")
    stream_options: dict[str, Any] | None = None


class EmbeddingBody(Loose):
    """OpenAI's embedding request."""

    model_config = ConfigDict(extra="allow", json_schema_extra=example(input="Hello!"))

    model: str | None = Field(None, min_length=1, max_length=300, description=MODEL)
    input: str | list[Any] = Field(description="A text, several, or tokens; none of them empty")
    dimensions: StrictInt | None = Field(None, ge=1)
    encoding_format: Literal["float", "base64"] | None = None


class ImageBody(Loose):
    data_base64: str = Field(min_length=1)
    mime_type: Literal["image/jpeg", "image/png", "image/webp"]


class NativeMessageBody(MessageBody):
    images: list[ImageBody] | None = None


class NativeChatBody(Sampling):
    model_config = ConfigDict(extra="allow", json_schema_extra=example(messages=HELLO))

    messages: list[NativeMessageBody] = Field(min_length=1, max_length=MAX_MESSAGES)


class NativeCompletionBody(Sampling):
    model_config = ConfigDict(extra="allow", json_schema_extra=example(prompt="Once upon a time", max_tokens=50))

    prompt: str


class NativeEmbeddingBody(Strict):
    model_config = ConfigDict(extra="forbid", json_schema_extra=example(input="Hello!"))

    model: str | None = Field(None, min_length=1, max_length=300, description=MODEL)
    input: str | list[str] = Field(description="A text or several, none of them empty")
    dimensions: StrictInt | None = Field(None, ge=1)
    user: str | None = None


class ModelPath(Shape):
    model_id: str = Field(description="Slashes may be sent as they are or as %2F")


class ModelsQuery(Strict):
    detailed: bool = Field(False, description="Add what each model takes: name, type, bounds, default, treatment")
    provider: str | None = Field(None, max_length=100, description="Slug or id")
    type: Literal["chat", "vision", "embedding"] | None = None
    refresh: bool = Field(False, description="Ask the providers again instead of serving lists of up to 5 minutes")
    wait: bool = Field(
        True, description="Wait up to a second for lists that were never asked for; false answers with what is known"
    )


# Native answers.


class UsageOut(Shape):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    source: TokenSource = Field(description="Who counted; `absent`: nobody did")


class TimingsOut(Shape):
    first_token_ms: float | None = Field(description="To the first text, reasoning or tool call")
    total_ms: float
    tokens_per_second: float | None
    overhead_ms: float = Field(description="Time inside the gateway, without waiting for the provider")


class ToolCallOut(Shape):
    id: str | None
    name: str
    arguments: str = Field(description="JSON")


class GeneratedOut(Shape):
    id: str
    model: str = Field(description="The canonical name of the model that answered")
    provider: str = Field(description="Slug")
    content: str
    reasoning: str | None
    tool_calls: list[ToolCallOut]
    finish_reason: str | None
    usage: UsageOut
    timings: TimingsOut
    cost_usd: float | None


class EmbeddingsOut(Shape):
    model: str
    provider: str
    embeddings: list[list[float]]
    dimensions: int
    usage: UsageOut


class ParameterOut(Shape):
    name: str
    type: str = Field(description="number, integer, boolean, string, array, object, stop (text or texts) or any")
    minimum: float | None
    maximum: float | None = Field(description="Of an array: how many entries")
    choices: list[str] | None
    default: Any
    treatment: Treatment
    sent_as: str | None


class ModelOut(Shape):
    id: str = Field(description="The canonical name, `<provider slug>/<model_id>`")
    model_id: str = Field(description="The vendor's name")
    name: str
    provider: str = Field(description="Slug")
    type: ModelType
    arch: str | None
    quantization: str | None
    state: ModelState
    max_context_length: int | None
    loaded_context_length: int | None
    capabilities: list[str]
    reads_images: bool | None = Field(description="null: nobody says")
    loads_on_use: bool | None = Field(
        description="Whether a request loads it where it is not in memory; false: load it first; null: nobody says"
    )


class InstanceOut(Shape):
    id: str = Field(description="What unloading takes as `instance_id`")
    context_length: int | None


class TimeToLiveOut(Shape):
    seconds: int = Field(description="So long without a request, and the provider unloads it")
    since: Time = Field(description="When it was loaded so")


_TTL = "As the load here that put it into memory ordered it; null: it ordered none, or another program loaded it"


class DetailedModelOut(ModelOut):
    max_output_tokens: int | None
    size_bytes: int | None
    memory_estimate_bytes: int | None = Field(description="Weights and cache when loaded; null: nobody knows")
    owned_by: str | None
    acts: list[Act] = Field(description="What can be done with it besides asking it")
    instances: list[InstanceOut] = Field(description="What is in memory, where the provider counts that")
    time_to_live: TimeToLiveOut | None = Field(description=_TTL)
    operation: str | None = Field(description="Id of what is just being done with it")
    parameters: list[ParameterOut]


class MaybeDetailedModelOut(ModelOut):
    """The last nine fields come with `detailed=true`."""

    max_output_tokens: int | None = None
    size_bytes: int | None = None
    memory_estimate_bytes: int | None = None
    owned_by: str | None = None
    acts: list[Act] = []
    instances: list[InstanceOut] = []
    time_to_live: TimeToLiveOut | None = None
    operation: str | None = None
    parameters: list[ParameterOut] = []


class DefaultOut(Shape):
    name: str
    provider: str = Field(description="The kind")
    base_url: str | None = Field(description="For administrators")


class ListingOut(Shape):
    slug: str
    name: str
    provider: str = Field(description="The kind")
    cable: int = Field(description="Its colour, 1 to 8")
    is_default: bool
    state: HealthState
    since: Time | None = Field(description="Since when it has been in this state")
    age_s: float | None = Field(description="How old the list is; with neither age nor error, it is on its way")
    error: str | None = Field(description="Why it could not be refreshed")


class ModelAliasOut(Shape):
    name: str
    model: str = Field(description="What a call by this name reaches")


class DefaultNamesOut(Shape):
    """What a call that names no model reaches; null where it would be refused."""

    chat: str | None
    vision: str | None
    embedding: str | None


class ModelListOut(Shape):
    models: list[MaybeDetailedModelOut]
    aliases: list[ModelAliasOut]
    defaults: DefaultNamesOut
    provider: DefaultOut | None = Field(description="The default provider")
    providers: list[ListingOut]


# OpenAI's answers; whatever else a provider sends is kept.


class OpenAIError(Shape):
    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIFailure(Shape):
    error: OpenAIError


class ChatCompletion(Loose):
    id: str
    object: str
    model: str
    choices: list[dict[str, Any]]


class EmbeddingList(Loose):
    object: str
    model: str
    data: list[dict[str, Any]]


class OpenAIModel(Loose):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class OpenAIModels(Shape):
    object: Literal["list"]
    data: list[OpenAIModel]
