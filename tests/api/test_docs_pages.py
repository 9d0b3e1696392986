"""/docs and /redoc show the operations in a browser, and ask nobody but this server for it."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, sync_playwright

from app.api.docs_pages import DOCUMENT
from config import OLDER_FACES
from tests.conftest import BROWSERS
from tests.serving.running import Running, free_port

OLDER = [f"/{face}/{page}" for face in OLDER_FACES for page in ("docs", "redoc")]
PAGES = ["/docs", "/api/docs", "/redoc", *OLDER]


@pytest.fixture(scope="module", params=["", "/patchbay"], ids=["root", "sub-path"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a running server has its pages: at its root, or below the path of PUBLIC_URL."""
    home, port = tmp_path_factory.mktemp("docs"), free_port()
    settings = {
        "PATCHBAY_HOME": str(home),
        "PORT": str(port),
        "LOCAL_ENGINE": "0",
        "ADMIN_USERNAME": "admin",
        "ADMIN_PASSWORD": "correct-horse-1",
        "PUBLIC_URL": f"http://127.0.0.1:{port}{request.param}",
    }
    with Running([sys.executable, "-m", "app.serving.launch"], settings, home / "output") as running:
        running.wait_until_ready()
        yield f"{running.url}{request.param}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(path for name in BROWSERS if (path := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page, what it asked for, and what it complained about."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def outside(self, server: str) -> list[str]:
        return [url for url in self.asked if not url.startswith((f"{server}/", "data:", "blob:"))]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    visit = Visit(context.new_page())
    visit.page.on("request", lambda request: visit.asked.append(request.url))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("console", lambda message: visit.complaints.append(message.text) if message.type == "error" else None)
    yield visit
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/docs", "/api/docs"])
def test_swagger_ui_shows_the_operations(server: str, visit: Visit, path: str) -> None:
    visit.page.goto(server + path)

    visit.page.get_by_text("/v1/chat/completions", exact=True).wait_for()
    sections = visit.page.locator(".opblock-tag").all_inner_texts()
    assert any(one.startswith("OpenAI-compatible") for one in sections)
    assert visit.page.locator(".opblock").count() > 40
    assert visit.page.locator(".errors-wrapper").count() == 0
    assert visit.complaints == []
    assert visit.outside(server) == []


@pytest.mark.browser
@pytest.mark.parametrize(
    ("path", "shown"),
    [("/llama-chat/docs", "/chat/clear"), ("/lmstudio-service/redoc", "Load a model")],
)
def test_an_older_face_has_pages_of_its_own(server: str, visit: Visit, path: str, shown: str) -> None:
    visit.page.goto(server + path)

    visit.page.get_by_text(shown, exact=True).first.wait_for()
    assert visit.page.locator(".errors-wrapper").count() == 0
    assert visit.complaints == []
    assert visit.outside(server) == []


@pytest.mark.browser
def test_swagger_ui_tries_an_operation_out(server: str, visit: Visit) -> None:
    visit.page.goto(f"{server}/docs")
    visit.page.get_by_text("/healthz", exact=True).click()
    visit.page.get_by_role("button", name="Try it out").click()

    visit.page.get_by_role("button", name="Execute").click()

    visit.page.locator(".live-responses-table").get_by_text('"alive"').wait_for()
    assert f"{server}/healthz" in visit.asked
    assert visit.outside(server) == []


@pytest.mark.browser
def test_redoc_shows_the_operations(server: str, visit: Visit) -> None:
    visit.page.goto(f"{server}/redoc")

    visit.page.get_by_role("heading", name="Answer a chat; streamed or whole.").first.wait_for()
    assert visit.page.locator("[data-section-id*='operation/']").count() > 40
    assert visit.complaints == []
    assert visit.outside(server) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_may_load_from_here_only(client: FlaskClient, path: str) -> None:
    reply = client.get(path)

    policy = dict(one.strip().split(" ", 1) for one in reply.headers["Content-Security-Policy"].split(";"))
    sources = {source for value in policy.values() for source in value.split()}
    assert reply.status_code == 200
    assert policy["script-src"] == "'self'"
    assert sources <= {"'self'", "'none'", "'unsafe-inline'", "data:", "blob:"}
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["X-Frame-Options"] == "DENY"


def test_everything_a_page_names_is_there(client: FlaskClient) -> None:
    for path in PAGES:
        names = re.findall(r'(?:src|href|data-document)="(/[^"]+)"', client.get(path).text)
        for name in names:
            with client.get(name) as reply:
                assert (name, reply.status_code) == (name, 200)
        assert len(names) > 2


def test_every_documented_path_stands_in_the_page_about_the_api() -> None:
    page = (DOCUMENT.parent / "api.md").read_text(encoding="utf-8")

    missing = [path for path in json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"] if not mentions(page, path)]

    assert missing == []


def mentions(page: str, path: str) -> bool:
    """As it is, or by its end beside others of the same place."""
    end = path.removeprefix("/api/v1/llm-providers").removeprefix("/api/v1").removeprefix("/v1")
    return any(re.search(rf"[` ]{re.escape(one)}`", page) for one in (path, end) if one)


def test_the_document_names_the_address_it_was_asked_at(client: FlaskClient) -> None:
    plain: Any = client.get("/openapi.json").json
    below: Any = client.get("/openapi.json", environ_overrides={"SCRIPT_NAME": "/patchbay"}).json

    assert plain["servers"] == [{"url": "/"}]
    assert below["servers"] == [{"url": "/patchbay"}]


@pytest.mark.parametrize("name", ["../../openapi.py", "..%2f..%2fopenapi.py", "js/nothing.js", ""])
@pytest.mark.parametrize("package", ["swagger", "redoc", "start", "other"])
def test_no_other_file_can_be_read(client: FlaskClient, package: str, name: str) -> None:
    assert client.get(f"/docs/assets/{package}/{name}").status_code == 404
