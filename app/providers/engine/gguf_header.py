"""Reading what a GGUF file says about itself, without its weights and without trusting it.

Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

Value = int | float | str | bool

# Value types of the format: how `struct` reads the plain ones.
_NUMBERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9

# Bounds that real files stay far below; a garbage length must not make us read or allocate gigabytes.
_MOST_KEYS = 100_000
_MOST_TENSORS = 1_000_000
_LONGEST_STRING_BYTES = 16 * 1024 * 1024

# Source: enum llama_ftype in llama.cpp's include/llama.h
_QUANTIZATIONS = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
    12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K",
    19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL",
    26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0",
    37: "TQ2_0", 38: "MXFP4",
}  # fmt: skip


class BadGguf(Exception):
    """The file is not a GGUF file, is cut short, or contradicts itself."""


class GgufHeader(NamedTuple):
    """The plain values of a header, by key; `lengths` holds how long each array is."""

    values: dict[str, Value]
    lengths: dict[str, int]

    @property
    def architecture(self) -> str | None:
        return self._text("general.architecture")

    @property
    def name(self) -> str | None:
        return self._text("general.name")

    @property
    def quantization(self) -> str | None:
        return _QUANTIZATIONS.get(self._number("general.file_type", default=-1))

    @property
    def context_length(self) -> int | None:
        """What the model was trained for, in tokens."""
        return self._own("context_length") or None

    @property
    def pooling(self) -> int:
        """llama.cpp's pooling type: 0 none, 1 mean, 2 first token, 3 last token, 4 rank; 0 if not given."""
        return self._own("pooling_type")

    @property
    def vocabulary(self) -> int:
        return self.lengths.get("tokenizer.ggml.tokens", 0)

    @property
    def takes_tools(self) -> bool:
        """Whether the chat template has a place for tools."""
        return "tools" in (self._text("tokenizer.chat_template") or "")

    @property
    def cache_bytes_per_token(self) -> int:
        """What the context costs in memory, with keys and values as f16."""
        heads = self._own("attention.head_count")
        cached_heads = self._own("attention.head_count_kv") or heads
        width = self._own("embedding_length") // max(heads, 1)
        per_head = (self._own("attention.key_length") or width) + (self._own("attention.value_length") or width)
        return 2 * self._own("block_count") * cached_heads * per_head

    def _own(self, key: str) -> int:
        return self._number(f"{self.architecture}.{key}", default=0)

    def _number(self, key: str, *, default: int) -> int:
        value = self.values.get(key)
        return value if isinstance(value, int) else default

    def _text(self, key: str) -> str | None:
        value = self.values.get(key)
        return value if isinstance(value, str) else None


def read_header(path: Path) -> GgufHeader:
    """The header of the file at `path`. Raises BadGguf, or OSError if it cannot be read."""
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        reader = _Reader(file, size_bytes)
        try:
            return reader.header()
        except (struct.error, UnicodeDecodeError, OverflowError) as error:
            raise BadGguf("its header is cut short or garbled") from error


class _Reader:
    def __init__(self, file: BinaryIO, size_bytes: int) -> None:
        self._file = file
        self._size_bytes = size_bytes

    def header(self) -> GgufHeader:
        if self._file.read(4) != b"GGUF":
            raise BadGguf("it is not a GGUF file")
        version = self._unpack("<I")
        if version not in (2, 3):
            raise BadGguf(f"its GGUF version is {version}; 2 and 3 are known")
        tensors, keys = self._unpack("<Q"), self._unpack("<Q")
        if tensors > _MOST_TENSORS or keys > _MOST_KEYS:
            raise BadGguf("its header is garbled")
        values: dict[str, Value] = {}
        lengths: dict[str, int] = {}
        for _ in range(keys):
            key, kind = self._string(), self._unpack("<I")
            if kind == _ARRAY:
                lengths[key] = self._skip_array()
            else:
                values[key] = self._value(kind)
        self._check_tensors(tensors, int(values.get("general.alignment", 32)))
        return GgufHeader(values, lengths)

    def _check_tensors(self, count: int, alignment: int) -> None:
        """A file still being copied ends before its last tensor begins."""
        last = 0
        for _ in range(count):
            self._string()
            dimensions = self._unpack("<I")
            if dimensions > 8:
                raise BadGguf("its list of tensors is garbled")
            self._file.seek(8 * dimensions + 4, 1)
            last = max(last, self._unpack("<Q"))
        begin = self._file.tell() + -self._file.tell() % max(alignment, 1)
        if count and begin + last >= self._size_bytes:
            raise BadGguf("it is cut short; perhaps it is still being copied")

    def _unpack(self, layout: str) -> int:
        return int(self._number(layout))

    def _number(self, layout: str) -> int | float | bool:
        (value,) = struct.unpack(layout, self._file.read(struct.calcsize(layout)))
        number: int | float | bool = value
        return number

    def _string(self) -> str:
        length = self._unpack("<Q")
        if length > min(_LONGEST_STRING_BYTES, self._size_bytes):
            raise BadGguf("its header is garbled")
        return self._file.read(length).decode(errors="replace")

    def _value(self, kind: int) -> Value:
        if kind == _STRING:
            return self._string()
        if kind not in _NUMBERS:
            raise BadGguf(f"its header has a value of the unknown type {kind}")
        return self._number(_NUMBERS[kind])

    def _skip_array(self) -> int:
        kind, length = self._unpack("<I"), self._unpack("<Q")
        if length > self._size_bytes:
            raise BadGguf("its header is garbled")
        if kind == _STRING:
            for _ in range(length):
                self._skip_string()
        elif kind in _NUMBERS:
            self._file.seek(length * struct.calcsize(_NUMBERS[kind]), 1)
        else:
            raise BadGguf(f"its header has an array of the unknown type {kind}")
        return length

    def _skip_string(self) -> None:
        # A vocabulary is a hundred thousand of these: one read each, and the buffer makes the seek cheap.
        length: int = struct.unpack("<Q", self._file.read(8))[0]
        if length > self._size_bytes:
            raise BadGguf("its header is garbled")
        self._file.seek(length, 1)
