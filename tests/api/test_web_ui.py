"""The built page and its files, and what must never be answered with a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.api import hooks, web_ui

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAGE = "<!doctype html><html><head><title>Patchbay</title></head></html>"


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text(PAGE)
    (dist / "icon.svg").write_text("<svg/>")
    (dist / "assets" / "index-abc123.js").write_text("void 0")
    (tmp_path / "secrets.env").write_text("PATCHBAY_JWT_SECRET=x")
    return dist


@pytest.fixture
def pages(dist: Path) -> FlaskClient:
    app = Flask("pages", static_folder=None)
    hooks.register(app)
    web_ui.register(app, dist)
    return app.test_client()


@pytest.mark.parametrize("path", ["/", "/chat", "/chat/7f3c", "/providers/groq?tab=keys", "/apiary"])
def test_every_address_of_the_page_gets_the_page(pages: FlaskClient, path: str) -> None:
    reply = pages.get(path, headers=BROWSER)

    assert reply.status_code == 200
    assert reply.content_type == "text/html; charset=utf-8"
    assert re.sub(r'nonce" content="[^"]+"', 'nonce" content="…"', reply.text) == PAGE.replace(
        "<head>", '<head><base href="/"><meta name="csp-nonce" content="…">'
    )
    assert reply.headers["Cache-Control"] == "no-cache"


def test_the_page_runs_no_script_of_others(pages: FlaskClient) -> None:
    policy = pages.get("/", headers=BROWSER).headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_the_page_knows_the_sub_path_it_is_served_under(pages: FlaskClient) -> None:
    reply = pages.get("/chat/7f3c", headers=BROWSER, base_url="https://example.org/tools/gateway/")

    assert '<head><base href="/tools/gateway/">' in reply.text


def test_style_elements_need_the_nonce_of_this_very_page(pages: FlaskClient) -> None:
    first, second = pages.get("/", headers=BROWSER), pages.get("/", headers=BROWSER)

    nonces = [re.search(r'csp-nonce" content="([^"]{20,})"', reply.text) for reply in (first, second)]
    assert nonces[0] is not None
    assert nonces[1] is not None
    assert nonces[0][1] != nonces[1][1]
    assert f"style-src 'self' 'nonce-{nonces[0][1]}';" in first.headers["Content-Security-Policy"]


def test_hosts_of_links_are_not_looked_up_before_a_click(pages: FlaskClient) -> None:
    assert pages.get("/", headers=BROWSER).headers["X-DNS-Prefetch-Control"] == "off"


def test_a_page_is_sent_whole_each_time_because_its_nonce_is_new(pages: FlaskClient) -> None:
    first = pages.get("/", headers=BROWSER)

    again = pages.get("/", headers={**BROWSER, "If-None-Match": "*"})

    assert "ETag" not in first.headers
    assert again.status_code == 200
    assert again.data


def test_an_unchanged_file_is_not_sent_again(pages: FlaskClient) -> None:
    first = pages.get("/icon.svg", buffered=True)

    second = pages.get("/icon.svg", headers={"If-None-Match": first.headers["ETag"]}, buffered=True)

    assert (second.status_code, second.data) == (304, b"")


def test_files_with_a_checksum_in_their_name_are_kept_for_good(pages: FlaskClient) -> None:
    reply = pages.get("/assets/index-abc123.js", buffered=True)

    assert reply.status_code == 200
    assert reply.content_type.startswith("text/javascript")
    assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_other_files_are_asked_for_again(pages: FlaskClient) -> None:
    assert pages.get("/icon.svg", buffered=True).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/api/nothing", "/api/v1/nothing", "/api", "/openai/v1/nothing", "/metrics/x", "/docs/x"]
)
def test_unknown_addresses_of_the_api_never_get_the_page(pages: FlaskClient, path: str) -> None:
    reply = pages.get(path, headers=BROWSER)

    assert reply.status_code == 404
    assert reply.content_type == "application/json"


def test_programs_never_get_the_page_by_accident(pages: FlaskClient) -> None:
    reply = pages.get("/chat", headers={"Accept": "*/*"})

    assert (reply.status_code, reply.content_type) == (404, "application/json")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_only_reading_gets_the_page(pages: FlaskClient, method: str) -> None:
    assert pages.open("/chat", method=method, headers=BROWSER).status_code == 404


def test_another_method_of_a_known_address_is_left_to_the_api(client: FlaskClient) -> None:
    reply = client.delete("/healthz", headers=BROWSER)

    assert (reply.status_code, reply.content_type) == (401, "application/json")


@pytest.mark.parametrize("path", ["/../secrets.env", "/assets/../../secrets.env", "/%2e%2e/secrets.env"])
def test_nothing_beside_the_built_files_is_reachable(pages: FlaskClient, path: str) -> None:
    reply = pages.get(path)

    assert reply.status_code == 404
    assert b"PATCHBAY" not in reply.data


def test_an_unbuilt_page_says_how_to_build_it(tmp_path: Path) -> None:
    app = Flask("pages", static_folder=None)
    hooks.register(app)
    web_ui.register(app, tmp_path / "missing")

    reply = app.test_client().get("/", headers=BROWSER)

    assert reply.status_code == 404
    assert "./patchbay up builds it" in reply.text
