"""Which GGUF files lie in the models folders, and what each of them is."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from app.providers.engine.gguf_header import BadGguf, GgufHeader, read_header
from app.providers.engine.messages import EngineModel, ModelType

# Large models come as name-00001-of-00003.gguf; llama.cpp opens the first and finds the others.
_PART = re.compile(r"(?P<name>.+)-(?P<part>\d{5})-of-(?P<parts>\d{5})")

# Architectures that only make vectors. Source: llm_arch in llama.cpp's src/llama-arch.cpp
_EMBEDDERS = frozenset(
    {
        *("bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2", "jina-bert-v3"),
        *("modern-bert", "eurobert", "gemma-embedding", "t5encoder"),
    }
)
_PROJECTOR = "clip"
_POOLING_RANK = 4
_TOY = "Patchbay toy"
"""general.name of the demo model: a copy under another file name is still a toy."""

Stamp = tuple[int, int]
"""Size and time of change: another stamp is another file."""


class ModelFile(NamedTuple):
    """A GGUF file, or the reason why it is none."""

    id: str
    path: Path
    size_bytes: int
    stamp: Stamp
    header: GgufHeader | None
    problem: str | None = None
    projector: Path | None = None
    removable: bool = False
    files: tuple[Path, ...] = ()

    @property
    def type(self) -> ModelType:
        header = self.header
        if header and (header.architecture in _EMBEDDERS or 0 < header.pooling < _POOLING_RANK):
            return "embeddings"
        return "vlm" if self.projector else "llm"

    def described(self) -> EngineModel:
        """What a list says of it while it is not loaded."""
        header = self.header
        return EngineModel(
            id=self.id,
            path=str(self.path),
            size_bytes=self.size_bytes,
            type=self.type,
            name=header.name if header else None,
            architecture=header.architecture if header else None,
            quantization=header.quantization if header else None,
            context_length=header.context_length if header else None,
            takes_tools=bool(header and header.takes_tools),
            toy=header is not None and header.name == _TOY,
            error=self.problem,
            removable=self.removable,
            files=tuple(map(str, self.files)),
        )


class _Found(NamedTuple):
    path: Path
    stamp: Stamp
    header: GgufHeader | None
    problem: str | None


class Shelf:
    """Looks into the folders each time it is asked; unchanged files are not read again."""

    def __init__(self, folders: Sequence[Path], demo: Path | None = None) -> None:
        self.folders = tuple(folders)
        self._demo = demo
        self._read: dict[Path, _Found] = {}

    def files(self) -> dict[str, ModelFile]:
        """Every model by id, in the order of folders and names; the demo model comes last."""
        demo = () if self._demo is None else (self._demo,)
        files: dict[str, ModelFile] = {}
        seen: dict[Path, _Found] = {}
        for folder in (*self.folders, *demo):
            found = [self._look(path) for path in _paths(folder)]
            seen |= {one.path: one for one in found}
            for one in _models(found):
                model = _model_file(folder, one, found)
                # The same name twice: the second is told apart by its folder.
                name = model.id if model.id not in files else f"{one.path.parent.name}/{model.id}"
                files.setdefault(name, model._replace(id=name, removable=folder != self._demo))
        self._read = seen
        return files

    def _look(self, path: Path) -> _Found:
        try:
            about = path.stat()
        except OSError as error:
            return _Found(path, (0, 0), None, f"it cannot be read: {error.strerror}")
        stamp = (about.st_size, about.st_mtime_ns)
        known = self._read.get(path)
        if known is not None and known.stamp == stamp:
            return known
        try:
            return _Found(path, stamp, read_header(path), None)
        except BadGguf as problem:
            return _Found(path, stamp, None, str(problem))
        except OSError as error:
            # Not remembered under its stamp: rights can change without it.
            return _Found(path, (0, 0), None, f"it cannot be read: {error.strerror}")


def _paths(folder: Path) -> Iterator[Path]:
    """Files ending in .gguf, at any depth; a folder that is missing or closed to us holds none."""
    for place, inner, names in os.walk(folder):
        inner.sort()
        for name in sorted(names):
            if name.lower().endswith(".gguf") and not name.startswith("."):
                yield Path(place, name)


def _models(found: list[_Found]) -> Iterator[_Found]:
    for one in found:
        part = _PART.fullmatch(one.path.stem)
        if not _is_projector(one) and (part is None or int(part["part"]) == 1):
            yield one


def _is_projector(one: _Found) -> bool:
    return one.header is not None and one.header.architecture == _PROJECTOR


def _model_file(folder: Path, one: _Found, found: list[_Found]) -> ModelFile:
    part = _PART.fullmatch(one.path.stem)
    name = part["name"] if part else one.path.stem
    parts = [other for other in found if _is_part_of(other.path, one.path.parent, name)] if part else [one]
    projector = None if one.path.parent == folder else _projector(one, found)
    alone = all(other in parts or _is_projector(other) for other in found if other.path.parent == one.path.parent)
    return ModelFile(
        id=name,
        path=one.path,
        size_bytes=sum(other.stamp[0] for other in parts),
        stamp=one.stamp,
        header=one.header,
        problem=one.problem,
        projector=projector,
        files=(*(other.path for other in parts), *([projector] if projector is not None and alone else [])),
    )


def _is_part_of(path: Path, folder: Path, name: str) -> bool:
    part = _PART.fullmatch(path.stem)
    return path.parent == folder and part is not None and part["name"] == name


def _projector(one: _Found, found: list[_Found]) -> Path | None:
    """The vision part lies beside its model, in a folder of their own, as LM Studio keeps them."""
    beside = [other for other in found if other.path.parent == one.path.parent and _is_projector(other)]
    return beside[0].path if beside else None
