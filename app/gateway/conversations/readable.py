"""The text of a file, as a model is sent it."""

from __future__ import annotations

import codecs
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from app.gateway.conversations.pdf_child import MAX_PAGES
from app.gateway.conversations.wording import invalid

MAX_TEXT_CHARS = 2_000_000
PDF_S = 40.0
FIELD = "file"

_PROJECT = Path(__file__).resolve().parents[3]
# The longer mark first: UTF-32's begins like UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOKED_AT_BYTES = 4_096
# Everything below the space but tabs, line ends, form feeds, backspaces and escapes, which logs and manuals have.
_BINARY = re.compile(r"[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f]")
_BINARY_SHARE = 0.01
_PDF_START_BYTES = 1024
"""Where a PDF's mark may stand, after whatever a mail program or a web page put before it."""

_PDF_PROBLEMS = {
    "encrypted": "is protected with a password",
    "too_many_pages": f"has more than {MAX_PAGES} pages",
    "too_long": f"has more than {MAX_TEXT_CHARS} characters of text",
    "no_text": "is a PDF without text, perhaps a scan: send its pages as images",
    "unreadable": "is not a PDF that can be read",
    "too_slow": "is a PDF that takes too long or too much memory to read",
}


@dataclass(frozen=True, slots=True)
class ReadFile:
    """`pages` is a PDF's."""

    text: str
    media_type: str | None
    pages: int | None = None


def read_file(data: bytes) -> ReadFile:
    """The text of a PDF or a text file in UTF-8, UTF-16 or UTF-32; `media_type` where the content tells it.

    Raises InvalidRequest for everything else, and for files without text or with too much.
    """
    if data[:_PDF_START_BYTES].lstrip().startswith(b"%PDF-"):
        return _pdf(data)
    text = _decoded(data)
    if text is None or _is_binary(text):
        if b"%PDF-" in data[:_PDF_START_BYTES]:
            return _pdf(data)
        raise invalid(FIELD, "is neither an image (JPEG, PNG, WebP), a PDF nor a text in UTF-8 or UTF-16")
    if not text.strip():
        raise invalid(FIELD, "has no text in it")
    if len(text) > MAX_TEXT_CHARS:
        raise invalid(FIELD, f"has more than {MAX_TEXT_CHARS} characters of text")
    return ReadFile(text, None)


def _is_binary(text: str) -> bool:
    start = text[:_LOOKED_AT_BYTES]
    return len(_BINARY.findall(start)) > _BINARY_SHARE * len(start)


def _decoded(data: bytes) -> str | None:
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", _guess(data)))
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        return None


def _guess(data: bytes) -> str:
    """Without a mark: in UTF-16 every other byte of Western text is zero."""
    start = data[:_LOOKED_AT_BYTES]
    if len(data) % 2 == 0 and len(start) >= 4:
        first, second = start[::2], start[1::2]
        if second.count(0) > 0.4 * len(second) and first.count(0) == 0:
            return "utf-16-le"
        if first.count(0) > 0.4 * len(first) and second.count(0) == 0:
            return "utf-16-be"
    return "utf-8"


def _pdf(data: bytes) -> ReadFile:
    try:
        # In a process of its own: a small file can ask for hours and gigabytes, and a thread can't be ended.
        child = subprocess.run(
            [sys.executable, "-m", "app.gateway.conversations.pdf_child", str(MAX_TEXT_CHARS)],
            cwd=_PROJECT,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PDF_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise invalid(FIELD, _PDF_PROBLEMS["too_slow"]) from error
    if child.returncode != 0:
        # The system ended it, by a limit.
        raise invalid(FIELD, _PDF_PROBLEMS["too_slow"])
    answer = json.loads(child.stdout)
    if "problem" in answer:
        raise invalid(FIELD, _PDF_PROBLEMS[answer["problem"]])
    return ReadFile(answer["text"], "application/pdf", answer["pages"])
