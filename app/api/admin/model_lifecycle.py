"""/api/v1/llm-providers/models/…: loading, unloading, fetching and deleting models.

Each act is an operation. A request waits for its end, and who leaves ends nothing; with `Prefer: respond-async`
(RFC 7240) it is answered at once with 202 and where to look.
"""

from __future__ import annotations

from flask import Response, request

from app.admin.refusals import invalid
from app.api import current
from app.api.admin.lifecycle_shapes import (
    DownloadIn,
    LoadIn,
    OperationOut,
    OperationsQuery,
    UnloadIn,
    operation_json,
)
from app.api.admin.shapes import FAILURES, ById, Deleted, PageOut, Success
from app.api.auth import asks_model, needs
from app.api.edge import Guard
from app.api.envelope import ok
from app.api.model_shapes import ModelPath
from app.api.parsing import checked
from app.api.routes import APIBlueprint, Tag
from app.domain.accounts import Permission
from app.domain.lifecycle import DownloadWish
from app.domain.operations import Operation
from app.domain.stopping import Stop
from app.gateway.draining import draining

PREFIX = "/api/v1/llm-providers/models"

model_lifecycle = APIBlueprint(
    "model_lifecycle",
    __name__,
    url_prefix=PREFIX,
    abp_tags=[Tag(name="Loaded models", description="What providers have in memory and on disk, where they let us.")],
    abp_responses=FAILURES,
)

BOTH = {200: Success[OperationOut], 202: Success[OperationOut]}


@model_lifecycle.post("/load", responses=BOTH)
@needs(Permission.LOAD_MODELS)
@asks_model
@checked
def load_model(body: LoadIn) -> Response:
    """Load a model, or join whoever is loading it; what is loaded as wished stays as it is."""
    parts = current.parts()
    operation = parts.lifecycle.load(
        current.caller(), body.model, body.wish(), body.exclusive, request_id=current.request_id()
    )
    return _reply(operation)


@model_lifecycle.post("/unload", responses=BOTH)
@needs(Permission.LOAD_MODELS)
@asks_model
@checked
def unload_model(body: UnloadIn) -> Response:
    """Unload a model, one instance of it, or everything; what is not loaded stays as it is."""
    if body.unload_all == (body.model is not None):
        raise invalid("model", "is required, or unload_all: true in its place")
    if body.instance_id is not None and body.model is None:
        raise invalid("instance_id", "is an instance of a model: name it in model")
    if body.provider is not None and body.model is not None:
        raise invalid("provider", "goes with unload_all; a model is named as <provider slug>/<model id>")
    operation = current.parts().lifecycle.unload(
        current.caller(),
        body.model,
        provider=body.provider,
        all=body.unload_all,
        instance_id=body.instance_id,
        request_id=current.request_id(),
    )
    return _reply(operation)


@model_lifecycle.post("/download", responses=BOTH)
@needs(Permission.MANAGE)
@asks_model
@checked
def download_model(body: DownloadIn) -> Response:
    """Fetch a model to where the provider keeps them; one that was cut short goes on where it stopped."""
    wish = DownloadWish(body.model, body.quantization)
    operation = current.parts().lifecycle.download(
        current.caller(), body.provider, wish, request_id=current.request_id()
    )
    return _reply(operation)


@model_lifecycle.get("/operations", responses={200: Success[PageOut[OperationOut]]})
@needs(Permission.LOAD_MODELS)
@checked
def list_operations(query: OperationsQuery) -> Response:
    """What is being done and was done in the last 30 days, newest first."""
    page = current.parts().lifecycle.operations(
        current.caller(), query.window(), provider=query.provider, state=query.state
    )
    return ok({"items": [operation_json(one) for one in page.items], "next_cursor": page.next_cursor})


@model_lifecycle.get("/operations/<string:id>", responses={200: Success[OperationOut]})
@needs(Permission.LOAD_MODELS)
@checked
def one_operation(path: ById) -> Response:
    """How far it is; progress is at most half a second old."""
    return ok(operation_json(current.parts().lifecycle.operation(current.caller(), path.id)))


@model_lifecycle.post("/operations/<string:id>/stop", responses={200: Success[OperationOut]})
@needs(Permission.LOAD_MODELS)
@checked
def stop_operation(path: ById) -> Response:
    """End what is being done, within seconds. What was downloaded stays for the next order of the same."""
    return ok(operation_json(current.parts().lifecycle.stop(current.caller(), path.id)))


@model_lifecycle.delete("/<path:model_id>", responses={200: Success[Deleted], 202: Success[OperationOut]})
@needs(Permission.MANAGE)
@asks_model
@checked
def delete_model(path: ModelPath) -> Response:
    """Remove a model's files from the provider's machine."""
    operation = current.parts().lifecycle.delete(current.caller(), path.model_id, request_id=current.request_id())
    if _wants_no_wait():
        return _accepted(operation)
    return ok({"id": _ended(operation).order.model, "deleted": True})


def _reply(operation: Operation) -> Response:
    return _accepted(operation) if _wants_no_wait() else ok(operation_json(_ended(operation)))


def _wants_no_wait() -> bool:
    wishes = ",".join(request.headers.getlist("Prefer")).split(",")
    return any(wish.partition(";")[0].strip().lower() == "respond-async" for wish in wishes)


def _accepted(operation: Operation) -> Response:
    where = f"{request.script_root}{PREFIX}/operations/{operation.id}"
    return ok(operation_json(operation), 202, Location=where, Preference_Applied="respond-async")


def _ended(operation: Operation) -> Operation:
    """Nothing but the waiting ends when the client leaves. Raises what the operation failed with."""
    stop = Stop()
    guard = Guard(request.environ, stop, draining)
    try:
        return current.parts().lifecycle.wait(operation, stop)
    finally:
        guard.close()
