"""Searching a person's messages and titles, and showing where the words are."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.domain.conversations import SearchHit
from app.storage.database import Database
from app.storage.paging import MAX_NUMBER, Page, cursor_number, number_cursor
from app.storage.search import Entry, Search
from app.storage.search_words import MAX_CHARS, Run, folded, runs_of
from app.storage.unit import Window

MAX_WORDS = 16
SNIPPET_CHARS = 160
LEAD_CHARS = 40
"""How much of the text before the first mark is shown."""
_LOOKED_AT_CHARS = 50_000
_LOOKED_AT_MATCHES = 200
_EDGE_CHARS = 20
"""How far a snippet may shrink so as not to begin or end inside a word."""


class ChatSearch:
    """Messages and titles that have all words of a question, newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, user_id: str, question: str, window: Window) -> Page[SearchHit]:
        """Nothing for a question without a word. Raises InvalidRequest for an unknown cursor."""
        runs = tuple(dict.fromkeys(runs_of(question)))[:MAX_WORDS]
        before = MAX_NUMBER if window.cursor is None else cursor_number(window.cursor)
        if not runs:
            return Page(())
        found = self._matching(user_id, runs, before, window.limit + 1)
        shown = found[: window.limit]
        finder = Finder(runs)
        hits = []
        for entry in shown:
            hits.append(_hit(entry, finder))
            # Long texts take milliseconds each: other requests have their turn.
            time.sleep(0)
        return Page(tuple(hits), number_cursor(shown[-1].id) if len(found) > window.limit else None)

    def _matching(self, user_id: str, runs: Sequence[Run], before: int, limit: int) -> list[Entry]:
        """The index knows pairs of characters only, so longer pieces of a script without spaces are looked at."""
        long = [run.text for run in runs if run.is_unspaced and len(run.text) > 2]
        matching: list[Entry] = []
        while True:
            entries = self._entries(user_id, runs, before, limit)
            matching += [entry for entry in entries if _has_all(entry.text, long)]
            if len(entries) < limit or len(matching) >= limit:
                return matching[:limit]
            before = entries[-1].id

    def _entries(self, user_id: str, runs: Sequence[Run], before: int, limit: int) -> list[Entry]:
        return self._database.read(lambda session: Search(session).entries(user_id, runs, before=before, limit=limit))


def _has_all(text: str, pieces: Sequence[str]) -> bool:
    if not pieces:
        return True
    whole = folded(text[:MAX_CHARS])
    return all(piece in whole for piece in pieces)


@dataclass(frozen=True, slots=True)
class Snippet:
    """`marks` are in UTF-16 units."""

    text: str
    marks: tuple[tuple[int, int], ...]


class Finder:
    """Finds the place of a text that shows most of the words."""

    def __init__(self, runs: Iterable[Run]) -> None:
        # The longest first, so that of two words that begin alike the longer is marked.
        ordered = sorted(runs, key=lambda run: -len(run.text))
        self._pattern = re.compile("|".join(_pattern(run) for run in ordered))

    def snippet(self, text: str) -> Snippet:
        """About SNIPPET_CHARS of `text` on one line; its beginning where no word is found."""
        looked_at = text[:_LOOKED_AT_CHARS]
        found = list(self._places(looked_at))
        start, end = _window(looked_at, _densest(found))
        before, after = "…" if start > 0 else "", "…" if end < len(text) else ""
        shown = re.sub(r"\s", " ", text[start:end])
        marks = tuple(
            (_units(before + shown[: left - start]), _units(before + shown[: right - start]))
            for left, right, _ in found
            if start <= left and right <= end
        )
        return Snippet(before + shown + after, marks)

    def _places(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Start, end and word of the first matches."""
        plain, origins = _with_origins(text)
        for number, match in enumerate(self._pattern.finditer(plain)):
            if number == _LOOKED_AT_MATCHES:
                return
            yield origins[match.start()], origins[match.end() - 1] + 1, match.group()


def _pattern(run: Run) -> str:
    return re.escape(run.text) if run.is_unspaced else rf"(?<![^\W_]){re.escape(run.text)}"


def _with_origins(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, and of each of its characters where it comes from."""
    if text.isascii():
        return text.lower(), range(len(text))
    pieces, origins = [], []
    known: dict[str, str] = {}
    for place, one in enumerate(text):
        plain = known.get(one)
        if plain is None:
            plain = known[one] = folded(one)
        pieces.append(plain)
        origins += [place] * len(plain)
    return "".join(pieces), origins


def _densest(found: Sequence[tuple[int, int, str]]) -> int:
    """Where a snippet begins to show most different words; the first such place."""
    best, most = 0, 0
    for number, (start, _, _) in enumerate(found):
        words = {
            word for left, right, word in found[number : number + 20] if right <= start + SNIPPET_CHARS - LEAD_CHARS
        }
        if len(words) > most:
            best, most = start, len(words)
    return best


def _window(text: str, place: int) -> tuple[int, int]:
    """A piece around `place` that begins and ends between words where there are spaces."""
    start = max(0, place - LEAD_CHARS)
    end = min(len(text), start + SNIPPET_CHARS)
    if start > 0:
        space = re.compile(r"\s").search(text, start, min(place, start + _EDGE_CHARS))
        start = start if space is None else space.end()
    if end < len(text):
        cut = max(text.rfind(" ", end - _EDGE_CHARS, end), text.rfind("\n", end - _EDGE_CHARS, end))
        end = cut if cut > place else end
    while start < end and text[start].isspace():
        start += 1
    return start, len(text[:end].rstrip()) if end > start else end


def _units(text: str) -> int:
    """Its length as JavaScript counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _hit(entry: Entry, finder: Finder) -> SearchHit:
    snippet = finder.snippet(entry.text)
    return SearchHit(
        conversation_id=entry.conversation_id,
        title=entry.title,
        archived=entry.archived,
        message_id=entry.message_id,
        role=entry.role,
        snippet=snippet.text,
        marks=snippet.marks,
        created_at=entry.created_at,
    )
