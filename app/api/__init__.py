"""Speaking to clients: the only code that knows Flask. The URL map of the application, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask_openapi import OpenAPI

    from config import Config


def new_flask() -> OpenAPI:
    """An application that documents itself, without routes."""
    from flask_openapi import Info, OpenAPI

    from app.api.converters import ProviderReference

    app = OpenAPI(
        "patchbay",
        info=Info(title="Patchbay", version="0.1.0"),
        security_schemes={
            "bearer": {"type": "http", "scheme": "bearer", "description": "An API key (pb-…) or an access token"},
            "x_api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            "refresh_cookie": {"type": "apiKey", "in": "cookie", "name": "pb_refresh"},
        },
        doc_ui=False,
        static_folder=None,
    )
    app.openapi_version = "3.1.1"
    app.url_map.converters["provider"] = ProviderReference
    return app


def register_everything(app: OpenAPI, config: Config) -> None:
    """Every route there is, and what happens around each."""
    from app.api import docs_pages, health, hooks, limiter, web_ui
    from app.api.admin.aliases import aliases
    from app.api.admin.api_keys import api_keys
    from app.api.admin.auth_routes import auth_routes
    from app.api.admin.llm_providers import llm_providers
    from app.api.admin.settings import settings
    from app.api.admin.usage import usage
    from app.api.admin.users import users
    from app.api.dialects.openai_v1 import PREFIXES
    from app.api.model_views import native, v1_blueprint

    hooks.register(app)
    limiter.configure(app, config)
    for prefix in PREFIXES:
        app.register_api(v1_blueprint(prefix))  # /v1/…, /openai/v1/…
    app.register_api(native)  # /api/v1/llm-providers/chat, /models …
    app.register_api(llm_providers)  # /api/v1/llm-providers
    app.register_api(auth_routes)  # /api/v1/auth
    app.register_api(users)  # /api/v1/users
    app.register_api(api_keys)  # /api/v1/api-keys
    app.register_api(aliases)  # /api/v1/aliases
    app.register_api(settings)  # /api/v1/settings
    app.register_api(usage)  # /api/v1/usage
    health.register(app)  # /healthz, /readyz, /metrics
    docs_pages.register(app)  # /docs, /api/docs, /redoc, /openapi.json
    web_ui.register(app)  # everything else that is a page
