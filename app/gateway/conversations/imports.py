"""Taking in conversations from elsewhere: new ids, parents before children, circles and gaps left out."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.domain.conversations import (
    AttachmentContent,
    CompareColumn,
    Conversation,
    Folder,
    Message,
    MessageRole,
    TitleSource,
)
from app.gateway.conversations.wording import utc_now
from app.storage import chats
from app.storage.chats import Chats
from app.storage.database import Database
from app.storage.search_words import entry


@dataclass(frozen=True, slots=True)
class Node:
    """A place in somebody's tree. Without a message, what is below it moves up."""

    key: str
    parent: str | None
    message: Message | None = None
    contents: tuple[AttachmentContent, ...] = ()
    thoughts: str = ""
    """Reasoning that stands before the answer below it."""


@dataclass(frozen=True, slots=True)
class ImportedConversation:
    """As a file has it: `active` and `compare` name nodes by their keys."""

    title: str
    title_source: TitleSource
    nodes: tuple[Node, ...]
    is_in_order: bool = False
    """Whether the nodes stand in the order in which they were written, as far as parents come first."""
    model: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    system_prompt: str | None = None
    pinned: bool = False
    archived: bool = False
    folder: str | None = None
    active: str | None = None
    compare: tuple[CompareColumn, ...] | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arranged:
    """Ready to be stored. `words` are the search entries of the messages."""

    conversation: Conversation
    folder: str | None
    messages: tuple[Message, ...]
    contents: tuple[AttachmentContent, ...]
    words: tuple[str, ...]


class Imports:
    def __init__(self, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now

    def arranged(self, user_id: str, imported: ImportedConversation) -> Arranged:
        """Pure, and the most work: it may run in a thread."""
        return arranged(user_id, imported, self._now())

    def add(self, ready: Arranged) -> str:
        """The new conversation's id."""

        def store(stored: Chats) -> None:
            folder_id = None if ready.folder is None else self._folder(stored, ready)
            stored.conversations.add(replace(ready.conversation, folder_id=folder_id))
            for content in ready.contents:
                stored.attachments.add(content)
            stored.messages.add(ready.messages)
            stored.messages.add_entries(zip(ready.messages, ready.words, strict=True))

        chats.write(self._database, store)
        return ready.conversation.id

    def _folder(self, stored: Chats, ready: Arranged) -> str:
        user_id, name = ready.conversation.user_id, str(ready.folder)
        known = stored.folders.by_name(user_id, name)
        if known is not None:
            return known.id
        last = max((one.position for one in stored.folders.all(user_id)), default=-1)
        folder = Folder(str(uuid.uuid4()), user_id, name, last + 1, 0, self._now())
        stored.folders.add(folder)
        return folder.id


def arranged(user_id: str, imported: ImportedConversation, at: datetime) -> Arranged:
    """New ids, numbers in the order of writing with parents first, and every reference renamed."""
    created_at = imported.created_at or at
    conversation_id = str(uuid.uuid4())
    placed = list(_placed(imported.nodes, created_at))
    ids = {one.node.key: str(uuid.uuid4()) for one in placed if one.node.message is not None}
    # A skipped node stands for the nearest kept one above it.
    kept = {one.node.key: ids.get(one.node.key) or ids.get(one.above or "") for one in placed}
    ordered = _ordered(imported, [one for one in placed if one.node.message is not None])
    messages = tuple(_message(one, number, conversation_id, ids, user_id) for number, one in enumerate(ordered, 1))
    conversation = Conversation(
        id=conversation_id,
        user_id=user_id,
        title=imported.title,
        title_source=imported.title_source,
        model=imported.model,
        parameters=imported.parameters,
        system_prompt=imported.system_prompt,
        pinned=imported.pinned,
        archived=imported.archived,
        folder_id=None,
        temporary=False,
        active_message_id=kept.get(imported.active or "") or (messages[-1].id if messages else None),
        compare=imported.compare
        and tuple(CompareColumn(c.model, kept.get(c.message_id or "")) for c in imported.compare),
        message_count=0,
        created_at=created_at,
        updated_at=imported.updated_at or max((one.created_at for one in messages), default=created_at),
        deleted_at=None,
    )
    contents = tuple(_owned(content, user_id) for one in ordered for content in one.node.contents)
    words = tuple(entry(user_id, one.content) for one in messages)
    return Arranged(conversation, imported.folder, messages, contents, words)


def _ordered(imported: ImportedConversation, placed: list[_Placed]) -> list[_Placed]:
    turns = {node.key: turn for turn, node in enumerate(imported.nodes)}
    if imported.is_in_order and all(turns[one.above] < turns[one.node.key] for one in placed if one.above is not None):
        return sorted(placed, key=lambda one: turns[one.node.key])
    return sorted(placed, key=lambda one: (one.at, one.place))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A node that can be reached: its nearest kept node above, its time (never before its parent's), its turn."""

    node: Node
    above: str | None
    at: datetime
    place: int
    thoughts: str


def _placed(nodes: Sequence[Node], since: datetime) -> Iterator[_Placed]:
    """Parents before children. A node whose parent is missing is a root; circles have none and are never reached."""
    by_key = {node.key: node for node in nodes}
    children: dict[str | None, list[Node]] = {}
    for node in by_key.values():
        children.setdefault(node.parent if node.parent in by_key else None, []).append(node)
    waiting: list[tuple[Node, str | None, datetime, str]] = []
    waiting += [(root, None, since, "") for root in reversed(children.get(None, ()))]
    place = 0
    while waiting:
        node, above, earliest, before = waiting.pop()
        at = earliest if node.message is None else max(earliest, node.message.created_at)
        yield _Placed(node, above, at, place, before)
        place += 1
        below = node.key if node.message is not None else above
        thoughts = "" if node.message is not None else "\n\n".join(one for one in (before, node.thoughts) if one)
        waiting += [(child, below, at, thoughts) for child in reversed(children.get(node.key, ()))]


def _message(one: _Placed, number: int, conversation_id: str, ids: Mapping[str, str], user_id: str) -> Message:
    message = one.node.message
    assert message is not None
    thinks = one.thoughts and message.role is MessageRole.ASSISTANT and message.reasoning is None
    return replace(
        message,
        id=ids[one.node.key],
        conversation_id=conversation_id,
        number=number,
        parent_id=ids.get(one.above or ""),
        reasoning=one.thoughts if thinks else message.reasoning,
        attachments=tuple(_owned(content, user_id).attachment for content in one.node.contents),
    )


def _owned(content: AttachmentContent, user_id: str) -> AttachmentContent:
    return replace(content, attachment=replace(content.attachment, user_id=user_id))
