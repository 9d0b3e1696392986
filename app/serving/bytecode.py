"""`python -m app.serving.bytecode`: compile the installed dependencies once, without docstrings and column tables.

Python would compile them at the first start anyway, and keep their documentation in every process: about six megabytes
in a worker. Nothing of it is read at run time; the project's own docstrings, which the API's documents are made of, are
left alone.
"""

from __future__ import annotations

import importlib.util
import os
import py_compile
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements.txt"
WITHOUT_DOCSTRINGS = 2


def main() -> None:
    files = [str(path) for name in names(REQUIREMENTS.read_text()) for path in sources(name)]
    with ProcessPoolExecutor(os.cpu_count() or 1) as pool:
        for _ in pool.map(compile_file, files, chunksize=50):
            pass


def names(requirements: str) -> list[str]:
    """The packages that a lock file names."""
    return re.findall(r"^([A-Za-z0-9._-]+)==", requirements, re.MULTILINE)


def sources(name: str) -> Iterator[Path]:
    """The Python files of an installed package; none where this machine does not need it."""
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return
    for file in files:
        if file.suffix == ".py":
            yield Path(str(file.locate()))


def compile_file(path: str) -> None:
    """Python takes the result for its own, because it belongs to exactly this version of the source."""
    try:
        cached = importlib.util.cache_from_source(path, optimization="")
        py_compile.compile(path, cfile=cached, optimize=WITHOUT_DOCSTRINGS, doraise=True)
    except (py_compile.PyCompileError, OSError):
        # Templates and code for other versions of Python; an import would say what is wrong.
        return


if __name__ == "__main__":
    main()
