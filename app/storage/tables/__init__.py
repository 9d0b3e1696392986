"""Every table, typed."""

from app.storage.tables.base import Base, JsonValue, UtcDateTime, Uuid, complete_indexes
from app.storage.tables.conversations import (
    AttachmentRow,
    ConversationRow,
    FolderRow,
    GenerationRow,
    MessageAttachmentRow,
    MessageRow,
    OutsideNameRow,
    PresetRow,
    SearchEntryRow,
    SearchWords,
)
from app.storage.tables.core import (
    AliasRow,
    ApiKeyRow,
    AuditRow,
    ProviderRow,
    ProviderVersionRow,
    SessionRow,
    SettingRow,
    StateVersionRow,
    UsageRow,
    UserRow,
)
from app.storage.tables.operations import OperationRow
from app.storage.tables.responses import ResponseRow
from app.storage.tables.schedules import ModelScheduleRow

__all__ = [
    "AliasRow",
    "ApiKeyRow",
    "AttachmentRow",
    "AuditRow",
    "Base",
    "ConversationRow",
    "FolderRow",
    "GenerationRow",
    "JsonValue",
    "MessageAttachmentRow",
    "MessageRow",
    "ModelScheduleRow",
    "OperationRow",
    "OutsideNameRow",
    "PresetRow",
    "ProviderRow",
    "ProviderVersionRow",
    "ResponseRow",
    "SearchEntryRow",
    "SearchWords",
    "SessionRow",
    "SettingRow",
    "StateVersionRow",
    "UsageRow",
    "UserRow",
    "UtcDateTime",
    "Uuid",
    "complete_indexes",
]
