"""The process that loads a model through LM Studio's own package: `python -m app.providers.lmstudio.package_child`.

One order as a JSON line on standard input; `{"fraction"}` lines on standard output, then `{"identifier"}` or
`{"problem", "message"}`. It ends when its input does. The package runs threads and an asyncio loop, which a worker's
gevent can't have beside it, and speaks LM Studio's websockets, whose format is documented nowhere but in it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from typing import Any


def main() -> None:
    order = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_input, daemon=True).start()
    # It writes a line about whatever it does.
    logging.disable(logging.CRITICAL)
    _say(_outcome(order))


def _outcome(order: dict[str, Any]) -> dict[str, str]:
    import lmstudio

    # How long a load may take is the matter of whoever ordered it.
    lmstudio.set_sync_api_timeout(None)
    try:
        with lmstudio.Client(order["host"], order["token"]) as client:
            session: Any = client.embedding if order["embeds"] else client.llm
            loaded = session.load_new_instance(
                order["model"],
                order["identifier"],
                ttl=order["ttl"],
                config=order["config"],
                on_load_progress=lambda fraction: _say({"fraction": fraction}),
            )
            return {"identifier": loaded.identifier}
    except lmstudio.LMStudioModelNotFoundError as error:
        return _problem("not_found", error)
    except (lmstudio.LMStudioServerError, lmstudio.LMStudioValueError) as error:
        return _problem("refused", error)
    except lmstudio.LMStudioError as error:
        return _problem("unreachable", error)


def _problem(name: str, error: Exception) -> dict[str, str]:
    return {"problem": name, "message": " ".join(str(error).split())}


def _say(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _end_with_input() -> None:
    while os.read(0, 65536):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
