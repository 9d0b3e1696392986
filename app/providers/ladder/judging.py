"""What a reply means: decided by statuses, content types and structure, never by the words of an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.providers.ladder.asking import MAX_BODY_BYTES, Reply
from app.providers.ladder.report import Diagnosis, Fault

_EMBEDDING_TYPES = frozenset({"embedding", "embeddings"})
_EMBEDDING_FAMILIES = frozenset({"bert", "nomic-bert"})


def check_status(reply: Reply) -> None:
    """The `http` step: is this an API at all? 401 and 403 are left to the next step. Raises Fault."""
    status = reply.status
    if status in (401, 403):
        return
    if 300 <= status < 400:
        raise Fault(
            Diagnosis.REDIRECTS, f"redirected with {status}", status=status, location=reply.headers.get("location")
        )
    if status == 407:
        raise Fault(Diagnosis.UNREACHABLE, "the proxy answered 407", status=status)
    if status in (429, 498):
        raise Fault(Diagnosis.RATE_LIMITED, f"status {status}", status=status)
    if status >= 500:
        raise Fault(Diagnosis.SERVER_ERROR, f"status {status}", status=status)
    if status == 402:
        raise Fault(Diagnosis.FORBIDDEN, "status 402, payment required", status=status)
    if status >= 400:
        raise Fault(Diagnosis.NOT_FOUND, f"status {status}", status=status)
    if reply.is_web_page:
        raise Fault(Diagnosis.WEB_PAGE, "a web page", status=status)
    if reply.error is not None:
        raise Fault(Diagnosis.ERROR_IN_200, f"status {status} with an error inside", status=status)


def check_key(reply: Reply, *, has_key: bool) -> None:
    """The `auth` step. Raises Fault."""
    if reply.status == 401:
        if has_key:
            raise Fault(Diagnosis.KEY_REFUSED, "the key was refused", status=401)
        raise Fault(Diagnosis.KEY_MISSING, "a key is needed", status=401)
    if reply.status == 403:
        raise Fault(Diagnosis.FORBIDDEN, "status 403", status=403)


def models_in(reply: Reply) -> list[Mapping[str, Any]]:
    """The `models` step: the entries of the list, in whichever shape the vendor has it. Raises Fault."""
    if reply.too_large:
        raise Fault(Diagnosis.TOO_LARGE, f"the list has more than {MAX_BODY_BYTES // 1024 // 1024} MB")
    if reply.cut:
        raise Fault(Diagnosis.BAD_JSON, "the list broke off in the middle")
    entries = _entries(reply.document)
    if entries is None:
        raise Fault(Diagnosis.BAD_JSON, "this is not a list of models")
    if not entries:
        raise Fault(Diagnosis.NO_MODELS, "the list is empty")
    return entries


def is_embedding(model: Mapping[str, Any]) -> bool:
    """By its type where the vendor tells it (LM Studio), by its modality (OpenRouter), else by its name."""
    kind = model.get("type")
    if isinstance(kind, str) and kind != "model":
        return kind in _EMBEDDING_TYPES
    outputs = _dict(model.get("architecture")).get("output_modalities")
    if isinstance(outputs, list) and outputs:
        return "embeddings" in outputs and "text" not in outputs
    return "embed" in model["id"].lower()


def embeddings_of_ollama(reply: Reply) -> set[str]:
    """The names in `/api/tags` that can't chat: by their abilities in newer versions, by their family in others."""
    models = _dict(reply.document).get("models") if reply.status == 200 else None
    entries = [_dict(one) for one in models] if isinstance(models, list) else []
    return {str(one.get("name")) for one in entries if _is_ollamas_embedding(one)}


def _is_ollamas_embedding(entry: Mapping[str, Any]) -> bool:
    abilities = entry.get("capabilities")
    if isinstance(abilities, list) and abilities:
        return "embedding" in abilities and "completion" not in abilities
    return _dict(entry.get("details")).get("family") in _EMBEDDING_FAMILIES


def check_completion(reply: Reply, *, has_key: bool) -> None:
    """The `completion` step. Raises Fault."""
    check_key(reply, has_key=has_key)
    if 400 <= reply.status < 500 and reply.status not in (402, 404, 429) and _dict(reply.error).get("param") != "model":
        # The way is right, for the list came by it: what is refused is the question.
        raise Fault(Diagnosis.SERVER_ERROR, f"the question was refused with status {reply.status}", status=reply.status)
    check_status(reply)
    choices = _dict(reply.document).get("choices")
    if reply.cut or not isinstance(choices, list) or not choices:
        raise Fault(Diagnosis.BAD_JSON, "this is not an answer")


def unsupported_parameter(reply: Reply) -> str | None:
    """The parameter that a 400 names as the culprit."""
    parameter = _dict(reply.error).get("param") if reply.status == 400 else None
    return parameter if isinstance(parameter, str) else None


def _entries(document: Any) -> list[Mapping[str, Any]] | None:
    """`data`, null in Ollama when there are none; a few servers send a bare list. None for anything else."""
    found = document
    if isinstance(document, dict) and "data" in document:
        found = document["data"] or []
    if not isinstance(found, list):
        return None
    entries: list[Mapping[str, Any]] = [entry for entry in found if isinstance(_dict(entry).get("id"), str)]
    return entries if len(entries) == len(found) else None


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
