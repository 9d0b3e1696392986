"""One line about the machine a result comes from."""

import os
import platform
import sys
from pathlib import Path

from bench.children import GATEWAY_CORE


def describe() -> str:
    pinned = "pinned" if GATEWAY_CORE is not None else "not pinned (no second core, or not Linux)"
    parts = [_processor(), f"{os.cpu_count()} cores, {pinned}", _memory()]
    return ", ".join([*(part for part in parts if part), f"{platform.system()} {platform.release()}", _python()])


def _python() -> str:
    return f"Python {platform.python_version()}"


def _processor() -> str:
    if sys.platform != "linux":
        return platform.processor() or platform.machine()
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.machine()


def _memory() -> str:
    try:
        total_bytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return ""
    return f"{total_bytes / 2**30:.0f} GB"
