"""How a conversation is written down: ChatML turns, of which the model's own are learnt."""

from dataclasses import dataclass

START, END = "<|im_start|>", "<|im_end|>"


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a conversation's text; the model learns to write it, or only reads it."""

    text: str
    learnt: bool = False


Exchange = list[Segment]


def turn(role: str, text: str) -> Exchange:
    """Somebody else's turn: read, not learnt."""
    return [Segment(f"{START}{role}\n{text}{END}\n")]


def reply(text: str) -> Exchange:
    """The model's own turn."""
    return [Segment(f"{START}assistant\n"), Segment(text + END, learnt=True), Segment("\n")]


def ask(question: str, answer: str) -> Exchange:
    """A question and its answer."""
    return turn("user", question) + reply(answer)
