from __future__ import annotations

import pytest

from app.gateway.conversations.titles import MAX_LENGTH, title_of


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Why is the sky blue?", "Why is the sky blue?"),
        ("  Two\n\nlines\tof text ", "Two lines of text"),
        ("# A heading\nand more", "A heading and more"),
        ("- [ ] **Buy** _milk_ and `eggs`", "Buy milk and eggs"),
        ("> 1. *quoted*", "quoted"),
        ("See [the page](https://example.org/a_b) and ![this](x.png)", "See the page and this"),
        ("```python\nprint(1)\n```\nWhat does it do?", "print(1) What does it do?"),
        ("---\nafter a rule", "after a rule"),
        ("keep snake_case_names and 2 * 3 * 4", "keep snake_case_names and 2 * 3 * 4"),
        ("a\0b\u200bc\u202ed", "a b c d"),
        ("half a pair \ud800", "half a pair"),
        ("", ""),
        (" \n ", ""),
        ("```\n```", ""),
        ("x" * 60, "x" * 60),
    ],
)
def test_a_title_is_the_question_on_one_line_without_marks(question: str, title: str) -> None:
    assert title_of(question) == title


@pytest.mark.parametrize(
    ("question", "title"),
    [
        (
            "Please explain how a transistor works, and why silicon is used for it",
            "Please explain how a transistor works, and why silicon is…",
        ),
        ("a " + "b" * 57 + " c", "a " + "b" * 57 + "…"),
        ("y" * 100, "y" * 59 + "…"),
        ("why " + "y" * 100, "why " + "y" * 55 + "…"),
        ("日本語" * 40, "日本語" * 19 + "日本…"),
    ],
)
def test_a_long_title_ends_at_a_words_end_where_there_is_one(question: str, title: str) -> None:
    assert title_of(question) == title
    assert len(title) <= MAX_LENGTH


@pytest.mark.parametrize("mark", ["*", "_", "`", "[", "![", "(", "#", "> ", "- ", "~~", "**a", "[a](", "\n- ", "1. "])
def test_marks_without_end_take_no_time(mark: str) -> None:
    assert len(title_of(mark * 100_000)) <= MAX_LENGTH
