"""Adding up the usage ledger: per group, and per interval of time.

Counts and sums are SQL's. Percentiles are exact: PostgreSQL computes them; SQLite, which can't, hands over the values.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Float, Row, String, and_, case, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.domain.usage import TokenSource
from app.storage.database import Database
from app.storage.tables import ApiKeyRow, UsageRow, UserRow
from app.storage.usage import UsageFilter, matching

ENDED_BY_CALLER = ("client_left", "stopped")
ANSWERED = ("ok", *ENDED_BY_CALLER)
"""Outcomes that are no errors."""
PERCENTILES = (0.5, 0.95, 0.99)


class Grouping(StrEnum):
    PROVIDER = "provider"
    MODEL = "model"
    KEY = "key"
    USER = "user"
    FACE = "face"
    OUTCOME = "outcome"


class Interval(StrEnum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Milliseconds, of answers that were completed; None where there are none."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """Tokens that one source counted, and in how many attempts. Of `absent`, only attempts with an answer."""

    attempts: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What a set of rows adds up to."""

    requests: int = 0
    failed_requests: int = 0
    """Requests of which no attempt gave an answer."""
    attempts: int = 0
    """Calls to providers; a request that reached none has no attempt."""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    """Rows by outcome, `ok` among them."""
    tokens: Mapping[str, Counted] = field(default_factory=dict)
    """By who counted them."""
    reasoning_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: float | None = None
    """None where no price is known."""
    unpriced_attempts: int = 0
    """Attempts with an answer and no known price."""
    first_token_ms: Percentiles = Percentiles()
    total_ms: Percentiles = Percentiles()


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where rows belong: a group (None without grouping) and the start of an interval (None without series)."""

    group: str | None
    at: datetime | None


class UsageFigures:
    """Reads figures out of the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(
        self, wanted: UsageFilter, *, grouping: Grouping | None = None, interval: Interval | None = None
    ) -> dict[Bucket, Figures]:
        """Of every bucket that has rows; `wanted` must be in UTC."""

        def add_up(session: Session) -> dict[Bucket, Figures]:
            _see_one_moment(session)
            return _Reader(session, wanted, grouping, interval).figures()

        return self._database.read(add_up)

    def labels(self, grouping: Grouping, keys: Sequence[str]) -> dict[str, str]:
        """Names of users and API keys who still exist, by id; nothing for other groups, whose keys are names."""
        if grouping not in (Grouping.USER, Grouping.KEY):
            return {}
        names = (UserRow.id, UserRow.username) if grouping is Grouping.USER else (ApiKeyRow.id, ApiKeyRow.name)
        query = select(*names).where(names[0].in_(keys))
        return dict(self._database.read(lambda session: session.execute(query).all()))


def _see_one_moment(session: Session) -> None:
    """Let all queries of this transaction see the same rows: figures from different moments would not add up."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("BEGIN")
    else:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


class _Reader:
    """Four queries over the same rows, grouped in the same way."""

    def __init__(
        self, session: Session, wanted: UsageFilter, grouping: Grouping | None, interval: Interval | None
    ) -> None:
        self._session = session
        self._where = matching(wanted)
        self._on_sqlite = session.get_bind().dialect.name == "sqlite"
        group = literal(None, String) if grouping is None else _group(grouping)
        at = literal(None, String) if interval is None else self._start_of(interval)
        self._keys = (group.label("bucket_group"), at.label("bucket_at"))

    def figures(self) -> dict[Bucket, Figures]:
        outcomes, tokens, latencies = self.outcomes(), self.tokens(), self.latencies()
        none = Percentiles(), Percentiles()
        return {
            bucket: _figures(row, outcomes[bucket], tokens[bucket], latencies.get(bucket, none))
            for bucket, row in self.sums().items()
        }

    def sums(self) -> dict[Bucket, Row[Any]]:
        answered = UsageRow.outcome.in_(ANSWERED)
        unpriced = and_(answered, UsageRow.cost_usd.is_(None), UsageRow.provider != "")
        query = self._grouped(
            func.count(UsageRow.request_id.distinct()).label("requests"),
            func.count(case((answered, UsageRow.request_id)).distinct()).label("answered_requests"),
            func.count(case((UsageRow.provider != "", 1))).label("attempts"),
            func.sum(UsageRow.reasoning_tokens).label("reasoning_tokens"),
            func.sum(UsageRow.cached_tokens).label("cached_tokens"),
            func.sum(UsageRow.cost_usd).label("cost_usd"),
            func.count(case((unpriced, 1))).label("unpriced_attempts"),
        )
        return {_bucket(row): row for row in self._session.execute(query)}

    def outcomes(self) -> dict[Bucket, dict[str, int]]:
        query = self._grouped(UsageRow.outcome, func.count().label("number")).group_by(UsageRow.outcome)
        found: dict[Bucket, dict[str, int]] = defaultdict(dict)
        for row in self._session.execute(query):
            found[_bucket(row)][row.outcome] = row.number
        return found

    def tokens(self) -> dict[Bucket, dict[str, Counted]]:
        # A failed call has no tokens to count; only an answer without a count makes the sums too small.
        told = case(((UsageRow.token_source != TokenSource.ABSENT.value) | UsageRow.outcome.in_(ANSWERED), 1))
        query = self._grouped(
            UsageRow.token_source,
            func.count(told).label("attempts"),
            func.sum(UsageRow.prompt_tokens).label("prompt_tokens"),
            func.sum(UsageRow.completion_tokens).label("completion_tokens"),
        ).group_by(UsageRow.token_source)
        found: dict[Bucket, dict[str, Counted]] = defaultdict(dict)
        for row in self._session.execute(query):
            counted = Counted(row.attempts, int(row.prompt_tokens), int(row.completion_tokens))
            found[_bucket(row)][row.token_source] = counted
        return found

    def latencies(self) -> dict[Bucket, tuple[Percentiles, Percentiles]]:
        if self._on_sqlite:
            return self._latencies_of_values()
        query = self._grouped(
            _percentiles(UsageRow.first_token_ms).label("first_token_ms"),
            _percentiles(UsageRow.total_ms).label("total_ms"),
        )
        return {
            _bucket(row): (Percentiles(*(row.first_token_ms or ())), Percentiles(*(row.total_ms or ())))
            for row in self._session.execute(query.where(UsageRow.outcome == "ok"))
        }

    def _latencies_of_values(self) -> dict[Bucket, tuple[Percentiles, Percentiles]]:
        query = select(*self._keys, UsageRow.first_token_ms, UsageRow.total_ms).where(
            self._where, UsageRow.outcome == "ok"
        )
        first: dict[Bucket, list[float]] = defaultdict(list)
        total: dict[Bucket, list[float]] = defaultdict(list)
        for row in self._session.execute(query):
            bucket = _bucket(row)
            total[bucket].append(row.total_ms)
            if row.first_token_ms is not None:
                first[bucket].append(row.first_token_ms)
        return {bucket: (percentiles(first[bucket]), percentiles(values)) for bucket, values in total.items()}

    def _grouped(self, *columns: Any) -> Any:
        return select(*self._keys, *columns).where(self._where).group_by("bucket_group", "bucket_at")

    def _start_of(self, interval: Interval) -> ColumnElement[Any]:
        if not self._on_sqlite:
            return func.date_trunc(interval.value, UsageRow.started_at, "UTC")
        # SQLite keeps times as text of one width, `2026-11-21 12:05:59.000000`.
        width = {Interval.MINUTE: 16, Interval.HOUR: 13, Interval.DAY: 10}[interval]
        return func.substr(UsageRow.started_at, 1, width, type_=String)


def percentiles(values: Sequence[float]) -> Percentiles:
    """By linear interpolation between the two nearest values, like PostgreSQL's percentile_cont."""
    if not values:
        return Percentiles()
    ordered = sorted(values)

    def at(share: float) -> float:
        position = share * (len(ordered) - 1)
        low = math.floor(position)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (position - low)

    return Percentiles(*(at(share) for share in PERCENTILES))


def _percentiles(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    shares = literal(list(PERCENTILES), ARRAY(Float))
    return func.percentile_cont(shares, type_=ARRAY(Float)).within_group(column.asc())


def _group(grouping: Grouping) -> ColumnElement[Any]:
    match grouping:
        case Grouping.PROVIDER:
            return UsageRow.provider.expression
        case Grouping.MODEL:
            canonical = UsageRow.provider + "/" + UsageRow.model
            return case((UsageRow.provider == "", UsageRow.model), else_=canonical)
        case Grouping.KEY:
            return func.coalesce(UsageRow.key_id, "")
        case Grouping.USER:
            return UsageRow.user_id.expression
        case Grouping.FACE:
            return UsageRow.face.expression
        case Grouping.OUTCOME:
            return UsageRow.outcome.expression


def _bucket(row: Row[Any]) -> Bucket:
    return Bucket(row.bucket_group, _time(row.bucket_at))


def _time(value: datetime | str | None) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value if value is None else value.astimezone(UTC)
    return datetime.fromisoformat(value + ":00" if len(value) == 13 else value).replace(tzinfo=UTC)


def _figures(
    row: Row[Any],
    outcomes: Mapping[str, int],
    tokens: Mapping[str, Counted],
    latencies: tuple[Percentiles, Percentiles],
) -> Figures:
    return Figures(
        requests=row.requests,
        failed_requests=row.requests - row.answered_requests,
        attempts=row.attempts,
        outcomes=outcomes,
        tokens=tokens,
        reasoning_tokens=int(row.reasoning_tokens),
        cached_tokens=int(row.cached_tokens),
        cost_usd=row.cost_usd,
        unpriced_attempts=row.unpriced_attempts,
        first_token_ms=latencies[0],
        total_ms=latencies[1],
    )
