"""Files to attach: small pictures and PDFs, made here."""

from __future__ import annotations

import struct
import zlib


def png(width: int = 3, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xff\0\0" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg(width: int = 640, height: int = 480, frame: int = 0xC2) -> bytes:
    """Headers as a camera writes them: a thumbnail's frame inside EXIF does not count."""
    exif = (
        b"\xff\xe1" + struct.pack(">H", 22) + b"Exif\0\0" + b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x01\x00\x01\x03\x00\x00"
    )
    tables = b"\xff\xc4\x00\x04\x00\x00" + b"\xff\xff\xdb\x00\x03\x00"
    size = struct.pack(">BBHBHHB", 0xFF, frame, 17, 8, height, width, 3) + bytes(9)
    return b"\xff\xd8" + exif + tables + size + b"\xff\xda\x00\x08" + bytes(20) + b"\xff\xd9"


def webp(kind: bytes = b"VP8 ", width: int = 550, height: int = 368) -> bytes:
    if kind == b"VP8X":
        body = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    elif kind == b"VP8L":
        body = b"\x2f" + ((width - 1) | (height - 1) << 14).to_bytes(4, "little") + bytes(8)
    else:
        body = b"\x50\x01\x00\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(8)
    payload = b"WEBP" + kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(payload)) + payload


def pdf(*pages: str, stream: bytes | None = None) -> bytes:
    """One page per text; `stream` takes the place of each page's compressed drawing."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for text in pages:
        drawing = zlib.compress(f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()) if stream is None else stream
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(drawing), drawing))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return written(objects)


def written(objects: list[bytes]) -> bytes:
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        table,
        size,
        len(out),
    )


def encrypted(data: bytes, password: str) -> bytes:
    """The same PDF, to be opened with `password` (none: by everybody)."""
    import io

    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(user_password=password, owner_password="the owner's", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def bomb(gigabytes: int) -> bytes:
    """A PDF of a few megabytes whose one page wants so many gigabytes."""
    packer = zlib.compressobj(9)
    block = bytes(64 * 1024 * 1024)
    stream = b"".join(packer.compress(block) for _ in range(gigabytes * 16)) + packer.flush()
    return pdf("bomb", stream=stream)
