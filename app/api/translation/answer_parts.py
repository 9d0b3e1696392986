"""A chat's answer in parts, of which each is told to its end before the next one begins.

Servers may tell of parallel tool calls in turns. Formats that are made of blocks can't go back to an earlier one, so
what is told too early waits.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from app.domain.errors import ProviderProtocol
from app.domain.events import Event, ToolCallPart
from app.gateway.answer import Answer

MAX_WAITING = 1_000_000
"""Characters that may wait for the end of a call. With more of them its end is no longer waited for."""
_MARKS = re.compile(r'[\\"{}\[\]]')

Kind = Literal["reasoning", "text", "refusal", "call"]


def refusal_of(event: Event) -> str:
    """What the model says instead of an answer, in this piece, of the first choice."""
    for choice in event.body.choices or ():
        part = choice.delta or choice.message
        if choice.index == 0 and part is not None:
            return part.refusal or ""
    return ""


@dataclass(slots=True, eq=False)
class ToolCall:
    """A call while it arrives. `id` is the provider's, empty where it gives none."""

    id: str = ""
    name: str = ""
    arguments: str = ""
    told: int = field(default=0, repr=False)
    """How many characters of the arguments were handed on."""
    is_over: bool = field(default=False, repr=False)
    """Whether another part was told after it: nothing can be added any more."""
    brackets: _Brackets = field(default_factory=lambda: _Brackets(), repr=False)

    def is_complete(self) -> bool:
        """Whether its arguments are a whole object, so that nothing is missing."""
        return self.brackets.are_closed(self.arguments)


@dataclass(slots=True)
class _Brackets:
    """How deep JSON text is nested at the place up to which it was read; each character is read once."""

    read: int = 0
    depth: int = 0
    in_string: bool = False
    were_open: bool = False

    def are_closed(self, text: str) -> bool:
        for mark in _MARKS.finditer(text, self.read):
            if mark.start() < self.read:
                # What a backslash stands before.
                continue
            self.read = mark.end()
            if mark[0] == "\\":
                self.read += 1
            elif mark[0] == '"':
                self.in_string = not self.in_string
            elif not self.in_string:
                self.depth += 1 if mark[0] in "{[" else -1
                self.were_open = True
        self.read = max(self.read, len(text))
        return self.were_open and self.depth <= 0


class _ToolCalls:
    """The tool calls of an answer, in the order in which they begin."""

    def __init__(self) -> None:
        self._at: dict[int, ToolCall] = {}

    def read(self, event: Event) -> Iterator[tuple[ToolCall, str]]:
        """Each call that grows, with what is new of its arguments; a call without a name is waited for."""
        for position, part in enumerate(event.tool_calls):
            call = self._call(position if part.index is None else part.index, part)
            call.arguments += part.arguments_text
            if call.name:
                piece, call.told = call.arguments[call.told :], len(call.arguments)
                yield call, piece

    def _call(self, place: int, part: ToolCallPart) -> ToolCall:
        call = self._at.get(place)
        # Some servers number every call 0 and tell them apart by their ids alone.
        if call is None or (part.id and call.id and part.id != call.id):
            call = self._at[place] = ToolCall()
        call.id = part.id or call.id
        if part.function is not None and part.function.name:
            call.name = part.function.name
        return call


@dataclass(frozen=True, slots=True)
class Piece:
    """Something new of one part: text, or a call's arguments."""

    kind: Kind
    text: str
    call: ToolCall | None = None


class AnswerParts:
    """An answer's pieces, those of one part directly behind each other."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._calls = _ToolCalls()
        self._open: ToolCall | None = None
        """The call that is being told."""
        self._waiting: deque[tuple[Kind, ToolCall | None, list[str]]] = deque()
        self._pieces_of: dict[ToolCall, list[str]] = {}
        """Of the calls that wait."""
        self._waiting_characters = 0

    def read(self, event: Event) -> Iterator[Piece]:
        """What can be told now. Raises ProviderProtocol for more of a call that is over."""
        if thought := event.reasoning:
            yield from self._add(Piece("reasoning", thought))
        if text := event.text:
            yield from self._add(Piece("text", text))
        if refusal := refusal_of(event):
            yield from self._add(Piece("refusal", refusal))
        for call, arguments in self._calls.read(event):
            yield from self._add(Piece("call", arguments, call))

    def rest(self) -> Iterator[Piece]:
        """What still waits when nothing more comes."""
        while self._waiting:
            yield self._next()

    def _add(self, piece: Piece) -> Iterator[Piece]:
        if piece.call is not None and piece.call.is_over:
            if piece.text.strip():
                raise self._too_late()
        elif not self._waiting and self._open in (None, piece.call):
            self._open = piece.call
            yield piece
        elif piece.call is self._open and piece.call is not None:
            yield piece
            yield from self._go_on()
        else:
            self._hold(piece)
            yield from self._go_on()

    def _hold(self, piece: Piece) -> None:
        self._waiting_characters += len(piece.text)
        if piece.call is not None and piece.call in self._pieces_of:
            self._pieces_of[piece.call].append(piece.text)
        elif piece.call is None and self._waiting and self._waiting[-1][0] == piece.kind:
            self._waiting[-1][2].append(piece.text)
        else:
            pieces = [piece.text]
            self._waiting.append((piece.kind, piece.call, pieces))
            if piece.call is not None:
                self._pieces_of[piece.call] = pieces

    def _go_on(self) -> Iterator[Piece]:
        while self._waiting and (
            self._open is None or self._open.is_complete() or self._waiting_characters > MAX_WAITING
        ):
            yield self._next()

    def _next(self) -> Piece:
        if self._open is not None:
            self._open.is_over = True
        kind, call, pieces = self._waiting.popleft()
        self._open = call
        if call is not None:
            del self._pieces_of[call]
        text = "".join(pieces)
        self._waiting_characters -= len(text)
        return Piece(kind, text, call)

    def _too_late(self) -> ProviderProtocol:
        config = self._answer.candidate.config
        return ProviderProtocol(
            f"{config.name} told more of a tool call that was over, or of too many at the same time.",
            provider=config.slug,
        )
