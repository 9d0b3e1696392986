"""Answers that belong to the server: how each way to end leaves text, events, figures and the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import gevent
import pytest
from sqlalchemy.exc import OperationalError

from app.domain.conversations import GenerationState, Message, MessageStatus, Progress
from app.domain.errors import Draining, NotFound
from app.domain.events import Burst
from app.domain.stopping import Stop
from app.gateway.conversations.event_log import Entry, EventLog
from app.gateway.conversations.following import Following
from app.gateway.conversations.generations import Generations
from app.gateway.conversations.sent import SentRequests
from app.gateway.conversations.telling import Telling
from app.storage import chats
from app.storage.database import Database
from app.storage.runs import RunNews, Runs
from app.storage.turns import Turns
from tests.gateway.conversations.conftest import Stage
from tests.storage.chats import add_conversation
from tests.support.replies import answer_with, openai_error, rate_limited, stall
from tests.support.upstream import Upstream


def last(found: list[Entry | Message]) -> dict[str, Any]:
    assert isinstance(found[-1], Entry)
    document: dict[str, Any] = json.loads(found[-1].data)
    return document


def test_an_answer_is_told_and_stored_with_all_its_figures(stage: Stage, upstream: Upstream) -> None:
    upstream.will(answer_with("Hello there", reasoning=("Greet",), usage=(12, 5), model="hello-1-2026", every_s=0.02))

    (run,) = stage.ask().runs
    found = stage.heard(run)
    message = stage.ended(run)

    assert [one.name for one in found if isinstance(one, Entry)][:2] == ["start", "reasoning"]
    assert [one.number for one in found if isinstance(one, Entry)] == list(range(1, len(found) + 1))
    done = last(found)
    assert (done["type"], done["finish_reason"], done["model"], done["provider"]) == (
        "done",
        "stop",
        "box/hello-1-2026",
        "box",
    )
    assert done["timings"]["first_token_ms"] > 0
    assert done["timings"]["tokens_per_second"] > 0
    assert (message.content, message.reasoning, message.status) == ("Hello there", "Greet", MessageStatus.DONE)
    assert (message.model_asked, message.model, message.provider) == ("box/hello-1", "box/hello-1-2026", "box")
    assert message.usage is not None
    assert (message.usage.prompt_tokens, message.usage.completion_tokens) == (12, 5)
    assert message.timings is not None
    assert message.timings.first_token_ms == done["timings"]["first_token_ms"]
    assert (message.attempts, message.finish_reason, message.error) == (1, "stop", None)
    assert message.last_event == len(found)
    assert message.request is not None
    assert (message.request["model"], message.request["dropped"]) == ("hello-1", [])
    assert stage.gateway.outcomes() == [(1, "ok")]
    assert [(row.face, row.request_id) for row in stage.gateway.rows] == [("chat", run.call.request_id)]


def test_attempts_before_the_first_text_are_counted_and_told(stage: Stage, upstream: Upstream) -> None:
    upstream.will(rate_limited(0.05, in_ms=True), openai_error(500, "Oh."), answer_with("At last"))

    (run,) = stage.ask().runs
    message = stage.ended(run)
    sent = SentRequests(stage.database).one(stage.user_id, stage.conversation_id, message.id)

    assert (message.content, message.attempts) == ("At last", 3)
    assert [(one["attempt"], one["outcome"], one["problem"]) for one in sent["attempts"]] == [
        (1, "provider_rate_limited", "Rate limit reached"),
        (2, "provider_error", "Box: Oh."),
        (3, "ok", ""),
    ]


def test_what_was_sent_is_shown_as_it_was(stage: Stage, upstream: Upstream) -> None:
    chats.write(
        stage.database,
        lambda stored: stored.conversations.save(
            replace(stage.conversation(), system_prompt="Be brief.", parameters={"temperature": 0.5})
        ),
    )
    (first,) = stage.ask("One?").runs
    stage.ended(first)
    (second,) = stage.ask("Two?").runs
    message = stage.ended(second)
    # What is changed later changes nothing of it.
    chats.write(
        stage.database,
        lambda stored: stored.conversations.save(replace(stage.conversation(), system_prompt="Be long.")),
    )

    shown = SentRequests(stage.database).one(stage.user_id, stage.conversation_id, message.id)

    assert shown["body"] == upstream.last.json
    assert list(shown["body"]) == list(upstream.last.json)
    assert (shown["url"], shown["dropped"]) == ("/v1/chat/completions", [])


def test_a_failure_in_the_middle_keeps_the_text(stage: Stage, upstream: Upstream) -> None:
    upstream.will(answer_with("one two three", ending="error_data", error="The model has crashed", ending_after=2))

    (run,) = stage.ask().runs
    error = last(stage.heard(run))
    message = stage.ended(run)

    assert (error["type"], error["code"], error["provider"]) == ("error", "provider_error", "box")
    assert (message.content, message.status) == ("one two", MessageStatus.FAILED)
    assert message.error is not None
    assert (message.error.code, message.error.message, message.error.provider, message.error.request_id) == (
        "provider_error",
        "Box: The model has crashed",
        "box",
        run.call.request_id,
    )
    assert message.model == "box/hello-1"


def test_a_failure_at_once_is_an_event_and_names_no_model_that_answered(stage: Stage, upstream: Upstream) -> None:
    upstream.will(openai_error(404, "No such model", code="model_not_found"))

    (run,) = stage.ask().runs
    error = last(stage.heard(run))
    message = stage.ended(run)

    assert (error["type"], error["code"], error["message"]) == ("error", "model_not_found", "No such model")
    assert (message.content, message.status, message.model, message.provider) == (
        "",
        MessageStatus.FAILED,
        None,
        "box",
    )
    assert stage.conversation().running == ()


@pytest.mark.parametrize("text", ["one two", ""])
def test_a_stop_keeps_the_text_and_closes_the_providers_connection(stage: Stage, upstream: Upstream, text: str) -> None:
    upstream.will(answer_with(text, ending="stall") if text else stall())
    (run,) = stage.ask().runs
    stage.until(run, "delta" if text else "start")
    gevent.sleep(0.1)

    stopped = stage.generations.stop(stage.user_id, run.generation.id)

    upstream.wait_until_left(within_s=1)
    message = stage.message(run.generation.message_id)
    assert stopped.state is GenerationState.STOPPED
    assert (message.content, message.status, message.finish_reason) == (text, MessageStatus.STOPPED, "stopped")
    assert last(stage.heard(run))["finish_reason"] == "stopped"
    assert stage.gateway.outcomes() == [(1, "stopped")]
    assert stage.generations.stop(stage.user_id, run.generation.id) == stopped


def test_nobody_stops_somebody_elses_answer(stage: Stage, upstream: Upstream) -> None:
    upstream.will(stall())
    (run,) = stage.ask().runs

    with pytest.raises(NotFound):
        stage.generations.stop("somebody else", run.generation.id)

    assert not run.greenlet.dead


def test_a_stopping_server_interrupts_and_keeps_the_text(stage: Stage, upstream: Upstream) -> None:
    upstream.will(answer_with("one two", ending="stall"))
    (run,) = stage.ask().runs
    stage.until(run, "delta")
    gevent.sleep(0.1)
    reader = gevent.spawn(stage.heard, run)
    gevent.sleep(0)

    stage.open_calls.begin(Draining("The server is stopping."))
    message = stage.ended(run)

    assert (message.content, message.status) == ("one two", MessageStatus.INTERRUPTED)
    assert last(reader.get(timeout=5))["code"] == "draining"
    assert len(stage.open_calls) == 0


def test_a_reader_hears_the_end_though_the_server_ends_it_too(stage: Stage, upstream: Upstream) -> None:
    upstream.will(answer_with("one two", ending="stall"))
    (run,) = stage.ask().runs
    stage.until(run, "delta")
    leaving = Stop()

    def read() -> list[Any]:
        return [one for news in stage.following.follow(run.generation, 0, leaving) for one in news]  # type: ignore[union-attr]

    reader = gevent.spawn(read)
    gevent.sleep(0.05)
    leaving.stop(Draining("The server is stopping."))
    stage.open_calls.begin(Draining("The server is stopping."))

    assert last(reader.get(timeout=5))["code"] == "draining"


class Absent(Database):
    """Goes away for a number of writes."""

    failures = 0

    def write(self, work: Any) -> Any:
        if self.failures:
            self.failures -= 1
            raise OperationalError("COMMIT", {}, Exception("gone"))
        return super().write(work)


def test_an_answer_waits_for_the_database_to_come_back(stage: Stage, upstream: Upstream) -> None:
    database = Absent(stage.database.engine)
    stage.generations._database = database
    upstream.will(answer_with("one two three", every_s=0.05))
    (run,) = stage.ask().runs
    database.failures = 2

    message = stage.ended(run)

    assert (message.content, message.status) == ("one two three", MessageStatus.DONE)


class Faulty(Telling):
    """Has a bug."""

    def burst(self, burst: Burst) -> list[Entry]:
        raise ZeroDivisionError


def test_a_fault_of_ours_ends_in_a_failed_message(stage: Stage, upstream: Upstream) -> None:
    upstream.will(answer_with("one", ending="stall"))
    (run,) = stage.ask().runs
    told = Faulty()
    told.start("", run.answer)
    run.told = told

    error = last(stage.heard(run))
    message = stage.ended(run)

    assert (error["code"], message.status) == ("internal", MessageStatus.FAILED)
    assert run.call.request_id in error["message"]
    upstream.wait_until_left(within_s=1)


# Keeping.


def test_text_is_stored_while_it_comes(stage: Stage, upstream: Upstream) -> None:
    upstream.will(answer_with("one two", ending="stall"))
    (run,) = stage.ask().runs
    stage.until(run, "delta")
    gevent.sleep(0.1)

    stage.keeper.keep()
    message = stage.message(run.generation.message_id)

    assert (message.content, message.status) == ("one two", MessageStatus.STREAMING)
    assert 2 <= message.last_event == run.kept
    rest = stage.following.follow(run.generation, message.last_event, Stop())
    stage.generations.stop_here(run.generation.id)
    assert [one.name for news in rest for one in news] == ["usage", "done"]  # type: ignore[union-attr]


class Counted(Database):
    writes = 0

    def write(self, work: Any) -> Any:
        self.writes += 1
        return super().write(work)


def test_many_answers_take_one_write_and_none_takes_none(stage: Stage, upstream: Upstream) -> None:
    database = Counted(stage.database.engine)
    stage.keeper._database = database
    stage.keeper.keep()
    writes_without = database.writes
    upstream.will(stall())
    for _ in range(3):
        stage.ask()
        stage.conversation_id = add_conversation(stage.database, stage.user_id).id

    stage.keeper.keep()

    assert (writes_without, database.writes) == (0, 1)


def test_a_silent_answer_is_alive(stage: Stage, upstream: Upstream) -> None:
    upstream.will(stall())
    (run,) = stage.ask().runs
    before = stage.generations.one(stage.user_id, run.generation.id).alive_at
    gevent.sleep(0.05)

    stage.keeper.keep()

    assert stage.generations.one(stage.user_id, run.generation.id).alive_at > before


@pytest.mark.parametrize("how", ["deleted", "removed", "message deleted"])
def test_an_answer_that_nobody_wants_any_more_ends(stage: Stage, upstream: Upstream, how: str) -> None:
    upstream.will(stall())
    (run,) = stage.ask().runs
    conversation, now = stage.conversation(), datetime.now(UTC)

    def change(stored: chats.Chats) -> None:
        if how == "deleted":
            stored.conversations.save(replace(conversation, deleted_at=now))
        elif how == "removed":
            stored.remove_conversation(conversation.id)
        else:
            stored.messages.set_deleted([run.generation.message_id], now)

    elsewhere(upstream.wait_for, 2)
    chats.write(stage.database, change)

    stage.keeper.keep()

    elsewhere(upstream.wait_until_left)
    run.greenlet.join(5)
    assert stage.generations.runs == {}


def test_a_stop_reaches_the_process_that_makes_the_answer_through_the_database(
    stage: Stage, upstream: Upstream
) -> None:
    upstream.will(answer_with("one two", ending="stall"))
    (run,) = stage.ask().runs
    stage.until(run, "delta")
    gevent.sleep(0.1)
    other_worker = Generations(stage.gateway.llm, stage.database, EventLog(None), None, stage.open_calls)

    stopped = other_worker.stop(stage.user_id, run.generation.id)
    stage.keeper.keep()
    message = stage.ended(run)

    assert stopped.state is GenerationState.STOPPED
    assert (message.content, message.status, message.finish_reason) == ("one two", MessageStatus.STOPPED, "stopped")
    elsewhere(upstream.wait_until_left)


def elsewhere(wait: Callable[..., Any], *arguments: Any) -> None:
    """Waits while the greenlets of this thread go on."""
    gevent.get_hub().threadpool.apply(wait, arguments)


def test_nothing_older_replaces_the_end(stage: Stage, upstream: Upstream) -> None:
    upstream.will(answer_with("one two"))
    (run,) = stage.ask().runs
    stage.ended(run)
    late = RunNews(run.generation.id, run.generation.message_id, Progress("one", 2), {"url": "old"})

    going_on = stage.database.write(lambda session: Runs(session).keep([late], datetime.now(UTC)))

    message = stage.message(run.generation.message_id)
    assert (message.content, message.status) == ("one two", MessageStatus.DONE)
    assert going_on == {run.generation.id}
    assert stage.generations.one(stage.user_id, run.generation.id).sent != {"url": "old"}


def test_answers_of_a_process_that_is_gone_become_interrupted(stage: Stage, upstream: Upstream) -> None:
    upstream.will(answer_with("one two", ending="stall"))
    (run,) = stage.ask().runs
    stage.until(run, "delta")
    gevent.sleep(0.1)
    stage.keeper.keep()
    stage.keeper.sweep()
    before = stage.message(run.generation.message_id).status
    long_ago = datetime.now(UTC) - timedelta(seconds=16)
    stage.database.write(lambda session: Turns(session).alive([run.generation.id], long_ago))

    stage.keeper.sweep()
    message = stage.message(run.generation.message_id)
    # A reader in a process that knows nothing of it.
    found = list(Following(stage.database, EventLog(None)).follow(run.generation, 1, Stop()))

    assert before is MessageStatus.STREAMING
    assert (message.content, message.status) == ("one two", MessageStatus.INTERRUPTED)
    assert found == [message]


# Following where events are gone.


def test_a_reader_without_events_gets_the_message_and_then_its_end(stage: Stage, upstream: Upstream) -> None:
    upstream.will(answer_with("one two", ending="stall"))
    (run,) = stage.ask().runs
    stage.until(run, "delta")
    gevent.sleep(0.1)
    stage.keeper.keep()
    found = Following(stage.database, EventLog(None)).follow(run.generation, 1, Stop())

    first = next(found)
    stage.generations.stop(stage.user_id, run.generation.id)
    rest = list(found)

    assert isinstance(first, Message)
    assert (first.content, first.status) == ("one two", MessageStatus.STREAMING)
    assert [one.status for one in rest if isinstance(one, Message)] == [MessageStatus.STOPPED]


def test_who_has_heard_everything_gets_the_message_once_more(stage: Stage, upstream: Upstream) -> None:
    upstream.will(answer_with("one two"))
    (run,) = stage.ask().runs
    message = stage.ended(run)

    assert stage.heard(run, after=message.last_event) == [message]


def test_a_reader_of_a_message_that_is_gone_is_let_go(stage: Stage, upstream: Upstream) -> None:
    upstream.will(answer_with("one two"))
    (run,) = stage.ask().runs
    stage.ended(run)
    chats.write(stage.database, lambda stored: stored.remove_conversation(stage.conversation_id))

    assert list(Following(stage.database, EventLog(None)).follow(run.generation, 0, Stop())) == []
