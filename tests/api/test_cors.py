"""Other web sites may call only where CORS_ORIGINS lists them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask.testing import FlaskClient

from config import Config

ORIGIN = "https://chat.example"
ELSEWHERE = "https://elsewhere.example"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, content-type"}

Served = Callable[..., FlaskClient]


@pytest.fixture
def served(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Served]:
    """Clients of applications with these origins."""
    from app import create_app

    shutil.copy(migrated_sqlite, tmp_path / "patchbay.db")
    made = []

    def serve(*origins: str) -> FlaskClient:
        made.append(
            create_app(
                Config(
                    home=tmp_path,
                    database_url=f"sqlite:///{tmp_path / 'patchbay.db'}",
                    secret_keys=(Fernet.generate_key().decode(),),
                    jwt_secret="a secret of the tests, long enough for HS256",
                    local_engine=False,
                    cors_origins=origins,
                )
            )
        )
        return made[-1].test_client()

    yield serve
    for app in made:
        app.extensions["patchbay"].database.close()


def cors_headers(client: FlaskClient, method: str, path: str, **headers: str) -> tuple[int, dict[str, str]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = client.open(path, method=method, headers=named)
    found = {
        name: value for name, value in reply.headers.items() if name.startswith("Access-Control") or name == "Vary"
    }
    return reply.status_code, found


# A success, failures of Flask's views, of the data path, and of an unknown address.
PLACES = [
    ("GET", "/healthz", 200),
    ("GET", "/api/v1/users", 401),
    ("POST", "/v1/chat/completions", 401),
    ("POST", "/api/v1/llm-providers/chat", 401),
    ("DELETE", "/healthz", 405),
    ("GET", "/v1/nothing", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), PLACES)
def test_without_a_list_nothing_is_said(served: Served, method: str, path: str, status: int) -> None:
    authenticated_first = 401 if status == 405 else status

    assert cors_headers(served(), method, path, Origin=ORIGIN) == (authenticated_first, {})


@pytest.mark.parametrize(("method", "path", "status"), PLACES)
def test_a_listed_origin_may_read_answers_and_errors(served: Served, method: str, path: str, status: int) -> None:
    found = cors_headers(served(ELSEWHERE, ORIGIN), method, path, Origin=ORIGIN)

    exposed = found[1].pop("Access-Control-Expose-Headers")
    assert found[1] == {
        "Access-Control-Allow-Origin": ORIGIN,
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin",
    }
    told = {"X-Request-Id", "X-Patchbay-Provider", "Retry-After", "Location", "Content-Disposition"}
    assert told <= set(exposed.split(", "))


@pytest.mark.parametrize(("method", "path", "status"), PLACES)
def test_another_origin_may_not(served: Served, method: str, path: str, status: int) -> None:
    assert cors_headers(served(ORIGIN), method, path, Origin=ELSEWHERE)[1] == {"Vary": "Origin"}


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/api/v1/llm-providers", "/nothing"])
def test_a_preflight_of_a_listed_origin_needs_no_credential(served: Served, path: str) -> None:
    status, headers = cors_headers(served(ORIGIN), "OPTIONS", path, Origin=ORIGIN, **PREFLIGHT)

    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert headers["Access-Control-Allow-Headers"] == "authorization, content-type"
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= set(headers["Access-Control-Allow-Methods"].split(", "))


def test_a_preflight_of_another_origin_allows_nothing(served: Served) -> None:
    _, headers = cors_headers(served(ORIGIN), "OPTIONS", "/v1/models", Origin=ELSEWHERE, **PREFLIGHT)

    assert headers == {"Vary": "Origin"}


def test_without_a_list_a_preflight_allows_nothing(served: Served) -> None:
    assert cors_headers(served(), "OPTIONS", "/v1/chat/completions", Origin=ORIGIN, **PREFLIGHT)[1] == {}


def test_everybody_may_call_without_credentials_of_a_browser(served: Served) -> None:
    client = served("*")

    plain = cors_headers(client, "GET", "/healthz", Origin=ELSEWHERE)[1]
    preflight = cors_headers(client, "OPTIONS", "/v1/models", Origin=ELSEWHERE, **PREFLIGHT)[1]

    for headers in (plain, preflight):
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in headers


def test_a_request_without_an_origin_is_nobody_elses_site(served: Served) -> None:
    assert cors_headers(served(ORIGIN), "GET", "/healthz")[1] == {"Vary": "Origin"}


@pytest.mark.parametrize(
    "origin", ["null", "https://chat.example.evil.example", "http://chat.example", ORIGIN + ":444"]
)
def test_origins_are_compared_whole(served: Served, origin: str) -> None:
    assert cors_headers(served(ORIGIN), "GET", "/healthz", Origin=origin)[1] == {"Vary": "Origin"}
