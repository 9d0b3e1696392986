"""Vectors as providers write them: lists of numbers, or base64 of little-endian float32."""

from __future__ import annotations

import base64
import binascii
import struct

import msgspec

from app.domain.errors import ProviderProtocol
from app.gateway.answer import Answer


class _Item(msgspec.Struct):
    embedding: list[float] | str
    index: int = 0


class _Items(msgspec.Struct):
    data: list[_Item]


_decode_items = msgspec.json.Decoder(_Items).decode
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def vectors_of(data: bytes, answer: Answer) -> list[list[float]]:
    """In the order of their texts. Raises ProviderProtocol for what is no vector."""
    try:
        items = sorted(_decode_items(data).data, key=lambda item: item.index)
        vectors = [one.embedding if isinstance(one.embedding, list) else _unpacked(one.embedding) for one in items]
    except (msgspec.DecodeError, binascii.Error, struct.error) as error:
        raise _unreadable(answer) from error
    if not all(vectors):
        raise _unreadable(answer)
    return vectors


def with_base64_vectors(data: bytes, answer: Answer) -> bytes:
    """For servers that answer numbers where base64 was asked for. Raises ProviderProtocol for what is no vector."""
    document = _decode(data)
    items = document["data"]
    if all(isinstance(item["embedding"], str) for item in items):
        return data
    for item in items:
        try:
            item["embedding"] = _packed(item["embedding"])
        except (struct.error, OverflowError) as error:
            raise _unreadable(answer) from error
    return _encode(document)


def _unpacked(text: str) -> list[float]:
    packed = base64.b64decode(text, validate=True)
    return [number for (number,) in struct.iter_unpack("<f", packed)]


def _packed(vector: list[float] | str) -> str:
    return vector if isinstance(vector, str) else base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _unreadable(answer: Answer) -> ProviderProtocol:
    config = answer.candidate.config
    return ProviderProtocol(f"{config.name} sent something that can't be read.", provider=config.slug)
