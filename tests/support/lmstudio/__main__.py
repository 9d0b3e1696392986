"""See the package."""

from __future__ import annotations

import argparse
import contextlib
import signal

import msgspec

from tests.support.commands import Manners
from tests.support.control import main
from tests.support.lmstudio.server import Servers
from tests.support.lmstudio.switches import PACES


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.support.lmstudio", description="A simulated LM Studio.")
    parser.add_argument("--port", type=int, default=0, help="any free one unless given")
    parser.add_argument("--version", default="0.4.23", help="such as 0.3.6, 0.4.0, 0.4.23, 1.1.7")
    parser.add_argument("--pace", choices=sorted(PACES), default="none", help="`real`: a load takes seconds")
    parser.add_argument("--token", help="the API token that requests need")
    parser.add_argument("--stay", action="store_true", help="run until stopped, not until standard input ends")
    return parser.parse_args()


arguments = _arguments()
switches = msgspec.structs.replace(PACES[arguments.pace], version=arguments.version, token=arguments.token)
with contextlib.suppress(KeyboardInterrupt):
    main(Servers(switches), Manners(port=arguments.port), until=signal.pause if arguments.stay else None)
