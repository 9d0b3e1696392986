"""Which words a text is found by, and keeping the index in step.

A text is folded (case, accents, widths) and cut into words. Scripts without spaces are cut into pairs of characters and
the last character alone, so that any part of such a text is a set of words too. Both databases index the bare set.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.domain.conversations import Conversation
from app.storage.tables import SearchEntryRow

MAX_BYTES = 400_000
"""Of one text's words: PostgreSQL keeps a megabyte of them, with its own bytes for each."""
MAX_CHARS = 1_000_000
"""Of one text: what stands behind is not found."""
MAX_WORD = 60
_WORD = re.compile(r"[^\W_]+")
# Thai, Lao, Myanmar, Khmer, kana, bopomofo, Han and its extensions.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)


def folded(text: str) -> str:
    """Without case, accents and compatibility forms; `ß` becomes `ss`."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    if apart.isascii():
        return apart
    bare = "".join([one for one in apart if unicodedata.category(one)[0] != "M"])
    return bare.casefold()


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a folded text: a word, or characters of a script without spaces."""

    text: str
    is_unspaced: bool

    def words(self) -> Iterator[str]:
        """What it is indexed by."""
        if not self.is_unspaced:
            yield self.text[:MAX_WORD]
            return
        for place in range(len(self.text) - 1):
            yield self.text[place : place + 2]
        yield self.text[-1]

    def wanted(self) -> Iterator[tuple[str, bool]]:
        """What an entry must have to match: words, and whether a beginning is enough."""
        if not self.is_unspaced or len(self.text) == 1:
            yield self.text[:MAX_WORD], True
            return
        for place in range(len(self.text) - 1):
            yield self.text[place : place + 2], False


def runs_of(text: str) -> Iterator[Run]:
    """In order, with repetitions."""
    return _runs(folded(text))


def _runs(plain: str) -> Iterator[Run]:
    for match in _WORD.finditer(plain):
        word = match.group()
        if word.isascii():
            yield Run(word, is_unspaced=False)
            continue
        place = 0
        for unspaced in _UNSPACED.finditer(word):
            if unspaced.start() > place:
                yield Run(word[place : unspaced.start()], is_unspaced=False)
            yield Run(unspaced.group(), is_unspaced=True)
            place = unspaced.end()
        if place < len(word):
            yield Run(word[place:], is_unspaced=False)


def owner_word(user_id: str) -> str:
    """Is in each of a person's entries, so that the index itself leaves out everybody else's."""
    return "u" + user_id.replace("-", "")


def index_title(session: Session, conversation: Conversation) -> None:
    """Find the conversation by its title from now on."""
    session.execute(
        delete(SearchEntryRow).where(
            SearchEntryRow.conversation_id == conversation.id, SearchEntryRow.message_id.is_(None)
        )
    )
    if conversation.title and not conversation.temporary:
        session.add(
            SearchEntryRow(
                conversation_id=conversation.id, message_id=None, words=entry(conversation.user_id, conversation.title)
            )
        )
        session.flush()


def entry(user_id: str, text: str) -> str:
    """The distinct words of `text`, and its owner's."""
    words = " ".join({owner_word(user_id): None, **dict.fromkeys(_words(text[:MAX_CHARS]))})
    if len(words) <= MAX_BYTES // 4 or len(words.encode()) <= MAX_BYTES:
        return words
    # Cut between two words.
    return words.encode()[: MAX_BYTES + 1].rpartition(b" ")[0].decode()


def _words(text: str) -> Iterable[str]:
    plain = folded(text)
    if plain.isascii():
        # Most texts: several times faster.
        return [word[:MAX_WORD] for word in _WORD.findall(plain)]
    return (word for run in _runs(plain) for word in run.words())
