from __future__ import annotations

from typing import Any

import pytest

from app.api.chat.shapes import SearchHitOut
from app.gateway.conversations.search import SNIPPET_CHARS, Finder
from app.storage.search_words import runs_of
from tests.api.callers import failure
from tests.api.chat.people import CONVERSATIONS, Person


def search(person: Person, question: str, **more: object) -> Any:
    reply = person.asker.get(f"{CONVERSATIONS}/search", query_string={"q": question, **more})
    assert reply.status_code == 200, reply.text
    return reply.json["data"]  # type: ignore[index]


def found(person: Person, question: str) -> list[str]:
    """Snippets, the newest first."""
    return [one["snippet"] for one in search(person, question)["items"]]


def marked(snippet: str, marks: Any) -> list[str]:
    """What JavaScript would show as marked."""
    units = snippet.encode("utf-16-le")
    return [units[2 * start : 2 * end].decode("utf-16-le") for start, end in marks]


def test_a_hit_says_where_it_is_and_what_matched(ada: Person) -> None:
    conversation = ada.conversation()
    turn = ada.says(conversation, "How do I boil an egg?", "Six minutes 🥚 for a soft egg.")
    ada.ask("PATCH", f"{CONVERSATIONS}/{conversation['id']}", json={"title": "Eggs for tea", "archived": True})

    title, answer, question = search(ada, "EGG")["items"]

    assert set(answer) == set(SearchHitOut.model_fields)
    assert (title["message_id"], title["role"], title["snippet"]) == (None, None, "Eggs for tea")
    assert (answer["message_id"], answer["role"]) == (turn.answer, "assistant")
    assert (question["message_id"], question["role"]) == (turn.question, "user")
    assert {one["conversation_id"] for one in (title, answer, question)} == {conversation["id"]}
    assert {(one["title"], one["archived"]) for one in (title, answer, question)} == {("Eggs for tea", True)}
    assert [marked(one["snippet"], one["marks"]) for one in (title, answer, question)] == [["Egg"], ["egg"], ["egg"]]


@pytest.mark.parametrize(
    ("text", "questions", "others"),
    [
        ("Zürich liegt am See", ["zurich", "ZÜR", "see zürich", "lieg am"], ["urich", "zurich berg", "zürichsee"]),
        ("def create_app(config): pass", ["create_app", "app conf", "CREATE"], ["reate", "app factory"]),
        ("東京都の天気は晴れです", ["東京", "天気", "京", "東京都の天気", "晴"], ["京東", "東京の", "雨"]),
        ("ราคาตั๋วเครื่องบิน", ["ตั๋ว", "เครื่องบิน"], ["รถไฟ"]),
        ("한국어를 배우고 싶어요", ["한국어", "하", "배우"], ["국어", "일본"]),
        ("Привет, Мир! Ёлка", ["привет", "мир", "елка"], ["пока"]),
        ("مَرْحَبًا بالعالم", ["مرحبا"], ["سلام"]),
        ("naïve café — résumé", ["naive", "cafe resume", "CAFÉ"], ["cafes"]),
        ("costs 12,50 € (v2.1)", ["12 50", "v2", "12,50"], ["51"]),
        ("𠀀𠀁 rare 🎉 party", ["𠀁", "𠀀𠀁", "party"], ["𠀂"]),
    ],
)
def test_words_are_found_in_every_language(ada: Person, text: str, questions: list[str], others: list[str]) -> None:
    ada.says(ada.conversation(), text, "-")

    assert {question: len(found(ada, question)) for question in questions} == dict.fromkeys(questions, 1)
    assert {question: len(found(ada, question)) for question in others} == dict.fromkeys(others, 0)
    for question in questions:
        (hit,) = search(ada, question)["items"]
        assert marked(hit["snippet"], hit["marks"]), question


def test_pairs_of_characters_apart_are_not_the_piece_that_was_asked_for(ada: Person) -> None:
    ada.says(ada.conversation(), "東京と京都", "-")
    ada.says(ada.conversation(), "東京都", "-")

    assert found(ada, "東京都") == ["東京都"]


@pytest.mark.parametrize("question", ["!!!", "'", '"', "*", "a' | 'b", '" OR "', "-- ;", "(", "\\", "%", "_", "🎉"])
def test_signs_mean_nothing(ada: Person, question: str) -> None:
    ada.says(ada.conversation(), "nothing to see", "-")

    assert found(ada, question) == []


def test_only_what_is_final_kept_and_ones_own_is_found(ada: Person, eve: Person) -> None:
    conversation, temporary = ada.conversation(title="melon one"), ada.conversation(title="melon two", temporary=True)
    turn = ada.says(conversation, "melon three", "melon four")
    ada.says(temporary, "melon five", "melon six")
    eve.says(eve.conversation(title="melon seven"), "melon eight", "melon nine")
    ada.begins(conversation, "melon ten")

    assert found(ada, "melon") == ["melon ten", "melon four", "melon three", "melon one"]

    ada.ask("DELETE", f"{CONVERSATIONS}/{conversation['id']}/messages/{turn.answer}")

    assert found(ada, "melon") == ["melon ten", "melon three", "melon one"]

    ada.ask("POST", f"{CONVERSATIONS}/{conversation['id']}/messages/{turn.answer}/restore")
    ada.ask("PATCH", f"{CONVERSATIONS}/{conversation['id']}", json={"title": "cherry"})

    assert found(ada, "melon") == ["melon ten", "melon four", "melon three"]
    assert found(ada, "cherry") == ["cherry"]

    ada.ask("DELETE", f"{CONVERSATIONS}/{conversation['id']}")

    assert found(ada, "melon") == []

    ada.ask("POST", f"{CONVERSATIONS}/{conversation['id']}/restore")

    assert len(found(ada, "melon")) == 3


def test_hits_come_in_pages_without_gaps_though_some_are_deleted(ada: Person) -> None:
    conversation = ada.conversation()
    turns = [ada.says(conversation, f"plum {number}", "-") for number in range(12)]
    for turn in turns[2:8]:
        ada.ask("DELETE", f"{CONVERSATIONS}/{conversation['id']}/messages/{turn.question}")

    seen, cursor = [], None
    while True:
        page = search(ada, "plum", limit=2, **({} if cursor is None else {"cursor": cursor}))
        seen += [one["snippet"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == [f"plum {number}" for number in (11, 10, 9, 8, 1, 0)]
    bad = ada.asker.get(f"{CONVERSATIONS}/search", query_string={"q": "plum", "cursor": "bjk5OTk5OTk5OTk"})
    assert failure(bad) == (400, "invalid_request")
    assert failure(ada.asker.get(f"{CONVERSATIONS}/search")) == (400, "invalid_request")


def snippet(text: str, question: str) -> tuple[str, list[str]]:
    found = Finder(tuple(runs_of(question))).snippet(text)
    return found.text, marked(found.text, found.marks)


def test_a_snippet_shows_the_place_with_most_of_the_words() -> None:
    text = "apple " + "x " * 300 + "then an apple\nand a pear " + "y " * 300

    shown, marks = snippet(text, "pear apple")

    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "then an apple and a pear" in shown
    assert marks == ["apple", "pear"]
    assert len(shown) <= SNIPPET_CHARS + 2


@pytest.mark.parametrize(
    ("text", "question", "shown", "marks"),
    [
        ("a pear", "pear", "a pear", ["pear"]),
        ("a pear", "melon", "a pear", []),
        ("😀 Grüße, Straße 😀", "grusse strasse", "😀 Grüße, Straße 😀", ["Grüße", "Straße"]),
        ("e\u0301te\u0301 ici", "ete", "e\u0301te\u0301 ici", ["e\u0301te"]),
        ("", "x", "", []),
    ],
)
def test_marks_fall_on_the_words_as_they_are_written(text: str, question: str, shown: str, marks: list[str]) -> None:
    assert snippet(text, question) == (shown, marks)
