"""/api/v1/model-schedules: when models are kept loaded."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from flask import Response
from pydantic import Field

from app.admin.model_schedules import MAX_MODEL_LENGTH, MAX_ZONE_LENGTH, ScheduleDraft, clock
from app.api import current
from app.api.admin.lifecycle_shapes import LoadOptions
from app.api.admin.shapes import FAILURES, Body, ById, Deleted, ListQuery, PageOut, Success, left_out
from app.api.auth import needs
from app.api.envelope import ok
from app.api.parsing import checked
from app.api.routes import APIBlueprint, Tag
from app.api.shape import Shape
from app.api.times import Time, iso
from app.domain.accounts import Permission
from app.domain.audit import Actor
from app.domain.schedules import ModelSchedule

model_schedules = APIBlueprint(
    "model_schedules",
    __name__,
    url_prefix="/api/v1/model-schedules",
    abp_tags=[Tag(name="Model schedules", description="For administrators.")],
    abp_responses=FAILURES,
)

Model = Annotated[str, Field(min_length=1, max_length=MAX_MODEL_LENGTH, description="`<provider slug>/<model id>`")]
Day = Annotated[int, Field(strict=True, ge=1, le=7)]
Days = Annotated[list[Day], Field(min_length=1, max_length=7, description="1 is Monday, 7 is Sunday")]
Clock = Annotated[
    str, Field(min_length=5, max_length=5, pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="`HH:MM`")
]
Zone = Annotated[str, Field(min_length=1, max_length=MAX_ZONE_LENGTH, description="Such as `Europe/Berlin`")]
StrictBool = Annotated[bool, Field(strict=True)]
_LOAD = "How it is loaded, with the names of a load's request"


class ModelScheduleIn(Body):
    model: Model
    days: Days
    start: Clock = Field(alias="from")
    until: Clock = Field(description="On the next day if it is before `from`; the whole day if it is the same")
    time_zone: Zone
    unload_after: StrictBool = False
    enabled: StrictBool = True
    load: LoadOptions = Field(default_factory=LoadOptions, description=_LOAD)


class ModelSchedulePatch(Body):
    model: Model = left_out()
    days: Days = left_out()
    start: Clock = left_out(alias="from")
    until: Clock = left_out()
    time_zone: Zone = left_out()
    unload_after: StrictBool = left_out()
    enabled: StrictBool = left_out()
    load: LoadOptions = left_out()


class ScheduleProblemOut(Shape):
    message: str
    at: Time


class ModelScheduleOut(Shape):
    id: str
    model: str
    days: list[int]
    start: str = Field(alias="from")
    until: str
    time_zone: str
    unload_after: bool
    enabled: bool
    load: LoadOptions = Field(description=_LOAD)
    is_due: bool = Field(description="Whether the model has to be loaded now")
    last_problem: ScheduleProblemOut | None = Field(description="Why it isn't loaded; null once it is")


@model_schedules.get("", responses={200: Success[PageOut[ModelScheduleOut]]})
@needs(Permission.MANAGE)
@checked
def list_model_schedules(query: ListQuery) -> Response:
    """Schedules, newest first."""
    page = current.parts().schedules.page(query.window())
    return ok({"items": [_told(one) for one in page.items], "next_cursor": page.next_cursor})


@model_schedules.post("", responses={201: Success[ModelScheduleOut]})
@needs(Permission.MANAGE)
@checked
def create_model_schedule(body: ModelScheduleIn) -> Response:
    """Keep a model loaded during some hours."""
    draft = ScheduleDraft(
        model=body.model,
        days=tuple(body.days),
        start=_minute(body.start),
        end=_minute(body.until),
        time_zone=body.time_zone,
        unload_after=body.unload_after,
        enabled=body.enabled,
        wish=body.load.wish(),
        exclusive=body.load.exclusive,
    )
    return ok(_told(current.parts().schedules.create(draft, _actor())), 201)


@model_schedules.get("/<string:id>", responses={200: Success[ModelScheduleOut]})
@needs(Permission.MANAGE)
@checked
def one_model_schedule(path: ById) -> Response:
    """One schedule."""
    return ok(_told(current.parts().schedules.schedule(path.id)))


@model_schedules.patch("/<string:id>", responses={200: Success[ModelScheduleOut]})
@needs(Permission.MANAGE)
@checked
def change_model_schedule(path: ById, body: ModelSchedulePatch) -> Response:
    """Change a schedule; what is left out stays."""
    changes = body.given()
    if "days" in changes:
        changes["days"] = tuple(body.days)
    if "start" in changes:
        changes["start"] = _minute(body.start)
    if "until" in changes:
        changes["end"] = _minute(changes.pop("until"))
    if "load" in changes:
        load = changes.pop("load")
        changes |= {"wish": load.wish(), "exclusive": load.exclusive}
    schedule = current.parts().schedules.update(path.id, lambda old: replace(old, **changes), _actor())
    return ok(_told(schedule))


@model_schedules.delete("/<string:id>", responses={200: Success[Deleted]})
@needs(Permission.MANAGE)
@checked
def delete_model_schedule(path: ById) -> Response:
    """Remove a schedule; what is loaded stays loaded."""
    current.parts().schedules.delete(path.id, _actor())
    return ok({"id": path.id, "deleted": True})


def _told(schedule: ModelSchedule) -> dict[str, Any]:
    problem = schedule.problem
    return {
        "id": schedule.id,
        "model": schedule.model,
        "days": list(schedule.days),
        "from": clock(schedule.start),
        "until": clock(schedule.end),
        "time_zone": schedule.time_zone,
        "unload_after": schedule.unload_after,
        "enabled": schedule.enabled,
        "load": {
            "exclusive": schedule.exclusive,
            "context_length": schedule.wish.context_length,
            **schedule.wish.options,
        },
        "is_due": current.parts().schedules.is_due(schedule),
        "last_problem": None if problem is None else {"message": problem.message, "at": iso(problem.at)},
    }


def _minute(text: str) -> int:
    """`HH:MM` as minutes since midnight."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _actor() -> Actor:
    return Actor.of(current.caller(), current.request_id())
