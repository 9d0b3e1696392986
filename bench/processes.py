"""CPU time and memory of a process with all its descendants: /proc on Linux, `ps` elsewhere."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    parent: int
    cpu_s: float
    memory_bytes: int


def tree(root: int) -> list[int]:
    """The process and its descendants; empty when it has ended."""
    return [process.pid for process in _family(root)]


def cpu_s(root: int) -> float:
    """User and system time of the tree, with that of children that have ended."""
    return sum(process.cpu_s for process in _family(root))


def memory_bytes(root: int) -> int:
    """Proportional set size of the tree where the kernel tells it, else resident size."""
    return sum(_proportional_bytes(process.pid) or process.memory_bytes for process in _family(root))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    if sys.platform != "linux":
        return False
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _family(root: int) -> list[_Process]:
    everyone = _from_proc() if sys.platform == "linux" else _from_ps()
    members = {root}
    family = []
    # A child's number may be below its parent's, so look again until nobody joins.
    while joined := [p for p in everyone if p.pid in members or p.parent in members]:
        everyone = [p for p in everyone if p not in joined]
        members |= {p.pid for p in joined}
        family += joined
    return family


def _from_proc() -> list[_Process]:
    tick_s = 1 / os.sysconf("SC_CLK_TCK")
    page_bytes = os.sysconf("SC_PAGE_SIZE")
    found = []
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it ended since the folder was listed
            continue
        # proc(5): after the name come state, ppid, …; utime, stime, cutime, cstime are fields 14–17, rss is 24.
        ticks = sum(int(value) for value in fields[11:15])
        found.append(_Process(int(entry.name), int(fields[1]), ticks * tick_s, int(fields[21]) * page_bytes))
    return found


def _proportional_bytes(pid: int) -> int | None:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), None)


def _from_ps() -> list[_Process]:
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,time=,rss="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in listing.splitlines()]
    return [_Process(int(row[0]), int(row[1]), _clock_s(row[2]), int(row[3]) * 1024) for row in rows]


def _clock_s(text: str) -> float:
    """Seconds of a time written as [hours:]minutes:seconds."""
    total = 0.0
    for part in text.replace("-", ":").split(":"):
        total = total * 60 + float(part)
    return total
