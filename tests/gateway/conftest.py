"""The gateway without a database or a face: its real parts, in front of the upstream server."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest

from app.domain.accounts import Caller
from app.domain.catalog import ProviderConfig, Task
from app.domain.requests import Json, ModelRequest
from app.domain.snapshot import Snapshot
from app.domain.stopping import Stop
from app.domain.usage import UsageRecord
from app.gateway.answer import Answer, Call
from app.gateway.connections import Connections
from app.gateway.health import Health
from app.gateway.ledger import Ledger
from app.gateway.limits import RequestLimits
from app.gateway.model_lists import ModelLists
from app.gateway.prices import Prices
from app.gateway.service import LLMService
from app.gateway.slots import Slots
from app.gateway.state import State
from tests.gateway.making import caller, snapshot
from tests.support.fixtures import new_upstream, upstream, upstream_process

__all__ = ["new_upstream", "upstream", "upstream_process"]


@dataclass
class Gateway:
    """`use` says which providers there are; `ask` makes a call and reads the answer to its end."""

    snapshot: Snapshot = field(default_factory=snapshot)
    rows: list[UsageRecord] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state = State(load=lambda: self.snapshot, version=lambda: self.snapshot.version)
        self.connections = Connections(None)
        self.state.on_change(self.connections.on_change)
        self.health = Health()
        self.lists = ModelLists(self.connections, self.health)
        self.ledger = Ledger(self.rows.extend)
        self.llm = LLMService(
            state=self.state,
            connections=self.connections,
            lists=self.lists,
            limits=RequestLimits(None),
            health=self.health,
            ledger=self.ledger,
            prices=Prices(),
            slots=Slots(None),
        )

    def use(self, *providers: ProviderConfig, **rest: Any) -> None:
        self.snapshot = replace(snapshot(*providers, **rest), version=self.snapshot.version + 1)
        self.state.refresh()

    def call(self, *, by: Caller | None = None, stop: Stop | None = None) -> Call:
        return Call(by or caller(), uuid.uuid4().hex, "v1", time.monotonic(), stop or Stop())

    def begin(self, model: str | None, *, call: Call | None = None, stream: bool = False, **fields: Any) -> Answer:
        fields.setdefault("messages", [{"role": "user", "content": "hello"}])
        raw = {name: Json(msgspec.json.encode(value)) for name, value in fields.items()}
        return self.llm.answer(ModelRequest(Task.CHAT, model, raw, stream=stream), call or self.call())

    def ask(self, model: str | None, **rest: Any) -> str:
        """The whole text."""
        return "".join(event.text for burst in self.begin(model, **rest).events for event in burst)

    def outcomes(self) -> list[tuple[int, str]]:
        """Attempt and outcome of every row so far."""
        self.ledger.flush()
        return [(row.attempt, row.outcome) for row in self.rows]

    def close(self) -> None:
        self.lists.close()
        self.connections.close()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    yield gateway
    gateway.close()
