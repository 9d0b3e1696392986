"""The process that takes a PDF apart: whatever the file makes it do, it has little memory, little time and no secrets.

Reads the file from standard input and writes one JSON document: `{"text", "pages"}` or `{"problem"}`.
"""

from __future__ import annotations

import io
import json
import logging
import resource
import sys
from typing import Any

MEMORY_BYTES = 1024**3
CPU_S = 30
MAX_PAGES = 5_000


def main() -> None:
    limit()
    max_chars = int(sys.argv[1])
    try:
        answer = extracted(sys.stdin.buffer.read(), max_chars)
    except (Exception, RecursionError, MemoryError):  # noqa: BLE001  # the outermost handler; broken files fail in every way
        answer = {"problem": "unreadable"}
    sys.stdout.write(json.dumps(answer))


def limit() -> None:
    """Bound what this process may take from now on."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    if sys.platform == "linux":
        # Elsewhere this counts what is only reserved, or is not kept.
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def extracted(data: bytes, max_chars: int) -> dict[str, Any]:
    """`{"text", "pages"}`, or `{"problem"}`: encrypted, too_many_pages, too_long or no_text."""
    # Imported here: nothing but this process needs it.
    from pypdf import PasswordType, PdfReader

    # It writes a line about each oddity of a file.
    logging.disable(logging.CRITICAL)
    reader = PdfReader(io.BytesIO(data))
    # Many files are encrypted with an empty password: everybody may read them, but not change them.
    if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
        return {"problem": "encrypted"}
    count = len(reader.pages)
    if count > MAX_PAGES:
        return {"problem": "too_many_pages"}
    texts: list[str] = []
    size = 0
    for page in reader.pages:
        text = page.extract_text().strip()
        size += len(text) + 2
        if size > max_chars:
            return {"problem": "too_long"}
        if text:
            texts.append(text)
    return {"text": "\n\n".join(texts), "pages": count} if texts else {"problem": "no_text"}


if __name__ == "__main__":
    main()
