"""Images, told by their content: type and size from the first bytes, without decoding a pixel.

Formats: https://www.w3.org/TR/png/, https://developers.google.com/speed/webp/docs/riff_container, ITU-T T.81 (JPEG).
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_IMAGE_BYTES = 10_000_000
MAX_IMAGE_PIXELS = 50_000_000
"""A few kilobytes can say that they are gigabytes of pixels, which whoever decodes them has to hold."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
# Frames of every coding but the tables that share their range of markers.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_MAX_STEPS = 10_000
"""Segments and chunks before the size; what has more is made to keep the reader busy."""


@dataclass(frozen=True, slots=True)
class Picture:
    media_type: str
    width: int
    height: int


def picture_of(data: bytes) -> Picture | None:
    """What sort of image this is; None for everything but JPEG, PNG and WebP with a readable size."""
    if data.startswith(_PNG):
        return _sized("image/png", _png_size(data))
    if data.startswith(_JPEG):
        return _sized("image/jpeg", _jpeg_size(data))
    if _is_webp(data):
        return _sized("image/webp", _webp_size(data))
    return None


def looks_like_picture(data: bytes) -> bool:
    """By its first bytes, whether or not the rest can be read."""
    return data.startswith((_PNG, _JPEG)) or _is_webp(data)


def size_problem(picture: Picture, size_bytes: int) -> str | None:
    """What is wrong with the size of an image."""
    if size_bytes > MAX_IMAGE_BYTES:
        return f"has {size_bytes} bytes and may have {MAX_IMAGE_BYTES}"
    if picture.width * picture.height > MAX_IMAGE_PIXELS:
        return f"has {picture.width} x {picture.height} pixels; at most {MAX_IMAGE_PIXELS} may be sent"
    return None


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


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
    for _ in range(_MAX_STEPS):
        if place + 9 > len(data) or data[place] != 0xFF:
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
    if len(data) < 30 or data[12:16] != b"VP8X":
        return _bitstream_size(data, 12)
    sizes = [(1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"))]
    # The canvas may be said to be smaller than what is painted on it.
    place = 30
    for _ in range(_MAX_STEPS):
        if place + 18 > len(data):
            return max(sizes, key=lambda size: size[0] * size[1])
        inner = _bitstream_size(data, place)
        if inner is not None:
            sizes.append(inner)
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        place += 8 + length + length % 2
    return None


def _bitstream_size(data: bytes, place: int) -> tuple[int, int] | None:
    """Of the still image in the chunk at `place`."""
    kind, start = data[place : place + 4], place + 8
    if len(data) < start + 10:
        return None
    if kind == b"VP8L" and data[start] == 0x2F:
        bits = int.from_bytes(data[start + 1 : start + 5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and data[start + 3 : start + 6] == b"\x9d\x01\x2a":
        width, height = data[start + 6 : start + 8], data[start + 8 : start + 10]
        return int.from_bytes(width, "little") & 0x3FFF, int.from_bytes(height, "little") & 0x3FFF
    return None
