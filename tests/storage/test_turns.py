from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.conversations import (
    AttachmentContent,
    CompareColumn,
    Generation,
    GenerationState,
    MessageError,
    MessageStatus,
    NewAnswer,
    NewQuestion,
    NewTurn,
    Outcome,
    Progress,
    Timings,
    TitleSource,
    ToolCall,
)
from app.domain.errors import Conflict, InvalidRequest, NotFound, Problem
from app.domain.usage import TokenSource, Usage
from app.storage.conversations import Conversations
from app.storage.database import Database
from app.storage.messages import Messages
from app.storage.turns import Turns
from app.storage.unit import Window
from tests.storage.chats import NOON, add_conversation, add_user, begin, new_id, turn_of

LATER = NOON + timedelta(seconds=5)


def run_of(database: Database, turn: NewTurn) -> Generation:
    found = database.read(lambda session: Turns(session).generation(turn.user_id, turn.answers[0].generation_id))
    assert found is not None
    return found


def finish(database: Database, turn: NewTurn, content: str = "Because.") -> None:
    outcome = Outcome(GenerationState.DONE, Progress(content, 3))
    database.write(lambda session: Turns(session).finish(run_of(database, turn), outcome, LATER))


def test_a_question_its_answer_and_the_generation_are_kept_in_one_write(database: Database) -> None:
    conversation = add_conversation(database, add_user(database))
    turn = turn_of(conversation, "What is NUL\0?", title="What is NUL")

    made = begin(database, turn)

    page = database.read(lambda session: Messages(session).page(conversation.id, Window()))
    after = database.read(lambda session: Conversations(session).one(conversation.user_id, conversation.id))
    assert [(one.number, one.role, one.content, one.status, one.parent_id) for one in page.items] == [
        (1, "user", "What is NUL\ufffd?", "done", None),
        (2, "assistant", "", "streaming", turn.questions[0].id),
    ]
    assert set(made) == {one.id for one in page.items}
    assert after is not None
    assert (after.title, after.title_source) == ("What is NUL", TitleSource.QUESTION)
    assert (after.message_count, after.active_message_id) == (2, turn.answers[0].id)
    assert after.running == (turn.answers[0].generation_id,)
    assert run_of(database, turn) == Generation(
        id=turn.answers[0].generation_id,
        conversation_id=conversation.id,
        message_id=turn.answers[0].id,
        user_id=conversation.user_id,
        state=GenerationState.RUNNING,
        model_asked="demo/small",
        request_id="request",
        started_at=NOON,
        ended_at=None,
        alive_at=NOON,
        last_event=0,
    )


def test_a_title_that_a_person_gave_is_not_replaced_by_a_question(database: Database) -> None:
    conversation = add_conversation(database, add_user(database), title="Mine", title_source=TitleSource.PERSON)

    begin(database, turn_of(conversation, title="Why"))

    after = database.read(lambda session: Conversations(session).one(conversation.user_id, conversation.id))
    assert after is not None
    assert (after.title, after.title_source) == ("Mine", TitleSource.PERSON)


def test_progress_and_the_end_are_kept_with_everything_that_is_known(database: Database) -> None:
    conversation = add_conversation(database, add_user(database))
    turn = turn_of(conversation)
    begin(database, turn)
    run = run_of(database, turn)
    calls = (ToolCall(0, "c1", "add", '{"a": 1}'),)

    database.write(lambda session: Turns(session).progress(run.id, run.message_id, Progress("Bec", 2, "Hm", 40), LATER))

    half = database.read(lambda session: Messages(session).one(conversation.id, run.message_id))
    assert half is not None
    assert (half.content, half.reasoning, half.reasoning_ms, half.last_event) == ("Bec", "Hm", 40, 2)
    assert (half.status, run_of(database, turn).alive_at, run_of(database, turn).last_event) == ("streaming", LATER, 2)

    outcome = Outcome(
        state=GenerationState.FAILED,
        progress=Progress("Because", 9, "Hmm", 50, calls),
        model="demo/small",
        provider="demo",
        error=MessageError("stream_cut", "It broke.", "request", (Problem("demo", "cut"),), "demo"),
        finish_reason="error",
        usage=Usage(3, 4, 1, 0, TokenSource.ESTIMATED),
        timings=Timings(10.0, 20.0, None, 0.5),
        attempts=2,
        cost_usd=0.25,
        request={"model": "demo/small", "temperature": 0.5, "dropped": ["top_k"]},
    )
    database.write(lambda session: Turns(session).finish(run, outcome, LATER))

    end = database.read(lambda session: Messages(session).one(conversation.id, run.message_id))
    assert end is not None
    assert (end.status, end.content, end.reasoning, end.reasoning_ms) == ("failed", "Because", "Hmm", 50)
    for name in ("model", "provider", "error", "finish_reason", "usage", "timings", "attempts", "cost_usd", "request"):
        assert getattr(end, name) == getattr(outcome, name), name
    assert (end.tool_calls, end.last_event, end.updated_at) == (calls, 9, LATER)
    ended = run_of(database, turn)
    assert (ended.state, ended.ended_at, ended.last_event) == (GenerationState.FAILED, LATER, 9)
    after = database.read(lambda session: Conversations(session).one(conversation.user_id, conversation.id))
    assert after is not None
    assert (after.running, after.updated_at) == ((), LATER)


def test_nothing_is_kept_below_a_message_that_is_still_written(database: Database) -> None:
    conversation = add_conversation(database, add_user(database))
    turn = turn_of(conversation)
    begin(database, turn)

    with pytest.raises(Conflict):
        begin(database, turn_of(conversation, "And?", turn.answers[0].id))

    page = database.read(lambda session: Messages(session).page(conversation.id, Window()))
    assert len(page.items) == 2


def test_a_turn_needs_the_persons_own_conversation_parent_and_attachments(database: Database) -> None:
    ada, eve = add_user(database), add_user(database, "Eve")
    conversation, other = add_conversation(database, ada), add_conversation(database, eve)
    elsewhere = turn_of(other)
    begin(database, elsewhere)
    foreign = NewTurn(
        conversation_id=conversation.id,
        user_id=ada,
        request_id="r",
        at=NOON,
        questions=(NewQuestion("q", None, "", (new_id(),)),),
        answers=(NewAnswer("a", "q", "g", None),),
    )

    with pytest.raises(NotFound):
        begin(database, turn_of(other, user_id=ada))
    with pytest.raises(NotFound):
        begin(database, turn_of(conversation, "And?", elsewhere.questions[0].id))
    with pytest.raises(InvalidRequest):
        begin(database, foreign)


def test_a_generation_whose_process_went_silent_is_interrupted_once_and_keeps_its_text(database: Database) -> None:
    conversation = add_conversation(database, add_user(database))
    silent, lively = turn_of(conversation), turn_of(conversation)
    begin(database, silent)
    begin(database, lively)
    run = run_of(database, silent)
    database.write(lambda session: Turns(session).progress(run.id, run.message_id, Progress("Bec", 1), NOON))
    database.write(lambda session: Turns(session).alive([run_of(database, lively).id], LATER))

    found = database.write(lambda session: Turns(session).interrupt_stale(LATER, LATER))
    again = database.write(lambda session: Turns(session).interrupt_stale(LATER, LATER))

    kept = database.read(lambda session: Messages(session).one(conversation.id, run.message_id))
    assert [one.id for one in found] == [run.id]
    assert again == []
    assert kept is not None
    assert (kept.status, kept.content) == (MessageStatus.INTERRUPTED, "Bec")
    assert run_of(database, silent).state is GenerationState.INTERRUPTED
    assert run_of(database, lively).state is GenerationState.RUNNING


def test_the_way_from_the_root_leaves_other_branches_out(database: Database) -> None:
    conversation = add_conversation(database, add_user(database))
    first = turn_of(conversation, "one")
    begin(database, first)
    finish(database, first)
    left, right = (turn_of(conversation, text, first.answers[0].id) for text in ("left", "right"))
    begin(database, left)
    begin(database, right)

    path = database.read(lambda session: Messages(session).path(conversation.id, right.answers[0].id))

    assert [one.content for one in path] == ["one", "Because.", "right", ""]


def test_columns_of_a_comparison_are_kept(database: Database) -> None:
    conversation = add_conversation(database, add_user(database))
    columns = (CompareColumn("a/one", new_id()), CompareColumn("b/two"))

    begin(database, turn_of(conversation, compare=columns))

    after = database.read(lambda session: Conversations(session).one(conversation.user_id, conversation.id))
    assert after is not None
    assert after.compare == columns


def test_an_attachment_can_be_kept_with_the_question_that_brings_it(database: Database) -> None:
    conversation = add_conversation(database, add_user(database))
    image = picture(conversation.user_id)
    question = NewQuestion(new_id(), None, "What is it?", (image.attachment.id, image.attachment.id))
    answer = NewAnswer(new_id(), question.id, new_id(), None)

    made = begin(database, turn_of(conversation, questions=(question,), answers=(answer,), attachments=(image,)))

    read = database.read(lambda session: Messages(session).one(conversation.id, question.id))
    assert read == made[question.id]
    assert read.images == (image.attachment,)
    assert read.files == ()


def picture(user_id: str) -> AttachmentContent:
    from app.domain.conversations import Attachment, AttachmentKind

    attachment = Attachment(new_id(), user_id, AttachmentKind.IMAGE, "a.png", "image/png", 3, 1, 1, None, None, NOON)
    return AttachmentContent(attachment, b"png", None)
