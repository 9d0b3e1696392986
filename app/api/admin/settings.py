"""/api/v1/settings: what administrators set at run time."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated

from flask import Response
from pydantic import Field

from app.admin.settings import MAX_MODEL_LENGTH, MAX_REQUESTS_PER_MINUTE
from app.api import current
from app.api.admin.shapes import FAILURES, Body, Success, left_out
from app.api.auth import needs
from app.api.envelope import ok
from app.api.parsing import checked
from app.api.routes import APIBlueprint, Tag
from app.api.shape import Shape
from app.domain.accounts import Permission
from app.domain.audit import Actor
from app.domain.settings import Settings

settings = APIBlueprint(
    "settings",
    __name__,
    url_prefix="/api/v1/settings",
    abp_tags=[Tag(name="Settings", description="For administrators.")],
    abp_responses=FAILURES,
)

Model = Annotated[str, Field(min_length=1, max_length=MAX_MODEL_LENGTH)]
StrictBool = Annotated[bool, Field(strict=True)]


class DefaultModelsPatch(Body):
    """Canonical names or aliases; null: the default provider's own default."""

    chat: Model | None = left_out()
    vision: Model | None = left_out()
    embedding: Model | None = left_out()


class SettingsPatch(Body):
    default_models: DefaultModelsPatch = left_out()
    personal_providers_allowed: StrictBool = left_out()
    personal_private_addresses_allowed: StrictBool = left_out()
    default_requests_per_minute: Annotated[int, Field(strict=True, ge=1, le=MAX_REQUESTS_PER_MINUTE)] | None = (
        left_out()
    )

    def applied_to(self, old: Settings) -> Settings:
        changes = self.given()
        if "default_models" in changes:
            changes["default_models"] = replace(old.default_models, **self.default_models.given())
        return replace(old, **changes)


class DefaultModelsOut(Shape):
    chat: str | None
    vision: str | None
    embedding: str | None


class SettingsOut(Shape):
    default_models: DefaultModelsOut
    personal_providers_allowed: bool
    personal_private_addresses_allowed: bool
    default_requests_per_minute: int | None


@settings.get("", responses={200: Success[SettingsOut]})
@needs(Permission.MANAGE)
def read_settings() -> Response:
    """All settings."""
    return ok(asdict(current.parts().settings.read()))


@settings.patch("", responses={200: Success[SettingsOut]})
@needs(Permission.MANAGE)
@checked
def change_settings(body: SettingsPatch) -> Response:
    """Change settings; what is left out stays."""
    by = Actor.of(current.caller(), current.request_id())
    changed = current.parts().settings.update(body.applied_to, by)
    current.parts().state.refresh()
    return ok(asdict(changed))
