"""What is made of a model's answer to become a title."""

from __future__ import annotations

import pytest

from app.gateway.conversations.model_title import cleaned


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        ("Baking bread at home", "Baking bread at home"),
        ('  "Baking bread at home."\n', "Baking bread at home"),
        ("**Title:** Baking bread", "Baking bread"),
        ("Titel: „Brot backen“", "Brot backen"),
        ("# Baking bread\n\nThis title says …", "Baking bread"),
        ("<think>\nThey bake.\n</think>\n\nBaking bread", "Baking bread"),
        ("<think>They bake, so the title", ""),
        ("Why C# and F# differ", "Why C# and F# differ"),
        ("", ""),
        ("\n  \n", ""),
    ],
)
def test_only_the_title_is_left(answer: str, title: str) -> None:
    assert cleaned(answer) == title


def test_a_long_title_is_cut_at_a_word() -> None:
    title = cleaned("A very long title that goes on and on and on and never comes to any point at all")

    assert len(title) <= 60
    assert title.endswith("…")
