"""Loading through LM Studio's own package, where it is installed: for what the HTTP API does not take.

Source: the package lmstudio 1.6.0b1. It runs in a process of its own and is never imported here. It speaks to an
address without TLS and without a path, and asks no proxy.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gevent
import gevent.subprocess as subprocess

from app.domain.catalog import ModelInfo, ModelType, Parameter, ProviderConfig
from app.domain.errors import (
    ProviderError,
    ProviderFailed,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnreachable,
)
from app.domain.lifecycle import LOADING, Progress, Report
from app.domain.stopping import Stop
from app.providers.http.client import Patience
from app.providers.http.target import Target
from app.providers.http.waiting import stoppable

PACKAGE = "lmstudio"
GPU_RATIO, IDENTIFIER = "gpu_ratio", "identifier"
PACKAGE_OPTIONS = (Parameter(GPU_RATIO, "number", 0, 1), Parameter(IDENTIFIER, "string"))
"""What only the package can; it takes `ttl`, too."""
HOW_TO_GET_IT = "needs LM Studio's own package: add it with `./patchbay lmstudio` and start Patchbay again"

_PROJECT = Path(__file__).resolve().parents[3]
_TOKEN = re.compile(r"sk-lm-[A-Za-z0-9]{8}:[A-Za-z0-9]{20}")
"""What the package takes for a token. Where LM Studio asks for none, a key is often just any word."""
_NAMES = {
    "context_length": "contextLength",
    "flash_attention": "flashAttention",
    "eval_batch_size": "evalBatchSize",
    "num_experts": "numExperts",
    "offload_kv_cache_to_gpu": "offloadKVCacheToGpu",
}


def is_installed() -> bool:
    return importlib.util.find_spec(PACKAGE) is not None


class OwnPackage:
    """It, and one server."""

    def __init__(self, config: ProviderConfig, target: Target) -> None:
        self._config = config
        host = f"[{target.host}]" if ":" in target.host else target.host
        self._host = f"{host}:{target.port}"
        self.hindrance = _hindrance(config, target)
        """Why the package can't speak to this server; None where it can."""

    def load(self, model: ModelInfo, wished: Mapping[str, Any], report: Report, patience: Patience, stop: Stop) -> str:
        """The instance's id. `wished` are the options of a load, the context length among them.

        Raises ProviderError, or the stop's reason.
        """
        # gevent's own, because a worker must go on meanwhile. Our environment stays here: it has secrets and proxies.
        process = subprocess.Popen(
            [sys.executable, "-m", "app.providers.lmstudio.package_child"],
            cwd=_PROJECT,
            env={},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        late = gevent.spawn_later(max(0.0, patience.until - time.monotonic()), process.kill)
        try:
            with stoppable(stop):
                process.stdin.write(json.dumps(self._order(model, wished)).encode() + b"\n")
                process.stdin.flush()
                for line in process.stdout:
                    said = json.loads(line)
                    if "identifier" in said:
                        return str(said["identifier"])
                    if "problem" in said:
                        raise self._error(said["problem"], said["message"])
                    report(Progress(fraction=min(max(float(said["fraction"]), 0.0), 1.0), detail=LOADING))
        finally:
            late.kill()
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()
        if time.monotonic() >= patience.until:
            raise ProviderTimeout(f"{self._config.name} {patience.words}.", provider=self._config.slug)
        raise ProviderFailed(
            f"The process that loads models at {self._config.name} has ended before it was done.",
            provider=self._config.slug,
        )

    def _order(self, model: ModelInfo, wished: Mapping[str, Any]) -> dict[str, Any]:
        settings: dict[str, Any] = {_NAMES[name]: value for name, value in wished.items() if name in _NAMES}
        if GPU_RATIO in wished:
            settings["gpu"] = {"ratio": wished[GPU_RATIO]}
        key = self._config.api_key or ""
        return {
            "host": self._host,
            "token": key if _TOKEN.fullmatch(key) else None,
            "model": model.id,
            "embeds": model.type is ModelType.EMBEDDINGS,
            "identifier": wished.get(IDENTIFIER),
            "ttl": wished.get("ttl"),
            "config": settings or None,
        }

    def _error(self, problem: str, words: str) -> ProviderError:
        """`words` are the package's own, which repeat LM Studio's."""
        name, slug = self._config.name, self._config.slug
        match problem:
            case "unreachable":
                return ProviderUnreachable(f"{name} does not answer LM Studio's own package. {words}", provider=slug)
            case "not_found":
                code = "model_not_found"
                return ProviderRejected(words, provider=slug, status=404, provider_code=code, param="model")
        return ProviderRejected(words, provider=slug, status=400)


def _hindrance(config: ProviderConfig, target: Target) -> str | None:
    if target.tls or target.path.removesuffix("/v1"):
        return "it knows only addresses such as http://host:1234, without TLS and without a path"
    if target.proxy is not None or config.extra_headers:
        return "it uses no proxy and sends no headers of one's own"
    if not target.allow_private:
        return "it is used only for providers that may reach every address"
    return None
