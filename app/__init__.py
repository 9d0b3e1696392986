"""Patchbay: one door to every language model.

`create_app` builds every object once and connects them; read it first. What it needs is imported inside it, so that
the engine's processes, which live in this package too, start without Flask and SQLAlchemy.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Config


def create_app(config: Config) -> Flask:
    """The WSGI application, ready to answer; nothing runs in the background yet (serving/background.py starts that)."""
    from app.admin.accounts import Accounts
    from app.admin.aliases import AliasSettings
    from app.admin.api_keys import ApiKeys, KeyUses
    from app.admin.connection_test import ConnectionTest
    from app.admin.model_schedules import ScheduleSettings
    from app.admin.passwords import Passwords
    from app.admin.provider_settings import ProviderSettings
    from app.admin.reports import Reports
    from app.admin.settings import SettingsAdmin
    from app.admin.sign_in import SignIn
    from app.api import new_flask, register_everything
    from app.api.credentials import Credentials
    from app.api.dialects.ai_library import AiLibrary
    from app.api.dialects.anthropic_messages import AnthropicMessages
    from app.api.dialects.llama_chat import LlamaChat
    from app.api.dialects.lmstudio_service import Defaults, LMStudioService
    from app.api.dialects.native import Native
    from app.api.dialects.openai_pass_through import OpenAIPassThrough
    from app.api.dialects.openai_responses import OpenAIResponses
    from app.api.dialects.openai_v1 import OpenAIV1
    from app.api.edge import Edge
    from app.api.parts import Parts
    from app.gateway.connections import Connections
    from app.gateway.conversations.asking import Asking
    from app.gateway.conversations.attachments import AttachmentShelf
    from app.gateway.conversations.branches import Branches
    from app.gateway.conversations.event_log import EventLog
    from app.gateway.conversations.exports import Exports
    from app.gateway.conversations.folders import FolderShelf
    from app.gateway.conversations.following import Following
    from app.gateway.conversations.generations import Generations
    from app.gateway.conversations.imports import Imports
    from app.gateway.conversations.keeping import Keeper
    from app.gateway.conversations.library import Library
    from app.gateway.conversations.model_title import ModelTitle
    from app.gateway.conversations.named import NamedConversations
    from app.gateway.conversations.presets import PresetShelf
    from app.gateway.conversations.purge import Purge
    from app.gateway.conversations.search import ChatSearch
    from app.gateway.conversations.sent import SentRequests
    from app.gateway.conversations.shared_events import SharedEvents
    from app.gateway.conversations.stop_signals import StopSignals
    from app.gateway.draining import draining
    from app.gateway.health import Health
    from app.gateway.ledger import Ledger
    from app.gateway.lifecycle import Lifecycle
    from app.gateway.limits import RequestLimits
    from app.gateway.metrics import Metrics
    from app.gateway.model_lists import ModelLists
    from app.gateway.operations import OperationRunner
    from app.gateway.prices import Prices
    from app.gateway.request_log import RequestLog
    from app.gateway.responses import ResponseShelf
    from app.gateway.service import LLMService
    from app.gateway.slots import Slots
    from app.gateway.state import State
    from app.gateway.token_counts import TokenCounts
    from app.gateway.warm_up import WarmUp
    from app.providers.discovery import Discovery
    from app.providers.engine.client import EngineClient
    from app.providers.engine.fetcher import HubAccess
    from app.storage.audit import AuditLog
    from app.storage.database import Database, db, engine_options, prepare_engine
    from app.storage.secrets import SecretBox
    from app.storage.snapshot import load_snapshot, load_version
    from app.storage.usage import UsageStore

    flask = new_flask()
    flask.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    flask.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config.database_url)
    flask.config["JWT_SECRET_KEY"] = config.jwt_secret
    db.init_app(flask)
    with flask.app_context():
        database = Database(prepare_engine(db.engine))

    box = SecretBox(config.secret_keys)
    state = State(load=lambda: load_snapshot(database, box), version=lambda: load_version(database))
    usage = UsageStore(database)
    engine = EngineClient(config.engine_socket) if config.local_engine else None
    connections = Connections(engine, HubAccess(config.hub_endpoint, config.hub_token))
    health = Health()
    lists = ModelLists(connections, health)
    ledger = Ledger(usage.insert_many)
    metrics = Metrics()
    ledger.on_records(metrics.observe)
    request_log = RequestLog(sys.stderr if config.log_level in ("info", "debug") else None)
    ledger.on_records(request_log.attempts)
    prices = Prices()
    limits = RequestLimits(config.redis_url)
    llm = LLMService(
        state=state,
        connections=connections,
        lists=lists,
        limits=limits,
        health=health,
        ledger=ledger,
        prices=prices,
        slots=Slots(config.redis_url),
    )
    state.on_change(connections.on_change)
    key_uses = KeyUses(database)
    credentials = Credentials(state, config.jwt_secret, key_uses.note)
    passwords = Passwords()
    shared_events = None if config.redis_url is None else SharedEvents(config.redis_url)
    stop_signals = None if config.redis_url is None else StopSignals(config.redis_url)
    events = EventLog(shared_events)
    generations = Generations(llm, database, events, stop_signals, draining)
    lifecycle = Lifecycle(state, llm, connections, lists, OperationRunner(database, draining))
    named = NamedConversations(database, generations.stop_quietly)
    defaults = Defaults(config.default_regular_model, config.default_vision_model)
    responses = ResponseShelf(database)
    parts = Parts(
        config=config,
        database=database,
        state=state,
        box=box,
        connections=connections,
        health=health,
        model_lists=lists,
        ledger=ledger,
        metrics=metrics,
        request_log=request_log,
        prices=prices,
        llm=llm,
        credentials=credentials,
        key_uses=key_uses,
        openai_v1=OpenAIV1(llm, credentials),
        native=Native(llm, credentials),
        older_faces=(
            LMStudioService(llm, credentials, state, lists, lifecycle, defaults).face(),
            LlamaChat(llm, credentials, named, lists, health).face(),
            AiLibrary(llm, credentials, named, state, lists, connections).face(),
        ),
        anthropic_messages=AnthropicMessages(llm, credentials, TokenCounts(llm, connections, limits, state)),
        openai_pass_through=OpenAIPassThrough(llm, credentials),
        openai_responses=OpenAIResponses(llm, credentials, responses),
        responses=responses,
        accounts=Accounts(database, passwords),
        sign_in=SignIn(database, passwords, config.jwt_secret),
        api_keys=ApiKeys(database),
        aliases=AliasSettings(database),
        schedules=ScheduleSettings(database),
        settings=SettingsAdmin(database),
        provider_settings=ProviderSettings(database, box),
        reports=Reports(database),
        audit=AuditLog(database),
        ladder=ConnectionTest(engine),
        discovery=Discovery(own_port=config.port),
        engine=engine,
        lifecycle=lifecycle,
        warm_up=WarmUp(database, state, connections, lists, lifecycle),
        library=Library(database, generations.stop_quietly),
        branches=Branches(database, generations.stop_quietly),
        folders=FolderShelf(database),
        presets=PresetShelf(database),
        attachments=AttachmentShelf(database),
        search=ChatSearch(database),
        exports=Exports(database),
        imports=Imports(database),
        purge=Purge(database),
        asking=Asking(database, llm, generations),
        generations=generations,
        following=Following(database, events),
        keeper=Keeper(generations, database, events),
        model_title=ModelTitle(database, llm),
        sent_requests=SentRequests(database),
        shared_events=shared_events,
        stop_signals=stop_signals,
    )
    flask.extensions["patchbay"] = parts
    register_everything(flask, config)
    faces = (parts.openai_v1, parts.native, parts.anthropic_messages, parts.openai_responses)
    hot = {path: handler for face in faces for path, handler in face.hot_routes().items()}
    flask.wsgi_app = Edge(flask.wsgi_app, hot, config, draining, request_log)  # type: ignore[method-assign]  # Flask's own way
    return flask
