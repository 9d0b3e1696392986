"""The built web UI: its files, and its one page for every address that is nobody else's."""

from __future__ import annotations

import html
import secrets
from pathlib import Path

from flask import Flask, Response, request, send_from_directory
from werkzeug.exceptions import NotFound as NoRoute
from werkzeug.security import safe_join

from app.domain.errors import NotFound
from config import ROOT

DIST = ROOT / "frontend" / "dist"

API_PREFIXES = (
    *("/api/", "/v1/", "/openai/", "/docs/", "/metrics", "/healthz", "/readyz"),
    *("/lmstudio-service/", "/llama-chat/", "/ai-library/"),
)
"""Below these an unknown address is an error, never a page."""

# Menus and dialogs put a style element into the page while they are open; it carries the page's nonce.
_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:;"
    " font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self';"
    " frame-ancestors 'none'"
)
_FOREVER = "public, max-age=31536000, immutable"


def register(app: Flask, dist: Path = DIST) -> None:
    """Answer addresses without a route of their own. A rule that catches all would turn every 405 into a 404."""

    @app.before_request
    def page_or_file() -> Response | None:
        if not isinstance(request.routing_exception, NoRoute) or request.method not in ("GET", "HEAD"):
            return None
        name = request.path.lstrip("/")
        if name and _is_file(dist, name):
            return _file(dist, name)
        return page(dist) if request.path == "/" or reads_pages() else None


def _is_file(dist: Path, name: str) -> bool:
    path = safe_join(str(dist), name)
    return name != "index.html" and path is not None and Path(path).is_file()


def reads_pages() -> bool:
    """Browsers ask for HTML by name; programs, which would stumble over it, do not."""
    if f"{request.path}/".startswith(API_PREFIXES):
        return False
    return "text/html" in request.headers.get("Accept", "")


def _file(dist: Path, name: str) -> Response:
    response = send_from_directory(dist, name)
    # Vite puts a checksum of the content into these names.
    response.headers["Cache-Control"] = _FOREVER if name.startswith("assets/") else "no-cache"
    return _safe(response)


def page(dist: Path = DIST) -> Response:
    """The web UI's one page."""
    index = dist / "index.html"
    if not index.is_file():
        raise NotFound("The web UI is not built yet: ./patchbay up builds it. The API works without it.")
    # For the <style> elements that libraries make while something covers the page; styles in files need none.
    nonce = secrets.token_urlsafe(16)
    # The page's own addresses are relative, so that one build works under any sub-path and at any depth.
    base = f'<head><base href="{html.escape(request.script_root)}/"><meta name="csp-nonce" content="{nonce}">'
    response = Response(
        index.read_text(encoding="utf-8").replace("<head>", base, 1), content_type="text/html; charset=utf-8"
    )
    # Without an ETag: a 304 would pair its header's new nonce with the old one in the browser's copy.
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Security-Policy"] = _CSP.format(nonce=nonce)
    response.headers["X-Frame-Options"] = "DENY"
    # A browser looks hosts of links up before anyone clicks: a link in an answer would tell its host something.
    response.headers["X-DNS-Prefetch-Control"] = "off"
    return _safe(response)


def _safe(response: Response) -> Response:
    # The server writes the date of every answer; werkzeug adds another to conditional ones.
    response.headers.pop("Date", None)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
