"""What models accept: declarations shared by vendors, and applying them to a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from app.domain.catalog import Parameter, Treatment
from app.domain.errors import InvalidRequest, ParameterNotSupported, Problem
from app.domain.requests import Json

_decode = msgspec.json.Decoder().decode
_NULL = Json(b"null")

BEYOND_INTEGERS = 2**63

# Ranges: the reference of OpenAI's API, https://platform.openai.com/docs/api-reference/chat/create.
CHAT: Mapping[str, Parameter] = {
    one.name: one
    for one in (
        Parameter("temperature", "number", 0, 2, default=1),
        Parameter("top_p", "number", 0, 1, default=1),
        Parameter("max_tokens", "integer", 1),
        Parameter("max_completion_tokens", "integer", 1),
        Parameter("stop", "stop", default=None),
        Parameter("presence_penalty", "number", -2, 2, default=0),
        Parameter("frequency_penalty", "number", -2, 2, default=0),
        Parameter("seed", "integer"),
        Parameter("n", "integer", 1, 128, default=1),
        Parameter("logit_bias", "object"),
        Parameter("logprobs", "boolean", default=False),
        Parameter("top_logprobs", "integer", 0, 20),
        Parameter("response_format", "object"),
        Parameter("tools", "array", maximum=128),
        Parameter("tool_choice", "any"),
        Parameter("parallel_tool_calls", "boolean", default=True),
        Parameter("reasoning_effort", "string", choices=("none", "minimal", "low", "medium", "high", "xhigh", "max")),
        Parameter("user", "string"),
    )
}
COMPLETION: Mapping[str, Parameter] = {
    **{
        name: CHAT[name]
        for name in (
            "temperature",
            "top_p",
            "max_tokens",
            "stop",
            "presence_penalty",
            "frequency_penalty",
            "seed",
            "n",
            "logit_bias",
            "user",
        )
    },
    "logprobs": Parameter("logprobs", "integer", 0, 20),
    "echo": Parameter("echo", "boolean", default=False),
    "suffix": Parameter("suffix", "string"),
    "best_of": Parameter("best_of", "integer", 1, 20, default=1),
}
EMBEDDING: Mapping[str, Parameter] = {
    "dimensions": Parameter("dimensions", "integer", 1),
    "encoding_format": Parameter("encoding_format", "string", choices=("float", "base64"), default="float"),
    "user": CHAT["user"],
}
# Samplers of local servers, beyond OpenAI's.
LOCAL_SAMPLERS: Mapping[str, Parameter] = {
    one.name: one
    for one in (
        Parameter("top_k", "integer", -1, default=40),
        Parameter("min_p", "number", 0, 1, default=0.05),
        Parameter("repeat_penalty", "number", 0, 10, default=1),
    )
}


def declared(base: Mapping[str, Parameter], *changes: Parameter) -> tuple[Parameter, ...]:
    """`base` with some parameters changed or added."""
    return tuple({**base, **{one.name: one for one in changes}}.values())


def dropped(*names: str) -> tuple[Parameter, ...]:
    """Parameters known to be useless or refused at a vendor, to be left out with notice."""
    known = {**LOCAL_SAMPLERS, **CHAT}
    return tuple(replace(known.get(name) or Parameter(name, "any"), treatment=Treatment.DROPPED) for name in names)


def renamed(name: str, sent_as: str) -> Parameter:
    return replace(CHAT[name], treatment=Treatment.RENAMED, sent_as=sent_as)


def apply(
    fields: Mapping[str, Json],
    parameters: Mapping[str, Parameter],
    *,
    strict: bool,
    wishes: frozenset[str] = frozenset(),
) -> tuple[dict[str, Json], tuple[str, ...]]:
    """The fields as the provider takes them, and the names of those that were left out: `wishes` out of bounds, too.

    A field that is not declared goes through as it is. Raises InvalidRequest naming field and bounds, and
    ParameterNotSupported for a field that would be left out when `strict`, or that is refused.
    """
    sent: dict[str, Json] = {}
    left_out: list[str] = []
    for name, value in fields.items():
        parameter = parameters.get(name)
        if parameter is None:
            sent[name] = value
            continue
        if bytes(value) == b"null":
            continue
        problem = _problem(parameter, value)
        if problem is not None and (strict or name not in wishes):
            raise InvalidRequest(f"{name} {problem}.", param=name, details=[Problem(name, problem)])
        match Treatment.DROPPED if problem is not None else parameter.treatment:
            case Treatment.SENT:
                sent[name] = value
            case Treatment.RENAMED:
                target = parameter.sent_as or name
                # Where the client sent both names, the one that needs no translation counts.
                if bytes(fields.get(target, _NULL)) != b"null":
                    left_out.append(name)
                else:
                    sent[target] = value
            case Treatment.DROPPED:
                left_out.append(name)
            case Treatment.REFUSED:
                raise not_supported(name)
    if strict and left_out:
        raise not_supported(left_out[0])
    return sent, tuple(left_out)


def not_supported(name: str) -> ParameterNotSupported:
    """What a caller hears who insists on a parameter that the model does not take."""
    words = "is not supported by this model"
    return ParameterNotSupported(f"{name} {words}.", param=name, details=[Problem(name, words)])


def _problem(parameter: Parameter, raw: Json) -> str | None:
    if parameter.type == "any":
        return None
    try:
        return problem_of(parameter, _decode(raw))
    except msgspec.DecodeError:
        # JSON knows no bounds of numbers; we do.
        return "holds a number that is out of range"


def problem_of(parameter: Parameter, value: object) -> str | None:
    """What is wrong with `value`, in words that name the bounds; None when it is fine."""
    match parameter.type:
        case "number" | "integer":
            return _number_problem(parameter, value)
        case "boolean":
            return None if isinstance(value, bool) else "must be true or false"
        case "string":
            if not isinstance(value, str):
                return "must be a string"
            if parameter.choices and value not in parameter.choices:
                return "must be one of " + ", ".join(parameter.choices)
        case "array":
            if not isinstance(value, list):
                return "must be an array"
            if parameter.maximum is not None and len(value) > parameter.maximum:
                return f"must have at most {parameter.maximum:g} entries"
        case "object":
            return None if isinstance(value, dict) else "must be an object"
        case "stop":
            return _stop_problem(parameter, value)
    return None


def _number_problem(parameter: Parameter, value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "must be a whole number" if parameter.type == "integer" else "must be a number"
    if parameter.type == "integer":
        if value != int(value):
            return "must be a whole number"
        if abs(value) >= BEYOND_INTEGERS:
            return "must fit into 64 bits"
    if parameter.minimum is not None and value < parameter.minimum:
        return f"must be at least {parameter.minimum:g}"
    if parameter.maximum is not None and value > parameter.maximum:
        return f"must be at most {parameter.maximum:g}"
    return None


def _stop_problem(parameter: Parameter, value: object) -> str | None:
    if isinstance(value, str):
        return None
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return "must be a string or an array of strings"
    if parameter.maximum is not None and len(value) > parameter.maximum:
        return f"must have at most {parameter.maximum:g} entries"
    return None


def by_name(parameters: Sequence[Parameter]) -> dict[str, Parameter]:
    return {one.name: one for one in parameters}
