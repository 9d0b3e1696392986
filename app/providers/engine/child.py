"""One model in one process: `python -m app.providers.engine.child`, settings as one JSON line on stdin.

It says where it listens as one line on stdout, and ends when its stdin does, however its parent died.
"""

import json
import os
import sys
import threading
import warnings
from typing import Any

from app.providers.engine.messages import ChildSettings

_HTTP_THREADS = 64
"""An idle kept-alive connection holds one, so there must be more than slots."""
_PROMPT_CACHE_MIB = 512
_ERRORS_ONLY = 1


def main() -> None:
    """Serve one model until stdin ends. Never returns: llama.cpp's teardown waits for running answers."""
    settings = ChildSettings(*json.loads(sys.stdin.buffer.readline()))
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        server = _server(settings)
    except RuntimeError:
        # llama.cpp has written the reason to stderr; leaving the ordinary way can hang in its teardown.
        os._exit(1)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    threading.Event().wait()


def _leave_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def _server(settings: ChildSettings) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Imported by the child only: gunicorn's workers never load the library.
        import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = settings.path
    params.model_alias = {settings.alias}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [settings.api_key]
    params.use_jinja = True
    params.ui = False
    params.endpoint_slots = True
    params.verbosity = _ERRORS_ONLY
    params.n_threads_http = _HTTP_THREADS
    params.cache_ram_mib = _PROMPT_CACHE_MIB
    params.n_parallel = settings.parallel
    params.n_ctx = settings.context_tokens
    params.kv_unified = settings.shared_context
    params.n_batch = params.n_ubatch = settings.batch_tokens
    params.embedding = True
    if not settings.own_pooling:
        # The last token's vector, not the mean of all: texts of different lengths that are computed together are cut
        # into steps, and llama.cpp takes the mean of the last step only.
        params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_LAST
    if settings.threads is not None:
        params.cpuparams.n_threads = settings.threads
        params.cpuparams_batch.n_threads = settings.threads
    if settings.gpu_layers is not None:
        params.n_gpu_layers = settings.gpu_layers
    if settings.projector is not None:
        params.mmproj.path = settings.projector
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
