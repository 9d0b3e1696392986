"""A process that orders an operation, with gevent as in a worker:

    python -m gevent.monkey --module tests.gateway.operation_process DATABASE_URL FOLDER NAME

It says which operation it got, as a line, and how that ended, as another. The work ends when FOLDER has a file `go`;
who does it adds a line to FOLDER/worked.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.domain.audit import Actor
from app.domain.errors import GatewayError
from app.domain.lifecycle import Act, Progress, Report
from app.domain.operations import Order
from app.domain.stopping import Stop
from app.gateway.draining import draining
from app.gateway.operations import OperationRunner
from app.providers.http.waiting import sleep
from tests.conftest import opened

ORDER = Order(Act.LOAD, "provider-1", "local", "toy", "local/toy")


def main() -> None:
    url, folder, name = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    runner = OperationRunner(opened(url), draining)

    def work(report: Report, stop: Stop) -> Mapping[str, Any]:
        with (folder / "worked").open("a") as file:
            file.write(f"{name}\n")
        report(Progress(0.5, 50, 100, "halfway"))
        while not (folder / "go").exists():
            sleep(0.02, stop)
        return {"worked_by": name}

    operation = runner.start(ORDER, work, Actor(None, name))
    say(operation.id)
    try:
        ended = runner.wait(operation, Stop())
    except GatewayError as error:
        say(error.code)
    else:
        say(dict(ended.result or {}))


def say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
