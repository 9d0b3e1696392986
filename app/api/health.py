"""/healthz: this process runs. /readyz: it can serve. /metrics: figures for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict

import gevent
import msgspec
from flask import Flask, Response

from app.api import current
from app.api.auth import needs, public
from app.api.routes import answers
from app.domain.accounts import Permission
from app.gateway.metrics import CONTENT_TYPE
from app.gateway.shared_store import TIMEOUTS
from app.storage.probe import Probe, probe_database, probe_redis

LIMIT_S = 3.0
KEPT_S = 1.0
"""Anybody may ask, so the stores are asked at most this often."""


def register(app: Flask) -> None:
    """Add the three routes."""
    report = Kept(readiness)

    @app.get("/healthz")
    @answers(summary="Whether the process runs", responses={200: _document("Alive")})
    @public
    def healthz() -> Response:
        return _json({"status": "alive"})

    @app.get("/readyz")
    @answers(
        summary="Whether database, Redis and migrations are ready",
        responses={200: _document("Ready"), 503: _document("Not ready; `parts` says why")},
    )
    @public
    def readyz() -> Response:
        parts = report()
        ready = all(part.ok for part in parts.values())
        body = {
            "status": "ready" if ready else "not_ready",
            "parts": {
                name: {field: value for field, value in asdict(part).items() if value is not None}
                for name, part in parts.items()
            },
        }
        return _json(body, 200 if ready else 503)

    @app.get("/metrics")
    @answers(
        summary="Figures for Prometheus",
        responses={200: {"description": "Prometheus text", "content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    @needs(Permission.MANAGE)
    def metrics() -> Response:
        return Response(current.parts().metrics.render(), content_type=CONTENT_TYPE)


def readiness() -> Mapping[str, Probe]:
    """Each part that serving needs, by name."""
    parts = current.parts()
    late = Probe(False, LIMIT_S * 1000, f"did not answer within {LIMIT_S:g} s")
    with gevent.Timeout(LIMIT_S, False):
        database, migrations = probe_database(parts.database)
        probes = {"database": database, "migrations": migrations}
        if parts.config.redis_url is not None:
            probes["redis"] = probe_redis(parts.config.redis_url, TIMEOUTS)
        return probes
    return {"stores": late}


class Kept:
    """The latest answer of `ask`, asked again when it is older than KEPT_S."""

    def __init__(self, ask: Callable[[], Mapping[str, Probe]]) -> None:
        self._ask = ask
        self._answer: Mapping[str, Probe] = {}
        self._asked_at = float("-inf")

    def __call__(self) -> Mapping[str, Probe]:
        if time.monotonic() - self._asked_at >= KEPT_S:
            self._answer = self._ask()
            self._asked_at = time.monotonic()
        return self._answer


def _json(body: object, status: int = 200) -> Response:
    response = Response(msgspec.json.encode(body), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _document(description: str) -> dict[str, object]:
    return {"description": description, "content": {"application/json": {"schema": {"type": "object"}}}}
