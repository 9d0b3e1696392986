"""What clients of the service around LM Studio send, checked and in OpenAI's words; and what its documents show."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import ConfigDict, Field

from app.api.messages import MAX_MESSAGES, Unusable, data_url_parts, picture_in, plain_type
from app.api.parsing import wrong
from app.api.shape import Shape

Json = dict[str, Any]


class Sort(StrEnum):
    """Which model answers where none is named, and whether images may come."""

    CUSTOM = "custom"
    REGULAR = "regular"
    VISION = "vision"


class LMStudioImage(Shape):
    data_base64: str = Field(min_length=1, description="Base64, or a whole data URL")
    mime_type: str | None = Field(None, description="image/jpeg, image/png or image/webp; the content decides")


class LMStudioMessage(Shape):
    model_config = ConfigDict(extra="allow")

    role: Literal["system", "user", "assistant"]
    content: str = ""
    images: list[LMStudioImage] | None = None


class LMStudioConfig(Shape):
    """Other names are left out, and named in X-Patchbay-Dropped."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    temperature: float | None = Field(None, ge=0, le=2)
    max_tokens: int | None = Field(None, alias="maxTokens", ge=-1, description="-1: as many as the model likes")
    top_p: float | None = Field(None, alias="topP", ge=0, le=1)
    presence_penalty: float | None = Field(None, alias="presencePenalty", ge=-2, le=2)
    frequency_penalty: float | None = Field(None, alias="frequencyPenalty", ge=-2, le=2)

    def parameters(self) -> dict[str, Any]:
        return {
            "temperature": self.temperature,
            "max_tokens": None if self.max_tokens == -1 else self.max_tokens,
            "top_p": self.top_p,
            "presence_penalty": self.presence_penalty,
            "frequency_penalty": self.frequency_penalty,
        }

    def ignored(self) -> list[str]:
        return list(self.model_extra or {})


class LMStudioLoad(Shape):
    model_key: str | None = Field(None, description="Unless given, the default for text-only chats")
    exclusive: bool = Field(False, description="Unload every other model of its provider first")
    context_length: int | None = Field(None, ge=1)


class LMStudioUnload(Shape):
    model_key: str | None = None
    unload_all: bool = Field(False, description="Every model of every provider that can unload, in place of one")


class LMStudioChat(Shape):
    """Other names, here and in messages, are left out, and named in X-Patchbay-Dropped."""

    model_config = ConfigDict(extra="allow")

    model_key: str | None = Field(None, description="Unless given, the default for this sort of chat")
    messages: list[LMStudioMessage] = Field(min_length=1, max_length=MAX_MESSAGES)
    config: LMStudioConfig | None = None

    def ignored(self) -> list[str]:
        """What the caller sent in vain, such as images beside the messages instead of in them."""
        config = [] if self.config is None else self.config.ignored()
        in_messages = [f"messages.{name}" for one in self.messages for name in one.model_extra or {}]
        return list(dict.fromkeys([*(self.model_extra or {}), *in_messages, *config]))


CLIENT_WORDS = {
    "temperature": "config.temperature",
    "max_tokens": "config.maxTokens",
    "max_completion_tokens": "config.maxTokens",
    "top_p": "config.topP",
    "presence_penalty": "config.presencePenalty",
    "frequency_penalty": "config.frequencyPenalty",
}


def openai_message(position: int, message: LMStudioMessage) -> dict[str, Any]:
    if not message.images:
        return {"role": message.role, "content": message.content}
    parts: list[dict[str, Any]] = [{"type": "text", "text": message.content}] if message.content else []
    for number, image in enumerate(message.images):
        parts.append(_image_part(f"messages.{position}.images.{number}", image))
    return {"role": message.role, "content": parts}


def _image_part(where: str, image: LMStudioImage) -> dict[str, Any]:
    """Raises InvalidRequest for what is no image, not the one it is said to be, or too large."""
    text = image.data_base64
    if text.startswith("data:"):
        parts = data_url_parts(text)
        if parts is None:
            raise wrong(f"{where}.data_base64", "must be base64, or a data URL with base64")
        text = parts[1]
    try:
        picture = picture_in(text)
    except Unusable as error:
        raise wrong(f"{where}.data_base64", error.problem) from error
    said = plain_type(image.mime_type or picture.media_type)
    if said != picture.media_type:
        raise wrong(f"{where}.mime_type", f"is {image.mime_type}, but the image is {picture.media_type}")
    return {"type": "image_url", "image_url": {"url": f"data:{picture.media_type};base64,{text}"}}


# What the documents show.

SUMMARIES = {
    Sort.CUSTOM: "Chat with the model that is named",
    Sort.REGULAR: "Text-only chat with the default model",
    Sort.VISION: "Chat about images with the default vision model",
}
ANSWER = {"model": "model-name", "content": "response text", "stop_reason": "stop", "predicted_tokens": 42}
LINES = (
    '{"type": "fragment", "content": "Hello"}\n'
    '{"type": "fragment", "content": " world"}\n'
    '{"type": "done", "model": "model-name", "predicted_tokens": 2, "stop_reason": "stop"}\n'
)
MODEL = {
    "model_key": "lmstudio/qwen3-4b",
    "id": "qwen3-4b",
    "type": "llm",
    "state": "loaded",
    "context_length": 8192,
    "provider": "lmstudio",
}
_CUSTOM: Json = {"model_key": "my-custom-model", "messages": [{"role": "user", "content": "Hello!"}]}
_REGULAR: Json = {
    "messages": [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "What is 2+2?"},
    ],
    "config": {"temperature": 0.7, "maxTokens": 100},
}
_VISION: Json = {
    "messages": [
        {
            "role": "user",
            "content": "What is in this image?",
            "images": [{"data_base64": "<BASE64_ENCODED_IMAGE>", "mime_type": "image/jpeg"}],
        }
    ],
    "config": {"temperature": 0.6, "maxTokens": 200},
}
EXAMPLES = {Sort.CUSTOM: _CUSTOM, Sort.REGULAR: _REGULAR, Sort.VISION: _VISION}
