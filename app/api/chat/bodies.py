"""What the conversation routes take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from pydantic import AfterValidator, Field

from app.api.admin.shapes import Body, ById, ListQuery, left_out
from app.api.chat.shapes import FeedbackValue
from app.api.parsing import MAX_JSON_BYTES
from app.domain.conversations import CompareColumn

MAX_TITLE = 200
MAX_NAME = 100
MAX_MODEL = 300
MAX_SYSTEM_PROMPT = 200_000
MAX_CONTENT = 4_000_000
MAX_PARAMETERS_BYTES = 65_536
MAX_ATTACHMENTS = 50
MAX_COLUMNS = 4


def _small(parameters: dict[str, Any]) -> dict[str, Any]:
    if len(msgspec.json.encode(parameters)) > MAX_PARAMETERS_BYTES:
        raise ValueError(f"must have at most {MAX_PARAMETERS_BYTES} bytes as JSON")
    return parameters


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    if not line:
        raise ValueError("must have a character that can be seen")
    return line


StrictBool = Annotated[bool, Field(strict=True)]
Id = Annotated[str, Field(min_length=1, max_length=36)]
Position = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Title = Annotated[str, Field(max_length=MAX_TITLE)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME), AfterValidator(_one_line)]
Model = Annotated[
    str, Field(min_length=1, max_length=MAX_MODEL, description="`<provider slug>/<model id>` or an alias")
]
SystemPrompt = Annotated[str, Field(max_length=MAX_SYSTEM_PROMPT)]
Parameters = Annotated[
    dict[str, Any],
    AfterValidator(_small),
    Field(description="By name, as `models?detailed=true` lists them for the model"),
]


class CompareColumnBody(Body):
    model: Model
    message_id: Id | None = None


class CompareBody(Body):
    columns: list[CompareColumnBody] = Field(min_length=2, max_length=MAX_COLUMNS)

    def to_columns(self) -> tuple[CompareColumn, ...]:
        return tuple(CompareColumn(one.model, one.message_id) for one in self.columns)


class ConversationBody(Body):
    title: Title | None = None
    model: Model | None = None
    parameters: Parameters = {}
    system_prompt: SystemPrompt | None = None
    folder_id: Id | None = None
    temporary: StrictBool = False
    pinned: StrictBool = False
    compare: CompareBody | None = None


class ConversationPatch(Body):
    title: Title = left_out()
    model: Model | None = left_out()
    parameters: Parameters = left_out()
    system_prompt: SystemPrompt | None = left_out()
    pinned: StrictBool = left_out()
    archived: StrictBool = left_out()
    folder_id: Id | None = left_out()
    active_message_id: Id | None = left_out()
    compare: CompareBody | None = left_out()


class ConversationsQuery(ListQuery):
    archived: bool = Field(False, description="Those that are archived, or those that are not")
    pinned: bool | None = None
    folder_id: str | None = Field(None, max_length=36)
    deleted: bool = Field(False, description="Those that can be restored")


class DeleteQuery(Body):
    permanent: bool = Field(False, description="Remove it now, for good")


class MessagePath(ById):
    message_id: str


class MessagePatch(Body):
    feedback: FeedbackValue | None


class ImageIn(Body):
    data_base64: str = Field(min_length=1, max_length=MAX_JSON_BYTES)
    mime_type: Literal["image/jpeg", "image/png", "image/webp"]
    name: str | None = Field(None, min_length=1, max_length=MAX_TITLE)


class CompareAskBody(Body):
    model: Model
    parent_id: Id | None = left_out()
    parameters: Parameters = left_out()


class AskBody(Body):
    """A question. `parent_id` left out: below the active message; null: a new root."""

    content: str = Field(max_length=MAX_CONTENT)
    images: list[ImageIn] = Field([], max_length=MAX_ATTACHMENTS)
    attachments: list[Id] = Field([], max_length=MAX_ATTACHMENTS, description="Ids")
    parent_id: Id | None = left_out()
    model: Model | None = None
    parameters: Parameters | None = None
    stream: StrictBool = Field(True, description="Answer with the events of the generation")
    compare: list[CompareAskBody] | None = Field(None, min_length=2, max_length=MAX_COLUMNS)


class RegenerateBody(Body):
    model: Model | None = None
    parameters: Parameters | None = None
    stream: StrictBool = True


class TitleBody(Body):
    model: Model | None = None


class EventsQuery(Body):
    after: int = Field(0, ge=0, le=2**31 - 1, description="Send the events after this one; a Last-Event-ID header wins")


class FolderBody(Body):
    name: Name
    position: Position | None = Field(None, description="At the end unless given")


class FolderPatch(Body):
    name: Name = left_out()
    position: Position = left_out()


class PresetBody(Body):
    name: Name
    system_prompt: SystemPrompt | None = None
    parameters: Parameters = {}
    model: Model | None = None


class PresetPatch(Body):
    name: Name = left_out()
    system_prompt: SystemPrompt | None = left_out()
    parameters: Parameters = left_out()
    model: Model | None = left_out()


class SearchQuery(ListQuery):
    q: str = Field(min_length=1, max_length=200, description="Words or beginnings of words; all must occur")


class ExportQuery(Body):
    format: Literal["md", "json"] = "md"
