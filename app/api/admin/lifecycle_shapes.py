"""What the routes of loading, unloading, fetching and deleting models take and answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, StrictBool, StrictInt

from app.api.admin.shapes import Body, ListQuery
from app.api.shape import Shape
from app.api.times import Time, iso
from app.domain.lifecycle import Act, LoadWish
from app.domain.operations import Operation, OperationState

MAX_TOKENS = 2**31 - 1


def _printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("must have printable characters only, no space at either end")
    return text


Model = Annotated[
    str,
    Field(min_length=1, max_length=300, description="`<provider slug>/<model id>`, an alias, or a bare id"),
    AfterValidator(_printable),
]
Reference = Annotated[str, Field(min_length=1, max_length=100, description="Slug or id")]


class LoadOptions(Shape):
    """Every further field is an option of the provider's kind: `load_options` of the provider declares them."""

    model_config = ConfigDict(extra="allow")

    exclusive: StrictBool = Field(False, description="Unload every other model of the provider first")
    context_length: Annotated[StrictInt, Field(ge=1, le=MAX_TOKENS)] | None = Field(None, description="Tokens")

    def wish(self) -> LoadWish:
        options = {name: value for name, value in (self.model_extra or {}).items() if value is not None}
        return LoadWish(self.context_length, options)


class LoadIn(LoadOptions):
    """Every further field is an option of the provider's kind: `load_options` of the provider declares them."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [{"model": "local/patchbay-toy"}]})

    model: Model


class UnloadIn(Body):
    """Either a model, or everything."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"model": "local/patchbay-toy"}]})

    model: Model | None = None
    instance_id: Annotated[str, Field(min_length=1, max_length=300)] | None = Field(
        None, description="One of the model's `instances`; all of them unless given"
    )
    unload_all: StrictBool = Field(False, description="Every model of `provider`, or of all providers")
    provider: Reference | None = Field(None, description="With `unload_all`: slug or id")


class DownloadIn(Body):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"model": "ollama/llama3.2", "provider": "ollama"}]}
    )

    model: Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_printable)] = Field(
        description="As the provider's catalogue names it; `owner/repository` of a hub, or an https address"
    )
    quantization: Annotated[str, Field(min_length=1, max_length=50), AfterValidator(_printable)] | None = Field(
        None, description="Which of several files, such as Q4_K_M"
    )
    provider: Reference | None = Field(None, description="Slug or id; needed where several can download")


class OperationsQuery(ListQuery):
    provider: Reference | None = Field(None, description="Slug or id")
    state: OperationState | None = None


class ProgressOut(Shape):
    fraction: float | None = Field(description="0 to 1, where the provider says so")
    done_bytes: int | None
    total_bytes: int | None
    detail: str = Field(description="The provider's own word for what it does")
    model: str | None = Field(None, description="Of a download: the id that the model will have, where it is known")


class OperationErrorOut(Shape):
    code: str
    message: str


class OperationOut(Shape):
    id: str
    act: Act
    provider: str | None = Field(description="Slug; null where models of several providers are unloaded")
    model: str = Field(description="The canonical name; `<slug>/*` for all of a provider")
    state: OperationState
    progress: ProgressOut
    elapsed_s: float
    result: dict[str, Any] | None = Field(
        description="Of a load: model, loaded, was_loaded, instance_id, context_length; of an unload: unloaded"
    )
    error: OperationErrorOut | None
    started_by: str
    started_at: Time
    finished_at: Time | None


def operation_json(operation: Operation) -> dict[str, Any]:
    order = operation.order
    result: Mapping[str, Any] | None = operation.result
    return {
        "id": operation.id,
        "act": order.act.value,
        "provider": None if order.provider == "*" else order.provider,
        "model": order.model,
        "state": operation.state.value,
        "progress": asdict(operation.progress),
        "elapsed_s": round(operation.elapsed_s, 2),
        "result": None if result is None else dict(result),
        "error": None if operation.error is None or operation.is_running else asdict(operation.error),
        "started_by": operation.started_by,
        "started_at": iso(operation.started_at),
        "finished_at": None if operation.finished_at is None else iso(operation.finished_at),
    }
