"""What the bodies and answers of the administration have in common."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Generic, Literal, TypeVar

from pydantic import ConfigDict, Field

from app.api.shape import Shape
from app.storage.unit import Window

T = TypeVar("T")


class Body(Shape):
    """A request of our own format: unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid")

    def given(self) -> dict[str, Any]:
        """The fields that the request has, null ones too."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Success(Shape, Generic[T]):
    success: Literal[True]
    data: T


class PageOut(Shape, Generic[T]):
    """A part of a list; `next_cursor` asks for the next one."""

    items: list[T]
    next_cursor: str | None


class ProblemOut(Shape):
    field: str
    problem: str


class ErrorOut(Shape):
    code: str
    message: str
    request_id: str
    details: list[ProblemOut]


class FailureOut(Shape):
    success: Literal[False]
    error: ErrorOut


class Deleted(Shape):
    id: str
    deleted: Literal[True]


class ById(Shape):
    id: str


class ListQuery(Body):
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=200, description="`next_cursor` of the page before")

    def window(self) -> Window:
        return Window(self.limit, self.cursor)


FAILURES: dict[str | int | HTTPStatus, Any] = dict.fromkeys(
    (400, 401, 403, 404, 405, 409, 413, 415, 422, 429), FailureOut
)


def left_out(alias: str | None = None) -> Any:
    """The default of a field that a change may leave out, which is not the same as null."""
    return Field(default=None, alias=alias, json_schema_extra=_without_default)


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)
