"""Pure: a branch of a conversation → what a model is asked.

The request view shows what was sent by asking the same functions again.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from app.domain.catalog import Task
from app.domain.conversations import Attachment, AttachmentContent, Message, MessageRole
from app.domain.errors import InvalidRequest, Problem
from app.domain.requests import VISION, Json, ModelRequest

OURS = frozenset({"model", "messages", "prompt", "input", "stream", "stream_options", "n"})
"""Members of a request that are no parameters of a conversation: it has one model, one answer and its own messages."""
_SPOKEN = frozenset({MessageRole.SYSTEM, MessageRole.USER, MessageRole.ASSISTANT})
_FENCE = re.compile("`{3,}")
_encode = msgspec.json.Encoder().encode

Contents = Mapping[str, AttachmentContent]
"""By the attachment's id."""
ShowImage = Callable[[AttachmentContent], str]


def model_request(
    path: Sequence[Message],
    contents: Contents,
    *,
    model: str | None,
    system_prompt: str | None,
    parameters: Mapping[str, Any],
    strict: bool = False,
) -> ModelRequest:
    """A streamed request for the answer that follows `path` (root first). Raises InvalidRequest for `parameters`."""
    check_names(parameters)
    messages = sent_messages(path, contents, system_prompt, image_url)
    fields = {"messages": messages, **{name: value for name, value in parameters.items() if value is not None}}
    return ModelRequest(
        task=Task.CHAT,
        model=model,
        fields={name: Json(_encode(value)) for name, value in fields.items()},
        stream=True,
        include_usage=True,
        strict=strict,
        needs=frozenset({VISION}) if any(one.images for one in path) else frozenset(),
    )


def check_names(parameters: Mapping[str, Any]) -> None:
    """Raises InvalidRequest for what can't be set as a parameter."""
    for name in sorted(OURS & parameters.keys()):
        problem = Problem(f"parameters.{name}", "is not a parameter of a conversation")
        raise InvalidRequest(f"{problem.field} {problem.problem}.", param=problem.field, details=[problem])


def sent_messages(
    path: Sequence[Message], contents: Contents, system_prompt: str | None, show: ShowImage
) -> list[dict[str, Any]]:
    """OpenAI's messages. Reasoning of earlier answers, and answers without text, are left out."""
    sent: list[dict[str, Any]] = []
    if system_prompt is not None and system_prompt.strip():
        sent.append({"role": "system", "content": system_prompt})
    for message in path:
        if message.role is MessageRole.USER:
            sent.append({"role": "user", "content": _question(message, contents, show)})
        elif message.role in _SPOKEN and message.content:
            # Tool calls stay out as well: providers refuse one whose result is not there.
            sent.append({"role": message.role.value, "content": message.content})
    return sent


def _question(message: Message, contents: Contents, show: ShowImage) -> str | list[dict[str, Any]]:
    blocks = [file_block(file, contents[file.id].text or "") for file in message.files]
    text = "\n\n".join([*blocks, *([message.content] if message.content else [])])
    if not message.images:
        return text
    parts: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
    for image in message.images:
        parts.append({"type": "image_url", "image_url": {"url": show(contents[image.id])}})
    return parts


def file_block(file: Attachment, text: str) -> str:
    """The file's name, and its text in a fence that nothing in it can end."""
    longest = max((len(one) for one in _FENCE.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{file.name}\n{fence}\n{text}\n{fence}"


def image_url(image: AttachmentContent) -> str:
    return f"data:{image.attachment.media_type};base64,{base64.b64encode(image.data).decode()}"


def elided_image_url(image: AttachmentContent) -> str:
    """The same to look at: `data:image/png;base64,… (123 KB)`."""
    size_kb = max(1, round(image.attachment.size_bytes / 1000))
    return f"data:{image.attachment.media_type};base64,… ({size_kb} KB)"
