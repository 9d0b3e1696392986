"""Everything that makes answers, in front of a real database and the upstream server."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gevent
import pytest

from app.domain.conversations import Conversation, Message
from app.domain.stopping import Stop
from app.gateway.conversations.asking import Asker, Asking, Question, Started, Wanted
from app.gateway.conversations.event_log import Entry, EventLog
from app.gateway.conversations.following import Following
from app.gateway.conversations.generations import Generations, Run
from app.gateway.conversations.keeping import Keeper
from app.gateway.draining import Draining
from app.storage import chats
from app.storage.database import Database
from tests.gateway.conftest import Gateway
from tests.gateway.making import caller, provider
from tests.storage.chats import add_conversation, add_user
from tests.support.upstream import Upstream

MODEL = "box/hello-1"


@dataclass
class Stage:
    """One person with one conversation; `ask` begins an answer, `ended` waits for its end."""

    gateway: Gateway
    database: Database
    user_id: str
    conversation_id: str

    def __post_init__(self) -> None:
        self.open_calls = Draining()
        self.events = EventLog(None)
        self.generations = Generations(self.gateway.llm, self.database, self.events, None, self.open_calls)
        self.asking = Asking(self.database, self.gateway.llm, self.generations)
        self.following = Following(self.database, self.events)
        self.keeper = Keeper(self.generations, self.database, self.events)

    def asker(self, **limits: Any) -> Asker:
        return Asker(caller(self.user_id, **limits), uuid.uuid4().hex, time.monotonic())

    def ask(self, content: str = "Hello?", *answers: Wanted, asker: Asker | None = None, **fields: Any) -> Started:
        question = Question(content, answers or (Wanted(MODEL),), **fields)
        return self.asking.ask(asker or self.asker(), self.conversation_id, question)

    def heard(self, run: Run, after: int = 0) -> list[Entry | Message]:
        """Everything that a reader gets, to the end."""
        return list(self.hearing(run, after))

    def hearing(self, run: Run, after: int = 0) -> Iterator[Entry | Message]:
        for news in self.following.follow(run.generation, after, Stop()):
            if isinstance(news, Message):
                yield news
            else:
                yield from news

    def until(self, run: Run, name: str) -> list[Entry]:
        """What is told up to the first event of this name."""
        found: list[Entry] = []
        for news in self.hearing(run):
            assert isinstance(news, Entry)
            found.append(news)
            if news.name == name:
                return found
        raise AssertionError(f"no {name}")

    def ended(self, run: Run) -> Message:
        """The stored answer, once its greenlet has ended."""
        gevent.joinall([run.greenlet], timeout=10, raise_error=True)
        assert run.greenlet.dead
        return self.message(run.generation.message_id)

    def message(self, message_id: str) -> Message:
        found = chats.read(self.database, lambda stored: stored.messages.one(self.conversation_id, message_id))
        assert found is not None
        return found

    def messages(self) -> list[Message]:
        return chats.read(self.database, lambda stored: stored.messages.all(self.conversation_id))

    def conversation(self) -> Conversation:
        found = chats.read(self.database, lambda stored: stored.conversations.one(self.user_id, self.conversation_id))
        assert found is not None
        return found

    def close(self) -> None:
        for run in list(self.generations.runs.values()):
            self.generations.stop_here(run.generation.id)
            run.greenlet.join(5)


@pytest.fixture
def stage(gateway: Gateway, database: Database, upstream: Upstream) -> Iterator[Stage]:
    gateway.use(provider("box", base_url=upstream.base_url))
    user_id = add_user(database)
    stage = Stage(gateway, database, user_id, add_conversation(database, user_id).id)
    yield stage
    stage.close()
