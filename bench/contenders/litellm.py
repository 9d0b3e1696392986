"""LiteLLM's proxy in a virtual environment of its own: one worker, a master key, no database, nothing fetched."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.contenders.base import Contender, LeftOut
from bench.load import Target
from bench.places import RUN, STATE

VERSION = "1.106.0"
KEY = "sk-bench"
ENVIRONMENT = STATE / "litellm"
# The caller's module path and settings are for other programs.
FOREIGN = ("PYTHON", "LITELLM", "DATABASE_URL")


class LiteLLM(Contender):
    name = "litellm"
    title = "LiteLLM"

    def prepare(self) -> None:
        if not any(ENVIRONMENT.glob(f"lib/python*/site-packages/litellm-{VERSION}.dist-info")):
            _install()
        self._write_configuration()

    def version(self) -> str:
        return VERSION

    def command(self, port: int) -> Sequence[str | Path]:
        program = ENVIRONMENT / "bin" / "litellm"
        return [program, "--config", self._file(), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]

    def environment(self, _port: int) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)},
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_TELEMETRY": "False",
            "LITELLM_LOG": "ERROR",
            "LITELLM_MODE": "PRODUCTION",
            "DISABLE_ADMIN_UI": "True",
        }

    def target(self, port: int) -> Target:
        return Target(port, headers=(f"Authorization: Bearer {KEY}",))

    def _file(self) -> Path:
        return RUN / "litellm.json"

    def _write_configuration(self) -> None:
        """JSON is YAML, so this needs no YAML writer."""
        models = [
            {
                "model_name": model,
                "litellm_params": {
                    "model": f"openai/{model}",
                    "api_base": self.setting.base_url,
                    "api_key": "bench",
                },
            }
            for model in self.setting.models
        ]
        configuration = {
            "model_list": models,
            "general_settings": {"master_key": KEY},
            "litellm_settings": {"telemetry": False, "set_verbose": False},
            # One overloaded moment must not have it refuse everything for the seconds after.
            "router_settings": {"disable_cooldowns": True},
        }
        RUN.mkdir(parents=True, exist_ok=True)
        self._file().write_text(json.dumps(configuration, indent=1))


def _install() -> None:
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        raise LeftOut("uv, which installs LiteLLM, is missing (pip install uv)")
    print(f"bench: installing litellm {VERSION} into {ENVIRONMENT.name} …", flush=True)
    try:
        subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, ENVIRONMENT], check=True)
        python = ENVIRONMENT / "bin" / "python"
        subprocess.run([uv, "pip", "install", "-q", "--python", python, f"litellm[proxy]=={VERSION}"], check=True)
    except subprocess.CalledProcessError as error:
        raise LeftOut(f"litellm {VERSION} could not be installed from PyPI (status {error.returncode})") from error
