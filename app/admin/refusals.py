"""One way to say what is wrong with a field."""

from __future__ import annotations

from app.domain.errors import InvalidRequest, Problem


def invalid(field: str, problem: str) -> InvalidRequest:
    """`problem` goes on where the field's name ends: "must be …", "is …"."""
    return InvalidRequest(f"{field}: {problem}", param=field, details=[Problem(field, problem)])
