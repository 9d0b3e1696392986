"""What create_app connects, by name, for the views."""

from __future__ import annotations

from dataclasses import dataclass

from app.admin.accounts import Accounts
from app.admin.aliases import AliasSettings
from app.admin.api_keys import ApiKeys, KeyUses
from app.admin.connection_test import ConnectionTest
from app.admin.model_schedules import ScheduleSettings
from app.admin.provider_settings import ProviderSettings
from app.admin.reports import Reports
from app.admin.settings import SettingsAdmin
from app.admin.sign_in import SignIn
from app.api.credentials import Credentials
from app.api.dialects.anthropic_messages import AnthropicMessages
from app.api.dialects.native import Native
from app.api.dialects.openai_pass_through import OpenAIPassThrough
from app.api.dialects.openai_responses import OpenAIResponses
from app.api.dialects.openai_v1 import OpenAIV1
from app.api.faces.face import Face
from app.gateway.connections import Connections
from app.gateway.conversations.asking import Asking
from app.gateway.conversations.attachments import AttachmentShelf
from app.gateway.conversations.branches import Branches
from app.gateway.conversations.exports import Exports
from app.gateway.conversations.folders import FolderShelf
from app.gateway.conversations.following import Following
from app.gateway.conversations.generations import Generations
from app.gateway.conversations.imports import Imports
from app.gateway.conversations.keeping import Keeper
from app.gateway.conversations.library import Library
from app.gateway.conversations.model_title import ModelTitle
from app.gateway.conversations.presets import PresetShelf
from app.gateway.conversations.purge import Purge
from app.gateway.conversations.search import ChatSearch
from app.gateway.conversations.sent import SentRequests
from app.gateway.conversations.shared_events import SharedEvents
from app.gateway.conversations.stop_signals import StopSignals
from app.gateway.health import Health
from app.gateway.ledger import Ledger
from app.gateway.lifecycle import Lifecycle
from app.gateway.metrics import Metrics
from app.gateway.model_lists import ModelLists
from app.gateway.prices import Prices
from app.gateway.request_log import RequestLog
from app.gateway.responses import ResponseShelf
from app.gateway.service import LLMService
from app.gateway.state import State
from app.gateway.warm_up import WarmUp
from app.providers.discovery import Discovery
from app.providers.engine.client import EngineClient
from app.storage.audit import AuditLog
from app.storage.database import Database
from app.storage.secrets import SecretBox
from config import Config


@dataclass(slots=True)
class Parts:
    """One of each per process."""

    config: Config
    database: Database
    state: State
    box: SecretBox
    connections: Connections
    health: Health
    model_lists: ModelLists
    ledger: Ledger
    metrics: Metrics
    request_log: RequestLog
    prices: Prices
    llm: LLMService
    credentials: Credentials
    key_uses: KeyUses
    openai_v1: OpenAIV1
    native: Native
    older_faces: tuple[Face, ...]
    anthropic_messages: AnthropicMessages
    openai_pass_through: OpenAIPassThrough
    openai_responses: OpenAIResponses
    responses: ResponseShelf
    accounts: Accounts
    sign_in: SignIn
    api_keys: ApiKeys
    aliases: AliasSettings
    schedules: ScheduleSettings
    settings: SettingsAdmin
    provider_settings: ProviderSettings
    reports: Reports
    audit: AuditLog
    ladder: ConnectionTest
    discovery: Discovery
    engine: EngineClient | None
    lifecycle: Lifecycle
    warm_up: WarmUp
    library: Library
    branches: Branches
    folders: FolderShelf
    presets: PresetShelf
    attachments: AttachmentShelf
    search: ChatSearch
    exports: Exports
    imports: Imports
    purge: Purge
    asking: Asking
    generations: Generations
    following: Following
    keeper: Keeper
    model_title: ModelTitle
    sent_requests: SentRequests
    shared_events: SharedEvents | None
    """Only with Redis, as `stop_signals`."""
    stop_signals: StopSignals | None

    def close(self) -> None:
        """Leave no connection behind. Nothing of this process may be asked for anything afterwards."""
        self.model_lists.close()
        self.connections.close()
        self.database.close()
