"""The process that fetches a model: `python -m app.providers.engine.fetching`, the wish as one JSON line on stdin.

It writes how far it is as JSON lines on stdout, and the path of the model, or the problem, as the last one. It ends
when its stdin does; what it has fetched until then stays beside its place in a `.part` file, where the next begins.

Why no library: huggingface_hub 2.4 no longer resumes what another process began, and would bring ten megabytes of
packages for the two addresses that are asked here.
"""

import hashlib
import http.client
import json
import os
import shutil
import socket
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from app.providers.addresses import Reach, classify
from app.providers.engine.hub import Address, Repository, WrongWish, chosen, file_url, files_of, tree_url, wish_of

_PIECE_BYTES = 1024 * 1024
_IDLE_S = 60.0
_TELL_S = 0.25
_TRIES = 5
_FIRST_PAUSE_S = 0.1
"""Twice as long after each try."""
_MAX_TREE_BYTES = 32 * 1024 * 1024
_MAGIC = b"GGUF"
_BREAKS = (urllib.error.URLError, ConnectionError, TimeoutError, ssl.SSLError, http.client.HTTPException)
"""What becomes of a connection; other OSErrors are the disk's."""
_NOWHERE = (Reach.LINK_LOCAL, Reach.METADATA)


class Problem(Exception):
    """`code` is wrong_wish, not_found, refused, unreachable, no_space, bad_file or failed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Source(NamedTuple):
    """A file to fetch, and what it must be afterwards where that is known."""

    url: str
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
    except _BREAKS as error:
        _say({"problem": "unreachable", "message": f"The server can't be reached: {error}."})
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
    """Where the model is, all files of it fetched. Raises WrongWish or Problem."""
    endpoint, folder = str(order["endpoint"]).rstrip("/"), Path(order["folder"])
    wish = wish_of(order["model"], order["quantization"], endpoint)
    web = _Web(endpoint, order["token"])
    _say({"detail": "looking"})
    sources = _of_repository(web, wish, folder) if isinstance(wish, Repository) else [_of_address(web, wish, folder)]
    _check_space(sources, folder)
    told = _Telling(sources)
    for source in sources:
        _fetch(web, source, told)
    return sources[0].target


def _of_repository(web: "_Web", wish: Repository, folder: Path) -> list[Source]:
    """In a folder of its own, where a part that lets it see is found."""
    with web.open(tree_url(web.endpoint, wish), what=wish.id) as answer:
        body = answer.read(_MAX_TREE_BYTES)
    try:
        tree = json.loads(body)
    except ValueError as error:
        raise Problem("failed", "The hub's answer can't be read.") from error
    owner, _, name = wish.id.partition("/")
    place = folder / owner / name
    return [
        Source(
            url=file_url(web.endpoint, wish, file),
            target=place / file.name,
            version=file.sha256 or f"{wish.revision} {file.size_bytes}",
            size_bytes=file.size_bytes,
            sha256=file.sha256,
        )
        for file in chosen(files_of(tree), wish)
    ]


def _of_address(web: "_Web", wish: Address, folder: Path) -> Source:
    with web.open(wish.url, method="HEAD", what=wish.name) as answer:
        tag, length = answer.headers.get("ETag"), answer.headers.get("Content-Length")
    size_bytes = int(length) if length and length.isdigit() else None
    strong = tag if tag and not tag.startswith("W/") else None
    return Source(wish.url, folder / wish.name, f"{wish.url} {tag}", size_bytes, validator=strong)


def _check_space(sources: list[Source], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    needed = sum(max(0, (one.size_bytes or 0) - _size(_part(one))) for one in sources if not one.target.exists())
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise Problem(
            "no_space", f"It needs {needed / 1e9:.1f} GB in the models folder, where {free / 1e9:.1f} GB are free."
        )


def _fetch(web: "_Web", source: Source, told: "_Telling") -> None:
    target, part = source.target, _part(source)
    if target.exists():
        if source.size_bytes is not None and target.stat().st_size != source.size_bytes:
            raise Problem("bad_file", f"There is another {target.name} in the models folder: delete that first.")
        told.more(target.stat().st_size)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    told.more(_size(part))
    tries = 0
    while not _is_complete(part, source):
        before = _size(part)
        try:
            _append(web, source, part, told)
        except _BREAKS as error:
            # What has been fetched stays, so only tries that bring nothing are counted.
            tries = 1 if _size(part) > before else tries + 1
            if tries >= _TRIES:
                raise Problem("unreachable", f"{target.name} could not be fetched: the connection broke.") from error
            time.sleep(_FIRST_PAUSE_S * 2 ** (tries - 1))
        else:
            if source.size_bytes is None:
                break
    _check(part, source, told)
    part.replace(target)


def _append(web: "_Web", source: Source, part: Path, told: "_Telling") -> None:
    """Fetch what is missing. Raises one of _BREAKS where the connection breaks, OSError for the disk, and Problem."""
    have = _size(part)
    headers = {"Range": f"bytes={have}-"} if have else {}
    if have and source.validator:
        headers["If-Range"] = source.validator
    # Without a buffer: what has come is kept, however this process ends.
    with web.open(source.url, headers, what=source.target.name) as answer, part.open("ab", buffering=0) as file:
        if answer.status != 206 and have:
            # The server begins at the beginning, whatever it was asked for.
            told.more(-have)
            file.truncate(0)
        is_checked = False
        while piece := answer.read1(_PIECE_BYTES):
            file.write(piece)
            told.more(len(piece))
            if not is_checked and _size(part) >= len(_MAGIC):
                is_checked = _check_begin(source, part)
    if source.size_bytes is not None and _size(part) < source.size_bytes:
        raise ConnectionError("the answer ended early")


def _check_begin(source: Source, part: Path) -> bool:
    """True. Raises Problem for a page that a server sends in place of the file."""
    with part.open("rb") as file:
        if file.read(len(_MAGIC)) == _MAGIC:
            return True
    part.unlink()
    raise Problem("bad_file", f"What is at the address of {source.target.name} is no GGUF file.")


def _is_complete(part: Path, source: Source) -> bool:
    return source.size_bytes is not None and _size(part) >= source.size_bytes


def _check(part: Path, source: Source, told: "_Telling") -> None:
    if source.size_bytes is not None and _size(part) != source.size_bytes:
        part.unlink()
        raise Problem("bad_file", f"{source.target.name} came with another size than it should have. Order it again.")
    if source.sha256 is None:
        return
    told.doing("checking")
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != source.sha256:
        part.unlink()
        raise Problem("bad_file", f"{source.target.name} arrived damaged. Order it again.")
    told.doing("downloading")


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
        _say({"done_bytes": self._done, "total_bytes": self._total, "detail": self._detail})


class _Web:
    """Asks for addresses. The token is for the hub alone, and not for where it sends us."""

    def __init__(self, endpoint: str, token: str | None) -> None:
        self.endpoint = endpoint
        self._token = token
        self._opener = urllib.request.build_opener(_Http(), _Https(context=_trust()), _Redirects())

    def open(self, url: str, headers: Mapping[str, str] | None = None, *, what: str, method: str = "GET") -> Any:
        """The answer, to be closed. Raises Problem, or one of _BREAKS where trying again may help."""
        request = urllib.request.Request(url, headers={"User-Agent": "patchbay", **(headers or {})}, method=method)
        if self._token and url.startswith(f"{self.endpoint}/"):
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        try:
            return self._opener.open(request, timeout=_IDLE_S)
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, what) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, ssl.SSLCertVerificationError):
                raise Problem(
                    "unreachable", f"The server of {what} has a certificate that nobody vouches for."
                ) from error
            if isinstance(error.reason, socket.gaierror):
                raise Problem("unreachable", f"The server of {what} can't be found.") from error
            raise


def _refusal(status: int, what: str) -> Exception:
    if status == 416:
        return Problem("bad_file", f"{what} is not what it was when the download began. Order it again.")
    if status == 404:
        return Problem("not_found", f"There is no {what}.")
    if status in (401, 403):
        return Problem("refused", f"There is no {what}, or it is not for everybody: set HF_TOKEN of somebody who may.")
    if status == 429 or status >= 500:
        return ConnectionError(f"status {status}")
    return Problem("failed", f"{what} was refused with status {status}.")


def _trust() -> ssl.SSLContext:
    """The authorities of the system, and those that come along for systems that have none."""
    # Imported here, because hub.py and the tests of this file do without.
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class _Redirects(urllib.request.HTTPRedirectHandler):
    """From https only to https."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if req.full_url.startswith("https:") and not newurl.startswith("https:"):
            raise Problem("failed", "The server sends us to an address without https.")
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if request is not None and req.get_method() == "HEAD":
            request.method = "HEAD"
        return request


def _check_peer(sock: Any) -> None:
    if classify(sock.getpeername()[0]) in _NOWHERE:
        raise Problem("refused", "The address leads to where nothing is ever fetched from.")


class _HttpConnection(http.client.HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _check_peer(self.sock)


class _HttpsConnection(http.client.HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _check_peer(self.sock)


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: Any) -> Any:
        return self.do_open(_HttpConnection, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: Any) -> Any:
        return self.do_open(_HttpsConnection, req, context=self._context)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
