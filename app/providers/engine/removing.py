"""Deleting a model's files, and only files of models folders."""

from collections.abc import Sequence
from pathlib import Path

from app.providers.engine.messages import EngineModel


def remove_model(model: EngineModel, folders: Sequence[Path]) -> None:
    """Delete every file of `model` that lies in one of `folders`, and the folders below them that this leaves empty.

    A link is removed, not what it leads to. Raises OSError.
    """
    roots = [folder.resolve() for folder in folders]
    for file in map(Path, model.files):
        # The folder counts, not the file: a link in a models folder may lead anywhere.
        place = file.parent.resolve()
        root = next((one for one in roots if place.is_relative_to(one)), None)
        if root is None:
            continue
        file.unlink(missing_ok=True)
        _remove_empty(place, root)


def _remove_empty(place: Path, root: Path) -> None:
    while place != root and not any(place.iterdir()):
        place.rmdir()
        place = place.parent
