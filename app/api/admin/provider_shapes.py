"""What the provider routes take and answer beside providers themselves."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from pydantic import Field, StrictInt

from app.api.admin.shapes import Body, ListQuery
from app.api.shape import Shape
from app.api.times import Time, TimeIn, iso
from app.domain.audit import AuditEntry
from app.providers.ladder import LadderReport


class ProvidersQuery(ListQuery):
    scope: Literal["shared", "personal", "all"] | None = Field(
        None, description="Shared ones and one's own unless given; `all` adds, for administrators, everybody's"
    )


class PresetOut(Shape):
    id: str
    label: str
    provider: str = Field(description="The kind")
    base_url: str
    needs_key: bool
    help: str
    docs_url: str


class FoundOut(Shape):
    """A server that can be added with these values."""

    provider: str = Field(description="The kind")
    preset: str
    base_url: str
    name: str
    models_count: int | None
    detail: str


class PresetsOut(Shape):
    items: list[PresetOut]


class FoundsOut(Shape):
    items: list[FoundOut]


class DiscoverQuery(Body):
    network: str | None = Field(None, max_length=100, description="A private network, such as 192.168.1.0/24")


class StepOut(Shape):
    step: Literal["resolve", "connect", "tls", "http", "auth", "models", "completion"]
    ok: bool
    ms: float
    detail: str


class LadderOut(Shape):
    ok: bool
    steps: list[StepOut]
    diagnosis: str
    message: str
    repair: dict[str, str] | None = Field(description="Fields of the provider that would mend it")


class RollbackIn(Body):
    version: StrictInt = Field(ge=1, le=2**31 - 1)


class VersionOut(Shape):
    version: int
    configuration: dict[str, Any] = Field(description="Without secrets")
    changed_by: str | None = Field(description="A username; null for the environment")
    created_at: Time


class AuditQuery(ListQuery):
    from_: TimeIn | None = Field(None, alias="from")
    to: TimeIn | None = None
    provider: str | None = Field(
        None, max_length=100, pattern=r"^[a-z0-9-]+$", description="Slug or id, also of one that is gone"
    )
    action: str | None = Field(None, max_length=60, pattern=r"^\w+$", description="create, update, delete, activate …")
    user: str | None = Field(None, max_length=36, pattern=r"^[a-z0-9-]+$", description="Id of who made the change")
    object_type: str = Field(
        "provider", max_length=40, pattern=r"^\w+$", description="Also user, api_key, alias, settings; or all"
    )


class ActorOut(Shape):
    id: str | None
    name: str


class AuditOut(Shape):
    id: str
    at: Time
    actor: ActorOut
    action: str
    object_type: str
    object_id: str
    object_name: str = Field(description="A provider's slug")
    old: dict[str, Any] | None
    new: dict[str, Any] | None
    request_id: str | None


def ladder_json(report: LadderReport) -> dict[str, Any]:
    return {
        "ok": report.ok,
        "steps": [asdict(step) for step in report.steps],
        "diagnosis": report.diagnosis,
        "message": report.message,
        "repair": None if report.repair is None else dict(report.repair),
    }


def audit_json(entry: AuditEntry) -> dict[str, Any]:
    change = entry.change
    return {
        "id": entry.id,
        "at": iso(entry.at),
        "actor": {"id": entry.actor.id, "name": entry.actor.name},
        "action": change.action,
        "object_type": change.object_type,
        "object_id": change.object_id,
        "object_name": change.object_name,
        "old": change.old,
        "new": change.new,
        "request_id": entry.actor.request_id,
    }
