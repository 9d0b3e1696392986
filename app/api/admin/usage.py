"""/api/v1/usage: what was asked, what it used and how long it took; one's own, for administrators everyone's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from flask import Response
from pydantic import Field

from app.admin.reports import Group, Line
from app.api import current
from app.api.admin.shapes import FAILURES, Body, ListQuery, PageOut, Success
from app.api.envelope import ok
from app.api.parsing import checked
from app.api.routes import APIBlueprint, Tag
from app.api.shape import Shape
from app.api.times import Time, TimeIn, iso
from app.domain.errors import NotAllowed
from app.domain.usage import TokenSource, UsageRecord
from app.storage.unit import Window
from app.storage.usage import UsageFilter
from app.storage.usage_figures import ANSWERED, Counted, Figures, Grouping, Interval, Percentiles

usage = APIBlueprint(
    "usage",
    __name__,
    url_prefix="/api/v1/usage",
    abp_tags=[Tag(name="Usage", description="One's own calls; for administrators everyone's.")],
    abp_responses=FAILURES,
)

DEFAULT_PERIOD = timedelta(days=30)

Name = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00]*$")]


class UsageQuery(Body):
    """Which calls are wanted. `from` is included, `to` is not."""

    from_: TimeIn | None = Field(None, alias="from", description="30 days before `to` unless given")
    to: TimeIn | None = Field(None, description="Now unless given")
    provider: Name | None = Field(None, description="Slug or id")
    model: Name | None = Field(None, description="The provider's name of the model, or `<slug>/<model id>`")
    key: Name | None = Field(None, description="Id of an API key")
    user: Name | None = Field(None, description="Id of a user; others than oneself need an administrator")

    def wanted(self) -> UsageFilter:
        """Raises NotAllowed for somebody else's calls."""
        until = (self.to or datetime.now(UTC)).astimezone(UTC)
        return UsageFilter(
            since=(self.from_ or until - DEFAULT_PERIOD).astimezone(UTC),
            until=until,
            provider=self.provider,
            model=self.model,
            key_id=self.key,
            user_id=_visible_user(self.user),
        )


class SummaryQuery(UsageQuery):
    group_by: Grouping | None = None


class SeriesQuery(SummaryQuery):
    interval: Interval | None = Field(None, description="Unless given, what gives a readable number of points")


class RequestsQuery(UsageQuery, ListQuery):
    pass


class PercentilesOut(Shape):
    """Of completed answers; null where there are none."""

    p50: float | None
    p95: float | None
    p99: float | None


class CountedOut(Shape):
    attempts: int
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class TokenSourcesOut(Shape):
    """Who counted the tokens; `absent` are answers whose tokens nobody counted, so that the sums are too small."""

    provider: CountedOut
    estimated: CountedOut
    absent: CountedOut


class FiguresOut(Shape):
    requests: int
    failed_requests: int = Field(description="Requests of which no attempt gave an answer")
    attempts: int = Field(description="Calls to providers")
    errors: int = Field(description="What failed, without clients that left or pressed stop")
    outcomes: dict[str, int]
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    reasoning_tokens: int
    cached_tokens: int
    token_sources: TokenSourcesOut
    cost_usd: float | None = Field(description="Of the attempts whose price is known; null where none is")
    unpriced_attempts: int = Field(description="Answers whose price is not known")
    first_token_ms: PercentilesOut
    total_ms: PercentilesOut


class GroupOut(FiguresOut):
    key: str
    label: str


class SummaryOut(FiguresOut):
    from_: Time = Field(alias="from")
    to: Time
    group_by: Grouping | None
    groups: list[GroupOut]


class PointOut(FiguresOut):
    at: Time


class LineOut(Shape):
    key: str
    label: str
    points: list[PointOut]


class SeriesOut(Shape):
    from_: Time = Field(alias="from")
    to: Time
    interval: Interval
    group_by: Grouping | None
    series: list[LineOut]


class UsageRecordOut(Shape):
    """One attempt at a provider, or a request that reached none."""

    id: str
    request_id: str
    started_at: Time
    attempt: int
    user_id: str
    key_id: str | None
    face: str
    task: str
    provider_id: str | None
    provider: str
    model_asked: str
    model: str
    streamed: bool
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    reasoning_tokens: int
    cached_tokens: int
    token_source: TokenSource
    first_token_ms: float | None
    total_ms: float
    overhead_ms: float
    outcome: str
    cost_usd: float | None


@usage.get("/summary", responses={200: Success[SummaryOut]})
@checked
def summary(query: SummaryQuery) -> Response:
    """Figures of a period, and of each group in it."""
    wanted = query.wanted()
    found = current.parts().reports.summary(wanted, query.group_by)
    return ok(
        {
            "from": iso(wanted.since),
            "to": iso(wanted.until),
            **_figures(found.total),
            "group_by": query.group_by,
            "groups": [_group(group) for group in found.groups],
        }
    )


@usage.get("/series", responses={200: Success[SeriesOut]})
@checked
def series(query: SeriesQuery) -> Response:
    """Figures over time, a point for every interval."""
    wanted = query.wanted()
    interval = query.interval or _readable(wanted.until - wanted.since)
    lines = current.parts().reports.series(wanted, interval, query.group_by)
    return ok(
        {
            "from": iso(wanted.since),
            "to": iso(wanted.until),
            "interval": interval,
            "group_by": query.group_by,
            "series": [_line(line) for line in lines],
        }
    )


@usage.get("/requests", responses={200: Success[PageOut[UsageRecordOut]]})
@checked
def requests(query: RequestsQuery) -> Response:
    """Attempts, newest first."""
    page = current.parts().reports.requests(query.wanted(), Window(query.limit, query.cursor))
    return ok({"items": [_record(record) for record in page.items], "next_cursor": page.next_cursor})


@usage.get(
    "/export.csv",
    responses={200: {"description": "Attempts, oldest first", "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
@checked
def export(query: UsageQuery) -> Response:
    """Attempts as a table, oldest first."""
    wanted = query.wanted()
    lines = current.parts().reports.export(wanted)
    name = f"usage-{wanted.since:%Y-%m-%d}-{wanted.until:%Y-%m-%d}.csv"
    return Response(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _visible_user(asked: str | None) -> str | None:
    """Whose calls are shown; None: everybody's. Raises NotAllowed."""
    caller = current.caller()
    if caller.is_admin:
        return asked
    if asked not in (None, caller.user_id):
        raise NotAllowed("Other people's usage needs an administrator.")
    return caller.user_id


def _readable(period: timedelta) -> Interval:
    if period <= timedelta(hours=3):
        return Interval.MINUTE
    return Interval.HOUR if period <= timedelta(days=4) else Interval.DAY


def _group(group: Group) -> dict[str, Any]:
    return {"key": group.key, "label": group.label, **_figures(group.figures)}


def _line(line: Line) -> dict[str, Any]:
    points = [{"at": iso(point.at), **_figures(point.figures)} for point in line.points]
    return {"key": line.key, "label": line.label, "points": points}


def _figures(figures: Figures) -> dict[str, Any]:
    counted = [figures.tokens.get(source, Counted()) for source in TokenSource]
    prompt = sum(one.prompt_tokens for one in counted)
    completion = sum(one.completion_tokens for one in counted)
    return {
        "requests": figures.requests,
        "failed_requests": figures.failed_requests,
        "attempts": figures.attempts,
        "errors": sum(number for outcome, number in figures.outcomes.items() if outcome not in ANSWERED),
        "outcomes": figures.outcomes,
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "reasoning_tokens": figures.reasoning_tokens,
        "cached_tokens": figures.cached_tokens,
        "token_sources": {source: _counted(one) for source, one in zip(TokenSource, counted, strict=True)},
        "cost_usd": figures.cost_usd,
        "unpriced_attempts": figures.unpriced_attempts,
        "first_token_ms": _percentiles(figures.first_token_ms),
        "total_ms": _percentiles(figures.total_ms),
    }


def _counted(counted: Counted) -> dict[str, int]:
    return {
        "attempts": counted.attempts,
        "prompt_tokens": counted.prompt_tokens,
        "completion_tokens": counted.completion_tokens,
        "total_tokens": counted.prompt_tokens + counted.completion_tokens,
    }


def _percentiles(percentiles: Percentiles) -> dict[str, float | None]:
    return {"p50": percentiles.p50, "p95": percentiles.p95, "p99": percentiles.p99}


def _record(record: UsageRecord) -> dict[str, Any]:
    tokens = record.prompt_tokens + record.completion_tokens
    out = {name: getattr(record, name) for name in UsageRecordOut.model_fields if name != "total_tokens"}
    return {**out, "started_at": iso(record.started_at), "total_tokens": tokens}
