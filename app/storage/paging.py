"""Lists that grow, page by page: a cursor is the sort key of the last row that was seen."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from app.domain.errors import InvalidRequest, Problem

T = TypeVar("T")

MAX_NUMBER = 2**31 - 1
"""What a whole number's column takes."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: tuple[T, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a list sorted by time and id goes on."""

    at: datetime
    id: str

    def cursor(self) -> str:
        return base64.urlsafe_b64encode(f"{self.at.isoformat()}|{self.id}".encode()).decode().rstrip("=")

    @staticmethod
    def parse(cursor: str) -> Position:
        """Raises InvalidRequest for anything that `cursor()` did not make."""
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            at, _, identity = base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition("|")
            position = Position(datetime.fromisoformat(at), identity)
        except (binascii.Error, UnicodeError, ValueError) as error:
            raise _unknown_cursor() from error
        if position.at.tzinfo is None or not identity or "\0" in identity:
            raise _unknown_cursor()
        return position


def number_cursor(number: int) -> str:
    """Where a list sorted by a number goes on."""
    return base64.urlsafe_b64encode(f"n{number}".encode()).decode().rstrip("=")


def cursor_number(cursor: str) -> int:
    """Raises InvalidRequest for anything that `number_cursor` did not make."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise _unknown_cursor() from error
    if not (text.startswith("n") and text[1:].isdecimal() and len(text) <= 11) or int(text[1:]) > MAX_NUMBER:
        raise _unknown_cursor()
    return int(text[1:])


def _unknown_cursor() -> InvalidRequest:
    problem = "is not a cursor of this list; take it from next_cursor or leave it out"
    return InvalidRequest(f"cursor: {problem}", param="cursor", details=[Problem("cursor", problem)])
