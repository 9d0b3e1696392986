"""The process that fetches a model: `python -m app.providers.engine.fetching`, the wish as one JSON line on stdin.

It writes how far it is as JSON lines on stdout, and the path of the model, or the problem, as the last one. It ends
when its stdin does; what it has fetched until then stays beside its place in a `.part` file, where the next begins.

What is asked is huggingface_hub's matter (web.py); the bytes are written here, because its own downloads begin anew in
each process, and its `http_get` keeps ten megabytes in memory that go with it.
"""

import fcntl
import hashlib
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Mapping
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple

from app.providers.engine.hub import Address, Repository, WrongWish, chosen, files_of, model_name, wish_of
from app.providers.engine.web import Asked, Broken, Problem, Web

_TELL_S = 0.25
_TRIES = 5
_FIRST_PAUSE_S = 0.1
"""Twice as long after each try."""
_MAGIC = b"GGUF"


class Source(NamedTuple):
    """A file to fetch, and what it must be afterwards where that is known."""

    url: str
    asked: Asked
    target: Path
    version: str
    """Another one is another file: the beginning of one is not the beginning of the other."""
    size_bytes: int | None = None
    sha256: str | None = None
    validator: str | None = None
    """An ETag, for a server that may have changed the file since."""


def main() -> None:
    """One download, as the line on stdin says."""
    order = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    try:
        _say({"path": str(fetched(order))})
    except WrongWish as problem:
        _say({"problem": "wrong_wish", "message": str(problem)})
    except Problem as problem:
        _say({"problem": problem.code, "message": problem.message})
    except OSError as error:
        _say({"problem": "failed", "message": f"The models folder can't be written: {error.strerror}."})
    os._exit(0)


def _leave_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _say(what: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def fetched(order: Mapping[str, Any]) -> Path:
    """Where the model is, all files of it fetched. Raises WrongWish, Problem, or OSError for the disk."""
    endpoint, folder = str(order["endpoint"]).rstrip("/"), Path(order["folder"])
    wish = wish_of(order["model"], order["quantization"], endpoint)
    web = Web(endpoint, order["token"])
    _say({"detail": "looking"})
    sources = _of_repository(web, wish, folder) if isinstance(wish, Repository) else [_of_address(web, wish, folder)]
    _check_space(sources, folder)
    told = _Telling(sources)
    for source in sources:
        _fetch(web, source, told)
    # All at once, its first part last: a model that is not whole is none, and nobody could load it.
    for source in reversed(sources):
        if _part(source).exists():
            _part(source).replace(source.target)
    return sources[0].target


def _of_repository(web: Web, wish: Repository, folder: Path) -> list[Source]:
    """In a folder of its own, where a part that lets it see is found."""
    owner, _, name = wish.id.partition("/")
    place = folder / owner / name
    return [
        Source(
            url=web.file_url(wish, file),
            asked=Asked(f"{wish.id}/{file.path}", web.page(wish)),
            target=place / file.name,
            version=file.blob,
            size_bytes=file.size_bytes,
            sha256=file.sha256,
        )
        for file in chosen(files_of(web.files(wish)), wish)
    ]


def _of_address(web: Web, wish: Address, folder: Path) -> Source:
    asked = Asked(wish.name)
    try:
        with web.open(wish.url, asked, method="HEAD") as answer:
            tag, length = answer.headers.get("ETag"), answer.headers.get("Content-Length")
    except Broken as error:
        raise Problem("unreachable", f"The server of {wish.name} can't be reached.") from error
    size_bytes = int(length) if length and length.isdigit() else None
    strong = tag if tag and not tag.startswith("W/") else None
    return Source(wish.url, asked, folder / wish.name, f"{wish.url} {tag}", size_bytes, validator=strong)


def _check_space(sources: list[Source], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    needed = sum(max(0, (one.size_bytes or 0) - _size(_part(one))) for one in sources if not one.target.exists())
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise Problem(
            "no_space", f"It needs {needed / 1e9:.1f} GB in the models folder, where {free / 1e9:.1f} GB are free."
        )


def _fetch(web: Web, source: Source, told: "_Telling") -> None:
    """Fetch it whole, but not yet to where it is found. Raises Problem, or OSError for the disk."""
    target, part = source.target, _part(source)
    if target.exists():
        if source.size_bytes is not None and target.stat().st_size != source.size_bytes:
            raise Problem("bad_file", f"There is another {target.name} in the models folder: delete that first.")
        told.more(target.stat().st_size)
        return
    told.more(_size(part))
    try:
        _fetch_part(web, source, part, told)
        _check(part, source, told)
    except Problem as problem:
        if problem.code == "bad_file":
            # Nothing can go on from it.
            part.unlink(missing_ok=True)
        raise


def _fetch_part(web: Web, source: Source, part: Path, told: "_Telling") -> None:
    tries = 0
    while not _is_complete(part, source):
        before = _size(part)
        try:
            _append(web, source, part, told)
        except Broken as error:
            # What has been fetched stays, so only tries that bring nothing are counted.
            tries = 1 if _size(part) > before else tries + 1
            if tries >= _TRIES:
                raise Problem(
                    "unreachable", f"{source.asked.name} could not be fetched: the connection broke."
                ) from error
            time.sleep(_FIRST_PAUSE_S * 2 ** (tries - 1))
        else:
            if source.size_bytes is None:
                break


def _append(web: Web, source: Source, part: Path, told: "_Telling") -> None:
    """Fetch what is missing. Raises Broken where the connection breaks, OSError for the disk, and Problem."""
    have = _size(part)
    headers = {"Range": f"bytes={have}-"} if have else {}
    if have and source.validator:
        headers["If-Range"] = source.validator
    with web.open(source.url, source.asked, headers) as answer, _opened(part) as file:
        if _size(part) != have:
            raise Broken("another process has fetched more of it meanwhile")
        if answer.status_code != 206 and have:
            # The server begins at the beginning, whatever it was asked for.
            told.more(-have)
            file.truncate(0)
        is_checked = False
        for piece in answer.iter_bytes():
            file.write(piece)
            told.more(len(piece))
            if not is_checked and _size(part) >= len(_MAGIC):
                _check_begin(source, part)
                is_checked = True
            if source.size_bytes is not None and _size(part) > source.size_bytes:
                # What comes may have no end.
                raise _other_size(source)
    if source.size_bytes is not None and _size(part) < source.size_bytes:
        raise Broken("the answer ended early")


def _opened(part: Path) -> FileIO:
    """To write on, when no other process does: two quantizations may have the part that sees in common.

    Without a buffer: what has come is kept, however this process ends.
    """
    part.parent.mkdir(parents=True, exist_ok=True)
    file = part.open("ab", buffering=0)
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def _check_begin(source: Source, part: Path) -> None:
    """Raises Problem for a page that a server sends in place of the file."""
    with part.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise Problem("bad_file", f"What is at the address of {source.asked.name} is no GGUF file.")


def _is_complete(part: Path, source: Source) -> bool:
    return source.size_bytes is not None and _size(part) >= source.size_bytes


def _check(part: Path, source: Source, told: "_Telling") -> None:
    if source.size_bytes is not None and _size(part) != source.size_bytes:
        raise _other_size(source)
    if source.sha256 is None:
        return
    told.doing("checking")
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != source.sha256:
        raise Problem("bad_file", f"{source.asked.name} arrived damaged. Order it again.")
    told.doing("downloading")


def _other_size(source: Source) -> Problem:
    return Problem("bad_file", f"{source.asked.name} came with another size than it should have. Order it again.")


def _part(source: Source) -> Path:
    """Where what has been fetched is until it is complete; no model's name ends like this."""
    version = hashlib.sha256(source.version.encode()).hexdigest()[:12]
    return source.target.with_name(f".{source.target.name}.{version}.part")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


class _Telling:
    """Says how far it is, not too often."""

    def __init__(self, sources: list[Source]) -> None:
        sizes = [one.size_bytes for one in sources]
        self._total = None if None in sizes else sum(size for size in sizes if size is not None)
        self._done = 0
        self._detail = "downloading"
        self._model = model_name(sources[0].target.name)
        self._told_s = 0.0

    def more(self, size_bytes: int) -> None:
        self._done += size_bytes
        if time.monotonic() - self._told_s >= _TELL_S:
            self._tell()

    def doing(self, detail: str) -> None:
        self._detail = detail
        self._tell()

    def _tell(self) -> None:
        self._told_s = time.monotonic()
        _say(
            {
                "done_bytes": self._done,
                "total_bytes": self._total,
                "detail": self._detail,
                "model": self._model,
            }
        )


if __name__ == "__main__":
    main()
