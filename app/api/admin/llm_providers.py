"""/api/v1/llm-providers: which providers there are, and how they are reached. Model calls are in dialects/native.py."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from flask import Response, request

from app.admin.provider_rules import Editor
from app.admin.provider_settings import Edited
from app.admin.refusals import invalid
from app.api import current
from app.api.admin.provider_json import (
    DraftTest,
    EditedOut,
    ProviderIn,
    ProviderOut,
    ProviderPatch,
    ProviderTest,
    edited_json,
    provider_json,
)
from app.api.admin.provider_shapes import (
    AuditOut,
    AuditQuery,
    DiscoverQuery,
    FoundOut,
    FoundsOut,
    LadderOut,
    PresetOut,
    PresetsOut,
    ProvidersQuery,
    RollbackIn,
    VersionOut,
    audit_json,
    ladder_json,
)
from app.api.admin.shapes import FAILURES, ById, Deleted, ListQuery, PageOut, Success
from app.api.auth import needs
from app.api.envelope import ok
from app.api.parsing import checked, validated
from app.api.routes import APIBlueprint, Tag
from app.api.times import iso
from app.domain.accounts import Permission
from app.domain.catalog import ProviderConfig, Scope
from app.gateway.model_lists import WAIT_S
from app.providers.ladder.report import LadderReport
from app.providers.presets import PRESETS
from app.storage.audit import AuditFilter
from app.storage.provider_configs import StoredProvider
from app.storage.unit import is_id

PREFIX = "/api/v1/llm-providers"

llm_providers = APIBlueprint(
    "llm_providers",
    __name__,
    url_prefix=PREFIX,
    abp_tags=[Tag(name="Providers", description="Where models are, and how they are reached.")],
    abp_responses={**FAILURES, 412: FAILURES[409]},
)

_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"|([0-9]{1,9})')


@llm_providers.get("", responses={200: Success[PageOut[ProviderOut]]})
@checked
def list_providers(query: ProvidersQuery) -> Response:
    """Providers that the caller may see, in order of creation."""
    found = current.parts().provider_settings.visible(_editor(), all_personal=query.scope == "all")
    if query.scope in list(Scope):
        found = tuple(one for one in found if one.config.scope == query.scope)
    shown, more = _part(found, query)
    return ok({"items": [_shown(one) for one in shown], "next_cursor": more})


@llm_providers.post("", responses={201: Success[EditedOut]})
@checked
def create_provider(body: ProviderIn) -> Response:
    """Add a provider. The first shared one becomes the default."""
    edited = current.parts().provider_settings.create(body.fields(), _editor())
    current.parts().state.refresh()
    return _changed(edited, 201)


@llm_providers.get("/active", responses={200: Success[ProviderOut]})
@checked
def active_provider() -> Response:
    """The default provider."""
    return ok(_shown(current.parts().provider_settings.default(_editor())))


@llm_providers.get("/presets", responses={200: Success[PresetsOut]})
@checked
def presets() -> Response:
    """Templates for new providers."""
    items = [{"provider": preset.kind, **asdict(preset)} for preset in PRESETS]
    return ok({"items": [{name: one[name] for name in PresetOut.model_fields} for one in items]})


@llm_providers.get("/discover", responses={200: Success[FoundsOut]})
@needs(Permission.MANAGE)
@checked
def discover(query: DiscoverQuery) -> Response:
    """Model servers on this machine, or on a private network."""
    found = [{"provider": one.kind, **asdict(one)} for one in current.parts().discovery.scan(query.network)]
    return ok({"items": [{name: one[name] for name in FoundOut.model_fields} for one in found]})


@llm_providers.get("/audit-logs", responses={200: Success[PageOut[AuditOut]]})
@needs(Permission.MANAGE)
@checked
def audit_logs(query: AuditQuery) -> Response:
    """Who changed what, newest first; entries stay when their object is gone."""
    by_id = query.provider is not None and is_id(query.provider)
    wanted = AuditFilter(
        object_type=None if query.object_type == "all" else query.object_type,
        object_id=query.provider if by_id else None,
        object_name=None if by_id else query.provider,
        actor_id=query.user,
        action=query.action,
        since=query.from_,
        until=query.to,
    )
    page = current.parts().audit.entries(wanted, limit=query.limit, cursor=query.cursor)
    return ok({"items": [audit_json(entry) for entry in page.items], "next_cursor": page.next_cursor})


@llm_providers.post("/test", responses={200: Success[LadderOut]})
@checked
def test_draft(body: DraftTest) -> Response:
    """Test a provider that is not stored."""
    fields = body.fields()
    fields.setdefault("name", body.name)
    config = current.parts().provider_settings.draft(fields, _editor())
    return ok(ladder_json(_climbed(config, body.completion)))


@llm_providers.get("/<provider:id>", responses={200: Success[ProviderOut]})
@checked
def one_provider(path: ById) -> Response:
    """By id or slug, for who may edit it."""
    stored = current.parts().provider_settings.get(path.id, _editor())
    return ok(_shown(stored), ETag=_etag(stored))


@llm_providers.put("/<provider:id>", responses={200: Success[EditedOut]})
@checked
def replace_provider(path: ById, body: ProviderIn) -> Response:
    """Set every field; what is left out goes back to its default, except secrets. Honours `If-Match: <version>`."""
    return _update(path.id, body, whole=True)


@llm_providers.patch("/<provider:id>", responses={200: Success[EditedOut]})
@checked
def change_provider(path: ById, body: ProviderPatch) -> Response:
    """Change some fields; what is left out stays. Honours `If-Match: <version>`."""
    return _update(path.id, body, whole=False)


@llm_providers.delete("/<provider:id>", responses={200: Success[Deleted]})
@checked
def delete_provider(path: ById) -> Response:
    """Remove a provider; its audit log stays. Honours `If-Match: <version>`."""
    parts, by = current.parts(), _editor()
    provider_id = parts.provider_settings.get(path.id, by).config.id
    parts.provider_settings.delete(provider_id, by, version=_expected_version())
    parts.state.refresh()
    return ok({"id": provider_id, "deleted": True})


@llm_providers.post("/<provider:id>/activate", responses={200: Success[ProviderOut]})
@checked
def activate_provider(path: ById) -> Response:
    """Make a provider the default; requests see it at once."""
    stored = current.parts().provider_settings.activate(path.id, _editor())
    current.parts().state.refresh()
    return ok(_shown(stored))


@llm_providers.get("/<provider:id>/versions", responses={200: Success[PageOut[VersionOut]]})
@needs(Permission.MANAGE)
@checked
def versions(path: ById, query: ListQuery) -> Response:
    """Configurations, newest first."""
    page = current.parts().provider_settings.versions(path.id, _editor(), query.window())
    items = [{**asdict(one), "created_at": iso(one.created_at)} for one in page.items]
    return ok({"items": items, "next_cursor": page.next_cursor})


@llm_providers.post("/<provider:id>/rollback", responses={200: Success[EditedOut]})
@needs(Permission.MANAGE)
@checked
def roll_back(path: ById, body: RollbackIn) -> Response:
    """Back to an earlier configuration; secrets stay."""
    edited = current.parts().provider_settings.rollback(path.id, body.version, _editor())
    current.parts().state.refresh()
    return _changed(edited)


def _with_optional_body(view: Callable[..., Any]) -> Callable[..., Any]:
    """`checked`, except that a request without a body is the same as one with `{}`."""
    with_body = checked(view)

    @functools.wraps(view)
    def wrapper(**path_values: Any) -> Any:
        if request.content_length or "Transfer-Encoding" in request.headers:
            return with_body(**path_values)
        return view(path=validated(ById, path_values), body=ProviderTest())

    return wrapper


@llm_providers.post("/<provider:id>/test", responses={200: Success[LadderOut]})
@_with_optional_body
def test_stored(path: ById, body: ProviderTest) -> Response:
    """Test a stored provider, with changes that are not stored yet."""
    config = current.parts().provider_settings.changed(path.id, body.fields(), _editor()).provider.config
    report = _climbed(config, body.completion)
    if config.enabled and not body.fields():
        # What was found out is its state from now on: an answer at once, a silence without waiting for it again.
        current.parts().model_lists.listings([config], refresh=True, wait_s=WAIT_S if report.ok else 0)
    return ok(ladder_json(report))


def _editor() -> Editor:
    return Editor.of(current.caller(), current.request_id())


def _shown(stored: StoredProvider) -> dict[str, Any]:
    return provider_json(stored, current.parts().health.status(stored.config.id), _editor())


def _changed(edited: Edited, status: int = 200) -> Response:
    health = current.parts().health.status(edited.provider.config.id)
    return ok(edited_json(edited, health, _editor()), status, ETag=_etag(edited.provider))


def _update(reference: str, body: ProviderIn | ProviderPatch, *, whole: bool) -> Response:
    parts = current.parts()
    edited = parts.provider_settings.update(
        reference, body.fields(), _editor(), whole=whole, version=_expected_version()
    )
    parts.state.refresh()
    return _changed(edited)


def _etag(stored: StoredProvider) -> str:
    return f'"{stored.config.version}"'


def _expected_version() -> int | None:
    """The version in If-Match; None where any will do. Raises InvalidRequest."""
    text = request.headers.get("If-Match", "*").strip()
    if text == "*":
        return None
    match = _ETAG.fullmatch(text)
    if match is None:
        raise invalid("If-Match", 'must be the version that was read, such as "3"')
    return int(match[1] or match[2])


def _part(found: Sequence[StoredProvider], query: ListQuery) -> tuple[Sequence[StoredProvider], str | None]:
    """The page asked for; a cursor is the id of the last provider seen. Raises InvalidRequest."""
    ids = [one.config.id for one in found]
    if query.cursor is not None and query.cursor not in ids:
        raise invalid("cursor", "is not a cursor of this list; take it from next_cursor or leave it out")
    start = 0 if query.cursor is None else ids.index(query.cursor) + 1
    end = start + query.limit
    return found[start:end], ids[end - 1] if end < len(ids) else None


def _climbed(config: ProviderConfig, completion: bool) -> LadderReport:
    parts = current.parts()
    private = config.scope is Scope.SHARED or parts.state.current.settings.personal_private_addresses_allowed
    return parts.ladder(config, completion=completion, allow_private=private)
