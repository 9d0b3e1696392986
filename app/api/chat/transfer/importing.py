"""From a file to stored conversations. Reading and arranging run in a thread; storing takes a transaction for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any, TypeVar

import gevent
import gevent.monkey
from gevent.lock import BoundedSemaphore

from app.api.chat.transfer.json_values import Excess
from app.api.chat.transfer.problem import Unreadable
from app.api.chat.transfer.reading import Found, documents
from app.domain.errors import GatewayError
from app.gateway.conversations.imports import Arranged, Imports

T = TypeVar("T")

SHOWN = 200
AT_ONCE = 2
"""How many files are read at the same time."""

_places = BoundedSemaphore(AT_ONCE)


@dataclass(slots=True)
class Result:
    """`conversation_ids` and `skipped` (title and problem) are the first ones."""

    imported: int = 0
    conversation_ids: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def add(self, conversation_id: str) -> None:
        self.imported += 1
        if len(self.conversation_ids) < SHOWN:
            self.conversation_ids.append(conversation_id)

    def skip(self, title: str, problem: str) -> None:
        if len(self.skipped) < SHOWN:
            self.skipped.append((title, problem))


@dataclass(frozen=True, slots=True)
class _Skipped:
    title: str
    problem: str


def import_file(file: IO[bytes], user_id: str, imports: Imports, at: datetime) -> Result:
    """Keep every conversation of `file` that can be.

    Raises InvalidJson, InvalidRequest or TooLarge for a file of which nothing can be read.
    """
    result = Result()
    with _places:
        found = documents(file)
        try:
            while (ready := _aside(lambda: _next(found, user_id, imports, at))) is not None:
                if isinstance(ready, _Skipped):
                    result.skip(ready.title, ready.problem)
                else:
                    result.add(imports.add(ready))
        except GatewayError as error:
            if not result.imported:
                raise
            result.skip("", f"The rest of the file was left out. {error.message}")
        finally:
            found.close()
    return result


def _next(found: Iterator[Found], user_id: str, imports: Imports, at: datetime) -> Arranged | _Skipped | None:
    """The next conversation; None at the end."""
    one = next(found, None)
    if one is None:
        return None
    form, document = one
    if isinstance(document, Excess):
        return _Skipped("", str(document))
    try:
        ready = imports.arranged(user_id, form.conversation_of(document, at))
    except Unreadable as error:
        return _Skipped(_title(document), str(error))
    if document.get("messages") != [] and not ready.messages:
        return _Skipped(_title(document), "It has no messages")
    return ready


def _title(document: dict[str, Any]) -> str:
    title = document.get("title")
    return title[:SHOWN] if isinstance(title, str) else ""


def _aside(work: Callable[[], T]) -> T:
    if not gevent.monkey.is_module_patched("threading"):
        return work()
    result: T = gevent.get_hub().threadpool.apply(work)
    return result
