from __future__ import annotations

import re
import statistics
import time

import pytest
from argon2 import PasswordHasher

from app.admin.passwords import _NOBODY, Passwords, check_rules, one_time_password
from app.domain.errors import InvalidRequest


def test_a_password_matches_its_own_hash_only(passwords: Passwords) -> None:
    stored = passwords.hash("correct horse")

    answers = [passwords.matches(tried, stored) for tried in ("correct horse", "correct hors", "")]

    assert answers == [True, False, False]
    assert stored.startswith("$argon2id$")


def test_two_spellings_of_one_character_are_one_password(passwords: Passwords) -> None:
    composed, decomposed = "caf\u00e9 au lait", "cafe\u0301 au lait"

    assert passwords.matches(decomposed, passwords.hash(composed))


def test_nobody_matches_without_a_hash_and_it_takes_as_long() -> None:
    real = Passwords()
    stored = real.hash("correct horse")

    def duration_s(password_hash: str | None) -> float:
        started = time.perf_counter()
        assert not real.matches("wrong horse", password_hash)
        return time.perf_counter() - started

    known = statistics.median(duration_s(stored) for _ in range(3))
    unknown = statistics.median(duration_s(None) for _ in range(3))

    assert unknown > known / 3


def test_the_hash_of_nobody_costs_what_todays_hashes_cost() -> None:
    assert not PasswordHasher().check_needs_rehash(_NOBODY)


def test_a_hash_with_other_parameters_is_outdated(passwords: Passwords) -> None:
    assert Passwords().is_outdated(passwords.hash("correct horse"))


@pytest.mark.parametrize("password", ["short", "x" * 1025, "é" * 600, "Ada Lovelace", "ada lovelace "])
def test_a_bad_choice_is_refused_with_all_the_rules(password: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_rules(password, username="Ada Lovelace")

    assert refused.value.message == (
        "password: must have at least 8 characters, at most 1024 bytes, and not be the username"
    )


def test_a_very_long_password_is_not_even_hashed(passwords: Passwords) -> None:
    assert not passwords.matches("x" * 1_000_000, passwords.hash("correct horse"))


def test_one_time_passwords_are_readable_and_differ() -> None:
    made = {one_time_password() for _ in range(50)}

    assert len(made) == 50
    assert all(re.fullmatch(r"([a-hjkmnp-z2-9]{5}-){3}[a-hjkmnp-z2-9]{5}", one) for one in made)
