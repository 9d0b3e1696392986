"""/api/v1/auth: signing in and out, staying signed in, one's own password and sessions."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask.blueprints import BlueprintSetupState
from pydantic import Field

from app.admin.sign_in import ACCESS_TOKEN_S, REFRESH_LIFETIME, Device, SignedIn, WrongPassword
from app.api import current, tokens
from app.api.admin.shapes import FAILURES, Body, ById, Deleted, ListQuery, PageOut, Success
from app.api.auth import during_password_change, people_only, public
from app.api.envelope import ok
from app.api.limiter import address, limited, route_limits
from app.api.origin import same_site_only
from app.api.parsing import checked
from app.api.routes import APIBlueprint, Tag
from app.api.shape import Shape
from app.api.times import Time
from app.domain.accounts import Permission, Role, Session, User
from app.domain.audit import Actor
from app.domain.errors import CredentialInvalid, CredentialMissing, NotAuthenticated

PATH = "/api/v1/auth"
COOKIE = "pb_refresh"

auth_routes = APIBlueprint(
    "auth",
    __name__,
    url_prefix=PATH,
    abp_tags=[Tag(name="Sign-in", description="For people; API keys are refused here.")],
    abp_responses=FAILURES,
)


@auth_routes.record_once
def _configure(state: BlueprintSetupState) -> None:
    tokens.configure(cast("Flask", state.app))


class LoginIn(Body):
    username: str = Field(min_length=1, max_length=150)
    password: str = Field(min_length=1, max_length=1024)


class ChangePasswordIn(Body):
    current_password: str = Field(min_length=1, max_length=1024)
    new_password: str = Field(min_length=1, max_length=1024)


class MeOut(Shape):
    """The person who is signed in; `permissions` are those that count, also those that come with the role."""

    id: str
    username: str
    role: Role
    permissions: list[Permission]
    must_change_password: bool

    @staticmethod
    def of(user: User) -> MeOut:
        return MeOut(
            id=user.id,
            username=user.username,
            role=user.role,
            permissions=sorted(user.effective_permissions),
            must_change_password=user.must_change_password,
        )


class SignedInOut(Shape):
    access_token: str
    expires_in: int = Field(description="Seconds")
    user: MeOut


class SessionOut(Shape):
    id: str
    current: bool
    address: str
    user_agent: str
    created_at: Time
    last_seen_at: Time
    expires_at: Time

    @staticmethod
    def of(session: Session, current_id: str | None) -> SessionOut:
        return SessionOut(
            id=session.id,
            current=session.id == current_id,
            address=session.address,
            user_agent=session.user_agent,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
        )


class SignedOut(Shape):
    signed_out: bool


@auth_routes.post("/login", responses={200: Success[SignedInOut]}, security=[])
@public
@limited
@checked
def login(body: LoginIn) -> Response:
    """Sign in: an access token, and a cookie that gets the next one."""
    device = Device(address(), request.user_agent.string)
    who = body.username.strip().casefold()
    with route_limits().counting(CredentialInvalid, "password", who, address()):
        signed_in = current.parts().sign_in.login(body.username, body.password, device)
    # Somebody made on the command line a moment ago is known to the database only.
    current.parts().state.refresh()
    return _signed_in(signed_in)


@auth_routes.post("/refresh", responses={200: Success[SignedInOut]}, security=[{"refresh_cookie": []}])
@public
@limited
@same_site_only
def refresh() -> Response:
    """The next access token, for the cookie."""
    token = request.cookies.get(COOKIE)
    if not token:
        raise CredentialMissing("There is no refresh cookie; sign in.")
    return _signed_in(current.parts().sign_in.refresh(token))


@auth_routes.post("/logout", responses={200: Success[SignedOut]}, security=[])
@public
@limited
@same_site_only
def logout() -> Response:
    """End the session of the cookie or of the access token, at once."""
    parts = current.parts()
    token = request.cookies.get(COOKIE)
    if token:
        parts.sign_in.logout_by_token(token)
    session_id = _session_of_header()
    if session_id is not None:
        parts.sign_in.logout(session_id)
    parts.state.refresh()
    reply = ok({"signed_out": True}, Cache_Control="no-store")
    reply.delete_cookie(COOKIE, path=_cookie_path(), secure=_is_secure(), httponly=True, samesite="Strict")
    return reply


@auth_routes.get("/profile", responses={200: Success[MeOut]})
@during_password_change
@people_only
def profile() -> Response:
    """Who is signed in."""
    return ok(MeOut.of(current.parts().accounts.user(current.caller().user_id)).model_dump())


@auth_routes.post("/change-password", responses={200: Success[MeOut]})
@during_password_change
@people_only
@checked
def change_password(body: ChangePasswordIn) -> Response:
    """Choose another password; the other sessions end."""
    caller, parts = current.caller(), current.parts()
    with route_limits().counting(WrongPassword, "password", caller.username.casefold(), address()):
        user = parts.sign_in.change_password(
            caller.user_id,
            body.current_password,
            body.new_password,
            by=Actor.of(caller, current.request_id()),
            session_id=caller.session_id,
        )
    parts.state.refresh()
    return ok(MeOut.of(user).model_dump())


@auth_routes.get("/sessions", responses={200: Success[PageOut[SessionOut]]})
@people_only
@checked
def sessions(query: ListQuery) -> Response:
    """Where one is signed in, newest first."""
    caller = current.caller()
    page = current.parts().sign_in.sessions(caller.user_id, query.window())
    items = [SessionOut.of(session, caller.session_id).model_dump() for session in page.items]
    return ok({"items": items, "next_cursor": page.next_cursor})


@auth_routes.delete("/sessions/<string:id>", responses={200: Success[Deleted]})
@people_only
@checked
def end_session(path: ById) -> Response:
    """Sign out somewhere else, at once."""
    current.parts().sign_in.revoke(path.id, current.caller().user_id)
    current.parts().state.refresh()
    return ok({"id": path.id, "deleted": True})


def _signed_in(signed_in: SignedIn) -> Response:
    data = SignedInOut(
        access_token=tokens.access_token(signed_in), expires_in=ACCESS_TOKEN_S, user=MeOut.of(signed_in.user)
    )
    reply = ok(data.model_dump(), Cache_Control="no-store")
    reply.set_cookie(
        COOKIE,
        signed_in.refresh_token,
        max_age=REFRESH_LIFETIME,
        path=_cookie_path(),
        secure=_is_secure(),
        httponly=True,
        samesite="Strict",
    )
    return reply


def _session_of_header() -> str | None:
    authorization = request.headers.get("Authorization")
    if authorization is None:
        return None
    try:
        return current.parts().credentials.caller(authorization, None).session_id
    except NotAuthenticated:
        # What is no longer good for anything is signed out already.
        return None


def _cookie_path() -> str:
    """Where the browser sees this blueprint: below PUBLIC_URL's path, or where a proxy says that we are."""
    public_url = current.parts().config.public_url
    prefix = urlsplit(public_url).path.rstrip("/") if public_url else ""
    return (prefix or request.script_root) + PATH


def _is_secure() -> bool:
    """Whether the browser speaks https, be it with a proxy in front of us."""
    public = urlsplit(current.parts().config.public_url or "")
    return request.is_secure or (public.scheme == "https" and public.netloc == request.host)
