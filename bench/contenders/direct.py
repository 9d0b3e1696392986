"""No gateway: the load generator asks the upstream itself, which is what added times are measured from."""

from collections.abc import Sequence
from pathlib import Path

from bench.contenders.base import Contender, Running
from bench.load import Target


class Direct(Contender):
    name = "direct"
    title = "direct"

    def prepare(self) -> None:
        """Nothing to prepare: the upstream is running."""

    def version(self) -> str:
        return "no gateway"

    def command(self, port: int) -> Sequence[str | Path]:
        raise NotImplementedError("nothing is started")

    def start(self) -> Running:
        return Running(Target(self.setting.port), None, None)
