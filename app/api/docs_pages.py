"""/docs (Swagger UI), /redoc and /openapi.json; everything they load comes from installed packages.

The document is the committed one: making it (openapi_document.py) would take seconds and megabytes of every start.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import msgspec
from flask import Flask, Response, request, send_from_directory, url_for

from app.api.auth import public
from config import ROOT

DOCUMENT = ROOT / "docs" / "openapi.json"

# Swagger UI and ReDoc set styles from scripts, and ReDoc starts a worker from a blob.
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " worker-src blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Patchbay API</title><link rel="icon" href="data:,">{head}</head>
<body><div id="docs" data-document="{document}"></div>{scripts}</body></html>
"""
SWAGGER_START = """const place = document.getElementById("docs");
window.ui = SwaggerUIBundle({url: place.dataset.document, domNode: place, deepLinking: true,
  persistAuthorization: false, presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset.slice(1)]});
"""
REDOC_START = """const place = document.getElementById("docs");
Redoc.init(place.dataset.document, {hideDownloadButton: false, disableSearch: false}, place);
"""
REDOC_SCRIPT = "js/redoc.standalone.js"
# A picture in ReDoc's footer, from its maker's server: the only thing that these pages would load from elsewhere.
REDOC_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"


def register(app: Flask) -> None:
    swagger = Path(str(files("flask_openapi_swagger") / "templates" / "swagger"))
    redoc = Path(str(files("flask_openapi_redoc") / "templates" / "redoc"))
    scripts = {"swagger-start.js": SWAGGER_START, "redoc-start.js": REDOC_START}

    @app.route("/openapi.json")
    @public
    def openapi_json() -> Response:
        document = msgspec.json.decode(DOCUMENT.read_bytes(), type=dict[str, msgspec.Raw])
        servers = [{"url": request.script_root or "/"}]
        return Response(msgspec.json.encode({**document, "servers": servers}), content_type="application/json")

    @app.route("/docs")
    @app.route("/api/docs", endpoint="api_docs")
    @public
    def swagger_page() -> Response:
        return swagger_ui(url_for("openapi_json"))

    @app.route("/redoc")
    @public
    def redoc_page() -> Response:
        return redoc_ui(url_for("openapi_json"))

    @app.route("/docs/assets/<package>/<path:name>")
    @public
    def docs_asset(package: str, name: str) -> Response:
        if package == "start" and name in scripts:
            return _script(scripts[name].encode())
        if package == "redoc" and name == REDOC_SCRIPT:
            return _script((redoc / REDOC_SCRIPT).read_bytes().replace(REDOC_LOGO, b"data:,"))
        return send_from_directory(redoc if package == "redoc" else swagger, name, max_age=86_400)


def swagger_ui(document: str) -> Response:
    """Swagger UI's page for the OpenAPI document at this address."""
    style = url_for("docs_asset", package="swagger", name="css/swagger-ui.css")
    return _page(
        document,
        f'<link rel="stylesheet" href="{style}">',
        ("swagger", "js/swagger-ui-bundle.js"),
        ("swagger", "js/swagger-ui-standalone-preset.js"),
        ("start", "swagger-start.js"),
    )


def redoc_ui(document: str) -> Response:
    """ReDoc's page for the OpenAPI document at this address."""
    return _page(document, "", ("redoc", REDOC_SCRIPT), ("start", "redoc-start.js"))


def _script(text: bytes) -> Response:
    headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return Response(text, content_type="text/javascript; charset=utf-8", headers=headers)


def _page(document: str, head: str, *scripts: tuple[str, str]) -> Response:
    tags = "".join(
        f'<script src="{url_for("docs_asset", package=package, name=name)}"></script>' for package, name in scripts
    )
    html = PAGE.format(head=head, scripts=tags, document=document)
    headers = {"Content-Security-Policy": CSP, "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff"}
    return Response(html, content_type="text/html; charset=utf-8", headers=headers)
