from __future__ import annotations

import pytest

from app.storage.search_words import MAX_BYTES, Run, entry, folded, runs_of


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Grüße", "grusse"),
        ("Ελλάς", "ελλασ"),
        ("ＡＢＣ①", "abc1"),
        ("İstanbul", "istanbul"),
        ("ﬁne", "fine"),
        ("e\u0301te\u0301", "ete"),
        ("がぎぐ", "かきく"),
        ("हिन्दी", "हनद"),
    ],
)
def test_folding_takes_case_accents_and_forms_away(text: str, plain: str) -> None:
    assert folded(text) == plain


def words(text: str) -> list[str]:
    return [word for run in runs_of(text) for word in run.words()]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("create_app(config)", ["create", "app", "config"]),
        ("don't 3.14", ["don", "t", "3", "14"]),
        ("日本語", ["日本", "本語", "語"]),
        ("iPhone手机2台", ["iphone", "手机", "机", "2", "台"]),
        ("ภาษาไทย", ["ภา", "าษ", "ษา", "าไ", "ไท", "ทย", "ย"]),
        ("🎉 -- !!", []),
        ("\U00020000\U00020001", ["\U00020000\U00020001", "\U00020001"]),
    ],
)
def test_a_text_is_cut_into_words_and_scripts_without_spaces_into_pairs(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_what_is_wanted_is_among_what_is_indexed() -> None:
    (run,) = runs_of("東京都")

    assert set(run.wanted()) == {("東京", False), ("京都", False)}
    assert list(Run("京", is_unspaced=True).wanted()) == [("京", True)]
    assert list(Run("tokyo", is_unspaced=False).wanted()) == [("tokyo", True)]


def test_an_entry_has_each_word_once_and_its_owners_and_is_bounded() -> None:
    small = entry("ab-cd", "so so, SO what")
    large = entry("ab-cd", " ".join(f"word{number}" for number in range(100_000)))

    assert small == "uabcd so what"
    assert MAX_BYTES - 20 < len(large.encode()) <= MAX_BYTES + 10
