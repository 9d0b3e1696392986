"""/api/v1/users: who may sign in."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from flask import Response
from pydantic import Field

from app.admin.accounts import MAX_NAME_LENGTH, UserDraft
from app.admin.passwords import one_time_password
from app.api import current
from app.api.admin.shapes import FAILURES, Body, ById, Deleted, ListQuery, PageOut, Success, left_out
from app.api.auth import needs, people_only
from app.api.envelope import ok
from app.api.parsing import checked
from app.api.routes import APIBlueprint, Tag
from app.api.shape import Shape
from app.api.times import Time
from app.domain.accounts import Permission, Role, User
from app.domain.audit import Actor

users = APIBlueprint(
    "users",
    __name__,
    url_prefix="/api/v1/users",
    abp_tags=[Tag(name="Users", description="For administrators.")],
    abp_responses=FAILURES,
)

Username = Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH)]
Password = Annotated[str, Field(min_length=1, max_length=1024)]
StrictBool = Annotated[bool, Field(strict=True)]


class UserIn(Body):
    username: Username
    password: Password | None = Field(None, description="Without one, a one-time password is made and shown once")
    role: Role = Role.USER
    permissions: set[Permission] = Field(set(), description="Of personal_providers, load_models")
    enabled: StrictBool = True
    must_change_password: StrictBool = True


class UserPatch(Body):
    username: Username = left_out()
    password: Password = left_out()
    role: Role = left_out()
    permissions: set[Permission] = left_out()
    enabled: StrictBool = left_out()
    must_change_password: StrictBool = left_out()


class UserOut(Shape):
    """`permissions` are those that were granted; an administrator has all of them anyway."""

    id: str
    username: str
    role: Role
    permissions: list[Permission]
    enabled: bool
    must_change_password: bool
    created_at: Time
    updated_at: Time
    last_login_at: Time | None

    @staticmethod
    def of(user: User) -> UserOut:
        return UserOut(
            id=user.id,
            username=user.username,
            role=user.role,
            permissions=sorted(user.permissions),
            enabled=user.enabled,
            must_change_password=user.must_change_password,
            created_at=user.created_at,
            updated_at=user.updated_at,
            last_login_at=user.last_login_at,
        )


class NewUserOut(UserOut):
    one_time_password: str | None = Field(description="To be changed at the first sign-in; shown this once")


class OneTimePasswordOut(Shape):
    username: str
    one_time_password: str


@users.get("", responses={200: Success[PageOut[UserOut]]})
@people_only
@needs(Permission.MANAGE)
@checked
def list_users(query: ListQuery) -> Response:
    """Everybody, newest first."""
    page = current.parts().accounts.page(query.window())
    return ok({"items": [UserOut.of(user).model_dump() for user in page.items], "next_cursor": page.next_cursor})


@users.post("", responses={201: Success[NewUserOut]})
@people_only
@needs(Permission.MANAGE)
@checked
def create_user(body: UserIn) -> Response:
    """Make a user."""
    made = None if body.password is not None else one_time_password()
    draft = UserDraft(body.username, body.role, frozenset(body.permissions), body.enabled)
    user = current.parts().accounts.create(
        draft,
        body.password or made or "",
        _actor(),
        must_change_password=made is not None or body.must_change_password,
    )
    current.parts().state.refresh()
    return ok({**UserOut.of(user).model_dump(), "one_time_password": made}, 201)


@users.get("/<string:id>", responses={200: Success[UserOut]})
@people_only
@needs(Permission.MANAGE)
@checked
def one_user(path: ById) -> Response:
    """One user."""
    return ok(UserOut.of(current.parts().accounts.user(path.id)).model_dump())


@users.patch("/<string:id>", responses={200: Success[UserOut]})
@people_only
@needs(Permission.MANAGE)
@checked
def change_user(path: ById, body: UserPatch) -> Response:
    """Change a user; what is left out stays. Another password ends the user's sessions."""
    parts = current.parts()
    changes = body.given()
    password = changes.pop("password", None)
    if "permissions" in changes:
        changes["permissions"] = frozenset(body.permissions)
    if password is not None:
        changes.setdefault("must_change_password", True)
    user = parts.accounts.update(path.id, lambda old: replace(old, **changes), _actor(), password=password)
    parts.state.refresh()
    return ok(UserOut.of(user).model_dump())


@users.post("/<string:id>/reset-password", responses={200: Success[OneTimePasswordOut]})
@people_only
@needs(Permission.MANAGE)
@checked
def reset_password(path: ById) -> Response:
    """Give a user a one-time password; the user's sessions end."""
    made = current.parts().accounts.reset_password(path.id, _actor())
    current.parts().state.refresh()
    return ok({"username": made.username, "one_time_password": made.password}, Cache_Control="no-store")


@users.delete("/<string:id>", responses={200: Success[Deleted]})
@people_only
@needs(Permission.MANAGE)
@checked
def delete_user(path: ById) -> Response:
    """Remove a user with keys, sessions and personal providers."""
    current.parts().accounts.delete(path.id, _actor())
    current.parts().state.refresh()
    return ok({"id": path.id, "deleted": True})


def _actor() -> Actor:
    return Actor.of(current.caller(), current.request_id())
