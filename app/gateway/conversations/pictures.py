"""Images, told by their content: type and size from the first bytes, without decoding a pixel.

Formats: https://www.w3.org/TR/png/, https://developers.google.com/speed/webp/docs/riff_container, ITU-T T.81 (JPEG).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from app.domain.conversations import Attachment, AttachmentContent, AttachmentKind
from app.domain.errors import InvalidRequest, Problem

_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
_PNG = b"\x89PNG\r\n\x1a\n"
# Frames of every coding but the tables that share their range of markers.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True, slots=True)
class Picture:
    media_type: str
    width: int
    height: int


def picture_of(data: bytes) -> Picture | None:
    """What sort of image this is; None for everything but JPEG, PNG and WebP with a readable size."""
    if data.startswith(_PNG):
        return _sized("image/png", _png_size(data))
    if data.startswith(b"\xff\xd8\xff"):
        return _sized("image/jpeg", _jpeg_size(data))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _sized("image/webp", _webp_size(data))
    return None


def looks_like_picture(data: bytes) -> bool:
    """By its first bytes, whether or not the rest can be read."""
    return data.startswith((_PNG, b"\xff\xd8\xff")) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


def image_content(
    user_id: str, data: bytes, *, name: str | None, at: datetime, mime_type: str | None = None, field: str = "file"
) -> AttachmentContent:
    """A new attachment of the person's. `mime_type` is what it is said to be.

    Raises InvalidRequest naming `field` where it is no image or not the one it is said to be.
    """
    picture = picture_of(data)
    if picture is None:
        raise _wrong(field, "is not a JPEG, PNG or WebP image")
    if mime_type is not None and mime_type != picture.media_type:
        raise _wrong(field, f"is {picture.media_type}, not {mime_type}")
    attachment = Attachment(
        id=str(uuid.uuid4()),
        user_id=user_id,
        kind=AttachmentKind.IMAGE,
        name=name or f"image.{_EXTENSIONS[picture.media_type]}",
        media_type=picture.media_type,
        size_bytes=len(data),
        width=picture.width,
        height=picture.height,
        pages=None,
        text_chars=None,
        created_at=at,
    )
    return AttachmentContent(attachment, data, None)


def _sized(media_type: str, size: tuple[int, int] | None) -> Picture | None:
    if size is None or not all(1 <= one <= 2**31 - 1 for one in size):
        return None
    return Picture(media_type, *size)


def _png_size(data: bytes) -> tuple[int, int] | None:
    if data[12:16] != b"IHDR" or len(data) < 24:
        return None
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """From the first frame's header; segments before it are stepped over."""
    place = 2
    while place + 9 <= len(data):
        if data[place] != 0xFF:
            return None
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker in _JPEG_ALONE:
            place += 2
        elif marker in _JPEG_FRAMES:
            return int.from_bytes(data[place + 7 : place + 9], "big"), int.from_bytes(
                data[place + 5 : place + 7], "big"
            )
        else:
            place += 2 + max(2, int.from_bytes(data[place + 2 : place + 4], "big"))
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    kind, start = data[12:16], 20
    if len(data) < 30:
        return None
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L" and data[start] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return None


def _wrong(field: str, problem: str) -> InvalidRequest:
    return InvalidRequest(f"{field}: {problem}", param=field, details=[Problem(field, problem)])
