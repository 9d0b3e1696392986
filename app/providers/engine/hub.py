"""What is to be fetched, and which files of a repository that means. Pure: nothing here speaks to anybody.

Repositories are those of Hugging Face's hub, or of a mirror with its API.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

HUB = "https://huggingface.co"
USUAL = "Q4_K_M"
"""What is taken of several files when nobody says which, as llama.cpp and LM Studio do."""

# Neither name begins with a dot, because both become folders.
_REPOSITORY = re.compile(r"(?:(?:hf\.co|huggingface\.co)/)?(?P<id>\w[\w.-]*/\w[\w.-]*)(?::(?P<part>[^:]+))?", re.ASCII)
_PAGE = re.compile(
    r"/(?P<id>\w[\w.-]*/\w[\w.-]*)(?:/(?:resolve|blob|raw)/(?P<revision>[^/]+)/(?P<file>.+))?/?", re.ASCII
)
_NAME = re.compile(r"[\w+-][\w+. ()-]*\.gguf", re.IGNORECASE)
_PART = re.compile(r"(?P<name>.+)-\d{5}-of-\d{5}\.gguf", re.IGNORECASE)
# Q4_K_M, IQ3_XXS, MXFP4, BF16, UD-Q2_K_XL …, between two separators or at the end of a file's name.
_QUANTIZATION = re.compile(r"(?:^|[-_.])((?:I?Q\d|TQ\d|BF16|F16|F32|FP16|MXFP4)[A-Z0-9_]*)(?=[-.]|$)", re.IGNORECASE)


class WrongWish(Exception):
    """What was asked for can't be understood, or means nothing that there is; the message is for people."""


class Repository(NamedTuple):
    """A repository, perhaps one file of it, perhaps one of its quantizations."""

    id: str
    file: str | None = None
    quantization: str | None = None
    revision: str = "main"


class Address(NamedTuple):
    """A file anywhere."""

    url: str
    name: str


class HubFile(NamedTuple):
    """A file of a repository; `sha256` only where it lies in large file storage, as models do."""

    path: str
    size_bytes: int
    blob: str
    """The same for the same content only."""
    sha256: str | None = None

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def wish_of(model: str, quantization: str | None, endpoint: str = HUB) -> Repository | Address:
    """`owner/repository`, `owner/repository:file.gguf`, `owner/repository:Q4_K_M`, or an https address.

    Raises WrongWish.
    """
    if "://" in model:
        return _address(model, quantization, endpoint)
    match = _REPOSITORY.fullmatch(model)
    if match is None:
        raise WrongWish(f"{model} is neither owner/repository of a hub nor an https address of a GGUF file.")
    part = match["part"]
    if part is None:
        return Repository(match["id"], quantization=quantization)
    if part.lower().endswith(".gguf"):
        return Repository(match["id"], file=part)
    return Repository(match["id"], quantization=quantization or part)


def _address(url: str, quantization: str | None, endpoint: str) -> Repository | Address:
    parts = urlsplit(url)
    page = _PAGE.fullmatch(unquote(parts.path))
    if page is not None and f"{parts.scheme}://{parts.netloc}" in (HUB, endpoint):
        return Repository(page["id"], page["file"], quantization, page["revision"] or "main")
    if parts.scheme != "https":
        raise WrongWish("An address must begin with https://.")
    name = unquote(parts.path).rpartition("/")[2]
    if not _NAME.fullmatch(name):
        raise WrongWish("The address must end in the name of a GGUF file, such as /model.gguf.")
    return Address(url, name)


def files_of(found: Iterable[HubFile]) -> list[HubFile]:
    """The GGUF files among those of a repository, whose names are its owner's."""
    return [one for one in found if _NAME.fullmatch(one.name)]


def model_name(file: str) -> str:
    """What a model is called whose first or only file this is."""
    return _whole(file).rpartition(".")[0]


def chosen(files: Sequence[HubFile], wish: Repository) -> list[HubFile]:
    """What to fetch: all parts of one model, and the part that lets it see, if there is one. Raises WrongWish."""
    models = [one for one in files if not _is_projector(one)]
    wanted = _parts(models, _one_of(models, wish))
    return [*wanted, *_projector(files)]


def _one_of(models: Sequence[HubFile], wish: Repository) -> HubFile:
    if wish.file is not None:
        named = next((one for one in models if one.path == wish.file), None)
        if named is None:
            raise WrongWish(f"{wish.id} has no file {wish.file}.{_there_are(models)}")
        return named
    if not models:
        raise WrongWish(f"{wish.id} has no GGUF files.")
    first = {_whole(one.path): one for one in reversed(models)}
    if wish.quantization is None and len(first) == 1:
        return next(iter(first.values()))
    quantization = (wish.quantization or USUAL).upper()
    found = [one for one in first.values() if quantization_of(one) == quantization]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(sorted(one.path for one in found))
        raise WrongWish(f"Several files of {wish.id} are {quantization}: {names}. Name one as {wish.id}:<file>.")
    missing = f"has no {quantization}" if wish.quantization else "has several files: name a quantization"
    raise WrongWish(f"{wish.id} {missing}.{_there_are(models)}")


def quantization_of(file: HubFile) -> str | None:
    found = _QUANTIZATION.findall(_whole(file.path).rpartition("/")[2].removesuffix(".gguf"))
    return found[-1].upper() if found else None


def _there_are(models: Iterable[HubFile]) -> str:
    known = sorted({quantization for one in models if (quantization := quantization_of(one))})
    return f" There are {', '.join(known)}." if known else ""


def _whole(path: str) -> str:
    """The path of a model, whichever of its parts this is."""
    part = _PART.fullmatch(path)
    return f"{part['name']}.gguf" if part else path


def _parts(models: Sequence[HubFile], one: HubFile) -> list[HubFile]:
    return sorted(other for other in models if _whole(other.path) == _whole(one.path))


def _is_projector(file: HubFile) -> bool:
    return "mmproj" in file.name.lower()


def _projector(files: Sequence[HubFile]) -> list[HubFile]:
    """One is enough; half precision is what llama.cpp recommends."""
    found = sorted((one for one in files if _is_projector(one)), key=lambda one: quantization_of(one) != "F16")
    return found[:1]
