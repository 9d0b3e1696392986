"""Looking at an image: its true type and size, read from its bytes without an imaging library."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

_PNG = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


class Picture(NamedTuple):
    type: str
    width: int
    height: int


def look_at(data: bytes) -> Picture:
    """Raises ValueError for bytes that are no complete PNG, JPEG or WebP."""
    try:
        if data.startswith(_PNG):
            return _png(data)
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError, zlib.error) as error:
        raise ValueError(f"damaged: {error}") from error
    raise ValueError("neither PNG nor JPEG nor WebP")


def _png(data: bytes) -> Picture:
    chunks = list(_png_chunks(data))
    if [chunks[0][0], chunks[-1][0]] != [b"IHDR", b"IEND"]:
        raise ValueError("incomplete PNG")
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    pixels = zlib.decompress(b"".join(body for name, body in chunks if name == b"IDAT"))
    line_bytes = (width * depth * _CHANNELS[colour] + 7) // 8 + 1
    if not interlaced and len(pixels) != line_bytes * height:
        raise ValueError("pixels are missing")
    return Picture("PNG", width, height)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(_PNG)
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        name, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, place + 8 + length)
        if checksum != zlib.crc32(name + body):
            raise ValueError("wrong checksum")
        yield name, body
        place += 12 + length


def _jpeg(data: bytes) -> Picture:
    if not data.rstrip(b"\0").endswith(b"\xff\xd9"):
        raise ValueError("incomplete JPEG")
    place = 2
    while True:
        marker, length = struct.unpack_from(">xBH", data, place)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, place + 5)
            return Picture("JPEG", width, height)
        place += 2 + length


def _webp(data: bytes) -> Picture:
    (length,) = struct.unpack_from("<I", data, 4)
    if length + 8 > len(data) + 1:
        raise ValueError("incomplete WebP")
    match data[12:16]:
        case b"VP8X":
            return Picture("WebP", _three_bytes(data, 24) + 1, _three_bytes(data, 27) + 1)
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", data, 21)
            return Picture("WebP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return Picture("WebP", width & 0x3FFF, height & 0x3FFF)
    raise ValueError("unknown sort of WebP")


def _three_bytes(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + 3], "little")
