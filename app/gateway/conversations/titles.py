"""A conversation's first title, taken from its first question."""

from __future__ import annotations

import re

MAX_LENGTH = 60
_READ_CHARS = 2_000
_FENCE = re.compile(r"^\s*(```|~~~).*$", re.MULTILINE)
_LINE_MARKS = re.compile(r"^\s*(#{1,6}\s+|>\s?|[-*+]\s+(\[[ xX]\]\s+)?|\d{1,3}[.)]\s+)+", re.MULTILINE)
_RULE = re.compile(r"^\s*([-*_=]\s*){3,}$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_EMPHASIS = re.compile(r"(\*{1,3}|~~|`+)(?=\S)(.+?)(?<=\S)\1")
_UNDERSCORES = re.compile(r"(?<!\w)(_{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ud800-\udfff]+")


def title_of(question: str) -> str:
    """One line of at most 60 characters without Markdown's marks, cut at a word's end; empty for an empty question."""
    text = question[:_READ_CHARS]
    for pattern in (_FENCE, _RULE, _LINE_MARKS):
        text = pattern.sub("", text)
    text = _LINK.sub(r"\1", text)
    for pattern in (_EMPHASIS, _UNDERSCORES):
        text = pattern.sub(r"\2", text)
    line = " ".join(_UNSEEN.sub(" ", text).split())
    if len(line) <= MAX_LENGTH:
        return line
    # A character is left for the ellipsis. Where words are long, or there are none, it is cut inside.
    cut = line[: MAX_LENGTH - 1]
    if not line[MAX_LENGTH - 1].isspace():
        at_word = cut.rpartition(" ")[0]
        cut = at_word if len(at_word) >= MAX_LENGTH // 2 else cut
    return cut.rstrip(" ,.;:-–—") + "…"
