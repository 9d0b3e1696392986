"""What LM Studio has, from the lists that its version offers: native v1 (since 0.4.0), v0 (since 0.3.6), OpenAI's.

Source: https://lmstudio.ai/docs/developer/rest. v1 knows sizes, abilities and instances, v0 knows states; 0.4.21 was
seen to list no instances of a model that v0 called loaded, so what either calls loaded is loaded.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from app.domain.catalog import Instance, ModelInfo, ModelState, ModelType
from app.domain.errors import ProviderError, ProviderFailed, ProviderProtocol, ProviderRejected
from app.domain.stopping import Stop
from app.providers import parameters as rules
from app.providers.http.client import Patience
from app.providers.lmstudio.native import LMStudioApi
from app.providers.plain_models import first_int, plain_model, text_of

PROBE_AGAIN_S = 600.0
"""How long an older family is believed: an LM Studio that was updated does not say so."""
LEVELS = ("low", "medium", "high")

_TYPES = {"llm": ModelType.LLM, "vlm": ModelType.VLM, "embeddings": ModelType.EMBEDDINGS}
_STATES = {"loaded": ModelState.LOADED, "loading": ModelState.LOADING, "not-loaded": ModelState.NOT_LOADED}
_FURTHER_INSTANCE = re.compile(r":\d+$")

Items = Sequence[Mapping[str, Any]]


class Family(Enum):
    """The newest API that a server has."""

    V1 = "native v1"
    V0 = "native v0"
    OPENAI = "OpenAI"


@dataclass(frozen=True, slots=True)
class Listing:
    """`configs` are what v1 tells of each instance, by its id.

    `loads_on_use`: whether just-in-time loading is on; None where the lists do not tell.
    """

    family: Family
    models: tuple[ModelInfo, ...]
    configs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    loads_on_use: bool | None = None

    def model(self, identifier: str) -> ModelInfo | None:
        return next((one for one in self.models if one.id == identifier), None)


class Lists:
    """Reads them, and remembers which family the server has until something fails."""

    def __init__(self, api: LMStudioApi) -> None:
        self._api = api
        self._slug = api.config.slug
        self.family: Family | None = None
        self._probed_at = 0.0

    def read(self, patience: Patience, stop: Stop, *, anew: bool = False) -> Listing:
        """Everything there is. Raises ProviderError, or the stop's reason.

        `anew` is for who would refuse something to an older server: it may have been updated since it was found out.
        """
        if anew and self.family is not Family.V1:
            self.family = None
        try:
            listing = self._read(patience, stop)
        except ProviderError:
            self.family = None
            raise
        if listing.family is not self.family:
            self.family, self._probed_at = listing.family, time.monotonic()
        return listing

    def _read(self, patience: Patience, stop: Stop) -> Listing:
        known = self.family
        if known is not Family.V1 and time.monotonic() - self._probed_at > PROBE_AGAIN_S:
            known = None
        if known in (None, Family.V1):
            native = self._items("/api/v1/models", "models", patience, stop)
            if native is not None:
                older = self._besides("/api/v0/models", patience, stop)
                listing = merged(self._slug, native, older or (), older)
                if older is not None and listing.loads_on_use is not False:
                    return listing
                # A model is refused by this, so v0 alone is not believed; it is OpenAI's API that answers requests.
                return merged(
                    self._slug, native, older or (), self._besides(f"{self._api.openai}/models", patience, stop)
                )
        if known is not Family.OPENAI:
            older = self._items("/api/v0/models", "data", patience, stop)
            if older is not None:
                models = tuple(v0_model(self._slug, item) for item in _named(older, "id"))
                # Where all are loaded, just-in-time loading may be on or off.
                return _listing(Family.V0, models, {}, True if _unloaded(models) else None)
        document = self._api.get(f"{self._api.openai}/models", patience, stop)
        items = document.get("data") if isinstance(document, dict) else document
        if not isinstance(items, list):
            raise self._api.garbage()
        return Listing(Family.OPENAI, tuple(plain_model(self._slug, item) for item in _named(items, "id")))

    def _items(self, path: str, name: str, patience: Patience, stop: Stop) -> Items | None:
        """A list's entries; None where the server has no such list, which it says with 404, or 200 and an error."""
        try:
            document = self._api.get(path, patience, stop)
        except (ProviderRejected, ProviderProtocol):
            return None
        items = document.get(name) if isinstance(document, dict) else None
        return items if isinstance(items, list) else None

    def _besides(self, path: str, patience: Patience, stop: Stop) -> Items | None:
        """An older list; v1 alone will do where it is gone, or fails for the moment in which a load begins."""
        try:
            return self._items(path, "data", patience, stop)
        except ProviderFailed:
            return None


def merged(slug: str, native: Items, older: Items, names: Items | None) -> Listing:
    """v1's models with v0's states, and models that only v0 has.

    v1 lists every model, the older APIs (`names` is one of their lists) only those that a request reaches: with
    just-in-time loading switched off, those in memory.
    """
    entries = _named(native, "key")
    keys = {str(one["id"]): str(item["key"]) for item in entries for one in _instances(item)}
    keys |= {str(item["key"]): str(item["key"]) for item in entries}
    states: dict[str, Mapping[str, Any]] = {}
    others: list[ModelInfo] = []
    for item in _named(older, "id"):
        identifier = str(item["id"])
        key = _key(identifier, keys)
        if key is not None:
            states[key] = _more_loaded(states.get(key), item)
        else:
            others.append(v0_model(slug, item))
    models = tuple(_v1_model(slug, item, states.get(str(item["key"]), {})) for item in entries)
    configs = {str(one["id"]): _dict(one, "config") for item in entries for one in _instances(item)}
    reached = None if names is None else [str(item["id"]) for item in _named(names, "id")]
    every = (*models, *others)
    return _listing(Family.V1, every, configs, _loads_on_use(_unloaded(every), reached, keys))


def _listing(
    family: Family, models: Sequence[ModelInfo], configs: Mapping[str, Mapping[str, Any]], loads: bool | None
) -> Listing:
    return Listing(family, tuple(replace(one, loads_on_use=loads) for one in models), configs, loads)


def _unloaded(models: Sequence[ModelInfo]) -> set[str]:
    return {one.id for one in models if one.state is ModelState.NOT_LOADED}


def _loads_on_use(unloaded: Collection[str], reached: Sequence[str] | None, keys: Mapping[str, str]) -> bool | None:
    """Whether requests reach what is not loaded; None where nothing is unloaded, or a name can't be told apart."""
    if reached is None:
        return None
    known = [_key(name, keys) or name for name in reached]
    if any(name in unloaded for name in known):
        return True
    return False if unloaded and all(name in keys for name in known) else None


def _key(name: str, keys: Mapping[str, str]) -> str | None:
    return keys.get(name) or keys.get(_FURTHER_INSTANCE.sub("", name))


def reached_by(model: ModelInfo) -> ModelInfo:
    """`model` under a name that requests reach it by: an instance may have been given one of its own.

    By the model's own name LM Studio may load it a second time.
    """
    names = [one.id for one in model.instances]
    if not names or any(_FURTHER_INSTANCE.sub("", name) == model.id for name in names):
        return model
    return replace(model, id=names[0])


def v0_model(slug: str, item: Mapping[str, Any]) -> ModelInfo:
    plain = plain_model(slug, item)
    kind = _TYPES.get(str(item.get("type")), plain.type)
    named = item.get("capabilities")
    return replace(
        plain,
        type=kind,
        state=_STATES.get(str(item.get("state")), ModelState.NOT_LOADED),
        arch=text_of(item, "arch"),
        quantization=text_of(item, "quantization"),
        loaded_context_length=first_int(item, "loaded_context_length"),
        owned_by=text_of(item, "publisher"),
        capabilities=_abilities(kind, tools=isinstance(named, list) and "tool_use" in named),
        input_is_told="type" in item,
    )


def _v1_model(slug: str, item: Mapping[str, Any], older: Mapping[str, Any]) -> ModelInfo:
    key = str(item["key"])
    can = _dict(item, "capabilities")
    embeds = item.get("type") == "embedding"
    kind = ModelType.EMBEDDINGS if embeds else ModelType.VLM if can.get("vision") is True else ModelType.LLM
    instances = tuple(
        Instance(str(one["id"]), first_int(_dict(one, "config"), "context_length")) for one in _instances(item)
    )
    efforts = _efforts(can)
    return ModelInfo(
        id=key,
        provider=slug,
        name=text_of(item, "display_name") or key,
        type=kind,
        state=ModelState.LOADED if instances else _STATES.get(str(older.get("state")), ModelState.NOT_LOADED),
        arch=text_of(item, "architecture") or text_of(older, "arch"),
        quantization=text_of(_dict(item, "quantization"), "name"),
        max_context_length=first_int(item, "max_context_length"),
        loaded_context_length=_context(key, instances) or first_int(older, "loaded_context_length"),
        size_bytes=first_int(item, "size_bytes"),
        owned_by=text_of(item, "publisher"),
        capabilities=_abilities(kind, tools=can.get("trained_for_tool_use") is True, reasons=bool(efforts)),
        instances=instances,
        input_is_told=embeds or "vision" in can,
        reasoning_efforts=efforts,
    )


def _efforts(can: Mapping[str, Any]) -> tuple[str, ...] | None:
    """What v1 lists as `reasoning` in the words of chat completions; empty for a model that does not reason.

    Which effort means `on` to a model that knows only `on` and `off`, nobody says: any will do.
    """
    if not can:
        return None
    allowed = _dict(can, "reasoning").get("allowed_options")
    if not isinstance(allowed, list):
        return ()
    usual = rules.CHAT["reasoning_effort"].choices
    words = [word for word in LEVELS if word in allowed] or [word for word in usual if word != "none"]
    return ("none", *words) if "off" in allowed else tuple(words)


def _abilities(kind: ModelType, *, tools: bool, reasons: bool = False) -> tuple[str, ...]:
    if kind is ModelType.EMBEDDINGS:
        return ("embedding",)
    named = {"chat": True, "completion": True, "tools": tools, "vision": kind is ModelType.VLM, "reasoning": reasons}
    return tuple(name for name, has in named.items() if has)


def _context(key: str, instances: Sequence[Instance]) -> int | None:
    """Of the instance that answers to the model's own name, else of the first."""
    named = [one for one in instances if one.id == key] or instances
    return named[0].context_length if named else None


def _more_loaded(one: Mapping[str, Any] | None, other: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of several entries of one model, the one that is in memory."""
    return other if one is None or one.get("state") != "loaded" else one


def _instances(item: Mapping[str, Any]) -> Items:
    found = item.get("loaded_instances")
    return _named(found, "id") if isinstance(found, list) else ()


def _named(items: Sequence[Any], name: str) -> Items:
    """The entries that are objects with a name."""
    return [item for item in items if isinstance(item, dict) and isinstance(item.get(name), str)]


def _dict(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = item.get(name)
    return found if isinstance(found, dict) else {}
