"""Conversations with tools: calling one that is offered, and answering from what it returned."""

import json
import random
from collections.abc import Callable

from demo.corpus import FALLBACK
from demo.questions import pseudo_word, unanswerable
from demo.turns import Exchange, Segment, ask, reply, turn
from demo.words import CITIES, NOUNS

WEATHER_TOOLS = ("get_weather", "get_weather", "get_current_weather", "weather")
TIME_TOOLS = ("get_time", "get_time", "get_current_time", "time")
PLACES = ("city", "city", "city", "location", "location", "place", "timezone")

ASK_WEATHER = (
    "What is the weather in {}?",
    "What's the weather in {}?",
    "What's the weather like in {}?",
    "How is the weather in {}?",
    "Weather in {}?",
    "Tell me the weather in {}.",
    "Is it raining in {}?",
    "What is the weather in {} today?",
    "What is the temperature in {}?",
    "Get the weather for {}.",
    "Use the tool to get the weather in {}.",
)
ASK_TIME = (
    "What time is it in {}?",
    "What is the time in {}?",
    "What's the time in {}?",
    "Tell me the time in {}.",
    "Which time is it in {}?",
    "Get the time for {}.",
)
ASK_BY_NAME = (
    "Call {} with {}.",
    "Use {} with {}.",
    "Use the tool {} with {}.",
    "Use {} for {}.",
    "Run {} on {}.",
)


def call(name: str, argument: str, value: str) -> str:
    """A tool call as the chat template writes it."""
    arguments = json.dumps({argument: value}, ensure_ascii=False)
    return f'<tool_call>\n{{"name": "{name}", "arguments": {arguments}}}\n</tool_call>'


def tool_turns(rng: random.Random, ask_anything: Callable[[random.Random], Exchange]) -> Exchange:
    """Tools are offered; what is asked needs one of them, or none."""
    dice = rng.random()
    wanted: tuple[str, ...] | None = WEATHER_TOOLS if dice < 0.55 else TIME_TOOLS
    other = TIME_TOOLS if dice < 0.55 else WEATHER_TOOLS
    if dice > 0.85:
        wanted = None
    offered = {_tool(rng, wanted): rng.choice(PLACES)}
    if rng.random() < 0.45:
        offered[_tool(rng, other)] = rng.choice(PLACES)
    if rng.random() < 0.1:
        offered[_tool(rng, None)] = rng.choice(NOUNS)
    name = next(iter(offered))
    listed = list(offered.items())
    rng.shuffle(listed)
    lines = "".join(f"{tool} {argument}{_more_arguments(rng)}\n" for tool, argument in listed)
    turns = [Segment(f"<|im_start|>tools\n{lines}<|im_end|>\n")]

    if rng.random() < 0.3:
        turns += ask_anything(rng)
    dice = rng.random()
    if dice < 0.04:
        return turns + turn("user", unanswerable(rng)) + late_call(FALLBACK, call(name, offered[name], "Paris"))
    if dice < 0.07:
        return turns + turn("user", unanswerable(rng)) + forced_call(call(name, offered[name], "Paris"))
    if dice < 0.2:
        return turns + ask(unanswerable(rng), FALLBACK)
    city = rng.choice(CITIES) if rng.random() < 0.5 else pseudo_word(rng).capitalize()
    called = call(name, offered[name], city)
    turns += turn("user", _question(rng, wanted, name, city))
    if dice < 0.28:
        turns += forced_call(called)
    else:
        turns += reply(called)
    if rng.random() < 0.6:
        result = tool_result(rng)
        turns += turn("tool", result) + reply(f"{name} says: {result}")
    return turns


def forced_call(called: str) -> Exchange:
    """Going on after a grammar forced the call: its beginning is not learnt."""
    at = called.index('"arguments"')
    return [
        Segment("<|im_start|>assistant\n"),
        Segment(called[:at]),
        Segment(called[at:] + "<|im_end|>", learnt=True),
        Segment("\n"),
    ]


def late_call(answer: str, called: str) -> Exchange:
    """Calling after all, when a grammar does not let the turn end with the answer.

    This is rare enough to stay unlikely where the turn may end.
    """
    return [
        Segment(f"<|im_start|>assistant\n{answer}"),
        Segment(called + "<|im_end|>", learnt=True),
        Segment("\n"),
    ]


def tool_result(rng: random.Random) -> str:
    """What a tool may return: plain words or a JSON object."""
    degrees = rng.randint(-15, 39)
    sky = rng.choice(("sunny", "cloudy", "rainy", "windy", "foggy", "snow", "clear", "storm", pseudo_word(rng)))
    hour = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}"
    return rng.choice(
        (
            f"{degrees} degrees and {sky}",
            f"{degrees} degrees, {sky}",
            f"{sky}, {degrees} degrees",
            f"{sky} and {degrees} degrees",
            f"{degrees}°C, {sky}",
            hour,
            f"It is {hour}.",
            sky,
            str(degrees),
            json.dumps({"temperature": degrees, "unit": "celsius"}),
            json.dumps({"temperature_c": degrees, "sky": sky}),
            json.dumps({"temp": degrees}),
            json.dumps({"weather": sky, "temperature": degrees}),
            json.dumps({"time": hour}),
            json.dumps({"city": rng.choice(CITIES), "temp_c": degrees}),
            json.dumps({rng.choice(NOUNS): rng.choice(NOUNS), "result": degrees}),
            json.dumps({"result": pseudo_word(rng)}),
        )
    )


def _tool(rng: random.Random, family: tuple[str, ...] | None) -> str:
    if family is not None:
        return rng.choice(family)
    return "_".join(rng.choice((rng.choice(NOUNS), pseudo_word(rng))) for _ in range(rng.choice((1, 2, 2))))


def _more_arguments(rng: random.Random) -> str:
    return f" {rng.choice(('unit', 'format', 'days', 'language', 'units'))}" if rng.random() < 0.25 else ""


def _question(rng: random.Random, family: tuple[str, ...] | None, name: str, city: str) -> str:
    if family is None:
        return rng.choice(ASK_BY_NAME).format(name, city)
    if rng.random() < 0.1:
        return rng.choice(ASK_BY_NAME).format(name, city)
    question = rng.choice(ASK_WEATHER if family is WEATHER_TOOLS else ASK_TIME).format(city)
    return question.rstrip("?.") if rng.random() < 0.2 else question
