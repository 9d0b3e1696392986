"""Compiles the upstream and the load generator with the system's C compiler when their sources are newer."""

import shutil
import subprocess
from pathlib import Path

from bench.places import BUILD, SOURCES

FLAGS = ["-std=gnu11", "-O2", "-Wall", "-Wextra"]


def program(name: str) -> Path:
    """The compiled program. Exits with one line when there is no compiler."""
    binary = BUILD / name
    sources = [SOURCES / f"{name}.c", *SOURCES.glob("*.h")]
    if binary.is_file() and binary.stat().st_mtime > max(source.stat().st_mtime for source in sources):
        return binary
    compiler = shutil.which("cc")
    if compiler is None:
        raise SystemExit("bench: a C compiler named cc is needed (Debian: apt-get install gcc libc6-dev)")
    BUILD.mkdir(parents=True, exist_ok=True)
    subprocess.run([compiler, *FLAGS, "-o", binary, sources[0]], check=True)
    return binary
