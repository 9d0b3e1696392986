"""Anthropic's request → a chat request.

    {"system": "Be brief.", "max_tokens": 100, "messages": [
      {"role": "user", "content": [{"type": "text", "text": "What is this?"}, {"type": "image", "source": {…}}]},
      {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "look", "input": {"at": 1}}]},
      {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "a cable"}]}]}

Source: https://docs.anthropic.com/en/api/messages and the `anthropic` SDK's types.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from app.api.messages import MAX_MESSAGES, image_needs
from app.api.parsing import flag, model_name, wrong
from app.api.translation.chat import (
    WISHES,
    a_count,
    a_text,
    an_array,
    an_object,
    combined,
    content_of,
    image_part,
    in_turns,
    inline_image_part,
    interjected,
    left_out,
    tool_call,
    undecoded,
)
from app.domain.catalog import Task
from app.domain.errors import CapabilityNotSupported, InvalidRequest
from app.domain.requests import ModelRequest

KNOWN = frozenset(
    {
        *("model", "messages", "system", "max_tokens", "stop_sequences", "temperature", "top_p", "top_k", "stream"),
        *("metadata", "tools", "tool_choice", "thinking", "output_config", "output_format", "mcp_servers"),
    }
)
MAX_USER_CHARACTERS = 64
"""OpenAI's bound of `user`; some agents send whole JSON documents as `user_id`."""
_EFFORTS = {"low": "low", "medium": "medium", "high": "high", "xhigh": "high", "max": "high"}
_LOW_BUDGET, _MEDIUM_BUDGET = 4_096, 16_384

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A translated request, and what the translation leaves out or hides."""

    request: ModelRequest
    left_out: tuple[str, ...]
    shows_thinking: bool
    brought_images: bool
    """Whether tools brought images that are sent on."""


@dataclass(slots=True)
class _Files:
    """What becomes of files that tools brought."""

    shows_images: bool
    images: int = 0
    unread: set[str] = field(default_factory=set)
    """The sorts of those that are not sent on."""


def asked(body: dict[str, Any], *, strict: bool, shows_images: bool = True) -> Asked:
    """`shows_images` is about those that tools brought.

    Raises InvalidRequest, CapabilityNotSupported or ParameterNotSupported.
    """
    if body.get("mcp_servers"):
        raise CapabilityNotSupported("mcp_servers can't be used here.", param="mcp_servers")
    files = None if strict else _Files(shows_images)
    messages = [*_system("system", body.get("system")), *_messages(body.get("messages"), files)]
    thinking = an_object("thinking", body.get("thinking") or {})
    choice = an_object("tool_choice", body.get("tool_choice") or {})
    fields = {
        "messages": messages,
        "max_tokens": a_count("max_tokens", body.get("max_tokens")) if "max_tokens" in body else _no_limit(),
        "stop": body.get("stop_sequences") or None,
        "temperature": body.get("temperature"),
        "top_p": body.get("top_p"),
        "top_k": body.get("top_k"),
        "user": _user(body.get("metadata")),
        "tools": _tools(body.get("tools")),
        "tool_choice": _tool_choice(choice),
        "parallel_tool_calls": False if choice.get("disable_parallel_tool_use") is True else None,
        "reasoning_effort": _effort(thinking, body.get("output_config")),
        "response_format": _response_format(body),
    }
    request = ModelRequest(
        task=Task.CHAT,
        model=model_name(body.get("model")),
        fields=undecoded(fields),
        stream=flag("stream", body.get("stream")),
        include_usage=True,
        strict=strict,
        needs=_needs(messages),
        wishes=WISHES,
    )
    hidden = thinking.get("type") == "disabled" or thinking.get("display") == "omitted"
    unread = () if files is None else sorted(files.unread)
    dropped = (*left_out(body, KNOWN, strict=strict), *unread)
    return Asked(request, dropped, not hidden, brought_images=files is not None and files.images > 0)


def _no_limit() -> int:
    raise wrong("max_tokens", "is required")


def _needs(messages: list[Part]) -> frozenset[str]:
    contents = (one["content"] for one in messages if isinstance(one["content"], list))
    images = (part["image_url"] for content in contents for part in content if part["type"] == "image_url")
    return frozenset[str]().union(*(image_needs(image) for image in images))


# Messages.


def _system(where: str, given: Any) -> list[Part]:
    if given is None or given == "" or given == []:
        return []
    if isinstance(given, str):
        return [{"role": "system", "content": given}]
    texts = [_text(f"{where}[{number}]", block) for number, block in enumerate(in_turns(an_array(where, given)))]
    return [{"role": "system", "content": "\n\n".join(texts)}]


def _text(where: str, block: Any) -> str:
    if an_object(where, block).get("type") != "text":
        raise wrong(f"{where}.type", "must be text")
    return a_text(f"{where}.text", block.get("text"))


def _messages(given: Any, files: _Files | None) -> list[Part]:
    """Without `files`, what can't be sent on of them is refused."""
    if given is None:
        raise wrong("messages", "is required")
    messages = an_array("messages", given)
    if not 1 <= len(messages) <= MAX_MESSAGES:
        raise wrong("messages", f"must have 1 to {MAX_MESSAGES} entries, not {len(messages)}")
    turns = [
        turn
        for position, message in enumerate(in_turns(messages))
        for turn in _turn(f"messages[{position}]", message, files)
    ]
    if not turns:
        raise wrong("messages", "must say something")
    return combined(turns)


def _turn(where: str, message: Any, files: _Files | None) -> list[Part]:
    content = an_object(where, message).get("content")
    match message.get("role"):
        case "user":
            return _user_turn(f"{where}.content", content, files)
        case "assistant":
            return _assistant_turn(f"{where}.content", content)
        case "system":
            return [interjected(one["content"]) for one in _system(f"{where}.content", content)]
    raise wrong(f"{where}.role", "must be one of assistant, system, user")


def _user_turn(where: str, content: Any, files: _Files | None) -> list[Part]:
    """Results of tools come first, as messages of their own; what else is said follows."""
    if isinstance(content, str):
        return [{"role": "user", "content": content}]
    blocks = [an_object(f"{where}[{number}]", block) for number, block in enumerate(in_turns(an_array(where, content)))]
    # Agents put files beside the result of the tool that read them, and send them again with every later question.
    brought = files if any(block.get("type") == "tool_result" for block in blocks) else None
    results: list[Part] = []
    said: list[Part] = []
    for number, block in enumerate(in_turns(blocks)):
        place = f"{where}[{number}]"
        if block.get("type") == "tool_result":
            result, images = _tool_result(place, block, files)
            results.append(result)
            said += images
        else:
            said += _brought(place, block, brought)
    if not results and not said:
        raise wrong(where, "must not be empty")
    return [*results, *([{"role": "user", "content": content_of(said)}] if said else [])]


def _brought(where: str, block: Part, files: _Files | None) -> list[Part]:
    """As `_said`, but with `files` the model is told of one that can't be sent on."""
    kind = block.get("type")
    if files is None or kind not in ("document", "image"):
        return _said(where, block)
    try:
        said = _said(where, block)
    except InvalidRequest:
        said = []
    if said and (kind == "document" or files.shows_images):
        files.images += kind == "image"
        return said
    files.unread.add(f"messages.{kind}")
    return [{"type": "text", "text": f"[A file of the type {kind} was read, but its content can't be shown here.]"}]


def _said(where: str, block: Part) -> list[Part]:
    match block.get("type"):
        case "text":
            return [{"type": "text", "text": a_text(f"{where}.text", block.get("text"))}]
        case "image":
            return [_image(f"{where}.source", an_object(f"{where}.source", block.get("source")))]
        case "document":
            return _document(f"{where}.source", block)
    raise _unreadable(where, block)


def _image(where: str, source: Part) -> Part:
    match source.get("type"):
        case "base64":
            data = a_text(f"{where}.data", source.get("data"))
            return inline_image_part(where, data, a_text(f"{where}.media_type", source.get("media_type")))
        case "url":
            return image_part(f"{where}.url", a_text(f"{where}.url", source.get("url")))
    raise wrong(f"{where}.type", "must be base64 or url")


def _document(where: str, block: Part) -> list[Part]:
    """A document of text; others would have to be read first."""
    source = an_object(where, block.get("source"))
    if source.get("type") != "text":
        raise CapabilityNotSupported(
            f"{where}.type: only documents of plain text can be sent on; send the text of other ones.", param=where
        )
    text = a_text(f"{where}.data", source.get("data"))
    title = block.get("title")
    return [{"type": "text", "text": f"{title}\n\n{text}" if isinstance(title, str) and title else text}]


def _tool_result(where: str, block: Part, files: _Files | None) -> tuple[Part, list[Part]]:
    """The tool's message, and the images of the result: no such message can hold them."""
    content = block.get("content")
    parts: list[Part] = []
    if isinstance(content, str):
        parts.append({"type": "text", "text": content})
    elif content is not None:
        for number, one in enumerate(in_turns(an_array(f"{where}.content", content))):
            place = f"{where}.content[{number}]"
            parts += _brought(place, an_object(place, one), files)
    text = "\n".join(part["text"] for part in parts if part["type"] == "text")
    message = {
        "role": "tool",
        "tool_call_id": a_text(f"{where}.tool_use_id", block.get("tool_use_id")),
        "content": f"Error: {text}" if block.get("is_error") is True else text,
    }
    return message, [part for part in parts if part["type"] != "text"]


def _assistant_turn(where: str, content: Any) -> list[Part]:
    """What a model thought before is not sent back: few servers take it, and Anthropic's own forgets it too."""
    if isinstance(content, str):
        return [{"role": "assistant", "content": content}]
    texts: list[str] = []
    calls: list[Part] = []
    for number, block in enumerate(in_turns(an_array(where, content))):
        place = f"{where}[{number}]"
        match an_object(place, block).get("type"):
            case "text":
                texts.append(a_text(f"{place}.text", block.get("text")))
            case "tool_use":
                calls.append(_call(place, block))
            case "thinking" | "redacted_thinking":
                continue
            case _:
                raise _unreadable(place, block)
    if not texts and not calls:
        return []
    message: Part = {"role": "assistant", "content": "\n".join(texts) if texts else None}
    return [message | {"tool_calls": calls} if calls else message]


def _call(where: str, block: Part) -> Part:
    given = an_object(f"{where}.input", block.get("input", {}))
    call_id = a_text(f"{where}.id", block.get("id"))
    return tool_call(call_id, a_text(f"{where}.name", block.get("name")), msgspec.json.encode(given).decode())


def _unreadable(where: str, block: Part) -> CapabilityNotSupported:
    kind = block.get("type")
    return CapabilityNotSupported(
        f"{where}: a block of the type {kind if isinstance(kind, str) else 'that was sent'} can't be sent on.",
        param=where,
    )


# Everything else.


def _user(metadata: Any) -> str | None:
    user = an_object("metadata", metadata or {}).get("user_id")
    return user if isinstance(user, str) and 0 < len(user) <= MAX_USER_CHARACTERS else None


def _tools(given: Any) -> list[Part] | None:
    if given is None or given == []:
        return None
    return [_tool(f"tools[{number}]", tool) for number, tool in enumerate(in_turns(an_array("tools", given)))]


def _tool(where: str, tool: Any) -> Part:
    kind = an_object(where, tool).get("type")
    if kind not in (None, "custom"):
        raise CapabilityNotSupported(
            f"{where}: a tool of the type {kind if isinstance(kind, str) else 'that was sent'} runs at Anthropic only;"
            " send tools with an input_schema.",
            param=f"{where}.type",
        )
    function: Part = {"name": a_text(f"{where}.name", tool.get("name"))}
    if tool.get("description") is not None:
        function["description"] = a_text(f"{where}.description", tool["description"])
    function["parameters"] = an_object(f"{where}.input_schema", tool.get("input_schema"))
    if tool.get("strict") is True:
        function["strict"] = True
    return {"type": "function", "function": function}


def _tool_choice(choice: Part) -> Any:
    match choice.get("type"):
        case None if not choice:
            return None
        case "auto" | "none" as word:
            return word
        case "any":
            return "required"
        case "tool":
            return {"type": "function", "function": {"name": a_text("tool_choice.name", choice.get("name"))}}
    raise wrong("tool_choice.type", "must be one of any, auto, none, tool")


def _effort(thinking: Part, output_config: Any) -> str | None:
    """How much to think, in the words that other vendors have for it."""
    effort = an_object("output_config", output_config or {}).get("effort")
    if thinking.get("type") == "disabled":
        return None
    if effort is not None:
        if not isinstance(effort, str) or effort not in _EFFORTS:
            raise wrong("output_config.effort", f"must be one of {', '.join(_EFFORTS)}")
        return _EFFORTS[effort]
    if thinking.get("type") != "enabled":
        return None
    budget = a_count("thinking.budget_tokens", thinking.get("budget_tokens"))
    if budget < _LOW_BUDGET:
        return "low"
    return "medium" if budget < _MEDIUM_BUDGET else "high"


def _response_format(body: Part) -> Part | None:
    config = an_object("output_config", body.get("output_config") or {})
    wanted = config.get("format") or body.get("output_format")
    if wanted is None:
        return None
    if an_object("output_config.format", wanted).get("type") != "json_schema":
        raise wrong("output_config.format.type", "must be json_schema")
    schema = an_object("output_config.format.schema", wanted.get("schema"))
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}
