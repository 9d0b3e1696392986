"""What a model is asked, from a branch of a conversation."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest

from app.domain.conversations import AttachmentContent, Message, MessageStatus, ToolCall
from app.domain.errors import InvalidRequest
from app.domain.requests import ModelRequest
from app.gateway.conversations.prompt import elided_image_url, file_block, image_url, model_request, sent_messages
from tests.gateway.conversations.making import file, image, message


def asked(*path: Message, contents: tuple[AttachmentContent, ...] = (), **fields: Any) -> ModelRequest:
    given: dict[str, Any] = {"model": "box/one", "system_prompt": None, "parameters": {}, **fields}
    return model_request(path, {one.attachment.id: one for one in contents}, **given)


def test_a_branch_becomes_messages_in_its_order() -> None:
    request = asked(message("user", "One?"), message("assistant", "1."), message("user", "Two?"))

    assert request.value("messages") == [
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": "1."},
        {"role": "user", "content": "Two?"},
    ]
    assert (request.model, request.stream, request.include_usage, request.needs) == (
        "box/one",
        True,
        True,
        frozenset(),
    )


@pytest.mark.parametrize(("prompt", "first"), [("Be brief.", "system"), ("  \n", "user"), (None, "user")])
def test_the_system_prompt_comes_first_where_there_is_one(prompt: str | None, first: str) -> None:
    request = asked(message("user", "One?"), system_prompt=prompt)

    assert request.value("messages")[0]["role"] == first


def test_thoughts_tool_calls_and_answers_without_text_stay_at_home() -> None:
    request = asked(
        message("system", "You are old."),
        message("user", "One?"),
        message("assistant", "", status=MessageStatus.FAILED),
        message("user", "Two?"),
        message("assistant", "Tw", status=MessageStatus.STOPPED, reasoning="They ask for two."),
        message("assistant", "", tool_calls=(ToolCall(0, "call_1", "weather", "{}"),)),
        message("tool", "sunny"),
        message("user", "Three?"),
    )

    assert request.value("messages") == [
        {"role": "system", "content": "You are old."},
        {"role": "user", "content": "One?"},
        {"role": "user", "content": "Two?"},
        {"role": "assistant", "content": "Tw"},
        {"role": "user", "content": "Three?"},
    ]


def test_files_stand_before_the_question() -> None:
    first, second = file("a.txt", "alpha"), file("b.md", "# beta")

    request = asked(message("user", "What is this?", first, second), contents=(first, second))

    assert request.value("messages")[0]["content"] == (
        "a.txt\n```\nalpha\n```\n\nb.md\n```\n# beta\n```\n\nWhat is this?"
    )


@pytest.mark.parametrize(("text", "fence"), [("plain", "```"), ("```py\n1\n```", "````"), ("``````", "```````")])
def test_no_file_can_end_its_own_fence(text: str, fence: str) -> None:
    one = file("a.md", text)

    assert file_block(one.attachment, text) == f"a.md\n{fence}\n{text}\n{fence}"


def test_images_are_parts_behind_the_text_and_need_a_model_that_sees() -> None:
    picture = image(b"\x89PNG\r\n\x1a\n")

    request = asked(message("user", "What is this?", picture), contents=(picture,))

    url = f"data:image/png;base64,{base64.b64encode(picture.data).decode()}"
    assert request.value("messages")[0]["content"] == [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": url}},
    ]
    assert request.needs == {"vision"}


def test_an_image_may_be_the_whole_question() -> None:
    picture = image(b"\x89PNG\r\n\x1a\n")

    request = asked(message("user", "", picture), contents=(picture,))

    assert [part["type"] for part in request.value("messages")[0]["content"]] == ["image_url"]


@pytest.mark.parametrize(("size", "shown"), [(3, "1 KB"), (1_500, "2 KB"), (123_400, "123 KB")])
def test_an_image_that_is_shown_is_only_told_of(size: int, shown: str) -> None:
    assert elided_image_url(image(b"x" * size, "image/webp")) == f"data:image/webp;base64,… ({shown})"


def test_parameters_travel_as_they_are_and_null_is_none() -> None:
    request = asked(message("user", "One?"), parameters={"temperature": 0.5, "top_k": 3, "stop": None})

    sent = {name: msgspec.json.decode(value) for name, value in request.fields.items() if name != "messages"}
    assert sent == {"temperature": 0.5, "top_k": 3}
    assert next(iter(request.fields)) == "messages"


@pytest.mark.parametrize("name", ["messages", "model", "stream", "stream_options", "n", "prompt"])
def test_what_is_no_parameter_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        asked(message("user", "One?"), parameters={name: 1})

    assert [(one.field, one.problem) for one in refused.value.details] == [
        (f"parameters.{name}", "is not a parameter of a conversation")
    ]


def test_the_same_branch_is_shown_as_it_was_sent() -> None:
    path = [message("user", "One?"), message("assistant", "1."), message("user", "Two?")]

    assert sent_messages(path, {}, "Be brief.", image_url) == sent_messages(path, {}, "Be brief.", elided_image_url)
