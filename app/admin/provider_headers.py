"""Headers that operators add to every request to a provider."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MAX_HEADERS = 32
MAX_VALUE_LENGTH = 8192

# A header's name: RFC 9110, 5.6.2.
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")

# Made by the connection itself (RFC 9110, 7.6.1, and what frames a body), or from other fields.
_REFUSED = {
    "authorization": "is made from api_key",
    "host": "is made from base_url",
    **dict.fromkeys(
        ("content-length", "content-type", "content-encoding", "accept-encoding", "expect"),
        "is set by the gateway itself",
    ),
    **dict.fromkeys(
        (
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
        ),
        "belongs to the connection, not to the request",
    ),
}


class HeaderProblem(Exception):
    """What is wrong with the header `name`; empty for the set as a whole."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(name, problem)
        self.name = name
        self.problem = problem


def merged(given: Mapping[str, str | None] | Sequence[str], stored: Mapping[str, str]) -> dict[str, str]:
    """The complete set that `given` asks for; a name without a value keeps the stored one.

    Raises HeaderProblem.
    """
    wanted = dict(given) if isinstance(given, Mapping) else dict.fromkeys(given)
    if len(wanted) > MAX_HEADERS:
        raise HeaderProblem("", f"must be at most {MAX_HEADERS} headers")
    if len({name.lower() for name in wanted}) < len(wanted):
        raise HeaderProblem("", "must not name the same header twice")
    known = {name.lower(): value for name, value in stored.items()}
    return {_checked_name(name): value or _kept(name, known) for name, value in _checked_values(wanted).items()}


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise HeaderProblem(name, "is not a valid header name")
    if name.lower() in _REFUSED:
        raise HeaderProblem(name, _REFUSED[name.lower()])
    return name


def _checked_values(headers: Mapping[str, str | None]) -> Mapping[str, str | None]:
    for name, value in headers.items():
        if value and not (value.isascii() and value.isprintable() and value == value.strip()):
            raise HeaderProblem(name, "must be printable ASCII without line breaks or spaces at its ends")
        if value and len(value) > MAX_VALUE_LENGTH:
            raise HeaderProblem(name, f"must have at most {MAX_VALUE_LENGTH} characters")
    return headers


def _kept(name: str, known: Mapping[str, str]) -> str:
    if name.lower() not in known:
        raise HeaderProblem(name, "needs a value: none is stored")
    return known[name.lower()]
