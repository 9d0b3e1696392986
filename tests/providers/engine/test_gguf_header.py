"""Headers of real and of broken files."""

import struct
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.providers.engine.gguf_header import BadGguf, GgufHeader, read_header
from app.providers.engine.shelf import Shelf
from tests.providers.engine.supervised import DEMO

CONTENT = DEMO.read_bytes()
BEGIN = b"GGUF" + struct.pack("<I", 3)


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def header(**values: str | int) -> bytes:
    """A file without tensors; `__` in a name stands for a dot."""
    keys = b""
    for name, value in values.items():
        keys += text(name.replace("__", "."))
        keys += struct.pack("<I", 8) + text(value) if isinstance(value, str) else struct.pack("<II", 4, value)
    return BEGIN + struct.pack("<QQ", 0, len(values)) + keys


def test_the_demo_model_says_what_it_is() -> None:
    demo = read_header(DEMO)

    assert (demo.name, demo.architecture, demo.quantization, demo.context_length, demo.takes_tools) == (
        "Patchbay toy",
        "llama",
        "F16",
        4096,
        True,
    )
    assert demo.cache_bytes_per_token == 2 * 2 * 128 * 2
    assert demo.vocabulary > 900


@given(st.integers(0, 120_000))
def test_a_file_cut_anywhere_is_refused(length: int) -> None:
    with pytest.raises(BadGguf):
        _read(CONTENT[:length])


@given(st.binary(max_size=300))
def test_garbage_is_refused_and_never_anything_worse(content: bytes) -> None:
    try:
        read = _read(BEGIN + content)
    except BadGguf:
        return
    assert isinstance(read, GgufHeader)


def _read(content: bytes) -> GgufHeader:
    with tempfile.NamedTemporaryFile(suffix=".gguf") as file:
        file.write(content)
        file.flush()
        return read_header(Path(file.name))


def test_an_embedding_model_is_told_by_its_architecture_or_its_pooling(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(header(general__architecture="nomic-bert"))
    (tmp_path / "b.gguf").write_bytes(header(general__architecture="qwen3", qwen3__pooling_type=3))
    (tmp_path / "c.gguf").write_bytes(header(general__architecture="qwen3"))

    assert [file.type for file in Shelf([tmp_path]).files().values()] == ["embeddings", "embeddings", "llm"]


def test_a_vision_part_belongs_to_the_model_beside_it_and_is_no_model(tmp_path: Path) -> None:
    folder = tmp_path / "gemma"
    folder.mkdir()
    (folder / "gemma.gguf").write_bytes(header(general__architecture="gemma3"))
    (folder / "mmproj-gemma.gguf").write_bytes(header(general__architecture="clip"))

    (file,) = Shelf([tmp_path]).files().values()

    assert (file.id, file.type, file.projector) == ("gemma", "vlm", folder / "mmproj-gemma.gguf")


def test_a_model_in_parts_is_one_model(tmp_path: Path) -> None:
    content = header(general__architecture="llama")
    for part in (1, 2):
        (tmp_path / f"big-0000{part}-of-00002.gguf").write_bytes(content)

    (file,) = Shelf([tmp_path]).files().values()

    assert (file.id, file.size_bytes) == ("big", 2 * len(content))


def test_the_same_name_in_two_folders_is_told_apart_by_the_folder(tmp_path: Path) -> None:
    for place in ("x", "y"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "m.gguf").write_bytes(header(general__architecture="llama"))

    assert list(Shelf([tmp_path]).files()) == ["m", "y/m"]
