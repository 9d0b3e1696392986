"""Questions and answers wanted again: what is stored, where, and what is refused before anything is."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.catalog import DefaultModels
from app.domain.conversations import CompareColumn, Conversation, MessageRole, MessageStatus
from app.domain.errors import (
    CapabilityNotSupported,
    Conflict,
    GatewayError,
    InvalidRequest,
    ModelNotAllowed,
    ModelNotFound,
    NotFound,
    ParameterNotSupported,
    RateLimited,
)
from app.gateway.conversations.asking import Below, Wanted
from app.gateway.conversations.pictures import image_content
from app.storage import chats
from tests.gateway.conversations.conftest import MODEL, Stage
from tests.gateway.conversations.making import NOON
from tests.gateway.making import provider
from tests.support.replies import answer_with, openai_error, respond, stall
from tests.support.upstream import Upstream

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0\0\0\1" * 2 + b"\x08\6\0\0\0"
NOBODYS_ID = "00000000-0000-4000-8000-000000000000"


def change(stage: Stage, **changes: Any) -> Conversation:
    new = replace(stage.conversation(), **changes)
    chats.write(stage.database, lambda stored: stored.conversations.save(new))
    return new


def test_a_question_and_its_answer_are_stored_below_the_active_message(stage: Stage) -> None:
    first = stage.ask("**Why** is the sky blue?")
    stage.ended(first.runs[0])
    second = stage.ask("And at night?")
    stage.ended(second.runs[0])

    found = [(one.role.value, one.content, one.parent_id) for one in stage.messages()]
    assert found == [
        ("user", "**Why** is the sky blue?", None),
        ("assistant", "hello there", first.questions[0].id),
        ("user", "And at night?", first.answers[0].id),
        ("assistant", "hello there", second.questions[0].id),
    ]
    conversation = stage.conversation()
    assert conversation.active_message_id == second.answers[0].id
    assert (conversation.title, conversation.title_source.value) == ("Why is the sky blue?", "question")
    assert second.conversation.running == (second.runs[0].generation.id,)
    assert conversation.running == ()


def test_a_place_may_be_named(stage: Stage) -> None:
    first = stage.ask("One?")
    stage.ended(first.runs[0])

    edited = stage.ask("One, please?", Wanted(MODEL, place=Below(None)))
    branched = stage.ask("Two?", Wanted(MODEL, place=Below(first.answers[0].id)))

    assert (edited.questions[0].parent_id, branched.questions[0].parent_id) == (None, first.answers[0].id)


def test_the_conversation_says_what_the_question_does_not(stage: Stage, upstream: Upstream) -> None:
    change(stage, model=MODEL, parameters={"temperature": 0.25}, system_prompt="Be brief.")

    stage.ended(stage.ask("One?", Wanted()).runs[0])
    plain = upstream.last.json
    stage.ended(stage.ask("Two?", Wanted(parameters={"top_p": 0.5})).runs[0])
    changed = upstream.last.json

    assert (plain["model"], plain["temperature"], plain["messages"][0]["content"]) == ("hello-1", 0.25, "Be brief.")
    assert ("temperature" in changed, changed["top_p"]) == (False, 0.5)
    assert stage.conversation().parameters == {"temperature": 0.25}


def test_without_any_model_the_default_one_answers(stage: Stage, upstream: Upstream) -> None:
    stage.gateway.use(provider("box", base_url=upstream.base_url), defaults=DefaultModels(chat=MODEL))

    started = stage.ask("One?", Wanted())

    assert stage.ended(started.runs[0]).model == MODEL
    assert started.answers[0].model_asked is None


def test_an_answer_is_made_again_beside_the_first_one(stage: Stage, upstream: Upstream) -> None:
    first = stage.ask("One?")
    stage.ended(first.runs[0])
    upstream.will(answer_with("another"))

    again = stage.asking.again(stage.asker(), stage.conversation_id, first.answers[0].id, Wanted(MODEL))
    answer = stage.ended(again.runs[0])

    assert again.questions == ()
    assert (answer.parent_id, answer.content) == (first.questions[0].id, "another")
    assert upstream.last.json["messages"] == [{"role": "user", "content": "One?"}]
    assert stage.conversation().active_message_id == answer.id


def test_a_question_is_answered_again(stage: Stage) -> None:
    first = stage.ask("One?")

    again = stage.asking.again(stage.asker(), stage.conversation_id, first.questions[0].id, Wanted(MODEL))

    assert again.answers[0].parent_id == first.questions[0].id


def test_siblings_may_be_written_at_once(stage: Stage, upstream: Upstream) -> None:
    upstream.will(stall())
    first = stage.ask("One?")

    again = stage.asking.again(stage.asker(), stage.conversation_id, first.answers[0].id, Wanted(MODEL))

    assert len(again.conversation.running) == 2


def test_nothing_is_asked_below_what_is_still_written(stage: Stage, upstream: Upstream) -> None:
    upstream.will(stall())
    stage.ask("One?")

    with pytest.raises(Conflict):
        stage.ask("Two?")

    assert len(stage.messages()) == 2


@pytest.mark.parametrize("role", [MessageRole.SYSTEM, MessageRole.TOOL])
def test_only_questions_and_answers_are_made_again(stage: Stage, role: MessageRole) -> None:
    first = stage.ask("One?")
    answer = stage.ended(first.runs[0])
    odd = replace(answer, id=str(uuid.uuid4()), role=role, number=9, generation_id=None)
    chats.write(stage.database, lambda stored: stored.messages.add([odd]))

    with pytest.raises(Conflict):
        stage.asking.again(stage.asker(), stage.conversation_id, odd.id, Wanted(MODEL))


def test_an_answer_that_failed_is_left_out_of_the_next_question(stage: Stage, upstream: Upstream) -> None:
    upstream.will(openai_error(400, "No."), answer_with("yes"))
    stage.ended(stage.ask("One?").runs[0])

    stage.ended(stage.ask("Two?").runs[0])

    assert upstream.last.json["messages"] == [
        {"role": "user", "content": "One?"},
        {"role": "user", "content": "Two?"},
    ]


def test_images_of_the_whole_branch_are_sent(stage: Stage, upstream: Upstream) -> None:
    new = image_content(stage.user_id, PNG, name="dot.png", at=NOON)
    first = stage.ask("", images=(new,))
    stage.ended(first.runs[0])

    stage.ended(stage.ask("And now?").runs[0])

    (part,) = upstream.last.json["messages"][0]["content"]
    assert part["image_url"]["url"].startswith("data:image/png;base64,iVBOR")
    assert [one.name for one in stage.message(first.questions[0].id).images] == ["dot.png"]
    assert stage.conversation().title == "dot.png"


def test_stored_attachments_are_named_by_id(stage: Stage, upstream: Upstream) -> None:
    stored = image_content(stage.user_id, PNG, name="dot.png", at=NOON)
    chats.write(stage.database, lambda kept: kept.attachments.add(stored))

    stage.ended(stage.ask("What?", attachment_ids=(stored.attachment.id,)).runs[0])

    assert [part["type"] for part in upstream.last.json["messages"][0]["content"]] == ["text", "image_url"]


# Comparing.


def test_models_are_compared_below_one_question(stage: Stage, upstream: Upstream) -> None:
    started = stage.ask("One?", Wanted(MODEL), Wanted("box/other"), compares=True)
    for run in started.runs:
        stage.ended(run)

    assert [one.parent_id for one in started.answers] == [started.questions[0].id] * 2
    columns = [(one.model, one.message_id) for one in stage.conversation().compare or ()]
    assert columns == [(MODEL, started.answers[0].id), ("box/other", started.answers[1].id)]
    assert stage.conversation().active_message_id == started.answers[0].id


def test_each_column_goes_on_with_its_own_answers(stage: Stage, upstream: Upstream) -> None:
    first = stage.ask("One?", Wanted(MODEL), Wanted("box/other"), compares=True)
    for run in first.runs:
        stage.ended(run)

    places = [Below(one.id) for one in first.answers]
    second = stage.ask("Two?", Wanted(MODEL, place=places[0]), Wanted("box/other", place=places[1]), compares=True)

    assert [one.parent_id for one in second.questions] == [one.id for one in first.answers]
    assert [one.parent_id for one in second.answers] == [one.id for one in second.questions]


def test_one_column_that_fails_leaves_the_others_alone(stage: Stage, upstream: Upstream, new_upstream: Any) -> None:
    broken = new_upstream()
    broken.will(openai_error(400, "No."))
    stage.gateway.use(provider("box", base_url=upstream.base_url), provider("broken", base_url=broken.base_url))

    started = stage.ask("One?", Wanted(MODEL), Wanted("broken/hello-1"), compares=True)
    answers = [stage.ended(run) for run in started.runs]

    assert [one.status for one in answers] == [MessageStatus.DONE, MessageStatus.FAILED]
    assert (answers[0].content, answers[1].error and answers[1].error.provider) == ("hello there", "broken")


def test_a_columns_newest_answer_is_its_leaf(stage: Stage) -> None:
    first = stage.ask("One?", Wanted(MODEL), Wanted("box/other"), compares=True)
    for run in first.runs:
        stage.ended(run)
    left, right = first.answers

    again = stage.asking.again(stage.asker(), stage.conversation_id, left.id, Wanted(MODEL))
    more = stage.ask("Two?", Wanted("box/other", place=Below(right.id)))

    assert again.conversation.compare == (
        CompareColumn(MODEL, again.answers[0].id),
        CompareColumn("box/other", right.id),
    )
    assert more.conversation.compare is not None
    assert more.conversation.compare[1].message_id == more.answers[0].id


# Refused before anything is stored.


@pytest.mark.parametrize(
    ("wanted", "error", "field"),
    [
        (Wanted("nobody/hello-2"), ModelNotFound, "model"),
        (Wanted("box/text-embedding-hello"), CapabilityNotSupported, None),
        (Wanted(), CapabilityNotSupported, None),
        (Wanted(MODEL, {"temperature": 3}), InvalidRequest, "parameters.temperature"),
        (Wanted(MODEL, {"stream": True}), InvalidRequest, "parameters.stream"),
        (Wanted(MODEL, place=Below(NOBODYS_ID)), InvalidRequest, "parent_id"),
        (Wanted(MODEL, place=Below("no id")), InvalidRequest, "parent_id"),
    ],
)
def test_what_can_not_be_asked_is_refused_and_not_stored(
    stage: Stage, wanted: Wanted, error: type[GatewayError], field: str | None
) -> None:
    with pytest.raises(error) as refused:
        stage.ask("One?", wanted)

    assert [one.field for one in refused.value.details] == ([] if field is None else [field])
    assert (stage.messages(), stage.conversation().title) == ([], "")


def test_one_column_that_can_not_be_asked_refuses_all(stage: Stage) -> None:
    with pytest.raises(ModelNotFound):
        stage.ask("One?", Wanted(MODEL), Wanted("nobody/one-1"), compares=True)

    assert stage.messages() == []


def test_a_dropped_parameter_is_told_or_refused_where_that_is_wanted(stage: Stage, upstream: Upstream) -> None:
    stage.gateway.use(provider("box", kind="openai", base_url=upstream.base_url))

    message = stage.ended(stage.ask("One?", Wanted(MODEL, {"top_k": 3})).runs[0])
    with pytest.raises(ParameterNotSupported):
        stage.ask("Two?", Wanted(MODEL, {"top_k": 3}), asker=replace(stage.asker(), strict=True))

    assert message.request is not None
    assert message.request["dropped"] == ["top_k"]


def test_a_model_that_reads_text_only_gets_no_images(stage: Stage, upstream: Upstream) -> None:
    upstream.will(
        respond(200, {"data": [{"id": "hello-1", "architecture": {"input_modalities": ["text"]}}]}),
        on="GET /v1/models",
    )
    new = image_content(stage.user_id, PNG, name=None, at=NOON)

    with pytest.raises(CapabilityNotSupported):
        stage.ask("What?", images=(new,))

    assert stage.messages() == []


def test_a_limit_counts_before_anything_is_stored(stage: Stage) -> None:
    asker = stage.asker(requests_per_minute=1)
    stage.ended(stage.ask("One?", asker=asker).runs[0])

    with pytest.raises(RateLimited):
        stage.ask("Two?", asker=asker)

    assert len(stage.messages()) == 2
    assert stage.gateway.outcomes()[-1] == (0, "rate_limited")


def test_a_keys_list_of_models_counts(stage: Stage) -> None:
    with pytest.raises(ModelNotAllowed):
        stage.ask("One?", asker=stage.asker(models=("other/*",)))

    assert stage.messages() == []


@pytest.mark.parametrize("content", ["", " \n"])
def test_an_empty_question_is_refused(stage: Stage, content: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        stage.ask(content)

    assert [one.field for one in refused.value.details] == ["content"]


def test_somebody_elses_attachment_is_unknown(stage: Stage) -> None:
    with pytest.raises(InvalidRequest) as refused:
        stage.ask("One?", attachment_ids=(NOBODYS_ID,))

    assert [one.field for one in refused.value.details] == ["attachments.0"]
    assert stage.messages() == []


def test_nothing_is_asked_in_a_deleted_or_foreign_conversation(stage: Stage) -> None:
    own = stage.conversation_id
    change(stage, deleted_at=datetime.now(UTC))
    with pytest.raises(Conflict):
        stage.ask("One?")
    stage.user_id, stage.conversation_id = str(uuid.uuid4()), own

    with pytest.raises(NotFound):
        stage.ask("One?")
