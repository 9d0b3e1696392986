"""What happens around every Flask view: who asks, and how failures look in each face."""

from __future__ import annotations

import msgspec
from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WrongMethod
from werkzeug.exceptions import NotFound as NoRoute

from app.api import current
from app.api.admission import admitted
from app.api.dialects import anthropic_messages, native, openai_v1
from app.api.errors import error_headers, http_status
from app.api.faces.face import detail_body
from app.api.wire import RenderError, unexpected
from app.domain.errors import GatewayError, InvalidRequest, MethodNotAllowed, NotFound

ELSEWHERE = "FAILURES_ELSEWHERE"
"""Flask's setting for how failures look at addresses that are nobody's: native, unless a face is at the root."""
_NATIVE = ("/api/v1/", "/docs/", "/metrics/", "/healthz/", "/readyz/")
_SHAPES: tuple[tuple[str, RenderError], ...] = (
    ("/v1/messages/", anthropic_messages.error_body),
    ("/openai/v1/messages/", anthropic_messages.error_body),
    ("/v1/", openai_v1.error_body),
    ("/openai/", openai_v1.error_body),
    ("/lmstudio-service/", detail_body),
    ("/llama-chat/", detail_body),
    ("/ai-library/", detail_body),
)


def register(app: Flask) -> None:
    """Deny by default: a view that is not marked public is reached only by a caller who was admitted."""
    app.config.setdefault(ELSEWHERE, native.failure_body)

    @app.before_request
    def admit() -> None:
        g.request_id = request.environ.get("patchbay.request_id", "")
        view = app.view_functions.get(request.endpoint or "")
        if getattr(view, "is_public", False) or getattr(view, "admits_itself", False):
            return
        if request.routing_exception is not None and isinstance(request.routing_exception, NoRoute):
            # An unknown path says so only to those who may know what exists; everybody may know that it does not.
            return
        headers = {name.lower(): value for name, value in request.headers.items()}
        g.caller = admitted(
            current.parts().credentials,
            headers,
            changing_password=getattr(view, "is_open_during_password_change", False),
        )

    @app.errorhandler(GatewayError)
    def gateway_error(error: GatewayError) -> Response:
        return error_response(error)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        if error.response is not None or (error.code is not None and error.code < 400):
            return Response(error.get_body(), status=error.code, headers=error.get_headers())
        return error_response(_of_http(error))

    @app.errorhandler(Exception)
    def any_error(error: Exception) -> Response:
        return error_response(unexpected(error, g.get("request_id", "")))


def error_response(error: GatewayError) -> Response:
    """In the shape of the face that was asked."""
    render = _shape_at(f"{request.path}/")
    body = msgspec.json.encode(render(error, g.get("request_id", "")))
    response = Response(body, status=http_status(error), content_type="application/json")
    response.headers.extend(error_headers(error))
    return response


def _shape_at(path: str) -> RenderError:
    named = next((shape for prefix, shape in _SHAPES if path.startswith(prefix)), None)
    if named is not None:
        return named
    shape: RenderError = native.failure_body if path.startswith(_NATIVE) else current_app.config[ELSEWHERE]
    return shape


def _of_http(error: HTTPException) -> GatewayError:
    """werkzeug's own refusals (routing, limits) in our classes."""
    if isinstance(error, WrongMethod):
        wrong = MethodNotAllowed(f"{request.method} is not possible here.")
        wrong.allowed = tuple(sorted(error.valid_methods or ()))
        return wrong
    if error.code == 404:
        return NotFound(f"There is nothing at {request.path}.")
    return InvalidRequest(error.description or "The request can't be read.")
