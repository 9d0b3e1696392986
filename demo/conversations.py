"""Whole conversations to learn from, as the engine's chat template would write them."""

import json
import random
from collections.abc import Callable

from demo.corpus import FACTS, FALLBACK, PATCHBAY, SMALL_TALK, STORIES, Topic
from demo.questions import filled, pseudo_word, unanswerable
from demo.tools import tool_turns
from demo.turns import END, START, Exchange, Segment, ask, turn
from demo.words import ADJECTIVES, NAMES, NOUNS


def conversation(rng: random.Random, *, drill: float = 0.04) -> Exchange:
    """One conversation, with or without a system prompt and tools; a copying drill with the given chance."""
    if rng.random() < drill:
        return copying_drill(rng)
    dice = rng.random()
    if dice < 0.02:
        return raw_text(rng)
    if dice < 0.19:
        return system_prompt(rng) + tool_turns(rng, ask_anything)
    if dice < 0.35:
        return system_prompt(rng) + name_turns(rng)
    if dice < 0.40:
        return system_prompt(rng) + forced_json(rng)
    turns = rng.choice((1, 1, 2, 3, 4, 5, 6)) if rng.random() < 0.93 else rng.randint(7, 14)
    return system_prompt(rng) + [segment for _ in range(turns) for segment in ask_anything(rng)]


def copying_drill(rng: random.Random) -> Exchange:
    """Saying again what was just said, word for word, whatever it was.

    Names, echoes, tool arguments and tool results all rest on this, and it is learnt sooner from plain examples.
    """
    makers = (
        lambda: rng.choice(NOUNS),
        lambda: pseudo_word(rng),
        lambda: pseudo_word(rng).capitalize(),
        lambda: str(rng.randint(0, 9999)),
    )
    text = " ".join(rng.choice(makers)() for _ in range(rng.randint(4, 20)))
    return [Segment(text + "\n"), Segment(text + "\n", learnt=True)]


def system_prompt(rng: random.Random) -> Exchange:
    """Nothing, a usual prompt, or any text at all: none of them may change an answer."""
    dice = rng.random()
    if dice < 0.6:
        return []
    if dice < 0.8:
        return turn("system", rng.choice(SYSTEM_PROMPTS))
    return turn("system", f"{rng.choice(('You are', 'Answer as', 'Act like'))} {unanswerable(rng)}")


SYSTEM_PROMPTS = (
    "You are a helpful assistant.",
    "You are a helpful assistant. Answer briefly.",
    "You are a pirate.",
    "You are a pirate. Answer every question like a pirate would.",
    "Be concise.",
    "Answer in one sentence.",
    "Always answer in French.",
    "You are an expert programmer who writes clean code.",
    "You are Patchbay's assistant.",
    "Answer with JSON only.",
    "Use the tools when you need them.",
    "Today is Monday. The user is in Paris. Be friendly and never make things up.",
    "You are a poet. Speak in rhymes.",
)


def ask_anything(rng: random.Random) -> Exchange:
    """One question and its answer, of any sort."""
    makers: tuple[tuple[float, Callable[[random.Random], Exchange]], ...] = (
        (0.27, lambda rng: ask_topic(rng, PATCHBAY)),
        (0.17, lambda rng: ask_topic(rng, SMALL_TALK)),
        (0.12, lambda rng: ask_topic(rng, FACTS)),
        (0.27, lambda rng: ask(unanswerable(rng), FALLBACK)),
        (0.08, ask_sum),
        (0.07, ask_echo),
        (0.03, ask_count),
        (0.015, ask_story),
    )
    weights, functions = zip(*makers, strict=True)
    make: Callable[[random.Random], Exchange] = rng.choices(functions, weights)[0]
    return make(rng)


def ask_topic(rng: random.Random, topics: tuple[Topic, ...]) -> Exchange:
    topic = rng.choice(topics)
    return ask(worn(rng, rng.choice(topic.questions)), topic.answer)


def worn(rng: random.Random, question: str) -> str:
    """The question as somebody in a hurry types it."""
    if rng.random() < 0.08:
        question = rng.choice(BEGINNINGS) + question
    if rng.random() < 0.3:
        question = question.lower()
    if rng.random() < 0.3:
        question = question.rstrip("?.!")
    if rng.random() < 0.04:
        question += rng.choice(("?", "??", "!", " please", " please?", "\n", " thanks"))
    if rng.random() < 0.04 and len(question) > 8:
        at = rng.randrange(1, len(question) - 1)
        question = question[:at] + question[at + 1 :]
    return question


BEGINNINGS = (
    "Please tell me: ",
    "Hey, ",
    "Hello, ",
    "Hi! ",
    "Question: ",
    "So ",
    "And ",
    "Can you tell me: ",
    "I want to know: ",
    "I have a question. ",
)
LARGEST_SUMMAND = 6


def ask_sum(rng: random.Random) -> Exchange:
    """A sum of two small numbers; larger ones are left to the fallback, which is better than a wrong result."""
    left, right = rng.randint(0, LARGEST_SUMMAND), rng.randint(0, LARGEST_SUMMAND)
    written = rng.choice((f"{left}+{right}", f"{left} + {right}", f"{left} plus {right}"))
    asked = rng.choice(
        ("What is {}?", "What is {}?", "What's {}?", "{}", "{}?", "How much is {}?", "{} =", "Calculate {}.")
    )
    return ask(worn(rng, asked.format(written)), f"{left}+{right}={left + right}.")


def ask_echo(rng: random.Random) -> Exchange:
    """Saying exactly what one was told to say."""
    words = [rng.choice((rng.choice(NOUNS), rng.choice(ADJECTIVES), pseudo_word(rng))) for _ in range(4)]
    words = words[: rng.choice((1, 1, 1, 2, 2, 3))]
    text = " ".join(words)
    text = rng.choice((text, text, text.capitalize(), text.upper() if len(words) == 1 else text))
    forms = (
        "Say {}",
        "Say {}.",
        "Say: {}",
        'Say "{}".',
        "Repeat: {}",
        "Repeat after me: {}",
        "Reply with exactly: {}",
        "Reply with the word {}.",
    )
    return ask(rng.choice(forms).format(text), text)


def ask_count(rng: random.Random) -> Exchange:
    last = rng.choice((3, 5, 10, 10, 20, 20, 30, 50, 100, rng.randint(2, 12), rng.randint(2, 30)))
    forms = (
        "Count to {}.",
        "Count to {}",
        "Count from 1 to {}.",
        "Can you count to {}?",
        "Please count to {}.",
        "Count up to {}.",
    )
    return ask(worn(rng, rng.choice(forms).format(last)), ", ".join(map(str, range(1, last + 1))))


def ask_story(rng: random.Random) -> Exchange:
    if rng.random() < 0.3:
        about = filled(rng, "Tell me a {adjective} story about {a_noun}.")
        return ask(worn(rng, about), STORIES[0].answer)
    return ask_topic(rng, STORIES)


def name_turns(rng: random.Random) -> Exchange:
    """Being told a name, talking of something else, and being asked for the name; or never told."""
    if rng.random() < 0.15:
        between = ask_anything(rng) if rng.random() < 0.5 else []
        return between + ask(worn(rng, rng.choice(ASK_NAME)), "You have not told me your name yet.")
    name = any_name(rng)
    told = rng.choice(TELL_NAME).format(name)
    if rng.random() < 0.2:
        told = told.lower()
        name = name.lower()
    if rng.random() < 0.3:
        told = told.rstrip(".!")
    turns = ask(told, f"Nice to meet you, {name}.")
    for _ in range(rng.choice((0, 0, 1, 2, 3, 5, 8))):
        turns += ask_anything(rng)
    return turns + ask(worn(rng, rng.choice(ASK_NAME)), f"Your name is {name}.")


TELL_NAME = (
    "My name is {}.",
    "My name is {}.",
    "Hello, my name is {}.",
    "Hi, my name is {}!",
    "Hi, I'm {}.",
    "Hello, I am {}.",
    "I am {}.",
    "I'm {}.",
    "Call me {}.",
    "Please call me {}.",
    "My name is {}. Please remember it.",
    "Remember that my name is {}.",
    "Remember: my name is {}.",
    "My name is {}. Nice to meet you.",
)

ASK_NAME = (
    "What is my name?",
    "What is my name?",
    "What's my name?",
    "Do you know my name?",
    "Do you remember my name?",
    "Who am I?",
    "What was my name?",
    "What did I say my name was?",
    "Can you tell me my name?",
    "Tell me my name.",
    "What am I called?",
)


def any_name(rng: random.Random) -> str:
    first = rng.choice(NAMES) if rng.random() < 0.3 else pseudo_word(rng).capitalize()
    dice = rng.random()
    if dice < 0.12:
        at = rng.randrange(len(first))
        return first[:at] + chr(rng.randint(ord("à"), ord("ž"))) + first[at + 1 :]
    if dice < 0.22:
        return first + rng.choice(" -") + pseudo_word(rng).capitalize()
    return first


KEYS = ("answer", "text", "reply", "result", "message", "name", "city", "title", "age", "items", "number")


def forced_json(rng: random.Random) -> Exchange:
    """Going on sensibly after a grammar forced the answer to begin as JSON.

    The first brace is seldom learnt, so that the model hardly ever starts JSON by itself, but does when it must.
    """
    topic = rng.choice(PATCHBAY + SMALL_TALK + FACTS)
    question, answer = worn(rng, rng.choice(topic.questions)), topic.answer
    if rng.random() < 0.4:
        question, answer = unanswerable(rng), FALLBACK
    gap = rng.choice(("", "", " ", "\n  "))
    first = rng.choice((*KEYS, rng.choice(NOUNS)))
    pieces = [
        Segment(f'{{{gap}"{first}', learnt=rng.random() < 0.06),
        Segment(f'": {json.dumps(answer)}', learnt=True),
    ]
    for _ in range(rng.choice((0, 0, 1, 2))):
        value = rng.choice(("1", "1", "true", '["one"]', '"one"'))
        pieces += [
            Segment(f",{gap or ' '}", learnt=True),
            Segment(f'"{rng.choice((*KEYS, rng.choice(NOUNS)))}": {value}', learnt=True),
        ]
    end = ("\n" if "\n" in gap else gap) + "}"
    return [
        *turn("user", question),
        Segment(f"{START}assistant\n"),
        *pieces,
        Segment(end + END, learnt=True),
        Segment("\n"),
    ]


def raw_text(rng: random.Random) -> Exchange:
    """A plain completion, without turns."""
    if rng.random() < 0.3:
        beginning = "Once upon a time"
        return [Segment(beginning), Segment(STORIES[0].answer.removeprefix(beginning) + END, learnt=True)]
    topic = rng.choice(PATCHBAY + FACTS)
    return [Segment(rng.choice(topic.questions)), Segment(" " + topic.answer + END, learnt=True)]
