from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from flask import Flask

from app.api.limiter import FAILURES, RouteLimits, configure, route_limits
from app.domain.errors import CredentialInvalid, RateLimited
from config import Config
from tests.conftest import REDIS_URL


def limits_of(config: Config, redis_url: str | None) -> RouteLimits:
    """The limits of one worker."""
    app = Flask("worker")
    configure(app, Config(config.home, config.database_url, (), "", redis_url=redis_url))
    with app.app_context():
        return route_limits()


def fail(limits: RouteLimits, who: str) -> type[Exception]:
    """What somebody hears who uses a wrong password."""
    with pytest.raises((CredentialInvalid, RateLimited)) as heard, limits.counting(CredentialInvalid, who):
        raise CredentialInvalid("wrong")
    return heard.type


@pytest.fixture
def config_without_database(tmp_path: Path) -> Config:
    return Config(home=tmp_path, database_url="sqlite://", secret_keys=(), jwt_secret="")


@pytest.mark.redis
def test_workers_count_together_in_redis(config_without_database: Config) -> None:
    who = str(uuid.uuid4())
    workers = [limits_of(config_without_database, REDIS_URL) for _ in range(2)]

    heard = [fail(workers[turn % 2], who) for turn in range(6)]

    assert heard == [CredentialInvalid] * 5 + [RateLimited]


def test_without_redis_a_worker_counts_alone(config_without_database: Config) -> None:
    one, other = (limits_of(config_without_database, None) for _ in range(2))

    heard = [fail(one, "ada") for _ in range(6)]

    assert heard == [CredentialInvalid] * 5 + [RateLimited]
    assert fail(other, "ada") is CredentialInvalid


def test_while_redis_is_away_a_worker_counts_alone(config_without_database: Config) -> None:
    limits = limits_of(config_without_database, "redis://127.0.0.1:1")

    heard = [fail(limits, "ada") for _ in range(6)]

    assert heard == [CredentialInvalid] * 5 + [RateLimited]


def test_only_the_named_failure_counts(config_without_database: Config) -> None:
    limits = limits_of(config_without_database, None)

    for _ in range(10):
        with pytest.raises(ValueError, match="other"), limits.counting(CredentialInvalid, "ada"):
            raise ValueError("other")
    with limits.counting(CredentialInvalid, "ada"):
        pass


def test_a_limit_says_when_to_come_back(config_without_database: Config) -> None:
    limits = limits_of(config_without_database, None)
    for _ in range(5):
        limits.count(FAILURES, "ada")

    with pytest.raises(RateLimited) as refused:
        limits.count(FAILURES, "ada")

    assert refused.value.retry_after_s is not None
    assert 0 < refused.value.retry_after_s <= 60
    assert refused.value.message.startswith("Too many requests from your address; try again in ")
