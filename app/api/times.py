"""Times in JSON: ISO 8601 in UTC with `Z` and milliseconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, PlainSerializer, WithJsonSchema


def iso(time: datetime) -> str:
    """`2026-11-21T12:00:00.000Z`"""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text_only(value: Any) -> Any:
    # A number, be it in a text, would be taken for seconds since 1970.
    if not isinstance(value, str) or not _DATE.match(value):
        raise ValueError("must be a time such as 2026-12-31T23:59:59Z")
    return value


def _in_reach(time: datetime) -> datetime:
    if not 1970 <= time.year <= 9998:
        raise ValueError("must be between the years 1970 and 9998")
    return time


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Time = Annotated[
    datetime, PlainSerializer(iso, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""A time in an answer."""

TimeIn = Annotated[AwareDatetime, BeforeValidator(_text_only), AfterValidator(_in_reach)]
"""A time in a request, with its offset from UTC."""
