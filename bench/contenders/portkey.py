"""Portkey's open gateway on Node, in a folder of its own; provider and host travel in headers."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.contenders.base import Contender, LeftOut
from bench.load import Target
from bench.places import STATE

VERSION = "1.15.2"
# With later versions every stream fails with "TypeError: immutable": github.com/Portkey-AI/gateway/issues/1389.
NODE_SERVER_VERSION = "1.3.3"
FOLDER = STATE / "portkey"
MARKER = FOLDER / f"installed-{VERSION}-{NODE_SERVER_VERSION}"
PROGRAM = FOLDER / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"


class Portkey(Contender):
    name = "portkey"
    title = "Portkey"

    def prepare(self) -> None:
        if shutil.which("node") is None or shutil.which("npm") is None:
            raise LeftOut(
                "Node with npm is not installed (Debian: apt-get install nodejs npm; macOS: brew install node)"
            )
        if not MARKER.is_file():
            _install()

    def version(self) -> str:
        node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
        return f"{VERSION}, Node {node}"

    def command(self, port: int) -> Sequence[str | Path]:
        return ["node", PROGRAM, f"--port={port}", "--headless"]

    def environment(self, _port: int) -> dict[str, str]:
        return {**os.environ, "NODE_ENV": "production"}

    def folder(self) -> Path:
        return FOLDER

    def target(self, port: int) -> Target:
        host = self.setting.base_url
        return Target(
            port,
            headers=(
                "Authorization: Bearer bench",
                "x-portkey-provider: openai",
                f"x-portkey-custom-host: {host}",
            ),
        )


def _install() -> None:
    print(f"bench: installing @portkey-ai/gateway {VERSION} into {FOLDER.name} …", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    packages = [f"@portkey-ai/gateway@{VERSION}", f"@hono/node-server@{NODE_SERVER_VERSION}"]
    options = ["--silent", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps"]
    try:
        subprocess.run(["npm", "install", *options, "--prefix", FOLDER, *packages], check=True)
    except subprocess.CalledProcessError as error:
        raise LeftOut(
            f"@portkey-ai/gateway {VERSION} could not be installed from npm (status {error.returncode})"
        ) from error
    MARKER.touch()
