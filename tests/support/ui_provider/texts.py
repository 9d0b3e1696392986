"""What the models say: words that are numbered, so that a token that is lost or told twice is seen."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

_PARAGRAPH_WORDS = 50
_PIECE = re.compile(r"\s*\S+|\s+\Z")


def pieces(text: str) -> tuple[str, ...]:
    """The text as tokens: each word with the space before it."""
    return tuple(_PIECE.findall(text))


def numbered(count: int, letter: str = "w") -> str:
    """`w1 w2 …`, in paragraphs."""
    words = [f"{letter}{number}" for number in range(1, count + 1)]
    starts = range(0, count, _PARAGRAPH_WORDS)
    return "\n\n".join(" ".join(words[start : start + _PARAGRAPH_WORDS]) for start in starts)


def markdown(count: int) -> str:
    """About `count` words with everything that an answer may have in it, in numbered sections."""
    sections = itertools.takewhile(lambda seen: seen[0] < count, _running(_sections()))
    return "\n\n".join(section for _, section in sections)


def _sections() -> Iterator[str]:
    return (_section(number) for number in itertools.count(1))


def _running(sections: Iterator[str]) -> Iterator[tuple[int, str]]:
    """Each section with the number of words before it."""
    words = 0
    for section in sections:
        yield words, section
        words += len(section.split())


def _section(number: int) -> str:
    rows = [f"| {line} | {line * number} | row {line} of section {number} |" for line in range(1, 5)]
    code = [f"def section_{number}_{line}(value: int) -> int:\n    return value * {line}" for line in range(1, 6)]
    points = [f"- **Point {line}** with `code_{line}` and a [link](https://example.org/{line})" for line in range(1, 5)]
    return "\n\n".join(
        (
            f"## Section {number}",
            _prose(number),
            "\n".join(points),
            "\n".join(("| line | product | text |", "| ---: | ---: | --- |", *rows)),
            "\n".join(("```python", *code, "```")),
            f"The area is $a_{number} = \\pi r^{number}$, which is *about* right.",
        )
    )


def _prose(number: int) -> str:
    return " ".join(_SENTENCES[(number + turn) % len(_SENTENCES)] for turn in range(4))


_SENTENCES: Sequence[str] = (
    "A patch bay joins any source to any line with a coloured cable.",
    "Every cable has two ends, and whoever follows one finds the other.",
    "What is loud at one end should not be silent at the other.",
    "The engineer labels each line before the evening begins.",
    "Nobody thanks a cable that works, which is how it should be.",
)
