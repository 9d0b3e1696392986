"""Flask's views of the older faces: each below its own address, and one of them at the root where that is wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from flask import Flask, Response, request

from app.api import current, web_ui
from app.api.admission import admitted
from app.api.auth import admits_itself, public
from app.api.docs_pages import redoc_ui, swagger_ui
from app.api.faces.document import face_document
from app.api.faces.face import Face, Handler, detail_body, failing_with_detail
from app.api.hooks import ELSEWHERE
from app.api.model_views import flask_reply
from app.api.wire import WireReply, WireRequest
from app.domain.errors import MethodNotAllowed

View = Callable[..., Response]


def register(app: Flask, faces: Sequence[Face], root_face: str | None, dist: Path = web_ui.DIST) -> None:
    """Add every route of every face; `root_face` is the slug of the one that is served at the root too."""
    for face in faces:
        for route in face.routes:
            view = _view(route.handler, is_public=route.is_public)
            endpoint = _endpoint(face.slug, route.method, route.path)
            # Clients may write the address of the whole face with a slash at its end or without.
            for rule in sorted({f"{face.prefix}{route.path}", f"{face.prefix}{route.path}".rstrip("/")}):
                app.add_url_rule(_flask_rule(rule), endpoint, view, methods=[route.method])
        _add_pages(app, face)
        if face.slug == root_face:
            _add_root(app, face, dist)


def _view(handler: Handler, *, is_public: bool = False) -> View:
    def view(**values: str) -> Response:
        return flask_reply(lambda wire: handler(wire, **values))

    return public(view) if is_public else admits_itself(view)


def _add_pages(app: Flask, face: Face) -> None:
    """Its own document with Swagger UI and ReDoc, which need no caller."""

    @public
    def document() -> Response:
        content = msgspec.json.encode(face_document(face, f"{request.script_root}{face.prefix}"))
        return Response(content, content_type="application/json")

    @public
    def swagger() -> Response:
        return swagger_ui(f"{request.script_root}{face.prefix}/openapi.json")

    @public
    def redoc() -> Response:
        return redoc_ui(f"{request.script_root}{face.prefix}/openapi.json")

    pages: Mapping[str, View] = {"/openapi.json": document, "/docs": swagger, "/redoc": redoc}
    for path, view in pages.items():
        app.add_url_rule(f"{face.prefix}{path}", _endpoint(face.slug, "get", path), view, methods=["GET"])


def _add_root(app: Flask, face: Face, dist: Path) -> None:
    """The face's routes once more; whoever reads HTML is shown the web UI, which has addresses of the same names."""
    app.config[ELSEWHERE] = detail_body
    paths = dict.fromkeys(route.path for route in face.routes)
    for path in paths:
        routes = {route.method: route for route in face.routes if route.path == path}
        for method, route in routes.items():
            if method != "GET":
                view = _view(route.handler)
                app.add_url_rule(_flask_rule(path), _endpoint("root", method, path), view, methods=[method])
        read = routes["GET"].handler if "GET" in routes else _only(*routes)
        app.add_url_rule(_flask_rule(path), _endpoint("root", "GET", path), _page_or(read, dist), methods=["GET"])


def _page_or(handler: Handler, dist: Path) -> View:
    plain = _view(handler)

    @admits_itself
    def view(**values: str) -> Response:
        response = web_ui.page(dist) if web_ui.reads_pages() else plain(**values)
        response.vary.add("Accept")
        return response

    return view


def _only(*methods: str) -> Handler:
    """What somebody hears who reads an address that is only written to."""

    def refuse(wire: WireRequest) -> WireReply:
        admitted(current.parts().credentials, wire.headers)
        error = MethodNotAllowed("GET is not possible here.")
        error.allowed = methods
        raise error

    return failing_with_detail(refuse)


def _endpoint(where: str, method: str, path: str) -> str:
    return "_".join([where.replace("-", "_"), method.lower(), *re.findall(r"\w+", path)])


def _flask_rule(path: str) -> str:
    return re.sub(r"{(\w+)}", r"<string:\1>", path)
