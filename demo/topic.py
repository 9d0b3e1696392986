"""A question in several phrasings, with its one answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One answer and the ways to ask for it."""

    answer: str
    questions: tuple[str, ...]


def topic(answer: str, *questions: str) -> Topic:
    """A topic as it reads best in a list: the answer first."""
    return Topic(answer, questions)
