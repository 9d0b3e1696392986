"""Text and JSON that both databases take: PostgreSQL knows no NUL, and half a surrogate pair is no UTF-8."""

from __future__ import annotations

import re
from typing import Any, overload

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@overload
def storable(text: str) -> str: ...
@overload
def storable(text: str | None) -> str | None: ...
def storable(text: str | None) -> str | None:
    """`text` with � for what can't be kept."""
    return text if text is None or (text.isascii() and "\0" not in text) else _UNSTORABLE.sub("\ufffd", text)


def storable_json(value: Any) -> Any:
    """A JSON document with storable texts and names."""
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable(str(name)): storable_json(one) for name, one in value.items()}
        case list() | tuple():
            return [storable_json(one) for one in value]
    return value
