"""A conversation to read: the branch that is shown, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.api.times import iso
from app.domain.conversations import Conversation, Message, MessageRole, MessageStatus

_SPEAKERS = {
    MessageRole.USER: "You",
    MessageRole.ASSISTANT: "Assistant",
    MessageRole.SYSTEM: "System",
    MessageRole.TOOL: "Tool",
}
_ENDINGS = {
    MessageStatus.STREAMING: "still being written",
    MessageStatus.STOPPED: "stopped",
    MessageStatus.INTERRUPTED: "interrupted",
}


def markdown(conversation: Conversation, branch: Sequence[Message]) -> str:
    """A heading per message; images and files by their names."""
    blocks = [f"# {_line(conversation.title) or 'Untitled'}", f"*{iso(conversation.created_at)}*"]
    if conversation.system_prompt:
        blocks += ["## System prompt", conversation.system_prompt.strip()]
    for message in branch:
        blocks += _blocks(message)
    return "\n\n".join(blocks) + "\n"


def _blocks(message: Message) -> Iterator[str]:
    name = message.model or message.model_asked
    yield f"## {_SPEAKERS[message.role]}" + (f" ({_line(name)})" if name else "")
    for image in message.images:
        yield f"*[Image: {_line(image.name)}]*"
    for file in message.files:
        yield f"*[File: {_line(file.name)}]*"
    if message.reasoning:
        yield f"<details>\n<summary>Reasoning</summary>\n\n{message.reasoning.strip()}\n\n</details>"
    if message.content.strip():
        yield message.content.strip()
    for call in message.tool_calls:
        yield f"*[Calls {_line(call.name)}: {_line(call.arguments)}]*"
    if message.status in _ENDINGS:
        yield f"*({_ENDINGS[message.status]})*"
    if message.error is not None:
        yield f"*(failed: {_line(message.error.message)})*"


def _line(text: str) -> str:
    return " ".join(text.split())
