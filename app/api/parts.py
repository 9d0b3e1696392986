"""What create_app connects, by name, for the views."""

from __future__ import annotations

from dataclasses import dataclass

from app.admin.accounts import Accounts
from app.admin.aliases import AliasSettings
from app.admin.api_keys import ApiKeys, KeyUses
from app.admin.connection_test import ConnectionTest
from app.admin.provider_settings import ProviderSettings
from app.admin.reports import Reports
from app.admin.settings import SettingsAdmin
from app.admin.sign_in import SignIn
from app.api.credentials import Credentials
from app.api.dialects.native import Native
from app.api.dialects.openai_v1 import OpenAIV1
from app.gateway.connections import Connections
from app.gateway.health import Health
from app.gateway.ledger import Ledger
from app.gateway.metrics import Metrics
from app.gateway.model_lists import ModelLists
from app.gateway.prices import Prices
from app.gateway.request_log import RequestLog
from app.gateway.service import LLMService
from app.gateway.state import State
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
    accounts: Accounts
    sign_in: SignIn
    api_keys: ApiKeys
    aliases: AliasSettings
    settings: SettingsAdmin
    provider_settings: ProviderSettings
    reports: Reports
    audit: AuditLog
    ladder: ConnectionTest
    discovery: Discovery
    engine: EngineClient | None
