"""Speaking to clients: the only code that knows Flask. The URL map of the application, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from config import Config


def new_flask() -> Flask:
    """An application without routes."""
    from app.api.converters import ProviderReference

    app = Flask("patchbay", static_folder=None)
    app.url_map.converters["provider"] = ProviderReference
    return app


def register_everything(app: Flask, config: Config) -> None:
    """Every route there is, and what happens around each."""
    from app.api import docs_pages, health, hooks, limiter, web_ui
    from app.api.admin.aliases import aliases
    from app.api.admin.api_keys import api_keys
    from app.api.admin.auth_routes import auth_routes
    from app.api.admin.llm_providers import llm_providers
    from app.api.admin.model_lifecycle import model_lifecycle
    from app.api.admin.model_schedules import model_schedules
    from app.api.admin.settings import settings
    from app.api.admin.usage import usage
    from app.api.admin.users import users
    from app.api.chat.attachments import attachments
    from app.api.chat.conversations import conversations
    from app.api.chat.folders import folders
    from app.api.chat.generations import asking, generations
    from app.api.chat.messages import messages
    from app.api.chat.presets import presets
    from app.api.chat.search import search
    from app.api.chat.transfer.views import transfer
    from app.api.dialects.openai_v1 import PREFIXES
    from app.api.faces import views as face_views
    from app.api.model_views import native, v1_blueprint
    from app.api.v1_views import messages_blueprint, relays_blueprint, responses_blueprint

    hooks.register(app)
    limiter.configure(app, config)
    for prefix in PREFIXES:
        app.register_blueprint(v1_blueprint(prefix))  # /v1/…, /openai/v1/…
        app.register_blueprint(responses_blueprint(prefix))  # /v1/responses
        app.register_blueprint(messages_blueprint(prefix))  # /v1/messages
        app.register_blueprint(relays_blueprint(prefix))  # /v1/audio/…, /images/generations, /moderations, /rerank
    app.register_blueprint(native)  # /api/v1/llm-providers/chat, /models …
    app.register_blueprint(llm_providers)  # /api/v1/llm-providers
    app.register_blueprint(model_lifecycle)  # /api/v1/llm-providers/models/load, /unload, /operations …
    app.register_blueprint(auth_routes)  # /api/v1/auth
    app.register_blueprint(users)  # /api/v1/users
    app.register_blueprint(api_keys)  # /api/v1/api-keys
    app.register_blueprint(aliases)  # /api/v1/aliases
    app.register_blueprint(model_schedules)  # /api/v1/model-schedules
    app.register_blueprint(settings)  # /api/v1/settings
    app.register_blueprint(usage)  # /api/v1/usage
    app.register_blueprint(conversations)  # /api/v1/conversations
    app.register_blueprint(messages)  # /api/v1/conversations/…/messages
    app.register_blueprint(asking)  # /api/v1/conversations/…/messages, …/regenerate, …/title
    app.register_blueprint(generations)  # /api/v1/generations
    app.register_blueprint(search)  # /api/v1/conversations/search
    app.register_blueprint(transfer)  # /api/v1/conversations/export, /import …
    app.register_blueprint(attachments)  # /api/v1/attachments
    app.register_blueprint(folders)  # /api/v1/folders
    app.register_blueprint(presets)  # /api/v1/presets
    older_faces = app.extensions["patchbay"].older_faces
    face_views.register(app, older_faces, config.root_face)  # /lmstudio-service, /llama-chat, /ai-library
    health.register(app)  # /healthz, /readyz, /metrics
    docs_pages.register(app)  # /docs, /api/docs, /redoc, /openapi.json
    web_ui.register(app)  # everything else that is a page
