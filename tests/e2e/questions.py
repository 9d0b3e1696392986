"""What is asked of the toy model in every client's words, and what it knows to answer."""

from __future__ import annotations

from typing import Any

from demo.corpus import SMALL_TALK

HELLO: list[Any] = [{"role": "user", "content": "Hello"}]
GREETING = SMALL_TALK[0].answer
WEATHER: list[Any] = [{"role": "user", "content": "What is the weather in Paris?"}]
WEATHER_TOOL: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
WEATHER_RESULT = "21 degrees and sunny"
TOLD_BY_TOOL = "get_weather says: "
"""How every answer from that tool's result begins; how well the toy repeats the result is tested with the toy."""
FLAG: dict[str, Any] = {
    "type": "object",
    "properties": {"colour": {"enum": ["red", "green"]}, "striped": {"type": "boolean"}},
    "required": ["colour", "striped"],
    "additionalProperties": False,
}
FLAG_FORMAT: Any = {"type": "json_schema", "json_schema": {"name": "flag", "schema": FLAG, "strict": True}}


def is_flag(document: Any) -> bool:
    return (
        isinstance(document, dict)
        and document.keys() == {"colour", "striped"}
        and document["colour"] in ("red", "green")
        and isinstance(document["striped"], bool)
    )
