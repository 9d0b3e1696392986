"""Who may do what: every route and method of the application with every sort of caller, against a written table."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from typing import Any

import pytest
from flask import Flask

from app.domain.accounts import Permission, Role
from tests.api.callers import Doorstep, failure

NOBODYS_ID = "00000000-0000-4000-8000-000000000000"


class Access(Enum):
    PUBLIC = auto()
    ANY = auto()
    """Any caller; what is somebody else's is 404."""
    PEOPLE = auto()
    """No API keys."""
    CHANGING = auto()
    """People, also those who have to change their password first."""
    ADMIN = auto()
    ADMIN_PEOPLE = auto()
    PERSONAL = auto()
    """Administrators, and with the permission personal_providers everybody."""
    LOADING = auto()
    """Administrators, and with the permission load_models everybody."""


OLDER = ("/lmstudio-service", "/llama-chat", "/ai-library")
PUBLIC, ANY, PEOPLE, CHANGING, ADMIN, ADMIN_PEOPLE, PERSONAL, LOADING = Access

TABLE: dict[str, dict[str, Access]] = {
    "/healthz": {"GET": PUBLIC},
    "/readyz": {"GET": PUBLIC},
    "/metrics": {"GET": ADMIN},
    "/docs": {"GET": PUBLIC},
    "/api/docs": {"GET": PUBLIC},
    "/redoc": {"GET": PUBLIC},
    "/openapi.json": {"GET": PUBLIC},
    "/docs/assets/<package>/<path:name>": {"GET": PUBLIC},
    "/v1/models": {"GET": ANY},
    "/v1/models/<path:model_id>": {"GET": ANY},
    "/v1/chat/completions": {"POST": ANY},
    "/v1/completions": {"POST": ANY},
    "/v1/embeddings": {"POST": ANY},
    "/v1/responses": {"POST": ANY},
    "/v1/responses/<string:id>": {"GET": ANY, "DELETE": ANY},
    "/openai/v1/responses": {"POST": ANY},
    "/openai/v1/responses/<string:id>": {"GET": ANY, "DELETE": ANY},
    "/v1/audio/transcriptions": {"POST": ANY},
    "/v1/audio/speech": {"POST": ANY},
    "/v1/images/generations": {"POST": ANY},
    "/v1/moderations": {"POST": ANY},
    "/v1/rerank": {"POST": ANY},
    "/openai/v1/audio/transcriptions": {"POST": ANY},
    "/openai/v1/audio/speech": {"POST": ANY},
    "/openai/v1/images/generations": {"POST": ANY},
    "/openai/v1/moderations": {"POST": ANY},
    "/openai/v1/rerank": {"POST": ANY},
    "/v1/messages": {"POST": ANY},
    "/v1/messages/count_tokens": {"POST": ANY},
    "/openai/v1/messages": {"POST": ANY},
    "/openai/v1/messages/count_tokens": {"POST": ANY},
    "/openai/v1/models": {"GET": ANY},
    "/openai/v1/models/<path:model_id>": {"GET": ANY},
    "/openai/v1/chat/completions": {"POST": ANY},
    "/openai/v1/completions": {"POST": ANY},
    "/openai/v1/embeddings": {"POST": ANY},
    "/api/v1/auth/login": {"POST": PUBLIC},
    "/api/v1/auth/refresh": {"POST": PUBLIC},
    "/api/v1/auth/logout": {"POST": PUBLIC},
    "/api/v1/auth/profile": {"GET": CHANGING},
    "/api/v1/auth/change-password": {"POST": CHANGING},
    "/api/v1/auth/sessions": {"GET": PEOPLE},
    "/api/v1/auth/sessions/<string:id>": {"DELETE": PEOPLE},
    "/api/v1/api-keys": {"GET": PEOPLE, "POST": PEOPLE},
    "/api/v1/api-keys/<string:id>": {"GET": PEOPLE, "PATCH": PEOPLE, "DELETE": PEOPLE},
    "/api/v1/api-keys/<string:id>/rotate": {"POST": PEOPLE},
    "/api/v1/users": {"GET": ADMIN_PEOPLE, "POST": ADMIN_PEOPLE},
    "/api/v1/users/<string:id>": {"GET": ADMIN_PEOPLE, "PATCH": ADMIN_PEOPLE, "DELETE": ADMIN_PEOPLE},
    "/api/v1/users/<string:id>/reset-password": {"POST": ADMIN_PEOPLE},
    "/api/v1/aliases": {"GET": ADMIN, "POST": ADMIN},
    "/api/v1/aliases/<string:id>": {"GET": ADMIN, "PATCH": ADMIN, "DELETE": ADMIN},
    "/api/v1/model-schedules": {"GET": ADMIN, "POST": ADMIN},
    "/api/v1/model-schedules/<string:id>": {"GET": ADMIN, "PATCH": ADMIN, "DELETE": ADMIN},
    "/api/v1/settings": {"GET": ADMIN, "PATCH": ADMIN},
    "/api/v1/usage/summary": {"GET": ANY},
    "/api/v1/usage/series": {"GET": ANY},
    "/api/v1/usage/requests": {"GET": ANY},
    "/api/v1/usage/export.csv": {"GET": ANY},
    "/api/v1/llm-providers": {"GET": ANY, "POST": PERSONAL},
    "/api/v1/llm-providers/active": {"GET": ANY},
    "/api/v1/llm-providers/presets": {"GET": ANY},
    "/api/v1/llm-providers/discover": {"GET": ADMIN},
    "/api/v1/llm-providers/audit-logs": {"GET": ADMIN},
    "/api/v1/llm-providers/test": {"POST": PERSONAL},
    # A shared provider; whose personal ones are whose has tests of its own below.
    "/api/v1/llm-providers/<provider:id>": {"GET": ADMIN, "PUT": ADMIN, "PATCH": ADMIN, "DELETE": ADMIN},
    "/api/v1/llm-providers/<provider:id>/activate": {"POST": ADMIN},
    "/api/v1/llm-providers/<provider:id>/test": {"POST": ADMIN},
    "/api/v1/llm-providers/<provider:id>/versions": {"GET": ADMIN},
    "/api/v1/llm-providers/<provider:id>/rollback": {"POST": ADMIN},
    "/api/v1/llm-providers/models": {"GET": ANY},
    "/api/v1/llm-providers/models/<path:model_id>": {"GET": ANY, "DELETE": ADMIN},
    "/api/v1/llm-providers/models/load": {"POST": LOADING},
    "/api/v1/llm-providers/models/unload": {"POST": LOADING},
    "/api/v1/llm-providers/models/download": {"POST": ADMIN},
    "/api/v1/llm-providers/models/operations": {"GET": LOADING},
    "/api/v1/llm-providers/models/operations/<string:id>": {"GET": LOADING},
    "/api/v1/llm-providers/models/operations/<string:id>/stop": {"POST": LOADING},
    "/api/v1/llm-providers/chat": {"POST": ANY},
    "/api/v1/llm-providers/completions": {"POST": ANY},
    "/api/v1/llm-providers/embeddings": {"POST": ANY},
    "/api/v1/conversations": {"GET": ANY, "POST": ANY},
    "/api/v1/conversations/<string:id>": {"GET": ANY, "PATCH": ANY, "DELETE": ANY},
    "/api/v1/conversations/<string:id>/restore": {"POST": ANY},
    "/api/v1/conversations/<string:id>/title": {"POST": ANY},
    "/api/v1/conversations/<string:id>/messages": {"GET": ANY, "POST": ANY},
    "/api/v1/conversations/<string:id>/messages/<string:message_id>": {"GET": ANY, "PATCH": ANY, "DELETE": ANY},
    "/api/v1/conversations/<string:id>/messages/<string:message_id>/restore": {"POST": ANY},
    "/api/v1/conversations/<string:id>/messages/<string:message_id>/regenerate": {"POST": ANY},
    "/api/v1/conversations/<string:id>/messages/<string:message_id>/request": {"GET": ANY},
    "/api/v1/generations/<string:id>": {"GET": ANY},
    "/api/v1/generations/<string:id>/events": {"GET": ANY},
    "/api/v1/generations/<string:id>/stop": {"POST": ANY},
    "/api/v1/conversations/export": {"GET": ANY},
    "/api/v1/conversations/<string:id>/export": {"GET": ANY},
    "/api/v1/conversations/import": {"POST": ANY},
    "/api/v1/conversations/search": {"GET": ANY},
    "/api/v1/attachments": {"POST": ANY},
    "/api/v1/attachments/<string:id>": {"GET": ANY, "DELETE": ANY},
    "/api/v1/attachments/<string:id>/text": {"GET": ANY},
    "/api/v1/folders": {"GET": ANY, "POST": ANY},
    "/api/v1/folders/<string:id>": {"GET": ANY, "PATCH": ANY, "DELETE": ANY},
    "/api/v1/presets": {"GET": ANY, "POST": ANY},
    "/api/v1/presets/<string:id>": {"GET": ANY, "PATCH": ANY, "DELETE": ANY},
    "/lmstudio-service/health": {"GET": ANY},
    "/lmstudio-service/help": {"GET": PUBLIC},
    "/lmstudio-service/models": {"GET": ANY},
    "/lmstudio-service/models/load": {"POST": LOADING},
    "/lmstudio-service/models/unload": {"POST": LOADING},
    "/lmstudio-service/chat": {"POST": ANY},
    "/lmstudio-service/chat/stream": {"POST": ANY},
    "/lmstudio-service/chat/regular": {"POST": ANY},
    "/lmstudio-service/chat/regular/stream": {"POST": ANY},
    "/lmstudio-service/chat/vision": {"POST": ANY},
    "/lmstudio-service/chat/vision/stream": {"POST": ANY},
    "/llama-chat": {"GET": ANY},
    "/llama-chat/": {"GET": ANY},
    "/llama-chat/health": {"GET": ANY},
    "/llama-chat/chat": {"POST": ANY},
    "/llama-chat/chat/stream": {"POST": ANY},
    "/llama-chat/chat/clear": {"POST": ANY},
    "/llama-chat/sessions": {"GET": ANY},
    "/ai-library/api/chat/stream": {"POST": ANY},
    "/ai-library/api/conversations/<string:id>": {"GET": ANY, "DELETE": ANY},
    "/ai-library/health": {"GET": ANY},
    **{f"{face}/{page}": {"GET": PUBLIC} for face in OLDER for page in ("docs", "redoc", "openapi.json")},
}

SHARED: dict[str, object] = {
    "provider": "openai_compatible",
    "name": "Shared",
    "slug": "shared",
    "base_url": "http://127.0.0.1:9/v1",
}
# Where rights depend on what is asked for, it is asked for something.
BODIES: dict[tuple[str, str], object] = {
    ("POST", "/api/v1/llm-providers"): {**SHARED, "name": "Another", "slug": "another"},
    ("POST", "/api/v1/llm-providers/test"): SHARED,
    ("PUT", "/api/v1/llm-providers/<provider:id>"): SHARED,
    ("PATCH", "/api/v1/llm-providers/<provider:id>"): {},
}
LAST = "/api/v1/auth/logout"

IN = "in"
MISSING = (401, "credential_missing")
INVALID = (401, "credential_invalid")
EXPIRED = (401, "credential_expired")
NOT_ALLOWED = (403, "not_allowed")
KEY_NOT_ALLOWED = (403, "key_not_allowed")
CHANGE_FIRST = (403, "password_change_required")

Verdict = str | tuple[int, str]

FOR_PEOPLE = {PEOPLE, CHANGING, ADMIN_PEOPLE}
FOR_ADMINS = {ADMIN, ADMIN_PEOPLE}


class Who(Enum):
    """A sort of caller: what it is refused, by access."""

    NOBODY = "nobody"
    USER = "user"
    USER_WITH_PERMISSIONS = "user with permissions"
    ADMIN = "admin"
    USERS_KEY = "user's key"
    ADMINS_KEY = "admin's key"
    KEY_WITH_LIST = "key with a model list"
    MUST_CHANGE = "user who must change the password"
    EXPIRED_KEY = "expired key"
    REVOKED_KEY = "revoked key"
    EXPIRED_TOKEN = "expired access token"
    ENDED_TOKEN = "access token of an ended session"
    DISABLED = "disabled user"
    DISABLED_KEY = "disabled user's key"
    DELETED = "deleted user"

    def verdict(self, access: Access) -> Verdict:
        if access is PUBLIC:
            return IN
        match self:
            case Who.NOBODY:
                return MISSING
            case Who.EXPIRED_KEY | Who.EXPIRED_TOKEN:
                return EXPIRED
            case Who.REVOKED_KEY | Who.ENDED_TOKEN | Who.DISABLED | Who.DISABLED_KEY | Who.DELETED:
                return INVALID
            case Who.MUST_CHANGE:
                return IN if access is CHANGING else CHANGE_FIRST
            case Who.ADMIN:
                return IN
            case Who.ADMINS_KEY:
                return KEY_NOT_ALLOWED if access in FOR_PEOPLE else IN
            case Who.USERS_KEY | Who.KEY_WITH_LIST:
                if access in FOR_PEOPLE:
                    return KEY_NOT_ALLOWED
                return NOT_ALLOWED if access in {*FOR_ADMINS, PERSONAL, LOADING} else IN
            case Who.USER_WITH_PERMISSIONS:
                return NOT_ALLOWED if access in FOR_ADMINS else IN
            case Who.USER:
                return NOT_ALLOWED if access in {*FOR_ADMINS, PERSONAL, LOADING} else IN


def credentials(door: Doorstep) -> dict[Who, str | None]:
    admin, user = door.person("Ada", Role.ADMIN), door.person("Uri")
    granted = door.person("Gil", Role.USER, Permission.PERSONAL_PROVIDERS, Permission.LOAD_MODELS)
    new, disabled, deleted = door.person("Nia", must_change=True), door.person("Dis"), door.person("Del")
    made = {
        Who.NOBODY: None,
        Who.USER: door.token(user),
        Who.USER_WITH_PERMISSIONS: door.token(granted),
        Who.ADMIN: door.token(admin),
        Who.USERS_KEY: door.key(user),
        Who.ADMINS_KEY: door.key(admin),
        Who.KEY_WITH_LIST: door.key(user, models=("shared/one",)),
        Who.MUST_CHANGE: door.token(new),
        Who.EXPIRED_KEY: door.expired_key(admin),
        Who.REVOKED_KEY: door.revoked_key(admin),
        Who.EXPIRED_TOKEN: door.expired_token(admin),
        Who.ENDED_TOKEN: door.ended_token(admin),
        Who.DISABLED: door.token(disabled),
        Who.DISABLED_KEY: door.key(disabled),
        Who.DELETED: door.token(deleted),
    }
    boss = door.client(made[Who.ADMIN])
    assert boss.ask("PATCH", f"/api/v1/users/{disabled.id}", json={"enabled": False}).status_code == 200
    assert boss.ask("DELETE", f"/api/v1/users/{deleted.id}").status_code == 200
    allow = {"personal_providers_allowed": True}
    assert boss.ask("PATCH", "/api/v1/settings", json=allow).status_code == 200
    return made


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    """Method and rule. Signing out comes last: it ends the credential it comes with."""
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule == LAST, rule.rule))
    for rule in rules:
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule.rule


def test_every_route_has_a_line_in_the_table_and_every_line_a_route(app: Flask) -> None:
    assert set(routes(app)) == {(method, rule) for rule, methods in TABLE.items() for method in methods}


def test_every_route_lets_in_exactly_those_whom_the_table_names(door: Doorstep) -> None:
    provider = door.provider()
    expected: dict[tuple[str, str, str], Verdict] = {}
    found: dict[tuple[str, str, str], Verdict] = {}

    for who, token in credentials(door).items():
        asker = door.client(token)
        for method, rule in routes(door.app):
            place = (who.value, method, rule)
            reply = asker.ask(method, address(rule, provider.id), json=BODIES.get((method, rule)))
            found[place] = failure(reply) if reply.status_code in (401, 403) else IN
            expected[place] = in_words_of(rule, who.verdict(TABLE[rule][method]))

    # Public routes of the sign-in have a credential of their own, which none of these has.
    for who in Who:
        expected[who.value, "POST", "/api/v1/auth/refresh"] = MISSING
    assert found == expected


def in_words_of(path: str, verdict: Verdict) -> Verdict:
    """OpenAI's face has one code for every unknown credential, Anthropic's a type for each status, older ones none."""
    if path.startswith(OLDER) and not isinstance(verdict, str):
        return verdict[0], ""
    if path.startswith(("/v1/messages", "/openai/v1/messages")) and not isinstance(verdict, str):
        return verdict[0], {401: "authentication_error", 403: "permission_error"}[verdict[0]]
    is_v1 = path.startswith(("/v1/", "/openai/v1/"))
    return (401, "invalid_api_key") if is_v1 and verdict[0] == 401 else verdict


def address(rule: str, provider_id: str) -> str:
    names = {
        "<string:id>": NOBODYS_ID,
        "<string:message_id>": NOBODYS_ID,
        "<provider:id>": provider_id,
        "<path:model_id>": "one",
        "<package>": "start",
        "<path:name>": "redoc-start.js",
    }
    for name, value in names.items():
        rule = rule.replace(name, value)
    return rule


@pytest.mark.parametrize("header", ["X-API-Key", "Authorization"])
def test_a_key_may_come_in_either_header(door: Doorstep, header: str) -> None:
    key = door.key(door.person("Uri"))

    reply = door.client().get("/v1/models", headers={header: key if header == "X-API-Key" else f"Bearer {key}"})

    assert reply.status_code == 200


CHATS = ["/v1/chat/completions", "/openai/v1/chat/completions", "/api/v1/llm-providers/chat"]
ASK = {"model": "shared/one", "messages": [{"role": "user", "content": "hello"}]}


@pytest.mark.parametrize("path", CHATS)
@pytest.mark.parametrize(
    "who", [who for who in Who if who.verdict(ANY) != IN], ids=lambda who: who.value.replace(" ", "-")
)
def test_a_model_call_refuses_who_may_not_come_in_before_it_looks_at_the_body(
    door: Doorstep, path: str, who: Who
) -> None:
    token = credentials(door)[who]

    replies = [door.client(token).post(path, ASK), door.client(token).ask("POST", path, data=b"not JSON")]

    assert [failure(reply) for reply in replies] == [in_words_of(path, who.verdict(ANY))] * 2


@pytest.mark.parametrize("path", CHATS)
def test_a_model_outside_the_keys_list_is_refused_and_hidden(door: Doorstep, path: str, upstream: Any) -> None:
    upstream.will_list("one", "two")
    door.provider(base_url=upstream.base_url)
    asker = door.client(door.key(door.person("Uri"), models=("shared/two",)))

    called = asker.post(path, ASK)
    listed = asker.get("/v1/models").json
    native = asker.get("/api/v1/llm-providers/models").json
    looked_up = [
        failure(asker.get(f"{prefix}/shared/one")) for prefix in ("/v1/models", "/api/v1/llm-providers/models")
    ]

    assert failure(called) == (403, "model_not_allowed")
    assert listed is not None
    assert [model["id"] for model in listed["data"]] == ["shared/two"]
    assert native is not None
    assert [model["id"] for model in native["data"]["models"]] == ["shared/two"]
    assert looked_up == [(404, "model_not_found")] * 2


def test_other_peoples_objects_do_not_exist(door: Doorstep) -> None:
    ada, uri, eve = door.person("Ada", Role.ADMIN), door.person("Uri"), door.person("Eve")
    personal = door.provider(owner=uri)
    boss = door.client(door.token(ada))
    mine = door.client(door.token(uri))
    key_id = mine.post("/api/v1/api-keys", {"name": "mine"}).json["data"]["id"]  # type: ignore[index]
    session_id = mine.get("/api/v1/auth/sessions").json["data"]["items"][0]["id"]  # type: ignore[index]
    foreign = [
        ("GET", f"/api/v1/api-keys/{key_id}", None),
        ("PATCH", f"/api/v1/api-keys/{key_id}", {"name": "hers"}),
        ("POST", f"/api/v1/api-keys/{key_id}/rotate", None),
        ("DELETE", f"/api/v1/api-keys/{key_id}", None),
        ("GET", "/api/v1/api-keys?user=Uri", None),
        ("DELETE", f"/api/v1/auth/sessions/{session_id}", None),
        *(
            (method, f"/api/v1/llm-providers/{reference}{more}", body)
            for reference in (personal.id, personal.slug)
            for method, more, body in (
                ("GET", "", None),
                ("PUT", "", {**SHARED, "slug": personal.slug, "scope": "personal"}),
                ("PATCH", "", {"name": "Hers"}),
                ("POST", "/activate", None),
                ("POST", "/test", {}),
                ("DELETE", "", None),
            )
        ),
    ]
    before = (personal_state(boss, personal.id), mine.get(f"/api/v1/api-keys/{key_id}").json)

    hers = door.client(door.token(eve))
    found = {(method, path): failure(hers.ask(method, path, json=body)) for method, path, body in foreign}

    assert found == {(method, path): (404, "not_found") for method, path, _ in foreign}
    assert hers.get("/api/v1/llm-providers").json["data"]["items"] == []  # type: ignore[index]
    assert (personal_state(boss, personal.id), mine.get(f"/api/v1/api-keys/{key_id}").json) == before


def personal_state(boss: Any, provider_id: str) -> Any:
    return boss.get(f"/api/v1/llm-providers/{provider_id}").json


def test_ones_own_personal_provider_can_be_read_changed_tested_and_removed(door: Doorstep) -> None:
    uri = door.person("Uri", Role.USER, Permission.PERSONAL_PROVIDERS)
    ada = door.client(door.token(door.person("Ada", Role.ADMIN)))
    both = {"personal_providers_allowed": True, "personal_private_addresses_allowed": True}
    assert ada.ask("PATCH", "/api/v1/settings", json=both).status_code == 200
    mine = door.client(door.token(uri))

    made = mine.post("/api/v1/llm-providers", {**SHARED, "name": "Mine", "slug": "mine"})
    statuses = [
        mine.ask(method, f"/api/v1/llm-providers/mine{more}", json=body).status_code
        for method, more, body in (
            ("GET", "", None),
            ("PATCH", "", {"name": "Still mine"}),
            ("POST", "/test", {}),
            ("POST", "/activate", None),
            ("GET", "/versions", None),
            ("DELETE", "", None),
        )
    ]

    assert made.status_code == 201
    assert made.json["data"]["scope"] == "personal"  # type: ignore[index]
    assert statuses == [200, 200, 200, 403, 403, 200]


def test_somebody_elses_usage_needs_an_administrator(door: Doorstep) -> None:
    ada, uri = door.person("Ada", Role.ADMIN), door.person("Uri")
    asked = [f"/api/v1/usage/{what}?user={ada.id}" for what in ("summary", "series", "requests", "export.csv")]
    replies = [door.client(door.token(uri)).get(path) for path in asked]

    assert [failure(reply) for reply in replies] == [NOT_ALLOWED] * 4
    assert [door.client(door.key(ada)).get(path).status_code for path in asked] == [200] * 4


NATIVE = ("success", "error"), ("code", "message", "request_id", "details")
V1 = ("error",), ("message", "type", "param", "code")
UNKNOWN_PATHS = {
    "/api/v1/nothing": NATIVE,
    "/api/nothing": NATIVE,
    "/api/v2/llm-providers": NATIVE,
    "/api/v1/llm-providers/shared/nothing": NATIVE,
    "/docs/nothing": NATIVE,
    "/healthz/nothing": NATIVE,
    "/v1/nothing": V1,
    "/v1": V1,
    "/v1/": V1,
    "/openai/v1/nothing": V1,
    "/openai/v1": V1,
    "/openai": V1,
}


def test_an_unknown_path_is_told_in_the_shape_of_its_face(door: Doorstep) -> None:
    asker, found = door.client(), {}
    for path in UNKNOWN_PATHS:
        for method in ("GET", "POST", "DELETE"):
            reply = asker.ask(method, path, headers={"Accept": "text/html"})
            assert (path, failure(reply), reply.content_type) == (path, (404, "not_found"), "application/json")
            document: Any = reply.json
            found[method, path] = tuple(document), tuple(document["error"])

    assert found == {(method, path): UNKNOWN_PATHS[path] for method, path in found}
