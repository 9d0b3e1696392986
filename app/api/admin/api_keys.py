"""/api/v1/api-keys: credentials of services; one's own, or everybody's for administrators."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from flask import Response
from pydantic import Field

from app.admin.api_keys import (
    MAX_MODEL_LENGTH,
    MAX_MODELS,
    MAX_NAME_LENGTH,
    MAX_REQUESTS_PER_MINUTE,
    KeyDraft,
    NewKey,
)
from app.api import current
from app.api.admin.shapes import FAILURES, Body, ById, Deleted, ListQuery, PageOut, Success, left_out
from app.api.auth import people_only
from app.api.envelope import ok
from app.api.parsing import checked
from app.api.routes import APIBlueprint, Tag
from app.api.shape import Shape
from app.api.times import Time, TimeIn
from app.domain.accounts import ApiKey
from app.domain.audit import Actor
from app.domain.errors import NotFound

api_keys = APIBlueprint(
    "api_keys",
    __name__,
    url_prefix="/api/v1/api-keys",
    abp_tags=[Tag(name="API keys", description="For people; a key can't make or see keys.")],
    abp_responses=FAILURES,
)

Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH)]
Model = Annotated[str, Field(min_length=1, max_length=MAX_MODEL_LENGTH)]
Models = Annotated[
    list[Model], Field(min_length=1, max_length=MAX_MODELS, description="Names or patterns (groq/*); null: all")
]
Rate = Annotated[int, Field(strict=True, ge=1, le=MAX_REQUESTS_PER_MINUTE)]


class KeyIn(Body):
    name: Name
    models: Models | None = None
    requests_per_minute: Rate | None = None
    expires_at: TimeIn | None = None


class KeyPatch(Body):
    name: Name = left_out()
    models: Models | None = left_out()
    requests_per_minute: Rate | None = left_out()
    expires_at: TimeIn | None = left_out()


class KeyOut(Shape):
    """`prefix` is how the key begins, to recognise it by."""

    id: str
    name: str
    prefix: str
    user_id: str
    username: str | None
    models: list[str] | None
    requests_per_minute: int | None
    expires_at: Time | None
    created_at: Time
    last_used_at: Time | None

    @staticmethod
    def of(key: ApiKey) -> KeyOut:
        owner = current.parts().state.current.users.get(key.user_id)
        return KeyOut(
            id=key.id,
            name=key.name,
            prefix=key.prefix,
            user_id=key.user_id,
            username=None if owner is None else owner.username,
            models=None if key.models is None else list(key.models),
            requests_per_minute=key.requests_per_minute,
            expires_at=key.expires_at,
            created_at=key.created_at,
            last_used_at=key.last_used_at,
        )


class NewKeyOut(KeyOut):
    key: str = Field(description="The secret; shown this once")


class KeysQuery(ListQuery):
    user: str | None = Field(None, max_length=150, description="Id or name of a user; others' for administrators only")


@api_keys.get("", responses={200: Success[PageOut[KeyOut]]})
@people_only
@checked
def list_keys(query: KeysQuery) -> Response:
    """Keys, newest first."""
    page = current.parts().api_keys.page(_owner(query.user), query.window())
    return ok({"items": [KeyOut.of(key).model_dump() for key in page.items], "next_cursor": page.next_cursor})


@api_keys.post("", responses={201: Success[NewKeyOut]})
@people_only
@checked
def create_key(body: KeyIn) -> Response:
    """Make a key; the answer is the only one that shows it."""
    draft = KeyDraft(body.name, _names(body.models), body.requests_per_minute, body.expires_at)
    made = current.parts().api_keys.create(current.caller().user_id, draft, _actor())
    current.parts().state.refresh()
    return _shown_once(made, 201)


@api_keys.get("/<string:id>", responses={200: Success[KeyOut]})
@people_only
@checked
def one_key(path: ById) -> Response:
    """One key, without its secret."""
    return ok(KeyOut.of(current.parts().api_keys.key(path.id, current.caller())).model_dump())


@api_keys.patch("/<string:id>", responses={200: Success[KeyOut]})
@people_only
@checked
def change_key(path: ById, body: KeyPatch) -> Response:
    """Change a key's settings; what is left out stays, null takes a limit away."""
    changes: dict[str, Any] = body.given()
    if "models" in changes:
        changes["models"] = _names(body.models)
    key = current.parts().api_keys.update(path.id, lambda old: replace(old, **changes), current.caller(), _actor())
    current.parts().state.refresh()
    return ok(KeyOut.of(key).model_dump())


@api_keys.post("/<string:id>/rotate", responses={200: Success[NewKeyOut]})
@people_only
@checked
def rotate_key(path: ById) -> Response:
    """Another secret with the same settings; the old one ends at once."""
    made = current.parts().api_keys.rotate(path.id, current.caller(), _actor())
    current.parts().state.refresh()
    return _shown_once(made, 200)


@api_keys.delete("/<string:id>", responses={200: Success[Deleted]})
@people_only
@checked
def revoke_key(path: ById) -> Response:
    """End a key at once."""
    current.parts().api_keys.revoke(path.id, current.caller(), _actor())
    current.parts().state.refresh()
    return ok({"id": path.id, "deleted": True})


def _owner(reference: str | None) -> str | None:
    """Whose keys are asked for; None: everyone's. Raises NotFound for people whom the caller may not see."""
    caller = current.caller()
    if reference is None:
        return None if caller.is_admin else caller.user_id
    if reference == caller.user_id or reference.casefold() == caller.username.casefold():
        return caller.user_id
    if not caller.is_admin:
        raise NotFound("There is no such user.")
    known = current.parts().state.current.users
    return reference if reference in known else current.parts().accounts.named(reference).id


def _names(models: list[str] | None) -> tuple[str, ...] | None:
    return None if models is None else tuple(models)


def _shown_once(made: NewKey, status: int) -> Response:
    return ok({**KeyOut.of(made.key).model_dump(), "key": made.secret}, status, Cache_Control="no-store")


def _actor() -> Actor:
    return Actor.of(current.caller(), current.request_id())
