"""What people mean when they name a model of a hub."""

from __future__ import annotations

import pytest

from app.providers.engine.hub import Address, HubFile, Repository, WrongWish, chosen, files_of, model_name, wish_of

GB = 10**9


@pytest.mark.parametrize(
    ("model", "quantization", "meant"),
    [
        ("owner/some-model-GGUF", None, Repository("owner/some-model-GGUF")),
        ("owner/model", "Q8_0", Repository("owner/model", None, "Q8_0")),
        ("owner/model:q8_0", None, Repository("owner/model", None, "q8_0")),
        ("hf.co/owner/model:sub/file.gguf", None, Repository("owner/model", "sub/file.gguf")),
        ("https://huggingface.co/owner/model", None, Repository("owner/model")),
        ("https://huggingface.co/o/model/blob/v2/a/b.gguf", None, Repository("o/model", "a/b.gguf", None, "v2")),
        ("https://hub.test/owner/model/resolve/main/b.gguf", None, Repository("owner/model", "b.gguf")),
        (
            "https://files.test/My%20file.gguf?x=1",
            None,
            Address("https://files.test/My%20file.gguf?x=1", "My file.gguf"),
        ),
    ],
)
def test_a_repository_a_file_of_it_or_any_address(model: str, quantization: str | None, meant: object) -> None:
    assert wish_of(model, quantization, "https://hub.test") == meant


@pytest.mark.parametrize(
    "model",
    [
        "model",
        "a/b/c",
        "../../etc",
        "../etc",
        "etc/..",
        "https://huggingface.co/../etc",
        "https://huggingface.co/%2e%2e/etc",
        "http://files.test/model.gguf",
        "file:///model.gguf",
        "https://files.test/",
        "https://files.test/page.html",
        "https://files.test/..%2f..%2fx.gguf.exe",
        "https://files.test/.hidden.gguf",
    ],
)
def test_what_is_neither_is_refused(model: str) -> None:
    with pytest.raises(WrongWish):
        wish_of(model, None)


def files(*paths: str) -> list[HubFile]:
    return [HubFile(path, GB, path) for path in paths]


MANY = files(
    "model-Q4_K_M.gguf",
    "model-Q8_0-00002-of-00002.gguf",
    "model-Q8_0-00001-of-00002.gguf",
    "UD/model-UD-IQ3_XXS.gguf",
    "mmproj-model-BF16.gguf",
    "mmproj-model-F16.gguf",
)


@pytest.mark.parametrize(
    ("wish", "paths"),
    [
        (Repository("o/m"), ["model-Q4_K_M.gguf"]),
        (
            Repository("o/m", quantization="q8_0"),
            ["model-Q8_0-00001-of-00002.gguf", "model-Q8_0-00002-of-00002.gguf"],
        ),
        (Repository("o/m", quantization="IQ3_XXS"), ["UD/model-UD-IQ3_XXS.gguf"]),
        (Repository("o/m", file="UD/model-UD-IQ3_XXS.gguf"), ["UD/model-UD-IQ3_XXS.gguf"]),
    ],
)
def test_all_parts_and_one_projector_are_taken(wish: Repository, paths: list[str]) -> None:
    assert [one.path for one in chosen(MANY, wish)] == [*paths, "mmproj-model-F16.gguf"]


def test_the_only_model_is_meant_without_a_quantization() -> None:
    assert chosen(files("odd.gguf"), Repository("o/m")) == files("odd.gguf")


@pytest.mark.parametrize(
    ("found", "wish", "words"),
    [
        (MANY, Repository("o/m", quantization="Q5_K_M"), "o/m has no Q5_K_M. There are IQ3_XXS, Q4_K_M, Q8_0."),
        (files("a-Q8_0.gguf", "b-Q6_K.gguf"), Repository("o/m"), "name a quantization. There are Q6_K, Q8_0."),
        (files("a/x-Q8_0.gguf", "b/x-Q8_0.gguf"), Repository("o/m", quantization="Q8_0"), "a/x-Q8_0.gguf, b/x-Q8_0"),
        (MANY, Repository("o/m", file="none.gguf"), "o/m has no file none.gguf"),
        ([], Repository("o/m"), "o/m has no GGUF files"),
    ],
)
def test_what_is_not_clear_is_never_guessed(found: list[HubFile], wish: Repository, words: str) -> None:
    with pytest.raises(WrongWish) as refused:
        chosen(found, wish)

    assert words in str(refused.value)


def test_only_files_with_the_name_of_a_model_are_looked_at() -> None:
    found = files("README.md", "small.gguf", "a/LARGE.GGUF", "a/.hidden.gguf", "a/..gguf", "model.gguf.exe")

    assert files_of(found) == files("small.gguf", "a/LARGE.GGUF")


def test_a_model_is_called_as_its_files_without_their_number() -> None:
    names = ("toy.gguf", "toy.v2.GGUF", "big-00001-of-00003.gguf")

    assert [model_name(one) for one in names] == ["toy", "toy.v2", "big"]
