"""Taking a file of conversations apart, one conversation at a time.

Files of hundreds of megabytes are never in memory as a whole: ijson (its part in C) reads them piece by piece, and only
the conversation that is being read is kept.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator
from types import ModuleType
from typing import IO, Any

from app.api.chat.transfer import chatgpt_format, patchbay_format
from app.api.chat.transfer.json_values import Events, Excess, events_of, value_of
from app.domain.errors import InvalidJson, InvalidRequest, TooLarge

MAX_UNPACKED_BYTES = 1024**3
MAX_DIRECTORY_BYTES = 16 * 1024**2
"""Of a ZIP file's list of contents: a hundred thousand files."""

_MEMBER = re.compile(r"(^|/)conversations(-\d+)?\.json$")
_END_RECORD = b"PK\x05\x06"
_END_BYTES = 22
_LONGEST_COMMENT = 65_535
# What zipfile raises for files that are broken, encrypted or packed in a way it does not know.
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    ValueError,
    OSError,
)

Found = tuple[ModuleType, dict[str, Any] | Excess]
"""A format's module, and a conversation as it stands in the file or why it can't be kept."""


def documents(file: IO[bytes]) -> Generator[Found, None, None]:
    """Each conversation of a JSON file, or of a ZIP file with such files.

    Raises InvalidJson, InvalidRequest or TooLarge, perhaps after some have come.
    """
    start = file.read(4)
    file.seek(0)
    if start == b"PK\x03\x04":
        yield from _of_zip(file)
    else:
        yield from _of_json(file)


def _of_zip(file: IO[bytes]) -> Iterator[Found]:
    left = MAX_UNPACKED_BYTES
    with _zip(file) as archive:
        names = sorted(name for name in archive.namelist() if _MEMBER.search(name))
        if not names:
            raise InvalidRequest("There is no conversations.json in this ZIP file.")
        for name in names:
            with _opened(archive, name) as member:
                unpacked = _Unpacked(member, left)
                yield from _of_json(unpacked)
                left = unpacked.left


def _zip(file: IO[bytes]) -> zipfile.ZipFile:
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_BYTES - _LONGEST_COMMENT))
    end = file.read()
    place = end.rfind(_END_RECORD)
    # The bytes of the list of contents stand there; zipfile would read it whole, however long it is.
    directory_bytes = struct.unpack_from("<I", end, place + 12)[0] if 0 <= place <= len(end) - _END_BYTES else 0
    if directory_bytes > MAX_DIRECTORY_BYTES:
        raise InvalidRequest("This ZIP file lists too many files.")
    file.seek(0)
    try:
        return zipfile.ZipFile(file)
    except _BROKEN_ZIP as error:
        raise InvalidRequest("This ZIP file can't be read.") from error


def _opened(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    try:
        return archive.open(name)
    except _BROKEN_ZIP as error:
        raise InvalidRequest(f"{name} in this ZIP file can't be read; is it encrypted?") from error


class _Unpacked:
    """A file of a ZIP, of which no more than `left` bytes come out."""

    def __init__(self, member: IO[bytes], left: int) -> None:
        self._member = member
        self.left = left

    def read(self, size: int = -1, /) -> bytes:
        try:
            data = self._member.read(size)
        except _BROKEN_ZIP as error:
            raise InvalidRequest("This ZIP file can't be read to its end.") from error
        self.left -= len(data)
        if self.left < 0:
            raise TooLarge(f"This ZIP file unpacks to more than {MAX_UNPACKED_BYTES // 1024**2} MB.")
        return data


def _of_json(file: Any) -> Iterator[Found]:
    # Imported here: few requests import something.
    import ijson

    try:
        events = events_of(file)
        kind, _ = next(events)
        if kind == "start_array":
            yield from ((chatgpt_format, document) for document in _items(events))
        elif kind == "start_map":
            yield from _of_object(events)
        else:
            raise _unknown()
        # Whatever stands behind the end is found out by asking for it.
        next(events, None)
    except (ijson.JSONError, UnicodeError) as error:
        raise InvalidJson("The file is not valid JSON, or not complete.") from error


def _of_object(events: Events) -> Iterator[Found]:
    """Our own file, or a single conversation of ChatGPT's. The members may stand in any order."""
    members: dict[str, Any] = {}
    has_conversations = False
    for kind, name in events:
        if kind == "end_map":
            break
        if name == "conversations":
            has_conversations = True
            _check_format(members, is_complete=False)
            yield from ((patchbay_format, document) for document in _array(events))
            continue
        value = value_of(*next(events), events)
        if name in _KNOWN:
            members[name] = value
    if has_conversations:
        _check_format(members, is_complete=True)
    elif chatgpt_format.is_conversation(members):
        yield chatgpt_format, members
    else:
        raise _unknown()


_FORMAT = {"format": patchbay_format.FORMAT, "version": patchbay_format.VERSION}
_KNOWN = {*_FORMAT, *chatgpt_format.MEMBERS}


def _check_format(members: dict[str, Any], *, is_complete: bool) -> None:
    """Raises InvalidRequest; before the end only for what has been read."""
    for name, value in _FORMAT.items():
        if (is_complete or name in members) and members.get(name) != value:
            raise InvalidRequest(f"The file's {name} is not {value!r}.")


def _array(events: Events) -> Iterator[dict[str, Any] | Excess]:
    kind, _ = next(events)
    if kind != "start_array":
        raise _unknown()
    yield from _items(events)


def _items(events: Events) -> Iterator[dict[str, Any] | Excess]:
    """The values of an array that has begun."""
    for kind, value in events:
        if kind == "end_array":
            return
        document = value_of(kind, value, events)
        yield document if isinstance(document, dict | Excess) else Excess("It is not an object")


def _unknown() -> InvalidRequest:
    return InvalidRequest("The file is neither an export of Patchbay's nor ChatGPT's conversations.json.")
