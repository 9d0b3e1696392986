"""/api/v1/aliases: names of our own for models."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from flask import Response
from pydantic import Field

from app.admin.aliases import MAX_MODEL_LENGTH, MAX_NAME_LENGTH, AliasDraft
from app.api import current
from app.api.admin.shapes import FAILURES, Body, ById, Deleted, ListQuery, PageOut, Success, left_out
from app.api.auth import needs
from app.api.envelope import ok
from app.api.parsing import checked
from app.api.routes import APIBlueprint, Tag
from app.api.shape import Shape
from app.domain.accounts import Permission
from app.domain.audit import Actor
from app.domain.catalog import Alias, AliasTarget

aliases = APIBlueprint(
    "aliases",
    __name__,
    url_prefix="/api/v1/aliases",
    abp_tags=[Tag(name="Aliases", description="For administrators.")],
    abp_responses=FAILURES,
)

Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH)]
StrictBool = Annotated[bool, Field(strict=True)]


class TargetIn(Body):
    model: str = Field(min_length=1, max_length=MAX_MODEL_LENGTH, description="`<provider slug>/<model id>`")
    weight: int = Field(1, strict=True, ge=1, le=1000)

    def to_target(self) -> AliasTarget:
        return AliasTarget(self.model, self.weight)


Targets = Annotated[list[TargetIn], Field(min_length=1, max_length=1, description="Exactly one")]


class AliasIn(Body):
    name: Name
    targets: Targets
    enabled: StrictBool = True


class AliasPatch(Body):
    name: Name = left_out()
    targets: Targets = left_out()
    enabled: StrictBool = left_out()


class TargetOut(Shape):
    model: str
    weight: int


class AliasOut(Shape):
    id: str
    name: str
    targets: list[TargetOut]
    enabled: bool

    @staticmethod
    def of(alias: Alias) -> AliasOut:
        targets = [TargetOut(model=target.model, weight=target.weight) for target in alias.targets]
        return AliasOut(id=alias.id, name=alias.name, targets=targets, enabled=alias.enabled)


@aliases.get("", responses={200: Success[PageOut[AliasOut]]})
@needs(Permission.MANAGE)
@checked
def list_aliases(query: ListQuery) -> Response:
    """Aliases, newest first."""
    page = current.parts().aliases.page(query.window())
    return ok({"items": [AliasOut.of(alias).model_dump() for alias in page.items], "next_cursor": page.next_cursor})


@aliases.post("", responses={201: Success[AliasOut]})
@needs(Permission.MANAGE)
@checked
def create_alias(body: AliasIn) -> Response:
    """Give a model another name."""
    draft = AliasDraft(body.name, _targets(body.targets), body.enabled)
    alias = current.parts().aliases.create(draft, _actor())
    current.parts().state.refresh()
    return ok(AliasOut.of(alias).model_dump(), 201)


@aliases.get("/<string:id>", responses={200: Success[AliasOut]})
@needs(Permission.MANAGE)
@checked
def one_alias(path: ById) -> Response:
    """One alias."""
    return ok(AliasOut.of(current.parts().aliases.alias(path.id)).model_dump())


@aliases.patch("/<string:id>", responses={200: Success[AliasOut]})
@needs(Permission.MANAGE)
@checked
def change_alias(path: ById, body: AliasPatch) -> Response:
    """Change an alias; what is left out stays."""
    changes = body.given()
    if "targets" in changes:
        changes["targets"] = _targets(body.targets)
    alias = current.parts().aliases.update(path.id, lambda old: replace(old, **changes), _actor())
    current.parts().state.refresh()
    return ok(AliasOut.of(alias).model_dump())


@aliases.delete("/<string:id>", responses={200: Success[Deleted]})
@needs(Permission.MANAGE)
@checked
def delete_alias(path: ById) -> Response:
    """Remove an alias; calls that use its name fail from then on."""
    current.parts().aliases.delete(path.id, _actor())
    current.parts().state.refresh()
    return ok({"id": path.id, "deleted": True})


def _targets(targets: list[TargetIn]) -> tuple[AliasTarget, ...]:
    return tuple(target.to_target() for target in targets)


def _actor() -> Actor:
    return Actor.of(current.caller(), current.request_id())
